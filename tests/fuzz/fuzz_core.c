/*
 * fuzz_core.c - whatever a core file holds, what it tells of itself is true of
 * its bytes, and no more memory is there than was asked for
 */
#include "fuzz.h"

#include "inspect/core_kit.h"

#include <errno.h>

/* What is behind the end of a buffer stays as it was. */
static void core_read(struct fm__image *image, uint64_t address)
{
    uint8_t buf[80];
    memset(buf, 0xa5, sizeof buf);
    ssize_t size = fm__image_read(image, address, buf, 64);
    if (size > 64 || (size <= 0 && size != -EFAULT))
        fuzz_fail("more was read than was asked for, or nothing");
    for (size_t i = size > 0 ? (size_t)size : 0; i < sizeof buf; i++) {
        if (buf[i] != 0xa5)
            fuzz_fail("what was not read was written");
    }
}

static void core_look(struct fm__image *image)
{
    struct fm__root root;
    uint64_t address;
    const char *local, *peer;
    if (fm__image_root(image, &address, &root) != 0)
        fuzz_fail("a root that was there is gone");
    if (root.layout.task_name + sizeof(void *) > root.layout.task_size)
        fuzz_fail("a name lies out of its task");
    core_read(image, (uint64_t)(uintptr_t)root.release);
    core_read(image, (uint64_t)(uintptr_t)root.first.value);
    core_read(image, address - 1);
    core_read(image, UINT64_MAX - 8);
    if (fm__image_depth(image, CORE_KIT_STACK, CORE_KIT_STACK + 12288) > 12288)
        fuzz_fail("a stack is deeper than it is");
    if (strlen(fm__image_program(image)) == 0)
        fuzz_fail("a program without a name");
    fm__image_socket(image, 7, &local, &peer);
    if (local != NULL || peer != NULL)
        fuzz_fail("a core file has no sockets");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fm__image *image = NULL;
    if (size > CORE_KIT_ROOM)
        return 0;
    int rc = core_kit_open(bytes, size, &image);
    if (rc == 0)
        core_look(image);
    else if (rc != -ENOEXEC && rc != -EBADMSG && rc != -ENOENT &&
             rc != -EPROTO && rc != -ENOMEM)
        fuzz_fail("no error of a core file");
    fm__image_close(image);
    return 0;
}
