/*
 * test_explore_mailbox.c - posts that may meet a loop's end, in every schedule
 *
 * Each thread has a share in the mailbox and knows nothing of the loop, whose
 * memory nobody may touch once it has closed.
 */
#include "explore_loop.h"

#include <errno.h>

enum {
    SENDERS = 2,
    PARCELS = 2
};

struct parcel {
    unsigned sender;
    unsigned number;
    int rc; /* of its post; 1: not posted yet */
    unsigned opened;
};

struct sender {
    struct fm__mailbox *mailbox;
    struct fm__thread thread;
    struct parcel parcels[PARCELS];
    unsigned opened;
};

static struct {
    struct fm__loop loop;
    struct sender senders[SENDERS];
    unsigned each;
    bool keep; /* who has posted does not put, which would ring as well */
    bool closed;
} mail;

static void parcel_open(void *arg)
{
    struct parcel *parcel = arg;
    struct sender *sender = &mail.senders[parcel->sender];
    HOLDS(!mail.closed);
    HOLDS(parcel->opened++ == 0);
    HOLDS(sender->opened++ == parcel->number);
}

static void *sender_run(void *arg)
{
    struct sender *self = arg;
    for (unsigned i = 0; i < mail.each; i++) {
        struct parcel *parcel = &self->parcels[i];
        bool closed = mail.closed;
        parcel->rc = fm__mailbox_post(self->mailbox, parcel_open, parcel);
        HOLDS(parcel->rc == 0 || parcel->rc == -ESHUTDOWN);
        HOLDS(parcel->rc != 0 || !closed);
        HOLDS(parcel->rc != 0 || i == 0 || self->parcels[i - 1].rc == 0);
    }
    if (!mail.keep)
        fm__mailbox_put(self->mailbox);
    return NULL;
}

static void mail_begin(unsigned senders, unsigned each)
{
    mail.each = each;
    loop_open(&mail.loop);
    for (unsigned i = 0; i < senders; i++) {
        struct sender *sender = &mail.senders[i];
        sender->mailbox = fm__mailbox_get(&mail.loop);
        for (unsigned j = 0; j < each; j++)
            sender->parcels[j] = (struct parcel){i, j, 1, 0};
    }
    for (unsigned i = 0; i < senders; i++)
        fm__thread_start(&mail.senders[i].thread, sender_run, &mail.senders[i]);
}

static unsigned mail_opened(void)
{
    return mail.senders[0].opened + mail.senders[1].opened;
}

/* What was taken has run by now, and runs no more. */
static void mail_close(unsigned senders)
{
    loop_close(&mail.loop);
    mail.closed = true;
    for (unsigned i = 0; i < senders; i++)
        fm__thread_join(&mail.senders[i].thread);
    for (unsigned i = 0; i < senders * mail.each; i++) {
        const struct parcel *parcel =
            &mail.senders[i / mail.each].parcels[i % mail.each];
        HOLDS(parcel->opened == (parcel->rc == 0));
    }
}

static void mail_all(unsigned senders, unsigned each)
{
    mail_begin(senders, each);
    while (mail_opened() < senders * each)
        loop_turn(&mail.loop);
    mail_close(senders);
}

static void mail_one(void *self)
{
    (void)self;
    mail.keep = true;
    mail_all(1, 1);
    fm__mailbox_put(mail.senders[0].mailbox);
}

TEST(a_parcel_is_not_missed_by_a_loop_that_falls_asleep)
{
    explore(mail_one, &mail, sizeof mail);
}

static void mail_two(void *self)
{
    (void)self;
    mail_all(1, 2);
}

TEST(parcels_of_one_thread_run_once_and_in_order)
{
    explore(mail_two, &mail, sizeof mail);
}

static void mail_by_two(void *self)
{
    (void)self;
    mail_all(2, 1);
}

TEST(parcels_of_two_threads_are_none_lost_and_none_run_twice)
{
    explore(mail_by_two, &mail, sizeof mail);
}

/* ---- The end ------------------------------------------------------------ */

static void mail_close_at_once(void *self)
{
    (void)self;
    mail_begin(1, 2);
    mail_close(1);
}

TEST(a_post_that_meets_the_close_is_run_or_refused)
{
    explore(mail_close_at_once, &mail, sizeof mail);
}

static void mail_close_on_two(void *self)
{
    (void)self;
    mail_begin(2, 1);
    mail_close(2);
}

TEST(two_posts_that_meet_the_close_are_run_or_refused)
{
    explore(mail_close_on_two, &mail, sizeof mail);
}

/* The loop may be asleep, or about to be, when both come. */
static void mail_close_after_one(void *self)
{
    (void)self;
    mail_begin(1, 2);
    while (mail_opened() == 0)
        loop_turn(&mail.loop);
    mail_close(1);
}

TEST(who_rings_a_loop_that_closes_never_meets_one_that_is_gone)
{
    explore(mail_close_after_one, &mail, sizeof mail);
}

/* ---- The simulator's end ------------------------------------------------ */

static struct fm__work mail_over;

static void mail_stop(struct fm__work *work)
{
    (void)work;
    mail.closed = true;
}

static void mail_nobody_left(struct fm__loop *loop)
{
    mail_over.run = mail_stop;
    fm__loop_ready(loop, &mail_over);
}

static void *mail_put(void *arg)
{
    fm__mailbox_put(arg);
    return NULL;
}

/* It waits while somebody may post, and learns when nobody may any more. */
static void mail_until_nobody(void *self)
{
    struct fm__thread thread;
    (void)self;
    loop_open(&mail.loop);
    mail.loop.deadlocked = mail_nobody_left;
    fm__thread_start(&thread, mail_put, fm__mailbox_get(&mail.loop));
    while (!mail.closed)
        loop_turn(&mail.loop);
    loop_close(&mail.loop);
    fm__thread_join(&thread);
}

TEST(the_last_put_lets_a_simulator_that_waits_look_again)
{
    if (test_simulated()) /* which alone asks who is left */
        explore(mail_until_nobody, &mail, sizeof mail);
}
