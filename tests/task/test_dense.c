/*
 * test_dense.c - tasks in a kilobyte: what they promise, and what is refused
 */
#include "task/dense_kit.h"
#include "task/story.h"

#include "base/fault.h"
#include "coro/fitness.h"
#include "task/record.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>

/* ---- Tasks like others --------------------------------------------------- */

static int dense_naps(void *arg)
{
    int rc = fm_sleep(*(const double *)arg);
    return rc < 0 ? rc : 7;
}

STORY(a_dense_task_is_started_awaited_and_stopped_as_others_are)
{
    static double soon = 0.001; /* outlives the story: one is detached */
    double never = INFINITY;
    const fm_task_options options = {.stack_size = dense_size()};
    CHECK_INT(fm_await(fm_start(dense_naps, &soon, &options)), 7);
    CHECK_INT(fm_stop(fm_start(dense_naps, &never, &options)), -ECANCELED);
    fm_task *kept = fm_start(dense_naps, &soon, &options);
    CHECK_INT(fm_sleep(0.1), 0);
    CHECK_INT(fm_await(kept), 7);
    CHECK_INT(fm_detach(fm_start(dense_naps, &soon, &options)), 0);
}

struct counts {
    size_t *done;
    double seconds;
};

static int counts(struct counts *self)
{
    int rc = fm_sleep(self->seconds);
    *self->done += rc == 0;
    return rc;
}

