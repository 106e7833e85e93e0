/*
 * process_talk.c - a process is fed and heard, all at once
 *
 * One task feeds, one reads each output, and one waits for the process's end,
 * to give up what others hold open. Invariant: the outputs are always strings
 * that fit their sizes, whenever a member stops.
 */
#include "base/memory.h"
#include "io/process_record.h"
#include "io/stream_record.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/fd.h>
#include <fermata/sleep.h>
#include <sys/epoll.h>

enum {
    TALK_FIRST = 4096,  /* bytes of an output's first room */
    TALK_PIECE = 65536, /* of the input at a time */
    TALK_LINGER = 1
};

struct talk {
    fm_process *process;
    fm_process_talk *said;
    size_t limit;
    size_t moved;     /* bytes, both ways */
    unsigned members; /* that are not done */
    int failed;       /* the first that was not done with all of it */
    bool held;        /* others kept a pipe */
    fm_group group;
};

/* An output of the process, while it comes. */
struct hearing {
    fm_stream *stream;
    char **bytes;
    size_t *size;
    size_t room;
};

/* ---- The input ---------------------------------------------------------- */

/* A member is done; rc < 0: not with all of it. */
static int process_talk_done(struct talk *talk, int rc)
{
    talk->members--;
    if (rc < 0 && talk->failed == 0)
        talk->failed = rc;
    return rc;
}

/* Who reads no more is not to be fed; a terminal says so in its own way. */
static bool process_talk_sated(const struct talk *talk, int rc)
{
    return rc == -EPIPE || (rc == -EIO && talk->process->terminal);
}

struct process_talk_feed {
    struct talk *talk;
};

static int process_talk_feed(struct process_talk_feed *self)
{
    struct talk *talk = self->talk;
    fm_stream *stream = talk->process->streams[0];
    const char *bytes = talk->said->input;
    size_t left = bytes != NULL ? talk->said->input_size : 0;
    ssize_t count = 0;
    while (left > 0 && count >= 0) {
        count = fm_write(stream, bytes, left < TALK_PIECE ? left : TALK_PIECE);
        if (count < 0)
            break;
        bytes += count;
        left -= (size_t)count;
        talk->moved += (size_t)count;
    }
    int rc = count < 0 ? (int)count : 0;
    if (!talk->process->terminal) {
        int closed = fm_process_close_stream(talk->process, 0);
        rc = rc < 0 ? rc : closed;
    }
    return process_talk_done(talk, process_talk_sated(talk, rc) ? 0 : rc);
}

/* ---- An output ---------------------------------------------------------- */

/* Room for more, and a NUL. */
static int process_talk_grow(const struct talk *talk, struct hearing *hearing)
{
    size_t room = hearing->room > 0 ? hearing->room * 2 : TALK_FIRST;
    if (room - 1 > talk->limit)
        room = talk->limit + 1;
    char *bytes = fm__memory_resize(*hearing->bytes, room);
    if (bytes == NULL)
        return -ENOMEM;
    *hearing->bytes = bytes;
    hearing->room = room;
    return 0;
}

/* At the limit one more byte is one too many. */
static ssize_t process_talk_overflow(const struct hearing *hearing)
{
    char byte;
    ssize_t count = fm_read(hearing->stream, &byte, 1);
    return count > 0 ? -EMSGSIZE : count;
}

static ssize_t process_talk_hear_some(struct talk *talk,
                                      struct hearing *hearing)
{
    size_t size = *hearing->size;
    if (size == talk->limit)
        return process_talk_overflow(hearing);
    if (size + 1 == hearing->room) {
        int rc = process_talk_grow(talk, hearing);
        if (rc < 0)
            return rc;
    }
    ssize_t count = fm_read(hearing->stream, *hearing->bytes + size,
                            hearing->room - 1 - size);
    if (count > 0) {
        *hearing->size += (size_t)count;
        (*hearing->bytes)[*hearing->size] = '\0';
        talk->moved += (size_t)count;
    }
    return count;
}

struct process_talk_hear {
    struct talk *talk;
    int which;
};

static int process_talk_hear(struct process_talk_hear *self)
{
    struct talk *talk = self->talk;
    fm_process_talk *said = talk->said;
    bool output = self->which == 1;
    struct hearing hearing = {
        .stream = talk->process->streams[self->which],
        .bytes = output ? &said->output : &said->errors,
        .size = output ? &said->output_size : &said->errors_size,
    };
    ssize_t count = process_talk_grow(talk, &hearing);
    if (count == 0)
        (*hearing.bytes)[0] = '\0';
    for (bool more = count == 0; more; more = count > 0)
        count = process_talk_hear_some(talk, &hearing);
    if (count == -EIO && talk->process->terminal)
        count = 0; /* pty(7): nobody has it open any more */
    return process_talk_done(talk, (int)count);
}

