/*
 * test_future_threads.c - a future that another thread sets is never lost
 */
#include "task/story.h"

#include "base/fault.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    THREADS = 4
};

/* One thread with a share, and a remote: for the simulator's sake. */
struct setter {
    fm_future *future;
    fm_remote *remote;
    struct fm__fault_plan *plan;
    pthread_t thread;
    int result;
    int number;
    int rc;
    bool late; /* it waits until the loop has gone to sleep */
};

static void *setter_main(void *arg)
{
    struct setter *self = arg;
    const struct timespec soon = {.tv_nsec = 3000000};
    if (self->late)
        nanosleep(&soon, NULL);
    fm__fault_plan = self->plan;
    self->rc = fm_future_set(self->future, self->result, &self->number);
    fm__fault_plan = NULL;
    fm_future_put(self->future);
    fm_remote_put(self->remote);
    return NULL;
}

static void setter_start(struct setter *self, fm_future *future)
{
    self->future = fm_future_get(future);
    self->remote = fm_remote_get();
    pthread_create(&self->thread, NULL, setter_main, self);
}

static int wait_for(void *arg)
{
    void *value = NULL;
    int rc = fm_future_wait(arg, &value);
    return rc < 0 ? rc : *(int *)value;
}

STORY(a_set_from_another_thread_wakes_a_loop_that_sleeps)
{
    struct setter setter = {.result = 1, .number = 5, .late = true};
    fm_future *future = fm_future_new();
    setter_start(&setter, future);
    CHECK_INT(fm_gather(fm_start(wait_for, future), fm_start(wait_for, future)),
              0);
    pthread_join(setter.thread, NULL);
    CHECK_INT(setter.rc, 0);
    fm_future_put(future);
}

/* With the setter's share goes the future, when the loop was told. */
STORY(the_last_share_may_be_the_setters)
{
    struct setter setter = {.late = true};
    fm_future *future = fm_future_new();
    setter_start(&setter, future);
    fm_future_put(future);
    pthread_join(setter.thread, NULL);
    CHECK_INT(setter.rc, 0);
    CHECK_INT(fm_yield(), 0);
}

STORY(of_many_threads_one_sets_it)
{
    for (size_t round = 0; round < test_many(200); round++) {
        struct setter setters[THREADS];
        void *value = NULL;
        int won = 0, result;
        fm_future *future = fm_future_new();
        for (int i = 0; i < THREADS; i++) {
            setters[i] = (struct setter){.result = i, .number = i};
            setter_start(&setters[i], future);
        }
        result = fm_future_wait(future, &value);
        CHECK_INT(*(int *)value, result);
        for (int i = 0; i < THREADS; i++) {
            pthread_join(setters[i].thread, NULL);
            CHECK_INT(setters[i].rc, i == result ? 0 : -EALREADY);
            won += setters[i].rc == 0;
        }
        CHECK_INT(won, 1);
        fm_future_put(future);
    }
}

static void count(void *arg)
{
    ++*(int *)arg;
}

/* Without memory, without room. */
STORY(a_set_needs_nothing_that_could_be_wanting)
{
    struct fm__fault_plan plan = {.from_then_on = true};
    struct setter setter = {.plan = &plan};
    int counted = 0;
    fm_future *future = fm_future_new();
    fm_remote *remote = fm_remote_get();
    for (int i = 0; i < FM_POST_LIMIT; i++)
        CHECK_INT(fm_post(remote, count, &counted), 0);
    CHECK_INT(fm_post(remote, count, &counted), -EAGAIN);
    plan.fail_at[FM__DOOR_MEMORY] = 1;
    setter_start(&setter, future);
    pthread_join(setter.thread, NULL);
    CHECK_INT(setter.rc, 0);
    CHECK_INT(plan.passed[FM__DOOR_MEMORY], 0);
    CHECK_INT(plan.passed[FM__DOOR_SYSTEM], 0); /* the loop is awake */
    CHECK_INT(fm_future_wait(future, NULL), 0);
    while (counted < FM_POST_LIMIT)
        CHECK_INT(fm_yield(), 0);
    fm_remote_put(remote);
    fm_future_put(future);
}

/* A loop that has no business with it. */
static int set_elsewhere(void *arg)
{
    struct setter *self = arg;
    self->rc = fm_future_set(self->future, self->result, &self->number);
    return fm_yield();
}

static int run_elsewhere(void *arg)
{
    return fm_run(set_elsewhere, arg);
}

STORY(a_task_of_another_loop_may_set_it)
{
    void *value = NULL;
    struct setter setter = {.result = 6, .future = fm_future_new()};
    CHECK_INT(fm_thread_run(run_elsewhere, &setter), 0);
    CHECK_INT(setter.rc, 0);
    CHECK_INT(fm_future_wait(setter.future, &value), 6);
    CHECK(value == &setter.number);
    fm_future_put(setter.future);
}

static int order[3];
static int ordered;

static void noted(void *arg)
{
    order[ordered++] = *(int *)arg;
}

STORY(calls_keep_their_order_also_when_the_news_is_on_its_way)
{
    int one = 1, two = 2;
    fm_call first = {.fn = noted, .arg = &one};
    fm_call second = {.fn = noted, .arg = &two};
    struct setter setter = {.number = 0};
    fm_future *future = fm_future_new();
    ordered = 0;
    CHECK_INT(fm_future_call(future, &first), 0);
    setter_start(&setter, future);
    pthread_join(setter.thread, NULL);
    CHECK(fm_future_done(future));
    CHECK_INT(fm_future_call(future, &second), 0);
    while (ordered < 2)
        CHECK_INT(fm_yield(), 0);
    CHECK_INT(order[0], 1);
    CHECK_INT(order[1], 2);
    fm_future_put(future);
}

