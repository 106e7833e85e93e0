/*
 * test_vectors.c - many parts that leave in one operation
 */
#include "rig.h"

#include <limits.h>
#include <signal.h>

static const enum fm__pair_kind kinds[] = {FM__PAIR_PIPE, FM__PAIR_SOCKET};

static char big[3000000];
static char got[sizeof big];

static struct iovec part(const void *bytes, size_t size)
{
    return (struct iovec){.iov_base = (void *)(uintptr_t)bytes,
                          .iov_len = size};
}

/* What is left of the parts when `moved` bytes of them are gone. */
static struct iovec *parts_after(struct iovec *parts, size_t *count,
                                 size_t moved)
{
    while (moved > 0) {
        size_t step = parts->iov_len < moved ? parts->iov_len : moved;
        parts->iov_base = (char *)parts->iov_base + step;
        parts->iov_len -= step;
        moved -= step;
        if (parts->iov_len > 0)
            break;
        parts++;
        --*count;
    }
    return parts;
}

static ssize_t rig_writev_all(struct rig *rig, int fd, struct iovec *parts,
                              size_t count)
{
    while (count > 0) {
        struct job job;
        job_writev(rig, &job, fd, parts, count);
        ssize_t rc = job_wait(&job);
        if (rc <= 0)
            return rc < 0 ? rc : -ENODATA;
        parts = parts_after(parts, &count, (size_t)rc);
    }
    return 0;
}

TEST(parts_arrive_as_one_in_their_order)
{
    struct rig rig;
    int fds[2];
    rig_open(&rig);
    for (int i = 0; i < 2; i++) {
        struct iovec parts[] = {part("hold", 4), part(" ", 1), part("here", 4),
                                part("!", 1)};
        rig_pair(&rig, kinds[i], fds);
        CHECK_INT(rig_writev_all(&rig, fds[1], parts, 4), 0);
        CHECK_INT(rig_read_all(&rig, fds[0], got, 10), 0);
        CHECK(memcmp(got, "hold here!", 10) == 0);
        rig_close_pair(&rig, fds);
    }
    rig_close(&rig);
}

