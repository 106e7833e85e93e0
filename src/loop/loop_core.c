/*
 * loop_core.c - turns
 *
 * The order inside a full turn's end: interrupts, the clock, new timers,
 * corks, the world, due timers, posts. What becomes ready there runs in the
 * next turn. Posts come after the shuffle: their order is a promise in every
 * world.
 */
#include "loop/loop_core.h"

#include "base/die.h"
#include "base/fault.h"
#include "base/random.h"
#include "base/room.h"
#include "base/sys.h"
#include "base/usdt.h"
#include "loop/floor.h"
#include "loop/mailbox.h"
#include "loop/observer.h"
#include "loop/signals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOOP_LIGHTS_MAX 32
#define LOOP_LIGHTS_SPAN 50000 /* ns between two looks at the world */
#define LOOP_WINDOW 256        /* what is shuffled at once */

static bool loop_is_auto(const char *name)
{
    return name == NULL || strcmp(name, "auto") == 0;
}

/* NULL: there is none of that name. */
static const struct fm__backend *loop_backend(const char *name)
{
    static const struct fm__backend *const all[] = {&fm__uring, &fm__epoll,
                                                    &fm__sim};
    for (size_t i = 0; i < FM__COUNT(all); i++) {
        if (loop_is_auto(name) || strcmp(name, all[i]->name) == 0)
            return all[i];
    }
    return NULL;
}

/* With a choice: what the kernel does not grant is done without. */
static int loop_open_world(struct fm__loop *loop, const char *name,
                           uint64_t seed)
{
    loop->backend = loop_backend(name);
    int rc = loop->backend->open(loop, seed);
    if (rc < 0 && loop_is_auto(name)) {
        loop->backend = &fm__epoll;
        rc = loop->backend->open(loop, seed);
    }
    loop->traced = loop->backend->random != NULL;
    return rc;
}

int fm__loop_open(struct fm__loop *loop, const char *name, uint64_t seed)
{
    if (loop_backend(name) == NULL)
        return -EINVAL;
    memset(loop, 0, sizeof *loop);
    fm__list_init(&loop->arming);
    fm__list_init(&loop->corks);
    fm__list_init(&loop->guests);
    fm__list_init(&loop->hungry);
    fm__list_init(&loop->listeners);
    fm__list_init(&loop->observers);
    loop->interrupted = fm__signals_dispatch;
    fm__callbacks_init(loop);
    loop->bell = fm__sys_event();
    if (loop->bell < 0)
        return loop->bell;
    int rc = loop_open_world(loop, name, seed);
    if (rc < 0)
        goto close_bell;
    loop->now = loop->backend->now(loop);
    loop->opened = loop->now;
    fm__wheel_init(&loop->wheel, loop->now);
    loop->chance = (uint64_t)loop->now ^ (uint64_t)(uintptr_t)loop;
    return 0;

close_bell:
    fm__sys_close(loop->bell);
    return rc;
}

static void loop_due(struct fm__wheel *wheel, struct fm__timer *timer)
{
    fm__loop_tell(FM__CONTAINER(wheel, struct fm__loop, wheel), FM__EVENT_FIRE,
                  timer);
}

void fm__loop_observe(struct fm__loop *loop, struct fm__observer *observer)
{
    fm__list_push(&loop->observers, &observer->link);
    loop->wheel.due = loop_due;
    loop->observed = true;
}

struct loop_told {
    const struct fm__loop *loop;
    enum fm__event event;
    const void *subject;
};

static void loop_tell(void *arg)
{
    const struct loop_told *told = arg;
    const struct fm__list *link = told->loop->observers.next;
    for (; link != &told->loop->observers; link = link->next) {
        struct fm__observer *observer =
            FM__CONTAINER(link, struct fm__observer, link);
        observer->notice(observer, told->event, told->subject);
    }
}

/* The stack is that of whoever does what is told of. */
void fm__loop_tell(struct fm__loop *loop, enum fm__event event,
                   const void *subject)
{
    struct loop_told told = {loop, event, subject};
    fm__room_call(loop_tell, &told);
}

static void loop_see_off(struct fm__loop *loop)
{
    while (!fm__list_empty(&loop->guests)) {
        struct fm__list *newest = loop->guests.prev;
        fm__list_remove(newest);
        struct fm__guest *guest = FM__CONTAINER(newest, struct fm__guest, link);
        guest->leave(guest);
    }
}

void fm__loop_close(struct fm__loop *loop)
{
    fm__mailbox_close(loop);
    loop_see_off(loop);
    loop->stopping = false; /* turns wait again */
    while (loop->operations > 0 && loop->operations == loop->cancelling)
        fm__loop_turn(loop);
    if (loop->operations > 0)
        fm__die("a loop was closed with %zu operations in flight",
                loop->operations);
    if (loop->wheel.count > 0 || !fm__list_empty(&loop->arming))
        fm__die("a loop was closed with timers armed");
    loop->backend->close(loop);
    fm__buffers_close(&loop->buffers);
    fm__sys_close(loop->bell);
}

