/*
 * limit_http_uring.c - a fixed answer of HTTP, and nothing but io_uring
 *
 * limit_http_uring [plaintext|json|file]
 *
 * As limit_echo_uring.c: a turn is one system call, which waits for its own
 * sends and as many receives as the turns before had. A buffer is given back
 * when its empty lines are counted.
 */
#include "bare_http.h"
#include "bare_ring.h"
#include <stdbool.h>

enum {
    URING_ENTRIES = 1024,
    URING_COMPLETIONS = 8192,
    URING_SOCKETS = 65536,
    URING_LEAST = 50, /* microseconds */
    URING_MOST = 64,  /* receives to wait for */
    URING_UNIT = 16,  /* of `usual` */
    URING_BUFFER = 4096,
    URING_BUFFERS = 256
};

struct conn {
    size_t owed; /* bytes, also those that are being sent */
    bool receiving, sending, starved;
    char joint[BARE_HTTP_JOINT];
};

static struct bare_ring ring;
static struct bare_pool pool;
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
    size_t size;

    sending++;
    sqe->opcode = BARE_OP_SEND;
    sqe->fd = fd;
    sqe->address = (uint64_t)(uintptr_t)bare_http_owed(conn->owed, &size);
    sqe->size = (uint32_t)size;
    sqe->how = MSG_WAITALL | MSG_NOSIGNAL;
    sqe->user_data = (uint64_t)fd << 8 | BARE_OP_SEND;
    conn->sending = true;
}

static void conn_close_if_done(int fd)
{
    const struct conn *conn = &conns[fd];

    if (!conn->receiving && !conn->starved && !conn->sending)
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
    conn->owed +=
        bare_http_size * bare_http_heads(bare_pool_at(&pool, id),
                                         (size_t)cqe->result, conn->joint);
    bare_pool_give(&pool, id);
    if (conn->owed > 0 && !conn->sending)
        conn_send(fd);
    if (!conn->receiving)
        conn_receive(fd);
}

static void conn_sent(int fd, int32_t result)
{
    struct conn *conn = &conns[fd];

    conn->sending = false;
    conn->owed -= result < 0 ? conn->owed : (size_t)result;
    if (conn->owed > 0)
        conn_send(fd);
    else
        conn_close_if_done(fd);
}

static void uring_accepted(const struct bare_cqe *cqe)
{
    if (cqe->result >= 0 && cqe->result < URING_SOCKETS) {
        conns[cqe->result] = (struct conn){0};
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
    uint32_t usual = 0; /* receives of a turn; a quarter is forgotten each */

    bare_http_answer(argc, argv);
    bare_ring_open(&ring, URING_ENTRIES, URING_COMPLETIONS);
    bare_pool_open(&pool, &ring, URING_BUFFERS, URING_BUFFER);
    listener = bare_listen();
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
