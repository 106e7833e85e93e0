/*
 * udp_batch.c - several datagrams by one call
 */
#include "net/udp_record.h"

struct udp_batch {
    struct mmsghdr messages[FM_UDP_BATCH];
    struct iovec parts[FM_UDP_BATCH];
};

static size_t udp_batch_count(size_t count)
{
    return count < FM_UDP_BATCH ? count : FM_UDP_BATCH;
}

static void udp_batch_fill(struct udp_batch *batch, size_t i,
                           const fm_datagram *datagram, size_t size)
{
    batch->parts[i] =
        (struct iovec){.iov_base = datagram->buf, .iov_len = size};
    batch->messages[i] = (struct mmsghdr){
        .msg_hdr = {.msg_name = (void *)(uintptr_t)&datagram->address.storage,
                    .msg_namelen = datagram->address.size,
                    .msg_iov = &batch->parts[i],
                    .msg_iovlen = 1}};
}

/* Not inlined: its batch is large, and only as long on the stack as it must. */
static __attribute__((noinline)) ssize_t
udp_batch_send(fm_udp *udp, const fm_datagram *datagrams, size_t count)
{
    struct udp_batch batch;
    for (size_t i = 0; i < count; i++) {
        udp_batch_fill(&batch, i, &datagrams[i], datagrams[i].size);
        if (datagrams[i].address.size == 0)
            batch.messages[i].msg_hdr.msg_name = NULL;
    }
    return fm__udp_operate(udp, FM__OP_SEND_MANY, batch.messages, count);
}

ssize_t fm_udp_send_batch(fm_udp *udp, const fm_datagram *datagrams,
                          size_t count)
{
    size_t sent = 0;
    ssize_t rc = fm__checkpoint(fm__current, "fm_udp_send_batch");
    if (rc < 0)
        return rc;
    fm__udp_check(udp, "fm_udp_send_batch");
    fm__blocks_check(fm__current);
    while (rc >= 0 && sent < count) {
        rc = udp_batch_send(udp, datagrams + sent,
                            udp_batch_count(count - sent));
        if (rc >= 0) {
            sent += (size_t)rc;
            rc = fm__checkpoint(fm__current, "fm_udp_send_batch");
        }
    }
    return sent > 0 ? (ssize_t)sent : rc;
}

ssize_t fm_udp_receive_batch(fm_udp *udp, fm_datagram *datagrams, size_t count)
{
    struct udp_batch batch;
    ssize_t rc = fm__checkpoint(fm__current, "fm_udp_receive_batch");
    if (rc < 0)
        return rc;
    fm__udp_check(udp, "fm_udp_receive_batch");
    fm__blocks_check(fm__current);
    count = udp_batch_count(count);
    if (count == 0)
        return 0;
    for (size_t i = 0; i < count; i++) {
        udp_batch_fill(&batch, i, &datagrams[i], datagrams[i].room);
        batch.messages[i].msg_hdr.msg_namelen =
            sizeof datagrams[i].address.storage;
    }
    rc = fm__udp_operate(udp, FM__OP_RECEIVE_MANY, batch.messages, count);
    for (ssize_t i = 0; i < rc; i++) {
        datagrams[i].size = batch.messages[i].msg_len;
        fm__udp_sender(&datagrams[i].address,
                       batch.messages[i].msg_hdr.msg_namelen);
    }
    const struct msghdr *first = &batch.messages[0].msg_hdr;
    if (rc < 0 && first->msg_namelen != sizeof(struct sockaddr_storage))
        datagrams[0].address.size = first->msg_namelen;
    return rc;
}
