/*
 * test_select.c - the first of several things, of which none is taken
 */
#include "select_kit.h"

/* ---- What is ready ------------------------------------------------------ */

STORY(the_first_in_the_order_given_is_named_where_several_are_ready)
{
    struct bell bells[3] = {{.rings = 0}, {.rings = 1}, {.rings = 1}};
    CHECK_INT(fm_select(when_bell(&bells[0]), when_bell(&bells[1]),
                        when_bell(&bells[2])),
              1);
    CHECK_INT(fm_select(when_bell(&bells[2]), when_bell(&bells[1])), 0);
    bell_ring(&bells[0]);
    CHECK_INT(fm_select(when_bell(&bells[0]), when_bell(&bells[1])), 0);
}

STORY(a_select_takes_nothing)
{
    struct bell bell = {.rings = 1};
    for (int i = 0; i < 10; i++)
        CHECK_INT(fm_select(when_bell(&bell)), 0);
    CHECK_INT(bell.rings, 1);
    CHECK_INT(bell_take(&bell), 0);
}

STORY(what_is_ready_at_once_is_watched_by_nobody)
{
    struct bell idle = {.rings = 0}, bell = {.rings = 1};
    CHECK_INT(fm_select(when_bell(&idle), when_bell(&bell)), 1);
    CHECK(idle.watchers.list.next == NULL);
    CHECK(bell.watchers.list.next == NULL);
}

STORY(a_select_waits_until_one_is_ready)
{
    struct bell bells[2] = {{.rings = 0}};
    fm_task *task = fm_go(ringer, &bells[1], 3);
    CHECK_INT(fm_select(when_bell(&bells[0]), when_bell(&bells[1])), 1);
    CHECK_INT(bell_take(&bells[1]), 0);
    CHECK(!fm__watched(&bells[0].watchers));
    CHECK(!fm__watched(&bells[1].watchers));
    CHECK_INT(fm_await(task), 0);
}

STORY(of_those_that_became_ready_meanwhile_the_first_given_is_named)
{
    struct bell bells[3] = {{.rings = 0}};
    fm_task *tasks[3];
    for (int i = 0; i < 3; i++)
        tasks[i] = fm_go(ringer, &bells[2 - i], 0);
    int first = fm_select(when_bell(&bells[0]), when_bell(&bells[1]),
                          when_bell(&bells[2]));
    CHECK_INT(first, 0);
    CHECK_INT(fm_gather_array(tasks, 3, NULL), 0);
}

struct chooser {
    struct bell *bells;
    int rounds;
};

/* Takes what it was told of; never in vain. */
static int chooser(struct chooser *self)
{
    for (int i = 0; i < self->rounds; i++) {
        int which =
            fm_select(when_bell(&self->bells[0]), when_bell(&self->bells[1]));
        if (which < 0)
            return which;
        CHECK_INT(bell_take(&self->bells[which]), 0);
    }
    return 0;
}

STORY(the_try_right_after_cannot_fail_however_many_select)
{
    struct bell bells[2] = {{.rings = 0}};
    fm_task *choosers[8];
    for (int i = 0; i < 8; i++)
        choosers[i] = fm_go(chooser, bells, 50);
    uint64_t chance = test_seed(7);
    for (int i = 0; i < 400; i++) {
        bell_ring(&bells[test_random(&chance) % 2]);
        if (test_random(&chance) % 3 == 0)
            CHECK_INT(fm_yield(), 0);
    }
    CHECK_INT(fm_gather_array(choosers, 8, NULL), 0);
    CHECK_INT(bells[0].rings + bells[1].rings, 0);
}

struct early {
    struct bell *bell;
    int *order;
    int mark;
};

static int order_next;

static int early(struct early *self)
{
    int rc = fm_select(when_bell(self->bell));
    if (rc == 0)
        rc = bell_take(self->bell);
    self->order[order_next++] = self->mark;
    return rc;
}

