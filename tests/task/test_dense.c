/*
 * test_dense.c - tasks in a kilobyte: what fits, what is refused, what is told
 *
 * What a call takes is found by painting: the stack below the caller's frame
 * is filled, and what has lost its colour was used.
 */
#include "task/story.h"

#include "coro/fitness.h"
#include "task/record.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define DENSE_COLOUR 0xa7
#define DENSE_RESERVE 192 /* bytes that are left to the user's own frames */

static const fm_task_options dense = {.stack_size = FM_STACK_DENSE};

static char *dense_bottom(void)
{
    return fm__task_stack(fm__current)->bottom + sizeof(uint64_t);
}

/* All below the caller's frame. */
__attribute__((noinline)) static void dense_paint(void)
{
    char *end = (char *)__builtin_frame_address(0) - 64;
    for (volatile char *at = dense_bottom(); at < end; at++)
        *at = (char)DENSE_COLOUR;
}

/* The lowest byte that has lost its colour. */
__attribute__((noinline)) static char *dense_lowest(void)
{
    const char *at = dense_bottom();
    while (*at == (char)DENSE_COLOUR)
        at++;
    return (char *)(uintptr_t)at;
}

struct trial {
    const char *name;
    int (*verb)(void *arg);
    void *arg;
    size_t room;  /* from the frame of the task's function downwards */
    size_t taken; /* of it, by the verb */
    int rc;
};

static int trial_run(void *arg)
{
    struct trial *trial = arg;
    dense_paint();
    const char *frame = __builtin_frame_address(0);
    trial->room = (size_t)(frame - dense_bottom());
    trial->rc = trial->verb(trial->arg);
    trial->taken = (size_t)(frame - dense_lowest());
    return 0;
}

static int verb_none(void *arg) { (void)arg; return 0; }
static int verb_sleep(void *arg) { (void)arg; return fm_sleep(0.001); }
static int verb_yield(void *arg) { (void)arg; return fm_yield(); }
static int child(void) { return fm_sleep(0.001); }
static int failing(void) { return -EIO; }
static int verb_await(void *arg) { (void)arg; return fm_await(fm_go(child)); }
static int verb_stop(void *arg) { (void)arg; return fm_stop(fm_go(child)) == -ECANCELED ? 0 : 1; }
static int verb_gather(void *arg) { (void)arg; return fm_gather(fm_go(child), fm_go(child)); }
static int verb_gather_fail(void *arg) { (void)arg; return fm_gather(fm_go(child), fm_go(failing)) == -EIO ? 0 : 1; }
static int verb_timeout(void *arg) { (void)arg; int rc; FM_TIMEOUT(0.001, rc) { rc = fm_sleep(1); } return rc == -ETIMEDOUT ? 0 : 1; }
static int verb_shield(void *arg) { (void)arg; int rc = 1; FM_SHIELD(1) { rc = fm_sleep(0.001); } return rc; }
static int verb_group(void *arg) { (void)arg; int rc; FM_GROUP(g, rc) { rc = fm_group_go(g, child); if (rc == 0) rc = fm_group_go(g, child); } return rc; }
static int verb_group_fail(void *arg) { (void)arg; int rc; FM_GROUP(g, rc) { rc = fm_group_go(g, child); if (rc == 0) rc = fm_group_go(g, failing); } return rc == -EIO ? 0 : 1; }
static int verb_get(void *arg) { void *item; return fm_queue_get(arg, &item); }
static int verb_put(void *arg) { return fm_queue_put(arg, arg); }
static int verb_event(void *arg) { return fm_event_wait(arg); }
static int verb_lock(void *arg) { int rc = fm_lock_acquire(arg); if (rc == 0) fm_lock_release(arg); return rc; }
static int verb_hold(void *arg) { int rc; FM_LOCKED(arg, rc) { rc = fm_yield(); } return rc; }

static void trial_do(struct trial *trial)
{
    CHECK_INT(fm_await(fm_start(trial_run, trial, &dense)), 0);
    printf("  %-20s room %zu taken %zu left %ld rc %d\n", trial->name, trial->room, trial->taken, (long)trial->room - (long)trial->taken, trial->rc);
}
#define T(v, a) do { struct trial tr = {.name = #v, .verb = v, .arg = a}; trial_do(&tr); } while (0)
static int setter(void *arg) { fm_yield(); fm_event_set(arg); return 0; }

STORY(measure_all)
{
    T(verb_none, NULL); T(verb_sleep, NULL); T(verb_yield, NULL); T(verb_await, NULL); T(verb_stop, NULL);
    T(verb_gather, NULL); T(verb_gather_fail, NULL); T(verb_timeout, NULL); T(verb_shield, NULL); T(verb_group, NULL); T(verb_group_fail, NULL);
    fm_queue *q = fm_queue_new(1);
    T(verb_put, q); T(verb_get, q);
    fm_queue_free(q);
    fm_event ev = {0};
    fm_task *t = fm_start(setter, &ev);
    T(verb_event, &ev);
    fm_await(t);
    fm_lock lock = {0};
    T(verb_lock, &lock); T(verb_hold, &lock);
}
