/*
 * test_reply_file_slow.c - a file has a client who takes it slowly
 */
#include "io/file_kit.h"

#include "harness.h"

#include <errno.h>

#define SIZE (2 * 1024 * 1024)
#define PATIENCE 10 /* seconds */

static struct kit kit;
static const char *path;
static char bytes[131072];

static int reply(fm_exchange *exchange, void *arg)
{
    (void)arg;
    return fm_reply_file(exchange, path);
}

struct server {
    fm_stream *stream;
};

static int server(struct server *self)
{
    const fm_http_serve_options options = {.write_timeout = PATIENCE};
    int rc = fm_http_serve_stream(self->stream, reply, NULL, &options);
    fm_close(self->stream);
    return rc;
}

/* A client takes so many bytes, every so many seconds: how the server ends. */
static int taken(size_t piece, double pause)
{
    static const char request[] =
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    fm_stream *ends[2];
    kit_open(&kit);
    path = kit_make(&kit, "file", SIZE);
    CHECK_INT(fm_stream_pair(ends), 0);
    fm_task *task = fm_go(server, ends[1]);
    CHECK(fm_write(ends[0], request, sizeof request - 1) > 0);
    while (fm_read_exactly(ends[0], bytes, piece) > 0)
        fm_sleep(pause);
    int rc = fm_await(task);
    fm_close(ends[0]);
    kit_close(&kit);
    return rc;
}

STORY(who_takes_a_file_slowly_and_steadily_gets_it)
{
    CHECK_INT(taken(65536, PATIENCE * 0.4), 0);
}

STORY(who_takes_a_file_too_slowly_is_given_up)
{
    CHECK_INT(taken(1024, PATIENCE * 0.4), -FM_EPEERTIMEOUT);
}
