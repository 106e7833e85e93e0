/*
 * test_turmoil.c - everything at once, by a seed
 *
 * Connections on which reads, receives, writes, vectors and polls are started
 * and cancelled at random, finished by halves, reset, closed and made anew.
 * Whatever happens, each operation completes once, what arrives is what was
 * sent, in its order, and nothing is left when the loop closes.
 */
#include "rig.h"

#include <sys/epoll.h>

enum {
    WIRES = 12,
    READERS = 2, /* that wait on one side at a time */
    PERIOD = 251,
    MOST = 60000
};

/* One end of a connection; the parts and bytes stay where they are while an
 * operation has them. */
struct side {
    int fd;
    bool finished;
    size_t sent, got;
    struct job in[READERS], out, poll;
    struct iovec parts[3];
    char bufs[READERS][MOST];
};

struct turmoil {
    struct rig rig;
    uint64_t chance;
    struct side sides[WIRES][2];
    unsigned completions;
    struct sockaddr_in at;
    int listener;
};

static char pattern[MOST + PERIOD];
static char lent[FM__BUFFER_SIZE];

static uint64_t turmoil_draw(struct turmoil *turmoil, uint64_t below)
{
    return test_random(&turmoil->chance) % below;
}

static bool busy(const struct job *job)
{
    return job->rig != NULL;
}

/* ---- What must hold ------------------------------------------------------ */

static bool explained(ssize_t rc)
{
    return rc >= 0 || rc == -ECANCELED || rc == -ECONNRESET || rc == -EPIPE;
}

static void side_check(struct side *side, const char *bytes, size_t count)
{
    CHECK(memcmp(bytes, pattern + side->got % PERIOD, count) == 0);
    side->got += count;
}

static void side_read(struct turmoil *turmoil, struct side *side, int which)
{
    struct job *job = &side->in[which];
    ssize_t rc = job->op.result;
    CHECK(explained(rc));
    job->rig = NULL;
    turmoil->completions++;
    if (rc <= 0)
        return;
    if (job->op.kind == FM__OP_READ) {
        side_check(side, side->bufs[which], (size_t)rc);
        return;
    }
    job->rig = &turmoil->rig;
    CHECK_INT(job_take(job, lent), rc);
    job->rig = NULL;
    side_check(side, lent, (size_t)rc);
}

/* Those that have completed, in the order in which they did. */
static void side_harvest(struct turmoil *turmoil, struct side *side)
{
    for (int round = 0; round < READERS; round++) {
        int first = -1;
        for (int i = 0; i < READERS; i++) {
            const struct job *job = &side->in[i];
            if (busy(job) && job->order != 0 &&
                (first < 0 || job->order < side->in[first].order))
                first = i;
        }
        if (first >= 0)
            side_read(turmoil, side, first);
    }
    if (busy(&side->out) && side->out.order != 0) {
        CHECK(explained(side->out.op.result));
        side->sent += side->out.op.result > 0 ? (size_t)side->out.op.result : 0;
        side->out.rig = NULL;
        turmoil->completions++;
    }
    if (busy(&side->poll) && side->poll.order != 0) {
        CHECK(explained(side->poll.op.result));
        side->poll.rig = NULL;
        turmoil->completions++;
    }
}

/* ---- What happens -------------------------------------------------------- */

static void side_listen(struct turmoil *turmoil, struct side *side)
{
    int which = (int)turmoil_draw(turmoil, READERS);
    struct job *job = &side->in[which];
    if (busy(job))
        return;
    if (turmoil_draw(turmoil, 2) == 0)
        job_receive(&turmoil->rig, job, side->fd);
    else
        job_read(&turmoil->rig, job, side->fd, side->bufs[which],
                 1 + turmoil_draw(turmoil,
                                  turmoil_draw(turmoil, 3) == 0 ? MOST : 100));
}

static void side_speak(struct turmoil *turmoil, struct side *side)
{
    const char *from = pattern + side->sent % PERIOD;
    size_t most = turmoil_draw(turmoil, 3) == 0 ? MOST : 100;
    size_t third = 1 + turmoil_draw(turmoil, most / 3);
    if (busy(&side->out) || side->finished)
        return;
    if (turmoil_draw(turmoil, 2) == 0) {
        job_write(&turmoil->rig, &side->out, side->fd, from, third);
        return;
    }
    for (size_t i = 0; i < FM__COUNT(side->parts); i++) {
        side->parts[i].iov_base = (void *)(uintptr_t)(from + i * third);
        side->parts[i].iov_len = third;
    }
    job_writev(&turmoil->rig, &side->out, side->fd, side->parts, 3);
}

static void side_watch(struct turmoil *turmoil, struct side *side)
{
    static const uint32_t events[] = {EPOLLIN, EPOLLOUT, EPOLLIN | EPOLLOUT};
    if (!busy(&side->poll))
        job_poll(&turmoil->rig, &side->poll, side->fd,
                 events[turmoil_draw(turmoil, FM__COUNT(events))]);
}

