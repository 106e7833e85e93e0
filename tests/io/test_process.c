/*
 * test_process.c - a process gets what it is given, and nothing else
 */
#include "io/process_kit.h"

#include "base/fault.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <termios.h>

static fm_process *const untouched = (fm_process *)(uintptr_t)16;

/* A start fails with this, in this step, and leaves nothing. */
static void check_fails(const char *const *argv, fm_process_options options,
                        int error, const char *step)
{
    fm_process *process = untouched;
    const char *failed = "";
    unsigned before = descriptors();
    options.failed = &failed;
    CHECK_INT(fm_process_start(argv, &process, &options), error);
    CHECK(process == untouched);
    CHECK_INT(descriptors(), before);
    CHECK(childless());
    if (strcmp(failed, step) != 0)
        test_fail(__FILE__, __LINE__, "it failed in \"%s\", not \"%s\"", failed,
                  step);
}

/* ---- How it ends -------------------------------------------------------- */

STORY(a_program_is_run_and_its_status_returned)
{
    CHECK_INT(fm_process_run(FM_ARGV("true"), NULL), 0);
    CHECK_INT(fm_process_run(FM_ARGV("false"), NULL), 1);
    CHECK_INT(ask("exit 255", NULL, NULL), 255);
    CHECK(childless());
}

STORY(a_signal_that_ended_it_is_told_from_a_status)
{
    int status = ask("kill -9 $$", NULL, NULL);
    CHECK_INT(status, FM_PROCESS_KILLED + SIGKILL);
    CHECK_INT(FM_PROCESS_SIGNAL(status), SIGKILL);
    CHECK(!FM_PROCESS_DUMPED(status));
    CHECK_INT(FM_PROCESS_SIGNAL(137), 0);
    CHECK_INT(FM_PROCESS_SIGNAL(FM_PROCESS_KILLED + 128 + SIGSEGV), SIGSEGV);
    CHECK(FM_PROCESS_DUMPED(FM_PROCESS_KILLED + 128 + SIGSEGV));
}

STORY(what_it_has_used_is_known_once_its_end_was_taken)
{
    fm_process *process;
    fm_process_usage usage = {0};
    CHECK_INT(fm_process_start(FM_ARGV("true"), &process), 0);
    CHECK(fm_process_id(process) > 0);
    CHECK_INT(fm_process_used(process, &usage), -EAGAIN);
    CHECK_INT(fm_process_wait(process), 0);
    CHECK_INT(fm_process_used(process, &usage), 0);
    CHECK(usage.memory > 0 && usage.user >= 0);
    CHECK_INT(fm_process_close(process), 0);
}

/* ---- What cannot be started --------------------------------------------- */

static char scratch[] = "/tmp/fermata-process-XXXXXX";

static const char *scratch_file(const char *name, const char *text, int mode)
{
    static char path[64];
    snprintf(path, sizeof path, "%s/%s", scratch, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
    CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    CHECK_INT(fchmod(fd, (mode_t)mode), 0);
    close(fd);
    return path;
}

static void remove_scratch(void)
{
    static const char *const names[] = {"plain", "script", "odd", "data"};
    char path[64];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", scratch, names[i]);
        unlink(path);
    }
    rmdir(scratch);
    memcpy(scratch + sizeof scratch - 7, "XXXXXX", 6);
}

STORY(what_cannot_be_executed_is_told_by_the_start)
{
    CHECK(mkdtemp(scratch) != NULL);
    check_fails(FM_ARGV("/nowhere/nothing"), (fm_process_options){0}, -ENOENT,
                "program");
    check_fails(FM_ARGV("no-such-program-at-all"), (fm_process_options){0},
                -ENOENT, "program");
    check_fails(FM_ARGV(""), (fm_process_options){0}, -ENOENT, "program");
    check_fails(FM_ARGV("/tmp"), (fm_process_options){0}, -EACCES, "program");
    check_fails(FM_ARGV(scratch_file("plain", "#!/bin/sh\n", 0600)),
                (fm_process_options){0}, -EACCES, "program");
    /* valgrind looks for itself, and does not survive what it overlooks. */
    if (!test_under_valgrind())
        check_fails(FM_ARGV(scratch_file("script", "#!/no/such\n", 0700)),
                    (fm_process_options){0}, -FM_EINTERPRETER, "program");
    check_fails(FM_ARGV(scratch_file("odd", "?", 0700)),
                (fm_process_options){0}, -ENOEXEC, "program");
    remove_scratch();
}

STORY(a_bad_directory_or_descriptor_is_told_by_the_start)
{
    const fm_process_fd closed = {.fd = 1000, .number = 5};
    check_fails(FM_ARGV("true"), (fm_process_options){.directory = "/nowhere"},
                -ENOENT, "directory");
    check_fails(FM_ARGV("true"),
                (fm_process_options){.directory = "/etc/passwd"}, -ENOTDIR,
                "directory");
    check_fails(FM_ARGV("true"),
                (fm_process_options){.fds = &closed, .fds_count = 1}, -EBADF,
                "descriptors");
    check_fails(FM_ARGV("true"),
                (fm_process_options){.in = FM_PROCESS_FD(1000)}, -EBADF,
                "descriptors");
}

