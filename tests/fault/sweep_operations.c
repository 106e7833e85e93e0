/*
 * sweep_operations.c - scenarios: pipes and sockets, at operation level
 */
#include "fault/sweep.h"

#include "base/memory.h"
#include "task/record.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>

/* Sends or expects a known pattern. */
struct mover {
    int fd;
    size_t size;
};

static unsigned char pattern(size_t i)
{
    return (unsigned char)(i * 7 + i / 251);
}

static int writer(struct mover *self)
{
    unsigned char *bytes = fm__memory_new(self->size);
    if (bytes == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < self->size; i++)
        bytes[i] = pattern(i);
    int rc = sweep_write_all(self->fd, bytes, self->size);
    fm__memory_free(bytes);
    return rc;
}

static int reader(struct mover *self)
{
    unsigned char *bytes = fm__memory_new(self->size);
    if (bytes == NULL)
        return -ENOMEM;
    int rc = sweep_read_all(self->fd, bytes, self->size);
    for (size_t i = 0; rc == 0 && i < self->size; i++)
        sweep_state.noted += bytes[i] != pattern(i);
    fm__memory_free(bytes);
    return rc;
}

static const char *every_byte_is_there(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "bytes were lost or changed" : NULL;
}

struct reads {
    struct mover mover;
};

static int reads(struct reads *self)
{
    return reader(&self->mover);
}

struct writes {
    struct mover mover;
};

static int writes(struct writes *self)
{
    return writer(&self->mover);
}

static int moves(bool pipe, size_t size)
{
    int fds[2];
    int rc = sweep_pair(pipe, fds);
    if (rc < 0)
        return rc;
    rc = fm_gather(fm_go(reads, {fds[0], size}), fm_go(writes, {fds[1], size}));
    sweep_close(fds[0]);
    sweep_close(fds[1]);
    return rc;
}

static int through_a_pipe(void *arg)
{
    (void)arg;
    return moves(true, 100);
}

/* More than there is room for. */
static int through_a_full_pipe(void *arg)
{
    (void)arg;
    return moves(true, 70000);
}

static int through_a_socket(void *arg)
{
    (void)arg;
    return moves(false, 5000);
}

/* ---- Cuts of an operation ----------------------------------------------- */

static int reads_in_vain(void *arg)
{
    int fds[2], rc;
    char byte;
    (void)arg;
    int made = sweep_pair(true, fds);
    if (made < 0)
        return made;
    FM_TIMEOUT(sweep_ticks(3), rc) {
        ssize_t n = sweep_read(fds[0], &byte, 1);
        rc = n < 0 ? (int)n : 0;
    }
    sweep_close(fds[0]);
    sweep_close(fds[1]);
    return rc;
}

static int stops_readers(void *arg)
{
    int fds[2];
    (void)arg;
    int rc = sweep_pair(false, fds);
    if (rc < 0)
        return rc;
    fm_task *one = fm_go(reads, {fds[0], 10});
    fm_task *other = fm_go(reads, {fds[0], 10});
    rc = sweep_sleep(1);
    int first = fm_stop(one);
    int second = fm_stop(other);
    sweep_close(fds[0]);
    sweep_close(fds[1]);
    if (rc == 0 && first != -ECANCELED)
        rc = first;
    return rc < 0 || second == -ECANCELED ? rc : second;
}

/* Either the byte or the cut came first; it cannot be both. */
static int races(void *arg)
{
    int fds[2];
    char byte = 1;
    (void)arg;
    int rc = sweep_pair(true, fds);
    if (rc < 0)
        return rc;
    fm_task *task = fm_go(reads, {fds[0], 1});
    rc = fm_yield();
    ssize_t sent = rc == 0 ? sweep_write(fds[1], &byte, 1) : rc;
    int result = fm_stop(task);
    sweep_close(fds[0]);
    sweep_close(fds[1]);
    sweep_state.noted = 0;
    if (sent < 0)
        return (int)sent;
    return result == -ECANCELED ? 0 : result;
}

struct poller {
    int fd;
};

static int poller(struct poller *self)
{
    ssize_t events = sweep_operate(&(struct fm__op){
        .kind = FM__OP_POLL, .fd = self->fd, .events = EPOLLIN});
    sweep_state.noted += events >= 0 && (events & EPOLLIN) == 0;
    return events < 0 ? (int)events : 0;
}

static int polls(void *arg)
{
    int fds[2];
    (void)arg;
    int rc = sweep_pair(true, fds);
    if (rc < 0)
        return rc;
    rc = fm_gather(fm_go(poller, fds[0]), fm_go(poller, fds[0]),
                   fm_go(writes, {fds[1], 1}));
    sweep_close(fds[0]);
    sweep_close(fds[1]);
    return rc;
}

/* ---- Parts, lent buffers, and an end ------------------------------------ */

struct lecture {
    int fd;
    size_t size;
};

/* In two parts a time, and then no more. */
static int lecture(struct lecture *self)
{
    struct fm__loop *loop = &fm__home->loop;
    unsigned char *bytes = fm__memory_new(self->size);
    if (bytes == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < self->size; i++)
        bytes[i] = pattern(i);
    ssize_t rc = 0;
    for (size_t i = 0; rc >= 0 && i < self->size; i += (size_t)rc) {
        size_t half = (self->size - i) / 2;
        struct iovec parts[] = {{bytes + i, half},
                                {bytes + i + half, self->size - i - half}};
        rc = sweep_operate(&(struct fm__op){.kind = FM__OP_WRITEV,
                                            .fd = self->fd,
                                            .buf = half > 0 ? parts : parts + 1,
                                            .size = half > 0 ? 2 : 1});
    }
    if (rc >= 0)
        rc = loop->backend->shutdown(loop, self->fd);
    fm__memory_free(bytes);
    return rc < 0 ? (int)rc : 0;
}

