/*
 * test_landing.c - AArch64: the switch where branches must land on pads
 *
 * The linker asks for it only where all of a program is built that way, also
 * what begins it. So a child asks for itself, when it has begun.
 */
#include "harness.h"

#include <fermata.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define LANDING_PROTECT 0x10    /* PROT_BTI */
#define LANDING_HAS (1UL << 17) /* HWCAP2_BTI */

extern char __executable_start, etext; /* the linker's */

static void landing_begin(void)
{
    uintptr_t page = getauxval(AT_PAGESZ);
    uintptr_t start = (uintptr_t)&__executable_start / page * page;
    uintptr_t end = ((uintptr_t)&etext + page - 1) / page * page;
    if (mprotect((void *)start, end - start,
                 PROT_READ | PROT_EXEC | LANDING_PROTECT) != 0)
        _exit(1);
}

static int landing_yield(void)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < 10; i++)
        rc = i % 2 == 0 ? fm_yield() : fm_sleep(1e-6);
    return rc;
}

static int landing_gather(void *arg)
{
    (void)arg;
    return fm_gather(fm_go(landing_yield), fm_go(landing_yield),
                     fm_go(landing_yield));
}

static void landing_run(void *arg)
{
    landing_begin();
    _exit(fm_run(landing_gather, arg) == 0 ? 3 : 2);
}

static void landing_miss(void *arg)
{
    void *place = arg;
    landing_begin();
    __asm__ volatile("adr %0, 1f\n\tbr %0\n1:\tnop" : "=r"(place)::"memory");
    _exit(3);
}

TEST(tasks_switch_where_branches_must_land_on_pads)
{
    char output[1024];
    if ((getauxval(AT_HWCAP2) & LANDING_HAS) == 0)
        test_skip("this processor does not look where branches land");
    int status = test_child(landing_run, NULL, output, sizeof output);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 3);
    status = test_child(landing_miss, NULL, output, sizeof output);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGILL);
}
