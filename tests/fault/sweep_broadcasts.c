/*
 * sweep_broadcasts.c - scenarios: messages for everybody, and latest values
 *
 * Whoever sends shuts down when it ends, however it ends; whoever listens
 * unsubscribes, so nobody waits for it. Each counts what it has: a message
 * that is lost, doubled or out of order is noted.
 */
#include "fault/sweep.h"

FM_BROADCAST_OF(radio, unsigned);
FM_CELL_OF(dial, unsigned);

static const fm_subscriber_options lossy = {.lossy = true};

/* A sender's number and its message's. */
enum {
    SENDER = 1000
};

struct studio {
    radio *channel;
    unsigned senders;    /* that have not ended */
    unsigned each;       /* messages of a sender */
    double talk, listen; /* ticks between two of them */
    unsigned enough;     /* messages, then a listener leaves; 0: never */
    const fm_subscriber_options *last; /* of the last listener */
};

struct speaker {
    struct studio *studio;
    unsigned from;
};

static int speaker(struct speaker *self)
{
    void *block;
    struct studio *studio = self->studio;
    int rc = sweep_begin(&block);
    for (unsigned i = 0; rc == 0 && i < studio->each; i++) {
        rc = radio_send(studio->channel, self->from * SENDER + i);
        if (rc == 0 && studio->talk > 0)
            rc = sweep_sleep(studio->talk);
    }
    if (--studio->senders == 0)
        radio_shutdown(studio->channel);
    return sweep_end(block, rc);
}

struct hearer {
    struct studio *studio;
    const fm_subscriber_options *options;
};

/* It begins with any message of a sender; from then on it has each, but for
 * those that it was told it lost, of whomever. */
static void hearer_check(unsigned *next, unsigned heard, uint64_t *lost)
{
    unsigned *expected = &next[heard / SENDER], number = heard % SENDER;
    uint64_t skipped = *expected > 0 ? number - *expected : 0;
    bool right = number >= *expected && skipped <= *lost;
    sweep_state.noted += !right;
    *lost -= right ? skipped : 0;
    *expected = number + 1;
}

static int hearer_listen(struct studio *studio, radio_subscriber *self)
{
    unsigned next[4] = {0, 0, 0, 0}, heard, count = 0;
    uint64_t lost = 0;
    int rc = 0;
    while (rc == 0 && (studio->enough == 0 || count++ < studio->enough)) {
        rc = radio_receive(self, &heard);
        if (rc == 0)
            hearer_check(next, heard, &lost);
        if (rc == -FM_ELAGGED) {
            lost += radio_lost(self);
            rc = 0;
        }
        if (rc == 0 && studio->listen > 0)
            rc = sweep_sleep(studio->listen);
    }
    return rc == -ESHUTDOWN ? 0 : rc;
}

static int hearer(struct hearer *self)
{
    void *block;
    radio_subscriber subscriber;
    int rc = sweep_begin(&block);
    radio_subscribe(self->studio->channel, &subscriber, self->options);
    if (rc == 0)
        rc = hearer_listen(self->studio, &subscriber);
    radio_unsubscribe(&subscriber);
    return sweep_end(block, rc);
}

static int studio_open(struct studio *studio, unsigned listeners)
{
    int rc;
    unsigned senders = studio->senders;
    FM_GROUP(group, rc) {
        for (unsigned i = 1; rc == 0 && i < listeners; i++)
            rc = fm_group_go(group, hearer, studio, NULL);
        if (rc == 0)
            rc = fm_group_go(group, hearer, studio, studio->last);
        for (unsigned i = 0; rc == 0 && i < senders; i++)
            rc = fm_group_go(group, speaker, studio, i);
        if (rc < 0)
            fm_group_cancel(group);
    }
    return rc;
}

static int studio_run(struct studio studio, size_t capacity, unsigned listeners)
{
    studio.channel = radio_new(capacity);
    int rc = studio.channel == NULL ? -ENOMEM : studio_open(&studio, listeners);
    radio_free(studio.channel);
    return rc;
}

