/*
 * test_loop_faults.c - the loop's own floor when memory, calls or operations
 * fail: the k-th, for every k, once and from then on
 *
 * A scenario returns what went wrong or 0. Whatever it was, nothing may hang,
 * be touched after its end, or be left: the harness compares the ledger.
 */
#include "harness.h"

#include "base/fault.h"
#include "loop/rig.h"

#include <sys/epoll.h>

enum {
    PATIENCE = 200,
    SEEDS = 12
};

/* Waits so long as anything can still come of it, and then cancels: where
 * every call fails, no event is ever seen. */
static ssize_t settle(struct job *job)
{
    struct rig *rig = job->rig;
    int patience = test_simulated() ? 200 : 20;
    for (int turn = 0; job->order == 0 && turn < patience; turn++) {
        if (fm__fault_plan->from_then_on && turn > 3)
            rig_look(rig);
        else
            rig_sleep(rig, 100000);
    }
    return job->order != 0 ? job->op.result : job_cancel(job);
}

/* What is open, so that whoever fails can close all of it. */
struct estate {
    struct rig rig;
    int fds[4];
    struct job accept, connect, read, write, poll, receive;
    struct sockaddr_in at;
};

static int estate_open(struct estate *estate, uint64_t seed)
{
    memset(estate, 0, sizeof *estate);
    for (size_t i = 0; i < FM__COUNT(estate->fds); i++)
        estate->fds[i] = -1;
    return fm__loop_open(&estate->rig.loop, test_backend(), seed);
}

/* What a receive has brought and nobody has looked at. */
static void estate_give(struct estate *estate)
{
    struct fm__op *op = &estate->receive.op;
    if (estate->receive.rig == NULL || op->result <= 0)
        return;
    fm__buffer_give(&estate->rig.loop.buffers, op->buffer);
    op->result = 0;
}

static void estate_close(struct estate *estate)
{
    struct job *jobs[] = {&estate->accept, &estate->connect, &estate->read,
                          &estate->write,  &estate->poll,    &estate->receive};
    for (size_t i = 0; i < FM__COUNT(jobs); i++) {
        if (jobs[i]->rig != NULL)
            job_cancel(jobs[i]);
    }
    estate_give(estate);
    if (estate->accept.rig != NULL && estate->fds[2] < 0)
        estate->fds[2] = (int)estate->accept.op.result;
    for (size_t i = 0; i < FM__COUNT(estate->fds); i++) {
        if (estate->fds[i] >= 0)
            rig_close_fd(&estate->rig, estate->fds[i]);
    }
    rig_close(&estate->rig);
}

/* ---- Scenarios ----------------------------------------------------------- */

static ssize_t converse(struct estate *estate, int from, int to)
{
    struct rig *rig = &estate->rig;
    char buf[64] = "";
    job_poll(rig, &estate->poll, to, EPOLLIN);
    job_read(rig, &estate->read, to, buf, sizeof buf);
    job_write(rig, &estate->write, from, "hold here", 9);
    ssize_t rc = settle(&estate->write);
    if (rc < 0)
        return rc;
    ssize_t got = settle(&estate->read);
    if (got < 0)
        return got;
    CHECK(got <= rc && memcmp(buf, "hold here", (size_t)got) == 0);
    rc = settle(&estate->poll);
    return rc < 0 && rc != -ECANCELED ? rc : 0;
}

