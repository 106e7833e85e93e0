/*
 * test_process_talk.c - what is said to a process, and what it says
 */
#include "io/process_kit.h"

/* More than any pipe, or two, have room for. */
#define MUCH ((size_t)1024 * 1024)

static char *much(void)
{
    char *bytes = malloc(MUCH);
    for (size_t i = 0; i < MUCH; i++)
        bytes[i] = (char)('a' + i % 23);
    return bytes;
}

STORY(much_goes_in_and_comes_out_at_once)
{
    char *bytes = much();
    fm_process_talk talk = {.input = bytes, .input_size = MUCH};
    CHECK_INT(ask("tee /dev/stderr", &talk, NULL), 0);
    CHECK_INT(talk.output_size, MUCH);
    CHECK_INT(talk.errors_size, MUCH);
    CHECK(memcmp(talk.output, bytes, MUCH) == 0);
    CHECK(memcmp(talk.errors, bytes, MUCH) == 0);
    CHECK(talk.output[MUCH] == '\0');
    fm_process_talk_clear(&talk);
    CHECK(talk.output == NULL && talk.output_size == 0);
    fm_process_talk_clear(&talk);
    free(bytes);
}

STORY(who_says_nothing_has_said_an_empty_string)
{
    fm_process_talk talk = {0};
    CHECK_INT(ask("exit 5", &talk, NULL), 5);
    CHECK(talk.output != NULL && talk.output[0] == '\0');
    CHECK(talk.errors != NULL && talk.errors_size == 0);
    fm_process_talk_clear(&talk);
    CHECK_INT(ask("cat", &talk, &(fm_process_options){.out = FM_PROCESS_NULL}),
              0);
    CHECK(talk.output == NULL);
    fm_process_talk_clear(&talk);
}

STORY(who_does_not_read_its_input_does_no_harm)
{
    char *bytes = much();
    fm_process_talk talk = {.input = bytes, .input_size = MUCH};
    CHECK_INT(ask("exec <&-; echo done", &talk, NULL), 0);
    CHECK(talk.output != NULL && strcmp(talk.output, "done\n") == 0);
    fm_process_talk_clear(&talk);
    CHECK_INT(ask("head -c 1", &talk, NULL), 0);
    CHECK_INT(talk.output_size, 1);
    fm_process_talk_clear(&talk);
    free(bytes);
}

STORY(an_output_as_long_as_the_limit_is_no_more_than_it)
{
    fm_process_talk talk = {.limit = 10};
    CHECK_INT(ask("printf 0123456789", &talk, NULL), 0);
    CHECK_INT(talk.output_size, 10);
    CHECK(strcmp(talk.output, "0123456789") == 0);
    fm_process_talk_clear(&talk);
    talk.limit = 1;
    CHECK_INT(ask("printf 0", &talk, NULL), 0);
    CHECK_INT(talk.output_size, 1);
    fm_process_talk_clear(&talk);
}

STORY(the_greatest_of_all_limits_is_one_too)
{
    fm_process_talk talk = {.limit = SIZE_MAX};
    CHECK_INT(ask("head -c 300000 /dev/zero; echo two >&2", &talk, NULL), 0);
    CHECK_INT(talk.output_size, 300000);
    CHECK(talk.errors != NULL && strcmp(talk.errors, "two\n") == 0);
    fm_process_talk_clear(&talk);
}

STORY(one_byte_more_than_the_limit_is_too_many)
{
    fm_process_talk talk = {.limit = 10};
    CHECK_INT(ask("printf 0123456789x; exec cat /dev/zero", &talk, NULL),
              -EMSGSIZE);
    CHECK_INT(talk.output_size, 10);
    CHECK(strcmp(talk.output, "0123456789") == 0);
    CHECK(childless());
    fm_process_talk_clear(&talk);
    CHECK_INT(ask("exec cat /dev/zero >&2", &talk, NULL), -EMSGSIZE);
    CHECK_INT(talk.errors_size, 10);
    fm_process_talk_clear(&talk);
}

/* ---- Who keeps a pipe --------------------------------------------------- */

STORY(a_pipe_that_a_grandchild_keeps_is_given_up)
{
    fm_process_talk talk = {.linger = 0.01};
    const fm_process_options options = {.group = true};
    fm_process *process;
    CHECK_INT(fm_process_shell(
                  "(trap '' TERM; sleep 1000) & echo mine", &process,
                  &(fm_process_options){.out = FM_PROCESS_PIPE, .group = true}),
              0);
    pid_t group = fm_process_id(process);
    CHECK_INT(fm_process_communicate(process, &talk), -FM_EHELD);
    CHECK(talk.output != NULL && strcmp(talk.output, "mine\n") == 0);
    CHECK_INT(fm_process_wait(process), 0);
    CHECK_INT(kill(-group, SIGKILL), 0); /* the grandchild is there */
    fm_process_talk_clear(&talk);
    fm_process_close(process);
    CHECK_INT(ask("exec 2>&-; echo x", &talk, &options), 0);
    fm_process_talk_clear(&talk);
}