static const char *each_heard_what_was_said(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "a message was lost or doubled" : NULL;
}

static int slow_listeners(void *arg)
{
    (void)arg;
    const struct studio studio = {.senders = 1, .each = 6, .listen = 1};
    return studio_run(studio, 2, 3);
}

static int slow_speaker(void *arg)
{
    (void)arg;
    const struct studio studio = {.senders = 1, .each = 6, .talk = 1};
    return studio_run(studio, 2, 3);
}

static int many_speakers(void *arg)
{
    (void)arg;
    const struct studio studio = {.senders = 3, .each = 4, .listen = 1};
    return studio_run(studio, 1, 2);
}

static int lossy_listener(void *arg)
{
    (void)arg;
    const struct studio studio = {
        .senders = 1, .each = 10, .talk = 1, .listen = 3, .last = &lossy};
    return studio_run(studio, 2, 1);
}

static int careful_and_lossy(void *arg)
{
    (void)arg;
    const struct studio studio = {
        .senders = 2, .each = 4, .listen = 1, .last = &lossy};
    return studio_run(studio, 2, 3);
}

static int listeners_that_leave(void *arg)
{
    (void)arg;
    const struct studio studio = {
        .senders = 2, .each = 5, .listen = 1, .enough = 3};
    return studio_run(studio, 1, 3);
}

/* ---- Cells --------------------------------------------------------------- */

struct turner {
    dial *cell;
    unsigned values;
    double rest;
};

static int turner(struct turner *self)
{
    void *block;
    int rc = sweep_begin(&block);
    for (unsigned i = 1; rc == 0 && i <= self->values; i++) {
        rc = dial_set(self->cell, i);
        if (rc == 0)
            rc = sweep_sleep(self->rest);
    }
    dial_shutdown(self->cell);
    return sweep_end(block, rc);
}

struct looker {
    dial *cell;
    double patience; /* ticks; it then looks again */
};

static int looker(struct looker *self)
{
    void *block;
    unsigned value = 0;
    uint64_t seen = 0, before = 0;
    int rc = sweep_begin(&block);
    while (rc == 0) {
        FM_TIMEOUT(sweep_ticks(self->patience), rc) {
            rc = dial_get_newer(self->cell, &value, &seen);
        }
        if (rc == 0)
            sweep_state.noted += seen <= before || value != seen;
        before = seen;
        rc = rc == -ETIMEDOUT ? 0 : rc;
    }
    return sweep_end(block, rc == -ESHUTDOWN ? 0 : rc);
}

static int cell_run(double rest, double patience)
{
    int rc;
    dial *cell = dial_new();
    if (cell == NULL)
        return -ENOMEM;
    FM_GROUP(group, rc) {
        for (int i = 0; rc == 0 && i < 3; i++)
            rc = fm_group_go(group, looker, cell, patience);
        if (rc == 0)
            rc = fm_group_go(group, turner, cell, 5, rest);
        if (rc < 0)
            fm_group_cancel(group);
    }
    dial_free(cell);
    return rc;
}

static const char *each_value_was_newer(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "a value was not newer" : NULL;
}

static int patient_readers(void *arg)
{
    (void)arg;
    return cell_run(1, 100);
}

static int hasty_readers(void *arg)
{
    (void)arg;
    return cell_run(2, 1);
}

const struct scenario sweep_broadcasts[] = {
    {"broadcast-slow", slow_listeners, .wrong = each_heard_what_was_said},
    {"broadcast-idle", slow_speaker, .wrong = each_heard_what_was_said},
    {"broadcast-many", many_speakers, .wrong = each_heard_what_was_said},
    {"broadcast-lossy", lossy_listener, .wrong = each_heard_what_was_said},
    {"broadcast-mixed", careful_and_lossy, .wrong = each_heard_what_was_said},
    {"broadcast-leaving", listeners_that_leave,
     .wrong = each_heard_what_was_said},
    {"cell-patient", patient_readers, .wrong = each_value_was_newer},
    {"cell-hasty", hasty_readers, .wrong = each_value_was_newer},
    {.name = NULL},
};
