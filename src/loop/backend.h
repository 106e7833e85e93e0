/*
 * backend.h - the world as a table: real (epoll), or imagined (the simulator)
 *
 * The loop calls poll once at the end of a full turn; everything completes
 * inside it, or inside submit by returning true.
 */
#ifndef FM_LOOP_BACKEND_H
#define FM_LOOP_BACKEND_H

#include "loop/op.h"

#include <netinet/in.h>

struct fm__loop;

/* An int option of setsockopt(2). */
struct fm__socket_option {
    int level;
    int name;
    int value;
};

/* What fm__backend.multicast does with a group. */
enum fm__multicast {
    FM__MULTICAST_JOIN,
    FM__MULTICAST_LEAVE,
    FM__MULTICAST_BY /* what is sent to groups of its family leaves by its
                      * interface */
};

/* The two ends of fm__backend.pair. */
enum fm__pair_kind {
    FM__PAIR_PIPE,  /* fds[0] reads what fds[1] writes */
    FM__PAIR_SOCKET /* both read and write */
};

struct fm__backend {
    const char *name;
    bool files;       /* the paths of local sockets are the file system's */
    bool reads_files; /* it has FM__OP_READ_AT */

    /* Fills loop->world, or returns -errno and leaves nothing behind. */
    int (*open)(struct fm__loop *loop, uint64_t seed);

    /* No operation is in flight, no buffer is the backend's but its own. */
    void (*close)(struct fm__loop *loop);

    /* Nanoseconds; never goes back. */
    int64_t (*now)(struct fm__loop *loop);

    /*
     * Takes the operation. True: it is done already, result is set and `done`
     * will not be called. False: `done` is called in a later poll.
     */
    bool (*submit)(struct fm__loop *loop, struct fm__op *op);

    /* Asks a pending operation to stop; it completes in a later poll. */
    void (*cancel)(struct fm__loop *loop, struct fm__op *op);

    /*
     * Completes what can be completed, by fm__op_complete. Waits until
     * something completes, a wake-up comes or the deadline has passed;
     * a deadline in the past does not wait, FM__NEVER is none. Returns 0 or
     * -errno; then nothing was lost and it may be called again.
     */
    int (*poll)(struct fm__loop *loop, int64_t deadline);

    /* Descriptors of this world: non-blocking; 0 or -errno. */
    int (*pair)(struct fm__loop *loop, enum fm__pair_kind kind, int fds[2]);
    /* type: SOCK_STREAM, SOCK_DGRAM */
    int (*socket)(struct fm__loop *loop, int family, int type);
    /* A socket's own name: of a stream, from where a later connect of it comes;
     * port 0 is the system's choice. */
    int (*bind)(struct fm__loop *loop, int fd, const struct sockaddr *addr,
                socklen_t size);
    /* Of a datagram socket: where it sends to, and from where alone it receives
     * (AF_UNSPEC: no more); multicast. */
    int (*aim)(struct fm__loop *loop, int fd, const struct sockaddr *addr,
               socklen_t size);
    int (*multicast)(struct fm__loop *loop, int fd, enum fm__multicast what,
                     const struct group_req *group);
    int (*listen)(struct fm__loop *loop, int fd, const struct sockaddr *addr,
                  socklen_t size);
    /* Of one that listens: so many connections wait to be accepted. */
    int (*backlog)(struct fm__loop *loop, int fd, int count);
    int (*address)(struct fm__loop *loop, int fd, struct sockaddr *addr,
                   socklen_t *size);
    int (*peer)(struct fm__loop *loop, int fd, struct sockaddr *addr,
                socklen_t *size);
    /* Who is at the other end of a local socket; -EOPNOTSUPP of another. */
    int (*credentials)(struct fm__loop *loop, int fd, struct ucred *who);
    int (*option)(struct fm__loop *loop, int fd,
                  const struct fm__socket_option *option);
    /* What an option is set to: 0 or more, or -errno. */
    int (*asked)(struct fm__loop *loop, int fd, int level, int name);
    /* Half-close: the peer reads what was written, then the end. */
    int (*shutdown)(struct fm__loop *loop, int fd);
    /* 1 where it can be written to and not be read from, 0, or -errno. */
    int (*sink)(struct fm__loop *loop, int fd);
    /* From now on a close resets the connection. */
    int (*linger)(struct fm__loop *loop, int fd);
    /* Aborts with a sentence if an operation on it is in flight. */
    int (*close_fd)(struct fm__loop *loop, int fd);

    /* A descriptor from elsewhere becomes one of this world: non-blocking,
     * and closed by close_fd. Without it, only FM__OP_POLL may be used on a
     * foreign descriptor, whose number may be closed and reused at any time. */
    int (*adopt)(struct fm__loop *loop, int fd);
    /* The way back, with no operation in flight: it is the caller's again. */
    void (*forget)(struct fm__loop *loop, int fd);

    /* What a descriptor, also a foreign one, is ready for at this moment: as
     * FM__OP_POLL answers; 0: nothing; or -errno. Never waits. */
    int (*events)(struct fm__loop *loop, int fd, uint32_t asked);

    /* For foreign loops: readable when a poll may complete something; and
     * whether one has something to do of which that does not tell. */
    int (*descriptor)(struct fm__loop *loop);
    bool (*restless)(struct fm__loop *loop);

    /* The next number of the seeded sequence, which decides the order of what
     * became ready in one poll; NULL: the order stays. */
    uint64_t (*random)(struct fm__loop *loop);
};

extern const struct fm__backend fm__epoll;
extern const struct fm__backend fm__uring;
extern const struct fm__backend fm__sim;

#endif
