/*
 * test_udp_many.c - batches, crowds of receivers, and cuts
 */
#include "net/datagrams.h"

#include "io/check_kit.h"

#include "base/fault.h"
#include "loop/sim_world.h"

enum {
    UDP_SEEDS = 20,
    UDP_CROWD = 10
};

/* ---- Batches ------------------------------------------------------------- */

struct batch {
    fm_datagram list[FM_UDP_BATCH + 1];
    char bytes[FM_UDP_BATCH + 1][16];
};

static void batch_make(struct batch *batch, const fm_address *to)
{
    for (size_t i = 0; i <= FM_UDP_BATCH; i++) {
        fm_datagram *datagram = &batch->list[i];
        memset(datagram, 0, sizeof *datagram);
        datagram->buf = batch->bytes[i];
        datagram->room = sizeof batch->bytes[i];
        if (to != NULL)
            datagram->address = *to;
        int n = snprintf(batch->bytes[i], sizeof batch->bytes[i], "%zu", i);
        datagram->size = (size_t)n;
    }
}

/* As many as there are come, in order, by as many calls as it takes. */
static void batch_take(fm_udp *udp, size_t count, const fm_address *sender)
{
    static struct batch batch;
    char want[16];
    size_t got = 0;
    while (got < count) {
        batch_make(&batch, NULL);
        ssize_t n = fm_udp_receive_batch(udp, batch.list, FM_UDP_BATCH + 1);
        CHECK(n > 0 && n <= FM_UDP_BATCH);
        for (ssize_t i = 0; i < n; i++, got++) {
            int size = snprintf(want, sizeof want, "%zu", got);
            CHECK_INT(batch.list[i].size, size);
            CHECK(memcmp(batch.bytes[i], want, (size_t)size) == 0);
            CHECK(udp_same(&batch.list[i].address, sender));
        }
        if (n <= 0)
            return;
    }
    CHECK_INT(got, count);
}

static void batch_whole(void)
{
    static struct batch batch;
    fm_address here, there;
    fm_udp *one = udp_here(&here), *other = udp_here(&there);
    batch_make(&batch, &there);
    CHECK_INT(fm_udp_send_batch(one, batch.list, FM_UDP_BATCH + 1),
              FM_UDP_BATCH + 1);
    batch_take(other, FM_UDP_BATCH + 1, &here);
    fm_udp_close(one);
    fm_udp_close(other);
}

TEST(a_batch_of_one_more_than_fits_a_call_arrives_in_order)
{
    check_run(batch_whole, UDP_SEEDS);
}

STORY(an_empty_batch_is_nothing)
{
    fm_address own;
    fm_udp *udp = udp_here(&own);
    CHECK_INT(fm_udp_send_batch(udp, NULL, 0), 0);
    CHECK_INT(fm_udp_receive_batch(udp, NULL, 0), 0);
    fm_udp_close(udp);
}

STORY(a_batch_ends_before_what_cannot_be_sent)
{
    static const char large[FM_UDP_SIZE + 1];
    static struct batch batch;
    fm_address own;
    fm_udp *ends[2];
    udp_pair(ends);
    CHECK_INT(fm_udp_local(ends[0], &own), 0);
    batch_make(&batch, NULL);
    batch.list[3].buf = (void *)(uintptr_t)large;
    batch.list[3].size = sizeof large;
    CHECK_INT(fm_udp_send_batch(ends[0], batch.list, 8), 3);
    CHECK_INT(fm_udp_send_batch(ends[0], batch.list + 3, 5), -EMSGSIZE);
    batch_take(ends[1], 3, &own);
    udp_part(ends);
}

STORY(a_batch_tells_what_was_cut_and_what_is_empty)
{
    fm_udp *ends[2];
    char small[4], other[4];
    fm_datagram list[2] = {{.buf = small, .room = sizeof small},
                           {.buf = other, .room = sizeof other}};
    udp_pair(ends);
    check_sends(ends[0], "0123456789", NULL);
    check_sends(ends[0], "", NULL);
    size_t got = 0;
    while (got < 2) {
        ssize_t n = fm_udp_receive_batch(ends[1], list + got, 2 - got);
        CHECK(n > 0);
        got += n > 0 ? (size_t)n : 2;
    }
    CHECK_INT(list[0].size, 10);
    CHECK(memcmp(small, "0123", 4) == 0);
    CHECK_INT(list[1].size, 0);
    udp_part(ends);
}

STORY(a_batch_can_be_sent_back_as_it_came)
{
    fm_address here, there;
    char bytes[2][8];
    fm_datagram list[2] = {{.buf = bytes[0], .room = 8},
                           {.buf = bytes[1], .room = 8}};
    fm_udp *one = udp_here(&here), *other = udp_here(&there);
    check_sends(one, "ping", &there);
    CHECK_INT(fm_udp_receive_batch(other, list, 2), 1);
    CHECK_INT(fm_udp_send_batch(other, list, 1), 1);
    check_hears(one, "ping");
    fm_udp_close(one);
    fm_udp_close(other);
}

/* ---- Crowds -------------------------------------------------------------- */

