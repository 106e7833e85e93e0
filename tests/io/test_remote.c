/*
 * test_remote.c - what other threads post runs on the loop, and never too late
 */
#include "task/story.h"

#include "base/fault.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    THREADS = 4
};

/* ---- What a post is ----------------------------------------------------- */

static int heard[8];
static int heard_count;
static pthread_t heard_on;

static void hear(void *arg)
{
    heard[heard_count++] = *(int *)arg;
    heard_on = pthread_self();
}

STORY(posts_run_on_the_loop_between_tasks_in_the_order_of_posting)
{
    int numbers[8];
    fm_remote *remote = fm_remote_get();
    heard_count = 0;
    for (int i = 0; i < 8; i++) {
        numbers[i] = i;
        CHECK_INT(fm_post(remote, hear, &numbers[i]), 0);
    }
    CHECK_INT(heard_count, 0);
    while (heard_count < 8)
        CHECK_INT(fm_yield(), 0);
    for (int i = 0; i < 8; i++)
        CHECK_INT(heard[i], i);
    CHECK(pthread_equal(heard_on, pthread_self()));
    fm_remote_put(remote);
}

static void cancel_main(void *task)
{
    CHECK_INT(fm_cancel(task), 0);
}

/* One thread that posts once, when the loop has gone to sleep. */
struct waker {
    fm_remote *remote;
    fm_task *task;
};

static void *waker_main(void *arg)
{
    struct waker *waker = arg;
    const struct timespec soon = {.tv_nsec = 3000000};
    nanosleep(&soon, NULL);
    CHECK_INT(fm_post(waker->remote, cancel_main, waker->task), 0);
    return NULL;
}

STORY(a_post_wakes_a_loop_that_sleeps)
{
    struct waker waker = {fm_remote_get(), fm_self()};
    pthread_t thread;
    pthread_create(&thread, NULL, waker_main, &waker);
    CHECK_INT(fm_sleep(INFINITY), -ECANCELED);
    pthread_join(thread, NULL);
    fm_remote_put(waker.remote);
}

STORY(a_post_to_a_loop_that_is_awake_takes_no_system_call_and_no_memory)
{
    struct fm__fault_plan plan = {0};
    int number = 1;
    fm_remote *remote = fm_remote_get();
    heard_count = 0;
    fm__fault_plan = &plan;
    for (int i = 0; i < 3; i++)
        CHECK_INT(fm_post(remote, hear, &number), 0);
    fm__fault_plan = NULL;
    CHECK_INT(plan.passed[FM__DOOR_SYSTEM], 0);
    CHECK_INT(plan.passed[FM__DOOR_MEMORY], 0);
    while (heard_count < 3) /* number is theirs until then */
        CHECK_INT(fm_yield(), 0);
    fm_remote_put(remote);
}

struct relay {
    fm_remote *remote;
    int left;
};

static void relay_on(void *arg)
{
    struct relay *relay = arg;
    if (--relay->left > 0)
        CHECK_INT(fm_post(relay->remote, relay_on, relay), 0);
}

STORY(a_posted_function_may_post_again)
{
    struct relay relay = {fm_remote_get(), 5};
    CHECK_INT(fm_post(relay.remote, relay_on, &relay), 0);
    while (relay.left > 0)
        CHECK_INT(fm_yield(), 0);
    fm_remote_put(relay.remote);
}

/* ---- Many threads ------------------------------------------------------- */

struct speaker {
    struct crowd *crowd;
    pthread_t thread;
    size_t said;
    size_t heard;
    int refused; /* 0 while it is not */
};

struct crowd {
    fm_remote *remote;
    struct speaker speakers[THREADS];
    size_t each;
    size_t left;
};

struct word {
    struct speaker *speaker;
    size_t number;
};

static void word_heard(void *arg)
{
    struct word *word = arg;
    CHECK_INT(word->number, word->speaker->heard);
    word->speaker->heard++;
    word->speaker->crowd->left--;
    free(word);
}

static int speak_once(struct speaker *speaker)
{
    struct word *word = malloc(sizeof *word);
    *word = (struct word){speaker, speaker->said};
    int rc = fm_post(speaker->crowd->remote, word_heard, word);
    if (rc < 0)
        free(word);
    else
        speaker->said++;
    return rc;
}

