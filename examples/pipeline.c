/*
 * pipeline.c - the requests of an access log, counted by the time that it says
 *
 *   pipeline [--follow] [--window SECONDS] [--late SECONDS] [--store FILE]
 *            [--listen ADDRESS] [LOG]
 *
 * A window is closed when a record of so much later comes; what comes for it
 * then is late. On SIGINT what is open stays open, for the next time.
 */
#include "pipeline_table.h"
#include "pipeline_watch.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define AHEAD 3600 /* seconds that a record may be ahead of our clock */
#define BEAT 0.5   /* seconds between two checkpoints */

static struct moment now; /* one pipeline at a time in a program */

/* [beat] */
/* A checkpoint, also when the task is cut: what was counted is stored with the
 * place behind it, and only then shown. */
static int beat(const struct pipeline *self)
{
    int rc = 0;
    FM_SHIELD(60) {
        rc = moment_save(&now);
    }
    if (rc < 0)
        return rc;
    if (self->table != NULL)
        table_show(self->table, &now);
    if (self->figures != NULL)
        *self->figures = now.figures;
    watch_beat();
    return 0;
}
/* [/beat] */

/* [count] */
static void close_until(int64_t watermark)
{
    if (watermark <= now.watermark)
        return;
    now.watermark = watermark;
    for (struct slot *slot = now.slots; slot < now.slots + SLOTS; slot++)
        if (slot->open && slot->window.start + now.span <= watermark) {
            slot->open = false;
            slot->changed = true;
            now.figures.windows++;
        }
}

/* It is a closed window that makes room for another, and is stored before. */
static int count_record(const struct pipeline *self,
                        const fm_access_record *record)
{
    int64_t start = record->time / now.span * now.span;
    close_until(record->time - self->lateness);
    if (start + now.span <= now.watermark) {
        now.figures.late++;
        return 0;
    }
    struct slot *slot = slot_of(&now, start);
    int rc = slot->changed && !slot->open ? beat(self) : 0;
    if (rc < 0)
        return rc;
    if (!slot->open)
        *slot = (struct slot){.window.start = start, .open = true};
    slot->changed = true;
    slot->window.requests++;
    slot->window.errors += record->status >= 400;
    slot->window.bytes += record->bytes;
    if (start >= now.figures.newest.start)
        now.figures.newest = slot->window;
    return rc;
}

/* The next line of the input is counted, and then the place is behind it. */
static int count_line(const struct pipeline *self, fm_tail *tail)
{
    static char line[FM_TAIL_LINE + 1];
    fm_access_record record;
    ssize_t size = fm_tail_line(tail, line, sizeof line);
    if (size < 0 && size != -EMSGSIZE)
        return (int)size;
    bool readable = size >= 0 && strlen(line) == (size_t)size &&
                    fm_access_record_parse(line, &record) == 0 &&
                    record.time >= 0 && record.time <= time(NULL) + AHEAD;
    int rc = readable ? count_record(self, &record) : 0;
    if (rc < 0)
        return rc;
    now.figures.unreadable += !readable;
    now.figures.lines++;
    fm_tail_tell(tail, &now.place);
    return rc;
}
/* [/count] */

/* A line is waited for, however long; what soon follows is of its beat. The
 * first has its own: from then on the store knows a place to go back to. */
static int count_all(const struct pipeline *self, fm_tail *tail)
{
    int rc = 0;
    for (double pause = 0; rc == 0; pause = BEAT) {
        rc = count_line(self, tail);
        if (rc == 0)
            FM_TIMEOUT(pause, rc) {
                while (rc == 0)
                    rc = count_line(self, tail);
            }
        if (rc == -ETIMEDOUT)
            rc = beat(self);
    }
    if (rc == -FM_EEOF)
        close_until(now.figures.newest.start + now.span);
    int last = beat(self);
    return rc == -FM_EEOF ? last : rc;
}

