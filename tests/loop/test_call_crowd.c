/*
 * test_call_crowd.c - many calls at random, beside what should become of them
 */
#include "harness.h"

#include <fermata/loop.h>
#include <string.h>

enum {
    CROWD = 40
};

/* What should be, kept beside what is. */
struct member {
    fm_call call;
    struct crowd *crowd;
    uint64_t asked; /* when, as a number; 0: not pending */
    bool soon;
    int64_t moment; /* not before */
};

struct crowd {
    fm_loop *loop;
    uint64_t random;
    uint64_t asked;
    size_t made;
    size_t left; /* to be asked for */
    struct member members[CROWD];
};

static void member_check(const struct member *member)
{
    const struct crowd *crowd = member->crowd;
    CHECK(member->asked != 0);
    CHECK(member->soon || fm_loop_now(crowd->loop) >= member->moment);
    for (int i = 0; member->soon && i < CROWD; i++) {
        const struct member *other = &crowd->members[i];
        CHECK(other->asked == 0 || !other->soon ||
              other->asked >= member->asked);
    }
}

static void member_ask(struct member *member)
{
    struct crowd *crowd = member->crowd;
    uint64_t what = test_random(&crowd->random) % 8;
    int64_t span = (int64_t)(test_random(&crowd->random) % 300) * 1000;
    CHECK_INT(fm_call_pending(&member->call), member->asked != 0);
    if (what == 0) {
        CHECK_INT(fm_call_cancel(&member->call), member->asked != 0);
        member->asked = 0;
        return;
    }
    member->asked = ++crowd->asked;
    member->soon = what < 4;
    member->moment = fm_loop_now(crowd->loop) + span;
    if (member->soon)
        fm_loop_soon(crowd->loop, &member->call);
    else if (what < 6)
        fm_loop_at(crowd->loop, &member->call, member->moment);
    else
        CHECK_INT(fm_loop_later(crowd->loop, &member->call, (double)span / 1e9),
                  0);
}

static void crowd_ask(struct crowd *crowd, unsigned times)
{
    for (; times > 0 && crowd->left > 0; times--, crowd->left--)
        member_ask(&crowd->members[test_random(&crowd->random) % CROWD]);
}

static void member_called(void *arg)
{
    struct member *member = arg;
    member_check(member);
    member->asked = 0;
    member->crowd->made++;
    crowd_ask(member->crowd, 2);
}

static void stop(void *loop)
{
    fm_loop_stop(loop);
}

static void crowd_open(struct crowd *crowd)
{
    const fm_loop_options options = {.backend = test_backend(),
                                     .seed = test_seed(1)};
    memset(crowd, 0, sizeof *crowd);
    CHECK_INT(fm_loop_open(&crowd->loop, &options), 0);
    crowd->random = test_seed(7);
    crowd->left = test_many(20000);
    for (int i = 0; i < CROWD; i++)
        crowd->members[i] = (struct member){
            .call = {.fn = member_called, .arg = &crowd->members[i]},
            .crowd = crowd};
}

TEST(calls_asked_moved_and_cancelled_at_random_are_made_as_they_should)
{
    static struct crowd crowd;
    crowd_open(&crowd);
    fm_call end = {.fn = stop, .arg = crowd.loop};
    while (crowd.left > 0) {
        crowd_ask(&crowd, 5);
        fm_loop_step(crowd.loop);
    }
    CHECK_INT(fm_loop_later(crowd.loop, &end, 0.001), 0);
    fm_loop_run(crowd.loop);
    for (int i = 0; i < CROWD; i++)
        CHECK_INT(crowd.members[i].asked, 0);
    CHECK(crowd.made > 0);
    fm_loop_close(crowd.loop);
}
