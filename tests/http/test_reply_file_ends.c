/*
 * test_reply_file_ends.c - files that change and clients that stop meanwhile
 */
#include "io/file_kit.h"

#include "harness.h"

#include <errno.h>

#define SIZE (4 * 1024 * 1024) /* more than streams keep */

static struct kit kit;
static const char *path;
static char bytes[65536];

static int reply(fm_exchange *exchange, void *arg)
{
    (void)arg;
    return fm_reply_file(exchange, path);
}

struct server {
    fm_stream *stream;
    double write_timeout;
};

static int server(struct server *self)
{
    const fm_http_serve_options options = {.write_timeout =
                                               self->write_timeout};
    int rc = fm_http_serve_stream(self->stream, reply, NULL, &options);
    fm_close(self->stream);
    return rc;
}

/* A server whose client has asked for the file. */
static fm_task *begin(fm_stream **client, double write_timeout)
{
    static const char request[] =
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    fm_stream *ends[2];
    kit_open(&kit);
    path = kit_make(&kit, "file", SIZE);
    CHECK_INT(fm_stream_pair(ends), 0);
    *client = ends[0];
    fm_task *task = fm_go(server, ends[1], write_timeout);
    CHECK_INT(fm_write(*client, request, sizeof request - 1),
              sizeof request - 1);
    return task;
}

static void end(fm_stream *client)
{
    fm_close(client);
    kit_close(&kit);
}

static void hear_head(fm_stream *client)
{
    ssize_t size = fm_read_until(client, "\r\n\r\n", bytes, sizeof bytes);
    CHECK(size > 0 && memcmp(bytes, "HTTP/1.1 200 ", 13) == 0);
    bytes[size] = '\0';
    CHECK(strstr(bytes, "\r\nContent-Length: 4194304\r\n") != NULL);
}

/* How many bytes come up to the end, all as they were in the file. */
static size_t hear_body(fm_stream *client)
{
    size_t heard = 0;
    ssize_t size;
    while ((size = fm_read(client, bytes, sizeof bytes)) > 0) {
        CHECK(kit_is_right(bytes, (size_t)size, heard));
        heard += (size_t)size;
    }
    return heard;
}

STORY(a_large_file_comes_whole)
{
    fm_stream *client;
    fm_task *task = begin(&client, 0);
    hear_head(client);
    CHECK_INT(hear_body(client), SIZE);
    CHECK_INT(fm_await(task), 0);
    end(client);
}

STORY(a_file_that_becomes_shorter_breaks_its_reply_off)
{
    fm_stream *client;
    fm_task *task = begin(&client, 0);
    hear_head(client);
    CHECK_INT(truncate(path, 0), 0);
    CHECK(hear_body(client) < SIZE);
    CHECK_INT(fm_await(task), -FM_EHTTPSHORT);
    end(client);
}

STORY(of_a_file_that_grows_comes_what_was_said)
{
    fm_stream *client;
    fm_task *task = begin(&client, 0);
    hear_head(client);
    CHECK_INT(truncate(path, SIZE + 1000), 0);
    CHECK_INT(hear_body(client), SIZE);
    CHECK_INT(fm_await(task), 0);
    end(client);
}

STORY(a_client_that_takes_nothing_is_given_up)
{
    fm_stream *client;
    fm_task *task = begin(&client, 0.01);
    CHECK_INT(fm_await(task), -FM_EPEERTIMEOUT);
    end(client);
}

STORY(a_reply_that_is_cut_is_broken_off)
{
    fm_stream *client;
    fm_task *task = begin(&client, 0);
    hear_head(client);
    CHECK_INT(fm_stop(task), -ECANCELED);
    CHECK(hear_body(client) < SIZE);
    end(client);
}

STORY(a_client_that_leaves_is_not_waited_for)
{
    fm_stream *client;
    fm_task *task = begin(&client, 0);
    hear_head(client);
    fm_abort(client);
    int rc = fm_await(task);
    CHECK(rc == -EPIPE || rc == -ECONNRESET);
    end(NULL);
}