/* ---- Who holds a pipe of one that has ended ----------------------------- */

static bool process_talk_has_more(const struct talk *talk)
{
    struct fm__loop *loop = talk->process->loop;
    for (int i = 1; i < 3; i++) {
        const fm_stream *stream = talk->process->streams[i];
        if (stream != NULL &&
            loop->backend->events(loop, fm_stream_fd(stream), EPOLLIN) != 0)
            return true;
    }
    return false;
}

struct process_talk_watch {
    struct talk *talk;
};

/* Who was slow is not taken for who is silent: what has come was to be read
 * first. */
static int process_talk_watch(struct process_talk_watch *self)
{
    struct talk *talk = self->talk;
    double linger = talk->said->linger;
    size_t before;
    int rc = fm__process_await(talk->process);
    do {
        before = talk->moved;
        if (rc == 0)
            rc = fm_sleep(linger > 0 ? linger : (double)TALK_LINGER);
        for (int i = 0; rc == 0 && i < 2; i++)
            rc = fm_yield();
    } while (rc == 0 && (before != talk->moved || process_talk_has_more(talk)));
    if (rc == 0 && talk->members > 0) {
        talk->held = true;
        fm_group_cancel(&talk->group);
    }
    return rc;
}

/* ---- All of it ---------------------------------------------------------- */

/* The process's, as a new one of its members. */
static int process_talk_start(struct talk *talk)
{
    const fm_process *process = talk->process;
    int rc = 0;
    if (process->streams[0] != NULL)
        rc = fm_group_go(&talk->group, process_talk_feed, talk);
    if (process->streams[0] != NULL && rc == 0)
        talk->members++;
    for (int i = 1; i < 3 && rc == 0; i++) {
        bool same = i == 2 && process->streams[1] == process->streams[2];
        if (process->streams[i] == NULL || same)
            continue;
        rc = fm_group_go(&talk->group, process_talk_hear, talk, i);
        talk->members += rc == 0;
    }
    return rc;
}

static int process_talk_run(struct talk *talk)
{
    fm_group_open(&talk->group, NULL);
    fm_task *watch = NULL;
    int rc = process_talk_start(talk);
    if (rc == 0 && talk->members > 0) {
        watch = fm_go(process_talk_watch, talk);
        rc = watch != NULL ? 0 : -ENOMEM;
    }
    if (rc < 0)
        fm_group_cancel(&talk->group);
    int result = fm_group_close(&talk->group);
    if (watch != NULL)
        (void)fm_stop(watch);
    if (rc == 0 && result == 0 && !talk->held)
        rc = talk->failed; /* one was cancelled, which a group forgives */
    return rc < 0 ? rc : result;
}

int fm_process_communicate(fm_process *process, fm_process_talk *said)
{
    int rc = fm__checkpoint(fm__current, "fm_process_communicate");
    if (rc < 0)
        return rc;
    fm__process_check(process, "fm_process_communicate");
    struct talk talk = {
        .process = process,
        .said = said,
        .limit = said->limit > 0 ? said->limit : FM_PROCESS_TALK_LIMIT,
    };
    said->output = said->errors = NULL;
    said->output_size = said->errors_size = 0;
    rc = process_talk_run(&talk);
    if (rc < 0)
        return rc;
    int status = fm_process_wait(process);
    return talk.held && status >= 0 ? -FM_EHELD : status;
}

void fm_process_talk_clear(fm_process_talk *talk)
{
    fm__memory_free(talk->output);
    fm__memory_free(talk->errors);
    talk->output = talk->errors = NULL;
    talk->output_size = talk->errors_size = 0;
}

/* What the options leave open is what a talk is for. */
static fm_process_options
process_talk_options(const fm_process_options *options,
                     const fm_process_talk *said)
{
    fm_process_options own = {0};
    if (options != NULL)
        own = *options;
    if (said == NULL)
        return own;
    if (own.in == FM_PROCESS_INHERIT)
        own.in = said->input != NULL ? FM_PROCESS_PIPE : FM_PROCESS_NULL;
    if (own.out == FM_PROCESS_INHERIT)
        own.out = FM_PROCESS_PIPE;
    if (own.err == FM_PROCESS_INHERIT)
        own.err = FM_PROCESS_PIPE;
    return own;
}

int fm__process_run(const char *const *argv, fm_process_talk *said,
                    const fm_process_options *options)
{
    const fm_process_options own = process_talk_options(options, said);
    fm_process *process;
    if (said != NULL) {
        said->output = said->errors = NULL;
        said->output_size = said->errors_size = 0;
    }
    int rc = fm__process_start(argv, &process, &own);
    if (rc < 0)
        return rc;
    rc = said != NULL ? fm_process_communicate(process, said)
                      : fm_process_wait(process);
    int status = fm_process_close(process);
    return rc < 0 ? rc : status;
}
