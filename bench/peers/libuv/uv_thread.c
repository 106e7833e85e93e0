/*
 * uv_thread.c - libuv: calls on its thread pool, COUNT under way at a time
 */
#include "measure.h"
#include <uv.h>

enum {
    THREAD_CALLS = 2000
};

static uv_work_t *works;
static size_t count, sent;

static void thread_call(uv_work_t *work)
{
    work->data = work;
}

static void thread_called(uv_work_t *work, int status)
{
    (void)status;
    if (sent++ < THREAD_CALLS)
        uv_queue_work(work->loop, work, thread_call, thread_called);
}

static void thread_round_trips(void)
{
    sent = count;
    for (size_t i = 0; i < count; i++)
        uv_queue_work(uv_default_loop(), &works[i], thread_call, thread_called);
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}

int main(int argc, char **argv)
{
    char name[32];

    count = measure_argument(argc, argv, 1, 1);
    works = calloc(count, sizeof *works);
    snprintf(name, sizeof name, "%zu", count);
    measure("thread", name, THREAD_CALLS, thread_round_trips);
    free(works);
    return 0;
}