/* It is alive while it writes, so it is listened to; though its parent has
 * ended before. */
STORY(a_grandchild_that_still_writes_is_heard)
{
    fm_process_talk talk = {.linger = 30};
    CHECK_INT(ask("{ sleep 0.05; echo late; } & echo early", &talk, NULL), 0);
    CHECK(talk.output != NULL && strcmp(talk.output, "early\nlate\n") == 0);
    fm_process_talk_clear(&talk);
}

STORY(an_input_that_a_grandchild_keeps_is_given_up)
{
    char *bytes = much();
    fm_process_talk talk = {.input = bytes, .input_size = MUCH, .linger = 0.01};
    fm_process *process;
    /* A shell gives what is behind it another input, but for 3. */
    CHECK_INT(fm_process_shell("exec 3<&0; sleep 1000 <&3 & exit 6", &process,
                               &(fm_process_options){.in = FM_PROCESS_PIPE,
                                                     .out = FM_PROCESS_NULL,
                                                     .err = FM_PROCESS_NULL,
                                                     .group = true}),
              0);
    pid_t group = fm_process_id(process);
    CHECK_INT(fm_process_communicate(process, &talk), -FM_EHELD);
    CHECK_INT(kill(-group, SIGKILL), 0);
    CHECK_INT(fm_process_close(process), 6);
    free(bytes);
}

/* ---- By hand ------------------------------------------------------------ */

STORY(a_conversation_is_held_by_streams)
{
    fm_process *process;
    char line[64];
    CHECK_INT(fm_process_start(FM_ARGV("cat"), &process,
                               &(fm_process_options){.in = FM_PROCESS_PIPE,
                                                     .out = FM_PROCESS_PIPE}),
              0);
    fm_stream *in = fm_process_stream(process, 0);
    fm_stream *out = fm_process_stream(process, 1);
    CHECK(fm_process_stream(process, 2) == NULL);
    CHECK(fm_process_stream(process, 3) == NULL);
    CHECK(fm_process_stream(process, -1) == NULL);
    for (int i = 0; i < 10; i++) {
        CHECK_INT(fm_printf(in, "line %d\n", i), 7);
        CHECK_INT(fm_read_line(out, line, sizeof line), 6);
    }
    CHECK_INT(fm_write_eof(in), 0);
    CHECK_INT(fm_read_line(out, line, sizeof line), -FM_EEOF);
    CHECK_INT(fm_process_wait(process), 0);
    CHECK_INT(fm_process_close_stream(process, 0), 0);
    CHECK(fm_process_stream(process, 0) == NULL);
    CHECK_INT(fm_process_close_stream(process, 0), 0);
    CHECK_INT(fm_process_close(process), 0);
}

STORY(who_writes_to_an_output_that_was_closed_is_told_by_sigpipe)
{
    fm_process *process;
    CHECK_INT(fm_process_start(FM_ARGV("cat", "/dev/zero"), &process,
                               &(fm_process_options){.out = FM_PROCESS_PIPE}),
              0);
    CHECK_INT(fm_process_close_stream(process, 1), 0);
    CHECK_INT(fm_process_wait(process), FM_PROCESS_KILLED + SIGPIPE);
    fm_process_close(process);
}

STORY(a_terminal_is_talked_with)
{
    fm_process_talk talk = {.input = "hello\n\4", .input_size = 7};
    CHECK_INT(ask("stty -echo; echo ready; exec cat", &talk,
                  &(fm_process_options){.in = FM_PROCESS_TERMINAL,
                                        .out = FM_PROCESS_TERMINAL,
                                        .err = FM_PROCESS_TERMINAL}),
              0);
    CHECK(talk.output != NULL && strstr(talk.output, "hello\r\n") != NULL);
    fm_process_talk_clear(&talk);
    CHECK(childless());
}

/* ---- Cuts --------------------------------------------------------------- */

struct talker {
    fm_process *process;
    fm_process_talk *talk;
};

static int talker(struct talker *self)
{
    return fm_process_communicate(self->process, self->talk);
}

STORY(a_talk_that_is_cut_leaves_what_has_come_and_the_process)
{
    char *bytes = much();
    fm_process_talk talk = {.input = bytes, .input_size = MUCH};
    fm_process *process;
    CHECK_INT(fm_process_shell("exec sleep 1000", &process,
                               &(fm_process_options){.in = FM_PROCESS_PIPE,
                                                     .out = FM_PROCESS_PIPE}),
              0);
    fm_task *task = fm_go(talker, process, &talk);
    for (int i = 0; i < 10; i++)
        CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(task), -ECANCELED);
    CHECK_INT(fm_process_wait_try(process), -EAGAIN);
    CHECK(talk.output != NULL && talk.output_size == 0);
    fm_process_talk_clear(&talk);
    CHECK_INT(fm_process_close(process), FM_PROCESS_KILLED + SIGTERM);
    free(bytes);
}