/* Woken in vain, it is still before those who came later. */
STORY(who_was_overtaken_waits_on_and_keeps_its_place)
{
    struct bell bell = {.rings = 0};
    int order[3] = {0};
    order_next = 0;
    fm_task *first = fm_go(early, &bell, order, 1);
    CHECK_INT(fm_yield(), 0);
    bell_ring(&bell);
    CHECK_INT(bell_take(&bell), 0);
    fm_task *second = fm_go(early, &bell, order, 2);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(order_next, 0);
    bell_ring(&bell);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(order_next, 1);
    CHECK_INT(order[0], 1);
    bell_ring(&bell);
    CHECK_INT(fm_await(first), 0);
    CHECK_INT(fm_await(second), 0);
}

STORY(many_may_select_the_same_and_each_is_told)
{
    struct bell bell = {.rings = 0};
    int order[5];
    fm_task *tasks[5];
    order_next = 0;
    for (int i = 0; i < 5; i++)
        tasks[i] = fm_go(early, &bell, order, i);
    CHECK_INT(fm_yield(), 0);
    for (int i = 0; i < 5; i++)
        bell_ring(&bell);
    CHECK_INT(fm_gather_array(tasks, 5, NULL), 0);
    for (int i = 0; i < 5; i++)
        CHECK_INT(order[i], i);
}

/* ---- What is no thing --------------------------------------------------- */

STORY(what_is_none_is_never_ready_and_skipped)
{
    struct bell bell = {.rings = 1};
    CHECK_INT(fm_select((fm_when){0}, when_bell(NULL), fm_when_ended(NULL),
                        when_bell(&bell)),
              3);
    bell.rings = 0;
    fm_task *task = fm_go(ringer, &bell, 1);
    CHECK_INT(fm_select((fm_when){0}, when_bell(NULL), fm_when_ended(NULL),
                        when_bell(&bell)),
              3);
    CHECK_INT(fm_await(task), 0);
}

STORY(a_select_of_nothing_that_can_be_ready_is_enoent)
{
    CHECK_INT(fm_select_array(NULL, 0), -ENOENT);
    CHECK_INT(fm_select((fm_when){0}), -ENOENT);
    CHECK_INT(fm_select(when_bell(NULL), fm_when_ended(NULL)), -ENOENT);
}

STORY(as_many_as_the_limit_may_be_selected_and_no_more)
{
    struct bell bells[FM_SELECT_MOST + 1] = {{.rings = 0}};
    fm_when whens[FM_SELECT_MOST + 1];
    for (int i = 0; i <= FM_SELECT_MOST; i++)
        whens[i] = when_bell(&bells[i]);
    fm_task *task = fm_go(ringer, &bells[FM_SELECT_MOST - 1], 1);
    CHECK_INT(fm_select_array(whens, FM_SELECT_MOST), FM_SELECT_MOST - 1);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(fm_select_array(whens, FM_SELECT_MOST + 1), -EINVAL);
}

/* ---- Tasks -------------------------------------------------------------- */

STORY(the_end_of_a_task_is_selected_and_its_result_is_still_there)
{
    fm_task *slow = fm_go(nap, 500, 1), *fast = fm_go(nap, 1, 2);
    CHECK_INT(fm_select(fm_when_ended(slow), fm_when_ended(fast)), 1);
    CHECK_INT(fm_select(fm_when_ended(slow), fm_when_ended(fast)), 1);
    CHECK_INT(fm_await(fast), 2);
    CHECK_INT(fm_select(fm_when_ended(slow), fm_when_ended(NULL)), 0);
    CHECK_INT(fm_await(slow), 1);
}

STORY(a_task_given_twice_is_named_where_it_is_given_first)
{
    fm_task *task = fm_go(nap, 1, 0);
    CHECK_INT(fm_select(fm_when_ended(task), fm_when_ended(task)), 0);
    CHECK_INT(fm_await(task), 0);
}

