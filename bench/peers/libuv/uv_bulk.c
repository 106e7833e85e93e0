/*
 * uv_bulk.c - libuv: one write after the other, as fast as they are done
 *
 * uv_bulk PORT @NAME TLS-PORT; it has no TLS
 */
#include "bulk.h"
#include <uv.h>

static uv_buf_t chunk;
static uv_write_t request;
static int sent;

static void bulk_written(uv_write_t *write, int status)
{
    uv_stream_t *stream = write->handle;

    if (status < 0)
        exit(1);
    if (++sent < BULK_COUNT)
        uv_write(&request, stream, &chunk, 1, bulk_written);
    else
        uv_close((uv_handle_t *)stream, NULL);
}

static void bulk_send(uv_stream_t *stream)
{
    sent = 0;
    uv_write(&request, stream, &chunk, 1, bulk_written);
    uv_run(stream->loop, UV_RUN_DEFAULT);
}

int main(int argc, char **argv)
{
    uv_loop_t *loop = uv_default_loop();
    uv_tcp_t tcp;
    uv_pipe_t local;

    if (argc != 1 + BULK_PLACES)
        return 2;
    chunk = uv_buf_init(bulk_bytes, sizeof bulk_bytes);
    uv_tcp_init(loop, &tcp);
    uv_tcp_open(&tcp, bulk_connect(argv[1]));
    bulk_send((uv_stream_t *)&tcp);
    uv_pipe_init(loop, &local, 0);
    uv_pipe_open(&local, bulk_connect(argv[2])); /* 1.46 has abstract names */
    bulk_send((uv_stream_t *)&local);
    return 0;
}