static void crowd_in_order(void)
{
    fm_udp *ends[2];
    fm_task *tasks[UDP_CROWD];
    ssize_t sizes[UDP_CROWD];
    char texts[UDP_CROWD][32];
    udp_pair(ends);
    for (int i = 0; i < UDP_CROWD; i++)
        tasks[i] = fm_go(hearer, ends[1], &sizes[i], texts[i]);
    udp_rest();
    for (int i = 0; i < UDP_CROWD; i++)
        CHECK_INT(fm_udp_send(ends[0], &(char){(char)('a' + i)}, 1, NULL), 0);
    for (int i = 0; i < UDP_CROWD; i++) {
        CHECK_INT(fm_await(tasks[i]), 0);
        CHECK_INT(sizes[i], 1);
        CHECK_INT(texts[i][0], 'a' + i);
    }
    udp_part(ends);
}

TEST(receivers_are_served_in_the_order_in_which_they_came)
{
    check_run(crowd_in_order, UDP_SEEDS);
}

struct talker {
    fm_udp *udp;
    const fm_address *to;
    int count;
};

static int talker(struct talker *self)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < self->count; i++)
        rc = fm_udp_send(self->udp, "word", 4, self->to);
    return rc;
}

static void crowd_talks(void)
{
    fm_address own;
    char heard[8];
    fm_udp *server = udp_here(&own), *clients[UDP_CROWD];
    int rc;
    FM_GROUP(group, rc) {
        for (int i = 0; i < UDP_CROWD; i++) {
            fm_address unused;
            clients[i] = udp_here(&unused);
            CHECK_INT(fm_group_go(group, talker, clients[i], &own, 10), 0);
        }
        for (int i = 0; i < UDP_CROWD * 10; i++)
            CHECK_INT(fm_udp_receive(server, heard, sizeof heard, NULL), 4);
    }
    CHECK_INT(rc, 0);
    for (int i = 0; i < UDP_CROWD; i++)
        fm_udp_close(clients[i]);
    fm_udp_close(server);
}

TEST(a_crowd_is_heard_by_one)
{
    check_run(crowd_talks, UDP_SEEDS);
}

/* ---- Cuts ---------------------------------------------------------------- */

STORY(a_receiver_that_times_out_goes_on)
{
    fm_udp *ends[2];
    char heard[8];
    int rc;
    udp_pair(ends);
    FM_TIMEOUT(story_span(1), rc) {
        rc = (int)fm_udp_receive(ends[1], heard, sizeof heard, NULL);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    check_sends(ends[0], "late", NULL);
    check_hears(ends[1], "late");
    udp_part(ends);
}

/* Numbers come in, one a call; nobody who is cut has taken one. */
struct counter {
    fm_udp *udp;
    int *next;
};

static int counter(struct counter *self)
{
    for (;;) {
        int heard = -1;
        ssize_t n = fm_udp_receive(self->udp, &heard, sizeof heard, NULL);
        if (n < 0)
            return (int)n;
        CHECK_INT(n, sizeof heard);
        CHECK_INT(heard, *self->next);
        *self->next = heard + 1;
    }
}

static void cut_often(void)
{
    fm_udp *ends[2];
    int next = 0, sent = 0;
    udp_pair(ends);
    for (int round = 0; round < 30; round++) {
        fm_task *task = fm_go(counter, ends[1], &next);
        for (int i = 0; i < round % 4; i++, sent++)
            CHECK_INT(fm_udp_send(ends[0], &sent, sizeof sent, NULL), 0);
        if (round % 3 == 0)
            CHECK_INT(fm_sleep(0), 0);
        CHECK_INT(fm_stop(task), -ECANCELED);
    }
    fm_task *task = fm_go(counter, ends[1], &next);
    while (next < sent)
        CHECK_INT(fm_sleep(0), 0);
    CHECK_INT(fm_stop(task), -ECANCELED);
    udp_part(ends);
}

TEST(a_receiver_that_is_cut_anywhere_loses_nothing)
{
    check_run(cut_often, UDP_SEEDS);
}

STORY(a_cut_sender_sends_nothing)
{
    fm_udp *ends[2];
    int rc;
    udp_pair(ends);
    FM_TIMEOUT(0, rc) {
        rc = fm_udp_send(ends[0], "no", 2, NULL);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    FM_TIMEOUT(0, rc) {
        fm_datagram one = {.buf = "no", .size = 2};
        rc = (int)fm_udp_send_batch(ends[0], &one, 1);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    check_sends(ends[0], "yes", NULL);
    check_hears(ends[1], "yes");
    udp_part(ends);
}

/* ---- Limits of the simulated world --------------------------------------- */

STORY(a_full_inbox_drops_what_comes_next)
{
    fm_udp *ends[2];
    int heard;
    if (!test_simulated())
        return; /* a kernel counts bytes, and keeps its own rules */
    udp_pair(ends);
    for (int i = 0; i <= FM__SIM_INBOX; i++)
        CHECK_INT(fm_udp_send(ends[0], &i, sizeof i, NULL), 0);
    for (int i = 0; i < FM__SIM_INBOX; i++) {
        CHECK_INT(fm_udp_receive(ends[1], &heard, sizeof heard, NULL),
                  sizeof heard);
        CHECK_INT(heard, i);
    }
    check_sends(ends[0], "room again", NULL);
    check_hears(ends[1], "room again");
    udp_part(ends);
}
