/*
 * guard.c - guard markers in the page table, or else mprotect
 *
 * An emulator may answer 0 to MADV_GUARD_INSTALL and do nothing: what counts
 * is that a child that touches the page dies of it.
 */
#include "coro/guard.h"

#include "base/atomic.h"
#include "base/sys.h"

#include <signal.h>
#include <sys/mman.h>

#define GUARD_INSTALL 102 /* MADV_GUARD_INSTALL, Linux 6.13 */

static struct fm__atomic_word guard_kind;

static int guard_touch(void *page)
{
    *(volatile char *)page = 1;
    return 0;
}

static enum fm__guard_kind guard_try(void)
{
    enum fm__guard_kind kind = FM__GUARD_PROTECT;
    size_t size = fm__sys_page();
    char *page = fm__sys_map(size);
    if (page == NULL)
        return kind;
    if (fm__sys_advise(page, size, GUARD_INSTALL) == 0 &&
        fm__sys_try(guard_touch, page) == SIGSEGV)
        kind = FM__GUARD_MARKER;
    fm__sys_unmap(page, size);
    return kind;
}

enum fm__guard_kind fm__guard_probe(void)
{
    if (fm__atomic_load(&guard_kind) == FM__GUARD_UNKNOWN)
        fm__atomic_store(&guard_kind, guard_try());
    return (enum fm__guard_kind)fm__atomic_load(&guard_kind);
}

void fm__guard_force(enum fm__guard_kind kind)
{
    fm__atomic_store(&guard_kind, kind);
}

int fm__guard_install(void *guard, size_t size)
{
    if (fm__guard_probe() == FM__GUARD_MARKER)
        return fm__sys_advise(guard, size, GUARD_INSTALL);
    return fm__sys_protect(guard, size, PROT_NONE);
}