/* A log, from where it was counted to; or standard input, which has no place:
 * what was read of that and not stored yet is lost with the program. */
static int count_input(const struct pipeline *self)
{
    fm_tail_options options = {.from = &now.place, .stop = !self->follow};
    fm_tail *tail;
    int rc = self->log == NULL ? fm_stdin(&options.stream) : 0;
    if (rc == 0)
        rc = fm_tail_open(self->log, &tail, &options);
    if (rc == 0) {
        rc = count_all(self, tail);
        fm_tail_close(tail);
    }
    fm_close(options.stream);
    return rc;
}

int pipeline(struct pipeline *self)
{
    now = (struct moment){.span = self->window > 0 ? self->window : 10};
    if (self->lateness / now.span + 2 > SLOTS)
        return -EINVAL;
    int rc = self->store != NULL ? moment_open(&now, self->store) : 0;
    if (rc == 0) {
        watch_begin(&now);
        rc = count_input(self);
    }
    sql_close(&now.sql);
    return rc;
}

static int serve(void *listener)
{
    return fm_http_serve(listener, pipeline_watch, NULL);
}

static const char *address; /* to listen at, or NULL */
static const char *about;   /* what an error is said of */

static int program(void *arg)
{
    char text[FM_ADDRESS_TEXT];
    fm_listener *listener;
    if (address == NULL)
        return pipeline(arg);
    int rc = fm_listen(address, &listener);
    if (rc < 0) {
        about = address;
        return rc;
    }
    fprintf(stderr, "listening on %s\n",
            fm_address_format(fm_listener_address(listener), text));
    FM_TASK server = fm_start(serve, listener);
    return pipeline(arg);
}

static const struct option options[] = {
    {"follow", no_argument, NULL, 'f'},
    {"window", required_argument, NULL, 'w'},
    {"late", required_argument, NULL, 'l'},
    {"store", required_argument, NULL, 's'},
    {"listen", required_argument, NULL, 'a'},
    {NULL, 0, NULL, 0}};

/* What is no number from `least` on is told. */
static bool take_seconds(const char *option, unsigned least, unsigned *seconds)
{
    char *end;
    unsigned long number = strtoul(optarg, &end, 10);
    *seconds = (unsigned)number;
    if (*optarg >= '0' && *optarg <= '9' && *end == '\0' && number >= least &&
        number <= INT32_MAX)
        return true;
    fprintf(stderr, "pipeline: --%s takes seconds, %u or more, not \"%s\"\n",
            option, least, optarg);
    return false;
}

static bool take_option(int c, struct pipeline *self)
{
    if (c == 'w')
        return take_seconds("window", 1, &self->window);
    if (c == 'l')
        return take_seconds("late", 0, &self->lateness);
    self->follow = self->follow || c == 'f';
    if (c == 's')
        self->store = optarg;
    else if (c == 'a')
        address = optarg;
    return c != '?';
}

static bool take_all(int argc, char **argv, struct pipeline *self)
{
    bool good = true;
    for (int c; good && (c = getopt_long(argc, argv, "", options, NULL)) != -1;)
        good = take_option(c, self);
    if (!good)
        return false;
    if (argc - optind > 1)
        fputs("pipeline: there is more than one log\n", stderr);
    else if (self->lateness / self->window + 2 > SLOTS)
        fprintf(stderr, "pipeline: --late may be %d windows long\n", SLOTS - 2);
    else
        return true;
    return false;
}

int main(int argc, char **argv)
{
    struct pipeline self = {.table = stdout, .window = 10};
    if (!take_all(argc, argv, &self))
        return 2;
    self.log = argv[optind];
    about = self.log != NULL ? self.log : "standard input";
    int rc = fm_run(program, &self);
    if (rc < 0 && rc != -ECANCELED)
        fprintf(stderr, "pipeline: %s: %s\n", about, fm_strerror(rc));
    return rc < 0 && rc != -ECANCELED;
}
