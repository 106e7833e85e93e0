/*
 * sim_world.h - what the simulated world is made of
 *
 * A descriptor is an end; between two ends run flows, each a bounded buffer
 * with one reader and one writer. An operation waits in the queue of its end
 * from submit until it completes. It is due in the calendar when its delay
 * has passed or its end has changed; otherwise it is blocked.
 */
#ifndef FM_LOOP_SIM_WORLD_H
#define FM_LOOP_SIM_WORLD_H

#include "loop/loop_core.h"
#include "loop/sim.h"

#include <netinet/in.h>
#include <sys/un.h>

enum {
    FM__SIM_FIRST_FD = 1 << 20, /* real descriptors are below */
    FM__SIM_FLOW_SIZE = 65536,
    FM__SIM_BACKLOG = 128,
    FM__SIM_INBOX = 128, /* datagrams that nobody has read; more are dropped */
    FM__SIM_GROUPS = 20  /* multicast groups of one socket, as in Linux */
};

/* Bytes on their way in one direction. */
struct fm__sim_flow {
    struct fm__sim_end *reader; /* NULL: gone; nobody will read the bytes */
    struct fm__sim_end *writer; /* NULL: gone; after the bytes comes the end */
    bool reset;                 /* the end is an ECONNRESET first */
    size_t start;
    size_t count;
    unsigned char bytes[FM__SIM_FLOW_SIZE];
};

enum fm__sim_kind {
    FM__SIM_NEW,      /* a socket that is not connected */
    FM__SIM_STREAM,   /* one that is */
    FM__SIM_BROKEN,   /* one that was */
    FM__SIM_LISTENER, /* one that others connect to */
    FM__SIM_PIPE,
    FM__SIM_DATAGRAM /* it has a box */
};

union fm__sim_name {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un local;
};

/* What came, or came back, to a datagram socket. */
struct fm__sim_datagram {
    struct fm__list link;
    union fm__sim_name name; /* from where; of a refused one: to where */
    size_t size;
    unsigned char bytes[];
};

/* What a datagram socket has besides an end. */
struct fm__sim_box {
    struct fm__list inbox;
    struct fm__list refused;
    unsigned inbox_count;
    unsigned refused_count;
    unsigned groups_count;
    int error;    /* of an aimed one */
    bool bound;   /* it has a port */
    bool aimed;   /* at end->peer, in its plain form */
    bool only_v6; /* IPV6_V6ONLY */
    bool tells;   /* IP_RECVERR: what was refused */
    bool silent;  /* no IP_MULTICAST_LOOP: this machine does not hear it */
    bool shouts;  /* SO_BROADCAST */
    union fm__sim_name groups[FM__SIM_GROUPS];
};

struct fm__sim_end {
    int fd; /* -1: nobody has accepted it yet */
    enum fm__sim_kind kind;
    struct fm__list readers; /* operations, in order */
    struct fm__list writers;
    struct fm__list pollers;
    struct fm__sim_flow *in; /* NULL: nothing to read here */
    struct fm__sim_flow *out;
    struct fm__list link; /* in a backlog */
    struct fm__list backlog;
    struct fm__list hungry;  /* among those whose reader waits for a buffer */
    struct fm__sim_box *box; /* NULL: no datagram socket */
    unsigned backlog_count;
    bool resets;      /* its close resets the connection */
    bool shares_port; /* SO_REUSEPORT */
    bool forgotten;   /* no longer one of the loop's */
    bool bound;       /* a NEW one: name is where it connects from */
    int backlog_limit;
    const struct fm__sim_route *route; /* that its connect takes, or NULL */
    int64_t answered;                  /* when it is at its end */
    socklen_t name_size;
    socklen_t peer_size;
    union fm__sim_name name;
    union fm__sim_name peer; /* of a connection */
};

struct fm__sim_world {
    int64_t clock;
    uint64_t random;
    struct fm__sim_options options;
    uint64_t completions;
    struct fm__list hungry;
    struct fm__sim_end **ends; /* by descriptor */
    int ends_count;
    int ends_full;            /* no number below is free */
    uint16_t last_port;       /* that was given out */
    unsigned last_name;       /* the same, of local sockets */
    struct fm__op **calendar; /* a heap: the next operation due is the first */
    size_t calendar_count;
    size_t calendar_size;
};

/* The next of the seeded sequence; and whether `chances` of `of` came true. */
uint64_t fm__sim_random(struct fm__sim_world *world);
bool fm__sim_chance(struct fm__sim_world *world, unsigned chances, unsigned of);

/* The calendar: room for count operations or -ENOMEM; adding them does not
 * fail then. Taken is the first that is due by now, or NULL. */
int fm__sim_calendar_reserve(struct fm__sim_world *world, size_t count);
void fm__sim_calendar_add(struct fm__sim_world *world, struct fm__op *op);
struct fm__op *fm__sim_calendar_take(struct fm__sim_world *world);
int64_t fm__sim_calendar_next(const struct fm__sim_world *world);

/* An operation gets its turn after a delay; so do the blocked ones of an end
 * that has changed. */
void fm__sim_schedule(struct fm__sim_world *world, struct fm__op *op);
void fm__sim_wake(struct fm__sim_world *world, struct fm__sim_end *end);

/* Ends: NULL or -errno is what a kernel would say. */
struct fm__sim_end *fm__sim_end(struct fm__sim_world *world, int fd);
int fm__sim_end_new(struct fm__sim_end **out, enum fm__sim_kind kind);
int fm__sim_end_number(struct fm__sim_world *world, struct fm__sim_end *end);
void fm__sim_end_free(struct fm__sim_world *world, struct fm__sim_end *end);