/* More than may wait at once. */
static void *speak(void *arg)
{
    struct speaker *speaker = arg;
    while (speaker->said < speaker->crowd->each) {
        int rc = speak_once(speaker);
        CHECK(rc == 0 || rc == -EAGAIN);
        if (rc < 0)
            sched_yield();
    }
    return NULL;
}

static void crowd_start(struct crowd *crowd, void *(*main)(void *))
{
    for (int i = 0; i < THREADS; i++) {
        crowd->speakers[i].crowd = crowd;
        pthread_create(&crowd->speakers[i].thread, NULL, main,
                       &crowd->speakers[i]);
    }
}

static void crowd_join(struct crowd *crowd)
{
    for (int i = 0; i < THREADS; i++)
        pthread_join(crowd->speakers[i].thread, NULL);
}

STORY(the_posts_of_each_thread_arrive_all_and_in_order)
{
    struct crowd crowd = {.remote = fm_remote_get()};
    crowd.each = test_many(20000);
    crowd.left = THREADS * crowd.each;
    crowd_start(&crowd, speak);
    while (crowd.left > 0)
        CHECK_INT(fm_sleep(story_span(0.1)), 0);
    crowd_join(&crowd);
    for (int i = 0; i < THREADS; i++)
        CHECK_INT(crowd.speakers[i].heard, crowd.each);
    fm_remote_put(crowd.remote);
}

/* ---- The loop's end ----------------------------------------------------- */

static fm_remote *kept;

static void keep_a_remote(void)
{
    kept = fm_remote_get();
}

static void another_run(void)
{
    CHECK_INT(fm_yield(), 0);
}

static void never(void *arg)
{
    (void)arg;
    test_fail(__FILE__, __LINE__, "called");
}

TEST(a_post_after_the_loops_end_says_so_for_ever)
{
    CHECK_INT(story_run(keep_a_remote, (fm_run_options){0}), 0);
    for (int i = 0; i < 3; i++)
        CHECK_INT(fm_post(kept, never, NULL), -ESHUTDOWN);
    CHECK_INT(story_run(another_run, (fm_run_options){0}), 0);
    CHECK_INT(fm_post(kept, never, NULL), -ESHUTDOWN);
    fm_remote_put(kept);
}

/* Slowly enough for the loop to be idle now and then. */
static void *speak_until_refused(void *arg)
{
    struct speaker *speaker = arg;
    while ((speaker->refused = speak_once(speaker)) == 0)
        sched_yield();
    fm_remote_put(speaker->crowd->remote);
    return NULL;
}

static struct crowd *ending;

static void end_amid_posts(void)
{
    for (int i = 0; i < THREADS; i++)
        ending->remote = fm_remote_get();
    crowd_start(ending, speak_until_refused);
    for (int i = 0; i < 3; i++)
        CHECK_INT(fm_yield(), 0);
}

TEST(what_was_taken_before_the_loops_end_has_run_at_its_end)
{
    for (size_t i = 0; i < test_many(100); i++) {
        struct crowd crowd = {.each = 0};
        ending = &crowd;
        CHECK_INT(story_run(end_amid_posts, (fm_run_options){0}), 0);
        size_t heard_by_then[THREADS];
        for (int j = 0; j < THREADS; j++)
            heard_by_then[j] = crowd.speakers[j].heard;
        crowd_join(&crowd);
        for (int j = 0; j < THREADS; j++) {
            CHECK_INT(crowd.speakers[j].refused, -ESHUTDOWN);
            CHECK_INT(heard_by_then[j], crowd.speakers[j].said);
        }
    }
}

static fm_task *ended_task;

static void cancel_ended(void *arg)
{
    *(int *)arg = fm_cancel(ended_task);
}

static int late_answer;
static int late_post;

static void post_too_late(void *arg)
{
    late_post = fm_post(arg, never, NULL);
}

static void post_and_return(void)
{
    kept = fm_remote_get();
    ended_task = fm_self();
    CHECK_INT(fm_post(kept, cancel_ended, &late_answer), 0);
    CHECK_INT(fm_post(kept, post_too_late, kept), 0);
}