TEST(parts_may_be_empty)
{
    struct rig rig;
    struct job job;
    int fds[2];
    struct iovec parts[] = {part(NULL, 0), part("a", 1), part(NULL, 0),
                            part(NULL, 0), part("b", 1)};
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    job_writev(&rig, &job, fds[1], parts, 5);
    CHECK_INT(job_wait(&job), 2);
    CHECK_INT(rig_read_all(&rig, fds[0], got, 2), 0);
    CHECK(memcmp(got, "ab", 2) == 0);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(more_parts_than_the_kernel_takes_are_not_refused)
{
    enum {
        COUNT = IOV_MAX + 500
    };
    struct rig rig;
    int fds[2];
    static struct iovec parts[COUNT];
    rig_open(&rig);
    for (int i = 0; i < 2; i++) {
        rig_pair(&rig, kinds[i], fds);
        for (int j = 0; j < COUNT; j++)
            parts[j] = part(&"0123456789"[j % 10], 1);
        CHECK_INT(rig_writev_all(&rig, fds[1], parts, COUNT), 0);
        CHECK_INT(rig_read_all(&rig, fds[0], got, COUNT), 0);
        for (int j = 0; j < COUNT; j++)
            CHECK_INT(got[j], '0' + j % 10);
        rig_close_pair(&rig, fds);
    }
    rig_close(&rig);
}

/* Parts of all sizes, far more than any buffer holds. */
static size_t parts_of_big(struct iovec *parts, size_t most)
{
    uint64_t chance = test_seed(1);
    size_t count = 0, from = 0;
    while (from < sizeof big) {
        size_t size = (size_t)(test_random(&chance) % 40000);
        if (size > sizeof big - from || count + 1 == most)
            size = sizeof big - from;
        parts[count++] = part(big + from, size);
        from += size;
    }
    return count;
}

static void flood(struct rig *rig, const int *fds)
{
    struct job in, out;
    static struct iovec all[300];
    struct iovec *parts = all;
    size_t count = parts_of_big(parts, FM__COUNT(all)), taken = 0;
    job_writev(rig, &out, fds[1], parts, count);
    job_read(rig, &in, fds[0], got, sizeof got);
    while (taken < sizeof got) {
        if (count > 0 && out.order != 0) {
            CHECK(out.op.result > 0);
            parts = parts_after(parts, &count, (size_t)out.op.result);
            if (count > 0)
                job_writev(rig, &out, fds[1], parts, count);
        } else if (in.order != 0) {
            CHECK(in.op.result > 0);
            taken += (size_t)in.op.result;
            if (taken < sizeof got)
                job_read(rig, &in, fds[0], got + taken, sizeof got - taken);
        } else {
            rig_turn(rig);
        }
    }
}

TEST(parts_that_do_not_fit_are_written_as_far_as_they_go)
{
    struct rig rig;
    int fds[2];
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (char)(i * 2654435761U >> 13);
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    flood(&rig, fds);
    CHECK(memcmp(big, got, sizeof big) == 0);
    rig_close_pair(&rig, fds);
    memset(got, 0, sizeof got);
    rig_connect(&rig, fds);
    flood(&rig, fds);
    CHECK(memcmp(big, got, sizeof big) == 0);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(vectors_and_writes_wait_in_one_order)
{
    struct rig rig;
    struct job full, jobs[3];
    struct iovec parts[] = {part("b", 1), part("c", 1)};
    int fds[2];
    size_t held = 0;
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    do {
        job_write(&rig, &full, fds[1], big, 4096);
        rig_rest(&rig);
        held += full.order != 0 ? (size_t)full.op.result : 4096;
    } while (full.order != 0);
    job_write(&rig, &jobs[0], fds[1], "a", 1);
    job_writev(&rig, &jobs[1], fds[1], parts, 2);
    job_write(&rig, &jobs[2], fds[1], "d", 1);
    CHECK_INT(rig_read_all(&rig, fds[0], got, held), 0);
    CHECK_INT(rig_read_all(&rig, fds[0], got, 4), 0);
    CHECK(memcmp(got, "abcd", 4) == 0);
    CHECK_INT(job_wait(&full), 4096);
    CHECK_INT(job_wait(&jobs[0]), 1);
    CHECK_INT(job_wait(&jobs[1]), 2);
    CHECK_INT(job_wait(&jobs[2]), 1);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(parts_for_a_closed_peer_fail_and_send_no_signal)
{
    struct rig rig;
    struct job job;
    struct iovec parts[] = {part("x", 1), part("y", 1)};
    int fds[2];
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    rig_close_fd(&rig, fds[1]);
    job_writev(&rig, &job, fds[0], parts, 2);
    ssize_t rc = job_wait(&job);
    CHECK(rc == -EPIPE || rc == -ECONNRESET);
    rig_close_fd(&rig, fds[0]);

    void (*old)(int) = signal(SIGPIPE, SIG_IGN);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    rig_close_fd(&rig, fds[0]);
    job_writev(&rig, &job, fds[1], parts, 2);
    CHECK_INT(job_wait(&job), -EPIPE);
    rig_close_fd(&rig, fds[1]);
    signal(SIGPIPE, old);
    rig_close(&rig);
}

TEST(what_cannot_be_written_to_refuses_parts_too)
{
    struct rig rig;
    struct job job;
    struct iovec parts[] = {part("x", 1), part("y", 1)};
    int fds[2];
    rig_open(&rig);
    job_writev(&rig, &job, -1, parts, 2);
    CHECK_INT(job_wait(&job), -EBADF);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    job_writev(&rig, &job, fds[0], parts, 2);
    CHECK_INT(job_wait(&job), -EBADF);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}
