/*
 * uv_echo.c - libuv: an echo server
 *
 * uv_echo [local]
 *
 * As its manual has it, but that reads share one buffer and writes try first:
 * the request of a write is allocated only when something is left over.
 */
#include "bare_server.h"
#include <uv.h>

enum {
    BUFFER = 64 * 1024
};

struct echo_rest {
    uv_write_t request;
    char bytes[];
};

static char buffer[BUFFER];

static void echo_closed(uv_handle_t *handle)
{
    free(handle);
}

static void echo_lend(uv_handle_t *handle, size_t wanted, uv_buf_t *lent)
{
    (void)handle;
    (void)wanted;
    *lent = uv_buf_init(buffer, sizeof buffer);
}

static void echo_written(uv_write_t *request, int status)
{
    (void)status;
    free(request);
}

static void echo_write(uv_stream_t *stream, uv_buf_t bytes)
{
    int rc = uv_try_write(stream, &bytes, 1);
    size_t done = rc > 0 ? (size_t)rc : 0;

    if (done == bytes.len)
        return;
    size_t left = bytes.len - done;
    struct echo_rest *rest = malloc(sizeof *rest + left);
    memcpy(rest->bytes, bytes.base + done, left);
    uv_buf_t whole = uv_buf_init(rest->bytes, (unsigned)left);
    uv_write(&rest->request, stream, &whole, 1, echo_written);
}

static void echo_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *read)
{
    if (size < 0)
        uv_close((uv_handle_t *)stream, echo_closed);
    else if (size > 0)
        echo_write(stream, uv_buf_init(read->base, (unsigned)size));
}

/* Of either kind. */
union echo_client {
    uv_tcp_t tcp;
    uv_pipe_t local;
};

static void echo_connected(uv_stream_t *listener, int status)
{
    union echo_client *client = malloc(sizeof *client);
    uv_stream_t *stream = (uv_stream_t *)client;

    if (status < 0 || client == NULL)
        exit(1);
    if (listener->type == UV_TCP)
        uv_tcp_init(listener->loop, &client->tcp);
    else
        uv_pipe_init(listener->loop, &client->local, 0);
    if (uv_accept(listener, stream) < 0)
        exit(1);
    if (listener->type == UV_TCP)
        uv_tcp_nodelay(&client->tcp, 1);
    uv_read_start(stream, echo_lend, echo_read);
}

/* It knows abstract names since 1.46: the socket is made without it. */
int main(int argc, char **argv)
{
    uv_loop_t *loop = uv_default_loop();
    union echo_client listener;

    (void)argv;
    if (argc > 1) {
        uv_pipe_init(loop, &listener.local, 0);
        uv_pipe_open(&listener.local, bare_listen_local());
    } else {
        uv_tcp_init(loop, &listener.tcp);
        uv_tcp_open(&listener.tcp, bare_listen());
    }
    if (uv_listen((uv_stream_t *)&listener, 1024, echo_connected) < 0)
        return 1;
    return uv_run(loop, UV_RUN_DEFAULT);
}
