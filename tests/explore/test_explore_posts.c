/*
 * test_explore_posts.c - fm__loop_post and a sleeping loop, in every schedule
 *
 * Who posts in this way knows that the loop runs: threads are joined before it
 * closes. With each the last post is alone: were it missed, nobody would wake
 * the loop any more.
 */
#include "explore_loop.h"

enum {
    POSTERS = 2,
    LETTERS = 2
};

struct letter {
    struct fm__work work;
    unsigned poster;
    unsigned number;
};

static struct {
    struct fm__loop loop;
    struct fm__thread threads[POSTERS];
    struct letter letters[POSTERS][LETTERS];
    unsigned read[POSTERS];
    unsigned posters;
    unsigned each;
} post;

static void letter_read(struct fm__work *work)
{
    const struct letter *letter = FM__CONTAINER(work, struct letter, work);
    HOLDS(letter->number == post.read[letter->poster]);
    post.read[letter->poster]++;
}

static void *post_letters(void *arg)
{
    struct letter *letters = arg;
    for (unsigned i = 0; i < post.each; i++)
        fm__loop_post(&post.loop, &letters[i].work);
    return NULL;
}

static void post_begin(unsigned posters, unsigned each)
{
    post.posters = posters;
    post.each = each;
    loop_open(&post.loop);
    post.loop.remote_expected = posters;
    for (unsigned i = 0; i < posters * each; i++) {
        struct letter *letter = &post.letters[i / each][i % each];
        letter->work.run = letter_read;
        letter->poster = i / each;
        letter->number = i % each;
    }
    for (unsigned i = 0; i < posters; i++)
        fm__thread_start(&post.threads[i], post_letters, post.letters[i]);
}

static void post_end(void)
{
    while (post.read[0] + post.read[1] < post.posters * post.each)
        loop_turn(&post.loop);
    for (unsigned i = 0; i < post.posters; i++)
        fm__thread_join(&post.threads[i]);
    loop_close(&post.loop);
}

static void post_one(void *self)
{
    (void)self;
    post_begin(1, 1);
    post_end();
}

TEST(a_post_is_not_missed_by_a_loop_that_falls_asleep)
{
    explore(post_one, &post, sizeof post);
}

static void post_two(void *self)
{
    (void)self;
    post_begin(1, 2);
    post_end();
}

TEST(posts_of_one_thread_run_once_and_in_order)
{
    explore(post_two, &post, sizeof post);
}

static void post_by_two(void *self)
{
    (void)self;
    post_begin(2, 1);
    post_end();
}

TEST(posts_of_two_threads_are_none_lost_and_none_run_twice)
{
    explore(post_by_two, &post, sizeof post);
}

/* ---- Interrupts --------------------------------------------------------- */

static void interrupt_seen(struct fm__loop *loop)
{
    fm__loop_ready(loop, &post.letters[0][0].work);
}

static void *interrupt_send(void *arg)
{
    fm__loop_interrupt(&post.loop);
    return arg;
}

static void interrupt_one(void *self)
{
    (void)self;
    loop_open(&post.loop);
    post.loop.remote_expected = 1;
    post.loop.interrupted = interrupt_seen;
    post.letters[0][0].work.run = letter_read;
    fm__thread_start(&post.threads[0], interrupt_send, NULL);
    while (post.read[0] == 0)
        loop_turn(&post.loop);
    fm__thread_join(&post.threads[0]);
    HOLDS(post.read[0] == 1);
    loop_close(&post.loop);
}

TEST(an_interrupt_is_not_missed_by_a_loop_that_falls_asleep)
{
    explore(interrupt_one, &post, sizeof post);
}

/* ---- Two loops ---------------------------------------------------------- */

struct side {
    struct fm__loop loop;
    struct fm__work ball;
    unsigned caught;
};

static struct {
    struct side sides[2];
    struct fm__thread thread;
} rally;

static void ball_caught(struct fm__work *work)
{
    FM__CONTAINER(work, struct side, ball)->caught++;
}

static void rally_catch(struct side *side, unsigned balls)
{
    while (side->caught < balls)
        loop_turn(&side->loop);
}

static void *rally_return(void *arg)
{
    rally_catch(&rally.sides[1], 1);
    fm__loop_post(&rally.sides[0].loop, &rally.sides[0].ball);
    return arg;
}

static void rally_serve(void *self)
{
    (void)self;
    for (unsigned i = 0; i < 2; i++) {
        loop_open(&rally.sides[i].loop);
        rally.sides[i].loop.remote_expected = 1;
        rally.sides[i].ball.run = ball_caught;
    }
    fm__thread_start(&rally.thread, rally_return, NULL);
    fm__loop_post(&rally.sides[1].loop, &rally.sides[1].ball);
    rally_catch(&rally.sides[0], 1);
    fm__thread_join(&rally.thread);
    loop_close(&rally.sides[0].loop);
    loop_close(&rally.sides[1].loop);
}

TEST(two_loops_wake_each_other)
{
    explore(rally_serve, &rally, sizeof rally);
}
