/*
 * test_ops.c - bytes: their order, their end, and who waits for them
 */
#include "rig.h"

#include <signal.h>

static char big[1 << 18];
static const enum fm__pair_kind kinds[] = {FM__PAIR_PIPE, FM__PAIR_SOCKET};

TEST(bytes_arrive_in_the_order_in_which_they_were_written)
{
    struct rig rig;
    int fds[2];
    char buf[16];
    rig_open(&rig);
    for (int i = 0; i < 2; i++) {
        rig_pair(&rig, kinds[i], fds);
        CHECK_INT(rig_write_all(&rig, fds[1], "hold ", 5), 0);
        CHECK_INT(rig_write_all(&rig, fds[1], "here", 4), 0);
        CHECK_INT(rig_read_all(&rig, fds[0], buf, 9), 0);
        CHECK(memcmp(buf, "hold here", 9) == 0);
        rig_close_pair(&rig, fds);
    }
    rig_close(&rig);
}

TEST(a_read_waits_until_something_is_written)
{
    struct rig rig;
    struct job job;
    int fds[2];
    char buf[16];
    rig_open(&rig);
    for (int i = 0; i < 2; i++) {
        rig_pair(&rig, kinds[i], fds);
        job_read(&rig, &job, fds[0], buf, sizeof buf);
        rig_rest(&rig);
        CHECK_INT(job.order, 0);
        CHECK_INT(rig_write(&rig, fds[1], "x", 1), 1);
        CHECK_INT(job_wait(&job), 1);
        CHECK_INT(buf[0], 'x');
        rig_close_pair(&rig, fds);
    }
    rig_close(&rig);
}

