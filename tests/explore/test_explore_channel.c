/*
 * test_explore_channel.c - items between loops and threads, in every schedule
 *
 * The items are 1, 2, ...; each is received once, in order, or is still in
 * the channel, or was never sent.
 */
#include "explore_run.h"

static struct {
    fm_channel *channel;
    struct run_thread sender;
    struct run_thread receivers[2];
    struct fm__thread thread;
    unsigned items;
    uintptr_t received;
    unsigned begun;
    unsigned got; /* by how many receivers */
    int rc;
} pipe_line;

static void *item_of(uintptr_t number)
{
    return (void *)number;
}

static int pipe_send(void *arg)
{
    (void)arg;
    run_meet(&pipe_line.begun, 2);
    for (unsigned i = 1; i <= pipe_line.items; i++)
        HOLDS(fm_channel_send(pipe_line.channel, item_of(i)) == 0);
    fm_channel_close(pipe_line.channel);
    return 0;
}

static int pipe_receive(void *arg)
{
    void *item = NULL;
    (void)arg;
    run_meet(&pipe_line.begun, 2);
    while (fm_channel_receive(pipe_line.channel, &item) == 0)
        HOLDS((uintptr_t)item == ++pipe_line.received);
    HOLDS(pipe_line.received == pipe_line.items);
    return 0;
}

static void pipe_run(size_t capacity, unsigned items)
{
    explore_still(true);
    pipe_line.items = items;
    pipe_line.channel = fm_channel_new(capacity);
    run_begin(&pipe_line.receivers[0], pipe_receive);
    run_begin(&pipe_line.sender, pipe_send);
    run_end(&pipe_line.sender);
    run_end(&pipe_line.receivers[0]);
    fm_channel_put(pipe_line.channel);
}

static void pipe_of_one(void *self)
{
    (void)self;
    pipe_run(1, 2);
}

TEST(items_between_two_loops_arrive_once_and_in_order)
{
    explore(pipe_of_one, &pipe_line, sizeof pipe_line);
}

static void pipe_of_none(void *self)
{
    (void)self;
    pipe_run(0, 1);
}

TEST(without_room_an_item_goes_from_hand_to_hand)
{
    explore(pipe_of_none, &pipe_line, sizeof pipe_line);
}

/* ---- Two that wait ------------------------------------------------------ */

static int pipe_receive_one(void *arg)
{
    void *item = NULL;
    (void)arg;
    int rc = fm_channel_receive(pipe_line.channel, &item);
    HOLDS(rc == 0 || rc == -ESHUTDOWN);
    HOLDS(rc < 0 || item == item_of(1));
    pipe_line.got += rc == 0;
    return 0;
}

/* Both sleep when it begins. */
static void pipe_for_two(void *self)
{
    (void)self;
    explore_still(true);
    pipe_line.channel = fm_channel_new(1);
    run_begin(&pipe_line.receivers[0], pipe_receive_one);
    run_begin(&pipe_line.receivers[1], pipe_receive_one);
    fm__thread_yield();
    explore_still(false);
    HOLDS(fm_channel_send_try(pipe_line.channel, item_of(1)) == 0);
    fm_channel_close(pipe_line.channel);
    run_end(&pipe_line.receivers[0]);
    run_end(&pipe_line.receivers[1]);
    HOLDS(pipe_line.got == 1);
    fm_channel_put(pipe_line.channel);
}

TEST(of_two_loops_that_wait_one_gets_the_item_and_the_other_the_end)
{
    explore(pipe_for_two, &pipe_line, sizeof pipe_line);
}

/* ---- Cuts --------------------------------------------------------------- */

static int pipe_child(void *arg)
{
    void *item = NULL;
    (void)arg;
    int rc = fm_channel_receive(pipe_line.channel, &item);
    HOLDS(rc < 0 || item == item_of(1));
    return rc;
}

static int pipe_give_up(void *arg)
{
    (void)arg;
    run_meet(&pipe_line.begun, 2);
    fm_task *child = fm_start(pipe_child, NULL);
    HOLDS(fm_yield() == 0);
    pipe_line.rc = fm_stop(child);
    HOLDS(pipe_line.rc == 0 || pipe_line.rc == -ECANCELED);
    return 0;
}

static void pipe_cut(void *self)
{
    (void)self;
    explore_still(true);
    pipe_line.channel = fm_channel_new(1);
    run_begin(&pipe_line.receivers[0], pipe_give_up);
    run_meet(&pipe_line.begun, 2);
    HOLDS(fm_channel_send_try(pipe_line.channel, item_of(1)) == 0);
    run_end(&pipe_line.receivers[0]);
    HOLDS(fm_channel_count(pipe_line.channel) == (pipe_line.rc < 0));
    fm_channel_put(pipe_line.channel);
}

TEST(a_receiver_that_is_cut_takes_no_item_with_it)
{
    explore(pipe_cut, &pipe_line, sizeof pipe_line);
}
