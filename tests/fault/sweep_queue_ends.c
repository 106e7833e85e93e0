/*
 * sweep_queue_ends.c - scenarios: queues with an order, an end, and values
 *
 * A shop: makers put crates into a queue, workers take them, say when they
 * are done, and go home when the queue is shut down. Whoever fails shuts it
 * at once, so nobody waits for them. What a crate holds is a block of its own,
 * so one that is lost, or released twice, shows in the ledger.
 */
#include "fault/sweep.h"

#include "base/memory.h"

struct crate {
    void *contents;
    unsigned urgency;
};

FM_QUEUE_OF(crates, struct crate);

struct shop {
    crates *queue;
    unsigned makers, workers;
    unsigned each;     /* that a maker makes */
    double make, work; /* ticks that it takes */
    double until;      /* ticks until it is shut; 0: when all is done */
    bool at_once;
    bool leave; /* what is left to fm_queue_free */
};

static unsigned crates_made, crates_gone;

static bool crate_before(const void *a, const void *b)
{
    const struct crate *x = a, *y = b;
    return x->urgency > y->urgency;
}

static void crate_drop(void *item)
{
    struct crate *crate = item;
    crates_gone++;
    fm__memory_free(crate->contents);
}

static const fm_queue_options in_turn = {.drop = crate_drop};
static const fm_queue_options newest = {.newest_first = true,
                                        .drop = crate_drop};
static const fm_queue_options urgent = {.before = crate_before,
                                        .drop = crate_drop};
static const fm_queue_options urgent_newest = {
    .newest_first = true, .before = crate_before, .drop = crate_drop};

static int crate_make(struct shop *shop, unsigned urgency)
{
    struct crate crate = {fm__memory_new(50), urgency};
    if (crate.contents == NULL)
        return -ENOMEM;
    crates_made++;
    int rc = crates_put(shop->queue, crate);
    if (rc < 0)
        crate_drop(&crate);
    return rc;
}

/* A shop that is shut is no failure; any other end of the work shuts it. */
static int shop_leave(struct shop *shop, void *block, int rc)
{
    if (rc == -ESHUTDOWN)
        rc = 0;
    if (rc < 0)
        crates_shutdown(shop->queue, true);
    return sweep_end(block, rc);
}

struct maker {
    struct shop *shop;
};

static int maker(struct maker *self)
{
    void *block;
    struct shop *shop = self->shop;
    int rc = sweep_begin(&block);
    for (unsigned i = 0; rc == 0 && i < shop->each; i++) {
        rc = crate_make(shop, i * 5 % 3);
        if (rc == 0 && shop->make > 0)
            rc = sweep_sleep(shop->make);
    }
    return shop_leave(shop, block, rc);
}

struct worker {
    struct shop *shop;
};

static int worker(struct worker *self)
{
    void *block;
    struct crate crate;
    struct shop *shop = self->shop;
    int rc = sweep_begin(&block);
    while (rc == 0 && (rc = crates_get(shop->queue, &crate)) == 0) {
        if (shop->work > 0)
            rc = sweep_sleep(shop->work);
        crate_drop(&crate);
        crates_done(shop->queue);
    }
    return shop_leave(shop, block, rc);
}

static int shop_make_all(struct shop *shop)
{
    int rc;
    FM_GROUP(group, rc) {
        for (unsigned i = 0; rc == 0 && i < shop->makers; i++)
            rc = fm_group_go(group, maker, shop);
        if (rc < 0)
            fm_group_cancel(group);
        else if (shop->until > 0)
            rc = sweep_sleep(shop->until);
        if (shop->until > 0)
            crates_shutdown(shop->queue, shop->at_once);
    }
    return rc;
}

static int shop_open(struct shop *shop)
{
    int rc;
    FM_GROUP(group, rc) {
        for (unsigned i = 0; rc == 0 && i < shop->workers; i++)
            rc = fm_group_go(group, worker, shop);
        if (rc == 0)
            rc = shop_make_all(shop);
        if (rc == 0 && !shop->leave)
            rc = crates_join(shop->queue);
        crates_shutdown(shop->queue, rc < 0);
    }
    return rc;
}

static int shop_run(struct shop shop, size_t capacity,
                    const fm_queue_options *options)
{
    crates_made = crates_gone = 0;
    shop.queue = crates_new(capacity, options);
    int rc = shop.queue == NULL ? -ENOMEM : shop_open(&shop);
    crates_free(shop.queue);
    return rc;
}

static const char *each_crate_is_gone(int rc)
{
    (void)rc;
    return crates_made != crates_gone ? "a crate is lost" : NULL;
}

static int newest_first(void *arg)
{
    (void)arg;
    const struct shop shop = {.makers = 2, .workers = 2, .each = 4, .work = 1};
    return shop_run(shop, 3, &newest);
}

static int urgent_first(void *arg)
{
    (void)arg;
    const struct shop shop = {.makers = 2, .workers = 2, .each = 4, .work = 1};
    return shop_run(shop, 3, &urgent);
}

static int urgent_and_newest_first(void *arg)
{
    (void)arg;
    const struct shop shop = {
        .makers = 2, .workers = 1, .each = 4, .make = 1, .work = 1};
    return shop_run(shop, 5, &urgent_newest);
}

static int joined(void *arg)
{
    (void)arg;
    const struct shop shop = {.makers = 1, .workers = 3, .each = 6, .work = 3};
    return shop_run(shop, 2, &in_turn);
}

static int from_hand_to_hand(void *arg)
{
    (void)arg;
    const struct shop shop = {.makers = 2, .workers = 2, .each = 4, .make = 1};
    return shop_run(shop, 0, &in_turn);
}

static int shut_while_they_wait(void *arg)
{
    (void)arg;
    const struct shop shop = {
        .makers = 3, .workers = 1, .each = 4, .work = 2, .until = 3};
    return shop_run(shop, 2, &in_turn);
}

static int shut_at_once(void *arg)
{
    (void)arg;
    const struct shop shop = {.makers = 2,
                              .workers = 1,
                              .each = 5,
                              .work = 2,
                              .until = 3,
                              .at_once = true};
    return shop_run(shop, 3, &urgent);
}

static int shut_while_it_is_empty(void *arg)
{
    (void)arg;
    const struct shop shop = {
        .makers = 1, .workers = 3, .each = 3, .make = 2, .until = 3};
    return shop_run(shop, 1, &in_turn);
}

static int left_to_its_end(void *arg)
{
    (void)arg;
    const struct shop shop = {.makers = 1, .each = 3, .leave = true};
    return shop_run(shop, 4, &newest);
}

const struct scenario sweep_queue_ends[] = {
    {"queue-newest", newest_first, .wrong = each_crate_is_gone},
    {"queue-urgent", urgent_first, .wrong = each_crate_is_gone},
    {"queue-urgent-newest", urgent_and_newest_first,
     .wrong = each_crate_is_gone},
    {"queue-join", joined, .wrong = each_crate_is_gone},
    {"queue-hands-typed", from_hand_to_hand, .wrong = each_crate_is_gone},
    {"queue-shut", shut_while_they_wait, .wrong = each_crate_is_gone},
    {"queue-shut-at-once", shut_at_once, .wrong = each_crate_is_gone},
    {"queue-shut-empty", shut_while_it_is_empty, .wrong = each_crate_is_gone},
    {"queue-free", left_to_its_end, .wrong = each_crate_is_gone},
    {.name = NULL},
};
