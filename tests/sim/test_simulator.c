/*
 * test_simulator.c - the imagined world: its time, its chance, its limits
 *
 * Always on the simulator, whatever FERMATA_BACKEND says.
 */
#include "sim_rig.h"

enum {
    MS = 1000000,
    SEEDS = 200
};
#define SECOND INT64_C(1000000000)

static char big[100];

/* ---- Time --------------------------------------------------------------- */

TEST(time_begins_at_one_second_and_jumps_from_timer_to_timer)
{
    struct rig rig;
    sim_open(&rig, 1, NULL);
    CHECK_INT(sim_clock(&rig), SECOND);
    rig_sleep(&rig, 3600 * SECOND);
    CHECK_INT(sim_clock(&rig), 3601 * SECOND);
    rig_sleep(&rig, 1);
    CHECK_INT(sim_clock(&rig), 3601 * SECOND + 1);
    rig_close(&rig);
}

TEST(a_century_passes_in_no_time)
{
    struct rig rig;
    int64_t century = 86400 * SECOND * 36525;
    sim_open(&rig, 1, NULL);
    rig_sleep(&rig, century);
    CHECK_INT(sim_clock(&rig), SECOND + century);
    rig_close(&rig);
}

TEST(time_goes_on_for_a_program_that_never_rests)
{
    struct rig rig;
    sim_open(&rig, 1, NULL);
    rig.rang = false;
    fm__timer_init(&rig.timer, rig_rang);
    fm__timer_arm(&rig.loop, &rig.timer, MS);
    for (int i = 0; i < 1001; i++)
        rig_look(&rig);
    CHECK(rig.rang);
    rig_close(&rig);
}

TEST(time_never_jumps_past_a_completion)
{
    for (uint64_t seed = 1; seed < SEEDS; seed++) {
        struct rig rig;
        struct job job;
        int fds[2];
        char c;
        sim_open(&rig, seed, NULL);
        rig_pair(&rig, FM__PAIR_PIPE, fds);
        fm__timer_init(&rig.timer, rig_rang);
        fm__timer_arm(&rig.loop, &rig.timer, SECOND);
        job_read(&rig, &job, fds[0], &c, 1);
        CHECK_INT(rig_write(&rig, fds[1], "x", 1), 1);
        CHECK_INT(job_wait(&job), 1);
        CHECK(!rig.rang);
        CHECK(sim_clock(&rig) < SECOND + 5 * MS);
        fm__timer_disarm(&rig.loop, &rig.timer);
        rig_close_pair(&rig, fds);
        rig_close(&rig);
    }
}

/* In a quiet world each completes at the very moment at which it is due. */
TEST(completions_come_in_the_order_of_their_moments)
{
    enum {
        COUNT = 60
    };
    struct rig rig;
    struct job jobs[COUNT];
    int fds[COUNT][2];
    char c;
    sim_open(&rig, 7, NULL);
    for (int i = 0; i < COUNT; i++) {
        rig_pair(&rig, FM__PAIR_PIPE, fds[i]);
        CHECK_INT(rig_write(&rig, fds[i][1], "x", 1), 1);
    }
    int64_t began = sim_clock(&rig);
    for (int i = 0; i < COUNT; i++)
        job_read(&rig, &jobs[i], fds[i][0], &c, 1);
    for (unsigned before = rig.finished; rig.loop.operations > 0;) {
        rig_turn(&rig);
        for (int i = 0; i < COUNT; i++) {
            if (jobs[i].order > before && jobs[i].op.due > began)
                CHECK_INT(jobs[i].op.due, sim_clock(&rig));
        }
        before = rig.finished;
    }
    for (int i = 0; i < COUNT; i++)
        rig_close_pair(&rig, fds[i]);
    rig_close(&rig);
}

/* ---- Chance ------------------------------------------------------------- */

struct outcome {
    uint64_t hash;
    int64_t clock;
    int at_once;
    int later;
    int short_reads;
    int short_writes;
    int resets;
    int other_errors;
};

static void outcome_add(struct outcome *outcome, const struct job *job)
{
    ssize_t rc = job->op.result;
    bool less = rc > 0 && (size_t)rc < job->op.size;
    outcome->at_once += job->at_once;
    outcome->later += !job->at_once;
    outcome->short_reads += less && job->op.kind == FM__OP_READ;
    outcome->short_writes += less && job->op.kind == FM__OP_WRITE;
    outcome->resets += rc == -ECONNRESET;
    outcome->other_errors += rc < 0 && rc != -ECONNRESET;
}