STORY(members_of_a_group_are_dense_where_its_options_say_so)
{
    size_t many = test_many(20000), done = 0;
    int rc;
    FM_GROUP(g, rc, .stack_size = dense_size()) {
        for (size_t i = 0; rc == 0 && i < many; i++)
            rc = fm_group_go(g, counts, &done, (double)(i % 10) * 1e-3);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(done, many);
}

STORY(waves_of_dense_tasks_use_their_stacks_again)
{
    size_t many = test_many(5000), done = 0;
    for (int wave = 0; wave < 5; wave++) {
        int rc;
        FM_GROUP(g, rc, .stack_size = dense_size()) {
            for (size_t i = 0; rc == 0 && i < many; i++)
                rc = fm_group_go(g, counts, &done, 0.001);
        }
        CHECK_INT(rc, 0);
    }
    CHECK_INT(done, 5 * many);
}

STORY(a_cancel_reaches_dense_tasks_at_every_depth)
{
    size_t done = 0;
    int rc;
    FM_GROUP(g, rc, .stack_size = dense_size()) {
        for (int i = 0; rc == 0 && i < 100; i++)
            rc = fm_group_go(g, counts, &done, 60);
        fm_group_cancel(g);
    }
    CHECK_INT(done, 0);
}

struct most {
    char bytes[256];
};

struct carries {
    struct most load;
};

static int carries(struct carries *self)
{
    int rc = fm_sleep(0.001);
    return rc < 0 ? rc : self->load.bytes[255] - 7;
}

STORY(arguments_of_256_bytes_are_copied_for_a_dense_task)
{
    int rc;
    struct most load;
    memset(&load, 7, sizeof load);
    FM_GROUP(g, rc, .stack_size = dense_size()) {
        for (int i = 0; rc == 0 && i < 100; i++)
            rc = fm_group_go(g, carries, load);
    }
    CHECK_INT(rc, 0);
}

static int dense_asks_its_name(void *arg)
{
    bool own = fm_dense_refused() == NULL;
    int rc = fm_task_set_name(fm_self(), "another");
    CHECK_INT(rc, own ? -ENOTSUP : 0);
    return strcmp(fm_task_name(fm_self()), own ? arg : "another");
}

STORY(a_dense_task_has_the_name_that_its_options_give)
{
    static char name[] = "a name that is far longer than what is copied";
    const fm_task_options options = {
        .name = name,
        .stack_size = dense_size(),
    };
    CHECK_INT(fm_await(fm_start(dense_asks_its_name, name, &options)), 0);
}

static void dense_count_task(struct fm__task *task, void *arg)
{
    *(size_t *)arg += strcmp(task->name, "dense_naps") == 0;
}

STORY(dense_tasks_are_among_those_that_are_alive)
{
    double never = INFINITY;
    const fm_task_options options = {.stack_size = dense_size()};
    FM_TASK one = fm_start(dense_naps, &never, &options);
    FM_TASK two = fm_start(dense_naps, &never, &options);
    size_t seen = 0;
    fm__each_task(fm__home, dense_count_task, &seen);
    CHECK_INT(seen, 2);
}

static int dense_aligned(void *arg)
{
    _Alignas(64) volatile char line[64] = {0};
    (void)arg;
    return (uintptr_t)line % 64 == 0 && line[63] == 0 ? 0 : -EPROTO;
}

STORY(frames_on_a_dense_stack_are_aligned)
{
    for (int i = 0; i < 20; i++)
        CHECK_INT(dense_run(dense_aligned, NULL), 0);
}

STORY(without_address_space_a_start_is_null_and_nothing_is_lost)
{
    double soon = 0.001;
    const fm_task_options options = {.stack_size = dense_size()};
    struct fm__fault_plan plan = {.from_then_on = true};
    plan.fail_at[FM__DOOR_SYSTEM] = 1;
    fm__fault_plan = &plan;
    fm_task *none = fm_start(dense_naps, &soon, &options);
    fm__fault_plan = NULL;
    CHECK(none == NULL);
    CHECK_INT(fm_await(none), -ENOMEM);
    CHECK_INT(fm_await(fm_start(dense_naps, &soon, &options)), 7);
}

/* ---- What is told -------------------------------------------------------- */

/* Writes to every byte of more than there is. */
__attribute__((noinline)) static int dense_dig(void)
{
    volatile char frame[2048];
    for (size_t i = sizeof frame; i > 0; i--)
        frame[i - 1] = 0;
    return frame[0];
}

/* With an argument it waits then; without, it just returns. */
static int dense_runs_over(void *arg)
{
    int dug = dense_dig();
    return arg == NULL ? dug : fm_yield();
}

static int dense_overflow(void *arg)
{
    return dense_run(dense_runs_over, arg);
}

static int dense_waits_in_a_call(void *arg)
{
    (void)arg;
    return fm_sleep(1);
}

static int dense_calls(void *arg)
{
    return fm_stack_call(dense_waits_in_a_call, arg);
}

static int dense_wait_in_a_call(void *arg)
{
    return dense_run(dense_calls, arg);
}

static int dense_calls_in_a_block(void *arg)
{
    int rc;
    FM_TIMEOUT(60, rc) {
        rc = fm_stack_call(dense_waits_in_a_call, arg);
    }
    return rc;
}

static int dense_wait_in_a_block(void *arg)
{
    return dense_run(dense_calls_in_a_block, arg);
}

static void dense_main(void *fn)
{
    fm_run(*(int (**)(void *))fn, NULL);
}

static void dense_main_that_waits(void *fn)
{
    fm_run(*(int (**)(void *))fn, fn);
}

TEST(an_overflow_is_told_when_the_task_waits_or_ends)
{
    int (*fn)(void *) = dense_overflow;
    if (fm_dense_refused() != NULL)
        return;
    CHECK_DIES(dense_main, &fn,
               "stack overflow in task small (started at "
               "tests/task/dense_kit.h:");
    CHECK_DIES(dense_main_that_waits, &fn,
               "stack overflow in task small (started at "
               "tests/task/dense_kit.h:");
}

TEST(to_wait_inside_a_stack_call_aborts_with_a_sentence)
{
    int (*fn)(void *) = dense_wait_in_a_call;
    int (*in_a_block)(void *) = dense_wait_in_a_block;
    if (fm_dense_refused() != NULL)
        return;
    CHECK_DIES(dense_main, &fn, "wait inside fm_stack_call");
    CHECK_DIES(dense_main, &in_a_block, "wait inside fm_stack_call");
}

/* ---- Where the loop's stack lies ----------------------------------------- */

#define DENSE_MIB ((size_t)1024 * 1024)

/* Where the first piece will be mapped, as kernels from 6.7 do it: in the one
 * hole that it fits into, at the first place that is aligned. */
static char *dense_edge;

static int dense_fills_a_frame(void *arg)
{
    volatile char frame[8192];
    (void)arg;
    for (size_t i = 0; i < sizeof frame; i++)
        frame[i] = 1;
    return frame[0] - 1;
}

static int dense_calls_and_keeps_its_own(void *arg)
{
    volatile char frame[4096];
    for (size_t i = 0; i < sizeof frame; i++)
        frame[i] = 5;
    int rc = fm_stack_call(dense_fills_a_frame, arg);
    for (size_t i = 0; rc == 0 && i < sizeof frame; i++)
        rc = frame[i] - 5;
    return rc;
}

static int dense_calls_twice(void *arg)
{
    return fm_stack_call(dense_calls_and_keeps_its_own, arg);
}

static int dense_above_the_loop(void *arg)
{
    munmap(dense_edge, 6 * DENSE_MIB);
    return dense_run(dense_calls_twice, arg);
}

static void *dense_thread(void *arg)
{
    CHECK_INT(fm_run(dense_above_the_loop, arg), 0);
    return NULL;
}

static char *dense_map(size_t size)
{
    return mmap(NULL, size, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

/* Nothing that is as large fits above it any more. */
static void dense_fill(const char *base, char **filled)
{
    size_t count = 0;
    do
        filled[count] = dense_map(4 * DENSE_MIB);
    while (filled[count++] > base && count < 100);
}

TEST(a_stack_call_is_safe_also_where_small_stacks_lie_right_above_the_loops)
{
    char *filled[100] = {NULL};
    pthread_attr_t attr;
    pthread_t thread;
    if (fm_dense_refused() != NULL)
        return;
    char *base = dense_map(16 * DENSE_MIB);
    size_t odd = (uintptr_t)base % (2 * DENSE_MIB);
    dense_edge = base + 6 * DENSE_MIB - odd - 4096;
    dense_fill(base, filled);
    pthread_attr_init(&attr);
    pthread_attr_setstack(&attr, dense_edge - DENSE_MIB, DENSE_MIB);
    CHECK_INT(pthread_create(&thread, &attr, dense_thread, NULL), 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attr);
    for (int i = 0; i < 100 && filled[i] != NULL; i++)
        munmap(filled[i], 4 * DENSE_MIB);
    munmap(base, (size_t)(dense_edge - base));
    munmap(dense_edge + 6 * DENSE_MIB,
           10 * DENSE_MIB - (size_t)(dense_edge - base));
}

static int dense_awaits_a_stranger(void *arg)
{
    return fm_await(*(fm_task **)arg);
}

static int dense_start_that_dies(void *arg)
{
    fm_task *self = fm_self();
    (void)arg;
    return dense_run(dense_awaits_a_stranger, &self);
}

TEST(a_mistake_of_a_dense_task_ends_in_its_sentence)
{
    int (*fn)(void *) = dense_start_that_dies;
    CHECK_DIES(dense_main, &fn, "was not started by it");
}

/* ---- What is refused ----------------------------------------------------- */

struct carries_more {
    struct most load;
    char more;
};

static int carries_more(struct carries_more *self)
{
    return self->more;
}

static int dense_overloads(void *arg)
{
    int rc;
    struct most load = {{0}};
    (void)arg;
    FM_GROUP(g, rc, .stack_size = FM_STACK_DENSE) {
        rc = fm_group_go(g, carries_more, load, 1);
    }
    return rc;
}

TEST(arguments_that_a_dense_stack_does_not_take_abort_with_a_sentence)
{
    int (*fn)(void *) = dense_overloads;
    CHECK_DIES(dense_main, &fn, "with arguments of 257 bytes");
}

static int dense_generates(void *arg)
{
    const fm_task_options options = {.stack_size = FM_STACK_DENSE};
    return fm_gen_close(fm_gen_start(dense_generates, arg, &options));
}

TEST(generators_are_not_dense)
{
    int (*fn)(void *) = dense_generates;
    CHECK_DIES(dense_main, &fn, "not of generators");
}

static void dense_note(int number)
{
    (void)number;
}

static int dense_start_anyway(void *arg)
{
    double soon = 0;
    const fm_task_options options = {.stack_size = FM_STACK_DENSE};
    (void)arg;
    return fm_await(fm_start(dense_naps, &soon, &options));
}

TEST(a_signal_handler_without_an_alternate_stack_is_refused)
{
    struct sigaction before;
    const struct sigaction action = {.sa_handler = dense_note};
    int (*fn)(void *) = dense_start_anyway;
    if (fm_dense_refused() != NULL)
        return;
    sigaction(SIGUSR2, &action, &before);
    const char *why = fm_dense_refused();
    CHECK(why != NULL && strstr(why, "signal 12 has a handler") != NULL);
    CHECK_DIES(dense_main, &fn, "signal 12 has a handler without SA_ONSTACK");
    sigaction(SIGUSR2, &before, NULL);
    CHECK(fm_dense_refused() == NULL);
}

TEST(where_dense_tasks_are_refused_a_start_aborts_with_the_reason)
{
    int (*fn)(void *) = dense_start_anyway;
    if (fm_dense_refused() != NULL)
        CHECK_DIES(dense_main, &fn, fm_dense_refused());
}

TEST(a_build_that_cannot_have_them_says_why)
{
    char why[FM__FITNESS_TEXT] = "";
    bool fit = fm__fitness_build(why);
    CHECK(fit || why[0] != '\0');
    if (test_under_asan() || test_under_tsan() || test_under_valgrind())
        CHECK(!fit);
    CHECK(fm__dense_refused(FM__STACK_UNFIT) != NULL);
}

static void dense_whole_run(void *arg)
{
    (void)arg;
    fm_run(dense_start_anyway, NULL,
           &(fm_run_options){.stack_size = FM_STACK_DENSE});
}

TEST(a_whole_run_is_not_dense)
{
    CHECK_DIES(dense_whole_run, NULL, "not of a run");
}

static int dense_answers(fm_stream *client, void *arg)
{
    (void)arg;
    return fm_flush(client);
}

static int dense_serves(void *arg)
{
    fm_listener *listener;
    (void)arg;
    int rc = fm_listen("127.0.0.1:0", &listener);
    if (rc < 0)
        return rc;
    return fm_serve(listener, dense_answers, NULL,
                    &(fm_serve_options){.stack_size = FM_STACK_DENSE});
}

TEST(handlers_of_a_server_are_not_dense)
{
    int (*fn)(void *) = dense_serves;
    CHECK_DIES(dense_main, &fn, "its tasks talk to clients");
}

/* The code of compilers at run time is in no object. */
TEST(code_is_bound_where_its_object_is_or_there_is_none)
{
    char why[FM__FITNESS_TEXT] = "";
    struct fm__code code;
    char *heap = malloc(1);
    CHECK(fm__fitness_binding((uintptr_t)heap, &code, why));
    CHECK(code.from == (uintptr_t)heap && code.to == (uintptr_t)heap + 1);
    free(heap);
    uintptr_t here = (uintptr_t)dense_note;
    (void)fm__fitness_binding(here, &code, why);
    CHECK(code.from <= here && here < code.to);
}
