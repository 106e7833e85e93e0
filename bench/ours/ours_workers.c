/*
 * ours_workers.c - Fermata: echoes over socket pairs, with one loop and two
 *
 * ours_workers BACKEND
 */
#include "workload.h"
#include <fermata.h>
#include <sys/socket.h>

struct serve {
    int fd;
};

struct ask {
    int fd;
    size_t *echoes;
};

static fm_run_options options;
static size_t echoes; /* of all workers */

static int serve(struct serve *args)
{
    char buffer[WORKLOAD_MESSAGE];
    uint64_t number = 1;
    fm_stream *stream;
    ssize_t size;

    if (fm_stream_adopt(args->fd, &stream) < 0)
        exit(1);
    while ((size = fm_read(stream, buffer, sizeof buffer)) > 0) {
        number = workload_work(number);
        buffer[0] = (char)number;
        if (fm_write(stream, buffer, (size_t)size) < 0)
            exit(1);
    }
    return fm_close(stream);
}

static int ask(struct ask *args)
{
    char buffer[WORKLOAD_MESSAGE] = {0};
    fm_stream *stream;

    if (fm_stream_adopt(args->fd, &stream) < 0)
        exit(1);
    while (!workload_over()) {
        if (fm_write(stream, buffer, sizeof buffer) < 0 ||
            fm_read_exactly(stream, buffer, sizeof buffer) < 0)
            exit(1);
        ++*args->echoes;
    }
    return fm_close(stream);
}

static int workers_worker(void *arg)
{
    fm_task *tasks[2 * WORKLOAD_PAIRS];
    size_t mine = 0;

    for (int i = 0; i < 2 * WORKLOAD_PAIRS; i += 2) {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
            exit(1);
        tasks[i] = fm_go(serve, pair[0]);
        tasks[i + 1] = fm_go(ask, pair[1], &mine);
    }
    int rc = fm_gather_array(tasks, 2 * WORKLOAD_PAIRS, NULL);
    __atomic_add_fetch((size_t *)arg, mine, __ATOMIC_RELAXED);
    return rc;
}

static size_t workers_run(size_t loops)
{
    size_t before = echoes;

    if (fm_run_workers((unsigned)loops, workers_worker, &echoes, &options) < 0)
        exit(1);
    return echoes - before;
}

int main(int argc, char **argv)
{
    options.backend = argc > 1 ? argv[1] : NULL;
    workload_measure(workers_run);
    return 0;
}
