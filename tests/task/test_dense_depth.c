/*
 * test_dense_depth.c - what the verbs take of a dense stack
 *
 * Found by painting: the stack below the caller's frame is filled, and what
 * has lost its colour was used. dense.h promises the limits.
 */
#include "task/dense_kit.h"
#include "task/story.h"

#include "task/record.h"

#include <signal.h>

/* Bytes: what a task's function and all it calls have at least; and what calls
 * take of it at most, blocks and groups with their records. */
#define DEPTH_ROOM 768
#define DEPTH_CALL 480
#define DEPTH_BLOCK 512
#define DEPTH_GROUP 704

#define DEPTH_COLOUR 0xa7
#define DEPTH_SPARED 64 /* what the painter may itself stand upon */

static char *depth_bottom(void)
{
    return fm__task_stack(fm__current)->bottom + sizeof(uint64_t);
}

/* All below the caller's frame. */
__attribute__((noinline)) static void depth_paint(void)
{
    char *end = (char *)__builtin_frame_address(0) - DEPTH_SPARED;
    for (volatile char *at = depth_bottom(); at < end; at++)
        *at = (char)DEPTH_COLOUR;
}

/* The lowest byte that has lost its colour. */
__attribute__((noinline)) static const char *depth_lowest(void)
{
    const char *at = depth_bottom();
    while (*at == (char)DEPTH_COLOUR)
        at++;
    return at;
}

struct trial {
    int (*verb)(void *arg);
    void *arg;
    size_t room;  /* from the frame of the task's function downwards */
    size_t taken; /* of it, by the verb */
    int rc;
};

static int trial_run(void *arg)
{
    struct trial *trial = arg;
    if (fm_dense_refused() != NULL) {
        trial->rc = trial->verb(trial->arg);
        return 0;
    }
    const char *frame = __builtin_frame_address(0);
    depth_paint();
    trial->room = (size_t)(frame - depth_bottom());
    trial->rc = trial->verb(trial->arg);
    trial->taken = (size_t)(frame - depth_lowest());
    return 0;
}

/* A dense task does it, with its own small frames, and takes no more. */
static void depth_at_most(const char *name, struct trial trial, size_t limit)
{
    CHECK_INT(dense_run(trial_run, &trial), 0);
    CHECK_INT(trial.rc, 0);
    if (fm_dense_refused() != NULL)
        return;
    printf("    %-24s %4zu of %zu bytes\n", name, trial.taken, trial.room);
    CHECK(trial.taken <= limit);
    CHECK(trial.room >= DEPTH_ROOM);
}

#define AT_MOST(limit, function, what)                                         \
    depth_at_most(#function,                                                   \
                  (struct trial){.verb = (function), .arg = (what)}, limit)

static int expect(int rc, int wanted)
{
    return rc == wanted ? 0 : -EPROTO;
}

static int naps(void)
{
    return fm_sleep(0.001);
}

static int fails(void)
{
    return -EIO;
}

/* ---- Tasks and time ------------------------------------------------------ */

static int just_returns(void *arg)
{
    (void)arg;
    return 0;
}

static int sleeps(void *arg)
{
    (void)arg;
    return fm_sleep(0.001);
}

static int sleeps_until(void *arg)
{
    (void)arg;
    return fm_sleep_until(fm_now() + FM_MILLISECOND);
}

/* Its budget is used up meanwhile. */
static int yields(void *arg)
{
    int rc = 0;
    (void)arg;
    for (int i = 0; rc == 0 && i < 3 * FM__BUDGET; i++)
        rc = fm_yield();
    return rc;
}

static int awaits(void *arg)
{
    (void)arg;
    return fm_await(fm_go(naps));
}

static int stops(void *arg)
{
    (void)arg;
    return expect(fm_stop(fm_go(naps)), -ECANCELED);
}

static int gathers(void *arg)
{
    (void)arg;
    return fm_gather(fm_go(naps), fm_go(naps));
}

static int gathers_a_failure(void *arg)
{
    (void)arg;
    return expect(fm_gather(fm_go(naps), fm_go(fails)), -EIO);
}

/* Of the classes that had none so far, each brings a slab. */
static int starts_others(void *arg)
{
    static const fm_task_options small = {.stack_size = 16 * 1024};
    static const fm_task_options large = {.stack_size = 256 * 1024};
    int rc = fm_await(fm_start(sleeps, arg, &small));
    return rc < 0 ? rc : fm_await(fm_start(sleeps, arg, &large));
}

