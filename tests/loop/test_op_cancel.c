/*
 * test_op_cancel.c - how operations and descriptors end before their time
 */
#include "rig.h"

#include <sys/epoll.h>

static char big[1 << 18];

TEST(a_cancelled_wait_ends_in_a_later_poll_and_takes_nothing)
{
    struct rig rig;
    struct job job, next;
    int fds[2];
    char buf[4] = "....";
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    job_read(&rig, &job, fds[0], buf, 4);
    job_read(&rig, &next, fds[0], buf, 1);
    fm__op_cancel(&rig.loop, &job.op);
    CHECK_INT(job.order, 0);
    CHECK_INT(job.op.state, FM__OP_CANCELLING);
    CHECK_INT(job_wait(&job), -ECANCELED);
    CHECK_INT(job.op.state, FM__OP_DONE);
    CHECK(memcmp(buf, "....", 4) == 0);
    CHECK_INT(rig_write(&rig, fds[1], "x", 1), 1);
    CHECK_INT(job_wait(&next), 1);
    CHECK_INT(buf[0], 'x');
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

TEST(a_cancel_asked_for_twice_is_one_cancel)
{
    struct rig rig;
    struct job job;
    int fds[2];
    char c;
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    job_read(&rig, &job, fds[0], &c, 1);
    fm__op_cancel(&rig.loop, &job.op);
    fm__op_cancel(&rig.loop, &job.op);
    CHECK_INT(job_wait(&job), -ECANCELED);
    fm__op_cancel(&rig.loop, &job.op);
    rig_rest(&rig);
    CHECK_INT(job.op.result, -ECANCELED);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

/* ---- Every kind ---------------------------------------------------------- */

struct stage {
    struct rig rig;
    struct sockaddr_in at;
    int listener;
    int fds[2];      /* fds[0] cannot be written to any more */
    struct job full; /* the write that waits there */
    struct job job;
    char c;
};

static void stage_open(struct stage *stage)
{
    memset(stage, 0, sizeof *stage);
    rig_open(&stage->rig);
    stage->listener = rig_listen(&stage->rig, &stage->at);
    rig_pair(&stage->rig, FM__PAIR_SOCKET, stage->fds);
    do {
        job_write(&stage->rig, &stage->full, stage->fds[0], big, sizeof big);
        rig_rest(&stage->rig);
    } while (stage->full.order != 0);
}

static void stage_close(struct stage *stage)
{
    CHECK_INT(job_cancel(&stage->full), -ECANCELED);
    rig_close_pair(&stage->rig, stage->fds);
    rig_close_fd(&stage->rig, stage->listener);
    rig_close(&stage->rig);
}

static void stage_accept(struct stage *stage)
{
    job_accept(&stage->rig, &stage->job, stage->listener);
}

static void stage_poll(struct stage *stage)
{
    job_poll(&stage->rig, &stage->job, stage->fds[0], EPOLLIN);
}

static void stage_read(struct stage *stage)
{
    job_read(&stage->rig, &stage->job, stage->fds[0], &stage->c, 1);
}

static void stage_receive(struct stage *stage)
{
    job_receive(&stage->rig, &stage->job, stage->fds[0]);
}

static void stage_write(struct stage *stage)
{
    job_write(&stage->rig, &stage->job, stage->fds[0], &stage->c, 1);
}

static void stage_writev(struct stage *stage)
{
    static const struct iovec parts[] = {{big, 1}, {big, 1}};
    job_writev(&stage->rig, &stage->job, stage->fds[0], parts, 2);
}

static void (*const stage_kinds[])(struct stage *stage) = {
    stage_accept,  stage_poll,  stage_read,
    stage_receive, stage_write, stage_writev,
};

/* Before the loop has looked, after it has, and after it has rested. */
TEST(every_kind_of_operation_can_be_cancelled)
{
    static struct stage stage;
    stage_open(&stage);
    for (size_t kind = 0; kind < FM__COUNT(stage_kinds); kind++) {
        for (int looks = 0; looks < 3; looks++) {
            stage_kinds[kind](&stage);
            for (int i = 0; i < looks; i++)
                looks == 1 ? rig_look(&stage.rig) : rig_rest(&stage.rig);
            CHECK_INT(stage.job.order, 0);
            CHECK_INT(job_cancel(&stage.job), -ECANCELED);
        }
    }
    stage_close(&stage);
}

/* Its own completion, once, whatever else is asked of the descriptor. */
TEST(many_of_each_kind_are_cancelled_in_any_order)
{
    enum {
        COUNT = 24
    };
    static struct stage stage;
    static struct job jobs[COUNT];
    uint64_t chance = test_seed(1);
    stage_open(&stage);
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < COUNT; i++) {
            uint64_t kind = test_random(&chance) % 3;
            if (kind == 0)
                job_receive(&stage.rig, &jobs[i], stage.fds[0]);
            else if (kind == 1)
                job_read(&stage.rig, &jobs[i], stage.fds[0], &stage.c, 1);
            else
                job_poll(&stage.rig, &jobs[i], stage.fds[0], EPOLLIN);
        }
        for (int left = COUNT; left > 0;) {
            struct job *job = &jobs[test_random(&chance) % COUNT];
            if (job->op.state != FM__OP_PENDING)
                continue;
            fm__op_cancel(&stage.rig.loop, &job->op);
            left--;
            if (test_random(&chance) % 4 == 0)
                rig_look(&stage.rig);
        }
        for (int i = 0; i < COUNT; i++)
            CHECK_INT(job_wait(&jobs[i]), -ECANCELED);
    }
    stage_close(&stage);
}

