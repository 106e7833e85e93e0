/*
 * rig.h - a loop without tasks, and jobs: operations that note their end
 *
 * For tests of the loop's floor. Each function works in every world.
 */
#ifndef TESTS_LOOP_RIG_H
#define TESTS_LOOP_RIG_H

#include "harness.h"

#include "loop/loop_core.h"
#include "loop/sim.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

struct rig {
    struct fm__loop loop;
    unsigned finished;    /* jobs so far */
    struct fm__work work; /* keeps a look from waiting */
    struct fm__timer timer;
    bool rang;
};

struct job {
    struct fm__op op;
    struct rig *rig;
    unsigned order; /* 1: the first that finished; 0: not finished */
    bool at_once;   /* in submit */
};

static inline void rig_open(struct rig *rig)
{
    memset(rig, 0, sizeof *rig);
    CHECK_INT(fm__loop_open(&rig->loop, test_backend(), test_seed(1)), 0);
}

static inline void rig_close(struct rig *rig)
{
    CHECK_INT(rig->loop.operations, 0);
    fm__loop_close(&rig->loop);
}

static inline void rig_run_ready(struct rig *rig)
{
    struct fm__work *work;
    while ((work = fm__loop_next(&rig->loop)) != NULL)
        work->run(work);
}

/* A full turn; what it made ready has run when it returns. */
static inline void rig_turn(struct rig *rig)
{
    fm__loop_turn(&rig->loop);
    rig_run_ready(rig);
}

static inline void rig_worked(struct fm__work *work)
{
    (void)work;
}

/* A turn that does not wait. */
static inline void rig_look(struct rig *rig)
{
    rig->work.run = rig_worked;
    fm__loop_ready(&rig->loop, &rig->work);
    rig_turn(rig);
}

static inline void rig_rang(struct fm__timer *timer)
{
    FM__CONTAINER(timer, struct rig, timer)->rang = true;
}

static inline void rig_sleep(struct rig *rig, int64_t span)
{
    rig->rang = false;
    fm__timer_init(&rig->timer, rig_rang);
    fm__timer_arm(&rig->loop, &rig->timer, span);
    while (!rig->rang)
        rig_turn(rig);
}

/* Until everything that can happen by itself has happened. */
static inline void rig_rest(struct rig *rig)
{
    for (int i = 0; i < 3; i++)
        rig_look(rig);
    if (test_simulated())
        rig_sleep(rig, 20000000);
}

static inline void job_done(struct fm__op *op)
{
    struct job *job = FM__CONTAINER(op, struct job, op);
    if (job->order != 0)
        test_fail(__FILE__, __LINE__, "an operation completes twice");
    job->order = ++job->rig->finished;
}

static inline void job_submit(struct rig *rig, struct job *job)
{
    job->rig = rig;
    job->order = 0;
    job->op.done = job_done;
    job->at_once = fm__op_submit(&rig->loop, &job->op);
    if (job->at_once)
        job->order = ++rig->finished;
}

/* wide: it is one line of a test */
static inline void job_read(struct rig *rig, struct job *job, int fd, void *buf,
                            size_t size)
{
    job->op.kind = FM__OP_READ;
    job->op.fd = fd;
    job->op.buf = buf;
    job->op.size = size;
    job_submit(rig, job);
}

/* wide: it is one line of a test */
static inline void job_write(struct rig *rig, struct job *job, int fd,
                             const void *buf, size_t size)
{
    job->op.kind = FM__OP_WRITE;
    job->op.fd = fd;
    job->op.buf = (void *)(uintptr_t)buf;
    job->op.size = size;
    job_submit(rig, job);
}

static inline void job_receive(struct rig *rig, struct job *job, int fd)
{
    job->op.kind = FM__OP_RECEIVE;
    job->op.fd = fd;
    job->op.buf = NULL;
    job->op.size = 0;
    job_submit(rig, job);
}

/* wide: it is one line of a test */
static inline void job_writev(struct rig *rig, struct job *job, int fd,
                              const struct iovec *parts, size_t count)
{
    job->op.kind = FM__OP_WRITEV;
    job->op.fd = fd;
    job->op.buf = (void *)(uintptr_t)parts;
    job->op.size = count;
    job_submit(rig, job);
}

static inline void job_accept(struct rig *rig, struct job *job, int fd)
{
    job->op.kind = FM__OP_ACCEPT;
    job->op.fd = fd;
    job_submit(rig, job);
}

static inline void job_connect(struct rig *rig, struct job *job, int fd,
                               struct sockaddr_in *to)
{
    job->op.kind = FM__OP_CONNECT;
    job->op.fd = fd;
    job->op.buf = to;
    job->op.size = sizeof *to;
    job_submit(rig, job);
}

