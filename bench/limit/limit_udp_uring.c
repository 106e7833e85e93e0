/*
 * limit_udp_uring.c - datagrams are sent back by nothing but io_uring
 *
 * DEPTH receives are always in the kernel. What came is sent from where it
 * lies, and then received into again; a turn is one system call.
 */
#include "bare_ring.h"
#include <stdbool.h>

enum {
    DEPTH = 64,
    ENTRIES = 256,
    BUFFER = 2048,
    BARE_OP_SENDMSG = 9,
    BARE_OP_RECVMSG = 10
};

struct letter {
    struct msghdr message;
    struct iovec part;
    struct sockaddr_in name;
    char bytes[BUFFER];
};

static struct bare_ring ring;
static struct letter letters[DEPTH];
static int fd;
static uint32_t sending; /* sends that were queued in this turn */

static void letter_ask(struct letter *letter, uint8_t operation, size_t size)
{
    struct bare_sqe *sqe = bare_ring_sqe(&ring);

    letter->part = (struct iovec){letter->bytes, size};
    letter->message.msg_iov = &letter->part;
    letter->message.msg_iovlen = 1;
    letter->message.msg_name = &letter->name;
    letter->message.msg_namelen = sizeof letter->name;
    sqe->opcode = operation;
    sqe->fd = fd;
    sqe->address = (uint64_t)(uintptr_t)&letter->message;
    sqe->size = 1;
    sqe->user_data = (uint64_t)(letter - letters) << 8 | operation;
}

static void letter_told(const struct bare_cqe *cqe)
{
    struct letter *letter = &letters[cqe->user_data >> 8];
    bool came = (uint8_t)cqe->user_data == BARE_OP_RECVMSG;

    if (came && cqe->result >= 0) {
        letter_ask(letter, BARE_OP_SENDMSG, (size_t)cqe->result);
        sending++;
    } else {
        letter_ask(letter, BARE_OP_RECVMSG, BUFFER);
    }
}

int main(void)
{
    bare_ring_open(&ring, ENTRIES, 4 * ENTRIES);
    fd = bare_bind();
    for (int i = 0; i < DEPTH; i++)
        letter_ask(&letters[i], BARE_OP_RECVMSG, BUFFER);
    for (;;) {
        uint32_t wanted = sending + 1;
        sending = 0;
        bare_ring_enter(&ring, wanted, 0);
        uint32_t count = bare_ring_ready(&ring), head = *ring.cq_head;
        for (uint32_t i = 0; i < count; i++)
            letter_told(&ring.cqes[(head + i) & ring.cq_mask]);
        __atomic_store_n(ring.cq_head, head + count, __ATOMIC_RELEASE);
    }
}
