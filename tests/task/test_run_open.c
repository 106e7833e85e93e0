/*
 * test_run_open.c - a run in parts, and the callbacks beside its tasks
 */
#include "story.h"

#include "base/fault.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static unsigned begun, ended;

static int sleeper(void *seconds)
{
    begun++;
    int rc = fm_sleep(*(double *)seconds);
    ended++;
    return rc < 0 ? rc : 7;
}

static fm_loop *open_run(int (*fn)(void *), void *arg)
{
    static fm_run_options options;
    fm_loop *loop = NULL;
    begun = ended = story_reported = 0;
    options = (fm_run_options){.on_report = story_report};
    CHECK_INT(fm_run_open(&loop, fn, arg, &options), 0);
    return loop;
}

static void wait_outside(fm_loop *loop)
{
    struct pollfd own = {.fd = fm_loop_fd(loop), .events = POLLIN};
    int64_t span = fm_loop_timeout(loop);
    poll(&own, 1, span < 0 ? -1 : (int)((span + 999999) / FM_MILLISECOND));
}

static int run_to_the_end(fm_loop *loop)
{
    while (fm_loop_step(loop))
        wait_outside(loop);
    return fm_run_close(loop);
}

TEST(an_open_run_runs_when_it_is_stepped)
{
    double span = story_span(20);
    fm_loop *loop = open_run(sleeper, &span);
    CHECK_INT(begun, 0);
    int64_t before = fm_loop_now(loop);
    CHECK(fm_loop_step(loop));
    CHECK_INT(begun, 1);
    while (fm_loop_step(loop))
        wait_outside(loop);
    CHECK_INT(ended, 1);
    CHECK(fm_loop_now(loop) - before >= (int64_t)(span * 0.99e9));
    CHECK(!fm_loop_step(loop));
    CHECK_INT(fm_run_close(loop), 7);
}

TEST(a_close_cancels_what_is_left_and_returns_mains_result)
{
    double span = 3600;
    fm_loop *loop = open_run(sleeper, &span);
    if (!test_simulated())
        fm_loop_step(loop);
    CHECK_INT(fm_run_close(loop), -ECANCELED);
    CHECK_INT(begun, 1);
    CHECK_INT(ended, 1);
}

/* Hides the cancel for a moment, in which it leaves one more to the root. */
static int founder(void)
{
    static double span = 3600;
    int rc = fm_sleep(span);
    FM_SHIELD(1) {
        fm_detach(fm_start(sleeper, &span));
        fm_yield();
    }
    return rc;
}

static int leave_all(void *seconds)
{
    for (int i = 0; i < 3; i++)
        CHECK_INT(fm_detach(fm_start(sleeper, seconds)), 0);
    CHECK_INT(fm_detach(fm_go(founder)), 0);
    return 5;
}

TEST(a_close_ends_detached_tasks_and_what_they_start)
{
    double span = 3600;
    fm_loop *loop = open_run(leave_all, &span);
    if (!test_simulated())
        fm_loop_step(loop);
    CHECK_INT(fm_run_close(loop), 5);
    CHECK_INT(begun, 4);
    CHECK_INT(ended, 4);
}

TEST(an_open_run_may_be_run_to_its_end)
{
    double span = story_span(5);
    fm_loop *loop = open_run(sleeper, &span);
    fm_loop_run(loop);
    CHECK_INT(ended, 1);
    CHECK_INT(fm_run_close(loop), 7);
}

static int stopper(void *seconds)
{
    fm_loop_stop(fm_loop_current());
    return sleeper(seconds);
}

TEST(a_stop_ends_a_run_and_cancels_its_tasks)
{
    double span = 3600;
    begun = ended = 0;
    CHECK_INT(fm_run(stopper, &span), -ECANCELED);
    CHECK_INT(ended, 1);
}

struct visit {
    fm_call call;
    fm_task *task;
    unsigned count;
};

static void visit_called(void *arg)
{
    struct visit *visit = arg;
    visit->count++;
    if (visit->task != NULL)
        CHECK_INT(fm_cancel(visit->task), 0);
}

