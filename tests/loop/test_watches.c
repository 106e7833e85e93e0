/*
 * test_watches.c - descriptors that the public loop watches
 */
#include "harness.h"

#include <errno.h>
#include <fermata/loop.h>
#include <fermata/sleep.h>
#include <stdlib.h>
#include <string.h>

struct scene {
    fm_loop *loop;
    int fds[2];
    fm_watch watch;
    int calls;
    int events; /* of the last call */
    int most;   /* calls, after which it closes the watch */
};

static void seen(void *arg, int events)
{
    struct scene *scene = arg;
    scene->events = events;
    if (++scene->calls == scene->most)
        fm_watch_close(&scene->watch);
}

static void scene_open(struct scene *scene)
{
    const fm_loop_options options = {.backend = test_backend(),
                                     .seed = test_seed(1)};
    memset(scene, 0, sizeof *scene);
    CHECK_INT(fm_loop_open(&scene->loop, &options), 0);
    CHECK_INT(fm_loop_pair(scene->loop, scene->fds), 0);
    scene->watch = (fm_watch){
        .fd = scene->fds[0], .events = FM_READABLE, .fn = seen, .arg = scene};
}

static void scene_close(struct scene *scene)
{
    CHECK_INT(fm_loop_close_fd(scene->loop, scene->fds[0]), 0);
    CHECK_INT(fm_loop_close_fd(scene->loop, scene->fds[1]), 0);
    fm_loop_close(scene->loop);
}

static void operated(fm_op *op)
{
    bool *done = op->arg;
    *done = true;
}

static ssize_t operate(struct scene *scene, fm_op_kind kind, int fd)
{
    char byte = 'x';
    bool done = false;
    fm_op op = {.kind = kind,
                .fd = fd,
                .buf = &byte,
                .size = 1,
                .done = operated,
                .arg = &done};
    fm_op_start(scene->loop, &op);
    while (!done)
        fm_loop_step(scene->loop);
    return op.result;
}

static void look(struct scene *scene)
{
    for (int i = 0; i < 10; i++)
        fm_loop_step(scene->loop);
}

static void until_called(struct scene *scene, int calls)
{
    while (scene->calls < calls)
        fm_loop_step(scene->loop);
}

TEST(a_watch_calls_as_long_as_the_descriptor_is_ready)
{
    struct scene scene;
    scene_open(&scene);
    CHECK_INT(fm_watch_open(scene.loop, &scene.watch), 0);
    look(&scene);
    CHECK_INT(scene.calls, 0);
    CHECK_INT(operate(&scene, FM_OP_WRITE, scene.fds[1]), 1);
    until_called(&scene, 3);
    CHECK_INT(scene.events, FM_READABLE);
    CHECK_INT(operate(&scene, FM_OP_READ, scene.fds[0]), 1);
    look(&scene);
    int calls = scene.calls;
    look(&scene);
    CHECK_INT(scene.calls, calls);
    CHECK_INT(operate(&scene, FM_OP_WRITE, scene.fds[1]), 1);
    until_called(&scene, calls + 1);
    fm_watch_close(&scene.watch);
    scene_close(&scene);
}

TEST(nobody_is_called_after_the_close_of_a_watch)
{
    struct scene scene;
    scene_open(&scene);
    CHECK_INT(operate(&scene, FM_OP_WRITE, scene.fds[1]), 1);
    CHECK_INT(fm_watch_open(scene.loop, &scene.watch), 0);
    fm_watch_close(&scene.watch);
    fm_watch_close(&scene.watch);
    memset(&scene.watch, 0xee, sizeof scene.watch);
    look(&scene);
    CHECK_INT(scene.calls, 0);
    scene_close(&scene);
}

TEST(a_watch_may_be_closed_by_its_own_function)
{
    struct scene scene;
    scene_open(&scene);
    scene.most = 2;
    CHECK_INT(operate(&scene, FM_OP_WRITE, scene.fds[1]), 1);
    CHECK_INT(fm_watch_open(scene.loop, &scene.watch), 0);
    until_called(&scene, 2);
    look(&scene);
    CHECK_INT(scene.calls, 2);
    fm_watch_close(&scene.watch);
    scene_close(&scene);
}

TEST(a_descriptor_may_be_closed_as_soon_as_its_watches_are)
{
    struct scene scene, other = {.calls = 0};
    scene_open(&scene);
    fm_watch second = {
        .fd = scene.fds[0], .events = FM_WRITABLE, .fn = seen, .arg = &other};
    CHECK_INT(fm_watch_open(scene.loop, &scene.watch), 0);
    CHECK_INT(fm_watch_open(scene.loop, &second), 0);
    look(&scene);
    CHECK(other.calls > 0 && other.events == FM_WRITABLE);
    fm_watch_close(&second);
    fm_watch_close(&scene.watch);
    scene_close(&scene);
    CHECK_INT(scene.calls, 0);
}

TEST(an_end_makes_a_descriptor_ready_for_all_that_was_asked)
{
    struct scene scene;
    scene_open(&scene);
    scene.watch.events = FM_READABLE | FM_WRITABLE;
    scene.most = 1;
    CHECK_INT(fm_loop_close_fd(scene.loop, scene.fds[1]), 0);
    CHECK_INT(fm_watch_open(scene.loop, &scene.watch), 0);
    until_called(&scene, 1);
    CHECK_INT(scene.events, FM_READABLE | FM_WRITABLE);
    CHECK_INT(fm_loop_close_fd(scene.loop, scene.fds[0]), 0);
    fm_loop_close(scene.loop);
}

TEST(what_cannot_be_watched_is_told_once)
{
    struct scene scene;
    scene_open(&scene);
    scene.watch.fd = 9999;
    CHECK_INT(fm_watch_open(scene.loop, &scene.watch), 0);
    look(&scene);
    CHECK_INT(scene.calls, 1);
    CHECK_INT(scene.events, -EBADF);
    fm_watch_close(&scene.watch);
    scene_close(&scene);
}

TEST(a_watch_asks_for_events_that_there_are)
{
    struct scene scene;
    scene_open(&scene);
    scene.watch.events = 0;
    CHECK_INT(fm_watch_open(scene.loop, &scene.watch), -EINVAL);
    scene.watch.events = FM_READABLE | 64;
    CHECK_INT(fm_watch_open(scene.loop, &scene.watch), -EINVAL);
    fm_watch_close(&scene.watch);
    scene_close(&scene);
}

TEST(a_close_of_the_loop_ends_its_watches)
{
    struct scene scene;
    scene_open(&scene);
    CHECK_INT(operate(&scene, FM_OP_WRITE, scene.fds[1]), 1);
    CHECK_INT(fm_watch_open(scene.loop, &scene.watch), 0);
    until_called(&scene, 1);
    int calls = scene.calls;
    fm_watch_close(&scene.watch);
    CHECK_INT(fm_watch_open(scene.loop, &scene.watch), 0);
    fm_watch idle = scene.watch;
    memset(idle.reserved, 0, sizeof idle.reserved);
    CHECK_INT(fm_watch_open(scene.loop, &idle), 0);
    fm_watch_close(&idle);
    fm_watch_close(&scene.watch);
    scene_close(&scene);
    CHECK_INT(scene.calls, calls);
}

static void open_twice(void *arg)
{
    struct scene scene;
    (void)arg;
    scene_open(&scene);
    CHECK_INT(fm_watch_open(scene.loop, &scene.watch), 0);
    CHECK_INT(fm_watch_open(scene.loop, &scene.watch), 0);
}

TEST(a_watch_cannot_be_opened_twice)
{
    CHECK_DIES(open_twice, NULL, "the watch is open already");
}
