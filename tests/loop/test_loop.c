/*
 * test_loop.c - turns, timers and posts, as the floor of tasks relies on them
 */
#include "rig.h"

#include "base/fault.h"
#include "base/sys.h"

enum {
    NOTES = 64
};

/* Who ran, in order. */
static int notes[NOTES];
static int noted;

static void note(int who)
{
    if (noted < NOTES)
        notes[noted++] = who;
}

static void check_notes(const int *expected, int count)
{
    CHECK_INT(noted, count);
    for (int i = 0; i < count && i < noted; i++)
        CHECK_INT(notes[i], expected[i]);
}

#define CHECK_NOTES(...)                                                       \
    do {                                                                       \
        const int expected[] = {__VA_ARGS__};                                  \
        check_notes(expected, (int)FM__COUNT(expected));                       \
    } while (0)

/* Work with a name; `again` counts how often it makes itself ready. */
struct chore {
    struct fm__work work;
    struct fm__timer timer;
    struct rig *rig;
    int name;
    int again;
};

static void chore_run(struct fm__work *work)
{
    struct chore *chore = FM__CONTAINER(work, struct chore, work);
    note(chore->name);
    if (chore->again-- > 0)
        fm__loop_ready(&chore->rig->loop, &chore->work);
}

static void chore_fire(struct fm__timer *timer)
{
    struct chore *chore = FM__CONTAINER(timer, struct chore, timer);
    CHECK(timer->when <= fm__loop_now(&chore->rig->loop));
    fm__loop_ready(&chore->rig->loop, &chore->work);
}

static void chores_init(struct rig *rig, struct chore *chores, int count)
{
    noted = 0;
    for (int i = 0; i < count; i++) {
        chores[i] = (struct chore){.rig = rig, .name = i};
        chores[i].work.run = chore_run;
        fm__timer_init(&chores[i].timer, chore_fire);
    }
}

static void chore_arm(struct chore *chore, int64_t span)
{
    fm__timer_arm(&chore->rig->loop, &chore->timer, span);
}

static void until_noted(struct rig *rig, int count)
{
    while (noted < count)
        rig_turn(rig);
}

TEST(an_unknown_backend_is_refused)
{
    struct fm__loop loop;
    CHECK_INT(fm__loop_open(&loop, "kqueue", 1), -EINVAL);
    CHECK_INT(fm__loop_open(&loop, "", 1), -EINVAL);
}

TEST(without_a_wish_a_backend_of_the_real_world_is_chosen)
{
    static const char *const wishes[] = {NULL, "auto"};
    for (size_t i = 0; i < FM__COUNT(wishes); i++) {
        struct fm__loop loop;
        CHECK_INT(fm__loop_open(&loop, wishes[i], 1), 0);
        CHECK(strcmp(loop.backend->name, "epoll") == 0 ||
              strcmp(loop.backend->name, "uring") == 0);
        fm__loop_close(&loop);
    }
}

TEST(a_wish_is_granted_or_refused)
{
    struct fm__loop loop;
    CHECK_INT(fm__loop_open(&loop, test_backend(), 1), 0);
    CHECK(strcmp(loop.backend->name, test_backend()) == 0);
    fm__loop_close(&loop);
}

TEST(work_runs_in_the_order_in_which_it_became_ready)
{
    struct rig rig;
    struct chore chores[4];
    rig_open(&rig);
    chores_init(&rig, chores, 4);
    fm__loop_ready(&rig.loop, &chores[2].work);
    fm__loop_ready(&rig.loop, &chores[0].work);
    fm__loop_ready(&rig.loop, &chores[3].work);
    fm__loop_ready(&rig.loop, &chores[1].work);
    until_noted(&rig, 4);
    CHECK_NOTES(2, 0, 3, 1);
    rig_close(&rig);
}

TEST(a_turn_runs_exactly_what_was_ready_when_it_began)
{
    struct rig rig;
    struct chore chores[3];
    rig_open(&rig);
    chores_init(&rig, chores, 3);
    chores[0].again = 2;
    for (int i = 0; i < 3; i++)
        fm__loop_ready(&rig.loop, &chores[i].work);
    until_noted(&rig, 5);
    CHECK_NOTES(0, 1, 2, 0, 0);
    rig_close(&rig);
}

TEST(endless_work_asks_the_world_at_least_every_33_turns)
{
    struct rig rig;
    struct chore chores[2];
    rig_open(&rig);
    chores_init(&rig, chores, 2);
    chores[0].again = 1 << 20;
    fm__loop_ready(&rig.loop, &chores[0].work);
    for (int i = 0; i < 40; i++)
        rig_turn(&rig);
    int before = chores[0].again;
    rig_turn(&rig);
    CHECK(before - chores[0].again <= 33);
    chores[0].again = 0;
    rig_turn(&rig);
    rig_close(&rig);
}

