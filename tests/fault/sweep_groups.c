/*
 * sweep_groups.c - scenarios: groups of each policy, with and without limits
 */
#include "fault/sweep.h"

#include "base/memory.h"

static int waits_for_all(void *arg)
{
    int rc;
    (void)arg;
    FM_GROUP(group, rc) {
        for (int i = 0; rc == 0 && i < 5; i++)
            rc = fm_group_go(group, napper, .ticks = i % 3);
    }
    return rc;
}

static const char *all_five_are_done(int rc)
{
    return rc == 0 && sweep_over() != 5 ? "not all are done" : NULL;
}

static int fails_fast(void *arg)
{
    int rc;
    (void)arg;
    FM_GROUP(group, rc) {
        rc = fm_group_go(group, waiter);
        if (rc == 0)
            rc = fm_group_go(group, napper, .ticks = 1, .result = -EPROTO);
        if (rc == 0)
            rc = fm_group_go(group, stubborn, 3);
        if (rc == 0)
            rc = sweep_sleep(500); /* also where a tick is late */
        break;
    }
    return rc;
}

/* Backpressure: the block waits for a place. */
static int has_a_limit(void *arg)
{
    int rc;
    (void)arg;
    FM_GROUP(group, rc, .limit = 3) {
        for (int i = 0; rc == 0 && i < 10; i++)
            rc = fm_group_go(group, napper, .ticks = 1 + i % 2);
    }
    return rc;
}

static const char *three_at_most(int rc)
{
    if (sweep_state.peak > 3)
        return "more than the limit were alive";
    return rc == 0 && sweep_over() != 10 ? "not all are done" : NULL;
}

static int limited_and_fails(void *arg)
{
    int rc;
    (void)arg;
    FM_GROUP(group, rc, .limit = 2) {
        for (int i = 0; rc == 0 && i < 10; i++)
            rc = fm_group_go(group, napper, .ticks = 2,
                             .result = i == 4 ? -EPROTO : 0);
    }
    return rc;
}

static const char *two_at_most(int rc)
{
    (void)rc;
    return sweep_state.peak > 2 ? "more than the limit were alive" : NULL;
}

static int collects(void *arg)
{
    fm_group_errors errors;
    int rc;
    (void)arg;
    FM_GROUP(group, rc, .policy = FM_COLLECT, .errors = &errors) {
        for (int i = 0; rc == 0 && i < 20; i++)
            rc = fm_group_go(group, napper, .ticks = i % 2, .result = -EPROTO);
    }
    sweep_state.noted = (unsigned)errors.count;
    return rc;
}

static const char *twenty_failed(int rc)
{
    (void)rc;
    return sweep_state.noted > 20 ? "too many errors were counted" : NULL;
}

static int first_success_wins(void *arg)
{
    int rc;
    (void)arg;
    FM_GROUP(group, rc, .policy = FM_FIRST_SUCCESS) {
        rc = fm_group_go(group, napper, .ticks = 1, .result = -EPROTO);
        if (rc == 0)
            rc = fm_group_go(group, napper, .ticks = 2, .result = 7);
        if (rc == 0)
            rc = fm_group_go(group, napper, .ticks = 9, .result = 8);
        if (rc == 0)
            rc = sweep_sleep(20);
    }
    return rc;
}

struct nest {
    int depth;
};

static int nest(struct nest *self)
{
    void *block;
    int rc = sweep_begin(&block), inner = 0;
    if (rc < 0)
        return rc;
    FM_GROUP(group, inner, .limit = 2) {
        for (int i = 0; inner == 0 && i < 3 && self->depth > 0; i++)
            inner = fm_group_go(group, nest, self->depth - 1);
        if (inner == 0)
            inner = sweep_sleep(1);
    }
    return sweep_end(block, inner);
}

static int groups_in_groups(void *arg)
{
    (void)arg;
    return fm_await(fm_go(nest, 2));
}

static int leaves_by_break(void *arg)
{
    int rc;
    (void)arg;
    FM_GROUP(group, rc) {
        rc = fm_group_go(group, waiter);
        if (rc == 0)
            rc = fm_group_go(group, stubborn, 2);
        if (rc == 0)
            rc = sweep_sleep(1);
        break;
    }
    return rc;
}

static int leaves_by_return(void *arg)
{
    int rc;
    (void)arg;
    FM_GROUP(group, rc) {
        rc = fm_group_go(group, waiter);
        if (rc == 0)
            rc = fm_group_go(group, waiter);
        return rc;
    }
    return rc;
}

static int halter(void *arg)
{
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = sweep_sleep(1);
    fm_group_cancel(arg);
    return sweep_end(block, rc);
}

static int a_member_cancels_it(void *arg)
{
    int rc;
    (void)arg;
    FM_GROUP(group, rc) {
        rc = fm_group_go(group, waiter);
        if (rc == 0)
            rc = fm_group_start(group, halter, group);
        if (rc == 0)
            rc = sweep_sleep(50);
        break;
    }
    return rc;
}

