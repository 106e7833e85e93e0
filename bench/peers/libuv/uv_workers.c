/*
 * uv_workers.c - libuv: echoes over socket pairs, with one loop and with two
 */
#include "workload.h"
#include <sys/socket.h>
#include <uv.h>

struct end {
    uv_pipe_t pipe;
    struct worker *worker; /* a client's; NULL: a server */
    uint64_t number;
    char buffer[WORKLOAD_MESSAGE];
};

struct worker {
    uv_thread_t thread;
    uv_loop_t loop;
    struct end ends[2 * WORKLOAD_PAIRS];
    size_t echoes;
};

static void workers_lend(uv_handle_t *handle, size_t wanted, uv_buf_t *lent)
{
    struct end *end = (struct end *)handle;

    (void)wanted;
    *lent = uv_buf_init(end->buffer, sizeof end->buffer);
}

/* So few bytes always fit. */
static void workers_send(struct end *end)
{
    uv_buf_t bytes = uv_buf_init(end->buffer, sizeof end->buffer);

    if (uv_try_write((uv_stream_t *)&end->pipe, &bytes, 1) != WORKLOAD_MESSAGE)
        exit(1);
}

static void workers_heard(uv_stream_t *stream, ssize_t size,
                          const uv_buf_t *read)
{
    struct end *end = (struct end *)stream;

    (void)read;
    if (size == 0)
        return;
    if (size > 0 && end->worker == NULL) {
        end->number = workload_work(end->number);
        end->buffer[0] = (char)end->number;
        workers_send(end);
    } else if (size > 0) {
        end->worker->echoes++;
        if (!workload_over())
            workers_send(end);
        else
            uv_close((uv_handle_t *)stream, NULL);
    } else {
        uv_close((uv_handle_t *)stream, NULL);
    }
}

static void workers_open(uv_loop_t *loop, struct end *end, int fd)
{
    end->number = 1;
    uv_pipe_init(loop, &end->pipe, 0);
    uv_pipe_open(&end->pipe, fd);
    uv_read_start((uv_stream_t *)&end->pipe, workers_lend, workers_heard);
}

static void workers_loop(void *arg)
{
    struct worker *worker = arg;

    uv_loop_init(&worker->loop);
    for (struct end *end = worker->ends;
         end < worker->ends + 2 * WORKLOAD_PAIRS; end += 2) {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
            exit(1);
        workers_open(&worker->loop, &end[0], pair[0]);
        workers_open(&worker->loop, &end[1], pair[1]);
        end->worker = worker;
        workers_send(end);
    }
    uv_run(&worker->loop, UV_RUN_DEFAULT);
    uv_loop_close(&worker->loop);
}

static size_t workers_run(size_t loops)
{
    struct worker *workers = calloc(loops, sizeof *workers);
    size_t echoes = 0;

    if (workers == NULL)
        exit(1);
    for (size_t i = 0; i < loops; i++)
        if (uv_thread_create(&workers[i].thread, workers_loop, &workers[i]) < 0)
            exit(1);
    for (size_t i = 0; i < loops; i++) {
        uv_thread_join(&workers[i].thread);
        echoes += workers[i].echoes;
    }
    free(workers);
    return echoes;
}

int main(void)
{
    workload_measure(workers_run);
    return 0;
}
