/*
 * guard.h - the page below a stack that nobody may touch
 */
#ifndef FM_CORO_GUARD_H
#define FM_CORO_GUARD_H

#include "base/compiler.h"

enum {
    FM__PAGE = 4096 /* the least there is: AArch64 also has 16 and 64 KiB */
};

enum fm__guard_kind {
    FM__GUARD_UNKNOWN,
    FM__GUARD_MARKER, /* MADV_GUARD_INSTALL, Linux 6.13: no extra mappings */
    FM__GUARD_PROTECT /* mprotect: two mappings a stack, 65,530 by default */
};

/* What works here: probed once, by touching a guard in a child process. */
enum fm__guard_kind fm__guard_probe(void);

/* For tests: use this kind from now on; FM__GUARD_UNKNOWN probes again. */
void fm__guard_force(enum fm__guard_kind kind);

/* size: of whole pages. 0, or -errno: -ENOMEM when the limit of mappings is
 * reached. */
int fm__guard_install(void *guard, size_t size);

#endif