/* Twenty letters from one end to the other, by a seed. */
static struct outcome correspondence(uint64_t seed,
                                     const struct fm__sim_options *options)
{
    struct outcome outcome = {0};
    struct rig rig;
    int fds[2];
    char buf[100];
    sim_open(&rig, seed, options);
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    for (int i = 0; i < 20; i++) {
        struct job in, out;
        job_read(&rig, &in, fds[i % 2], buf, sizeof buf);
        job_write(&rig, &out, fds[(i + 1) % 2], big, sizeof buf);
        job_wait(&out);
        job_wait(&in);
        outcome_add(&outcome, &in);
        outcome_add(&outcome, &out);
    }
    outcome.clock = sim_clock(&rig);
    outcome.hash = rig.loop.trace_hash;
    rig_close_pair(&rig, fds);
    rig_close(&rig);
    return outcome;
}

TEST(equal_seeds_tell_equal_stories)
{
    static const struct fm__sim_options rough = {.errors = 20};
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct outcome first = correspondence(seed, &rough);
        struct outcome second = correspondence(seed, &rough);
        CHECK(memcmp(&first, &second, sizeof first) == 0);
    }
}

TEST(different_seeds_tell_different_stories)
{
    int equal = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        equal += correspondence(seed, NULL).hash ==
                 correspondence(seed + 1, NULL).hash;
    CHECK_INT(equal, 0);
}

TEST(operations_are_done_at_once_or_later_and_short_or_whole)
{
    struct outcome sum = {0};
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct outcome outcome = correspondence(seed, NULL);
        CHECK(outcome.clock > SECOND);
        CHECK(outcome.clock < SECOND + 40 * 5 * MS);
        sum.at_once += outcome.at_once;
        sum.later += outcome.later;
        sum.short_reads += outcome.short_reads;
        sum.short_writes += outcome.short_writes;
        sum.resets += outcome.resets + outcome.other_errors;
    }
    CHECK(sum.at_once > SEEDS);
    CHECK(sum.later > SEEDS);
    CHECK(sum.short_reads > SEEDS);
    CHECK(sum.short_writes > SEEDS);
    CHECK_INT(sum.resets, 0);
}

TEST(a_kind_world_is_prompt_and_whole)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct outcome outcome = correspondence(seed, sim_kind());
        CHECK_INT(outcome.clock, SECOND);
        CHECK_INT(outcome.short_reads + outcome.short_writes, 0);
        CHECK_INT(outcome.at_once, 20);
    }
}

TEST(errors_happen_only_where_they_were_asked_for)
{
    static const struct fm__sim_options rough = {.errors = 50};
    struct outcome sum = {0};
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct outcome outcome = correspondence(seed, &rough);
        sum.resets += outcome.resets;
    }
    CHECK(sum.resets > SEEDS / 4);
}

TEST(an_injected_reset_is_seen_from_both_ends)
{
    static const struct fm__sim_options all = {.errors = 1000};
    struct rig rig;
    int fds[2];
    char c;
    sim_open(&rig, 1, &all);
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    CHECK_INT(rig_write(&rig, fds[0], "x", 1), -ECONNRESET);
    CHECK_INT(rig_read(&rig, fds[0], &c, 1), 0);
    CHECK_INT(rig_write(&rig, fds[0], "x", 1), -EPIPE);
    CHECK_INT(rig_read(&rig, fds[1], &c, 1), -ECONNRESET);
    CHECK_INT(rig_read(&rig, fds[1], &c, 1), 0);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(an_injected_failure_of_a_listener_or_client_leaves_it_usable)
{
    static const struct fm__sim_options half = {.errors = 500};
    int refused = 0, failed = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct rig rig;
        struct sockaddr_in at;
        struct job job;
        ssize_t rc;
        sim_open(&rig, seed, &half);
        int listener = rig_listen(&rig, &at), fd = rig_socket(&rig);
        do {
            job_connect(&rig, &job, fd, &at);
            rc = job_wait(&job);
            refused += rc < 0;
        } while (rc < 0);
        do {
            job_accept(&rig, &job, listener);
            rc = job_wait(&job);
            failed += rc == -EMFILE || rc == -ECONNABORTED;
        } while (rc < 0);
        rig_close_fd(&rig, (int)rc);
        rig_close_fd(&rig, fd);
        rig_close_fd(&rig, listener);
        rig_close(&rig);
    }
    CHECK(refused > SEEDS / 4);
    CHECK(failed > SEEDS / 4);
}

