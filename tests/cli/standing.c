/*
 * standing.c - a program whose tasks stand where its comments say
 *
 * Whoever tests it compiles it, in several ways. Says "ready" and calls
 * all_stand when all wait but that task; ends with its input. The argument is
 * how many more there are that are alike.
 */
#include <fermata.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

#define EVER 100000.0 /* s */

static fm_lock taken;
static fm_queue *empty;
static fm_stream *ends[2];

static int nap(double seconds)
{
    int rc = fm_sleep(seconds); /* sleeper 1 nap, in fm_sleep */
    return rc < 0 ? rc : 1;
}

static int rest(double seconds)
{
    int rc = nap(seconds / 2); /* sleeper 2 rest */
    return rc < 0 ? rc : 2;
}

static int sleeper(void)
{
    int rc = rest(EVER); /* sleeper 3 sleeper */
    return rc < 0 ? rc : 3;
}

static int reader(void)
{
    char byte;
    int rc = (int)fm_read(ends[0], &byte, 1); /* reader 1 reader, in fm_read */
    return rc < 0 ? rc : 1;
}

static int server(void)
{
    fm_stream *stream;
    fm_listener *listener;
    int rc = fm_listen("127.0.0.1:0", &listener);
    if (rc == 0)
        rc = fm_accept(listener, &stream); /* server 1 server, in fm_accept */
    return rc < 0 ? rc : 1;
}

static int locker(void)
{
    int rc = fm_lock_acquire(&taken); /* locker 1 locker, in fm_lock_acquire */
    if (rc == 0)
        fm_lock_release(&taken);
    return rc;
}

static int holder(void)
{
    int rc;
    FM_LOCKED(&taken, rc) { /* holder 1 holder, in fm_lock_acquire */
        rc = 1;
    }
    return rc;
}

struct getter {
    int depth;
};

__attribute__((noinline)) static int descend(int depth)
{
    int rc;
    void *item;
    if (depth == 0)
        rc = fm_queue_get(empty, &item); /* getter 1 descend, in fm_queue_get */
    else
        rc = descend(depth - 1); /* getter 2 descend */
    return rc < 0 ? rc : depth;
}

static int getter(struct getter *self)
{
    int depth = self->depth;
    int rc = descend(depth); /* getter 3 getter */
    return rc < 0 ? rc : depth + self->depth;
}

struct awaiter {
    fm_task *unused;
};

static int awaiter(struct awaiter *self)
{
    (void)self;
    fm_task *child = fm_go(sleeper);
    int rc = fm_await(child); /* awaiter 1 awaiter, in fm_await */
    return rc < 0 ? rc : 1;
}

/* What a cancel does not reach yet. */
static int doomed(void)
{
    int rc = 0;
    FM_SHIELD(EVER) {
        rc = fm_sleep(3 * EVER);
    }
    return rc;
}

static int limited(void)
{
    static fm_event never;
    int rc;
    FM_TIMEOUT(6 * EVER, rc) {
        FM_TIMEOUT(3 * EVER, rc) {
            rc = fm_event_wait(&never);
        }
    }
    return rc;
}

static int selector(void)
{
    int rc = fm_select(fm_when_get(empty), fm_when_after(5 * EVER));
    return rc < 0 ? rc : 1;
}

static int endless(void)
{
    return fm_sleep(INFINITY);
}

__attribute__((noinline)) void all_stand(void);
__attribute__((noinline)) void all_stand(void)
{
    puts("ready");
    fflush(stdout);
}

/* Begun last: whoever was begun before has had a turn and waits, and so has who
 * was begun by these when it has yielded. */
static int teller(void)
{
    char byte;
    fm_stream *input;
    int rc = fm_yield();
    all_stand();
    if (rc == 0)
        rc = fm_stdin(&input);
    if (rc < 0)
        return rc;
    rc = (int)fm_read(input, &byte, 1);
    fm_close(input);
    exit(rc < 0);
}

static int standing(void *arg)
{
    int rc = fm_stream_pair(ends);
    empty = fm_queue_new(1);
    if (rc < 0 || empty == NULL || fm_lock_acquire(&taken) < 0)
        return -1;
    fm_task *tasks[] = {
        fm_go(sleeper), fm_go(reader),    fm_go(server),        fm_go(locker),
        fm_go(holder),  fm_go(getter, 2), fm_go(awaiter, NULL), fm_go(endless),
        fm_go(doomed),  fm_go(limited),   fm_go(selector),
    };
    (void)fm_cancel(tasks[8]);
    FM_GROUP(group, rc) {
        for (int i = 0; i < *(int *)arg && rc == 0; i++)
            rc = fm_group_go(group, sleeper);
        if (rc == 0)
            rc = fm_group_go(group, teller);
    }
    (void)tasks;
    return rc;
}

/* A sibling may look where only an ancestor could. */
int main(int argc, char **argv)
{
    int more = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0;
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
    return fm_run(standing, &more) < 0;
}
