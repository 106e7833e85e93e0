/*
 * sweep_local.c - scenarios: pairs in memory, pipes, local sockets
 */
#include "fault/sweep.h"

#include "harness.h"

#include "base/fault.h"

#include <string.h>
#include <unistd.h>

#define QUESTION "what is it?\n"
#define ANSWER "it is a stream\n"

/* Whatever fails, what is heard is what was said. */
static const char *local_heard_right(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "bytes or a descriptor were wrong" : NULL;
}

/* A peer that gave up shows in one of three ways. */
static int local_told(int rc)
{
    return rc == -EPIPE || rc == -FM_EEOF ? -ECONNRESET : rc;
}

/* Flushed, so that a fault which no peer would hear of is not waited out. */
static int local_say(fm_stream *stream, const char *text)
{
    ssize_t n = fm_write(stream, text, strlen(text));
    return n < 0 ? (int)n : fm_flush(stream);
}

static int local_hear(fm_stream *stream, const char *text)
{
    char line[40];
    ssize_t n = fm_read_line(stream, line, sizeof line);
    if (n < 0)
        return (int)n;
    sweep_state.noted +=
        strncmp(line, text, (size_t)n) != 0 || (size_t)n != strlen(text) - 1;
    return 0;
}

/* Each has a stream, and closes it: so whoever waits for it is told. */
struct local_asks {
    fm_stream *stream;
};

static int local_asks(struct local_asks *self)
{
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = local_say(self->stream, QUESTION);
    if (rc == 0)
        rc = local_hear(self->stream, ANSWER);
    int closed = fm_close(self->stream);
    return sweep_end(block, local_told(rc < 0 ? rc : closed));
}

struct local_answers {
    fm_stream *stream;
};

static int local_answers(struct local_answers *self)
{
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = local_hear(self->stream, QUESTION);
    if (rc == 0)
        rc = local_say(self->stream, ANSWER);
    int closed = fm_close(self->stream);
    return sweep_end(block, local_told(rc < 0 ? rc : closed));
}

/* A task that could not be started has closed nothing. */
static int local_talk(fm_stream *ends[2])
{
    fm_task *one = fm_go(local_asks, ends[0]);
    if (one == NULL)
        fm_abort(ends[0]);
    fm_task *other = fm_go(local_answers, ends[1]);
    if (other == NULL)
        fm_abort(ends[1]);
    return fm_gather(one, other);
}

static int local_pairs(void *arg)
{
    fm_stream *ends[2];
    (void)arg;
    int rc = fm_stream_pair(ends);
    return rc < 0 ? rc : local_talk(ends);
}

/* ---- One way, and more than fits ----------------------------------------- */

#define BULK 150000

struct local_pours {
    fm_stream *stream;
};

static int local_pours(struct local_pours *self)
{
    static const char bytes[BULK / 3];
    void *block;
    int rc = sweep_begin(&block);
    for (int i = 0; rc == 0 && i < 3; i++) {
        ssize_t n = fm_write(self->stream, bytes, sizeof bytes);
        rc = n < 0 ? (int)n : 0;
    }
    if (rc == 0)
        rc = fm_write_eof(self->stream);
    int closed = fm_close(self->stream);
    return sweep_end(block, local_told(rc < 0 ? rc : closed));
}

struct local_drains {
    fm_stream *stream;
};

static int local_drains(struct local_drains *self)
{
    char bytes[5000];
    void *block;
    size_t got = 0;
    ssize_t n = 1;
    int rc = sweep_begin(&block);
    while (rc == 0 && n > 0) {
        n = fm_read(self->stream, bytes, sizeof bytes);
        got += n > 0 ? (size_t)n : 0;
        rc = n < 0 ? (int)n : 0;
    }
    sweep_state.noted += got > BULK;
    int closed = fm_close(self->stream);
    return sweep_end(block, local_told(rc < 0 ? rc : closed));
}

static int local_flows(fm_stream *from, fm_stream *to)
{
    fm_task *one = fm_go(local_pours, from);
    if (one == NULL)
        fm_abort(from);
    fm_task *other = fm_go(local_drains, to);
    if (other == NULL)
        fm_abort(to);
    return fm_gather(one, other);
}

static int local_pipes(void *arg)
{
    fm_stream *ends[2];
    (void)arg;
    int rc = fm_pipe(ends);
    return rc < 0 ? rc : local_flows(ends[1], ends[0]);
}

static int local_memory_flows(void *arg)
{
    fm_stream *ends[2];
    (void)arg;
    int rc = fm_stream_pair(ends);
    return rc < 0 ? rc : local_flows(ends[0], ends[1]);
}

/* ---- Local sockets ------------------------------------------------------- */

/* Who accepts in the same task as connects: the backlog holds one. */
static int local_meet(unsigned descriptors, fm_stream *ends[2])
{
    const fm_listen_options options = {.stream.descriptors = descriptors};
    const fm_connect_options connect = {.stream = options.stream};
    char address[FM_ADDRESS_TEXT];
    fm_listener *listener;
    int rc = fm_listen("unix:", &listener, &options);
    if (rc < 0)
        return rc;
    fm_address_format(fm_listener_address(listener), address);
    ends[0] = ends[1] = NULL;
    FM_TIMEOUT(sweep_patience(), rc) {
        rc = fm_connect(address, &ends[0], &connect);
        if (rc == 0)
            rc = fm_accept(listener, &ends[1]);
    }
    fm_listener_close(listener);
    if (rc < 0)
        fm_abort(ends[0]);
    return rc;
}

static int local_sockets(void *arg)
{
    fm_stream *ends[2];
    (void)arg;
    int rc = local_meet(0, ends);
    return rc < 0 ? rc : local_talk(ends);
}

static int local_pass(fm_stream *from, fm_stream *to)
{
    int fd = -1;
    ssize_t n = fm_send_descriptor(from, fm_stream_fd(from), "x", 1);
    if (n < 0)
        return (int)n;
    int rc = fm_receive_descriptor(to, &fd);
    if (rc < 0)
        return rc;
    close(fd);
    n = fm_read(to, &(char){0}, 1);
    return n < 0 ? (int)n : 0;
}

static int local_passes(void *arg)
{
    fm_stream *ends[2];
    (void)arg;
    int rc = local_meet(2, ends);
    if (rc < 0)
        return rc;
    if (!test_simulated())
        rc = local_pass(ends[0], ends[1]);
    int one = fm_close(ends[0]), other = fm_close(ends[1]);
    if (rc == 0)
        rc = one < 0 ? one : other;
    return local_told(rc);
}

const struct scenario sweep_local[] = {
    {"memory-pair", local_pairs, .also = {-ECONNRESET},
     .wrong = local_heard_right},
    {"memory-flow", local_memory_flows, .also = {-ECONNRESET},
     .wrong = local_heard_right},
    {"pipe", local_pipes, .also = {-ECONNRESET}, .wrong = local_heard_right},
    {"local-socket", local_sockets, .also = {-ECONNRESET, -ETIMEDOUT},
     .wrong = local_heard_right},
    {"descriptors", local_passes, .also = {-ECONNRESET, -ETIMEDOUT},
     .wrong = local_heard_right},
    {.name = NULL},
};
