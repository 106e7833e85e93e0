/*
 * sweep_kit.c - what the scenarios are made of
 */
#include "fault/sweep.h"

#include "base/fault.h"

#include "harness.h"

#include "base/memory.h"
#include "task/record.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

struct sweep_state sweep_state;

unsigned sweep_over(void)
{
    return sweep_state.done + sweep_state.cut;
}

double sweep_ticks(double count)
{
    return count * (test_simulated() ? 1.0 : 20e-6);
}

int sweep_sleep(double ticks)
{
    return fm_sleep(sweep_ticks(ticks));
}

int sweep_begin(void **block)
{
    *block = fm__memory_new(100);
    if (*block == NULL)
        return -ENOMEM;
    sweep_state.begun++;
    if (++sweep_state.alive > sweep_state.peak)
        sweep_state.peak = sweep_state.alive;
    return 0;
}

int sweep_end(void *block, int rc)
{
    if (block == NULL)
        return rc;
    fm__memory_free(block);
    sweep_state.alive--;
    sweep_state.ended++;
    sweep_state.done += rc >= 0;
    sweep_state.cut += rc == -ECANCELED;
    return rc;
}

int napper(struct napper *self)
{
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = sweep_sleep(self->ticks);
    return sweep_end(block, rc < 0 ? rc : self->result);
}

int yielder(struct yielder *self)
{
    void *block;
    int rc = sweep_begin(&block);
    for (int i = 0; rc == 0 && i < self->times; i++)
        rc = fm_yield();
    return sweep_end(block, rc);
}

int waiter(void)
{
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = sweep_sleep(1e12);
    return sweep_end(block, rc);
}

int stubborn(struct stubborn *self)
{
    void *block;
    int rc = sweep_begin(&block);
    for (int i = 0; rc == 0 && i < self->times; i++)
        (void)sweep_sleep(1);
    return sweep_end(block, rc);
}

/* ---- Operations --------------------------------------------------------- */

/* On the waiting task's stack: it is not resumed before the operation's own
 * completion, also when it is cut. */
struct kit_operation {
    struct fm__waiter waiter;
    struct fm__op op;
};

static void kit_done(struct fm__op *op)
{
    fm__wake(&FM__CONTAINER(op, struct kit_operation, op)->waiter, 0);
}

static void kit_cut(struct fm__waiter *waiter, int reason)
{
    (void)reason;
    fm__op_cancel(&fm__home->loop,
                  &FM__CONTAINER(waiter, struct kit_operation, waiter)->op);
}

static const struct fm__wait_kind kit_kind = {
    .cut = kit_cut,
    .name = "operation",
    .what = FM__WAIT_OPERATION,
    .at = FM__WAIT_AT(struct kit_operation, waiter, op),
};

ssize_t sweep_operate(struct fm__op *op)
{
    struct fm__task *self = fm__current;
    struct kit_operation wait = {.waiter = {.kind = &kit_kind}, .op = *op};
    int rc = fm__checkpoint(self, "sweep_operate");
    if (rc < 0)
        return rc;
    wait.op.done = kit_done;
    bool ended = fm__op_submit(&self->home->loop, &wait.op);
    if (!ended)
        fm__park(&wait.waiter);
    op->buffer = wait.op.buffer;
    if (ended || wait.op.result != -ECANCELED)
        return wait.op.result;
    return fm__cut_reason(self);
}

ssize_t sweep_read(int fd, void *buf, size_t size)
{
    return sweep_operate(&(struct fm__op){
        .kind = FM__OP_READ, .fd = fd, .buf = buf, .size = size});
}

ssize_t sweep_write(int fd, const void *buf, size_t size)
{
    return sweep_operate(&(struct fm__op){.kind = FM__OP_WRITE,
                                          .fd = fd,
                                          .buf = (void *)(uintptr_t)buf,
                                          .size = size});
}

int sweep_read_all(int fd, void *buf, size_t size)
{
    char *to = buf;
    while (size > 0) {
        ssize_t rc = sweep_read(fd, to, size);
        if (rc <= 0)
            return rc < 0 ? (int)rc : -ENODATA;
        to += rc;
        size -= (size_t)rc;
    }
    return 0;
}

int sweep_write_all(int fd, const void *buf, size_t size)
{
    const char *from = buf;
    while (size > 0) {
        ssize_t rc = sweep_write(fd, from, size);
        if (rc < 0)
            return (int)rc;
        from += rc;
        size -= (size_t)rc;
    }
    return 0;
}

int sweep_accept(int fd)
{
    return (int)sweep_operate(
        &(struct fm__op){.kind = FM__OP_ACCEPT, .fd = fd});
}

int sweep_pair(bool pipe, int fds[2])
{
    struct fm__loop *loop = &fm__home->loop;
    fds[0] = fds[1] = -1;
    return loop->backend->pair(loop, pipe ? FM__PAIR_PIPE : FM__PAIR_SOCKET,
                               fds);
}

void sweep_close(int fd)
{
    struct fm__loop *loop = &fm__home->loop;
    if (fd >= 0)
        loop->backend->close_fd(loop, fd);
}

int sweep_listen(struct sockaddr_in *at)
{
    struct fm__loop *loop = &fm__home->loop;
    struct sockaddr *addr = (struct sockaddr *)at;
    socklen_t size = sizeof *at;
    int fd = loop->backend->socket(loop, AF_INET, SOCK_STREAM);
    if (fd < 0)
        return fd;
    *at = (struct sockaddr_in){.sin_family = AF_INET};
    at->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int rc = loop->backend->listen(loop, fd, addr, size);
    if (rc == 0)
        rc = loop->backend->address(loop, fd, addr, &size);
    if (rc == 0)
        return fd;
    sweep_close(fd);
    return rc;
}

int sweep_connect(const struct sockaddr_in *at)
{
    struct fm__loop *loop = &fm__home->loop;
    struct sockaddr_in copy = *at;
    int fd = loop->backend->socket(loop, AF_INET, SOCK_STREAM);
    if (fd < 0)
        return fd;
    int rc = (int)sweep_operate(&(struct fm__op){
        .kind = FM__OP_CONNECT, .fd = fd, .buf = &copy, .size = sizeof copy});
    if (rc == 0)
        return fd;
    sweep_close(fd);
    return rc;
}

double sweep_patience(void)
{
    return fm__fault_plan != NULL && fm__fault_plan->from_then_on ? 0.15 : 60;
}

double sweep_silence(void)
{
    const struct fm__fault_plan *plan = fm__fault_plan;
    bool fails = false;
    for (int i = 0; plan != NULL && i < FM__DOORS; i++)
        fails = fails || plan->fail_at[i] > 0;
    return fails ? 0.15 : 60;
}

int sweep_host(const char *scheme, fm_listener **listener, char url[SWEEP_URL])
{
    char text[FM_ADDRESS_TEXT];
    int rc = fm_listen("127.0.0.1:0", listener);
    if (rc < 0)
        return rc;
    fm_address_format(fm_listener_address(*listener), text);
    snprintf(url, SWEEP_URL, "%.7s%s", scheme, text);
    return 0;
}
