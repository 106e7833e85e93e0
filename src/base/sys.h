/*
 * sys.h - the door of system calls
 *
 * Each returns 0 or more, or -errno; errno stays as it was meant for the
 * program. EINTR never leaves: what was interrupted is asked again, except
 * a wait for events, which answers none. The kernel's ETIMEDOUT is
 * FM_EPEERTIMEOUT and a stray ECANCELED is EIO, because -ETIMEDOUT and
 * -ECANCELED mean cuts to everybody above.
 */
#ifndef FM_BASE_SYS_H
#define FM_BASE_SYS_H

#include "base/compiler.h"

#include <fermata/api.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/utsname.h>

/* Memory: private, anonymous, no swap reserved. NULL when there is none. */
void *fm__sys_map(size_t size);
/* The same for a size that is a power of 2, at a multiple of it. */
void *fm__sys_map_aligned(size_t size);
void fm__sys_unmap(void *start, size_t size);
int fm__sys_protect(void *start, size_t size, int prot);
int fm__sys_advise(void *start, size_t size, int advice);
/* How many bytes of its pages are resident, or -errno. */
ssize_t fm__sys_resident(void *start, size_t size);
/* Bytes of a page: 4, 16 or 64 KiB, as machine and kernel have it. */
size_t fm__sys_page(void);
/* Bytes that a signal takes of a stack at most; 0 where that is unknown. */
size_t fm__sys_signal_frame(void);

/* Descriptors: all close-on-exec and non-blocking. */
ssize_t fm__sys_read(int fd, void *buf, size_t size);
ssize_t fm__sys_write(int fd, const void *buf, size_t size);
/* At an offset. The second only what is in memory: -EAGAIN where nothing is,
 * -EOPNOTSUPP where that cannot be known. */
ssize_t fm__sys_read_at(int fd, void *buf, size_t size, int64_t offset);
ssize_t fm__sys_read_now(int fd, void *buf, size_t size, int64_t offset);
/* From a file at an offset into a socket or a pipe, without a copy. */
ssize_t fm__sys_sendfile(int to, int from, int64_t offset, size_t size);
ssize_t fm__sys_writev(int fd, const struct iovec *parts, size_t count);
ssize_t fm__sys_recv(int fd, void *buf, size_t size);
/* Of a local socket: *early where descriptors, which are dropped, ended it. */
ssize_t fm__sys_recv_local(int fd, struct iovec buf, bool *early);
ssize_t fm__sys_send(int fd, const void *buf, size_t size);
ssize_t fm__sys_sendv(int fd, const struct iovec *parts, size_t count);
/* The same that never wait, also on a descriptor that blocks: -EAGAIN. */
ssize_t fm__sys_recv_now(int fd, void *buf, size_t size);
ssize_t fm__sys_send_now(int fd, const void *buf, size_t size);
int fm__sys_close(int fd);
/* Not for the programs that are started. */
int fm__sys_close_on_exec(int fd);
/* One that somebody else has made: non-blocking from now on, and held. */
int fm__sys_adopt(int fd);
/* 1 where it was opened for writing alone, 0, or -errno. */
int fm__sys_sink(int fd);
int fm__sys_pipe(int fds[2]);
int fm__sys_socketpair(int fds[2]);
int fm__sys_socket(int family, int type);
int fm__sys_listen(int fd, const struct sockaddr *addr, socklen_t size);
/* Of one that listens: so many connections wait to be accepted. */
int fm__sys_backlog(int fd, int count);
int fm__sys_accept(int fd);
int fm__sys_connect(int fd, const struct sockaddr *addr, socklen_t size);
/* Whether a local socket of any kind is bound to that path: -ECONNREFUSED when
 * none is any more. It notices nothing of being asked. */
