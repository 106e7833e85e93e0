/*
 * test_future_calls.c - what is called when a future is set
 */
#include "task/story.h"

#include <errno.h>

static int order[8];
static unsigned ordered;

static void note(int number)
{
    if (ordered < 8)
        order[ordered++] = number;
}

static fm_call call;

static void never(void *arg)
{
    (void)arg;
    test_fail(__FILE__, __LINE__, "called");
}

static void called(void *arg)
{
    note(*(int *)arg);
}

/* asyncio: callbacks go through call_soon, in order, never inline. */
STORY(calls_are_made_by_the_loop_in_order_of_asking_and_never_inline)
{
    int one = 1, two = 2, three = 3;
    fm_call calls[3] = {{.fn = called, .arg = &one},
                        {.fn = called, .arg = &two},
                        {.fn = called, .arg = &three}};
    fm_future *future = fm_future_new();
    ordered = 0;
    CHECK_INT(fm_future_call(future, &calls[0]), 0);
    CHECK_INT(fm_future_call(future, &calls[1]), 0);
    CHECK(fm_call_pending(&calls[0]));
    CHECK_INT(fm_call_when(&calls[0]), -1);
    CHECK_INT(fm_future_set(future, 0, NULL), 0);
    CHECK_INT(fm_future_call(future, &calls[2]), 0);
    CHECK_INT(ordered, 0);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(ordered, 3);
    for (int i = 0; i < 3; i++) {
        CHECK_INT(order[i], i + 1);
        CHECK(!fm_call_pending(&calls[i]));
    }
    fm_future_put(future);
}

STORY(a_call_of_a_future_that_is_set_is_made_later_all_the_same)
{
    int one = 1;
    fm_call late = {.fn = called, .arg = &one};
    fm_future *future = fm_future_new();
    ordered = 0;
    CHECK_INT(fm_future_set(future, 0, NULL), 0);
    CHECK_INT(fm_future_call(future, &late), 0);
    CHECK_INT(ordered, 0);
    fm_future_put(future); /* the loop has it */
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(ordered, 1);
}

STORY(a_call_that_was_taken_back_is_not_made)
{
    int one = 1, two = 2;
    fm_call kept = {.fn = called, .arg = &one};
    fm_call gone = {.fn = never, .arg = &two};
    fm_future *future = fm_future_new();
    ordered = 0;
    CHECK_INT(fm_future_call(future, &gone), 0);
    CHECK_INT(fm_future_call(future, &kept), 0);
    CHECK(fm_call_cancel(&gone));
    CHECK(!fm_call_cancel(&gone));
    CHECK_INT(fm_future_set(future, 0, NULL), 0);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(ordered, 1);
    CHECK_INT(order[0], 1);
    fm_future_put(future);
}

STORY(a_call_that_is_due_can_be_taken_back)
{
    fm_call gone = {.fn = never};
    fm_future *future = fm_future_new();
    CHECK_INT(fm_future_call(future, &gone), 0);
    CHECK_INT(fm_future_set(future, 0, NULL), 0);
    CHECK(fm_call_cancel(&gone));
    CHECK_INT(fm_yield(), 0);
    fm_future_put(future);
}

STORY(to_ask_for_another_call_moves_the_record)
{
    int one = 1;
    fm_call moved = {.fn = called, .arg = &one};
    fm_future *future = fm_future_new();
    ordered = 0;
    CHECK_INT(fm_future_call(future, &moved), 0);
    fm_loop_soon(fm_loop_current(), &moved);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(ordered, 1);
    CHECK_INT(fm_future_set(future, 0, NULL), 0);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(ordered, 1);
    fm_future_put(future);
}

static fm_future *kept;

static void leave_a_call_behind(void)
{
    kept = fm_future_new();
    call = (fm_call){.fn = never};
    CHECK_INT(fm_future_call(kept, &call), 0);
}

TEST(a_call_that_is_pending_when_the_loop_ends_is_never_made)
{
    CHECK_INT(story_run(leave_a_call_behind, (fm_run_options){0}), 0);
    CHECK(!fm_call_pending(&call));
    CHECK_INT(fm_future_set(kept, 0, NULL), -ESHUTDOWN);
    CHECK_INT(fm_future_call(kept, &call), -ESHUTDOWN);
    CHECK(!fm_future_done(kept));
    fm_future_put(kept);
}

/* ---- A loop without tasks ----------------------------------------------- */

static void set_and_stop(void *arg)
{
    CHECK_INT(fm_future_set(kept, 9, arg), 0);
    CHECK_INT(fm_future_set(kept, 9, arg), -EALREADY);
    CHECK_INT(ordered, 0);
}

static void stop(void *loop)
{
    note(fm_future_result(kept, NULL));
    fm_loop_stop(loop);
}

TEST(a_loop_of_callbacks_has_futures_too)
{
    fm_loop *loop;
    ordered = 0;
    CHECK_INT(fm_loop_open(&loop, NULL), 0);
    kept = fm_loop_future(loop);
    fm_call setter = {.fn = set_and_stop};
    fm_call listener = {.fn = stop, .arg = loop};
    CHECK_INT(fm_future_call(kept, &listener), 0);
    fm_loop_soon(loop, &setter);
    fm_loop_run(loop);
    CHECK_INT(ordered, 1);
    CHECK_INT(order[0], 9);
    fm_future_put(kept);
    fm_loop_close(loop);
}

/* ---- Mistakes ----------------------------------------------------------- */

static void put_while_called_for(void)
{
    fm_future *future = fm_future_new();
    call = (fm_call){.fn = never};
    fm_future_call(future, &call);
    fm_future_put(future);
}

TEST(to_put_the_last_share_while_a_call_waits_aborts_with_a_sentence)
{
    CHECK_DOOMED(put_while_called_for, "a call waits for this future");
}
