/*
 * test_receive.c - bytes in buffers that the loop lends
 */
#include "rig.h"

static const enum fm__pair_kind kinds[] = {FM__PAIR_PIPE, FM__PAIR_SOCKET};

static char big[1 << 20];
static char got[(1 << 20) + FM__BUFFER_SIZE];

static void big_fill(void)
{
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (char)(i * 2654435761U >> 13);
}

TEST(bytes_arrive_in_a_buffer_of_the_loops)
{
    struct rig rig;
    int fds[2];
    rig_open(&rig);
    for (int i = 0; i < 2; i++) {
        rig_pair(&rig, kinds[i], fds);
        CHECK_INT(rig_write_all(&rig, fds[1], "hold here", 9), 0);
        for (ssize_t sum = 0, rc = 1; rc > 0 && sum < 9; sum += rc) {
            rc = rig_receive(&rig, fds[0], got + sum);
            CHECK(rc > 0);
        }
        CHECK(memcmp(got, "hold here", 9) == 0);
        rig_close_pair(&rig, fds);
    }
    rig_close(&rig);
}

TEST(a_receive_waits_until_something_is_written)
{
    struct rig rig;
    struct job job;
    int fds[2];
    rig_open(&rig);
    for (int i = 0; i < 2; i++) {
        rig_pair(&rig, kinds[i], fds);
        for (char c = 'a'; c < 'e'; c++) {
            job_receive(&rig, &job, fds[0]);
            rig_rest(&rig);
            CHECK_INT(job.order, 0);
            CHECK_INT(rig_write(&rig, fds[1], &c, 1), 1);
            CHECK_INT(job_take(&job, got), 1);
            CHECK_INT(got[0], c);
        }
        rig_close_pair(&rig, fds);
    }
    rig_close(&rig);
}

TEST(a_receive_at_the_end_brings_no_buffer)
{
    struct rig rig;
    struct job job;
    int fds[2];
    rig_open(&rig);
    for (int i = 0; i < 2; i++) {
        rig_pair(&rig, kinds[i], fds);
        job_receive(&rig, &job, fds[0]);
        rig_rest(&rig);
        rig_close_fd(&rig, fds[1]);
        CHECK_INT(job_take(&job, got), 0);
        CHECK_INT(rig_receive(&rig, fds[0], got), 0);
        CHECK_INT(rig_receive(&rig, fds[0], got), 0);
        rig_close_fd(&rig, fds[0]);
    }
    rig_close(&rig);
}

