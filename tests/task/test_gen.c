/*
 * test_gen.c - generators: values one after another, on a stack of their own
 */
#include "gen_kit.h"

/* ---- Values ------------------------------------------------------------- */

STORY(values_come_in_the_order_they_are_yielded_and_then_the_end)
{
    FM_GEN gen = fm_gen_go(count, 1, 1000, 0);
    int value;
    for (int i = 1; i <= 1000; i++) {
        CHECK_INT(fm_gen_next(gen, &value), 1);
        CHECK_INT(value, i);
    }
    value = -7;
    CHECK_INT(fm_gen_next(gen, &value), 0);
    CHECK_INT(fm_gen_next(gen, &value), 0);
    CHECK_INT(value, -7);
    CHECK_INT(fm_gen_close(gen), 0);
}

STORY(a_generator_that_never_yields_just_ends)
{
    int value = 3;
    FM_GEN gen = fm_gen_go(count, 1, 0, 5);
    CHECK_INT(fm_gen_next(gen, &value), 0);
    CHECK_INT(value, 3);
}

STORY(one_that_fails_delivers_its_values_and_then_its_failure)
{
    int value;
    FM_GEN gen = fm_gen_go(count, 1, 3, -EIO);
    for (int i = 1; i <= 3; i++)
        CHECK_INT(fm_gen_next(gen, &value), 1);
    CHECK_INT(fm_gen_next(gen, &value), -EIO);
    CHECK_INT(fm_gen_next(gen, &value), -EIO);
    CHECK_INT(value, 3);
    CHECK_INT(fm_gen_close(gen), -EIO);
}

struct point {
    double x, y;
    char name[40];
};

static int points(void)
{
    struct point point = {1, 2, "first"};
    int rc = fm_gen_yield(&point);
    if (rc == 0)
        rc = fm_gen_yield(&(struct point){3, 4, "second"});
    return rc;
}

STORY(a_value_of_any_size_is_copied)
{
    struct point point;
    FM_GEN gen = fm_gen_go(points);
    CHECK_INT(fm_gen_next(gen, &point), 1);
    CHECK(point.x == 1 && point.y == 2 && strcmp(point.name, "first") == 0);
    CHECK_INT(fm_gen_next(gen, &point), 1);
    CHECK(point.x == 3 && point.y == 4 && strcmp(point.name, "second") == 0);
    CHECK_INT(fm_gen_next(gen, &point), 0);
}

/* As large as arguments may be. */
struct aligned {
    _Alignas(256) char bytes[1000];
    int number;
};

static int aligned(struct aligned *self)
{
    bool right = (uintptr_t)self % 256 == 0 && self->bytes[999] == 5;
    int value = right ? self->number : -1;
    return fm_gen_yield(&value);
}

STORY(arguments_of_1_kib_are_copied_with_an_alignment_of_256)
{
    int value = 0;
    FM_GEN gen = fm_gen_go(aligned, .bytes = {[999] = 5}, .number = 9);
    CHECK_INT(fm_gen_next(gen, &value), 1);
    CHECK_INT(value, 9);
}

static int shares(void *arg)
{
    int *shared = arg, rc = 0;
    while (rc == 0 && *shared > 0)
        rc = fm_gen_yield(shared);
    return rc;
}

STORY(the_plain_form_shares_its_argument)
{
    int shared = 4, value = 0;
    fm_gen *gen =
        fm_gen_start(shares, &shared, &(fm_task_options){.name = "mine"});
    CHECK_INT(fm_gen_next(gen, &value), 1);
    CHECK_INT(value, 4);
    shared = 0;
    CHECK_INT(fm_gen_next(gen, &value), 0);
    CHECK_INT(fm_gen_close(gen), 0);
}

/* ---- Turns -------------------------------------------------------------- */

static int steps;

static int stepping(void)
{
    int rc = 0;
    for (int i = 1; rc == 0 && i <= 3; i++) {
        steps = i;
        rc = fm_gen_yield(&i);
    }
    steps = 4;
    return rc;
}