/* Two ends, joined by a flow each way, or by one from b to a. */
int fm__sim_join(struct fm__sim_end *a, struct fm__sim_end *b, bool both);
/* Nothing more will be written: the peer reads the rest and then the end. */
void fm__sim_finish(struct fm__sim_world *world, struct fm__sim_end *end);
/* The connection is no more. The peer reads the rest and then the end, or
 * ECONNRESET where that was asked for or bytes have been lost. */
void fm__sim_cut(struct fm__sim_world *world, struct fm__sim_end *end,
                 bool reset);

/* One attempt: the result, or -EAGAIN when it has to wait for a change. */
ssize_t fm__sim_read(struct fm__sim_world *world, struct fm__sim_end *end,
                     struct fm__op *op);
ssize_t fm__sim_receive(struct fm__loop *loop, struct fm__sim_end *end,
                        struct fm__op *op);
ssize_t fm__sim_write(struct fm__sim_world *world, struct fm__sim_end *end,
                      struct fm__op *op);
ssize_t fm__sim_poll(const struct fm__sim_end *end, const struct fm__op *op);
ssize_t fm__sim_accept(struct fm__sim_world *world,
                       struct fm__sim_end *listener);
ssize_t fm__sim_connect(struct fm__sim_world *world, struct fm__sim_end *end,
                        const struct fm__op *op);

/* Names: an end's family and size are asked for; equal where one names all
 * hosts; IPv4 in its plain form, and as an IPv6 one. */
int fm__sim_name(const struct fm__sim_end *end, union fm__sim_name *name,
                 const void *addr, size_t size);
uint16_t *fm__sim_port(union fm__sim_name *name);
uint16_t fm__sim_free_port(struct fm__sim_world *world);
bool fm__sim_names_all(const union fm__sim_name *name);
bool fm__sim_names_group(const union fm__sim_name *name);
bool fm__sim_same_host(const union fm__sim_name *a,
                       const union fm__sim_name *b);
bool fm__sim_same_name(const union fm__sim_name *a,
                       const union fm__sim_name *b);
void fm__sim_name_plain(union fm__sim_name *name);
void fm__sim_name_mapped(union fm__sim_name *name);

/* Datagrams. */
int fm__sim_box_new(struct fm__sim_end *end);
void fm__sim_box_free(struct fm__sim_end *end);
void fm__sim_box_option(struct fm__sim_end *end,
                        const struct fm__socket_option *option);
ssize_t fm__sim_send_many(struct fm__sim_world *world, struct fm__sim_end *end,
                          const struct fm__op *op);
ssize_t fm__sim_receive_many(struct fm__sim_end *end, const struct fm__op *op);
/* A name of its own, with a port; addr may be NULL: of all hosts. */
int fm__sim_box_bind(struct fm__sim_world *world, struct fm__sim_end *end,
                     const struct sockaddr *addr, socklen_t size);
/* Where the address leads to, as the socket may send there. */
int fm__sim_target(const struct fm__sim_end *end, union fm__sim_name *to,
                   const void *addr, size_t size);

/* The way of a connect that was just asked for, if it is a special one. */
void fm__sim_depart(struct fm__sim_world *world, struct fm__sim_end *end,
                    const struct fm__op *op);

/* A name to connect from. */
int fm__sim_name_caller(struct fm__sim_world *world, struct fm__sim_end *end,
                        const struct sockaddr *addr, socklen_t size);
/* A name, and others may connect to it. */
int fm__sim_name_listener(struct fm__sim_world *world, struct fm__sim_end *end,
                          const struct sockaddr *addr, socklen_t size);
/* Whoever waits for room in a backlog tries again. */
void fm__sim_wake_connects(struct fm__sim_world *world);

/* Verbs of the backend. */
int fm__sim_pair(struct fm__loop *loop, enum fm__pair_kind kind, int fds[2]);
int fm__sim_socket(struct fm__loop *loop, int family, int type);
int fm__sim_bind(struct fm__loop *loop, int fd, const struct sockaddr *addr,
                 socklen_t size);
int fm__sim_aim(struct fm__loop *loop, int fd, const struct sockaddr *addr,
                socklen_t size);
int fm__sim_multicast(struct fm__loop *loop, int fd, enum fm__multicast what,
                      const struct group_req *group);
int fm__sim_listen(struct fm__loop *loop, int fd, const struct sockaddr *addr,
                   socklen_t size);
int fm__sim_backlog(struct fm__loop *loop, int fd, int count);
int fm__sim_asked(struct fm__loop *loop, int fd, int level, int name);
int fm__sim_address(struct fm__loop *loop, int fd, struct sockaddr *addr,
                    socklen_t *size);
int fm__sim_peer(struct fm__loop *loop, int fd, struct sockaddr *addr,
                 socklen_t *size);
int fm__sim_credentials(struct fm__loop *loop, int fd, struct ucred *who);
int fm__sim_option(struct fm__loop *loop, int fd,
                   const struct fm__socket_option *option);
int fm__sim_shutdown(struct fm__loop *loop, int fd);
int fm__sim_sink(struct fm__loop *loop, int fd);
int fm__sim_linger(struct fm__loop *loop, int fd);
int fm__sim_close_fd(struct fm__loop *loop, int fd);
int fm__sim_adopt(struct fm__loop *loop, int fd);
void fm__sim_forget(struct fm__loop *loop, int fd);

#endif
