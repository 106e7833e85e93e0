/*
 * test_start.c - starting tasks: who owns them, what they are given
 */
#include "story.h"

#include "base/fault.h"

#include <stdlib.h>

static int ended_with;

struct note_end {
    double units;
};

static int note_end(struct note_end *self)
{
    ended_with = fm_sleep(story_span(self->units));
    return ended_with;
}

static int start_and_return(void)
{
    fm_task *child = fm_go(note_end, 1000);
    CHECK(child != NULL);
    CHECK_INT(fm_yield(), 0);
    return 5;
}

STORY(children_still_running_are_cancelled_and_waited_for)
{
    ended_with = 1;
    CHECK_INT(fm_await(fm_go(start_and_return)), 5);
    CHECK_INT(ended_with, -ECANCELED);
    CHECK(story_heard(FM_REPORT_UNCONSUMED) != NULL);
}

static int end_slowly(void)
{
    int rc = fm_sleep(INFINITY);
    FM_SHIELD(INFINITY) {
        CHECK_INT(fm_sleep(story_span(2)), 0);
        ended_with = 7;
    }
    return rc;
}

static int start_a_slow_one(void)
{
    fm_task *child = fm_go(end_slowly);
    CHECK(child != NULL);
    return fm_yield();
}

STORY(a_task_has_not_ended_before_its_children_have)
{
    ended_with = 0;
    CHECK_INT(fm_await(fm_go(start_a_slow_one)), 0);
    CHECK_INT(ended_with, 7);
    CHECK(story_heard(FM_REPORT_UNCONSUMED) != NULL);
}

STORY(fm_go_makes_a_child_of_the_calling_task)
{
    fm_task *child = fm_go(forever);
    CHECK_INT(fm_cancel(fm_self()), 0);
    CHECK_INT(fm_await(child), -ECANCELED);
}

struct recruit {
    fm_group *group;
    double units;
};

static int recruit(struct recruit *self)
{
    return fm_group_go(self->group, note_end, self->units);
}