STORY(it_runs_only_when_a_value_is_asked_for)
{
    int value;
    steps = 0;
    FM_GEN gen = fm_gen_go(stepping);
    CHECK_INT(fm_sleep(story_span(1)), 0);
    CHECK_INT(steps, 0);
    for (int i = 1; i <= 3; i++) {
        CHECK_INT(fm_gen_next(gen, &value), 1);
        CHECK_INT(fm_sleep(story_span(1)), 0);
        CHECK_INT(steps, i);
    }
    CHECK_INT(fm_gen_next(gen, &value), 0);
    CHECK_INT(steps, 4);
}

static int sleepy(void)
{
    int rc = 0;
    for (int i = 1; rc == 0 && i <= 3; i++) {
        rc = fm_sleep(story_span(1));
        if (rc == 0)
            rc = fm_gen_yield(&i);
    }
    return rc;
}

STORY(a_generator_may_wait_before_it_yields)
{
    int sum;
    int64_t start = fm_now();
    FM_GEN gen = fm_gen_go(sleepy);
    CHECK_INT(drain(gen, &sum), 3);
    CHECK_INT(sum, 6);
    CHECK(fm_now() - start >= (int64_t)(story_span(3) * 1e9));
}

static int others;

static int counts_turns(void)
{
    int rc = 0;
    while (rc == 0) {
        others++;
        rc = fm_yield();
    }
    return rc;
}

STORY(a_consumer_that_never_waits_lets_others_run)
{
    int sum;
    others = 0;
    fm_task *other = fm_go(counts_turns);
    FM_GEN gen = fm_gen_go(count, 1, 10000, 0);
    CHECK_INT(drain(gen, &sum), 10000);
    CHECK(others >= 10000 / 128);
    CHECK(others < 10000);
    CHECK_INT(fm_stop(other), -ECANCELED);
}

/* ---- Deeper ------------------------------------------------------------- */

static int walk(int depth)
{
    int rc = 0;
    if (depth > 1)
        rc = walk(depth - 1);
    if (rc == 0)
        rc = fm_gen_yield(&depth);
    if (rc == 0 && depth > 1)
        rc = walk(depth - 1);
    return rc;
}

static int walks(void)
{
    return walk(8);
}

STORY(a_function_that_it_calls_may_yield_at_any_depth)
{
    int sum;
    FM_GEN gen = fm_gen_go(walks);
    CHECK_INT(drain(gen, &sum), 255);
    CHECK_INT(sum, 502);
}

struct doubled {
    int to, depth;
};

/* Each of them is fed by another one. */
static int doubled(struct doubled *self)
{
    int rc, value;
    FM_GEN from = self->depth > 0
                      ? fm_gen_go(doubled, self->to, self->depth - 1)
                      : fm_gen_go(count, 1, self->to, 0);
    while ((rc = fm_gen_next(from, &value)) == 1) {
        value *= 2;
        rc = fm_gen_yield(&value);
        if (rc < 0)
            return rc;
    }
    return rc;
}

STORY(generators_nest)
{
    int sum;
    FM_GEN gen = fm_gen_go(doubled, 100, 9);
    CHECK_INT(drain(gen, &sum), 100);
    CHECK_INT(sum, 5050 * 1024);
}

static int naps_of_three(void)
{
    int rc = 0;
    fm_task *naps[3];
    for (int i = 0; i < 3; i++)
        naps[i] = fm_go(nap, 3 - i, i);
    for (int i = 0; rc >= 0 && i < 3; i++) {
        rc = fm_await(naps[i]);
        if (rc >= 0)
            rc = fm_gen_yield(&rc);
        naps[i] = NULL;
    }
    for (int i = 0; i < 3; i++) {
        if (naps[i] != NULL)
            fm_stop(naps[i]);
    }
    return rc;
}

STORY(a_generator_may_have_children)
{
    int sum;
    FM_GEN all = fm_gen_go(naps_of_three);
    CHECK_INT(drain(all, &sum), 3);
    CHECK_INT(sum, 3);
    int value;
    FM_GEN one = fm_gen_go(naps_of_three);
    CHECK_INT(fm_gen_next(one, &value), 1);
    CHECK_INT(fm_gen_close(one), 0);
}