/* In parts, to one who receives, until one side has finished. */
static ssize_t lecture(struct estate *estate, int from, int to)
{
    static const struct iovec parts[] = {{(void *)(uintptr_t)"hold ", 5},
                                         {(void *)(uintptr_t)"here", 4}};
    struct rig *rig = &estate->rig;
    job_receive(rig, &estate->receive, to);
    job_writev(rig, &estate->write, from, parts, 2);
    ssize_t sent = settle(&estate->write);
    ssize_t got = settle(&estate->receive);
    if (got > 0 && sent >= 0) {
        struct fm__buffer *buffer = estate->receive.op.buffer;
        CHECK(got <= sent && fm__buffer_count(buffer) == (size_t)got);
        CHECK(memcmp(buffer->bytes + buffer->start, "hold here", (size_t)got) ==
              0);
    }
    estate_give(estate);
    if (sent < 0 || got < 0)
        return sent < 0 ? sent : got;
    int rc = rig->loop.backend->shutdown(&rig->loop, from);
    if (rc < 0)
        return rc;
    for (; got < sent; got += estate->receive.op.result) {
        job_receive(rig, &estate->receive, to);
        ssize_t more = settle(&estate->receive);
        if (more <= 0)
            return more < 0 ? more : -EIO;
        estate->receive.op.result = 0;
        fm__buffer_give(&rig->loop.buffers, estate->receive.op.buffer);
        got += more;
    }
    job_receive(rig, &estate->receive, to);
    return settle(&estate->receive);
}

static ssize_t lecture_story(struct estate *estate)
{
    struct fm__loop *loop = &estate->rig.loop;
    int fds[2];
    ssize_t rc = loop->backend->pair(loop, FM__PAIR_SOCKET, fds);
    if (rc < 0)
        return rc;
    memcpy(estate->fds, fds, sizeof fds);
    rc = lecture(estate, fds[1], fds[0]);
    return rc < 0 ? rc : loop->backend->linger(loop, fds[0]);
}

/* Given away and taken back; a failure must leave it with one of the two. */
static ssize_t adoption_story(struct estate *estate)
{
    struct fm__loop *loop = &estate->rig.loop;
    int fds[2];
    ssize_t rc = loop->backend->pair(loop, FM__PAIR_SOCKET, fds);
    if (rc < 0)
        return rc;
    memcpy(estate->fds, fds, sizeof fds);
    job_poll(&estate->rig, &estate->poll, fds[0], EPOLLIN);
    settle(&estate->poll);
    loop->backend->forget(loop, fds[0]);
    rc = loop->backend->adopt(loop, fds[0]);
    if (rc < 0) { /* nobody holds it now, and a real close will not know */
        fm__hold(FM__HELD_DESCRIPTORS, !test_simulated());
        return rc;
    }
    return converse(estate, fds[1], fds[0]);
}