TEST(a_span_of_nothing_or_less_ends_with_the_turn)
{
    static const int64_t spans[] = {0, -1, -5000000000, INT64_MIN};
    struct rig rig;
    struct chore chores[4];
    rig_open(&rig);
    chores_init(&rig, chores, 4);
    int64_t before = fm__loop_now(&rig.loop);
    for (int i = 0; i < 4; i++)
        chore_arm(&chores[i], spans[i]);
    rig_turn(&rig);
    CHECK_INT(noted, 4);
    CHECK(fm__loop_now(&rig.loop) - before < INT64_C(60000000000));
    CHECK_INT(rig.loop.wheel.count, 0);
    rig_close(&rig);
}

TEST(timers_fire_by_time_and_never_early)
{
    struct rig rig;
    struct chore chores[3];
    rig_open(&rig);
    chores_init(&rig, chores, 3);
    int64_t before = fm__loop_now(&rig.loop);
    chore_arm(&chores[0], 3000000);
    chore_arm(&chores[1], 1000000);
    chore_arm(&chores[2], 2000000);
    until_noted(&rig, 3);
    CHECK_NOTES(1, 2, 0);
    CHECK(fm__loop_now(&rig.loop) >= before + 3000000);
    rig_close(&rig);
}

TEST(an_endless_span_never_fires_and_keeps_nothing_open)
{
    struct rig rig;
    struct chore chores[2];
    rig_open(&rig);
    chores_init(&rig, chores, 2);
    chore_arm(&chores[0], INT64_MAX);
    fm__timer_arm_at(&rig.loop, &chores[1].timer, FM__NEVER);
    rig_look(&rig);
    CHECK_INT(noted, 0);
    CHECK_INT(rig.loop.wheel.count, 0);
    for (int i = 0; i < 2; i++)
        fm__timer_disarm(&rig.loop, &chores[i].timer);
    rig_close(&rig);
}

TEST(a_moment_that_has_passed_fires_at_the_next_turns_end)
{
    struct rig rig;
    struct chore chores[2];
    rig_open(&rig);
    chores_init(&rig, chores, 2);
    fm__timer_arm_at(&rig.loop, &chores[0].timer, 1);
    fm__timer_arm_at(&rig.loop, &chores[1].timer, -7);
    rig_turn(&rig);
    CHECK_INT(noted, 2);
    rig_close(&rig);
}

TEST(a_timer_can_be_disarmed_at_any_time)
{
    static const int64_t spans[] = {-5, 0, 1, 3600000000000};
    struct rig rig;
    struct chore chores[1];
    rig_open(&rig);
    for (size_t i = 0; i < FM__COUNT(spans); i++) {
        chores_init(&rig, chores, 1);
        fm__timer_disarm(&rig.loop, &chores[0].timer);
        chore_arm(&chores[0], spans[i]);
        fm__timer_disarm(&rig.loop, &chores[0].timer);
        CHECK_INT(rig.loop.wheel.count, 0);
        rig_look(&rig);
        CHECK_INT(noted, 0);
    }
    chore_arm(&chores[0], spans[3]);
    rig_look(&rig);
    CHECK_INT(rig.loop.wheel.count, 1);
    fm__timer_disarm(&rig.loop, &chores[0].timer);
    CHECK_INT(rig.loop.wheel.count, 0);
    chore_arm(&chores[0], 0);
    until_noted(&rig, 1);
    fm__timer_disarm(&rig.loop, &chores[0].timer);
    CHECK_INT(rig.loop.wheel.count, 0);
    rig_close(&rig);
}

TEST(posts_run_in_the_order_of_posting)
{
    struct rig rig;
    struct chore chores[NOTES];
    rig_open(&rig);
    chores_init(&rig, chores, NOTES);
    for (int i = 0; i < NOTES; i++)
        fm__loop_post(&rig.loop, &chores[i].work);
    until_noted(&rig, NOTES);
    for (int i = 0; i < NOTES; i++)
        CHECK_INT(notes[i], i);
    rig_close(&rig);
}

/* Otherwise a fixed order; and what was ready before is never moved. */
TEST(a_seed_shuffles_only_what_became_ready_in_one_poll)
{
    enum {
        COUNT = 8,
        SEEDS = 20
    };
    int moved = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct rig rig;
        struct chore chores[COUNT];
        memset(&rig, 0, sizeof rig);
        CHECK_INT(fm__loop_open(&rig.loop, test_backend(), seed), 0);
        chores_init(&rig, chores, COUNT);
        for (int i = 2; i < COUNT; i++)
            fm__timer_arm_at(&rig.loop, &chores[i].timer, 1);
        fm__loop_ready(&rig.loop, &chores[0].work);
        fm__loop_ready(&rig.loop, &chores[1].work);
        fm__loop_turn(&rig.loop);
        rig_run_ready(&rig);
        CHECK_INT(noted, COUNT);
        CHECK(notes[0] == 0 && notes[1] == 1);
        for (int i = 0; i < COUNT; i++)
            moved += notes[i] != i;
        rig_close(&rig);
    }
    CHECK(test_simulated() ? moved > SEEDS : moved == 0);
}

