/*
 * trace_play.c - programs whose traces are known: trace_play NAME [COUNT]
 */
#include <errno.h>
#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static long count;

/* ---- Two tasks that sleep, and one that is told ------------------------- */

struct cook {
    double units;
    fm_queue *done;
};

/* Virtual units are seconds; real ones are short. */
static double span(double units)
{
    const char *backend = getenv("FERMATA_BACKEND");
    bool sim = backend != NULL && strcmp(backend, "sim") == 0;
    return sim ? units : units / 1000;
}

static int cook(struct cook *order)
{
    int rc = fm_sleep(span(order->units));
    fm_trace_mark("served");
    return rc < 0 ? rc : fm_queue_put(order->done, order);
}

static int kitchen(void *arg)
{
    fm_queue *done = fm_queue_new(1);
    void *served;
    int rc = done == NULL ? -ENOMEM : 0;
    fm_task *rice = fm_go(cook, 2, done);
    fm_task *beans = fm_go(cook, 1, done);
    (void)arg;
    fm_task_set_name(rice, "rice");
    for (int i = 0; i < 2 && rc == 0; i++)
        rc = fm_queue_get(done, &served);
    fm_trace_count("served", 2);
    if (rc == 0)
        rc = fm_yield();
    rc = fm_gather(rice, beans) < 0 ? -EIO : rc;
    fm_queue_free(done);
    return rc;
}

/* ---- Names that a string must not have as they are ---------------------- */

static int nothing(void)
{
    return -7;
}

static int names(void *arg)
{
    static const char *const all[] = {"quote \" and \\", "tab\tline\n\x01\x7f",
                                      ("K\xc3\xbc"
                                       "che \xf0\x9f\x8d\x9a"),
                                      "\xff\xc3(\xed\xa0\x80\xc0\xaf\xf4\x90",
                                      ""};
    (void)arg;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        fm_task *task = fm_go(nothing);
        fm_task_set_name(task, all[i]);
        fm_trace_mark(all[i]);
        if (fm_await(task) != -7)
            return -EIO;
    }
    return 0;
}

/* ---- Many tasks, and many marks ----------------------------------------- */

static int napper(void)
{
    return fm_sleep(span(1));
}

static int crowd(void *arg)
{
    int rc;
    (void)arg;
    FM_GROUP(group, rc, .limit = 5000) {
        for (long i = 0; i < count && rc == 0; i++)
            rc = fm_group_go(group, napper);
    }
    return rc;
}

static int marks(void *arg)
{
    (void)arg;
    fm_sleep(0);
    for (long i = 0; i < count; i++)
        fm_trace_mark("mark");
    puts("marked");
    fflush(stdout);
    return 0;
}

static int turns(void *arg)
{
    (void)arg;
    int rc = 0;
    for (long i = 0; i < count && rc == 0; i++)
        rc = fm_sleep(0);
    return rc;
}

/* ---- Operations --------------------------------------------------------- */

struct reader {
    fm_stream *stream;
};

static int reader(struct reader *self)
{
    char buf[16];
    return fm_read(self->stream, buf, sizeof buf) < 0 ? -EIO : 0;
}

static int pipes(void *arg)
{
    fm_stream *ends[2];
    (void)arg;
    int rc = fm_pipe(ends);
    if (rc < 0)
        return rc;
    fm_task *task = fm_go(reader, ends[0]);
    fm_sleep(0);
    fm_sleep(0);
    ssize_t n = fm_write(ends[1], "twelve bytes", 12);
    rc = n < 0 ? (int)n : fm_flush(ends[1]);
    int read = fm_await(task);
    fm_close(ends[0]);
    fm_close(ends[1]);
    return rc < 0 ? rc : read;
}

/* Reads what never comes; nobody else is there. */
static int hang(void *arg)
{
    char buf[1];
    fm_stream *ends[2];
    (void)arg;
    int rc = fm_pipe(ends);
    return rc < 0 ? rc : (int)fm_read(ends[0], buf, sizeof buf);
}

/* A turn that does not end. */
static int spin(void *arg)
{
    static volatile unsigned rounds = 1;
    (void)arg;
    while (rounds > 0)
        rounds |= 1;
    return 0;
}

/* ---- Processes ---------------------------------------------------------- */

/* A child that writes nothing, and ends before its parent does. */
static int forks(void *arg)
{
    int status = -1;
    pid_t child = fork();
    (void)arg;
    fm_trace_mark("forked");
    if (child == 0)
        _exit(3);
    waitpid(child, &status, 0);
    return WEXITSTATUS(status) == 3 ? 0 : -EIO;
}

static int nap_main(void *arg)
{
    (void)arg;
    return napper();
}

/* ---- Which -------------------------------------------------------------- */

static const struct {
    const char *name;
    int (*run)(void *arg);
} plays[] = {
    {"kitchen", kitchen}, {"names", names},  {"crowd", crowd}, {"marks", marks},
    {"turns", turns},     {"pipes", pipes},  {"hang", hang},   {"spin", spin},
    {"forks", forks},     {"nap", nap_main},
};

static int play(const char *name)
{
    if (strcmp(name, "workers") == 0)
        return fm_run_workers(3, nap_main, NULL);
    if (strcmp(name, "twice") == 0)
        return fm_run(nap_main, NULL) + fm_run(nap_main, NULL);
    for (size_t i = 0; i < sizeof plays / sizeof plays[0]; i++) {
        int (*play_main)(void *) = plays[i].run;
        if (strcmp(name, plays[i].name) == 0)
            return fm_run(play_main, NULL);
    }
    return -ENOENT;
}

int main(int argc, char **argv)
{
    count = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
    fm_trace_mark("nowhere");
    fm_trace_count("nothing", 1);
    int rc = argc > 1 ? play(argv[1]) : -EINVAL;
    if (rc < 0)
        fprintf(stderr, "trace_play: %s\n", fm_strerror(rc));
    return rc < 0;
}
