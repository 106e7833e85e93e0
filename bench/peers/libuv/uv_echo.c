/*
 * uv_echo.c - libuv: an echo server
 *
 * As its manual has it, but that reads share one buffer and writes try first:
 * the request of a write is allocated only when something is left over.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static void echo_connected(uv_stream_t *listener, int status)
{
    uv_tcp_t *client = malloc(sizeof *client);

    if (status < 0 || client == NULL)
        exit(1);
    uv_tcp_init(listener->loop, client);
    if (uv_accept(listener, (uv_stream_t *)client) < 0)
        exit(1);
    uv_tcp_nodelay(client, 1);
    uv_read_start((uv_stream_t *)client, echo_lend, echo_read);
}

int main(void)
{
    uv_loop_t *loop = uv_default_loop();
    struct sockaddr_in address;
    int size = sizeof address;
    uv_tcp_t listener;

    uv_tcp_init(loop, &listener);
    uv_ip4_addr("127.0.0.1", 0, &address);
    uv_tcp_bind(&listener, (struct sockaddr *)&address, 0);
    if (uv_listen((uv_stream_t *)&listener, 1024, echo_connected) < 0)
        return 1;
    uv_tcp_getsockname(&listener, (struct sockaddr *)&address, &size);
    printf("listening %d\n", ntohs(address.sin_port));
    fflush(stdout);
    return uv_run(loop, UV_RUN_DEFAULT);
}