STORY(callbacks_are_called_beside_tasks)
{
    struct visit visit = {.task = NULL};
    fm_loop *loop = fm_loop_current();
    visit.call = (fm_call){.fn = visit_called, .arg = &visit};
    fm_loop_soon(loop, &visit.call);
    CHECK_INT(visit.count, 0);
    fm_yield();
    fm_yield();
    CHECK_INT(visit.count, 1);
    CHECK_INT(fm_loop_later(loop, &visit.call, story_span(1)), 0);
    CHECK_INT(fm_sleep(story_span(5)), 0);
    CHECK_INT(visit.count, 2);
    visit.task = fm_go(forever);
    CHECK_INT(fm_loop_later(loop, &visit.call, story_span(1)), 0);
    CHECK_INT(fm_await(visit.task), -ECANCELED);
}

STORY(calls_that_are_pending_at_the_end_of_a_run_are_dropped)
{
    static struct visit visits[2];
    fm_loop *loop = fm_loop_current();
    for (int i = 0; i < 2; i++) {
        visits[i].call = (fm_call){.fn = visit_called, .arg = &visits[i]};
        CHECK_INT(fm_loop_later(loop, &visits[i].call, i * 3600), 0);
    }
}

TEST(there_is_no_current_loop_outside_of_a_run)
{
    double span = 0;
    CHECK(fm_loop_current() == NULL);
    fm_loop *loop = open_run(sleeper, &span);
    CHECK(fm_loop_current() == loop);
    CHECK_INT(run_to_the_end(loop), 7);
    CHECK(fm_loop_current() == NULL);
}

/* ---- What wakes a loop that is waited for outside ----------------------- */

struct caller {
    fm_remote *remote;
    pthread_t thread;
    fm_task *task;
};

static void wake_up(void *arg)
{
    struct caller *caller = arg;
    CHECK_INT(fm_cancel(caller->task), 0);
}

static void *call_in(void *arg)
{
    struct caller *caller = arg;
    struct timespec moment = {0, 20000000};
    nanosleep(&moment, NULL);
    CHECK_INT(fm_post(caller->remote, wake_up, caller), 0);
    fm_remote_put(caller->remote);
    return NULL;
}

static int wait_for_the_caller(void *arg)
{
    struct caller *caller = arg;
    caller->task = fm_self();
    caller->remote = fm_remote_get();
    pthread_create(&caller->thread, NULL, call_in, caller);
    int rc = fm_sleep(INFINITY);
    pthread_join(caller->thread, NULL);
    return rc;
}

TEST(a_post_makes_the_descriptor_readable)
{
    struct caller caller;
    fm_loop *loop = open_run(wait_for_the_caller, &caller);
    CHECK_INT(run_to_the_end(loop), -ECANCELED);
}

static void *write_later(void *fd)
{
    struct timespec moment = {0, 20000000};
    nanosleep(&moment, NULL);
    CHECK_INT(write(*(int *)fd, "x", 1), 1);
    return NULL;
}

static int read_a_byte(void *fd)
{
    fm_stream *stream;
    char byte = 0;
    int rc = fm_stream_adopt(*(int *)fd, &stream);
    if (rc < 0)
        return rc;
    CHECK_INT(fm_read(stream, &byte, 1), 1);
    CHECK_INT(fm_close(stream), 0);
    return byte;
}

TEST(what_arrives_makes_the_descriptor_readable)
{
    int fds[2];
    pthread_t thread;
    if (test_simulated()) /* nothing arrives there from outside */
        return;
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    fm_loop *loop = open_run(read_a_byte, &fds[0]);
    pthread_create(&thread, NULL, write_later, &fds[1]);
    CHECK_INT(run_to_the_end(loop), 'x');
    pthread_join(thread, NULL);
    close(fds[1]);
}

static void written(fm_op *op)
{
    CHECK_INT(op->result, 1);
}

