/*
 * test_abandon.c - calls that nobody waits for, and whose memory is whose
 */
#include "io/gate.h"

#include "base/fault.h"

#include <sched.h>
#include <stdlib.h>

static void wait_until_held(enum fm__held kind, uint64_t count)
{
    while (fm__atomic_load(&fm__ledger[kind]) != count)
        sched_yield();
}

/* A thread that was abandoned gives back what it has a moment later. */
#define ABANDONING(test_name)                                                  \
    static void test_name##_told(void);                                        \
    TEST(test_name)                                                            \
    {                                                                          \
        uint64_t blocks = fm__atomic_load(&fm__ledger[FM__HELD_BLOCKS]);       \
        CHECK_INT(story_run(test_name##_told, (fm_run_options){0}), 0);        \
        wait_until_held(FM__HELD_BLOCKS, blocks);                              \
        story_silent(__FILE__, __LINE__);                                      \
    }                                                                          \
    static void test_name##_told(void)

ABANDONING(an_abandoned_call_returns_at_once_and_lets_go_when_it_is_done)
{
    struct gate gate;
    struct passer passer = {.options = &letting_go};
    gate_init(&gate, 7);
    fm_task *task = passer_start(&passer, &gate);
    CHECK_INT(fm_stop(task), -ECANCELED);
    CHECK_INT(gate_released(&gate), 0);
    sem_post(&gate.open);
    while (gate_released(&gate) == 0)
        sched_yield();
    CHECK_INT(gate_released(&gate), 1);
}

ABANDONING(an_abandoned_call_returns_at_once_on_a_timeout_too)
{
    struct gate gate;
    struct passer passer = {.options = &letting_go};
    gate_init(&gate, 7);
    CHECK_INT(fm_await(hurry(&passer, &gate)), -ETIMEDOUT);
    CHECK_INT(gate_released(&gate), 0);
    sem_post(&gate.open);
    while (gate_released(&gate) == 0)
        sched_yield();
}

static void withdrawn_and_let_go(void)
{
    struct gate first, second;
    struct passer holder = {0};
    struct passer cut = {.gate = &second, .options = &letting_go};
    gate_init(&first, 1);
    gate_init(&second, 2);
    fm_task *holding = passer_start(&holder, &first);
    fm_task *task = fm_start(passer_main, &cut);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(task), -ECANCELED);
    CHECK_INT(gate_released(&second), 1);
    CHECK_INT(second.runs, 0);
    sem_post(&first.open);
    CHECK_INT(fm_await(holding), 1);
}

TEST(a_call_that_is_taken_back_lets_go_of_its_argument_at_once)
{
    CHECK_INT(run_with_one_thread(withdrawn_and_let_go), 0);
}

static void returned_with(int result, int released)
{
    struct gate gate;
    gate_init(&gate, result);
    sem_post(&gate.open);
    CHECK_INT(fm_thread_run(gate_pass, &gate, &letting_go), result);
    CHECK_INT(gate_released(&gate), released);
}

STORY(the_result_alone_says_whose_the_argument_is)
{
    returned_with(0, 0);
    returned_with(5, 0);
    returned_with(-EPIPE, 0);
    returned_with(-ECANCELED, 1);
    returned_with(-ETIMEDOUT, 1);
}

/* The thread outlives its loop: whatever it owns is its own to free. */
static struct gate *lonely;

static void gate_free(void *arg)
{
    struct gate *gate = arg;
    sem_destroy(&gate->begun);
    sem_destroy(&gate->open);
    free(gate);
}

static void leave_it_behind(void)
{
    static const fm_thread_options freeing = {.abandon = gate_free};
    struct passer passer = {.options = &freeing};
    lonely = malloc(sizeof *lonely);
    gate_init(lonely, 0);
    CHECK_INT(fm_stop(passer_start(&passer, lonely)), -ECANCELED);
}

TEST(a_loop_closes_while_a_call_that_it_abandoned_still_runs)
{
    uint64_t blocks = fm__atomic_load(&fm__ledger[FM__HELD_BLOCKS]);
    for (int i = 0; i < 10; i++) {
        CHECK_INT(run_with_one_thread(leave_it_behind), 0);
        CHECK(fm__atomic_load(&fm__ledger[FM__HELD_BLOCKS]) > blocks);
        sem_post(&lonely->open);
        wait_until_held(FM__HELD_BLOCKS, blocks);
    }
}

static void leave_many_behind(void)
{
    struct gate *gates[4];
    for (int i = 0; i < 4; i++) {
        leave_it_behind();
        gates[i] = lonely;
    }
    for (int i = 0; i < 4; i++)
        sem_post(&gates[i]->open);
}

TEST(a_loop_closes_while_calls_that_it_abandoned_are_just_ending)
{
    uint64_t blocks = fm__atomic_load(&fm__ledger[FM__HELD_BLOCKS]);
    for (size_t i = 0; i < test_many(200); i++) {
        CHECK_INT(story_run(leave_many_behind, (fm_run_options){.threads = 4}),
                  0);
        wait_until_held(FM__HELD_BLOCKS, blocks);
    }
}

/* Every outcome of the race between the function's end and the cut. */
struct racer {
    struct gate gate;
    int rc;
};

static int racer_main(void *arg)
{
    struct racer *self = arg;
    return self->rc = fm_thread_run(gate_pass, &self->gate, &letting_go);
}

static void race_once(struct racer *racer)
{
    gate_init(&racer->gate, 4);
    fm_task *task = fm_start(racer_main, racer);
    CHECK_INT(fm_yield(), 0);
    gate_wait(&racer->gate.begun);
    sem_post(&racer->gate.open);
    int rc = fm_stop(task);
    CHECK(rc == 4 || rc == -ECANCELED);
    while (rc == -ECANCELED && gate_released(&racer->gate) == 0)
        sched_yield();
    CHECK_INT(gate_released(&racer->gate), rc == -ECANCELED);
}

ABANDONING(a_cut_that_meets_the_functions_end_has_one_outcome)
{
    for (size_t i = 0; i < test_many(2000); i++) {
        struct racer racer;
        race_once(&racer);
    }
}
