/*
 * sweep.h - small programs that must survive whatever is done to them
 *
 * A scenario is a main task. Whatever fails in it, and whoever is cancelled
 * at whatever point, it comes to its end by itself, gives back all it owns,
 * and says why it failed: with its own result, with the error that was
 * injected, or with a cut. Each of its tasks owns a block of memory, so a
 * task that never ended, or never began, shows in the ledger.
 */
#ifndef TESTS_FAULT_SWEEP_H
#define TESTS_FAULT_SWEEP_H

#include "loop/op.h"

#include <errno.h>
#include <fermata.h>
#include <stdbool.h>
#include <stddef.h>

struct scenario {
    const char *name;
    int (*main)(void *arg);
    int result;  /* when nothing is done to it */
    int also[3]; /* what it may return besides 0, when something is */
    bool dear;   /* hundreds of tasks: a smaller share of it is taken */
    /* NULL, or what is wrong now that it returned rc. */
    const char *(*wrong)(int rc);
};

/* Ends with one whose name is NULL. */
extern const struct scenario sweep_tasks[];
extern const struct scenario sweep_waits[];
extern const struct scenario sweep_blocks[];
extern const struct scenario sweep_groups[];
extern const struct scenario sweep_operations[];
extern const struct scenario sweep_threads[];
extern const struct scenario sweep_processes[];
extern const struct scenario sweep_floor[];
extern const struct scenario sweep_pace[];
extern const struct scenario sweep_queues[];
extern const struct scenario sweep_locks[];
extern const struct scenario sweep_meetings[];
extern const struct scenario sweep_queue_ends[];
extern const struct scenario sweep_broadcasts[];
extern const struct scenario sweep_futures[];
extern const struct scenario sweep_select[];
extern const struct scenario sweep_streams[];
extern const struct scenario sweep_verbs[];
extern const struct scenario sweep_files[];
extern const struct scenario sweep_net[];
extern const struct scenario sweep_local[];
extern const struct scenario sweep_dense[];
extern const struct scenario sweep_udp[];
extern const struct scenario sweep_names[];
extern const struct scenario sweep_races[];
extern const struct scenario sweep_awaitables[];
extern const struct scenario sweep_paths[];
extern const struct scenario sweep_http[];
extern const struct scenario sweep_json[];
extern const struct scenario sweep_multipart[];
extern const struct scenario sweep_gone[];
extern const struct scenario sweep_ws[];
extern const struct scenario sweep_events[];
extern const struct scenario sweep_cookies[];
extern const struct scenario sweep_client[];
extern const struct scenario sweep_coding[];
extern const struct scenario sweep_http_files[];
extern const struct scenario sweep_image[];
extern const struct scenario sweep_looks[];
/* Of a program that has it: with libfermata-tls. */
extern const struct scenario sweep_tls[] __attribute__((weak));
/* And with nghttp2. */
extern const struct scenario sweep_h2[] __attribute__((weak));

/* What the run has come to so far; zero before each. */
struct sweep_state {
    unsigned begun; /* tasks that own their block */
    unsigned ended;
    unsigned done; /* of those, without a failure */
    unsigned cut;  /* of those, with -ECANCELED */
    unsigned alive;
    unsigned peak;  /* most alive at once */
    unsigned noted; /* by the scenario itself */
};

extern struct sweep_state sweep_state;

/* How many tasks did what they were to do, or were cancelled. */
unsigned sweep_over(void);

/* A second where time is virtual, and next to none where it is real. */
double sweep_ticks(double count);
int sweep_sleep(double ticks);

/* A task begins by taking a block, or -ENOMEM, and ends by giving it back,
 * if it has one; passes its result on. */
int sweep_begin(void **block);
int sweep_end(void *block, int rc);

/* Tasks for everybody: sleeps and returns; yields and returns; waits in vain;
 * goes on for so many sleeps, whatever they say. */
struct napper {
    double ticks;
    int result;
};
int napper(struct napper *self);

struct yielder {
    int times;
};
int yielder(struct yielder *self);

int waiter(void);

struct stubborn {
    int times;
};
int stubborn(struct stubborn *self);

/* One operation from a task, a cancel point: the result, -errno or why it was
 * cut. What had succeeded before the cut reached it counts. */
ssize_t sweep_operate(struct fm__op *op);
ssize_t sweep_read(int fd, void *buf, size_t size);
ssize_t sweep_write(int fd, const void *buf, size_t size);
/* All of it: 0 or -errno; -ENODATA where it ends too early. */
int sweep_read_all(int fd, void *buf, size_t size);
int sweep_write_all(int fd, const void *buf, size_t size);
int sweep_accept(int fd);
int sweep_pair(bool pipe, int fds[2]);
/* Harmless with -1. */
void sweep_close(int fd);
/* A listener of this machine and its address, or -errno. */
struct sockaddr_in;
int sweep_listen(struct sockaddr_in *at);
int sweep_connect(const struct sockaddr_in *at);

/* Seconds that a peer has: few where a failure goes on and on; */
double sweep_patience(void);
/* or where one is injected at all, which may keep from coming what is waited
 * for. */
double sweep_silence(void);

/* A server's place, and its URL of a scheme, "http://": 0 or as fm_listen. */
enum {
    SWEEP_URL = FM_ADDRESS_TEXT + 8
};
int sweep_host(const char *scheme, fm_listener **listener, char url[SWEEP_URL]);

#endif
