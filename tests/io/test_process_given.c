/*
 * test_process_given.c - the surroundings of a process are those it was given
 */
#include "io/process_kit.h"

#include <sys/prctl.h>
#include <sys/resource.h>

STORY(the_environment_is_whole_or_changed_or_empty)
{
    setenv("FERMATA_A", "a", 1);
    setenv("FERMATA_B", "b", 1);
    static const char *const show = "echo $FERMATA_A-$FERMATA_B-$FERMATA_C";
    check_shell_says(show, NULL, "a-b-\n");
    check_shell_says(
        show,
        &(fm_process_options){.changes = FM_ARGV("FERMATA_A=x", "FERMATA_B",
                                                 "FERMATA_C=", "FERMATA_C=y")},
        "x--y\n");
    check_says(FM_ARGV("env"),
               &(fm_process_options){.environment = FM_ARGV(NULL)}, "");
    check_says(FM_ARGV("env"),
               &(fm_process_options){.environment = FM_ARGV("A=1", "B=2=3"),
                                     .changes = FM_ARGV("A=4", "B")},
               "A=4\n");
    unsetenv("FERMATA_A");
    unsetenv("FERMATA_B");
}

STORY(an_odd_environment_is_passed_on_as_it_is)
{
    check_says(FM_ARGV("/usr/bin/env"),
               &(fm_process_options){
                   .environment = FM_ARGV("=C:=x", "noequals", "A==", "B="),
                   .changes = FM_ARGV("A", "B==1")},
               "=C:=x\nnoequals\nB==1\n");
}

STORY(a_program_is_looked_for_in_its_own_path)
{
    CHECK(mkdtemp(scratch) != NULL);
    char path[128];
    snprintf(path, sizeof path, "PATH=/nowhere:%s", scratch);
    scratch_file("data", "#!/bin/sh\necho found $0\n", 0700);
    char said[128];
    snprintf(said, sizeof said, "found %s/data\n", scratch);
    const fm_process_options there = {.changes = FM_ARGV(path)};
    check_says(FM_ARGV("data"), &there, said);
    check_fails(FM_ARGV("data"), (fm_process_options){0}, -ENOENT, "program");
    const fm_process_options here = {.changes = FM_ARGV("PATH=:/nowhere"),
                                     .directory = scratch};
    check_says(FM_ARGV("data"), &here, "found data\n");
    scratch_file("data", "", 0600);
    check_fails(FM_ARGV("data"), there, -EACCES, "program");
    remove_scratch();
}

STORY(argv_0_need_not_be_the_program)
{
    check_says(FM_ARGV("-odd", "-c", "echo $0"),
               &(fm_process_options){.program = "sh"}, "-odd\n");
}

STORY(it_runs_in_its_directory)
{
    check_says(FM_ARGV("pwd"), &(fm_process_options){.directory = "/usr"},
               "/usr\n");
}

/* Masks of /proc/self/status, and a name. */
static void check_signals(void)
{
    fm_process_talk talk = {0};
    CHECK_INT(
        fm_process_run(
            FM_ARGV("sed", "-n", "/^Sig[BIC]/p", "/proc/self/status"), &talk),
        0);
    CHECK(talk.output != NULL &&
          strcmp(talk.output, "SigBlk:\t0000000000000000\n"
                              "SigIgn:\t0000000000000000\n"
                              "SigCgt:\t0000000000000000\n") == 0);
    fm_process_talk_clear(&talk);
}

STORY(no_signal_is_blocked_or_ignored_for_it)
{
    sigset_t some, before;
    sigemptyset(&some);
    sigaddset(&some, SIGUSR2);
    sigprocmask(SIG_BLOCK, &some, &before);
    signal(SIGHUP, SIG_IGN); /* SIGPIPE is, by the run */
    check_signals();
    signal(SIGHUP, SIG_DFL);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

STORY(it_leads_a_group_or_a_session_where_it_is_told_to)
{
    /* Fields 4 to 7 of proc_pid_stat(5): parent, group, session. */
    static const char *const show = "set -- $(cat /proc/$$/stat);"
                                    " echo $(($5 == $$)) $(($6 == $$))";
    check_shell_says(show, NULL, "0 0\n");
    check_shell_says(show, &(fm_process_options){.group = true}, "1 0\n");
    check_shell_says(show, &(fm_process_options){.session = true}, "1 1\n");
}

STORY(limits_are_its_own)
{
    const fm_process_limit limits[] = {
        {RLIMIT_NOFILE, 17, 18},
        {RLIMIT_CORE, 0, 0},
    };
    struct rlimit before, after;
    if (test_under_valgrind())
        return; /* it keeps some descriptors for itself */
    getrlimit(RLIMIT_NOFILE, &before);
    check_shell_says("ulimit -Sn; ulimit -Hn; ulimit -c",
                     &(fm_process_options){.limits = limits, .limits_count = 2},
                     "17\n18\n0\n");
    getrlimit(RLIMIT_NOFILE, &after);
    CHECK(before.rlim_cur == after.rlim_cur);
    const fm_process_limit bad = {-1, 0, 0};
    check_fails(FM_ARGV("true"),
                (fm_process_options){.limits = &bad, .limits_count = 1},
                -EINVAL, "limits");
}

STORY(rights_are_given_up_by_whoever_has_them)
{
    const gid_t groups[] = {65533};
    const fm_process_user nobody = {65534, 65534, groups, 1};
    const fm_process_options options = {.user = &nobody};
    fm_process_talk talk = {0};
    int dumpable = prctl(PR_GET_DUMPABLE);
    int rc = ask("id -u; id -g; id -G", &talk, &options);
    /* Root of a namespace may have no such user. */
    CHECK(rc == 0 || rc == -EPERM || rc == -EINVAL);
    if (rc == 0)
        CHECK(strcmp(talk.output, "65534\n65534\n65534 65533\n") == 0);
    else
        check_fails(FM_ARGV("true"), options, rc, "user");
    fm_process_talk_clear(&talk);
    CHECK_INT(prctl(PR_GET_DUMPABLE), dumpable);
    uid_t real, effective, saved;
    getresuid(&real, &effective, &saved);
    CHECK(real == getuid() && effective == geteuid() && saved == geteuid());
}

STORY(a_command_that_begins_with_a_dash_is_a_command)
{
    fm_process *process;
    CHECK_INT(fm_process_shell("-x 2>/dev/null || exit 9", &process), 0);
    CHECK_INT(fm_process_wait(process), 9);
    fm_process_close(process);
}