/* ---- The simulator ------------------------------------------------------ */

STORY(a_future_that_is_out_holds_up_no_virtual_time)
{
    fm_future *future = fm_future_new();
    CHECK_INT(fm_sleep(test_simulated() ? 1e6 : 0.001), 0);
    fm_future_put(future);
}

/* An hour passes at once, but not while somebody may still set it. */
STORY(virtual_time_waits_for_a_setter_that_has_a_remote)
{
    int rc;
    struct setter setter = {.result = 4, .late = true};
    fm_future *future = fm_future_new();
    setter_start(&setter, future);
    FM_TIMEOUT(3600, rc) {
        rc = fm_future_wait(future, NULL);
    }
    CHECK_INT(rc, 4);
    pthread_join(setter.thread, NULL);
    fm_future_put(future);
}

/* ---- The loop's end ----------------------------------------------------- */

static fm_future *kept;

static void keep_a_future(void)
{
    kept = fm_future_new();
}

TEST(a_set_after_the_loops_end_says_so_and_changes_nothing)
{
    CHECK_INT(story_run(keep_a_future, (fm_run_options){0}), 0);
    CHECK_INT(fm_future_set(kept, 0, NULL), -ESHUTDOWN);
    CHECK_INT(fm_future_cancel(kept), -ESHUTDOWN);
    CHECK(!fm_future_done(kept));
    CHECK_INT(fm_future_result(kept, NULL), -EAGAIN);
    fm_future_put(kept);
}

static void keep_one_that_is_set(void)
{
    kept = fm_future_new();
    CHECK_INT(fm_future_set(kept, 3, NULL), 0);
}

TEST(what_was_set_can_be_read_after_the_loops_end)
{
    CHECK_INT(story_run(keep_one_that_is_set, (fm_run_options){0}), 0);
    CHECK_INT(fm_future_set(kept, 0, NULL), -EALREADY);
    CHECK_INT(fm_future_result(kept, NULL), 3);
    fm_future_put(kept);
}

/* Sets one future after the other until the loop has ended. */
struct stream {
    fm_future *futures[64];
    unsigned set;
    int refused;
    fm_remote *remote;
    pthread_t thread;
};

static void *stream_main(void *arg)
{
    struct stream *self = arg;
    for (unsigned i = 0; i < 64 && self->refused == 0; i++) {
        self->refused = fm_future_set(self->futures[i], (int)i, NULL);
        self->set += self->refused == 0;
        sched_yield();
    }
    fm_remote_put(self->remote);
    return NULL;
}

static struct stream *ending;
static unsigned told;

static void tell(void *arg)
{
    (void)arg;
    told++;
}

static void end_amid_sets(void)
{
    static fm_call calls[64];
    for (unsigned i = 0; i < 64; i++) {
        ending->futures[i] = fm_future_new();
        calls[i] = (fm_call){.fn = tell};
        CHECK_INT(fm_future_call(ending->futures[i], &calls[i]), 0);
    }
    ending->remote = fm_remote_get();
    pthread_create(&ending->thread, NULL, stream_main, ending);
    for (int i = 0; i < 3; i++)
        CHECK_INT(fm_yield(), 0);
}

TEST(a_loop_may_end_while_others_set_its_futures)
{
    for (size_t i = 0; i < test_many(200); i++) {
        struct stream stream = {.set = 0};
        ending = &stream;
        told = 0;
        CHECK_INT(story_run(end_amid_sets, (fm_run_options){0}), 0);
        pthread_join(stream.thread, NULL);
        CHECK(stream.refused == 0 || stream.refused == -ESHUTDOWN);
        CHECK(told <= stream.set);
        for (unsigned j = 0; j < 64; j++) {
            CHECK(fm_future_done(stream.futures[j]) == (j < stream.set));
            fm_future_put(stream.futures[j]);
        }
    }
}

static int wait_until_cancelled(void *arg)
{
    return fm_future_wait(arg, NULL);
}

static int waited;

static void stop_the_loop(void)
{
    fm_future *future = fm_future_new();
    fm_task *task = fm_start(wait_until_cancelled, future);
    CHECK_INT(fm_yield(), 0);
    fm_loop_stop(fm_loop_current());
    waited = fm_await(task);
    fm_future_put(future);
}

TEST(who_waits_when_the_run_is_ended_is_cancelled)
{
    waited = 0;
    CHECK_INT(story_run(stop_the_loop, (fm_run_options){0}), 0);
    CHECK_INT(waited, -ECANCELED);
}

static void fork_a_child(void)
{
    fm_future *future = fm_future_new();
    pid_t child = fork();
    if (child == 0) {
        int rc = fm_future_set(future, 0, NULL);
        bool done = fm_future_done(future);
        fm_future_put(future);
        _exit(rc == -ESHUTDOWN && !done ? 4 : 1);
    }
    int status = 0;
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 4);
    CHECK_INT(fm_future_set(future, 0, NULL), 0);
    fm_future_put(future);
}

TEST(a_forked_child_cannot_set_its_parents_future)
{
    if (test_under_valgrind())
        test_skip("a child ends with a status of valgrind");
    CHECK_INT(story_run(fork_a_child, (fm_run_options){0}), 0);
    story_silent(__FILE__, __LINE__);
}
