/*
 * test_process.c - a process gets what it is given, and nothing else
 */
#include "io/process_kit.h"

#include "base/fault.h"

#include <fcntl.h>
#include <sys/resource.h>

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

STORY(a_terminal_in_two_places_is_closed_once_where_a_start_fails)
{
    check_fails(FM_ARGV("/nowhere"),
                (fm_process_options){.in = FM_PROCESS_TERMINAL,
                                     .out = FM_PROCESS_PIPE,
                                     .err = FM_PROCESS_TERMINAL},
                -ENOENT, "program");
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
        {.stop_signal = -1},
        {.stop_signal = 65},
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
        CHECK(rc == 0 || rc == -EMFILE);
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

/* Number 1 may be that of a descriptor of the loop's then. */
STORY(errors_go_nowhere_where_the_program_has_no_output)
{
    const fm_process_options options = {.err = FM_PROCESS_OUTPUT};
    int output = fcntl(1, F_DUPFD_CLOEXEC, 3);
    int ring = dup3(output, 1, O_CLOEXEC);
    int status = ask("test /proc/$$/fd/2 -ef /dev/null", NULL, &options);
    close(1);
    int closed = ask("test /proc/$$/fd/2 -ef /dev/null", NULL, &options);
    CHECK_INT(dup2(output, 1), 1);
    close(output);
    CHECK_INT(ring, 1);
    CHECK_INT(status, 0);
    CHECK_INT(closed, 0);
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

STORY(the_last_number_is_one_under_the_usual_limit)
{
    const fm_process_fd fds[] = {{1, FM_PROCESS_FD_LAST}, {1, 3}};
    const fm_process_options options = {.fds = fds, .fds_count = 2};
    char command[64];
    struct rlimit before, usual;
    getrlimit(RLIMIT_NOFILE, &before);
    if (test_under_valgrind() || before.rlim_max <= FM_PROCESS_FD_LAST)
        return; /* valgrind keeps some descriptors for itself */
    usual = before;
    usual.rlim_cur = FM_PROCESS_FD_LAST + 1;
    setrlimit(RLIMIT_NOFILE, &usual);
    snprintf(command, sizeof command, "test -e /proc/self/fd/%d",
             FM_PROCESS_FD_LAST);
    CHECK_INT(ask(command, NULL, &options), 0);
    usual.rlim_cur = FM_PROCESS_FD_LAST;
    setrlimit(RLIMIT_NOFILE, &usual);
    check_fails(FM_ARGV("true"), options, -EMFILE, "descriptors");
    setrlimit(RLIMIT_NOFILE, &before);
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
