/*
 * limit_echo_uring.c - an echo server that is nothing but io_uring
 *
 * limit_echo_uring SIZE COUNT: buffers for what is received. One accept and
 * one receive for each connection stay in the kernel; a receive takes a buffer
 * from the shared ring, it is sent as it lies there, and then given back. A
 * turn is one system call: it waits for its own sends, which nearly always end
 * at once, and for as many receives as the turns before had; but for no longer
 * than URING_LEAST, unless there are none.
 */
#include "bare_ring.h"
#include "measure.h"
#include <stdbool.h>

enum {
    URING_ENTRIES = 1024,
    URING_COMPLETIONS = 8192,
    URING_SOCKETS = 65536,
    URING_LEAST = 50, /* microseconds */
    URING_MOST = 64,  /* receives to wait for */
    URING_UNIT = 16,  /* of `usual` */
    NONE = UINT16_MAX
};

struct part {
    uint16_t next; /* received after this one, and not sent yet */
    uint32_t size;
};

struct conn {
    uint16_t first, last; /* parts to send, the first is being sent */
    bool receiving, starved;
    uint32_t sent; /* of the first */
};

static struct bare_ring ring;
static struct bare_pool pool;
static struct part *parts; /* by buffer */
static struct conn conns[URING_SOCKETS];
static int starved[URING_SOCKETS], starving;
static int listener;
static uint32_t sending, received; /* in this turn */

static void uring_accept(void)
{
    struct bare_sqe *sqe = bare_ring_sqe(&ring);

    sqe->opcode = BARE_OP_ACCEPT;
    sqe->priority = BARE_ACCEPT_MULTISHOT;
    sqe->fd = listener;
    sqe->how = SOCK_CLOEXEC;
    sqe->user_data = BARE_OP_ACCEPT;
}

static void conn_receive(int fd)
{
    struct bare_sqe *sqe = bare_ring_sqe(&ring);

    sqe->opcode = BARE_OP_RECV;
    sqe->flags = BARE_SQE_BUFFER_SELECT;
    sqe->priority = BARE_RECV_MULTISHOT;
    sqe->fd = fd;
    sqe->user_data = (uint64_t)fd << 8 | BARE_OP_RECV;
    conns[fd].receiving = true;
}

static void conn_send(int fd)
{
    struct conn *conn = &conns[fd];
    struct bare_sqe *sqe = bare_ring_sqe(&ring);

    sending++;
    sqe->opcode = BARE_OP_SEND;
    sqe->fd = fd;
    sqe->address =
        (uint64_t)(uintptr_t)bare_pool_at(&pool, conn->first) + conn->sent;
    sqe->size = parts[conn->first].size - conn->sent;
    sqe->how = MSG_WAITALL | MSG_NOSIGNAL;
    sqe->user_data = (uint64_t)fd << 8 | BARE_OP_SEND;
}

static void conn_close_if_done(int fd)
{
    if (!conns[fd].receiving && !conns[fd].starved && conns[fd].first == NONE)
        close(fd);
}

static void conn_received(int fd, const struct bare_cqe *cqe)
{
    struct conn *conn = &conns[fd];
    uint16_t id = (uint16_t)(cqe->flags >> BARE_CQE_SHIFT);

    conn->receiving = (cqe->flags & BARE_CQE_MORE) != 0;
    if (cqe->result == -ENOBUFS) {
        conn->starved = true;
        starved[starving++] = fd;
    }
    if (cqe->result <= 0) {
        conn_close_if_done(fd);
        return;
    }
    parts[id] = (struct part){NONE, (uint32_t)cqe->result};
    if (conn->first == NONE) {
        conn->first = conn->last = id;
        conn->sent = 0;
        conn_send(fd);
    } else {
        parts[conn->last].next = id;
        conn->last = id;
    }
    if (!conn->receiving)
        conn_receive(fd);
}

/* A broken connection gives its parts back one by one, unsent. */
static void conn_sent(int fd, int32_t result)
{
    struct conn *conn = &conns[fd];
    struct part *part = &parts[conn->first];

    conn->sent = result < 0 ? part->size : conn->sent + (uint32_t)result;
    if (conn->sent == part->size) {
        bare_pool_give(&pool, conn->first);
        conn->first = part->next;
        conn->sent = 0;
    }
    if (conn->first != NONE)
        conn_send(fd);
    else
        conn_close_if_done(fd);
}

static void uring_accepted(const struct bare_cqe *cqe)
{
    if (cqe->result >= 0 && cqe->result < URING_SOCKETS) {
        conns[cqe->result] = (struct conn){.first = NONE};
        conn_receive(cqe->result);
    }
    if ((cqe->flags & BARE_CQE_MORE) == 0)
        uring_accept();
}

static void uring_completed(const struct bare_cqe *cqe)
{
    int fd = (int)(cqe->user_data >> 8);
    uint8_t operation = (uint8_t)cqe->user_data;

    received += operation != BARE_OP_SEND;
    if (operation == BARE_OP_RECV)
        conn_received(fd, cqe);
    else if (operation == BARE_OP_SEND)
        conn_sent(fd, cqe->result);
    else
        uring_accepted(cqe);
}

/* Buffers came back: those that found none may receive again. */
static void uring_feed(void)
{
    while (starving > 0) {
        int fd = starved[--starving];
        conns[fd].starved = false;
        conn_receive(fd);
    }
}

static void uring_turn(void)
{
    uint32_t count = bare_ring_ready(&ring);
    uint32_t head = *ring.cq_head;

    for (uint32_t i = 0; i < count; i++)
        uring_completed(&ring.cqes[(head + i) & ring.cq_mask]);
    __atomic_store_n(ring.cq_head, head + count, __ATOMIC_RELEASE);
    bare_pool_publish(&pool);
    uring_feed();
}

int main(int argc, char **argv)
{
    size_t size = measure_argument(argc, argv, 1, 4096);
    size_t count = measure_argument(argc, argv, 2, 256);
    uint32_t usual = 0; /* receives of a turn; a quarter is forgotten each */

    parts = calloc(count, sizeof *parts);
    bare_ring_open(&ring, URING_ENTRIES, URING_COMPLETIONS);
    bare_pool_open(&pool, &ring, (uint32_t)count, size);
    listener = bare_listen_as(argc, argv);
    uring_accept();
    for (;;) {
        uint32_t many = usual / URING_UNIT;
        uint32_t wanted = many > 1 ? sending + many : 1;
        sending = received = 0;
        bare_ring_enter(&ring, wanted, many > 1 ? URING_LEAST : 0);
        uring_turn();
        received = received < URING_MOST ? received : URING_MOST;
        usual += received * URING_UNIT / 4 - usual / 4;
    }
}