static ssize_t pair_story(struct estate *estate)
{
    struct fm__loop *loop = &estate->rig.loop;
    for (int i = 0; i < 2; i++) {
        enum fm__pair_kind kind = i == 0 ? FM__PAIR_PIPE : FM__PAIR_SOCKET;
        int fds[2];
        ssize_t rc = loop->backend->pair(loop, kind, fds);
        if (rc < 0)
            return rc;
        memcpy(&estate->fds[2 * i], fds, sizeof fds);
        rc = converse(estate, fds[1], fds[0]);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static ssize_t listen_somewhere(struct estate *estate)
{
    struct fm__loop *loop = &estate->rig.loop;
    struct sockaddr *addr = (struct sockaddr *)&estate->at;
    socklen_t size = sizeof estate->at;
    estate->at.sin_family = AF_INET;
    estate->at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int rc = estate->fds[0] = rig_socket(&estate->rig);
    if (rc < 0)
        return rc;
    rc = loop->backend->listen(loop, estate->fds[0], addr, size);
    return rc < 0 ? rc
                  : loop->backend->address(loop, estate->fds[0], addr, &size);
}

static ssize_t connection_story(struct estate *estate)
{
    struct rig *rig = &estate->rig;
    ssize_t rc = listen_somewhere(estate);
    if (rc < 0)
        return rc;
    estate->fds[1] = rig_socket(rig);
    if (estate->fds[1] < 0)
        return estate->fds[1];
    job_accept(rig, &estate->accept, estate->fds[0]);
    job_connect(rig, &estate->connect, estate->fds[1], &estate->at);
    rc = settle(&estate->connect);
    if (rc < 0)
        return rc;
    estate->fds[2] = (int)settle(&estate->accept);
    if (estate->fds[2] < 0)
        return estate->fds[2];
    return converse(estate, estate->fds[1], estate->fds[2]);
}

/* Many descriptors, so that the tables of both worlds grow. */
static ssize_t crowd_story(struct estate *estate)
{
    enum {
        PAIRS = 40
    };
    struct fm__loop *loop = &estate->rig.loop;
    struct job jobs[PAIRS];
    int fds[PAIRS][2], count = 0;
    ssize_t rc = 0;
    char c;
    while (count < PAIRS && rc == 0) {
        rc = loop->backend->pair(loop, FM__PAIR_PIPE, fds[count]);
        if (rc == 0) {
            job_read(&estate->rig, &jobs[count], fds[count][0], &c, 1);
            count++;
        }
    }
    for (int i = 0; i < count; i++) {
        ssize_t ended = job_cancel(&jobs[i]);
        if (rc == 0 && ended != -ECANCELED)
            rc = ended;
        rig_close_pair(&estate->rig, fds[i]);
    }
    return rc;
}

static const struct story {
    const char *name;
    ssize_t (*run)(struct estate *estate);
} stories[] = {
    {"pair", pair_story},         {"connection", connection_story},
    {"crowd", crowd_story},       {"lecture", lecture_story},
    {"adoption", adoption_story},
};

/* ---- The sweep ----------------------------------------------------------- */

static ssize_t tell(const struct story *story, uint64_t seed,
                    struct fm__fault_plan *plan)
{
    static struct estate estate;
    fm__fault_plan = plan;
    ssize_t rc = estate_open(&estate, seed);
    if (rc == 0) {
        rc = story->run(&estate);
        estate_close(&estate);
    }
    fm__fault_plan = NULL;
    return rc;
}

static uint64_t descriptors(void)
{
    return fm__atomic_load(&fm__ledger[FM__HELD_DESCRIPTORS]);
}

/* The injected error, or a cancel for want of events; or nothing, where the
 * loop could do without. */
static bool explained(ssize_t rc, const struct fm__fault_plan *plan)
{
    return rc == 0 || rc == -ECANCELED || rc == -ENOMEM || rc == plan->error;
}

static void sweep(enum fm__door door, const struct fm__fault_plan *like,
                  uint64_t seed)
{
    for (size_t i = 0; i < FM__COUNT(stories); i++) {
        uint64_t before = descriptors(), k = 0;
        struct fm__fault_plan plan;
        do {
            plan = *like;
            plan.fail_at[door] = ++k;
            ssize_t rc = tell(&stories[i], seed, &plan);
            if (explained(rc, &plan) && descriptors() == before)
                continue;
            test_fail(__FILE__, __LINE__,
                      "%s, seed %llu: door %d, k %llu, then on %d: %zd",
                      stories[i].name, (unsigned long long)seed, door,
                      (unsigned long long)k, plan.from_then_on, rc);
            return;
        } while (plan.passed[door] >= k);
        CHECK(k > 1);
    }
}

static void sweep_seeds(enum fm__door door, int error)
{
    uint64_t first = test_seed(1);
    uint64_t seeds = test_simulated() ? test_many(SEEDS) : 1;
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        for (int forever = 0; forever < 2; forever++) {
            struct fm__fault_plan plan = {.error = error,
                                          .from_then_on = forever};
            sweep(door, &plan, seed);
        }
    }
}

TEST(nothing_hangs_or_leaks_when_memory_fails)
{
    sweep_seeds(FM__DOOR_MEMORY, 0);
}

TEST(nothing_hangs_or_leaks_when_a_system_call_fails)
{
    sweep_seeds(FM__DOOR_SYSTEM, -ENOMEM);
}

TEST(nothing_hangs_or_leaks_when_an_operation_fails)
{
    sweep_seeds(FM__DOOR_OPERATION, -EIO);
}

TEST(without_faults_every_story_ends_well)
{
    for (size_t i = 0; i < FM__COUNT(stories); i++) {
        struct fm__fault_plan plan = {0};
        CHECK_INT(tell(&stories[i], test_seed(1), &plan), 0);
    }
}