/* Turns each new timer's span into a moment. */
static void loop_arm(struct fm__loop *loop)
{
    struct fm__list *item;
    while ((item = fm__list_shift(&loop->arming)) != NULL) {
        struct fm__timer *timer = FM__CONTAINER(item, struct fm__timer, link);
        int64_t span = -(timer->when + 1);
        if (__builtin_add_overflow(loop->now, span, &timer->when))
            timer->when = FM__NEVER;
        if (timer->when != FM__NEVER)
            fm__wheel_add(&loop->wheel, timer);
    }
}

void fm__timer_arm_at(struct fm__loop *loop, struct fm__timer *timer,
                      int64_t when)
{
    timer->when = when > 0 ? when : 0;
    if (when != FM__NEVER)
        fm__wheel_add(&loop->wheel, timer);
}

int64_t fm__timer_moment(struct fm__loop *loop, const struct fm__timer *timer)
{
    int64_t moment;
    if (fm__list_empty(&timer->link))
        return FM__NEVER;
    if (timer->when >= 0)
        return timer->when;
    if (__builtin_add_overflow(fm__loop_now(loop), -(timer->when + 1), &moment))
        return FM__NEVER;
    return moment;
}

/* More light turns while full ones come often, fewer when they come late. */
static void loop_pace(struct fm__loop *loop, int64_t now)
{
    int64_t span = now - loop->now;
    if (span > LOOP_LIGHTS_SPAN)
        loop->lights /= 2;
    else if (loop->lights_left == 0 && span < LOOP_LIGHTS_SPAN / 2)
        loop->lights = loop->lights * 2 + 1;
    if (loop->lights > LOOP_LIGHTS_MAX)
        loop->lights = LOOP_LIGHTS_MAX;
}

/* The stack of posts has the newest on top: turn it over. What a thread put
 * into the mailbox before it posted comes first. */
static void loop_take_posts(struct fm__loop *loop)
{
    struct fm__work *newest = fm__atomic_load_ptr(&loop->posted);
    if (newest != NULL)
        newest = fm__atomic_swap_ptr(&loop->posted, NULL);
    fm__mailbox_take(loop);
    struct fm__work *oldest = NULL;
    while (newest != NULL) {
        struct fm__work *older = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = older;
    }
    while (oldest != NULL) {
        struct fm__work *next = oldest->next;
        fm__loop_ready(loop, oldest);
        oldest = next;
    }
}

void fm__loop_finish(struct fm__loop *loop)
{
    loop_take_posts(loop);
    do {
        struct fm__work *work;
        while ((work = loop->batch.first) != NULL) {
            loop->batch.first = work->next;
            work->run(work);
        }
        loop->batch = loop->ready;
        loop->ready.first = NULL;
    } while (loop->batch.first != NULL);
}

static void loop_shuffle_window(struct fm__loop *loop, struct fm__work **works,
                                size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = loop->backend->random(loop) % i;
        struct fm__work *work = works[i - 1];
        works[i - 1] = works[j];
        works[j] = work;
    }
    for (size_t i = 0; i < count; i++)
        fm__loop_ready(loop, works[i]);
}

/* Everything after `mark` became ready in this poll. */
static void loop_shuffle(struct fm__loop *loop, struct fm__work *mark)
{
    struct fm__work *works[LOOP_WINDOW];
    struct fm__work *work = mark != NULL ? mark->next : loop->ready.first;
    size_t count = 0;
    loop->ready.last = mark;
    if (mark != NULL)
        mark->next = NULL;
    else
        loop->ready.first = NULL;
    while (work != NULL) {
        struct fm__work *next = work->next;
        works[count++] = work;
        if (count == LOOP_WINDOW || next == NULL) {
            loop_shuffle_window(loop, works, count);
            count = 0;
        }
        work = next;
    }
}

static void loop_flush(struct fm__loop *loop)
{
    struct fm__list *item;
    while ((item = fm__list_shift(&loop->corks)) != NULL) {
        struct fm__cork *cork = FM__CONTAINER(item, struct fm__cork, link);
        cork->flush(cork);
    }
}

static void loop_look(struct fm__loop *loop)
{
    int64_t until = loop->ready.first != NULL || loop->stopping
                        ? 0
                        : fm__wheel_next(&loop->wheel);
    fm__loop_notice(loop, FM__EVENT_POLL, NULL);
    loop->polls++;
    int rc = loop->backend->poll(loop, until);
    loop->polls++;
    if (rc < 0 && rc != -ENOMEM)
        fm__die("the kernel refuses to wait for events: error %d", -rc);
    loop->now = loop->backend->now(loop);
    fm__loop_notice(loop, FM__EVENT_POLLED, NULL);
    fm__wheel_advance(&loop->wheel, loop->now);
}