int fm__sys_probe_local(const struct sockaddr *addr, socklen_t size);
int fm__sys_bind(int fd, const struct sockaddr *addr, socklen_t size);
int fm__sys_socket_error(int fd);
int fm__sys_socket_name(int fd, struct sockaddr *addr, socklen_t *size);
int fm__sys_peer_name(int fd, struct sockaddr *addr, socklen_t *size);
/* IPPROTO_TCP, ...; 0: a local one; -ENOTSOCK. */
int fm__sys_protocol(int fd);
/* Who connected a local socket, or listened; -EOPNOTSUPP of any other. */
int fm__sys_credentials(int fd, struct ucred *who);
struct ucred fm__sys_own_credentials(void);

/* Seconds since 1970, by the system's calendar. */
FM_API int64_t fm__sys_date(void);

/* Descriptors that go with bytes, by local sockets. */
struct fm__sys_parcel {
    void *buf;
    size_t size;
    int *fds;     /* received: room for `count` */
    size_t count; /* received: how many there are */
    bool cut;     /* there were more: those that are there are few */
};
/* Neither waits: -EAGAIN. How many bytes; the descriptors went with the
 * first. */
ssize_t fm__sys_send_parcel(int fd, const struct fm__sys_parcel *parcel);
ssize_t fm__sys_receive_parcel(int fd, struct fm__sys_parcel *parcel);
/* No more will be sent. */
int fm__sys_shutdown(int fd);
/* A listener's address is free at once, whoever still holds the file. */
int fm__sys_unlisten(int fd);
int fm__sys_option(int fd, int level, int name, int value);
/* What it is set to: 0 or more, or -errno. */
int fm__sys_asked(int fd, int level, int name);
/* The coming close resets the connection. */
int fm__sys_linger(int fd);
/* Files at a path. What identifies one, and its mode of stat(2); a link is
 * not followed. */
struct fm__sys_file {
    uint64_t device;
    uint64_t number;
    unsigned mode;
};
int fm__sys_look(const char *path, struct fm__sys_file *file);
int fm__sys_unlink(const char *path);
/* The permissions of a path; and those that a socket will have by its bind, as
 * far as the umask lets it. */
int fm__sys_allow(const char *path, unsigned mode);
int fm__sys_allow_fd(int fd, unsigned mode);
/* Locks a file, or a directory, of which the second makes a descriptor,
 * against others who ask so, until it is closed; -EAGAIN where one of them has
 * it. */
int fm__sys_lock(int fd);
int fm__sys_lock_directory(const char *path);
/* What kind of file a descriptor is: S_IFSOCK, ... of inode(7). */
int fm__sys_kind(int fd);
/* A descriptor of its own, with a file status of its own, of the same pipe or
 * terminal; -errno, where the system has or allows no such thing. */
int fm__sys_reopen(int fd, bool writing);
/* What is opened. */
struct fm__sys_path {
    int directory; /* that a name begins in; or AT_FDCWD */
    const char *name;
    int flags; /* of open(2) */
    unsigned mode;
    bool beneath; /* and must not leave: -EXDEV */
};
/* A descriptor; no FIFO or terminal is waited for. The second only where that
 * waits for no disk (openat2(2), RESOLVE_CACHED, Linux 5.12): else -EAGAIN or
 * any other error. */
int fm__sys_open(const struct fm__sys_path *path);
int fm__sys_open_now(const struct fm__sys_path *path);
/* A file that is open, at an offset; -1 is where the descriptor is. The second
 * as fm__sys_read_now. */
ssize_t fm__sys_readv_at(int fd, const struct iovec *parts, size_t count,
                         int64_t offset);
ssize_t fm__sys_readv_now(int fd, const struct iovec *parts, size_t count,
                          int64_t offset);
ssize_t fm__sys_writev_at(int fd, const struct iovec *parts, size_t count,
                          int64_t offset);
