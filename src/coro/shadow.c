/*
 * shadow.c - refuse an active shadow stack
 *
 * Linux 6.6 with glibc 2.39 and GLIBC_TUNABLES=glibc.cpu.hwcaps=SHSTK: each
 * return is compared with a second stack, so the first switch would end the
 * program with SIGSEGV and no word of why.
 */
#include "coro/shadow.h"

#include "base/die.h"
#include "base/sys.h"

#include <errno.h>

int fm__shadow_check(void)
{
    if (fm__sys_shadow_stack() <= 0)
        return 0;
    fm__say("this thread has a hardware shadow stack, which tasks cannot run "
            "on: start the program without glibc.cpu.hwcaps=SHSTK in "
            "GLIBC_TUNABLES");
    return -ENOTSUP;
}
