/*
 * sweep_queues.c - scenarios: items that own memory go through queues
 *
 * Each item is a block of its own: one that is lost to a cut shows in the
 * ledger, one that comes out twice is freed twice.
 */
#include "fault/sweep.h"

#include "base/memory.h"

struct parcel {
    unsigned from, number;
};

/* A queue, and the group of those who use it: who fails ends them all. */
struct post {
    fm_queue *queue;
    fm_group *group;
    unsigned parcels;  /* that each sender sends and each receiver takes */
    double send, take; /* ticks between two of them */
    unsigned next[4];  /* of each sender: what has to come next */
    bool in_order;     /* one receiver: a gap is a loss */
};

static int post_send(struct post *post, unsigned from, unsigned number)
{
    struct parcel *parcel = fm__memory_new(sizeof *parcel);
    if (parcel == NULL)
        return -ENOMEM;
    *parcel = (struct parcel){from, number};
    int rc = fm_queue_put(post->queue, parcel);
    if (rc < 0)
        fm__memory_free(parcel);
    return rc;
}

/* It came, in its order. */
static void post_open(struct post *post, void *item)
{
    struct parcel *parcel = item;
    unsigned next = post->next[parcel->from];
    bool right =
        post->in_order ? parcel->number == next : parcel->number >= next;
    sweep_state.noted += !right;
    post->next[parcel->from] = parcel->number + 1;
    fm__memory_free(parcel);
}

static int post_end(struct post *post, void *block, int rc)
{
    if (rc < 0)
        fm_group_cancel(post->group);
    return sweep_end(block, rc);
}

struct sender {
    struct post *post;
    unsigned from;
};

static int sender(struct sender *self)
{
    void *block;
    struct post *post = self->post;
    int rc = sweep_begin(&block);
    for (unsigned i = 0; rc == 0 && i < post->parcels; i++) {
        rc = post_send(post, self->from, i);
        if (rc == 0 && post->send > 0)
            rc = sweep_sleep(post->send);
    }
    return post_end(post, block, rc);
}

struct receiver {
    struct post *post;
};

static int receiver(struct receiver *self)
{
    void *block, *item;
    struct post *post = self->post;
    int rc = sweep_begin(&block);
    for (unsigned i = 0; rc == 0 && i < post->parcels; i++) {
        rc = fm_queue_get(post->queue, &item);
        if (rc == 0)
            post_open(post, item);
        if (rc == 0 && post->take > 0)
            rc = sweep_sleep(post->take);
    }
    return post_end(post, block, rc);
}

/* What nobody took is there, in its order. */
static void post_close(struct post *post)
{
    void *item;
    while (fm_queue_get_try(post->queue, &item) == 0)
        post_open(post, item);
    fm_queue_free(post->queue);
}

static int post_run(struct post *post, unsigned pairs)
{
    int rc;
    if (post->queue == NULL)
        return -ENOMEM;
    FM_GROUP(group, rc) {
        post->group = group;
        for (unsigned i = 0; rc == 0 && i < pairs; i++) {
            rc = fm_group_go(group, receiver, post);
            if (rc == 0)
                rc = fm_group_go(group, sender, post, i);
        }
        if (rc < 0)
            fm_group_cancel(group);
    }
    post_close(post);
    return rc;
}

static const char *each_came_in_its_order(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "an item was lost or overtaken" : NULL;
}

static int slow_receiver(void *arg)
{
    (void)arg;
    struct post post = {
        .queue = fm_queue_new(2), .parcels = 8, .take = 1, .in_order = true};
    return post_run(&post, 1);
}

static int slow_sender(void *arg)
{
    (void)arg;
    struct post post = {
        .queue = fm_queue_new(2), .parcels = 8, .send = 1, .in_order = true};
    return post_run(&post, 1);
}

static int hand_to_hand(void *arg)
{
    (void)arg;
    struct post post = {
        .queue = fm_queue_new(0), .parcels = 8, .in_order = true};
    return post_run(&post, 1);
}

static int three_and_three(void *arg)
{
    (void)arg;
    struct post post = {
        .queue = fm_queue_new(1), .parcels = 5, .send = 1, .take = 1};
    return post_run(&post, 3);
}

/* A receiver whose patience is shorter than the sender is slow. */
static int hasty(void *arg)
{
    void *block, *item;
    struct post *post = arg;
    int rc = sweep_begin(&block);
    for (unsigned i = 0; rc == 0 && i < post->parcels;) {
        FM_TIMEOUT(sweep_ticks(1), rc) {
            rc = fm_queue_get(post->queue, &item);
        }
        if (rc == 0)
            post_open(post, item);
        i += rc == 0;
        rc = rc == -ETIMEDOUT ? 0 : rc;
    }
    return post_end(post, block, rc);
}

static int loses_patience(void *arg)
{
    int rc;
    (void)arg;
    struct post post = {
        .queue = fm_queue_new(1), .parcels = 5, .send = 1, .in_order = true};
    if (post.queue == NULL)
        return -ENOMEM;
    FM_GROUP(group, rc) {
        post.group = group;
        rc = fm_group_start(group, hasty, &post);
        if (rc == 0)
            rc = fm_group_go(group, sender, &post, 0);
        if (rc < 0)
            fm_group_cancel(group);
    }
    post_close(&post);
    return rc;
}

const struct scenario sweep_queues[] = {
    {"queue-full", slow_receiver, .wrong = each_came_in_its_order},
    {"queue-empty", slow_sender, .wrong = each_came_in_its_order},
    {"queue-hands", hand_to_hand, .wrong = each_came_in_its_order},
    {"queue-many", three_and_three, .wrong = each_came_in_its_order},
    {"queue-timeout", loses_patience, .wrong = each_came_in_its_order},
    {.name = NULL},
};