static void selects_consumed(void)
{
    fm_task *task = fm_go(answer, 1);
    fm_await(task);
    (void)fm_select(fm_when_ended(task));
}

struct stranger {
    fm_task *task;
};

static int stranger(struct stranger *self)
{
    return fm_select(fm_when_ended(self->task));
}

static void selects_anothers(void)
{
    fm_task *task = fm_go(nap, 5, 0);
    fm_await(fm_go(stranger, task));
    fm_await(task);
}

TEST(only_the_starter_may_select_a_task_and_only_until_it_consumed_it)
{
    CHECK_DOOMED(selects_consumed, "the handle was consumed before");
    CHECK_DOOMED(selects_anothers, "was not started by it");
}

/* ---- Time --------------------------------------------------------------- */

STORY(a_span_counts_from_each_select_and_is_never_early)
{
    struct bell bell = {.rings = 0};
    fm_when after = fm_when_after(story_span(3));
    for (int i = 0; i < 3; i++) {
        int64_t begin = fm_now();
        CHECK_INT(fm_select(when_bell(&bell), after), 1);
        CHECK(fm_now() - begin >= (int64_t)(story_span(3) * 1e9));
    }
}

STORY(the_shortest_span_and_the_earliest_moment_are_first)
{
    int64_t begin = fm_now();
    int64_t unit = (int64_t)(story_span(1) * 1e9);
    CHECK_INT(fm_select(fm_when_after(story_span(90000)),
                        fm_when_after(story_span(2)),
                        fm_when_at(begin + 80000 * unit)),
              1);
    CHECK_INT(fm_select(fm_when_after(story_span(90000)),
                        fm_when_at(fm_now() + 2 * unit),
                        fm_when_after(INFINITY)),
              1);
}

STORY(no_span_and_a_moment_that_has_passed_are_ready_at_once)
{
    struct bell bell = {.rings = 0};
    int64_t begin = fm_now();
    CHECK_INT(fm_select(when_bell(&bell), fm_when_after(0)), 1);
    CHECK_INT(fm_select(when_bell(&bell), fm_when_after(-1)), 1);
    CHECK_INT(fm_select(when_bell(&bell), fm_when_at(begin)), 1);
    CHECK_INT(fm_select(when_bell(&bell), fm_when_at(INT64_MIN)), 1);
    bell_ring(&bell);
    CHECK_INT(fm_select(when_bell(&bell), fm_when_after(0)), 0);
    CHECK_INT(fm_select(fm_when_after(NAN)), -EINVAL);
}

/* ---- Cuts --------------------------------------------------------------- */

STORY(a_select_that_is_cut_leaves_nothing_behind)
{
    int rc;
    struct bell bells[2] = {{.rings = 0}};
    fm_task *task = fm_go(nap, 20, 4);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_select(when_bell(&bells[0]), fm_when_ended(task),
                       fm_when_after(story_span(50)), when_bell(&bells[1]));
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK(!fm__watched(&bells[0].watchers));
    CHECK(!fm__watched(&bells[1].watchers));
    bell_ring(&bells[0]);
    CHECK_INT(fm_await(task), 4);
}

static int selects_while_cancelled(void *arg)
{
    struct bell *bell = arg;
    fm_cancel(fm_self());
    CHECK_INT(fm_select(when_bell(bell)), -ECANCELED);
    CHECK_INT(fm_select_array(NULL, 0), -ECANCELED);
    return bell->rings;
}

STORY(a_select_is_a_cancel_point_also_when_it_need_not_wait)
{
    struct bell bell = {.rings = 5};
    CHECK_INT(fm_await(fm_start(selects_while_cancelled, &bell)), 5);
}

STORY(what_became_ready_before_the_cut_is_named_and_the_cut_comes_next)
{
    struct bell bell = {.rings = 0};
    int order[1];
    order_next = 0;
    fm_task *task = fm_go(early, &bell, order, 1);
    CHECK_INT(fm_yield(), 0);
    bell_ring(&bell);
    CHECK_INT(fm_stop(task), 0);
    CHECK_INT(bell.rings, 0);
}