/* A member starts others, and is told where the limit is. */
static int spawner(void *arg)
{
    fm_group *group = arg;
    void *block;
    int rc = sweep_begin(&block);
    for (int i = 0; rc == 0 && i < 6; i++)
        rc = fm_group_go(group, napper, .ticks = 1);
    if (rc == -EAGAIN) {
        sweep_state.noted++;
        rc = 0;
    }
    return sweep_end(block, rc);
}

static int members_start_members(void *arg)
{
    int rc;
    (void)arg;
    FM_GROUP(group, rc, .limit = 4) {
        rc = fm_group_start(group, spawner, group);
    }
    return rc;
}

static const char *the_limit_was_told(int rc)
{
    if (sweep_state.peak > 4)
        return "more than the limit were alive";
    if (rc < 0 || sweep_state.cut > 0)
        return NULL;
    return sweep_state.noted != 1 ? "a member waited" : NULL;
}

static int times_out_in_a_group(void *arg)
{
    int outer, rc;
    (void)arg;
    FM_TIMEOUT(sweep_ticks(2), outer) {
        FM_GROUP(group, rc, .limit = 1) {
            rc = fm_group_go(group, waiter);
            if (rc == 0)
                rc = fm_group_go(group, waiter);
        }
        outer = rc;
    }
    return outer;
}

static int shielded_member(void)
{
    void *block;
    int rc = sweep_begin(&block), inner = 0;
    FM_SHIELD(sweep_ticks(2)) {
        FM_GROUP(group, inner) {
            inner = fm_group_go(group, napper, .ticks = 1);
            if (inner == 0)
                inner = fm_group_go(group, waiter);
        }
    }
    return sweep_end(block, rc < 0 ? rc : inner);
}

static int shields_in_a_group(void *arg)
{
    int rc;
    (void)arg;
    FM_GROUP(group, rc) {
        rc = fm_group_go(group, shielded_member);
        if (rc == 0)
            rc = fm_group_go(group, shielded_member);
        if (rc == 0)
            rc = sweep_sleep(1);
        break;
    }
    return rc;
}

/* ---- An object that owns tasks ------------------------------------------ */

struct pool {
    fm_group group;
    unsigned users;
};

static struct pool *pool_new(void)
{
    const fm_group_options options = {
        .policy = FM_COLLECT,
        .limit = 2,
        .under_root = true,
    };
    struct pool *pool = fm__memory_new(sizeof *pool);
    if (pool != NULL)
        fm_group_open(&pool->group, &options);
    return pool;
}

/* The last one to leave closes it. */
static int pool_put(struct pool *pool)
{
    if (--pool->users > 0)
        return 0;
    int rc = fm_group_close(&pool->group);
    fm__memory_free(pool);
    return rc;
}

static int pool_user(void *arg)
{
    struct pool *pool = arg;
    void *block;
    int rc = sweep_begin(&block);
    for (int i = 0; rc == 0 && i < 3; i++)
        rc = fm_group_go(&pool->group, napper, .ticks = 1 + i);
    int closed = pool_put(pool);
    return sweep_end(block, rc < 0 ? rc : closed);
}

static int a_pool_under_the_root(void *arg)
{
    (void)arg;
    struct pool *pool = pool_new();
    if (pool == NULL)
        return -ENOMEM;
    fm_task *users[2];
    pool->users = 1;
    for (int i = 0; i < 2; i++) {
        users[i] = fm_start(pool_user, pool);
        pool->users += users[i] != NULL;
    }
    int closed = pool_put(pool);
    int rc = fm_gather_array(users, 2, NULL);
    return rc < 0 ? rc : closed;
}

const struct scenario sweep_groups[] = {
    {"group", waits_for_all, .wrong = all_five_are_done},
    {"group-failure", fails_fast, .result = -EPROTO},
    {"group-limit", has_a_limit, .wrong = three_at_most},
    {"group-limit-failure", limited_and_fails, .result = -EPROTO,
     .wrong = two_at_most},
    {"group-collect", collects, .result = -EPROTO, .wrong = twenty_failed},
    {"group-first", first_success_wins, .result = 7, .also = {8}},
    {"group-nested", groups_in_groups, .result = 0},
    {"group-break", leaves_by_break, .result = 0},
    {"group-return", leaves_by_return, .result = 0},
    {"group-cancel", a_member_cancels_it, .result = 0},
    {"group-members", members_start_members, .wrong = the_limit_was_told},
    {"group-timeout", times_out_in_a_group, .result = -ETIMEDOUT},
    {"group-shields", shields_in_a_group, .result = 0},
    {"group-root", a_pool_under_the_root, .result = 0},
    {.name = NULL},
};
