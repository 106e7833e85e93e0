/*
 * limit_workers_uring.c - the operations and the work of echoes, and no loop
 *
 * All pairs of a thread go at the same pace: one enter passes what their
 * clients ask, one what their servers answer. A receive comes right behind
 * its send, and finds the bytes there.
 */
#include "bare_ring.h"
#include "workload.h"
#include <pthread.h>
#include <sys/socket.h>

struct worker {
    pthread_t thread;
    struct bare_ring ring;
    int pairs[WORKLOAD_PAIRS][2];
    char buffers[WORKLOAD_PAIRS][WORKLOAD_MESSAGE];
    uint64_t number;
    size_t echoes;
};

static void limit_ask(struct worker *worker, uint8_t opcode, int fd,
                      char *buffer)
{
    struct bare_sqe *sqe = bare_ring_sqe(&worker->ring);

    sqe->opcode = opcode;
    sqe->fd = fd;
    sqe->address = (uint64_t)(uintptr_t)buffer;
    sqe->size = WORKLOAD_MESSAGE;
    if (opcode == BARE_OP_SEND)
        sqe->flags = BARE_SQE_SKIP_SUCCESS;
}

/* From one end of each pair to the other. */
static void limit_pass(struct worker *worker, int from)
{
    for (int i = 0; i < WORKLOAD_PAIRS; i++) {
        char *buffer = worker->buffers[i];
        limit_ask(worker, BARE_OP_SEND, worker->pairs[i][from], buffer);
        limit_ask(worker, BARE_OP_RECV, worker->pairs[i][!from], buffer);
    }
    bare_ring_enter(&worker->ring, WORKLOAD_PAIRS, 1000000);

    struct bare_ring *ring = &worker->ring;
    uint32_t head = *ring->cq_head;
    if (bare_ring_ready(ring) != WORKLOAD_PAIRS)
        exit(1);
    for (uint32_t i = 0; i < WORKLOAD_PAIRS; i++)
        if (ring->cqes[(head + i) & ring->cq_mask].result != WORKLOAD_MESSAGE)
            exit(1);
    __atomic_store_n(ring->cq_head, head + WORKLOAD_PAIRS, __ATOMIC_RELEASE);
}

static void limit_open(struct worker *worker)
{
    worker->number = 1;
    bare_ring_open(&worker->ring, 2 * WORKLOAD_PAIRS, 4 * WORKLOAD_PAIRS);
    for (int i = 0; i < WORKLOAD_PAIRS; i++)
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, worker->pairs[i]) < 0)
            exit(1);
}

static void *limit_worker(void *arg)
{
    struct worker *worker = arg;

    limit_open(worker);
    while (!workload_over()) {
        limit_pass(worker, 0);
        for (int i = 0; i < WORKLOAD_PAIRS; i++) {
            worker->number = workload_work(worker->number);
            worker->buffers[i][0] = (char)worker->number;
        }
        limit_pass(worker, 1);
        worker->echoes += WORKLOAD_PAIRS;
    }
    for (int i = 0; i < WORKLOAD_PAIRS; i++) {
        close(worker->pairs[i][0]);
        close(worker->pairs[i][1]);
    }
    close(worker->ring.real_fd);
    return NULL;
}

static size_t limit_run(size_t loops)
{
    struct worker *workers = calloc(loops, sizeof *workers);
    size_t echoes = 0;

    if (workers == NULL)
        exit(1);
    for (size_t i = 0; i < loops; i++)
        if (pthread_create(&workers[i].thread, NULL, limit_worker,
                           &workers[i]) != 0)
            exit(1);
    for (size_t i = 0; i < loops; i++) {
        pthread_join(workers[i].thread, NULL);
        echoes += workers[i].echoes;
    }
    free(workers);
    return echoes;
}

int main(void)
{
    workload_measure(limit_run);
    return 0;
}