/* An operation that is started between two steps is under way all the same. */
TEST(what_is_started_outside_of_a_step_is_not_forgotten)
{
    int fds[2];
    char byte = 'y';
    fm_loop *loop = open_run(read_a_byte, &fds[0]);
    CHECK_INT(fm_loop_pair(loop, fds), 0);
    fm_op op = {.kind = FM_OP_WRITE,
                .fd = fds[1],
                .buf = &byte,
                .size = 1,
                .done = written};
    fm_loop_forget(loop, fds[0]);
    for (int i = 0; i < 10; i++)
        fm_loop_step(loop);
    fm_op_start(loop, &op);
    while (fm_loop_step(loop))
        wait_outside(loop);
    CHECK_INT(fm_loop_close_fd(loop, fds[1]), 0);
    CHECK_INT(fm_run_close(loop), 'y');
}

/* ---- Misuse ------------------------------------------------------------- */

static void open_inside(void)
{
    fm_loop *loop;
    (void)fm_run_open(&loop, story_main, NULL);
}

static void close_inside(void)
{
    fm_run_close(fm_loop_current());
}

static void step_inside(void)
{
    fm_loop_step(fm_loop_current());
}

static void run_inside(void)
{
    fm_loop_run(fm_loop_current());
}

TEST(a_task_may_not_open_close_step_or_run_its_own_run)
{
    CHECK_DOOMED(open_inside, "fm_run_open was called inside a task");
    CHECK_DOOMED(close_inside, "fm_run_close was called by a function");
    CHECK_DOOMED(step_inside, "fm_loop_step was called by a function");
    CHECK_DOOMED(run_inside, "fm_loop_run was called by a function");
}

static void open_two(void *arg)
{
    double span = 0;
    (void)arg;
    open_run(sleeper, &span);
    open_run(sleeper, &span);
}

static void run_beside(void *arg)
{
    double span = 0;
    (void)arg;
    open_run(sleeper, &span);
    fm_run(sleeper, &span);
}

TEST(a_thread_has_one_run_at_a_time)
{
    CHECK_DIES(open_two, NULL,
               "fm_run_open: this thread has a run that is not closed yet");
    CHECK_DIES(run_beside, NULL,
               "fm_run: this thread has a run that is not closed yet");
}

static void step_anyway(void *loop)
{
    fm_loop_step(loop);
}

TEST(a_forked_child_may_not_step_its_parents_run)
{
    double span = 0;
    fm_loop *loop = open_run(sleeper, &span);
    CHECK_DIES(step_anyway, loop, "fm_loop_step was called in a forked child");
    CHECK_INT(run_to_the_end(loop), 7);
}

TEST(a_run_that_cannot_be_opened_says_why_and_leaves_nothing)
{
    double span = 0;
    fm_loop *loop = NULL;
    struct fm__fault_plan plan = {.from_then_on = true};
    plan.fail_at[FM__DOOR_MEMORY] = 1;
    fm__fault_plan = &plan;
    CHECK_INT(fm_run_open(&loop, sleeper, &span), -ENOMEM);
    fm__fault_plan = NULL;
    CHECK(loop == NULL);
}

static void close_as_a_loop(void *arg)
{
    double span = 0;
    (void)arg;
    fm_loop_close(open_run(sleeper, &span));
}

static void close_another(void *arg)
{
    fm_loop *loop;
    (void)arg;
    CHECK_INT(fm_loop_open(&loop, NULL), 0);
    fm_run_close(loop);
}

/* Beside the run of this thread, which is another loop. */
static void close_a_neighbour(void *arg)
{
    double span = 0;
    close_another(open_run(sleeper, &span) != NULL ? arg : NULL);
}

TEST(only_what_was_opened_as_a_run_is_closed_as_one)
{
    CHECK_DIES(close_as_a_loop, NULL,
               "fm_loop_close: the loop has tasks: fm_run_close ends it");
    CHECK_DIES(close_another, NULL,
               "fm_run_close: the loop was not opened by fm_run_open");
    CHECK_DIES(close_a_neighbour, NULL,
               "fm_run_close: the loop was not opened by fm_run_open");
}

static void sleep_anyway(void *arg)
{
    (void)arg;
    fm_sleep(1);
}

static void sleep_in_a_callback(void)
{
    fm_call call = {.fn = sleep_anyway};
    fm_loop_soon(fm_loop_current(), &call);
    fm_sleep(1);
}

TEST(a_callback_may_not_suspend)
{
    CHECK_DOOMED(sleep_in_a_callback, "fm_sleep was called outside a task");
}
