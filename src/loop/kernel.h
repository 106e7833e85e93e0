/*
 * kernel.h - the verbs of a backend that every real world has alike
 */
#ifndef FM_LOOP_KERNEL_H
#define FM_LOOP_KERNEL_H

#include "loop/backend.h"

int64_t fm__kernel_now(struct fm__loop *loop);
int fm__kernel_listen(struct fm__loop *loop, int fd,
                      const struct sockaddr *addr, socklen_t size);
int fm__kernel_bind(struct fm__loop *loop, int fd, const struct sockaddr *addr,
                    socklen_t size);
int fm__kernel_aim(struct fm__loop *loop, int fd, const struct sockaddr *addr,
                   socklen_t size);
int fm__kernel_multicast(struct fm__loop *loop, int fd, enum fm__multicast what,
                         const struct group_req *group);
int fm__kernel_backlog(struct fm__loop *loop, int fd, int count);
int fm__kernel_asked(struct fm__loop *loop, int fd, int level, int name);
int fm__kernel_address(struct fm__loop *loop, int fd, struct sockaddr *addr,
                       socklen_t *size);
int fm__kernel_peer(struct fm__loop *loop, int fd, struct sockaddr *addr,
                    socklen_t *size);
int fm__kernel_credentials(struct fm__loop *loop, int fd, struct ucred *who);
int fm__kernel_option(struct fm__loop *loop, int fd,
                      const struct fm__socket_option *option);
int fm__kernel_events(struct fm__loop *loop, int fd, uint32_t asked);
int fm__kernel_shutdown(struct fm__loop *loop, int fd);
int fm__kernel_sink(struct fm__loop *loop, int fd);
int fm__kernel_linger(struct fm__loop *loop, int fd);

/* One attempt of an operation on datagrams: its result, or -EAGAIN. */
ssize_t fm__kernel_send_many(const struct fm__op *op);
ssize_t fm__kernel_receive_many(const struct fm__op *op);

#endif