STORY(options_out_of_their_range_are_invalid)
{
    const fm_process_fd low = {.fd = 0, .number = 2};
    const fm_process_fd high = {.fd = 0, .number = FM_PROCESS_FD_LAST + 1};
    fm_process *process;
    CHECK_INT(fm_process_start(FM_ARGV(NULL), &process), -EINVAL);
    CHECK_INT(fm_process_start(NULL, &process), -EINVAL);
    const fm_process_options wrong[] = {
        {.fds = &low, .fds_count = 1},
        {.fds = &high, .fds_count = 1},
        {.fds = &low, .fds_count = FM_PROCESS_FDS_MOST + 1},
        {.limits_count = FM_PROCESS_LIMITS_MOST + 1},
        {.user =
             &(fm_process_user){.groups_count = FM_PROCESS_GROUPS_MOST + 1}},
        {.in = -5},
        {.out = FM_PROCESS_OUTPUT},
        {.changes = FM_ARGV("")},
        {.changes = FM_ARGV("=x")},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        check_fails(FM_ARGV("true"), wrong[i], -EINVAL, "start");
}

STORY(too_many_arguments_are_told_by_the_start)
{
    if (test_under_valgrind())
        return; /* it does not survive a refusal */
    size_t size = (size_t)4 * 1024 * 1024;
    char *word = malloc(size);
    memset(word, 'x', size);
    word[size - 1] = '\0';
    check_fails(FM_ARGV("true", word), (fm_process_options){0}, -E2BIG,
                "program");
    free(word);
}

STORY(what_the_system_refuses_leaves_nothing)
{
    /* valgrind has no pidfd_open(2). */
    for (int old = 0; old < 2 - test_under_valgrind(); old++) {
        for (uint64_t k = 1; k < 20; k++) {
            struct fm__fault_plan plan = {
                .error = -EMFILE, .spare_waits = true, .old_kernel = old != 0};
            fm_process *process = untouched;
            unsigned before = descriptors();
            plan.fail_at[FM__DOOR_SYSTEM] = k;
            fm__fault_plan = &plan;
            int rc = fm_process_start(
                FM_ARGV("true"), &process,
                &(fm_process_options){.in = FM_PROCESS_PIPE,
                                      .out = FM_PROCESS_TERMINAL,
                                      .err = FM_PROCESS_NULL});
            fm__fault_plan = NULL;
            if (rc == 0)
                CHECK_INT(fm_process_wait(process), 0);
            if (rc == 0)
                fm_process_close(process);
            else
                CHECK_INT(rc, -EMFILE);
            CHECK_INT(descriptors(), before);
        }
    }
    CHECK(childless());
}

STORY(without_a_free_descriptor_it_says_so_and_leaves_nothing)
{
    const fm_process_options options = {
        .in = FM_PROCESS_PIPE, .out = FM_PROCESS_PIPE, .err = FM_PROCESS_PIPE};
    struct rlimit before, tight;
    unsigned had = descriptors();
    int started = 0;
    if (test_under_valgrind())
        return; /* it keeps some descriptors for itself */
    getrlimit(RLIMIT_NOFILE, &before);
    for (rlim_t most = 3; most < 40; most++) {
        fm_process *process = untouched;
        tight = before;
        tight.rlim_cur = most;
        setrlimit(RLIMIT_NOFILE, &tight);
        int rc = fm_process_start(FM_ARGV("true"), &process, &options);
        setrlimit(RLIMIT_NOFILE, &before);
        CHECK(rc == 0 || rc == -EMFILE || rc == -EINVAL);
        started += rc == 0;
        if (rc == 0)
            CHECK(fm_process_wait(process) >= 0);
        if (rc == 0)
            fm_process_close(process);
        CHECK_INT(descriptors(), had);
    }
    CHECK(started > 0);
    CHECK(childless());
}

/* ---- Standard descriptors ----------------------------------------------- */

STORY(errors_go_where_the_output_goes)
{
    check_shell_says("echo one; echo two >&2",
                     &(fm_process_options){.err = FM_PROCESS_OUTPUT},
                     "one\ntwo\n");
}

STORY(a_descriptor_is_lent_and_null_is_nothing)
{
    int fds[2];
    char buf[16];
    fm_process_options options = {.in = FM_PROCESS_NULL};
    CHECK_INT(pipe2(fds, O_CLOEXEC), 0);
    options.out = FM_PROCESS_FD(fds[1]);
    options.err = FM_PROCESS_NULL;
    CHECK_INT(ask("cat; echo out; echo err >&2", NULL, &options), 0);
    close(fds[1]);
    CHECK_INT(read(fds[0], buf, sizeof buf), 4);
    CHECK(memcmp(buf, "out\n", 4) == 0);
    close(fds[0]);
}

STORY(its_own_standard_descriptors_are_what_is_inherited)
{
    int fds[2];
    char buf[16];
    CHECK_INT(pipe2(fds, O_CLOEXEC), 0);
    int before = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10);
    dup2(fds[1], STDOUT_FILENO);
    int rc = ask("echo in; echo too >&2", NULL,
                 &(fm_process_options){.err = FM_PROCESS_OUTPUT});
    dup2(before, STDOUT_FILENO);
    close(before);
    close(fds[1]);
    CHECK_INT(rc, 0);
    CHECK_INT(read(fds[0], buf, sizeof buf), 7);
    CHECK(memcmp(buf, "in\ntoo\n", 7) == 0);
    close(fds[0]);
}

