/*
 * explore_doors.c - memory, time and the bell, with the explorer in between
 *
 * The linker brings here who calls a function of the doors that is named
 * __wrap_ here. Descriptors are the kernel's: a wait for them asks it without
 * waiting, and then waits for the next ring of a bell. Time is the explorer's
 * own, and goes on with each look at it.
 */
#include "explore_thread.h"

#include "base/die.h"
#include "base/memory.h"
#include "base/sys.h"
#include "coro/overflow.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

enum {
    DOORS_TICK = 1000, /* ns a look at the clock takes */
    DOORS_FDS = 1024
};

static bool doors_bells[DOORS_FDS];

/* ---- Memory and time ---------------------------------------------------- */

void __real_fm__memory_free(void *block);
void __wrap_fm__memory_free(void *block);
void __wrap_fm__memory_free(void *block)
{
    if (explorer.here == NULL || block == NULL) {
        __real_fm__memory_free(block);
        return;
    }
    explore_touch(block);
    explore_gone_block(block);
}

void __real_fm__sys_unmap(void *start, size_t size);
void __wrap_fm__sys_unmap(void *start, size_t size);
void __wrap_fm__sys_unmap(void *start, size_t size)
{
    if (explorer.here == NULL) {
        __real_fm__sys_unmap(start, size);
        return;
    }
    explore_touch(start);
    explore_gone_mapping(start, size);
}

int64_t __real_fm__sys_clock(void);
int64_t __wrap_fm__sys_clock(void);
int64_t __wrap_fm__sys_clock(void)
{
    if (explorer.here == NULL)
        return __real_fm__sys_clock();
    explorer.clock += DOORS_TICK;
    return explorer.clock;
}

/* ---- The bell ----------------------------------------------------------- */

int __real_fm__sys_event(void);
int __wrap_fm__sys_event(void);
int __wrap_fm__sys_event(void)
{
    int fd = __real_fm__sys_event();
    if (fd >= 0 && fd < DOORS_FDS)
        doors_bells[fd] = true;
    return fd;
}

int __real_fm__sys_close(int fd);
int __wrap_fm__sys_close(int fd);
int __wrap_fm__sys_close(int fd)
{
    if (fd >= 0 && fd < DOORS_FDS)
        doors_bells[fd] = false;
    return __real_fm__sys_close(fd);
}

void __real_fm__sys_event_ring(int fd);
void __wrap_fm__sys_event_ring(int fd);
void __wrap_fm__sys_event_ring(int fd)
{
    if (explorer.here != NULL) {
        explore_step();
        if (fd < 0 || fd >= DOORS_FDS || !doors_bells[fd])
            explore_fail(__FILE__, __LINE__, "a bell is rung that is gone");
        explorer.rings++;
    }
    __real_fm__sys_event_ring(fd);
}

static bool doors_rang(const struct explore_thread *self)
{
    return explorer.rings != self->mark;
}

/* False: it did not ring in time. */
static bool doors_sleep(int64_t timeout)
{
    struct explore_thread *here = explorer.here;
    if (timeout == 0)
        return false;
    here->mark = explorer.rings;
    here->until = timeout > 0 ? explorer.clock + timeout : 0;
    explore_wait(doors_rang, "its bell", NULL);
    return explorer.rings != here->mark;
}

/* wide: as the door's */
int __real_fm__sys_epoll_wait(int epoll, struct epoll_event *events, int count,
                              int64_t timeout);
int __wrap_fm__sys_epoll_wait(int epoll, struct epoll_event *events, int count,
                              int64_t timeout);
int __wrap_fm__sys_epoll_wait(int epoll, struct epoll_event *events, int count,
                              int64_t timeout)
{
    if (explorer.here == NULL)
        return __real_fm__sys_epoll_wait(epoll, events, count, timeout);
    explore_step();
    int rc = __real_fm__sys_epoll_wait(epoll, events, count, 0);
    while (rc == 0 && doors_sleep(timeout))
        rc = __real_fm__sys_epoll_wait(epoll, events, count, 0);
    return rc;
}

int __real_fm__sys_poll(int fd, int events, int64_t timeout);
int __wrap_fm__sys_poll(int fd, int events, int64_t timeout);
int __wrap_fm__sys_poll(int fd, int events, int64_t timeout)
{
    if (explorer.here == NULL)
        return __real_fm__sys_poll(fd, events, timeout);
    explore_step();
    int rc = __real_fm__sys_poll(fd, events, 0);
    while (rc == 0 && doors_sleep(timeout))
        rc = __real_fm__sys_poll(fd, events, 0);
    return rc;
}

/* ---- Signals ------------------------------------------------------------ */

void explore_signal(int number)
{
    struct explore_thread *here = explorer.here;
    struct sigaction now;
    here->handling = true;
    do {
        here->raised = false;
        explore_step();
        fm__sys_undo_sigaction(number, NULL, &now);
        now.sa_handler(number);
    } while (here->raised);
    here->handling = false;
}

void __real_fm__sys_raise(int number);
void __wrap_fm__sys_raise(int number);
void __wrap_fm__sys_raise(int number)
{
    if (explorer.here == NULL)
        __real_fm__sys_raise(number);
    else if (explorer.here->handling)
        explorer.here->raised = true;
    else
        explore_signal(number);
}

/* ---- The real thread ---------------------------------------------------- */

/* Its one alternate stack is for whoever stands outside. */
int __real_fm__overflow_open(struct fm__overflow *overflow);
int __wrap_fm__overflow_open(struct fm__overflow *overflow);
int __wrap_fm__overflow_open(struct fm__overflow *overflow)
{
    return explorer.here == NULL ? __real_fm__overflow_open(overflow) : 0;
}

void __real_fm__overflow_close(struct fm__overflow *overflow);
void __wrap_fm__overflow_close(struct fm__overflow *overflow);
void __wrap_fm__overflow_close(struct fm__overflow *overflow)
{
    if (explorer.here == NULL)
        __real_fm__overflow_close(overflow);
}

/* What a sanitizer is told of a run's own stack. */
int __real_pthread_attr_getstack(const pthread_attr_t *attr, void **bottom,
                                 size_t *size);
int __wrap_pthread_attr_getstack(const pthread_attr_t *attr, void **bottom,
                                 size_t *size);
int __wrap_pthread_attr_getstack(const pthread_attr_t *attr, void **bottom,
                                 size_t *size)
{
    if (explorer.here == NULL)
        return __real_pthread_attr_getstack(attr, bottom, size);
    explore_stack(bottom, size);
    return 0;
}

/* ---- The end ------------------------------------------------------------ */

/* What breaks a rule ends the schedule, with the sentence for a reason. */
FM__NORETURN void __real_fm__die(const char *format, ...) FM__FORMAT(1, 2);
FM__NORETURN void __wrap_fm__die(const char *format, ...) FM__FORMAT(1, 2);
FM__NORETURN void __wrap_fm__die(const char *format, ...)
{
    char sentence[200];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    if (explorer.here == NULL)
        __real_fm__die("%s", sentence);
    explore_fail(__FILE__, __LINE__, "dies: %s", sentence);
}

/* As does an invariant that is broken. */
FM__NORETURN void __wrap___assert_fail(const char *expr, const char *file,
                                       unsigned line, const char *function);
/* wide: as the C library's */
FM__NORETURN void __wrap___assert_fail(const char *expr, const char *file,
                                       unsigned line, const char *function)
{
    if (explorer.here == NULL)
        __real_fm__die("%s:%u: %s: %s", file, line, function, expr);
    explore_fail(file, (int)line, "%s: the assertion %s does not hold",
                 function, expr);
}
