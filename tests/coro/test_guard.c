/*
 * test_guard.c - the page nobody may touch, by markers or by mprotect
 */
#include "harness.h"

#include "base/fault.h"
#include "base/sys.h"
#include "coro/arena.h"
#include "coro/guard.h"

#include <fermata.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int guard_write(void *page)
{
    *(volatile char *)page = 1;
    return 0;
}

/* A page with a guard below it, of the kind that is forced. */
static void guard_check(enum fm__guard_kind kind)
{
    fm__guard_force(kind);
    size_t page = fm__sys_page();
    char *pages = fm__sys_map(2 * page);
    CHECK_INT(fm__guard_install(pages, page), 0);
    CHECK_INT(fm__sys_try(guard_write, pages), SIGSEGV);
    CHECK_INT(fm__sys_try(guard_write, pages + page - 1), SIGSEGV);
    CHECK_INT(fm__sys_try(guard_write, pages + page), 0);
    fm__sys_unmap(pages, 2 * page);
    fm__guard_force(FM__GUARD_UNKNOWN);
}

TEST(what_the_probe_found_does_guard)
{
    guard_check(fm__guard_probe());
}

TEST(mprotect_guards_where_it_is_forced)
{
    guard_check(FM__GUARD_PROTECT);
}

TEST(the_probe_leaves_the_programs_own_children_alone)
{
    enum fm__guard_kind kind = fm__guard_probe();
    pid_t child = fork();
    if (child == 0)
        _exit(3);
    siginfo_t info;
    CHECK_INT(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    fm__guard_force(FM__GUARD_UNKNOWN);
    CHECK_INT(fm__guard_probe(), kind);
    int status = 0;
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 3);
}

TEST(where_the_kernel_refuses_markers_mprotect_is_used)
{
    struct fm__fault_plan plan = {.error = -EINVAL};
    fm__guard_force(FM__GUARD_UNKNOWN);
    plan.fail_at[FM__DOOR_SYSTEM] = 2; /* map, advise */
    fm__fault_plan = &plan;
    CHECK_INT(fm__guard_probe(), FM__GUARD_PROTECT);
    fm__fault_plan = NULL;
    fm__guard_force(FM__GUARD_UNKNOWN);
}

/* As some emulators do: the answer to MADV_GUARD_INSTALL is 0, and nothing
 * was done. */
static bool guard_lie(void)
{
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                 offsetof(struct seccomp_data, args[2])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 102, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof program / sizeof program[0], program};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

static void guard_probe_a_liar(void *arg)
{
    (void)arg;
    fm__guard_force(FM__GUARD_UNKNOWN);
    bool lies = guard_lie();
    enum fm__guard_kind kind = fm__guard_probe();
    _exit(!lies || kind == FM__GUARD_PROTECT ? 5 : 1);
}

TEST(the_guard_is_probed_by_touching_it_and_not_by_the_return_code)
{
    char output[256];
    int status = test_child(guard_probe_a_liar, NULL, output, sizeof output);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 5);
}

static int guard_sleep(void *arg)
{
    (void)arg;
    return fm_sleep(1e12);
}

static int guard_run_many(void *arg)
{
    int rc;
    size_t count = *(size_t *)arg;
    FM_GROUP(group, rc) {
        for (size_t i = 0; rc == 0 && i < count; i++)
            rc = fm_group_start(group, guard_sleep, NULL);
        fm_group_cancel(group);
    }
    return rc;
}

TEST(tasks_run_on_stacks_that_mprotect_guards)
{
    size_t count = 200;
    fm__guard_force(FM__GUARD_PROTECT);
    CHECK_INT(fm_run(guard_run_many, &count), 0);
    fm__guard_force(FM__GUARD_UNKNOWN);
}

/* By default a process has 65,530 mappings, and each guard costs two. Where
 * every stack is dear there are enough of them. */
TEST(when_there_is_no_mapping_for_a_guard_a_start_is_enomem)
{
    size_t count = test_many(40000);
    char text[32] = "";
    CHECK(fm__sys_slurp("/proc/sys/vm/max_map_count", text, sizeof text) > 0);
    bool enough = strtol(text, NULL, 10) > 2 * (long)count + 1000;
    fm__guard_force(FM__GUARD_PROTECT);
    CHECK_INT(fm_run(guard_run_many, &count), enough ? 0 : -ENOMEM);
    fm__guard_force(FM__GUARD_UNKNOWN);
}
