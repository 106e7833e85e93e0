/*
 * recorded.c - all that a look at a small program reads of its memory
 */
#include "inspect/recorded.h"

#include "inspect/image_kind.h"
#include "inspect/sight.h"

#include <fermata.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

/* An image that keeps what is read of another one. */
struct recorder {
    struct fm__image image;
    struct fm__image *inner;
};

static struct recorded recorded;
static char recorded_bytes[1 << 18];
static size_t recorded_used;

static void recorded_keep(const struct fm__extent *extent)
{
    size_t room = sizeof recorded_bytes - recorded_used;
    if (recorded.count == RECORDED_MOST || extent->got > room)
        abort();
    char *bytes = recorded_bytes + recorded_used;
    memcpy(bytes, extent->buf, extent->got);
    recorded_used += extent->got;
    recorded.regions[recorded.count++] =
        (struct image_region){extent->address, bytes, extent->got};
}

static int recorder_gather(struct fm__image *image, struct fm__extent *extents,
                           size_t count)
{
    int rc =
        fm__image_gather(((struct recorder *)image)->inner, extents, count);
    for (size_t i = 0; i < count && rc == 0; i++) {
        if (extents[i].got > 0)
            recorded_keep(&extents[i]);
    }
    return rc;
}

static void recorder_close(struct fm__image *image)
{
    fm__image_close(((struct recorder *)image)->inner);
}

static const struct fm__image_kind recorder_kind = {
    .gather = recorder_gather,
    .close = recorder_close,
};

static int recorded_look(void)
{
    static struct recorder recorder;
    struct fm__root root;
    fm_inspect *inspect = NULL;
    const fm_picture *picture;
    recorded.count = recorded_used = 0;
    recorder.image = (struct fm__image){.kind = &recorder_kind, .clock = -1};
    int rc = fm__image_open(&recorder.inner, getpid());
    if (rc < 0)
        return rc;
    rc = fm__image_root(recorder.inner, &recorded.root, &root);
    recorder.image.root = recorded.root;
    if (rc == 0)
        rc = fm__inspect_begin(&inspect, &recorder.image);
    if (rc < 0)
        return rc;
    rc = fm_inspect_look(inspect, &picture);
    fm_inspect_close(inspect);
    return rc;
}

/* ---- The program --------------------------------------------------------- */

static int sleeper(void)
{
    return fm_sleep(INFINITY);
}

static int limited(void)
{
    int rc;
    FM_TIMEOUT(1000, rc) {
        FM_TIMEOUT(500, rc) {
            rc = fm_sleep(100);
        }
    }
    return rc;
}

static int awaiter(void)
{
    return fm_gather(fm_go(sleeper), fm_go(limited));
}

static int watcher(void)
{
    fm_task *tasks[] = {fm_go(sleeper), fm_go(sleeper)};
    int rc = fm_wait(tasks, 2, FM_FIRST_COMPLETED);
    (void)fm_stop(tasks[0]);
    (void)fm_stop(tasks[1]);
    return rc;
}

static int getter(void *queue)
{
    void *item;
    return fm_queue_get(queue, &item);
}

static int poller(void *ends)
{
    return fm_wait_fd(*(int *)ends, FM_READABLE);
}

struct selector {
    fm_queue *queue;
    int fd;
};

static int selector(struct selector *self)
{
    fm_task *task = fm_go(sleeper);
    int rc =
        fm_select(fm_when_get(self->queue), fm_when_fd(self->fd, FM_READABLE),
                  fm_when_ended(task), fm_when_after(300));
    (void)fm_stop(task);
    return rc;
}

struct holder {
    fm_lock *first;
    fm_lock *second;
};

static int holder(struct holder *self)
{
    int rc, last = 0;
    FM_LOCKED(self->first, rc) {
        rc = fm_yield();
        FM_LOCKED(self->second, last) {
            last = 0;
        }
    }
    return rc < 0 ? rc : last;
}

static int answerer(void)
{
    return 0;
}

/* Members of a group; all the others are started by it, too. */
static int recorded_main(void *result)
{
    fm_lock locks[2] = {{{0}}};
    int ends[2], rc;
    fm_queue *queue = fm_queue_new(4);
    if (queue == NULL || pipe(ends) < 0)
        return -1;
    FM_TASK ended = fm_go(answerer);
    FM_GROUP(group, rc) {
        if (fm_group_go(group, holder, &locks[0], &locks[1]) < 0 ||
            fm_group_go(group, holder, &locks[1], &locks[0]) < 0 ||
            fm_group_go(group, awaiter) < 0 ||
            fm_group_go(group, watcher) < 0 ||
            fm_group_start(group, getter, queue) < 0 ||
            fm_group_start(group, poller, ends) < 0 ||
            fm_group_go(group, selector, queue, ends[0]) < 0)
            abort();
        for (int i = 0; i < 4 && rc == 0; i++)
            rc = fm_yield();
        *(int *)result = recorded_look();
        fm_group_cancel(group);
    }
    fm_queue_free(queue);
    close(ends[0]);
    close(ends[1]);
    return 0;
}

const struct recorded *recorded_program(void)
{
    static bool done;
    int result = -1;
    if (done)
        return &recorded;
    done = fm_run(recorded_main, &result,
                  &(fm_run_options){.backend = "epoll"}) >= 0 &&
           result == 0;
    return done ? &recorded : NULL;
}