struct audience {
    int fd;
    size_t size;
};

static ssize_t hear(int fd, size_t heard)
{
    struct fm__op op = {.kind = FM__OP_RECEIVE, .fd = fd};
    ssize_t rc = sweep_operate(&op);
    if (rc <= 0)
        return rc;
    for (uint32_t i = op.buffer->start; i < op.buffer->end; i++)
        sweep_state.noted +=
            (unsigned char)op.buffer->bytes[i] != pattern(heard++);
    fm__buffer_give(&fm__home->loop.buffers, op.buffer);
    return rc;
}

static int audience(struct audience *self)
{
    size_t heard = 0;
    ssize_t rc;
    while ((rc = hear(self->fd, heard)) > 0)
        heard += (size_t)rc;
    if (rc == 0 && heard < self->size)
        rc = -ENODATA;
    return (int)rc;
}

static int lectures(void *arg)
{
    enum {
        SIZE = 90000
    };
    int fds[2];
    (void)arg;
    int rc = sweep_pair(false, fds);
    if (rc < 0)
        return rc;
    rc = fm_gather(fm_go(audience, fds[0], SIZE), fm_go(lecture, fds[1], SIZE));
    sweep_close(fds[0]);
    sweep_close(fds[1]);
    return rc;
}

/* Whoever is stopped while he waits for bytes keeps no buffer. */
static int stops_an_audience(void *arg)
{
    int fds[2];
    (void)arg;
    int rc = sweep_pair(true, fds);
    if (rc < 0)
        return rc;
    fm_task *task = fm_go(audience, fds[0], 2);
    rc = fm_yield();
    ssize_t sent = rc == 0 ? sweep_write(fds[1], "\0", 1) : rc;
    int result = fm_stop(task);
    sweep_close(fds[0]);
    sweep_close(fds[1]);
    if (sent < 0)
        return (int)sent;
    return result == -ECANCELED ? 0 : result;
}

/* ---- A server and its clients ------------------------------------------- */

struct echo {
    int fd;
};

static int echo(struct echo *self)
{
    char bytes[64];
    ssize_t n;
    int rc = 0;
    while (rc == 0 && (n = sweep_read(self->fd, bytes, sizeof bytes)) != 0)
        rc = n < 0 ? (int)n : sweep_write_all(self->fd, bytes, (size_t)n);
    sweep_close(self->fd);
    return rc;
}

struct server {
    int fd;
    int count;
};

static int server(struct server *self)
{
    int rc;
    FM_GROUP(group, rc, .limit = 2) {
        for (int i = 0; rc == 0 && i < self->count; i++) {
            int fd = sweep_accept(self->fd);
            rc = fd < 0 ? fd : fm_group_go(group, echo, fd);
            if (rc < 0)
                sweep_close(fd);
        }
    }
    return rc;
}

struct client {
    const struct sockaddr_in *at;
};

static int client(struct client *self)
{
    char sent[100], got[100];
    int fd = sweep_connect(self->at);
    if (fd < 0)
        return fd;
    memset(sent, 'x', sizeof sent);
    int rc = sweep_write_all(fd, sent, sizeof sent);
    if (rc == 0)
        rc = sweep_read_all(fd, got, sizeof got);
    sweep_state.noted += rc == 0 && memcmp(sent, got, sizeof got) != 0;
    sweep_close(fd);
    return rc;
}

static int serves(void *arg)
{
    struct sockaddr_in at;
    (void)arg;
    int fd = sweep_listen(&at);
    if (fd < 0)
        return fd;
    int rc = fm_gather(fm_go(server, fd, 3), fm_go(client, &at),
                       fm_go(client, &at), fm_go(client, &at));
    sweep_close(fd);
    return rc;
}

static int accepts_in_vain(void *arg)
{
    struct sockaddr_in at;
    int rc;
    (void)arg;
    int fd = sweep_listen(&at);
    if (fd < 0)
        return fd;
    FM_TIMEOUT(sweep_ticks(2), rc) {
        rc = fm_await(fm_go(server, fd, 1));
    }
    sweep_close(fd);
    return rc;
}

const struct scenario sweep_operations[] = {
    {"pipe", through_a_pipe, .wrong = every_byte_is_there},
    {"pipe-full", through_a_full_pipe, .wrong = every_byte_is_there},
    {"socket", through_a_socket, .wrong = every_byte_is_there},
    {"read-timeout", reads_in_vain, .result = -ETIMEDOUT},
    {"read-stopped", stops_readers, .result = 0},
    {"read-race", races, .result = 0},
    {"lecture", lectures, .also = {-ENODATA}, .wrong = every_byte_is_there},
    {"lecture-stopped", stops_an_audience, .wrong = every_byte_is_there},
    {"poll", polls, .wrong = every_byte_is_there},
    /* Whoever gives up resets the connection to the other. */
    {"echo", serves, .also = {-ECONNRESET, -EPIPE, -ENODATA},
     .wrong = every_byte_is_there},
    {"accept-timeout", accepts_in_vain, .result = -ETIMEDOUT},
    {.name = NULL},
};