static int leaves_child(void)
{
    int value = 1;
    (void)!fm_go(nap, 5, 0);
    return fm_gen_yield(&value);
}

STORY(its_end_comes_when_its_children_have_ended)
{
    int value;
    FM_GEN gen = fm_gen_go(leaves_child);
    CHECK_INT(fm_gen_next(gen, &value), 1);
    CHECK_INT(fm_gen_next(gen, &value), 0);
    CHECK(story_heard(FM_REPORT_UNCONSUMED) != NULL);
}

static int yields_in_blocks(void)
{
    int rc, value = 1;
    FM_TIMEOUT(story_span(50), rc) {
        rc = fm_gen_yield(&value);
        if (rc == 0)
            rc = fm_sleep(story_span(1000));
    }
    if (rc != -ETIMEDOUT)
        return -EPROTO;
    FM_GROUP(g, rc) {
        rc = fm_group_go(g, nap, 300, -EIO);
        if (rc == 0)
            rc = fm_gen_yield(&value);
        if (rc == 0)
            rc = fm_sleep(story_span(1000));
    }
    return rc;
}

/* In Python the block would cut the consumer, whose task it is. */
STORY(a_block_around_a_yield_cuts_the_generator_and_not_its_consumer)
{
    int value;
    FM_GEN gen = fm_gen_go(yields_in_blocks);
    CHECK_INT(fm_gen_next(gen, &value), 1);
    CHECK_INT(fm_sleep(story_span(100)), 0);
    CHECK_INT(fm_gen_next(gen, &value), 1);
    CHECK_INT(fm_sleep(story_span(100)), 0);
    CHECK_INT(fm_gen_next(gen, &value), -EIO);
}

/* ---- Mistakes ----------------------------------------------------------- */

STORY(without_memory_every_verb_says_so)
{
    int value = 2;
    FM_GEN none = NULL;
    CHECK_INT(fm_gen_next(none, &value), -ENOMEM);
    CHECK_INT(fm_gen_close(none), -ENOMEM);
    CHECK_INT(value, 2);
}

static int yields_astray(void)
{
    int value = 1;
    return fm_gen_yield(&value);
}

static void astray(void)
{
    fm_stop(fm_go(answer, 0));
    (void)!fm_await(fm_go(yields_astray));
}

static int child_yields(void)
{
    return fm_await(fm_go(yields_astray));
}

static void child_astray(void)
{
    int value;
    fm_gen *gen = fm_gen_go(child_yields);
    (void)!fm_gen_next(gen, &value);
}

TEST(to_yield_outside_a_generator_is_a_sentence)
{
    CHECK_DOOMED(astray, "fm_gen_yield in task yields_astray");
    CHECK_DOOMED(child_astray, "it is no generator");
}

static void other_size(void)
{
    char small;
    fm_gen *gen = fm_gen_go(count, 1, 3, 0);
    (void)!fm_gen_next(gen, &small);
}

TEST(to_ask_for_another_size_is_a_sentence)
{
    CHECK_DOOMED(other_size, "4 bytes are yielded where 1 are asked for");
}

static void closed_twice(void)
{
    fm_gen *gen = fm_gen_go(count, 1, 3, 0);
    fm_gen_close(gen);
    fm_gen_close(gen);
}

static void after_the_close(void)
{
    int value;
    fm_gen *gen = fm_gen_go(count, 1, 3, 0);
    fm_gen_close(gen);
    (void)!fm_gen_next(gen, &value);
}

static int asks(void *gen)
{
    int value;
    return fm_gen_next((fm_gen *)gen, &value);
}

static void by_a_stranger(void)
{
    fm_gen *gen = fm_gen_go(count, 1, 3, 0);
    fm_await(fm_start(asks, gen));
}

TEST(a_handle_that_is_not_ones_own_any_more_is_a_sentence)
{
    CHECK_DOOMED(closed_twice, "the handle was consumed before");
    CHECK_DOOMED(after_the_close, "the handle was consumed before");
    CHECK_DOOMED(by_a_stranger, "was not started by it");
}