static void side_finish(struct turmoil *turmoil, struct side *side)
{
    struct fm__loop *loop = &turmoil->rig.loop;
    int rc = loop->backend->shutdown(loop, side->fd);
    CHECK(rc == 0 || rc == -ENOTCONN);
    side->finished = true;
}

static void side_cancel(struct turmoil *turmoil, struct side *side)
{
    struct job *jobs[] = {&side->in[0], &side->in[1], &side->out, &side->poll};
    struct job *job = jobs[turmoil_draw(turmoil, FM__COUNT(jobs))];
    if (busy(job))
        fm__op_cancel(&turmoil->rig.loop, &job->op);
}

static void side_stop(struct turmoil *turmoil, struct side *side)
{
    struct job *jobs[] = {&side->in[0], &side->in[1], &side->out, &side->poll};
    for (size_t i = 0; i < FM__COUNT(jobs); i++) {
        if (busy(jobs[i]))
            fm__op_cancel(&turmoil->rig.loop, &jobs[i]->op);
    }
    for (size_t i = 0; i < FM__COUNT(jobs); i++) {
        if (busy(jobs[i]))
            job_wait(jobs[i]);
    }
    side_harvest(turmoil, side);
}

static void wire_open(struct turmoil *turmoil, struct side *sides)
{
    int fds[2];
    struct job connect, accept;
    if (turmoil_draw(turmoil, 2) == 0) {
        rig_pair(&turmoil->rig, FM__PAIR_SOCKET, fds);
    } else {
        fds[0] = rig_socket(&turmoil->rig);
        job_accept(&turmoil->rig, &accept, turmoil->listener);
        job_connect(&turmoil->rig, &connect, fds[0], &turmoil->at);
        CHECK_INT(job_wait(&connect), 0);
        fds[1] = (int)job_wait(&accept);
        CHECK(fds[1] >= 0);
    }
    for (int i = 0; i < 2; i++) {
        sides[i].fd = fds[i];
        sides[i].finished = false;
        sides[i].sent = sides[i].got = 0;
    }
}

static void wire_close(struct turmoil *turmoil, struct side *sides)
{
    struct fm__loop *loop = &turmoil->rig.loop;
    int first = (int)turmoil_draw(turmoil, 2);
    for (int i = 0; i < 2; i++) {
        struct side *side = &sides[i == 0 ? first : !first];
        side_stop(turmoil, side);
        if (turmoil_draw(turmoil, 3) == 0)
            CHECK_INT(loop->backend->linger(loop, side->fd), 0);
        rig_close_fd(&turmoil->rig, side->fd);
        if (turmoil_draw(turmoil, 2) == 0)
            rig_look(&turmoil->rig);
    }
    for (int i = 0; i < 2; i++)
        CHECK(sides[i].got <= sides[!i].sent);
}

static void turmoil_look(struct turmoil *turmoil)
{
    if (test_simulated() && turmoil_draw(turmoil, 2) == 0)
        rig_sleep(&turmoil->rig, 500000);
    else
        rig_look(&turmoil->rig);
    for (int i = 0; i < WIRES; i++) {
        side_harvest(turmoil, &turmoil->sides[i][0]);
        side_harvest(turmoil, &turmoil->sides[i][1]);
    }
}

static void turmoil_step(struct turmoil *turmoil)
{
    struct side *sides = turmoil->sides[turmoil_draw(turmoil, WIRES)];
    struct side *side = &sides[turmoil_draw(turmoil, 2)];
    side_harvest(turmoil, side);
    uint64_t what = turmoil_draw(turmoil, 100);
    if (what < 30)
        side_listen(turmoil, side);
    else if (what < 60)
        side_speak(turmoil, side);
    else if (what < 68)
        side_watch(turmoil, side);
    else if (what < 78)
        side_cancel(turmoil, side);
    else if (what < 80)
        side_finish(turmoil, side);
    else if (what > 81)
        turmoil_look(turmoil);
    else {
        wire_close(turmoil, sides);
        wire_open(turmoil, sides);
    }
}

static unsigned turmoil_run(uint64_t seed, size_t steps)
{
    static struct turmoil turmoil;
    memset(&turmoil, 0, sizeof turmoil);
    turmoil.chance = seed;
    CHECK_INT(fm__loop_open(&turmoil.rig.loop, test_backend(), seed), 0);
    turmoil.listener = rig_listen(&turmoil.rig, &turmoil.at);
    for (int i = 0; i < WIRES; i++)
        wire_open(&turmoil, turmoil.sides[i]);
    for (size_t step = 0; step < steps; step++)
        turmoil_step(&turmoil);
    for (int i = 0; i < WIRES; i++)
        wire_close(&turmoil, turmoil.sides[i]);
    rig_close_fd(&turmoil.rig, turmoil.listener);
    rig_close(&turmoil.rig);
    return turmoil.completions;
}

TEST(nothing_is_lost_in_a_turmoil)
{
    unsigned completions = 0;
    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = (char)(i % PERIOD);
    for (uint64_t seed = test_seed(1); seed < test_seed(1) + 20; seed++)
        completions += turmoil_run(seed, test_many(5000));
    CHECK(completions > 20 * test_many(5000) / 5);
}