STORY(fm_group_go_makes_a_member_of_the_group)
{
    int rc;
    ended_with = 1;
    FM_GROUP(group, rc) {
        CHECK_INT(fm_await(fm_go(recruit, group, 2)), 0);
        CHECK_INT(fm_group_count(group), 1);
        CHECK_INT(ended_with, 1);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(ended_with, 0);
}

static int turns;

static int count_turns(void)
{
    int rc;
    turns = 0;
    while ((rc = fm_yield()) == 0)
        turns++;
    return rc;
}

STORY(timeout_and_shield_blocks_own_nothing_and_leaving_one_never_suspends)
{
    int rc;
    fm_task *clock = fm_go(count_turns);
    fm_task *one = NULL, *two = NULL;
    CHECK_INT(fm_yield(), 0);
    int before = turns;
    FM_TIMEOUT(story_span(1000), rc) {
        one = fm_go(nap, 1, 1);
    }
    FM_SHIELD(1) {
        two = fm_go(nap, 1, 2);
    }
    CHECK_INT(turns, before);
    CHECK_INT(fm_await(one), 1);
    CHECK_INT(fm_await(two), 2);
    CHECK(turns > before);
    CHECK_INT(fm_stop(clock), -ECANCELED);
}

STORY(fm_go_never_suspends)
{
    fm_task *clock = fm_go(count_turns);
    CHECK_INT(fm_yield(), 0);
    int before = turns;
    for (int i = 0; i < 300; i++)
        CHECK_INT(fm_detach(fm_go(answer, i)), 0);
    CHECK_INT(turns, before);
    CHECK_INT(fm_stop(clock), -ECANCELED);
}

struct measure {
    char small;
    double wide;
    float narrow;
    struct {
        int64_t x, y;
    } point;
    const char *text;
};

static int measure(struct measure *self)
{
    CHECK(self->small == 'f' && self->wide == 2.5 && self->narrow == 1.25F);
    CHECK(self->point.x == -1 && self->point.y == INT64_MAX);
    return (int)strlen(self->text);
}

static fm_task *start_from_a_frame_that_goes_away(void)
{
    return fm_go(measure, 'f', 2.5, .narrow = 1.25F,
                 .point = {.x = -1, .y = INT64_MAX}, .text = "four");
}

STORY(the_arguments_are_copied_so_the_callers_frame_may_go_away)
{
    fm_task *task = start_from_a_frame_that_goes_away();
    char scratch[512];
    memset(scratch, 0xff, sizeof scratch);
    CHECK(scratch[511] != 0);
    CHECK_INT(fm_await(task), 4);
}

struct align_wide {
    _Alignas(256) char bytes[1024];
};

static int align_wide(struct align_wide *self)
{
    return (uintptr_t)self % 256 == 0 && self->bytes[1023] == 'z';
}

STORY(arguments_of_1_kib_keep_their_alignment)
{
    CHECK_INT(fm_await(fm_go(align_wide, .bytes = {[1023] = 'z'})), 1);
}

struct align_vector {
    _Alignas(32) double lanes[4];
};

static int align_vector(struct align_vector *self)
{
    struct align_vector here = *self;
    uintptr_t places = (uintptr_t)self | (uintptr_t)&here;
    return places % 32 == 0 && here.lanes[3] == 4.0;
}

STORY(a_tasks_first_frame_is_aligned_as_the_abi_asks)
{
    CHECK_INT(fm_await(fm_go(align_vector, {1, 2, 3, 4})), 1);
}

static int shares(void *arg)
{
    *(double *)arg = 3.5;
    return 0;
}

STORY(fm_start_shares_the_callers_pointer_for_results_larger_than_an_int)
{
    double result = 0;
    CHECK_INT(fm_await(fm_start(shares, &result)), 0);
    CHECK(result == 3.5);
}

struct own {
    void *memory;
};

static int own(struct own *self)
{
    free(self->memory);
    return fm_sleep(0);
}

STORY(a_task_that_was_started_always_runs_also_when_cancelled_before_that)
{
    fm_task *task = fm_go(own, malloc(10));
    CHECK_INT(fm_cancel(task), 0);
    CHECK_INT(fm_await(task), -ECANCELED);
}

static fm_task *fail_to_start(void *memory)
{
    struct fm__fault_plan plan = {.from_then_on = true};
    fm_task *warm[64];
    /* Stacks and slots that are warm are no want of memory. */
    for (size_t i = 0; i < 64; i++)
        warm[i] = fm_go(answer, 0);
    plan.fail_at[FM__DOOR_MEMORY] = plan.fail_at[FM__DOOR_SYSTEM] = 1;
    fm__fault_plan = &plan;
    fm_task *task = fm_start(shares, memory);
    fm__fault_plan = NULL;
    CHECK_INT(fm_gather_array(warm, 64, NULL), 0);
    return task;
}

STORY(a_start_fails_only_for_want_of_memory_and_the_handle_is_null)
{
    double untouched = 1;
    CHECK(fail_to_start(&untouched) == NULL);
    CHECK_INT(fm_sleep(0), 0);
    CHECK(untouched == 1);
}

static void start_null_verbs(void)
{
    fm_task *none = NULL;
    CHECK_INT(fm_await(none), -ENOMEM);
    CHECK_INT(fm_stop(none), -ENOMEM);
    CHECK_INT(fm_detach(none), -ENOMEM);
    CHECK_INT(fm_cancel(none), -ENOMEM);
    CHECK_INT(fm_task_set_name(none, "x"), -ENOMEM);
    CHECK(fm_task_name(none) == NULL);
}

STORY(every_verb_answers_enomem_for_a_handle_that_is_null)
{
    int results[2] = {1, 1};
    start_null_verbs();
    CHECK_INT(fm_gather(NULL, fm_go(answer, 1)), -ENOMEM);
    CHECK_INT(fm_gather(fm_go(forever), NULL), -ENOMEM);
    fm_task *pair[] = {NULL, fm_go(answer, 2)};
    CHECK_INT(fm_settle(pair, 2, results), 1);
    CHECK_INT(results[0], -ENOMEM);
    CHECK_INT(results[1], 2);
    FM_TASK scoped = NULL;
    CHECK(scoped == NULL);
}

static int one_shot;

STORY(what_the_arguments_own_is_still_the_callers_when_a_member_fails_to_start)
{
    int rc;
    struct fm__fault_plan plan = {.from_then_on = true};
    void *owned = malloc(10);
    FM_GROUP(group, rc) {
        for (one_shot = 0; one_shot < 64; one_shot++)
            CHECK_INT(fm_group_go(group, answer, 0), 0);
        plan.fail_at[FM__DOOR_MEMORY] = plan.fail_at[FM__DOOR_SYSTEM] = 1;
        fm__fault_plan = &plan;
        int started = fm_group_go(group, own, owned);
        fm__fault_plan = NULL;
        CHECK_INT(started, -ENOMEM);
        if (started == -ENOMEM)
            free(owned);
        CHECK_INT(fm_group_count(group), 64);
    }
    CHECK_INT(rc, 0);
}