TEST(a_second_wait_on_the_same_descriptor_is_woken_too)
{
    struct rig rig;
    struct job job;
    int fds[2];
    char buf[16];
    rig_open(&rig);
    rig_connect(&rig, fds);
    for (char c = 'a'; c < 'f'; c++) {
        job_read(&rig, &job, fds[0], buf, sizeof buf);
        rig_rest(&rig);
        CHECK_INT(job.order, 0);
        CHECK_INT(rig_write(&rig, fds[1], &c, 1), 1);
        CHECK_INT(job_wait(&job), 1);
        CHECK_INT(buf[0], c);
    }
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(a_write_to_a_full_pipe_waits_for_a_reader)
{
    struct rig rig;
    struct job job;
    int fds[2];
    ssize_t held = 0, rc;
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    for (;;) {
        job_write(&rig, &job, fds[1], big, sizeof big);
        rig_rest(&rig);
        if (job.order == 0)
            break;
        held += job.op.result;
    }
    CHECK(held > 0);
    while (held > 0 && (rc = rig_read(&rig, fds[0], big, sizeof big)) > 0)
        held -= rc;
    CHECK(job_wait(&job) > 0);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

/* Both sides have to wait many times before it is through. */
TEST(more_than_any_buffer_holds_comes_through_unchanged)
{
    enum {
        SIZE = 3000000
    };
    struct rig rig;
    struct job in, out;
    size_t sent = 0, taken = 0;
    unsigned char *from = malloc(SIZE), *to = malloc(SIZE);
    int fds[2];
    for (size_t i = 0; i < SIZE; i++)
        from[i] = (unsigned char)(i * 2654435761U >> 13);
    rig_open(&rig);
    rig_connect(&rig, fds);
    job_write(&rig, &out, fds[0], from, SIZE);
    job_read(&rig, &in, fds[1], to, SIZE);
    while (taken < SIZE) {
        if (sent < SIZE && out.order != 0) {
            CHECK(out.op.result > 0);
            sent += (size_t)out.op.result;
            if (sent < SIZE)
                job_write(&rig, &out, fds[0], from + sent, SIZE - sent);
        } else if (in.order != 0) {
            CHECK(in.op.result > 0);
            taken += (size_t)in.op.result;
            if (taken < SIZE)
                job_read(&rig, &in, fds[1], to + taken, SIZE - taken);
        } else {
            rig_turn(&rig);
        }
    }
    CHECK(memcmp(from, to, SIZE) == 0);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
    free(from);
    free(to);
}

TEST(waiting_reads_are_served_in_order)
{
    struct rig rig;
    struct job jobs[3];
    char buf[3] = {0};
    int fds[2];
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    for (int i = 0; i < 3; i++)
        job_read(&rig, &jobs[i], fds[0], &buf[i], 1);
    CHECK_INT(rig_write_all(&rig, fds[1], "abc", 3), 0);
    for (int i = 0; i < 3; i++)
        CHECK_INT(job_wait(&jobs[i]), 1);
    CHECK(jobs[0].order < jobs[1].order && jobs[1].order < jobs[2].order);
    CHECK(memcmp(buf, "abc", 3) == 0);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(waiting_writes_are_served_in_order)
{
    struct rig rig;
    struct job jobs[3];
    int fds[2];
    char buf[8];
    ssize_t held = 0, rc = 1;
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    do {
        job_write(&rig, &jobs[0], fds[1], big, 4096);
        rig_rest(&rig);
        held += jobs[0].order != 0 ? jobs[0].op.result : 0;
    } while (jobs[0].order != 0);
    job_write(&rig, &jobs[1], fds[1], "b", 1);
    job_write(&rig, &jobs[2], fds[1], "c", 1);
    for (held += 4096; held > 0 && rc > 0; held -= rc)
        rc = rig_read(&rig, fds[0], big, held > 4096 ? 4096 : (size_t)held);
    CHECK_INT(rig_read_all(&rig, fds[0], buf, 2), 0);
    CHECK(memcmp(buf, "bc", 2) == 0);
    for (int i = 0; i < 3; i++)
        CHECK(job_wait(&jobs[i]) > 0);
    CHECK(jobs[0].order < jobs[1].order && jobs[1].order < jobs[2].order);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(a_closed_writer_is_the_end_after_what_it_wrote)
{
    struct rig rig;
    int fds[2];
    char buf[8];
    rig_open(&rig);
    for (int i = 0; i < 2; i++) {
        rig_pair(&rig, kinds[i], fds);
        CHECK_INT(rig_write_all(&rig, fds[1], "last", 4), 0);
        rig_close_fd(&rig, fds[1]);
        CHECK_INT(rig_read_all(&rig, fds[0], buf, 4), 0);
        CHECK_INT(rig_read(&rig, fds[0], buf, 4), 0);
        CHECK_INT(rig_read(&rig, fds[0], buf, 4), 0);
        rig_close_fd(&rig, fds[0]);
    }
    rig_close(&rig);
}

TEST(a_waiting_read_sees_its_peer_close)
{
    struct rig rig;
    struct job job;
    int fds[2];
    char buf[8];
    rig_open(&rig);
    for (int i = 0; i < 2; i++) {
        rig_pair(&rig, kinds[i], fds);
        job_read(&rig, &job, fds[0], buf, sizeof buf);
        rig_rest(&rig);
        rig_close_fd(&rig, fds[1]);
        CHECK_INT(job_wait(&job), 0);
        rig_close_fd(&rig, fds[0]);
    }
    rig_close(&rig);
}

/* The end is seen also where it arrived together with the last bytes, and
 * they were fewer than what was asked for. */
TEST(an_end_that_comes_with_the_last_bytes_is_not_missed)
{
    struct rig rig;
    struct job job;
    int fds[2];
    char buf[64];
    rig_open(&rig);
    rig_connect(&rig, fds);
    job_read(&rig, &job, fds[0], buf, sizeof buf);
    rig_rest(&rig);
    CHECK_INT(rig_write_all(&rig, fds[1], "bye", 3), 0);
    rig_close_fd(&rig, fds[1]);
    ssize_t got = job_wait(&job);
    for (ssize_t rc = 1; rc > 0; got += rc) {
        rc = rig_read(&rig, fds[0], buf, sizeof buf);
        CHECK(rc >= 0);
    }
    CHECK_INT(got, 3);
    rig_close_fd(&rig, fds[0]);
    rig_close(&rig);
}

static bool broken(ssize_t rc)
{
    return rc == -EPIPE || rc == -ECONNRESET;
}

TEST(a_write_to_a_closed_peer_fails_and_sends_no_signal)
{
    struct rig rig;
    int fds[2];
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    rig_close_fd(&rig, fds[1]);
    CHECK(broken(rig_write(&rig, fds[0], "x", 1)));
    rig_close_fd(&rig, fds[0]);

    void (*old)(int) = signal(SIGPIPE, SIG_IGN);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    rig_close_fd(&rig, fds[0]);
    CHECK_INT(rig_write(&rig, fds[1], "x", 1), -EPIPE);
    rig_close_fd(&rig, fds[1]);
    if (!test_under_valgrind()) /* which brings it later */
        signal(SIGPIPE, old);
    rig_close(&rig);
}

TEST(a_waiting_write_sees_its_reader_close)
{
    struct rig rig;
    struct job job;
    int fds[2];
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    do {
        job_write(&rig, &job, fds[0], big, sizeof big);
        rig_rest(&rig);
    } while (job.order != 0);
    rig_close_fd(&rig, fds[1]);
    ssize_t rc = job_wait(&job);
    CHECK(rc > 0 || broken(rc));
    rig_close_fd(&rig, fds[0]);
    rig_close(&rig);
}

TEST(bytes_that_nobody_read_reset_the_connection)
{
    struct rig rig;
    int fds[2];
    char buf[8];
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    CHECK_INT(rig_write_all(&rig, fds[0], "lost", 4), 0);
    CHECK_INT(rig_write_all(&rig, fds[1], "ok", 2), 0);
    rig_close_fd(&rig, fds[1]);
    CHECK_INT(rig_read_all(&rig, fds[0], buf, 2), 0);
    CHECK_INT(rig_read(&rig, fds[0], buf, 8), -ECONNRESET);
    CHECK_INT(rig_read(&rig, fds[0], buf, 8), 0);
    rig_close_fd(&rig, fds[0]);
    rig_close(&rig);
}