/* The table of handles grows, and pieces are added. */
static int starts_thousands(void *arg)
{
    fm_task **tasks = arg;
    const fm_task_options options = {.stack_size = dense_size()};
    size_t many = test_many(3000);
    for (size_t i = 0; i < many; i++)
        tasks[i] = fm_start(sleeps, NULL, &options);
    return fm_gather_array(tasks, many, NULL);
}

static int detaches(void *arg)
{
    (void)arg;
    return fm_detach(fm_go(naps));
}

STORY(tasks_and_sleeps_take_no_more_than_the_header_says)
{
    static fm_task *tasks[3000];
    AT_MOST(DEPTH_CALL, just_returns, NULL);
    AT_MOST(DEPTH_CALL, sleeps, NULL);
    AT_MOST(DEPTH_CALL, sleeps_until, NULL);
    AT_MOST(DEPTH_CALL, yields, NULL);
    AT_MOST(DEPTH_CALL, awaits, NULL);
    AT_MOST(DEPTH_CALL, stops, NULL);
    AT_MOST(DEPTH_CALL, detaches, NULL);
    AT_MOST(DEPTH_CALL, gathers, NULL);
    AT_MOST(DEPTH_CALL, gathers_a_failure, NULL);
    AT_MOST(DEPTH_CALL, starts_others, NULL);
    AT_MOST(DEPTH_CALL, starts_thousands, tasks);
}

/* ---- Blocks -------------------------------------------------------------- */

static int times_out(void *arg)
{
    int rc;
    (void)arg;
    FM_TIMEOUT(0.001, rc) {
        rc = fm_sleep(60);
    }
    return expect(rc, -ETIMEDOUT);
}

static int awaits_in_time(void *arg)
{
    int rc;
    (void)arg;
    FM_TIMEOUT(60, rc) {
        rc = fm_await(fm_go(naps));
    }
    return rc;
}

static int shields(void *arg)
{
    int rc = -EPROTO;
    (void)arg;
    fm_cancel(fm_self());
    FM_SHIELD(60) {
        rc = fm_sleep(0.001);
    }
    return rc;
}

static int groups(void *arg)
{
    int rc;
    (void)arg;
    FM_GROUP(g, rc) {
        rc = fm_group_go(g, naps);
        if (rc == 0)
            rc = fm_group_go(g, naps);
    }
    return rc;
}

static int groups_a_failure(void *arg)
{
    int rc;
    (void)arg;
    FM_GROUP(g, rc) {
        rc = fm_group_go(g, naps);
        if (rc == 0)
            rc = fm_group_go(g, fails);
    }
    return expect(rc, -EIO);
}

STORY(blocks_take_no_more_than_the_header_says_with_their_records)
{
    AT_MOST(DEPTH_BLOCK, times_out, NULL);
    AT_MOST(DEPTH_BLOCK, awaits_in_time, NULL);
    AT_MOST(DEPTH_BLOCK, shields, NULL);
    AT_MOST(DEPTH_GROUP, groups, NULL);
    AT_MOST(DEPTH_GROUP, groups_a_failure, NULL);
}

/* ---- What tasks share ---------------------------------------------------- */

struct shared {
    fm_queue *queue;
    fm_event event;
    fm_lock lock;
    fm_condition condition;
    fm_semaphore semaphore;
};

static int helper_feeds(void *arg)
{
    struct shared *shared = arg;
    int rc = fm_sleep(0.001);
    return rc < 0 ? rc : fm_queue_put(shared->queue, shared);
}

static int takes_out(void *arg)
{
    void *item;
    return fm_queue_get(((struct shared *)arg)->queue, &item);
}

/* Two more than there is room for: the last one waits. */
static int puts_many(void *arg)
{
    struct shared *shared = arg;
    int rc = fm_queue_put(shared->queue, shared);
    return rc < 0 ? rc : fm_queue_put(shared->queue, shared);
}

static int helper_eats(void *arg)
{
    void *item;
    int rc = fm_sleep(0.001);
    for (int i = 0; rc == 0 && i < 2; i++)
        rc = fm_queue_get(((struct shared *)arg)->queue, &item);
    return rc;
}

static int waits_for_the_event(void *arg)
{
    return fm_event_wait(&((struct shared *)arg)->event);
}

static int helper_sets(void *arg)
{
    int rc = fm_sleep(0.001);
    fm_event_set(&((struct shared *)arg)->event);
    return rc;
}

static int helper_holds(void *arg)
{
    struct shared *shared = arg;
    int rc;
    FM_LOCKED(&shared->lock, rc) {
        rc = fm_sleep(0.001);
    }
    return rc;
}

