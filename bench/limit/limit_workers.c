/*
 * limit_workers.c - the system calls and the work of echoes, without a loop
 */
#include "workload.h"
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

struct worker {
    pthread_t thread;
    int pairs[WORKLOAD_PAIRS][2];
    uint64_t number;
    size_t echoes;
};

static void limit_pass(int from, int to, char *buffer)
{
    if (write(from, buffer, WORKLOAD_MESSAGE) != WORKLOAD_MESSAGE ||
        read(to, buffer, WORKLOAD_MESSAGE) != WORKLOAD_MESSAGE)
        exit(1);
}

static void limit_echo(struct worker *worker, const int *pair)
{
    char buffer[WORKLOAD_MESSAGE] = {0};

    limit_pass(pair[0], pair[1], buffer);
    worker->number = workload_work(worker->number);
    buffer[0] = (char)worker->number;
    limit_pass(pair[1], pair[0], buffer);
    worker->echoes++;
}

static void *limit_worker(void *arg)
{
    struct worker *worker = arg;

    worker->number = 1;
    for (int i = 0; i < WORKLOAD_PAIRS; i++)
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, worker->pairs[i]) < 0)
            exit(1);
    while (!workload_over())
        for (int i = 0; i < WORKLOAD_PAIRS; i++)
            limit_echo(worker, worker->pairs[i]);
    for (int i = 0; i < WORKLOAD_PAIRS; i++) {
        close(worker->pairs[i][0]);
        close(worker->pairs[i][1]);
    }
    return NULL;
}

static size_t limit_run(size_t loops)
{
    struct worker workers[2] = {0};
    size_t echoes = 0;

    for (size_t i = 0; i < loops; i++)
        if (pthread_create(&workers[i].thread, NULL, limit_worker,
                           &workers[i]) != 0)
            exit(1);
    for (size_t i = 0; i < loops; i++) {
        pthread_join(workers[i].thread, NULL);
        echoes += workers[i].echoes;
    }
    return echoes;
}

int main(void)
{
    workload_measure(limit_run);
    return 0;
}
