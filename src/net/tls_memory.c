/*
 * tls_memory.c - OpenSSL's memory through the door of memory
 *
 * For the tests, which let the k-th passage fail: a program's OpenSSL may
 * have users besides us, and keeps its own.
 */
#include "net/tls_record.h"

#include "base/memory.h"

#include <openssl/crypto.h>

static void *tls_memory_new(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return fm__memory_resize(NULL, size);
}

static void tls_memory_free(void *block, const char *file, int line)
{
    (void)file;
    (void)line;
    fm__memory_free(block);
}

static void *tls_memory_resize(void *block, size_t size, const char *file,
                               int line)
{
    if (size > 0)
        return fm__memory_resize(block, size);
    tls_memory_free(block, file, line);
    return NULL;
}

bool fm__tls_memory(void)
{
    return CRYPTO_set_mem_functions(tls_memory_new, tls_memory_resize,
                                    tls_memory_free) == 1;
}