TEST(pipes_have_no_injected_errors)
{
    static const struct fm__sim_options all = {.errors = 1000};
    struct rig rig;
    int fds[2];
    char c;
    sim_open(&rig, 1, &all);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    CHECK_INT(rig_write(&rig, fds[1], "x", 1), 1);
    CHECK_INT(rig_read(&rig, fds[0], &c, 1), 1);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

/* The bytes are there when the cancel comes: it may be too late, or not; and
 * of two operations either may end first. */
TEST(a_cancel_races_with_its_operation_in_every_order)
{
    int cancelled = 0, read = 0, before = 0, after = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct rig rig;
        struct job race, other;
        int fds[2], others[2];
        char buf[4], rest[4];
        sim_open(&rig, seed, NULL);
        rig_pair(&rig, FM__PAIR_SOCKET, fds);
        rig_pair(&rig, FM__PAIR_SOCKET, others);
        job_read(&rig, &race, fds[0], buf, 4);
        job_read(&rig, &other, others[0], rest, 4);
        CHECK_INT(rig_write_all(&rig, fds[1], "abcd", 4), 0);
        fm__op_cancel(&rig.loop, &other.op);
        ssize_t rc = job_cancel(&race), got = rc > 0 ? rc : 0;
        CHECK(rc > 0 || rc == -ECANCELED);
        cancelled += rc < 0;
        read += rc > 0;
        CHECK_INT(job_wait(&other), -ECANCELED);
        before += race.order < other.order;
        after += race.order > other.order;
        CHECK_INT(rig_read_all(&rig, fds[0], buf + got, 4 - (size_t)got), 0);
        CHECK(memcmp(buf, "abcd", 4) == 0);
        rig_close_pair(&rig, fds);
        rig_close_pair(&rig, others);
        rig_close(&rig);
    }
    CHECK(cancelled > SEEDS / 10);
    CHECK(read > SEEDS / 10);
    CHECK(before > SEEDS / 10);
    CHECK(after > SEEDS / 10);
}

/* The descriptor of a connection whose accept was cancelled too late. */
TEST(a_cancelled_accept_may_still_bring_a_descriptor)
{
    int cancelled = 0, accepted = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct rig rig;
        struct sockaddr_in at;
        struct job accept, connect;
        sim_open(&rig, seed, NULL);
        int listener = rig_listen(&rig, &at), fd = rig_socket(&rig);
        job_accept(&rig, &accept, listener);
        job_connect(&rig, &connect, fd, &at);
        CHECK_INT(job_wait(&connect), 0);
        int peer = (int)job_cancel(&accept);
        CHECK(peer >= 0 || peer == -ECANCELED);
        cancelled += peer < 0;
        accepted += peer >= 0;
        if (peer >= 0)
            rig_close_fd(&rig, peer);
        rig_close_fd(&rig, fd);
        rig_close_fd(&rig, listener);
        rig_close(&rig);
    }
    CHECK(cancelled > SEEDS / 10);
    CHECK(accepted > SEEDS / 10);
}

TEST(a_cancelled_read_leaves_the_buffer_alone)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct rig rig;
        struct job job;
        int fds[2];
        char buf[4] = "....";
        sim_open(&rig, seed, NULL);
        rig_pair(&rig, FM__PAIR_SOCKET, fds);
        job_read(&rig, &job, fds[0], buf, 4);
        CHECK_INT(rig_write_all(&rig, fds[1], "abcd", 4), 0);
        if (job_cancel(&job) == -ECANCELED)
            CHECK(memcmp(buf, "....", 4) == 0);
        memset(buf, '-', 4);
        sim_rest(&rig);
        CHECK(memcmp(buf, "----", 4) == 0);
        rig_close_pair(&rig, fds);
        rig_close(&rig);
    }
}

/* ---- The end of all ----------------------------------------------------- */

static void wait_for_nobody(void *arg)
{
    struct rig rig;
    struct job job;
    int fds[2];
    char c;
    (void)arg;
    sim_open(&rig, 1, NULL);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    job_read(&rig, &job, fds[0], &c, 1);
    job_wait(&job);
}

TEST(a_deadlock_is_a_sentence)
{
    CHECK_DIES(wait_for_nobody, NULL,
               "every task waits and nothing can wake one: a deadlock");
}

static struct job *blocked;

static void cancel_blocked(struct fm__work *work)
{
    (void)work;
    fm__op_cancel(&blocked->rig->loop, &blocked->op);
}

static void deadlocked(struct fm__loop *loop)
{
    static struct fm__work work = {.run = cancel_blocked};
    fm__loop_ready(loop, &work);
}

TEST(a_deadlock_can_be_resolved_by_who_hears_of_it)
{
    struct rig rig;
    struct job job;
    int fds[2];
    char c;
    sim_open(&rig, 1, NULL);
    rig.loop.deadlocked = deadlocked;
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    job_read(&rig, &job, fds[0], &c, 1);
    blocked = &job;
    CHECK_INT(job_wait(&job), -ECANCELED);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}