static inline void job_poll(struct rig *rig, struct job *job, int fd,
                            uint32_t events)
{
    job->op.kind = FM__OP_POLL;
    job->op.fd = fd;
    job->op.events = events;
    job_submit(rig, job);
}

static inline ssize_t job_wait(struct job *job)
{
    while (job->order == 0)
        rig_turn(job->rig);
    return job->op.result;
}

static inline ssize_t job_cancel(struct job *job)
{
    fm__op_cancel(&job->rig->loop, &job->op);
    return job_wait(job);
}

/* One operation from its submit to its end. */
static inline ssize_t rig_read(struct rig *rig, int fd, void *buf, size_t size)
{
    struct job job;
    job_read(rig, &job, fd, buf, size);
    return job_wait(&job);
}

static inline ssize_t rig_write(struct rig *rig, int fd, const void *buf,
                                size_t size)
{
    struct job job;
    job_write(rig, &job, fd, buf, size);
    return job_wait(&job);
}

/* The bytes that a receive has brought, to where the test wants them. */
static inline ssize_t job_take(struct job *job, char *to)
{
    ssize_t rc = job_wait(job);
    if (rc <= 0)
        return rc;
    const struct fm__buffer *buffer = job->op.buffer;
    CHECK_INT(fm__buffer_count(buffer), rc);
    memcpy(to, buffer->bytes + buffer->start, (size_t)rc);
    fm__buffer_give(&job->rig->loop.buffers, job->op.buffer);
    return rc;
}

/* Into `to`, which has room for a whole buffer. */
static inline ssize_t rig_receive(struct rig *rig, int fd, char *to)
{
    struct job job;
    job_receive(rig, &job, fd);
    return job_take(&job, to);
}

/* All of it, in as many operations as it takes; 0 or -errno. */
static inline ssize_t rig_write_all(struct rig *rig, int fd, const void *buf,
                                    size_t size)
{
    const char *from = buf;
    while (size > 0) {
        ssize_t rc = rig_write(rig, fd, from, size);
        if (rc < 0)
            return rc;
        from += rc;
        size -= (size_t)rc;
    }
    return 0;
}

static inline ssize_t rig_read_all(struct rig *rig, int fd, void *buf,
                                   size_t size)
{
    char *to = buf;
    while (size > 0) {
        ssize_t rc = rig_read(rig, fd, to, size);
        if (rc <= 0)
            return rc < 0 ? rc : -ENODATA;
        to += rc;
        size -= (size_t)rc;
    }
    return 0;
}

static inline void rig_pair(struct rig *rig, enum fm__pair_kind kind, int *fds)
{
    CHECK_INT(rig->loop.backend->pair(&rig->loop, kind, fds), 0);
}

static inline int rig_socket(struct rig *rig)
{
    return rig->loop.backend->socket(&rig->loop, AF_INET, SOCK_STREAM);
}

static inline void rig_close_fd(struct rig *rig, int fd)
{
    CHECK_INT(rig->loop.backend->close_fd(&rig->loop, fd), 0);
}

static inline void rig_close_pair(struct rig *rig, const int *fds)
{
    rig_close_fd(rig, fds[0]);
    rig_close_fd(rig, fds[1]);
}

/* A listener on a free port of this machine, and its address. */
static inline int rig_listen(struct rig *rig, struct sockaddr_in *at)
{
    const struct fm__backend *backend = rig->loop.backend;
    socklen_t size = sizeof *at;
    *at = (struct sockaddr_in){.sin_family = AF_INET};
    at->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = rig_socket(rig);
    CHECK(fd >= 0);
    CHECK_INT(backend->listen(&rig->loop, fd, (struct sockaddr *)at, size), 0);
    CHECK_INT(backend->address(&rig->loop, fd, (struct sockaddr *)at, &size),
              0);
    CHECK(ntohs(at->sin_port) != 0);
    return fd;
}

/* fds[0] connected, fds[1] accepted. */
static inline void rig_connect(struct rig *rig, int *fds)
{
    struct sockaddr_in at;
    struct job connect, accept;
    int listener = rig_listen(rig, &at);
    fds[0] = rig_socket(rig);
    job_accept(rig, &accept, listener);
    job_connect(rig, &connect, fds[0], &at);
    CHECK_INT(job_wait(&connect), 0);
    fds[1] = (int)job_wait(&accept);
    CHECK(fds[1] >= 0);
    rig_close_fd(rig, listener);
}

#endif
