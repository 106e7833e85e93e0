/*
 * test_process_signal.c - whom a signal reaches, and whom not
 */
#include "io/process_kit.h"

#include "base/sys_process.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* ---- One, and a group --------------------------------------------------- */

STORY(a_signal_reaches_the_process_and_no_one_later)
{
    fm_process *process = sleeper("", NULL);
    CHECK_INT(fm_process_signal(process, 0), 0);
    CHECK_INT(fm_process_signal(process, 12345), -EINVAL);
    CHECK_INT(fm_process_signal_group(process, SIGTERM), -EINVAL);
    CHECK_INT(fm_process_signal(process, SIGINT), 0);
    CHECK_INT(fm_process_wait(process), FM_PROCESS_KILLED + SIGINT);
    CHECK_INT(fm_process_signal(process, SIGINT), -ESRCH);
    fm_process_close(process);
}

STORY(a_stopped_process_has_not_ended_and_goes_on)
{
    fm_process *process = sleeper("", NULL);
    int status;
    CHECK_INT(fm_process_signal(process, SIGSTOP), 0);
    CHECK_INT(waitpid(fm_process_id(process), &status, WUNTRACED),
              fm_process_id(process));
    CHECK(WIFSTOPPED(status));
    CHECK_INT(fm_process_wait_try(process), -EAGAIN);
    CHECK_INT(fm_process_signal(process, SIGCONT), 0);
    CHECK_INT(waitpid(fm_process_id(process), &status, WCONTINUED),
              fm_process_id(process));
    CHECK_INT(fm_process_wait_try(process), -EAGAIN);
    CHECK_INT(fm_process_signal(process, SIGSTOP), 0);
    /* Stopped it would not hear of its end. */
    CHECK_INT(fm_process_close(process), FM_PROCESS_KILLED + SIGTERM);
}

/* The end of the pipe tells that nobody has it any more. */
STORY(a_signal_to_the_group_reaches_what_it_has_started)
{
    char byte;
    fm_process *process =
        sleeper("sleep 1000 &", &(fm_process_options){.group = true});
    CHECK_INT(fm_process_signal_group(process, SIGTERM), 0);
    CHECK_INT(fm_process_wait(process), FM_PROCESS_KILLED + SIGTERM);
    CHECK_INT(fm_read(fm_process_stream(process, 1), &byte, 1), 0);
    CHECK_INT(fm_process_signal_group(process, SIGTERM), -ESRCH);
    fm_process_close(process);
}

/* As if the number of one that others have taken were another's now. */
STORY(a_signal_to_a_group_reaches_none_that_has_its_number_now)
{
    const fm_process_options options = {.group = true};
    fm_process *one = sleeper("", &options), *other = sleeper("", &options);
    int pidfd = (int)syscall(SYS_pidfd_open, fm_process_id(one), 0);
    if (pidfd >= 0) { /* valgrind has none */
        CHECK_INT(fm_process_signal(one, SIGKILL), 0);
        CHECK_INT(waitpid(fm_process_id(one), NULL, 0), fm_process_id(one));
        CHECK_INT(fm__sys_signal_group(pidfd, fm_process_id(other), SIGKILL),
                  -ESRCH);
        CHECK_INT(fm_process_wait_try(other), -EAGAIN);
        close(pidfd);
    }
    fm_process_close(one);
    fm_process_close(other);
    CHECK(childless());
}

/* ---- By a close --------------------------------------------------------- */

STORY(a_close_kills_what_is_left_of_the_group)
{
    int fds[2];
    char byte;
    fm_process *process;
    CHECK_INT(pipe(fds), 0); /* NOLINT: both are close-on-exec there */
    const fm_process_fd kept = {fds[1], 7};
    const fm_process_options options = {
        .group = true, .fds = &kept, .fds_count = 1};
    process = sleeper("(trap '' TERM; sleep 1000) &", &options);
    close(fds[1]);
    CHECK_INT(fm_process_close(process), FM_PROCESS_KILLED + SIGTERM);
    CHECK_INT(read(fds[0], &byte, 1), 0); /* nobody has the other end */
    close(fds[0]);
}

/* It goes where the group of its parent is. */
STORY(a_close_kills_a_leader_that_has_left_its_group)
{
    static const char *const leave =
        "exec perl -e '$| = 1; setpgrp(0, getpgrp(getppid()));"
        " print \"\\n\"; sleep 1000';";
    fm_process_options options = {.group = true, .grace = -1};
    CHECK_INT(fm_process_close(sleeper(leave, &options)),
              FM_PROCESS_KILLED + SIGKILL);
    options.grace = 1e6;
    CHECK_INT(fm_process_close(sleeper(leave, &options)),
              FM_PROCESS_KILLED + SIGTERM);
    CHECK(childless());
}

/* ---- By number ---------------------------------------------------------- */

/* Whether pidfd_send_signal(2) answers EPERM from now on, as in a container
 * whose filter does not know it. */
static bool refuse_signals(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_send_signal, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = FM__COUNT(code), .filter = code};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static void close_what_refuses(void)
{
    fm_process_options options = {.grace = 1e6};
    CHECK_INT(fm_process_close(sleeper("", &options)),
              FM_PROCESS_KILLED + SIGTERM);
    options.group = true;
    CHECK_INT(fm_process_close(sleeper("", &options)),
              FM_PROCESS_KILLED + SIGTERM);
}

static void close_by_number(void *arg)
{
    (void)arg;
    if (refuse_signals()) /* not in an emulator */
        CHECK_INT(story_run(close_what_refuses, (fm_run_options){0}), 0);
}

TEST(a_signal_that_a_filter_refuses_is_sent_by_number)
{
    char output[512];
    int status = test_child(close_by_number, NULL, output, sizeof output);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    if (strstr(output, "FAIL") != NULL)
        test_fail(__FILE__, __LINE__, "%s", output);
}
