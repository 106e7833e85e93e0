/*
 * limit_udp.c - datagrams are sent back by nothing but epoll
 *
 * limit_udp [one]: by recvmmsg and sendmmsg; one: by recvfrom and sendto. The
 * socket is asked until it has nothing more, then epoll.
 */
#include "bare_server.h"
#include <string.h>
#include <sys/epoll.h>

enum {
    BATCH = 32,
    BUFFER = 2048
};

static struct mmsghdr messages[BATCH];
static struct iovec parts[BATCH];
static struct sockaddr_in names[BATCH];
static char buffers[BATCH][BUFFER];

static void echo_batches(int fd)
{
    for (;;) {
        for (int i = 0; i < BATCH; i++) {
            parts[i] = (struct iovec){buffers[i], BUFFER};
            messages[i].msg_hdr = (struct msghdr){
                .msg_name = &names[i],
                .msg_namelen = sizeof names[i],
                .msg_iov = &parts[i],
                .msg_iovlen = 1,
            };
        }
        int count = recvmmsg(fd, messages, BATCH, 0, NULL);
        if (count <= 0)
            return;
        for (int i = 0; i < count; i++)
            parts[i].iov_len = messages[i].msg_len;
        sendmmsg(fd, messages, (unsigned)count, 0);
        if (count < BATCH)
            return;
    }
}

static void echo_one_by_one(int fd)
{
    for (;;) {
        struct sockaddr_in name;
        struct sockaddr *from = (struct sockaddr *)&name;
        socklen_t size = sizeof name;
        ssize_t count = recvfrom(fd, buffers[0], BUFFER, 0, from, &size);
        if (count < 0)
            return;
        sendto(fd, buffers[0], (size_t)count, 0, from, size);
    }
}

int main(int argc, char **argv)
{
    int fd = bare_bind();
    int poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN};

    (void)argv;
    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
    for (;;) {
        epoll_wait(poller, &event, 1, -1);
        if (argc > 1)
            echo_one_by_one(fd);
        else
            echo_batches(fd);
    }
}