static int locks(void *arg)
{
    struct shared *shared = arg;
    int rc;
    FM_LOCKED(&shared->lock, rc) {
        rc = fm_yield();
    }
    return rc;
}

static int waits_for_the_condition(void *arg)
{
    struct shared *shared = arg;
    int rc;
    FM_LOCKED(&shared->lock, rc) {
        rc = fm_condition_wait(&shared->condition, &shared->lock);
    }
    return rc;
}

static int helper_notifies(void *arg)
{
    int rc = fm_sleep(0.001);
    fm_condition_notify_all(&((struct shared *)arg)->condition);
    return rc;
}

static int has_a_permit(void *arg)
{
    struct shared *shared = arg;
    int rc;
    FM_PERMIT(&shared->semaphore, rc) {
        rc = fm_sleep(0.001);
    }
    return rc;
}

static void depth_with(const char *name, int (*helper)(void *),
                       struct trial trial, size_t limit)
{
    fm_task *task = fm_start(helper, trial.arg);
    fm_yield(); /* it waits by now */
    depth_at_most(name, trial, limit);
    CHECK_INT(fm_await(task), 0);
}

#define WITH(helper, limit, function, what)                                    \
    depth_with(#function, helper,                                              \
               (struct trial){.verb = (function), .arg = (what)}, limit)

STORY(what_tasks_share_takes_no_more_than_the_header_says)
{
    struct shared shared = {.queue = fm_queue_new(1)};
    fm_semaphore_init(&shared.semaphore, 1, 1);
    WITH(helper_feeds, DEPTH_CALL, takes_out, &shared);
    WITH(helper_eats, DEPTH_CALL, puts_many, &shared);
    WITH(helper_sets, DEPTH_CALL, waits_for_the_event, &shared);
    WITH(helper_holds, DEPTH_BLOCK, locks, &shared);
    WITH(helper_notifies, DEPTH_BLOCK, waits_for_the_condition, &shared);
    WITH(has_a_permit, DEPTH_BLOCK, has_a_permit, &shared);
    fm_queue_free(shared.queue);
}

/* ---- What needs room finds it elsewhere ---------------------------------- */

static int deep(void *arg)
{
    char line[8192];
    int size = snprintf(line, sizeof line, "%s %f", (const char *)arg, 0.5);
    return size == (int)strlen(line) ? 0 : -EPROTO;
}

static int calls_what_is_deep(void *arg)
{
    return fm_stack_call(deep, arg);
}

static int calls_inside_a_call(void *arg)
{
    int rc = deep(arg);
    return rc < 0 ? rc : fm_stack_call(deep, arg);
}

static int calls_twice(void *arg)
{
    return fm_stack_call(calls_inside_a_call, arg);
}

STORY(what_is_deep_is_called_on_the_loops_stack)
{
    AT_MOST(DEPTH_CALL, calls_what_is_deep, "words");
    AT_MOST(DEPTH_CALL, calls_twice, "words");
    CHECK_INT(fm_stack_call(deep, "also elsewhere"), 0);
}

static int leaves_a_child_behind(void *arg)
{
    (void)arg;
    fm_task *child = fm_go(naps);
    return child != NULL ? 0 : -ENOMEM;
}

static int ignores_its_cancel(void *arg)
{
    (void)arg;
    fm_cancel(fm_self());
    for (int i = 0; i < 1001; i++)
        (void)fm_yield();
    return 0;
}

STORY(a_report_does_not_lie_on_the_small_stack)
{
    AT_MOST(DEPTH_CALL, ignores_its_cancel, NULL);
    CHECK(story_heard(FM_REPORT_CANCEL_IGNORED) != NULL);
    CHECK_INT(dense_run(leaves_a_child_behind, NULL), 0);
    CHECK(story_heard(FM_REPORT_UNCONSUMED) != NULL);
}

static volatile sig_atomic_t depth_signals;

static void depth_signal(int number)
{
    volatile char frame[4096];
    frame[0] = (char)number;
    frame[4095] = frame[0];
    depth_signals++;
}

static int is_signalled(void *arg)
{
    (void)arg;
    return raise(SIGUSR1);
}

STORY(a_signals_frame_does_not_land_on_the_small_stack)
{
    struct sigaction before;
    const struct sigaction action = {
        .sa_handler = depth_signal,
        .sa_flags = SA_ONSTACK,
    };
    sigaction(SIGUSR1, &action, &before);
    AT_MOST(DEPTH_BLOCK, is_signalled, NULL);
    CHECK_INT(depth_signals, 1);
    sigaction(SIGUSR1, &before, NULL);
}
