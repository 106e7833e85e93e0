/*
 * test_explore_ring.c - a mailbox of two slots, which is full and comes round
 *
 * Linked with a mailbox whose limit is that: see mutants.cmake. A sender that
 * is refused lets others go first and tries again.
 */
#include "explore_loop.h"

#include <errno.h>

enum {
    FEEDERS = 2,
    PIECES = 3,
    RING = 2
};

struct feeder {
    struct fm__mailbox *mailbox;
    struct fm__thread thread;
    unsigned count;
    struct piece {
        struct feeder *feeder;
        unsigned number;
    } pieces[PIECES];
    unsigned passed;
};

static struct {
    struct fm__loop loop;
    struct feeder feeders[FEEDERS];
    struct fm__atomic_word taken; /* posts, of all */
    struct fm__atomic_word run;
} belt;

static void piece_pass(void *arg)
{
    struct piece *piece = arg;
    HOLDS(piece->feeder->passed++ == piece->number);
    fm__atomic_add(&belt.run, 1);
}

/* Whoever is refused has seen so many of them taken and not yet run. */
static void piece_post(struct piece *piece)
{
    struct fm__mailbox *mailbox = piece->feeder->mailbox;
    for (;;) {
        uint64_t run = fm__atomic_load(&belt.run);
        int rc = fm__mailbox_post(mailbox, piece_pass, piece);
        HOLDS(rc == 0 || rc == -EAGAIN);
        if (rc == 0)
            break;
        HOLDS(belt.taken.value + FEEDERS - 1 >= run + RING);
        fm__thread_yield();
    }
    fm__atomic_add(&belt.taken, 1);
}

static void *feeder_run(void *arg)
{
    struct feeder *self = arg;
    for (unsigned i = 0; i < self->count; i++) {
        self->pieces[i] = (struct piece){self, i};
        piece_post(&self->pieces[i]);
    }
    return NULL;
}

static void belt_run(unsigned feeders, unsigned each)
{
    loop_open(&belt.loop);
    for (unsigned i = 0; i < feeders; i++) {
        struct feeder *feeder = &belt.feeders[i];
        feeder->count = each;
        feeder->mailbox = fm__mailbox_get(&belt.loop);
        fm__thread_start(&feeder->thread, feeder_run, feeder);
    }
    while (belt.run.value < feeders * each)
        loop_turn(&belt.loop);
    loop_close(&belt.loop);
    for (unsigned i = 0; i < feeders; i++) {
        fm__thread_join(&belt.feeders[i].thread);
        HOLDS(belt.feeders[i].passed == each);
        fm__mailbox_put(belt.feeders[i].mailbox);
    }
}

static void belt_of_one(void *self)
{
    (void)self;
    belt_run(1, 3);
}

TEST(a_slot_is_used_again_once_it_has_been_run)
{
    explore(belt_of_one, &belt, sizeof belt);
}

static void belt_of_two(void *self)
{
    (void)self;
    belt_run(2, 2);
}

TEST(who_finds_a_mailbox_full_is_told_so_and_loses_nothing)
{
    explore(belt_of_two, &belt, sizeof belt);
}
