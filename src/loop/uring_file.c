/*
 * uring_file.c - reads of files that nobody else has to do with
 *
 * Where the file's system can (ext4, xfs, btrfs, ...), the kernel asks the disk
 * and goes on; elsewhere a thread of the kernel's waits for it. Such a read
 * cannot be interrupted once the disk was asked: a cancel mostly comes to
 * nothing, and what was read counts.
 */
#include "base/sys.h"
#include "loop/uring_world.h"

#include <errno.h>

#define URING_FILE_MOST (1U << 30) /* bytes of one request */

static uint64_t uring_file_data(const struct fm__op *op)
{
    return (uint64_t)(uintptr_t)op | FM__URING_FILE;
}

/* What the kernel does not take now is for a thread. */
bool fm__uring_read_file(struct fm__uring_world *world, struct fm__op *op)
{
    struct io_uring_sqe *sqe = fm__ring_request(&world->ring);
    size_t size = op->size < URING_FILE_MOST ? op->size : URING_FILE_MOST;
    op->result = -EOPNOTSUPP;
    if (sqe == NULL)
        return true;
    *sqe = (struct io_uring_sqe){
        .opcode = IORING_OP_READ,
        .fd = op->fd,
        .off = (uint64_t)op->offset,
        .addr = (uint64_t)(uintptr_t)op->buf,
        .len = (uint32_t)size,
        .user_data = uring_file_data(op),
    };
    return false;
}

/* Where that cannot be asked now the read just ends by itself. */
void fm__uring_read_file_cancel(struct fm__uring_world *world,
                                const struct fm__op *op)
{
    (void)fm__uring_ask_end(world, uring_file_data(op));
}

void fm__uring_read_file_told(struct fm__loop *loop,
                              const struct io_uring_cqe *cqe)
{
    struct fm__op *op =
        (void *)(uintptr_t)(cqe->user_data & ~(uint64_t)FM__URING_TAG_MASK);
    int res = cqe->res;
    bool stopped = res == -ECANCELED || res == -EINTR;
    if (stopped && op->state == FM__OP_CANCELLING)
        fm__op_complete(loop, op, -ECANCELED);
    else if (stopped || res == -EAGAIN)
        fm__op_complete(loop, op, -EOPNOTSUPP);
    else
        fm__op_complete(loop, op, res < 0 ? fm__sys_ring_error(res) : res);
}
