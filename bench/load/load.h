/*
 * load.h - the parts of the load generator
 *
 * load.c starts servers, has clients ask one after the other, and prints what
 * an answer cost. load_clients.c has the connections, load_http.c what is asked
 * and answered by HTTP, load_h2.c by HTTP/2, load_ws.c the same of WebSockets,
 * load_events.c those who follow events, load_tls.c what they are under TLS,
 * load_times.c how long an answer took, load_server.c the servers' processes
 * and the clocks, load_calls.c counts system calls.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include "measure.h"
#include <openssl/ssl.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

struct load {
    size_t connections;
    size_t size;      /* bytes of a request, and of its answer */
    size_t requests;  /* before a connection is closed; 0: it never is */
    const char *path; /* that a GET asks for; the size is its body's. Or NULL */
    const char *coding; /* in which an answer has to come; or NULL */
    size_t pipeline;    /* requests of HTTP that leave at once; streams */
    bool h2;            /* by HTTP/2 */
    bool ws;            /* a message of a WebSocket, both ways */
    bool events;        /* sent to all at once, by whom one more asks */
    bool datagrams;     /* one each way, by UDP */
    bool spin;          /* ask the kernel again and again, never sleep */
    bool tls;           /* under TLS, with a handshake for each connection */
    bool resume;        /* what a client's connection before has agreed on */
};

enum {
    /* Times fall into groups of 64 equal steps: 1.6 per cent at most. */
    LOAD_STEPS = 64,
    LOAD_TIMES = 40 * LOAD_STEPS,
    LOAD_STREAMS = 100 /* at most, as many as every server takes */
};

/* Where a server listens. */
struct load_place {
    struct sockaddr_storage address;
    socklen_t size;
};

/* An answer of HTTP that was right; those that are like it are. */
struct load_answer {
    char *bytes;
    size_t size;       /* 0: there was none */
    size_t date, rest; /* between them they may differ */
};

/* A request by HTTP/2, and what has come of its answer. */
struct load_stream {
    uint32_t id; /* 0: there is none */
    bool right;  /* its status */
    size_t body; /* bytes */
    int64_t asked_at;
};

/* A connection of HTTP/2. */
struct load_h2 {
    struct load_stream streams[LOAD_STREAMS];
    size_t open, had; /* streams without an answer; answers */
    uint32_t next;    /* stream */
    bool last;        /* no more may be asked on it */
    char out[8192];   /* what is to be sent */
    size_t unsent;
};

/* The clients of one server. */
struct load_clients {
    const struct load *load;
    struct client *all;
    struct load_place place;
    int epoll;
    struct load_events *events; /* in place of `all`; or NULL */
    struct load_answer answer;
    bool last;                /* an answer has said that it is the last */
    size_t answers;           /* conversations, where those are counted */
    int64_t since;            /* times of older requests are not kept */
    size_t times[LOAD_TIMES]; /* answers, by the nanoseconds they took */
    const char *failed;       /* why nothing more is asked, or NULL */
};

/*
 * Connects them all and has each send its first request. A client always has
 * one request under way.
 */
void load_clients_open(struct load_clients *clients, const struct load *load,
                       const struct load_place *place);

/* Until that moment of measure_now(). Answers that come later wait. */
void load_clients_run(struct load_clients *clients, int64_t until);

/* So many answers that took so many nanoseconds each. */
void load_times_add(size_t *times, int64_t time, size_t answers);

/* Nanoseconds within which that part of the answers came. */
double load_times_within(const size_t *times, double part);

/* What is sent at once, and its size. */
char *load_http_request(const struct load *load, size_t *size);

/*
 * Bytes of the answer that these begin with; 0: it is not all there. Says in
 * *clients when it is wrong, and whether the connection ends with it.
 */
size_t load_http_answer(struct load_clients *clients, const char *bytes,
                        size_t size);

/* A new connection, with what it begins with to be sent. */
void load_h2_open(struct load_h2 *h2, const struct load *load);

/*
 * Bytes of the frame that these begin with; 0: it is not all there. What is to
 * be sent upon it is added, the next request too. Answers are counted; says in
 * *clients when one is wrong.
 */
size_t load_h2_frame(struct load_clients *clients, struct load_h2 *h2,
                     const char *bytes, size_t size);

/*
 * Sends a text on a connected socket that blocks, and reads the head of what
 * comes back: false where it is too long for the room, or the connection ends.
 */
bool load_http_head(int fd, const char *asks, char *head, size_t room);

/*
 * As load_clients_open and load_clients_run, of clients who follow events, each
 * of which is an answer; when all have had one, the next is asked for.
 */
void load_events_open(struct load_clients *clients);
void load_events_run(struct load_clients *clients, int64_t until);

/*
 * Agrees on a WebSocket, on a connected socket that blocks: false when the
 * server does not. The frame that is sent then, and the sizes of it and of
 * what comes back.
 */
bool load_ws_open(int fd);
char *load_ws_request(const struct load *load, size_t *size, size_t *answer);

/*
 * TLS on a connected socket that does not block; bytes as send(2) and recv(2)
 * have them. With a session that is kept there, or NULL, it is resumed, and
 * that becomes the newest one. Closing says goodbye, and is false where a
 * session that there was could not be resumed.
 */
SSL *load_tls_open(int fd, SSL_SESSION **session);
ssize_t load_tls_send(SSL *ssl, const void *bytes, size_t size);
ssize_t load_tls_receive(SSL *ssl, void *bytes, size_t size);
bool load_tls_close(SSL *ssl, bool had_session);

/* We take the last processor that we may use, and servers the first. */
void load_server_pin_us(void);

/* This process is that program from now on, on the servers' processor. */
_Noreturn void load_server_become(char **command, int out);

/* The server's process, or -1 if it does not say where it listens. */
pid_t load_server_start(char **command, struct load_place *place);
void load_server_stop(pid_t server);

/* All processor time in nanoseconds: of the server, of the machine. */
int64_t load_server_time(pid_t server);
int64_t load_machine_time(void);

/* Bytes of the server that are in memory. */
double load_server_memory(pid_t server);

/* Counts the server's system calls from now on: for how many nanoseconds it
 * should; 0 where it may not. */
int64_t load_calls_start(pid_t server);
double load_calls_stop(void);

#endif
