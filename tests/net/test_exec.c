/*
 * test_exec.c - a program that is executed has 0, 1, 2 and what it was given
 *
 * Whatever opens a descriptor is open here, on the loops of two threads, while
 * a task forks and executes a shell. That one opens nothing to say which it
 * has. What the test's own starter has left open is there before and after.
 */
#include "io/gate.h"
#include "neighbours.h"

#include <sched.h>
#include <signal.h>
#include <unistd.h>

static void execute(void *arg)
{
    (void)arg;
    execl("/bin/sh", "sh", "-c",
          "fd=3; while [ $fd -lt 400 ]; do"
          "  [ ! -L /proc/$$/fd/$fd ] || echo $fd; fd=$((fd + 1));"
          "done",
          (char *)NULL);
    _exit(1);
}

struct seen {
    char text[2048];
};

static struct seen look(void)
{
    struct seen seen;
    CHECK_INT(test_child(execute, NULL, seen.text, sizeof seen.text), 0);
    return seen;
}

static struct seen during;
static int there, over;

/* What has descriptors of its own; others are the loop's. */
struct everything {
    fm_listener *listener;
    fm_stream *client, *server, *pair[2], *pipe[2], *local[2], *late;
    fm_listener *door;
    int passed;
    fm_udp *udp;
    fm_remote *remote;
    struct gate gate;
    struct passer passer;
    fm_task *calls, *accepts, *sleeps;
};

/* A local socket, its listener, and a descriptor that came with a byte; in the
 * simulator none comes. */
static void open_local(struct everything *all)
{
    static const fm_listen_options listen = {.stream.descriptors = 2};
    const fm_connect_options connect = {.stream = listen.stream};
    char byte;
    all->passed = -1;
    CHECK_INT(fm_listen("unix:", &all->door, &listen), 0);
    CHECK_INT(fm_connect(where(all->door), &all->local[0], &connect), 0);
    CHECK_INT(fm_accept(all->door, &all->local[1]), 0);
    if (test_simulated())
        return;
    for (int i = 0; i < 2; i++) /* one is taken, the other not */
        CHECK_INT(fm_send_descriptor(all->local[0], 2, "x", 1), 1);
    CHECK_INT(fm_read_exactly(all->local[1], &byte, 1), 1);
    CHECK_INT(fm_receive_descriptor(all->local[1], &all->passed), 0);
    CHECK_INT(fm_peek(all->local[1], 1, &(const void *){NULL}), 1);
}

static void close_local(struct everything *all)
{
    if (all->passed >= 0)
        CHECK_INT(close(all->passed), 0);
    part(all->local[0], all->local[1]);
    CHECK_INT(fm_listener_close(all->door), 0);
}

static void open_all(struct everything *all)
{
    *all = (struct everything){.listener = listen_here()};
    meet(all->listener, &all->client, &all->server);
    CHECK_INT(fm_stream_pair(all->pair), 0);
    CHECK_INT(fm_pipe(all->pipe), 0);
    open_local(all);
    CHECK_INT(fm_udp_open("127.0.0.1:0", &all->udp), 0);
    all->remote = fm_remote_get();
    gate_init(&all->gate, 0);
    all->calls = passer_start(&all->passer, &all->gate);
    all->accepts = fm_go(taker, all->listener, &all->late);
    all->sleeps = fm_go(forever);
    CHECK_INT(fm_yield(), 0);
}

static void close_all(struct everything *all)
{
    sem_post(&all->gate.open);
    CHECK_INT(fm_await(all->calls), 0);
    CHECK_INT(fm_stop(all->accepts), -ECANCELED);
    CHECK_INT(fm_stop(all->sleeps), -ECANCELED);
    fm_remote_put(all->remote);
    fm_udp_close(all->udp);
    close_local(all);
    part(all->pipe[0], all->pipe[1]);
    part(all->pair[0], all->pair[1]);
    part(all->client, all->server);
    CHECK_INT(fm_listener_close(all->listener), 0);
}

static void hold_everything(void)
{
    static struct everything all;
    int rc;
    FM_SIGMASK(rc, SIGUSR1) {
        open_all(&all);
        during = look();
        close_all(&all);
    }
    CHECK_INT(rc, 0);
}

static int wait_for(int *flag)
{
    int rc = 0;
    while (rc == 0 && __atomic_load_n(flag, __ATOMIC_SEQ_CST) == 0) {
        sched_yield();
        rc = fm_sleep(story_span(0.1));
    }
    return rc;
}

/* The other loop is there all the while. */
static int hold(void *arg)
{
    (void)arg;
    if (fm_worker_index() > 0) {
        __atomic_store_n(&there, 1, __ATOMIC_SEQ_CST);
        return wait_for(&over);
    }
    int rc = wait_for(&there);
    hold_everything();
    __atomic_store_n(&over, 1, __ATOMIC_SEQ_CST);
    return rc;
}

TEST(of_all_that_is_open_a_program_that_is_executed_has_nothing)
{
    const fm_run_options options = {
        .debug = true, .slow_turn = 1000, .on_report = story_report};
    struct seen before = look();
    there = over = 0;
    story_reported = 0;
    CHECK_INT(fm_run_workers(2, hold, NULL, &options), 0);
    CHECK(strcmp(during.text, before.text) == 0);
    if (strcmp(during.text, before.text) != 0)
        test_fail(__FILE__, __LINE__, "before: %s; then: %s", before.text,
                  during.text);
}

/* A number that nobody has: it comes last. */
STORY(what_a_program_is_given_it_has)
{
    struct seen before = look();
    CHECK_INT(dup2(1, 399), 399);
    struct seen given = look();
    close(399);
    size_t size = strlen(before.text);
    CHECK(strncmp(given.text, before.text, size) == 0);
    CHECK(strcmp(given.text + size, "399\n") == 0);
}