STORY(who_was_overtaken_and_cut_is_cut)
{
    struct bell bell = {.rings = 0};
    int order[1];
    order_next = 0;
    fm_task *task = fm_go(early, &bell, order, 1);
    CHECK_INT(fm_yield(), 0);
    bell_ring(&bell);
    CHECK_INT(bell_take(&bell), 0);
    CHECK_INT(fm_stop(task), -ECANCELED);
    CHECK(!fm__watched(&bell.watchers));
}

struct busy {
    struct bell *bell;
    bool *over;
};

static int busy(struct busy *self)
{
    for (int i = 0; i < 1000; i++)
        CHECK_INT(fm_select(when_bell(self->bell)), 0);
    *self->over = true;
    return 0;
}

STORY(who_selects_without_ever_waiting_lets_others_run)
{
    struct bell bell = {.rings = 1};
    bool over = false;
    fm_task *task = fm_go(busy, &bell, &over);
    CHECK_INT(fm_yield(), 0);
    CHECK(!over);
    CHECK_INT(fm_await(task), 0);
}

static void select_outside(void *arg)
{
    (void)arg;
    (void)fm_select_array(NULL, 0);
}

TEST(a_select_outside_a_task_aborts_with_a_sentence)
{
    CHECK_DIES(select_outside, NULL, "fm_select was called outside a task");
}

/* ---- A storm ------------------------------------------------------------ */

enum {
    STORM = 64,
    STORM_BELLS = 10
};

struct stormy {
    struct bell *bells;
    size_t first, count;
    unsigned *taken;
};

static int stormy(struct stormy *self)
{
    fm_when whens[STORM_BELLS];
    for (size_t i = 0; i < self->count; i++)
        whens[i] = when_bell(&self->bells[(self->first + i) % STORM_BELLS]);
    int which = fm_select_array(whens, self->count);
    if (which < 0)
        return which;
    *self->taken +=
        bell_take(&self->bells[(self->first + (size_t)which) % STORM_BELLS]) ==
        0;
    return 0;
}

static void storm(uint64_t seed)
{
    struct bell bells[STORM_BELLS] = {{.rings = 0}};
    fm_task *tasks[STORM];
    int results[STORM];
    unsigned taken = 0, rung = STORM / 2, ended = 0;
    for (size_t i = 0; i < STORM; i++) {
        size_t first = test_random(&seed) % STORM_BELLS;
        size_t count = 1 + test_random(&seed) % STORM_BELLS;
        tasks[i] = fm_go(stormy, bells, first, count, &taken);
        if (i % 2 == 0)
            bell_ring(&bells[test_random(&seed) % STORM_BELLS]);
        if (test_random(&seed) % 3 == 0)
            fm_cancel(tasks[test_random(&seed) % (i + 1)]);
        if (test_random(&seed) % 3 == 0)
            CHECK_INT(fm_yield(), 0);
    }
    CHECK_INT(fm_sleep(story_span(1)), 0);
    for (size_t i = 0; i < STORM; i++)
        fm_cancel(tasks[i]);
    fm_settle(tasks, STORM, results);
    for (size_t i = 0; i < STORM; i++)
        ended += results[i] == 0;
    CHECK_INT(taken, ended);
    for (size_t i = 0; i < STORM_BELLS; i++) {
        CHECK(!fm__watched(&bells[i].watchers));
        rung -= (unsigned)bells[i].rings;
    }
    CHECK_INT(rung, taken);
}

STORY(in_a_storm_of_cuts_each_ring_is_taken_once_or_left)
{
    size_t seeds = test_many(100);
    for (uint64_t seed = 1; seed <= seeds; seed++)
        storm(seed * test_seed(1));
}
