/*
 * test_endings.c - how connections end: by halves, in order, or broken off
 */
#include "rig.h"

#include <poll.h>

static char big[1 << 18];

static int shut(struct rig *rig, int fd)
{
    return rig->loop.backend->shutdown(&rig->loop, fd);
}

/* Closes so that the peer hears of a reset. */
static void reset(struct rig *rig, int fd)
{
    CHECK_INT(rig->loop.backend->linger(&rig->loop, fd), 0);
    rig_close_fd(rig, fd);
}

static bool broken(ssize_t rc)
{
    return rc == -EPIPE || rc == -ECONNRESET;
}

/* Fills all buffers on the way; the last write is left waiting. */
static void jam(struct rig *rig, struct job *job, int fd)
{
    do {
        job_write(rig, job, fd, big, sizeof big);
        rig_rest(rig);
    } while (job->order != 0);
}

/* Until some are there, and nobody has asked the loop for them. */
static void wait_for_bytes(struct rig *rig, int fd)
{
    struct pollfd asked = {.fd = fd, .events = POLLIN};
    if (test_simulated())
        rig_rest(rig);
    else
        CHECK_INT(poll(&asked, 1, -1), 1);
}

/* ---- By halves ---------------------------------------------------------- */

TEST(what_was_written_before_a_half_close_is_read_and_then_the_end)
{
    struct rig rig;
    int fds[2];
    char buf[8];
    rig_open(&rig);
    rig_connect(&rig, fds);
    CHECK_INT(rig_write_all(&rig, fds[0], "last", 4), 0);
    CHECK_INT(shut(&rig, fds[0]), 0);
    CHECK_INT(rig_read_all(&rig, fds[1], buf, 4), 0);
    CHECK(memcmp(buf, "last", 4) == 0);
    CHECK_INT(rig_read(&rig, fds[1], buf, 4), 0);
    CHECK_INT(rig_read(&rig, fds[1], buf, 4), 0);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(the_other_half_stays_open)
{
    struct rig rig;
    int fds[2];
    char buf[8];
    rig_open(&rig);
    for (int tcp = 0; tcp < 2; tcp++) {
        if (tcp)
            rig_connect(&rig, fds);
        else
            rig_pair(&rig, FM__PAIR_SOCKET, fds);
        CHECK_INT(shut(&rig, fds[0]), 0);
        CHECK_INT(rig_read(&rig, fds[1], buf, 8), 0);
        for (int i = 0; i < 5; i++) {
            struct job job;
            job_read(&rig, &job, fds[0], buf, 1);
            rig_rest(&rig);
            CHECK_INT(job.order, 0);
            CHECK_INT(rig_write(&rig, fds[1], "x", 1), 1);
            CHECK_INT(job_wait(&job), 1);
        }
        CHECK_INT(shut(&rig, fds[1]), 0);
        CHECK_INT(rig_read(&rig, fds[0], buf, 8), 0);
        rig_close_pair(&rig, fds);
    }
    rig_close(&rig);
}

TEST(a_waiting_read_and_a_waiting_receive_see_the_half_close)
{
    struct rig rig;
    struct job jobs[2];
    int fds[2];
    char c;
    rig_open(&rig);
    for (int received = 0; received < 2; received++) {
        rig_connect(&rig, fds);
        if (received)
            job_receive(&rig, &jobs[0], fds[0]);
        else
            job_read(&rig, &jobs[0], fds[0], &c, 1);
        rig_rest(&rig);
        CHECK_INT(jobs[0].order, 0);
        CHECK_INT(shut(&rig, fds[1]), 0);
        CHECK_INT(job_wait(&jobs[0]), 0);
        rig_close_pair(&rig, fds);
    }
    rig_close(&rig);
}

TEST(nothing_can_be_written_after_a_half_close)
{
    struct rig rig;
    int fds[2];
    rig_open(&rig);
    rig_connect(&rig, fds);
    CHECK_INT(shut(&rig, fds[0]), 0);
    CHECK_INT(rig_write(&rig, fds[0], "x", 1), -EPIPE);
    CHECK_INT(shut(&rig, fds[0]), 0);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(a_write_that_waits_ends_with_its_own_half)
{
    struct rig rig;
    struct job job;
    int fds[2];
    rig_open(&rig);
    rig_connect(&rig, fds);
    jam(&rig, &job, fds[0]);
    CHECK_INT(shut(&rig, fds[0]), 0);
    ssize_t rc = job_wait(&job);
    CHECK(rc > 0 || rc == -EPIPE);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(what_is_no_connection_has_no_halves)
{
    struct rig rig;
    int fds[2];
    rig_open(&rig);
    int fd = rig_socket(&rig);
    CHECK_INT(shut(&rig, fd), -ENOTCONN);
    rig_close_fd(&rig, fd);
    CHECK_INT(shut(&rig, -1), -EBADF);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    CHECK_INT(shut(&rig, fds[0]), -ENOTSOCK);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

/* ---- Broken off --------------------------------------------------------- */

TEST(a_reset_is_heard_by_who_reads)
{
    struct rig rig;
    struct job job;
    int fds[2];
    char c;
    rig_open(&rig);
    for (int waiting = 0; waiting < 2; waiting++) {
        rig_connect(&rig, fds);
        if (!waiting)
            reset(&rig, fds[0]);
        job_read(&rig, &job, fds[1], &c, 1);
        if (waiting) {
            rig_rest(&rig);
            CHECK_INT(job.order, 0);
            reset(&rig, fds[0]);
        }
        CHECK_INT(job_wait(&job), -ECONNRESET);
        CHECK_INT(rig_read(&rig, fds[1], &c, 1), 0);
        rig_close_fd(&rig, fds[1]);
    }
    rig_close(&rig);
}

TEST(a_reset_is_heard_by_who_receives)
{
    struct rig rig;
    struct job job;
    int fds[2];
    rig_open(&rig);
    for (int waiting = 0; waiting < 2; waiting++) {
        rig_connect(&rig, fds);
        if (!waiting)
            reset(&rig, fds[0]);
        job_receive(&rig, &job, fds[1]);
        if (waiting) {
            rig_rest(&rig);
            reset(&rig, fds[0]);
        }
        CHECK_INT(job_wait(&job), -ECONNRESET);
        job_receive(&rig, &job, fds[1]);
        CHECK_INT(job_wait(&job), 0);
        rig_close_fd(&rig, fds[1]);
    }
    rig_close(&rig);
}

TEST(a_reset_is_heard_by_who_writes)
{
    struct rig rig;
    struct job job;
    int fds[2];
    rig_open(&rig);
    rig_connect(&rig, fds);
    jam(&rig, &job, fds[1]);
    reset(&rig, fds[0]);
    ssize_t rc = job_wait(&job);
    while (rc > 0)
        rc = rig_write(&rig, fds[1], big, sizeof big);
    CHECK(broken(rc));
    CHECK(broken(rig_write(&rig, fds[1], "x", 1)));
    rig_close_fd(&rig, fds[1]);
    rig_close(&rig);
}

/* A close that loses bytes says so to who sent them. */
TEST(a_close_with_unread_bytes_resets_a_connection)
{
    struct rig rig;
    int fds[2];
    char c;
    rig_open(&rig);
    rig_connect(&rig, fds);
    CHECK_INT(rig_write_all(&rig, fds[0], "lost", 4), 0);
    wait_for_bytes(&rig, fds[1]);
    rig_close_fd(&rig, fds[1]);
    CHECK_INT(rig_read(&rig, fds[0], &c, 1), -ECONNRESET);
    rig_close_fd(&rig, fds[0]);
    rig_close(&rig);
}

/* Also those which the loop has taken, and nobody has asked it for. */
TEST(a_close_that_loses_what_came_behind_a_receive_is_no_orderly_end)
{
    struct rig rig;
    struct job job;
    int fds[2];
    char c;
    rig_open(&rig);
    rig_connect(&rig, fds);
    job_receive(&rig, &job, fds[1]);
    CHECK_INT(rig_write(&rig, fds[0], "a", 1), 1);
    CHECK_INT(job_take(&job, big), 1);
    rig_rest(&rig);
    for (int i = 0; i < 4; i++)
        CHECK_INT(rig_write_all(&rig, fds[0], big, 16000), 0);
    rig_rest(&rig);
    rig_close_fd(&rig, fds[1]);
    CHECK_INT(rig_read(&rig, fds[0], &c, 1), -ECONNRESET);
    rig_close_fd(&rig, fds[0]);
    rig_close(&rig);
}

TEST(only_sockets_can_be_told_to_reset)
{
    struct rig rig;
    int fds[2];
    rig_open(&rig);
    CHECK_INT(rig.loop.backend->linger(&rig.loop, -1), -EBADF);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    CHECK_INT(rig.loop.backend->linger(&rig.loop, fds[1]), -ENOTSOCK);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

/* ---- Both at once ------------------------------------------------------- */

/* All that one side sends while the other does the same, to the very end. */
struct side {
    struct job in, out;
    size_t sent, taken;
    bool finished; /* has closed its half */
    bool ended;    /* has seen the other's end */
};

enum {
    EACH = 400000
};

static void side_go_on(struct rig *rig, struct side *side, int fd)
{
    static char sink[5000];
    if (!side->finished && side->out.order != 0) {
        CHECK(side->out.op.result > 0);
        side->sent += (size_t)side->out.op.result;
        side->finished = side->sent >= EACH;
        if (side->finished)
            CHECK_INT(shut(rig, fd), 0);
        else
            job_write(rig, &side->out, fd, big, 9999);
    }
    if (!side->ended && side->in.order != 0) {
        CHECK(side->in.op.result >= 0);
        side->taken += (size_t)side->in.op.result;
        side->ended = side->in.op.result <= 0;
        if (!side->ended)
            job_read(rig, &side->in, fd, sink, sizeof sink);
    }
}

TEST(both_sides_send_and_finish_at_once)
{
    struct rig rig;
    struct side sides[2];
    static char sinks[2][5000];
    int fds[2];
    rig_open(&rig);
    rig_connect(&rig, fds);
    memset(sides, 0, sizeof sides);
    for (int i = 0; i < 2; i++) {
        job_read(&rig, &sides[i].in, fds[i], sinks[i], sizeof sinks[i]);
        job_write(&rig, &sides[i].out, fds[i], big, 9999);
    }
    while (!sides[0].ended || !sides[1].ended) {
        side_go_on(&rig, &sides[0], fds[0]);
        side_go_on(&rig, &sides[1], fds[1]);
        if (rig.loop.operations > 0)
            rig_look(&rig);
    }
    CHECK_INT(sides[0].taken, sides[1].sent);
    CHECK_INT(sides[1].taken, sides[0].sent);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}