TEST(what_runs_at_the_very_end_finds_no_task_and_posts_in_vain)
{
    late_answer = late_post = 0;
    CHECK_INT(story_run(post_and_return, (fm_run_options){0}), 0);
    CHECK_INT(late_answer, -ESRCH);
    CHECK_INT(late_post, -ESHUTDOWN);
    fm_remote_put(kept);
}

/* ---- The simulator ------------------------------------------------------ */

static void *post_soon(void *arg)
{
    struct waker *waker = arg;
    waker_main(waker);
    fm_remote_put(waker->remote);
    return NULL;
}

/* An hour passes at once, but not while somebody may still post. */
STORY(virtual_time_waits_while_a_remote_is_out)
{
    struct waker waker = {fm_remote_get(), fm_self()};
    pthread_t thread;
    pthread_create(&thread, NULL, post_soon, &waker);
    CHECK_INT(fm_sleep(test_simulated() ? 60 : 3600), -ECANCELED);
    pthread_join(thread, NULL);
}

static void *put_soon(void *remote)
{
    const struct timespec soon = {.tv_nsec = 3000000};
    nanosleep(&soon, NULL);
    fm_remote_put(remote);
    return NULL;
}

STORY(virtual_time_jumps_again_when_the_last_remote_is_put)
{
    pthread_t thread;
    pthread_create(&thread, NULL, put_soon, fm_remote_get());
    CHECK_INT(fm_sleep(test_simulated() ? 1e6 : 0.01), 0);
    pthread_join(thread, NULL);
}

/* ---- Limits and mistakes ------------------------------------------------ */

static size_t counted;

static void count(void *arg)
{
    (void)arg;
    counted++;
}

STORY(at_the_limit_a_post_is_refused_until_the_loop_has_run_some)
{
    fm_remote *remote = fm_remote_get();
    counted = 0;
    for (int i = 0; i < FM_POST_LIMIT; i++)
        CHECK_INT(fm_post(remote, count, NULL), 0);
    CHECK_INT(fm_post(remote, count, NULL), -EAGAIN);
    while (counted < FM_POST_LIMIT)
        CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_post(remote, count, NULL), 0);
    fm_remote_put(remote);
}

STORY(without_memory_there_is_no_remote_which_takes_no_posts)
{
    struct fm__fault_plan plan = {.from_then_on = true};
    static const enum fm__door doors[] = {FM__DOOR_MEMORY, FM__DOOR_SYSTEM};
    for (int i = 0; i < 2; i++) {
        plan = (struct fm__fault_plan){.from_then_on = true};
        plan.fail_at[doors[i]] = 1;
        fm__fault_plan = &plan;
        fm_remote *remote = fm_remote_get();
        fm__fault_plan = NULL;
        CHECK(remote == NULL);
        CHECK_INT(fm_post(remote, never, NULL), -ENOMEM);
        fm_remote_put(remote);
    }
}

static void yield_in_a_post(void *arg)
{
    (void)arg;
    fm_yield();
}

static void post_what_suspends(void)
{
    fm_remote *remote = fm_remote_get();
    fm_post(remote, yield_in_a_post, NULL);
    fm_remote_put(remote);
    fm_sleep(story_span(1));
}

TEST(a_suspending_call_in_a_post_aborts_with_a_sentence)
{
    CHECK_DOOMED(post_what_suspends, "fm_yield was called outside a task");
}

static void get_outside(void *arg)
{
    (void)arg;
    fm_remote_put(fm_remote_get());
}

TEST(fm_remote_get_outside_a_loop_aborts_with_a_sentence)
{
    CHECK_DIES(get_outside, NULL, "fm_remote_get was called outside a task");
}

static void fork_a_child(void)
{
    fm_remote *remote = fm_remote_get();
    pid_t child = fork();
    if (child == 0) {
        int rc = fm_post(remote, never, NULL);
        fm_remote_put(remote);
        _exit(rc == -ESHUTDOWN ? 4 : 1);
    }
    int status = 0;
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 4);
    fm_remote_put(remote);
}

TEST(a_forked_child_cannot_post_to_its_parents_loop)
{
    if (test_under_valgrind())
        test_skip("a child ends with a status of valgrind");
    CHECK_INT(story_run(fork_a_child, (fm_run_options){0}), 0);
    story_silent(__FILE__, __LINE__);
}
