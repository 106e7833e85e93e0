/*
 * processes.c - other programs, as if they were functions
 */
#include <fermata.h>
#include <stdio.h>
#include <string.h>

/* [run] */
static int sort_words(const char *words)
{
    fm_process_talk talk = {.input = words, .input_size = strlen(words)};
    int status = fm_process_run(FM_ARGV("sort", "-u"), &talk);
    if (status == 0)
        fwrite(talk.output, 1, talk.output_size, stdout);
    fm_process_talk_clear(&talk);
    return status;
}
/* [/run] */

/* [many] */
struct ask {
    const char *command;
};

static int ask(struct ask *self)
{
    int status = fm_process_run(FM_ARGV("sh", "-c", self->command), NULL);
    return status > 0 ? -EPROTO : status;
}

/* The first that fails ends the others. */
static int ask_all(void)
{
    int rc;
    FM_GROUP(g, rc) {
        rc = fm_group_go(g, ask, "exec sleep 1000");
        if (rc == 0)
            rc = fm_group_go(g, ask, "exit 3");
    }
    return rc;
}
/* [/many] */

/* [talk] */
static int converse(void)
{
    const fm_process_options options = {
        .in = FM_PROCESS_PIPE,
        .out = FM_PROCESS_PIPE,
        .changes = FM_ARGV("LC_ALL=C"),
    };
    fm_process *process;
    char answer[64];
    int rc = fm_process_start(FM_ARGV("sed", "-u", "s/ping/pong/"), &process,
                              &options);
    if (rc < 0)
        return rc;
    for (int i = 0; i < 2 && rc >= 0; i++) {
        fm_printf(fm_process_stream(process, 0), "ping %d\n", i);
        rc = (int)fm_read_line(fm_process_stream(process, 1), answer,
                               sizeof answer);
        if (rc >= 0)
            printf("%s\n", answer);
    }
    fm_write_eof(fm_process_stream(process, 0));
    if (rc >= 0)
        rc = fm_process_wait(process);
    fm_process_close(process);
    return rc;
}
/* [/talk] */

/* [fail] */
static void fail(void)
{
    const char *failed;
    fm_process *process;
    int rc = fm_process_start(
        FM_ARGV("make"), &process,
        &(fm_process_options){.directory = "/nowhere", .failed = &failed});
    printf("%s: %s\n", failed, fm_strerror(rc));
}
/* [/fail] */

/* [end] */
static int end_in_time(void)
{
    int rc;
    FM_TIMEOUT(0.05, rc) {
        rc = fm_process_run(FM_ARGV("sleep", "1000"), NULL,
                            &(fm_process_options){.grace = 2});
    }
    return rc;
}
/* [/end] */

static int processes(void *arg)
{
    (void)arg;
    int rc = sort_words("pear\napple\npear\n");
    if (rc == 0)
        rc = converse();
    if (rc < 0)
        return rc;
    fail();
    printf("together: %s\n", fm_strerror(ask_all()));
    printf("in time: %s\n", fm_strerror(end_in_time()));
    return 0;
}

/* Not in the simulator, whatever the environment says: it has no processes. */
int main(void)
{
    return fm_run(processes, NULL, &(fm_run_options){.backend = "auto"}) < 0;
}
