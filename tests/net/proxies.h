/*
 * proxies.h - connections over a proxy that is a task of the test
 *
 * It hears what it expects, and says what it is told, in one piece or byte by
 * byte.
 */
#ifndef TESTS_NET_PROXIES_H
#define TESTS_NET_PROXIES_H

#include "neighbours.h"

#include <fermata/error.h>

#define GREETING LINE("\x05\x01\x00", "\x05\x00")
#define ASKED                                                                  \
    "\x05\x01\x00\x03\x0c"                                                     \
    "far.example.\x01\xbb"
#define STANDS "\x05\x00\x00\x01\x7f\x00\x00\x01\x12\x34"
#define CONNECT                                                                \
    "CONNECT far.example:443 HTTP/1.1\r\nHost: far.example:443\r\n\r\n"
#define TUNNEL "HTTP/1.1 200 Connection established\r\n\r\n"

/* What it hears before it says something. */
struct line {
    const char *hears;
    size_t heard;
    const char *says;
    size_t said;
};

#define LINE(hears, says) {hears, sizeof hears - 1, says, sizeof says - 1}
#define LINES_MAX 4

struct actor {
    fm_listener *listener;
    const struct line *lines;
    bool piecemeal;
    bool leaves; /* after the last line; else it echoes */
};

static inline int actor_say(fm_stream *client, const struct line *line,
                            bool piecemeal)
{
    size_t piece = piecemeal ? 1 : line->said;
    for (size_t at = 0; at < line->said; at += piece) {
        ssize_t n = fm_write(client, line->says + at, piece);
        int rc = n < 0 ? (int)n : fm_flush(client);
        if (rc == 0 && piecemeal)
            rc = fm_yield();
        if (rc < 0)
            return rc;
    }
    return 0;
}

static inline int actor_echo(fm_stream *client)
{
    char buf[64];
    ssize_t n;
    while ((n = fm_read(client, buf, sizeof buf)) > 0)
        fm_write(client, buf, (size_t)n);
    return (int)n;
}

static inline int actor(struct actor *self)
{
    fm_stream *client;
    char heard[2048];
    int rc = fm_accept(self->listener, &client);
    if (rc < 0)
        return rc;
    for (const struct line *line = self->lines; line->hears != NULL; line++) {
        ssize_t n = fm_read_exactly(client, heard, line->heard);
        if (n != (ssize_t)line->heard)
            break;
        if (memcmp(heard, line->hears, line->heard) != 0)
            test_fail(__FILE__, __LINE__, "the proxy heard something else");
        if (actor_say(client, line, self->piecemeal) < 0)
            break;
    }
    if (!self->leaves)
        actor_echo(client);
    fm_close(client);
    return 0;
}

/* One connection over a proxy that acts like this. */
struct play {
    const char *scheme; /* with the login */
    const char *target;
    struct line lines[LINES_MAX];
    bool piecemeal;
    bool leaves;
};

static fm_connect_failures play_failures;

static inline int play_connect(const struct play *play, const char *at,
                               fm_stream **stream)
{
    char proxy[1024];
    snprintf(proxy, sizeof proxy, "%s%s", play->scheme, at);
    const fm_connect_options options = {.proxy = proxy,
                                        .failures = &play_failures};
    return fm_connect(play->target, stream, &options);
}

/* What fm_connect returns; where it succeeds the echo is heard. */
static inline int play_run(const struct play *play)
{
    fm_stream *stream = NULL;
    fm_listener *listener = listen_here();
    fm_task *task =
        fm_go(actor, listener, play->lines, play->piecemeal, play->leaves);
    int rc = play_connect(play, where(listener), &stream);
    CHECK((rc == 0) == (stream != NULL));
    if (rc == 0 && !play->leaves)
        check_says(stream, stream, "through");
    fm_close(stream);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(fm_listener_close(listener), 0);
    return rc;
}

static inline void check_play(struct play play, int result)
{
    CHECK_INT(play_run(&play), result);
    play.piecemeal = true;
    CHECK_INT(play_run(&play), result);
}

#endif