void fm__loop_turn(struct fm__loop *loop)
{
    if (fm__atomic_load(&loop->interrupt) != 0 &&
        fm__atomic_swap(&loop->interrupt, 0) != 0)
        loop->interrupted(loop);

    int64_t now = loop->backend->now(loop);
    loop_pace(loop, now);
    loop->now = now;
    loop_arm(loop);
    loop_flush(loop);
    struct fm__work *mark = loop->ready.first != NULL ? loop->ready.last : NULL;
    loop_look(loop);
    if (loop->traced)
        loop_shuffle(loop, mark);
    loop_take_posts(loop);
    loop->lights_left = loop->lights;
    loop->batch = loop->ready;
    loop->ready.first = NULL;
}

uint64_t fm__loop_random(struct fm__loop *loop)
{
    if (loop->backend->random != NULL)
        return loop->backend->random(loop);
    return fm__random(&loop->chance);
}

void fm__loop_stop(struct fm__loop *loop)
{
    loop->stopping = true;
}

/* What a sweep wants of it: an error, or 0, where it may be a short one. */
static int loop_op_fault(struct fm__op *op)
{
    int error = fm__fault_error(FM__DOOR_OPERATION);
    if (error == 0 || !fm__fault_plan->shorten)
        return error;
    if (op->kind == FM__OP_READ || op->kind == FM__OP_WRITE ||
        op->kind == FM__OP_WRITEV || op->kind == FM__OP_SEND_MANY ||
        op->kind == FM__OP_RECEIVE_MANY)
        op->size = op->size > 0;
    return 0;
}

void fm__loop_feed(struct fm__loop *loop)
{
    struct fm__list *first = fm__list_shift(&loop->hungry);
    if (first == NULL)
        return;
    struct fm__hungry *hungry = FM__CONTAINER(first, struct fm__hungry, link);
    hungry->fed(hungry);
}

int fm__loop_close_fd(struct fm__loop *loop, int fd)
{
    int rc = loop->backend->close_fd(loop, fd);
    fm__loop_feed(loop);
    return rc;
}

bool fm__op_submit(struct fm__loop *loop, struct fm__op *op)
{
    fm__list_init(&op->link);
    op->state = FM__OP_PENDING;
    loop->operations++;
    loop->submitted++;
    fm__loop_notice(loop, FM__EVENT_SUBMIT, op);
    FM__USDT3(submit, op, (int)op->kind, op->fd);
    op->result = loop_op_fault(op);
    if (op->result == 0 && !loop->backend->submit(loop, op))
        return false;
    loop->operations--;
    op->state = FM__OP_DONE;
    fm__loop_notice(loop, FM__EVENT_COMPLETE, op);
    FM__USDT4(complete, op, (int)op->kind, op->fd, op->result);
    fm__loop_trace(loop, (uint64_t)op->result);
    return true;
}

void fm__op_cancel(struct fm__loop *loop, struct fm__op *op)
{
    if (op->state != FM__OP_PENDING)
        return;
    op->state = FM__OP_CANCELLING;
    loop->cancelling++;
    loop->backend->cancel(loop, op);
}

void fm__op_complete(struct fm__loop *loop, struct fm__op *op, ssize_t result)
{
    fm__list_remove(&op->link);
    loop->cancelling -= op->state == FM__OP_CANCELLING;
    op->state = FM__OP_DONE;
    op->result = result;
    loop->operations--;
    fm__loop_trace(loop, (uint64_t)result + (uint64_t)op->kind);
    fm__loop_notice(loop, FM__EVENT_COMPLETE, op);
    FM__USDT4(complete, op, (int)op->kind, op->fd, op->result);
    op->done(op);
}

void fm__loop_ring(struct fm__loop *loop)
{
    if (fm__atomic_load(&loop->sleeping) != 0 &&
        fm__atomic_swap(&loop->sleeping, 0) != 0)
        fm__sys_event_ring(loop->bell);
}

void fm__loop_post(struct fm__loop *loop, struct fm__work *work)
{
    void *head = fm__atomic_load_ptr(&loop->posted);
    do
        work->next = head;
    while (!fm__atomic_replace_ptr(&loop->posted, &head, work));
    fm__loop_ring(loop);
}

void fm__loop_interrupt(struct fm__loop *loop)
{
    fm__atomic_store(&loop->interrupt, 1);
    fm__loop_ring(loop);
}

void fm__loop_asleep(struct fm__loop *loop)
{
    fm__atomic_store(&loop->sleeping, 1);
    fm__mailbox_sleeps(loop, true);
}

void fm__loop_awake(struct fm__loop *loop)
{
    fm__atomic_store(&loop->sleeping, 0);
    fm__mailbox_sleeps(loop, false);
}

bool fm__loop_called(struct fm__loop *loop)
{
    return fm__atomic_load_ptr(&loop->posted) != NULL ||
           fm__atomic_load(&loop->interrupt) != 0 || fm__mailbox_waits(loop);
}

bool fm__loop_may_sleep(struct fm__loop *loop)
{
    fm__loop_asleep(loop);
    if (!fm__loop_called(loop))
        return true;
    fm__loop_awake(loop);
    return false;
}