int64_t fm__sys_seek(int fd, int64_t offset, int whence);
int fm__sys_sync(int fd, bool data);
int fm__sys_stat_fd(int fd, struct stat *found);
int fm__sys_truncate(int fd, int64_t size);
int fm__sys_allocate(int fd, int mode, int64_t offset, int64_t size);
/* How it was opened: O_APPEND, ... of fcntl(2). */
int fm__sys_status(int fd);
/* Datagrams: how many were sent, or received with their true sizes, or -errno.
 * None is sent or lost where it is -errno. */
int fm__sys_send_many(int fd, struct mmsghdr *messages, size_t count);
int fm__sys_receive_many(int fd, struct mmsghdr *messages, size_t count);
/* The oldest error in the queue of those, as -errno, and where what caused it
 * was sent to; -EAGAIN: there is none. */
int fm__sys_datagram_refused(int fd, struct sockaddr *to, socklen_t *size);
/* Joins or leaves a multicast group, by one of MCAST_... (RFC 3678); sends to
 * those of its family by its interface. */
int fm__sys_membership(int fd, const struct group_req *group, int name);
int fm__sys_multicast_by(int fd, const struct group_req *group);
/* The number of a network interface, or -ENODEV. */
int fm__sys_interface(const char *name);
/* Makes sure that there is such a file; a new one is for its owner alone. */
FM_API int fm__sys_create(const char *path);
int fm__sys_event(void);
/* Makes an event readable; counts as no call. */
void fm__sys_event_set(int fd);
/* The same for another thread that waits; counts as a wait does. */
void fm__sys_event_ring(int fd);

/* Waiting for events; a timeout in ns, -1 for ever. */
int fm__sys_epoll_open(void);
int fm__sys_epoll_add(int epoll, int fd, uint32_t events, uint64_t data);
int fm__sys_epoll_change(int epoll, int fd, uint32_t events, uint64_t data);
int fm__sys_epoll_remove(int epoll, int fd);
int fm__sys_epoll_wait(int epoll, struct epoll_event *events, int count,
                       int64_t timeout);
/* One descriptor: which of the events (POLLIN, POLLOUT, ...) are, or 0. */
int fm__sys_poll(int fd, int events, int64_t timeout);

/* Time in ns; the monotonic clock cannot fail. */
int64_t fm__sys_clock(void);

/* Signals. */
int fm__sys_sigaction(int number, const struct sigaction *action,
                      struct sigaction *old);
int fm__sys_altstack(const stack_t *stack, stack_t *old);
/* The way back from them, which cannot fail; counts as no call. */
void fm__sys_undo_sigaction(int number, const struct sigaction *action,
                            struct sigaction *old);
void fm__sys_undo_altstack(const stack_t *stack);
void fm__sys_raise(int number);
bool fm__sys_main_thread(void);

/* Facts about the machine. */
int fm__sys_name(struct utsname *name);
int fm__sys_limit(int resource, struct rlimit *limit);
/* The shadow-stack bits that are active in this thread, or -errno. */
int fm__sys_shadow_stack(void);
/* Runs fn in a child process of its own that shares this memory, and waits:
 * 0 if it returned, the number of the signal that ended it, or -errno. */
int fm__sys_try(int (*fn)(void *), void *arg);
/* Reads a small file whole, without its last newline: its size or -errno. */
ssize_t fm__sys_slurp(const char *path, char *buf, size_t size);
/* -1, and errno says EAGAIN: for a library that believes to call the system. */
int fm__sys_would_block(void);
/* stat(2). */
int fm__sys_stat(const char *path, struct stat *found);

/* Copies memory of this process that may not be there, through a pipe: false
 * where it is not. */
bool fm__sys_peep(const int pipe[2], const void *from, void *to, size_t size);

/* What printf(3) would print, as far as there is room for it and a NUL: how
 * many bytes that are in all, or -errno. errno, which may be printed, stays. */
ssize_t fm__sys_format(struct iovec room, const char *format, va_list args)
    FM__FORMAT(2, 0);

/* A line for stderr: all of it or as much as goes; counts as no call. */
void fm__sys_say(const char *line, size_t size);

#endif