/* What comes between two cancels goes to the one that was left. */
TEST(bytes_go_to_the_one_reader_that_was_not_cancelled)
{
    enum {
        COUNT = 5
    };
    struct rig rig;
    struct job jobs[COUNT];
    int fds[2];
    char bufs[COUNT];
    rig_open(&rig);
    rig_connect(&rig, fds);
    for (int left = 0; left < COUNT; left++) {
        memset(bufs, '.', sizeof bufs);
        for (int i = 0; i < COUNT; i++)
            job_read(&rig, &jobs[i], fds[0], &bufs[i], 1);
        for (int i = 0; i < COUNT; i++) {
            if (i != left)
                fm__op_cancel(&rig.loop, &jobs[i].op);
        }
        rig_rest(&rig);
        CHECK_INT(rig_write(&rig, fds[1], "x", 1), 1);
        CHECK_INT(job_wait(&jobs[left]), 1);
        for (int i = 0; i < COUNT; i++) {
            CHECK_INT(job_wait(&jobs[i]), i == left ? 1 : -ECANCELED);
            CHECK_INT(bufs[i], i == left ? 'x' : '.');
        }
    }
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

/* In the kernel's hands, or done already: both are answers. */
TEST(a_cancelled_connect_ends_with_its_result_or_as_cancelled)
{
    struct rig rig;
    struct sockaddr_in at;
    struct job job;
    rig_open(&rig);
    int listener = rig_listen(&rig, &at), fd = rig_socket(&rig);
    job_connect(&rig, &job, fd, &at);
    ssize_t rc = job_cancel(&job);
    CHECK(rc == 0 || rc == -ECANCELED);
    rig_close_fd(&rig, fd);
    rig_close_fd(&rig, listener);
    rig_close(&rig);
}

TEST(a_cancelled_read_that_had_its_bytes_may_keep_them)
{
    struct rig rig;
    struct job job;
    int fds[2];
    char buf[4];
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_SOCKET, fds);
    job_read(&rig, &job, fds[0], buf, 4);
    rig_rest(&rig);
    CHECK_INT(rig_write_all(&rig, fds[1], "abcd", 4), 0);
    ssize_t rc = job_cancel(&job), got = rc > 0 ? rc : 0;
    CHECK(rc > 0 || rc == -ECANCELED);
    CHECK_INT(rig_read_all(&rig, fds[0], buf + got, 4 - (size_t)got), 0);
    CHECK(memcmp(buf, "abcd", 4) == 0);
    rig_close_pair(&rig, fds);
    rig_close(&rig);
}

/* The next one has the same number, and the old one had an event under way. */
TEST(an_event_of_an_earlier_life_of_a_number_is_ignored)
{
    struct rig rig;
    struct job job;
    int fds[2], again[2];
    char c;
    rig_open(&rig);
    for (int round = 0; round < 3; round++) {
        rig_pair(&rig, FM__PAIR_SOCKET, fds);
        job_read(&rig, &job, fds[0], &c, 1);
        CHECK_INT(job_cancel(&job), -ECANCELED);
        CHECK_INT(rig_write(&rig, fds[1], "x", 1), 1);
        rig_close_pair(&rig, fds);

        rig_pair(&rig, FM__PAIR_SOCKET, again);
        CHECK(again[0] == fds[0] || again[0] == fds[1]);
        job_read(&rig, &job, again[0], &c, 1);
        rig_rest(&rig);
        CHECK_INT(job.order, 0);
        CHECK_INT(rig_write(&rig, again[1], "y", 1), 1);
        CHECK_INT(job_wait(&job), 1);
        CHECK_INT(c, 'y');
        rig_close_pair(&rig, again);
    }
    rig_close(&rig);
}

static void close_under_a_read(void *arg)
{
    struct rig rig;
    struct job job;
    int fds[2];
    char c;
    (void)arg;
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    job_read(&rig, &job, fds[0], &c, 1);
    rig_close_fd(&rig, fds[0]);
}

TEST(closing_a_descriptor_under_an_operation_aborts)
{
    CHECK_DIES(close_under_a_read, NULL, "closed with operations in flight");
}

static void close_under_a_cancel(void *arg)
{
    struct rig rig;
    struct job job;
    int fds[2];
    char c;
    (void)arg;
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    job_read(&rig, &job, fds[0], &c, 1);
    fm__op_cancel(&rig.loop, &job.op);
    rig_close_fd(&rig, fds[0]);
}

TEST(a_cancel_does_not_allow_the_close_before_its_completion)
{
    CHECK_DIES(close_under_a_cancel, NULL, "closed with operations in flight");
}

static void close_loop_under_a_read(void *arg)
{
    struct rig rig;
    struct job job;
    int fds[2];
    char c;
    (void)arg;
    rig_open(&rig);
    rig_pair(&rig, FM__PAIR_PIPE, fds);
    job_read(&rig, &job, fds[0], &c, 1);
    fm__loop_close(&rig.loop);
}

TEST(closing_a_loop_under_an_operation_aborts)
{
    CHECK_DIES(close_loop_under_a_read, NULL, "1 operations in flight");
}
