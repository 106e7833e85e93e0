/*
 * fuzz_path_event.c - any bytes are events of paths, or are refused; each has
 * a name that ends, within the bytes
 */
#include "fuzz.h"

#include "io/path_event.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *copy = malloc(size > 0 ? size : 1);
    size_t at = 0;
    if (copy == NULL)
        exit(0);
    if (size > 0)
        memcpy(copy, bytes, size);
    for (;;) {
        fm_path_event event;
        ssize_t rc = fm__path_event_read(copy + at, size - at, &event);
        if (rc < 0)
            break;
        if (rc == 0 || (size_t)rc > size - at)
            fuzz_fail("an event has no size, or more than there is");
        if (strlen(event.name) >= FM_ENTRY_SIZE)
            fuzz_fail("a name is too long");
        at += (size_t)rc;
    }
    free(copy);
    return 0;
}