TEST(what_cannot_be_received_from_says_so)
{
    struct rig rig;
    struct sockaddr_in at;
    int fds[2];
    rig_open(&rig);
    CHECK_INT(rig_receive(&rig, -1, got), -EBADF);
    int listener = rig_listen(&rig, &at);
    CHECK_INT(rig_receive(&rig, listener, got), -ENOTCONN);
    rig_close_fd(&rig, listener);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    CHECK_INT(rig_receive(&rig, fds[1], got), -EBADF);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(a_buffer_that_is_held_is_not_written_to)
{
    struct rig rig;
    struct job held;
    int fds[2];
    rig_open(&rig);
    rig_connect(&rig, fds);
    CHECK_INT(rig_write(&rig, fds[1], "a", 1), 1);
    job_receive(&rig, &held, fds[0]);
    CHECK_INT(job_wait(&held), 1);
    for (int i = 0; i < 5; i++) {
        CHECK_INT(rig_write(&rig, fds[1], "b", 1), 1);
        CHECK_INT(rig_receive(&rig, fds[0], got), 1);
        CHECK_INT(got[0], 'b');
    }
    CHECK_INT(job_take(&held, got), 1);
    CHECK_INT(got[0], 'a');
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

/* ---- Beside reads ------------------------------------------------------- */

TEST(receives_and_reads_wait_in_one_order)
{
    struct rig rig;
    struct job jobs[4];
    int fds[2];
    char buf[4] = "....";
    rig_open(&rig);
    for (int i = 0; i < 2; i++) {
        rig_pair(&rig, kinds[i], fds);
        job_read(&rig, &jobs[0], fds[0], &buf[0], 1);
        job_receive(&rig, &jobs[1], fds[0]);
        job_read(&rig, &jobs[2], fds[0], &buf[2], 1);
        job_receive(&rig, &jobs[3], fds[0]);
        for (int j = 0; j < 4; j++) {
            CHECK_INT(rig_write(&rig, fds[1], &"abcd"[j], 1), 1);
            CHECK_INT(job_wait(&jobs[j]), 1);
        }
        CHECK_INT(job_take(&jobs[1], &buf[1]), 1);
        CHECK_INT(job_take(&jobs[3], &buf[3]), 1);
        CHECK(memcmp(buf, "abcd", 4) == 0);
        rig_close_pair(&rig, fds);
    }
    rig_close(&rig);
}

/* A read takes what a receive left, however the bytes came. */
TEST(reads_and_receives_in_turn_lose_no_byte)
{
    struct rig rig;
    int fds[2];
    char buf[8];
    rig_open(&rig);
    rig_connect(&rig, fds);
    for (int i = 0; i < 20; i++) {
        ssize_t sum = 0;
        CHECK_INT(rig_write_all(&rig, fds[1], "0123456789", 10), 0);
        while (sum < 10) {
            ssize_t rc = sum % 2 == 0 ? rig_read(&rig, fds[0], buf, 3)
                                      : rig_receive(&rig, fds[0], got);
            CHECK(rc > 0);
            if (rc <= 0)
                break;
            CHECK(memcmp(sum % 2 == 0 ? buf : got, &"0123456789"[sum],
                         (size_t)rc) == 0);
            sum += rc;
        }
    }
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

/* One writes as fast as it can; the other takes it in all ways there are. */
struct torrent {
    struct rig rig;
    struct job in, out;
    int fds[2];
    size_t sent;
    size_t taken;
    uint64_t chance;
};

static void torrent_write(struct torrent *torrent)
{
    job_write(&torrent->rig, &torrent->out, torrent->fds[1],
              big + torrent->sent, sizeof big - torrent->sent);
}

static void torrent_ask(struct torrent *torrent)
{
    size_t sizes[] = {1, 100, 5000, FM__BUFFER_SIZE, 100000};
    uint64_t which = test_random(&torrent->chance) % (FM__COUNT(sizes) + 4);
    if (which >= FM__COUNT(sizes)) {
        job_receive(&torrent->rig, &torrent->in, torrent->fds[0]);
        return;
    }
    size_t left = sizeof got - torrent->taken;
    job_read(&torrent->rig, &torrent->in, torrent->fds[0], got + torrent->taken,
             sizes[which] < left ? sizes[which] : left);
}

static void torrent_take(struct torrent *torrent)
{
    ssize_t rc = torrent->in.op.kind == FM__OP_RECEIVE
                     ? job_take(&torrent->in, got + torrent->taken)
                     : torrent->in.op.result;
    CHECK(rc > 0);
    torrent->taken += rc > 0 ? (size_t)rc : sizeof big;
}

static void torrent_run(struct torrent *torrent)
{
    bool writing = true;
    torrent_write(torrent);
    torrent_ask(torrent);
    while (torrent->taken < sizeof big) {
        if (writing && torrent->out.order != 0) {
            CHECK(torrent->out.op.result > 0);
            torrent->sent += (size_t)torrent->out.op.result;
            writing = torrent->sent < sizeof big;
            if (writing)
                torrent_write(torrent);
        } else if (torrent->in.order != 0) {
            torrent_take(torrent);
            if (torrent->taken < sizeof big)
                torrent_ask(torrent);
        } else {
            rig_turn(&torrent->rig);
        }
    }
}

TEST(a_torrent_comes_through_reads_and_receives_of_all_sizes)
{
    static struct torrent torrent;
    big_fill();
    for (uint64_t seed = test_seed(1); seed < test_seed(1) + 8; seed++) {
        memset(&torrent, 0, sizeof torrent);
        torrent.chance = seed;
        rig_open(&torrent.rig);
        if (seed % 2 == 0)
            rig_pair(&torrent.rig, FM__PAIR_PIPE, torrent.fds);
        else
            rig_connect(&torrent.rig, torrent.fds);
        torrent_run(&torrent);
        CHECK(memcmp(big, got, sizeof big) == 0);
        rig_close_pair(&torrent.rig, torrent.fds);
        rig_close(&torrent.rig);
    }
}

/* ---- Ends --------------------------------------------------------------- */

TEST(a_cancelled_receive_takes_nothing)
{
    struct rig rig;
    struct job job, next;
    int fds[2];
    rig_open(&rig);
    for (int i = 0; i < 2; i++) {
        rig_pair(&rig, kinds[i], fds);
        for (int looks = 0; looks < 2; looks++) {
            job_receive(&rig, &job, fds[0]);
            job_receive(&rig, &next, fds[0]);
            for (int look = 0; look < looks; look++)
                rig_rest(&rig);
            CHECK_INT(job_cancel(&job), -ECANCELED);
            CHECK_INT(rig_write(&rig, fds[1], "x", 1), 1);
            CHECK_INT(job_take(&next, got), 1);
            CHECK_INT(got[0], 'x');
        }
        rig_close_pair(&rig, fds);
    }
    rig_close(&rig);
}

TEST(a_receive_that_is_cancelled_too_late_keeps_its_bytes)
{
    struct rig rig;
    struct job job;
    int fds[2];
    rig_open(&rig);
    for (int i = 0; i < 20; i++) {
        rig_connect(&rig, fds);
        job_receive(&rig, &job, fds[0]);
        rig_rest(&rig);
        CHECK_INT(rig_write_all(&rig, fds[1], "abcd", 4), 0);
        fm__op_cancel(&rig.loop, &job.op);
        ssize_t sum = job_take(&job, got);
        CHECK(sum > 0 || sum == -ECANCELED);
        for (sum = sum > 0 ? sum : 0; sum < 4;)
            sum += rig_receive(&rig, fds[0], got + sum);
        CHECK(memcmp(got, "abcd", 4) == 0);
        rig_close_pair(&rig, fds);
    }
    rig_close(&rig);
}

/* The loop would not close if a buffer were left with anybody. */
TEST(bytes_that_nobody_took_go_with_their_descriptor)
{
    struct rig rig;
    struct job job;
    int fds[2];
    rig_open(&rig);
    for (int i = 0; i < 3; i++) {
        rig_connect(&rig, fds);
        job_receive(&rig, &job, fds[0]);
        rig_rest(&rig);
        CHECK_INT(rig_write_all(&rig, fds[1], big, 60000), 0);
        CHECK(job_take(&job, got) > 0);
        rig_rest(&rig);
        rig_close_pair(&rig, fds);
    }
    rig_close(&rig);
}

/* ---- The pool runs dry -------------------------------------------------- */

enum {
    CROWD = 300 /* more than a world may keep for itself */
};

/* All the buffers that there can be, but for those the world has taken. */
static struct fm__buffer *pool_drain(struct rig *rig)
{
    struct fm__buffer *taken = NULL, *buffer;
    rig->loop.buffers.most = rig->loop.buffers.made + CROWD;
    while ((buffer = fm__buffer_take(&rig->loop.buffers)) != NULL) {
        buffer->next = taken;
        taken = buffer;
    }
    return taken;
}

static void pool_fill(struct rig *rig, struct fm__buffer *taken)
{
    while (taken != NULL) {
        struct fm__buffer *next = taken->next;
        fm__buffer_give(&rig->loop.buffers, taken);
        taken = next;
    }
}

static size_t crowd_waits(const struct job *jobs)
{
    size_t waits = 0;
    for (int i = 0; i < CROWD; i++)
        waits += jobs[i].order == 0;
    return waits;
}

TEST(whoever_finds_no_buffer_waits_until_one_comes_back)
{
    struct rig rig;
    static struct job jobs[CROWD];
    static int fds[CROWD][2];
    rig_open(&rig);
    struct fm__buffer *taken = pool_drain(&rig);
    for (int i = 0; i < CROWD; i++) {
        rig_pair(&rig, FM__PAIR_SOCKET, fds[i]);
        job_receive(&rig, &jobs[i], fds[i][0]);
        CHECK_INT(rig_write(&rig, fds[i][1], "x", 1), 1);
    }
    rig_rest(&rig);
    CHECK(crowd_waits(jobs) > 0);
    pool_fill(&rig, taken);
    for (int i = 0; i < CROWD; i++) {
        CHECK_INT(job_take(&jobs[i], got), 1);
        rig_close_pair(&rig, fds[i]);
    }
    rig_close(&rig);
}

/* One buffer serves everybody, one after the other. */
TEST(a_single_buffer_goes_round)
{
    struct rig rig;
    static struct job jobs[CROWD];
    static int fds[CROWD][2];
    rig_open(&rig);
    struct fm__buffer *taken = pool_drain(&rig);
    struct fm__buffer *rest = taken->next;
    for (int i = 0; i < CROWD; i++) {
        rig_pair(&rig, FM__PAIR_SOCKET, fds[i]);
        job_receive(&rig, &jobs[i], fds[i][0]);
        CHECK_INT(rig_write(&rig, fds[i][1], "x", 1), 1);
    }
    fm__buffer_give(&rig.loop.buffers, taken);
    for (size_t served = 0; served < CROWD;) {
        rig_turn(&rig);
        for (int i = 0; i < CROWD; i++) {
            if (jobs[i].order == 0 || jobs[i].op.buffer == NULL)
                continue;
            CHECK_INT(job_take(&jobs[i], got), 1);
            jobs[i].op.buffer = NULL;
            served++;
        }
    }
    for (int i = 0; i < CROWD; i++)
        rig_close_pair(&rig, fds[i]);
    pool_fill(&rig, rest);
    rig_close(&rig);
}

/* What it needs the buffer for, the next may do without. */
TEST(a_read_behind_a_hungry_receive_goes_on_when_that_is_cancelled)
{
    struct rig rig;
    struct job hungry, read;
    int fds[2];
    char c = '.';
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    struct fm__buffer *taken = pool_drain(&rig);
    CHECK_INT(rig_write(&rig, fds[1], "x", 1), 1);
    job_receive(&rig, &hungry, fds[0]);
    job_read(&rig, &read, fds[0], &c, 1);
    rig_rest(&rig);
    ssize_t rc = job_cancel(&hungry);
    CHECK(rc == 1 || rc == -ECANCELED);
    if (rc == 1) {
        CHECK_INT(job_take(&hungry, got), 1);
        CHECK_INT(job_cancel(&read), -ECANCELED);
    } else {
        CHECK_INT(job_wait(&read), 1);
        CHECK_INT(c, 'x');
    }
    pool_fill(&rig, taken);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(a_descriptor_may_be_closed_that_was_hungry)
{
    struct rig rig;
    struct job hungry;
    int fds[2];
    rig_open(&rig);
    struct fm__buffer *taken = pool_drain(&rig);
    for (int i = 0; i < 3; i++) {
        rig_pair(&rig, FM__PAIR_SOCKET, fds);
        CHECK_INT(rig_write(&rig, fds[1], "x", 1), 1);
        job_receive(&rig, &hungry, fds[0]);
        rig_rest(&rig);
        fm__op_cancel(&rig.loop, &hungry.op);
        job_take(&hungry, got);
        rig_close_pair(&rig, fds);
    }
    pool_fill(&rig, taken);
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    job_receive(&rig, &hungry, fds[0]);
    rig_rest(&rig);
    CHECK_INT(hungry.order, 0);
    CHECK_INT(rig_write(&rig, fds[1], "y", 1), 1);
    CHECK_INT(job_take(&hungry, got), 1);
    CHECK_INT(got[0], 'y');
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

static void close_with_a_buffer_lent(void *arg)
{
    struct rig rig;
    (void)arg;
    rig_open(&rig);
    fm__buffer_take(&rig.loop.buffers);
    fm__loop_close(&rig.loop);
}

TEST(closing_a_loop_that_has_lent_a_buffer_aborts)
{
    CHECK_DIES(close_with_a_buffer_lent, NULL, "closed with 1 buffers lent");
}
