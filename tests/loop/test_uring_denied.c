/*
 * test_uring_denied.c - where there is no io_uring the loop is another
 */
#include "rig.h"

#include "base/fault.h"
#include "loop/choose.h"
#include "loop/uring_probe.h"

#include <fermata/doctor.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* From here on `number` answers `error`, as a container's filter makes it. */
static void deny(long number, int error)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = FM__COUNT(code), .filter = code};
    CHECK_INT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    CHECK_INT(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

static void converse(struct rig *rig)
{
    int fds[2];
    char buf[8] = "";
    rig_connect(rig, fds);
    CHECK_INT(rig_write_all(rig, fds[0], "ping", 4), 0);
    CHECK_INT(rig_read_all(rig, fds[1], buf, 4), 0);
    CHECK(memcmp(buf, "ping", 4) == 0);
    rig_close_pair(rig, fds);
}

struct denial {
    long number;
    int error;
};

/* Runs in a child, whose last word is on stdout. */
static void denied(void *arg)
{
    const struct denial *denial = arg;
    static struct rig rig;
    deny(denial->number, denial->error);
    int rc = fm__loop_choose(&rig.loop, "uring", 1);
    CHECK_INT(rc, -denial->error);
    CHECK_INT(fm__loop_open(&rig.loop, "auto", 1), 0);
    CHECK(strcmp(rig.loop.backend->name, "epoll") == 0);
    converse(&rig);
    rig_close(&rig);
    unsetenv("FERMATA_BACKEND");
    fm_doctor(stdout);
    printf("all is well\n");
    fflush(stdout);
}

static void check_denied(long number, int error, const char *sentence)
{
    struct denial denial = {number, error};
    char output[8192] = "";
    int status = test_child(denied, &denial, output, sizeof output);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(strstr(output, "all is well") != NULL);
    CHECK(strstr(output, "fermata: the backend uring cannot be had: ") != NULL);
    const char *said = strstr(output, sentence);
    CHECK(said != NULL && strstr(said + 1, sentence) != NULL);
    CHECK(strstr(output, "backend            epoll") != NULL);
}

TEST(denied_by_a_filter_it_is_epoll)
{
    check_denied(SYS_io_uring_setup, EPERM, "seccomp");
    check_denied(SYS_io_uring_register, EPERM, "seccomp");
    check_denied(SYS_io_uring_enter, EPERM, "seccomp");
}

struct advised {
    struct denial denial;
    const char *said;
};

static void advised(void *arg)
{
    const struct advised *advised = arg;
    deny(advised->denial.number, advised->denial.error);
    unsetenv("FERMATA_BACKEND");
    fm_doctor(stdout);
}

TEST(what_is_denied_is_told_with_what_is_done_or_to_do)
{
    static struct advised cases[] = {
        {{SYS_io_uring_setup, EPERM}, "hint: let the container's filter pass"},
        {{SYS_io_uring_setup, ENOMEM}, "$ ulimit -l unlimited"},
        {{SYS_openat2, ENOSYS}, "not there (Linux 5.12): each file is opened"},
        {{SYS_close_range, EPERM}, "refused by a filter: descriptors are shut"},
    };
    for (size_t i = 0; i < FM__COUNT(cases); i++) {
        char output[8192] = "";
        if (cases[i].denial.number == SYS_close_range && test_under_valgrind())
            continue; /* which closes them itself: no filter is asked */
        CHECK_INT(test_child(advised, &cases[i], output, sizeof output), 0);
        CHECK(strstr(output, cases[i].said) != NULL);
    }
}

/* The same answer as kernel.io_uring_disabled gives, or a kernel without. */
TEST(denied_by_the_kernel_it_is_epoll)
{
    check_denied(SYS_io_uring_setup, ENOSYS, "no io_uring");
    check_denied(SYS_io_uring_enter, ENOSYS, "no io_uring");
}

TEST(without_memory_for_a_ring_it_is_epoll)
{
    check_denied(SYS_io_uring_setup, ENOMEM, "no memory");
}

/* Room for the bell and one more, which is the ring or the epoll set. */
TEST(where_the_ring_takes_the_last_descriptor_the_loop_still_opens)
{
    struct rig rig;
    struct rlimit old, low;
    memset(&rig, 0, sizeof rig);
    int next = dup(0);
    close(next);
    getrlimit(RLIMIT_NOFILE, &old);
    low = old;
    low.rlim_cur = (rlim_t)next + 2;
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &low), 0);
    CHECK_INT(fm__loop_open(&rig.loop, "auto", 1), 0);
    fm__loop_close(&rig.loop);
    low.rlim_cur = (rlim_t)next + 1;
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &low), 0);
    CHECK_INT(fm__loop_open(&rig.loop, "uring", 1), -EMFILE);
    CHECK_INT(fm__loop_open(&rig.loop, "auto", 1), -EMFILE);
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &old), 0);
}

/* Whatever fails while it opens: auto is left with epoll, and nothing else is
 * left. Whoever asked for it is told. */
TEST(each_failure_of_an_open_is_made_good_or_told)
{
    static const enum fm__door doors[] = {FM__DOOR_MEMORY, FM__DOOR_SYSTEM};
    for (int i = 0; i < 4; i++) {
        enum fm__door door = doors[i % 2];
        const char *name = i < 2 ? "auto" : "uring";
        uint64_t k = 0, passed, fell_back = 0, told = 0;
        do {
            struct fm__fault_plan plan = {.error = -ENOMEM};
            struct fm__loop loop;
            plan.fail_at[door] = ++k;
            fm__fault_plan = &plan;
            int rc = fm__loop_open(&loop, name, 1);
            if (rc == 0) {
                fell_back += strcmp(loop.backend->name, "epoll") == 0;
                fm__loop_close(&loop);
            }
            told += rc == -ENOMEM;
            fm__fault_plan = NULL;
            passed = plan.passed[door];
        } while (passed >= k);
        CHECK(i < 2 ? fell_back > 0 : told > 0);
    }
}

TEST(every_refusal_has_a_reason)
{
    static const int codes[] = {-ENOSYS, -EPERM,  -EACCES, -EOPNOTSUPP,
                                -ENOMEM, -EMFILE, -ENFILE, -EIO};
    for (size_t i = 0; i < FM__COUNT(codes); i++)
        CHECK(strlen(fm__uring_refusal(codes[i])) > 10);
}

TEST(the_kernels_version_is_a_number)
{
    CHECK(fm__uring_kernel() > 2006);
}
