/*
 * sweep_talk.c - a client that asks, and a server of HTTP that answers
 */
#include "fault/sweep_talk.h"

#include <string.h>

int sweep_told(int rc)
{
    return rc == -EPIPE || rc == -FM_EEOF || rc == -ENODATA ||
                   rc == -FM_EHTTPSHORT
               ? -ECONNRESET
               : rc;
}

/* Each ends its own end, and says so. */
struct talk_asks {
    fm_stream **end;
    sweep_ask ask;
};

static int talk_asks(struct talk_asks *self)
{
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = self->ask(*self->end);
    fm_close(*self->end);
    *self->end = NULL;
    return sweep_end(block, sweep_told(rc));
}

struct talk_answers {
    fm_stream **end;
    const struct sweep_talk *talk;
};

static int talk_answers(struct talk_answers *self)
{
    const struct sweep_talk *talk = self->talk;
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = fm_http_serve_stream(*self->end, talk->handler, talk->arg,
                                  talk->options);
    int closed = fm_close(*self->end);
    *self->end = NULL;
    return sweep_end(block, sweep_told(rc < 0 ? rc : closed));
}

int sweep_talk(const struct sweep_talk *talk)
{
    fm_stream *ends[2];
    int rc = fm_stream_pair(ends);
    if (rc < 0)
        return rc;
    rc = fm_gather(fm_go(talk_answers, &ends[1], talk),
                   fm_go(talk_asks, &ends[0], talk->ask));
    fm_close(ends[0]);
    fm_close(ends[1]);
    return rc;
}

int sweep_asker(struct sweep_asker *asker)
{
    void *block;
    fm_stream *stream = NULL;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = fm_connect(asker->address, &stream);
    if (rc == 0)
        rc = asker->ask(stream);
    int closed = fm_close(stream);
    return sweep_end(block, sweep_told(rc < 0 ? rc : closed));
}

ssize_t sweep_say_and_hear(fm_stream *stream, const char *words, char *heard,
                           size_t room)
{
    size_t size = 0;
    heard[0] = '\0';
    ssize_t n = fm_write(stream, words, strlen(words));
    if (n >= 0)
        n = fm_flush(stream);
    if (n < 0)
        return n;
    while ((n = fm_read(stream, heard + size, room - 1 - size)) > 0) {
        size += (size_t)n;
        heard[size] = '\0';
    }
    return n < 0 ? n : (ssize_t)size;
}
