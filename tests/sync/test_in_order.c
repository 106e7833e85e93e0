/*
 * test_in_order.c - first come, first served, in many simulated worlds
 *
 * The tasks come at the same moment, so a seed decides in which order they
 * do, and some of them are cut. Those who are served are so in the order in
 * which they came. On the other backends there is one world.
 */
#include "line_kit.h"

enum {
    CROWD = 12
};

static struct {
    fm_lock lock;
    fm_semaphore semaphore;
    fm_rwlock rwlock;
    fm_condition condition;
    fm_event event;
    fm_barrier barrier;
} all;

/* A thing that tasks stand in line for. */
struct line {
    void (*begin)(void);
    int (*enter)(int name); /* notes when it came to the line */
    void (*leave)(int name);
    void (*serve)(void); /* from time to time; or NULL */
};

static const struct line *line;
static int came[CROWD], came_count;
static unsigned shuffled; /* worlds in which they did not come by name */

static void comes(int name)
{
    came[came_count++] = name;
}

/* Cut in line: it is as if it had not come. */
static void gives_up(int name)
{
    int count = 0;
    for (int i = 0; i < came_count; i++) {
        if (came[i] != name)
            came[count++] = came[i];
    }
    came_count = count;
}

struct stands {
    int name;
};

static int stands(struct stands *self)
{
    int rc = fm_sleep(story_span(1));
    if (rc < 0)
        return rc;
    rc = line->enter(self->name);
    if (rc < 0) {
        gives_up(self->name);
        return rc;
    }
    note(self->name);
    rc = fm_sleep(story_span(0.5));
    line->leave(self->name);
    return rc;
}

static void in_order_check(void)
{
    bool by_name = true;
    CHECK_INT(noted_count, came_count);
    for (int i = 0; i < came_count; i++) {
        CHECK_INT(noted[i], came[i]);
        by_name = by_name && (i == 0 || came[i - 1] < came[i]);
    }
    shuffled += !by_name;
}

static void in_order_told(void)
{
    fm_task *tasks[CROWD];
    came_count = 0;
    note_nothing();
    memset(&all, 0, sizeof all);
    line->begin();
    for (int i = 0; i < CROWD; i++)
        tasks[i] = fm_go(stands, i);
    while (came_count < CROWD)
        CHECK_INT(fm_sleep(story_span(0.1)), 0);
    fm_cancel(tasks[3]);
    fm_cancel(tasks[7]);
    for (int i = 0; line->serve != NULL && i < CROWD; i++) {
        line->serve();
        CHECK_INT(fm_sleep(story_span(0.1)), 0);
    }
    CHECK(fm_settle(tasks, CROWD, NULL) >= 0);
    in_order_check();
}

static void in_order(const struct line *which)
{
    size_t seeds = test_simulated() ? test_many(200) : 2;
    line = which;
    shuffled = 0;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        fm_run_options options = {.seed = seed};
        CHECK_INT(story_run(in_order_told, options), 0);
        story_silent(__FILE__, __LINE__);
    }
    CHECK(!test_simulated() || shuffled > seeds / 2);
}

/* ---- The lines ---------------------------------------------------------- */

static void begin_nothing(void)
{
}

static void leave_nothing(int name)
{
    (void)name;
}

static int enter_lock(int name)
{
    comes(name);
    return fm_lock_acquire(&all.lock);
}

static void leave_lock(int name)
{
    (void)name;
    fm_lock_release(&all.lock);
}

TEST(a_lock_serves_in_order_of_arrival_whatever_the_seed)
{
    in_order(&(struct line){begin_nothing, enter_lock, leave_lock, NULL});
}

static void begin_semaphore(void)
{
    fm_semaphore_init(&all.semaphore, 2, 2);
}

static int enter_semaphore(int name)
{
    comes(name);
    return fm_semaphore_acquire(&all.semaphore);
}

static void leave_semaphore(int name)
{
    (void)name;
    fm_semaphore_release(&all.semaphore);
}

TEST(a_semaphore_serves_in_order_of_arrival_whatever_the_seed)
{
    in_order(&(struct line){begin_semaphore, enter_semaphore, leave_semaphore,
                            NULL});
}

static int enter_rwlock(int name)
{
    comes(name);
    return name % 3 == 0 ? fm_rwlock_write(&all.rwlock)
                         : fm_rwlock_read(&all.rwlock);
}

static void leave_rwlock(int name)
{
    (void)name;
    fm_rwlock_release(&all.rwlock);
}

TEST(a_rwlock_serves_in_order_of_arrival_whatever_the_seed)
{
    in_order(&(struct line){begin_nothing, enter_rwlock, leave_rwlock, NULL});
}

static int enter_condition(int name)
{
    int rc = fm_lock_acquire(&all.lock);
    if (rc < 0)
        return rc;
    comes(name);
    rc = fm_condition_wait(&all.condition, &all.lock);
    fm_lock_release(&all.lock);
    return rc;
}

static void serve_condition(void)
{
    fm_condition_notify(&all.condition, 1);
}

TEST(a_condition_serves_in_order_of_arrival_whatever_the_seed)
{
    in_order(&(struct line){begin_nothing, enter_condition, leave_nothing,
                            serve_condition});
}

static int enter_event(int name)
{
    comes(name);
    return fm_event_wait(&all.event);
}

static void serve_event(void)
{
    fm_event_set(&all.event);
}

TEST(an_event_wakes_in_order_of_arrival_whatever_the_seed)
{
    in_order(
        &(struct line){begin_nothing, enter_event, leave_nothing, serve_event});
}

static void begin_barrier(void)
{
    fm_barrier_init(&all.barrier, CROWD + 1);
}

static int enter_barrier(int name)
{
    comes(name);
    int rc = fm_barrier_wait(&all.barrier);
    if (rc >= 0)
        CHECK_INT(came[rc], name);
    return rc;
}

static int joins(void)
{
    int rc = fm_barrier_wait(&all.barrier);
    return rc < 0 ? rc : 0;
}

/* In the place of the two that were cut, and then the last. */
static void serve_barrier(void)
{
    if (fm_barrier_waiting(&all.barrier) == 0)
        return;
    fm_detach(fm_go(joins));
    fm_detach(fm_go(joins));
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_barrier_wait(&all.barrier), CROWD);
}

TEST(a_barrier_numbers_in_order_of_arrival_whatever_the_seed)
{
    in_order(&(struct line){begin_barrier, enter_barrier, leave_nothing,
                            serve_barrier});
}