static void close_with_a_new_timer(void *arg)
{
    struct rig rig;
    struct chore chores[1];
    (void)arg;
    rig_open(&rig);
    chores_init(&rig, chores, 1);
    chore_arm(&chores[0], 1000);
    fm__loop_close(&rig.loop);
}

static void close_with_an_old_timer(void *arg)
{
    struct rig rig;
    struct chore chores[1];
    (void)arg;
    rig_open(&rig);
    chores_init(&rig, chores, 1);
    chore_arm(&chores[0], INT64_C(1) << 60);
    rig_look(&rig);
    fm__loop_close(&rig.loop);
}

TEST(closing_a_loop_with_timers_aborts)
{
    CHECK_DIES(close_with_a_new_timer, NULL, "closed with timers armed");
    CHECK_DIES(close_with_an_old_timer, NULL, "closed with timers armed");
}

static void interrupted(struct fm__loop *loop)
{
    (void)loop;
    note(-1);
}

TEST(an_interrupt_is_told_once_at_the_next_turns_end)
{
    struct rig rig;
    rig_open(&rig);
    noted = 0;
    rig.loop.interrupted = interrupted;
    fm__loop_interrupt(&rig.loop);
    fm__loop_interrupt(&rig.loop);
    CHECK_INT(noted, 0);
    rig_look(&rig);
    rig_look(&rig);
    CHECK_NOTES(-1);
    rig_close(&rig);
}

TEST(a_loop_with_nothing_in_flight_asks_the_kernel_nothing)
{
    struct rig rig;
    struct fm__fault_plan plan = {0};
    rig_open(&rig);
    fm__fault_plan = &plan;
    for (int i = 0; i < 100; i++)
        rig_look(&rig);
    fm__fault_plan = NULL;
    CHECK_INT(plan.passed[FM__DOOR_SYSTEM], 0);
    CHECK_INT(plan.passed[FM__DOOR_MEMORY], 0);
    rig_close(&rig);
}

/* An operation that waits costs no memory once its descriptor is known. */
TEST(waiting_again_allocates_nothing)
{
    struct rig rig;
    struct job job;
    struct fm__fault_plan plan = {0};
    int fds[2];
    char c;
    rig_open(&rig);
    rig_connect(&rig, fds);
    for (int i = 0; i < 100; i++) {
        if (i == 1)
            fm__fault_plan = &plan;
        job_read(&rig, &job, fds[0], &c, 1);
        rig_look(&rig);
        CHECK_INT(rig_write(&rig, fds[1], "x", 1), 1);
        CHECK_INT(job_wait(&job), 1);
    }
    fm__fault_plan = NULL;
    CHECK_INT(plan.passed[FM__DOOR_MEMORY], 0);
    CHECK(plan.passed[FM__DOOR_OPERATION] > 0);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(a_wait_that_lacks_memory_is_repeated)
{
    if (test_under_valgrind())
        test_skip("valgrind answers ENOSYS to epoll_pwait2");
    struct rig rig;
    struct chore chores[1];
    struct fm__fault_plan plan = {.error = -ENOMEM};
    rig_open(&rig);
    rig.loop.remote_expected = 1; /* so that the simulator waits for real */
    chores_init(&rig, chores, 1);
    chore_arm(&chores[0], 1000000);
    plan.fail_at[FM__DOOR_SYSTEM] = 1;
    fm__fault_plan = &plan;
    until_noted(&rig, 1);
    fm__fault_plan = NULL;
    CHECK(plan.passed[FM__DOOR_SYSTEM] > 1);
    rig_close(&rig);
}

static void wait_in_vain(void *arg)
{
    struct rig rig;
    struct chore chores[1];
    static struct fm__fault_plan plan = {.error = -EINVAL};
    (void)arg;
    rig_open(&rig);
    rig.loop.remote_expected = 1;
    chores_init(&rig, chores, 1);
    chore_arm(&chores[0], 1000000);
    plan.fail_at[FM__DOOR_SYSTEM] = 1;
    fm__fault_plan = &plan;
    until_noted(&rig, 1);
}

TEST(a_kernel_that_refuses_to_wait_ends_the_program)
{
    CHECK_DIES(wait_in_vain, NULL, "refuses to wait for events: error 22");
}

TEST(an_injected_failure_of_an_operation_is_its_result)
{
    static const int errors[] = {0, -ENOMEM};
    struct rig rig;
    struct job job;
    int fds[2];
    char c;
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    for (int i = 0; i < 2; i++) {
        struct fm__fault_plan plan = {.error = errors[i]};
        plan.fail_at[FM__DOOR_OPERATION] = 1;
        fm__fault_plan = &plan;
        job_read(&rig, &job, fds[0], &c, 1);
        fm__fault_plan = NULL;
        CHECK(job.at_once);
        CHECK_INT(job.op.result, errors[i] != 0 ? errors[i] : -EIO);
        CHECK_INT(job.op.state, FM__OP_DONE);
    }
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}