STORY(nothing_that_is_open_is_open_for_it)
{
    static const char *const says = "0\n1\n2\n3\n"; /* its directory */
    int leaked = open("/dev/null", O_RDONLY); /* NOLINT: without O_CLOEXEC */
    CHECK(leaked > 2);
    int high = fcntl(leaked, F_DUPFD, 200);
    check_says(FM_ARGV("ls", "/proc/self/fd"), NULL, says);
    struct fm__fault_plan plan = {.old_kernel = !test_under_valgrind()};
    fm__fault_plan = &plan;
    check_says(FM_ARGV("ls", "/proc/self/fd"), NULL, says);
    fm__fault_plan = NULL;
    close(high);
    close(leaked);
}

STORY(descriptors_are_at_the_numbers_that_were_chosen)
{
    int one[2], two[2];
    CHECK_INT(pipe2(one, O_CLOEXEC), 0);
    CHECK_INT(pipe2(two, O_CLOEXEC), 0);
    CHECK_INT(write(one[1], "1", 1), 1);
    CHECK_INT(write(two[1], "2", 1), 1);
    close(one[1]);
    close(two[1]);
    /* Each is where the other was. */
    const fm_process_fd fds[] = {{one[0], two[0]}, {two[0], one[0]}};
    char command[64];
    snprintf(command, sizeof command, "cat <&%d; echo; cat <&%d", one[0],
             two[0]);
    check_shell_says(command, &(fm_process_options){.fds = fds, .fds_count = 2},
                     "2\n1");
    close(one[0]);
    close(two[0]);
}

STORY(a_terminal_is_one_and_has_a_size)
{
    fm_process_talk talk = {0};
    const fm_process_options options = {.in = FM_PROCESS_TERMINAL,
                                        .out = FM_PROCESS_TERMINAL,
                                        .err = FM_PROCESS_TERMINAL,
                                        .rows = 7,
                                        .columns = 33};
    CHECK_INT(ask("test -t 0 && test -t 1 && test -t 2 && stty size </dev/tty",
                  &talk, &options),
              0);
    CHECK(talk.output != NULL && strcmp(talk.output, "7 33\r\n") == 0);
    CHECK(talk.errors == NULL);
    fm_process_talk_clear(&talk);
}

STORY(a_terminal_can_be_resized_and_no_other)
{
    fm_process *process;
    char line[32];
    fm_process_options options = {.in = FM_PROCESS_TERMINAL,
                                  .out = FM_PROCESS_PIPE};
    CHECK_INT(fm_process_shell("trap 'stty size; exit' WINCH; echo;"
                               " while :; do sleep 0.01; done",
                               &process, &options),
              0);
    CHECK_INT(fm_read_line(fm_process_stream(process, 1), line, sizeof line),
              0);
    CHECK_INT(fm_process_resize(process, 5, 50), 0);
    CHECK_INT(fm_read_line(fm_process_stream(process, 1), line, sizeof line),
              4);
    CHECK(strcmp(line, "5 50") == 0);
    CHECK_INT(fm_process_wait(process), 0);
    fm_process_close(process);
    CHECK_INT(fm_process_start(FM_ARGV("true"), &process), 0);
    CHECK_INT(fm_process_resize(process, 5, 50), -ENOTTY);
    CHECK_INT(fm_process_wait(process), 0);
    fm_process_close(process);
}

/* ---- Its surroundings --------------------------------------------------- */

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
    int rc = ask("id -u; id -g; id -G", &talk, &options);
    /* Root of a namespace may have no such user. */
    CHECK(rc == 0 || rc == -EPERM || rc == -EINVAL);
    if (rc == 0)
        CHECK(strcmp(talk.output, "65534\n65534\n65534 65533\n") == 0);
    else
        check_fails(FM_ARGV("true"), options, rc, "user");
    fm_process_talk_clear(&talk);
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

/* ---- Many at once ------------------------------------------------------- */

struct starter {
    int status;
};

static int starter(struct starter *self)
{
    char command[16];
    snprintf(command, sizeof command, "exit %d", self->status);
    return ask(command, NULL, NULL) == self->status ? 0 : -EPROTO;
}

STORY(many_are_started_at_once)
{
    unsigned before = descriptors();
    int rc;
    FM_GROUP(g, rc) {
        for (int i = 0; i < 50 && rc == 0; i++)
            rc = fm_group_go(g, starter, i);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(descriptors(), before);
    CHECK(childless());
}
