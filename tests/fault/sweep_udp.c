/*
 * sweep_udp.c - scenarios: datagrams sent, received, refused and to groups
 */
#include "fault/sweep.h"

#include "harness.h"

#include <string.h>

enum {
    UDP_ROUNDS = 3,
    UDP_FEW = 5
};

static int udp_here(fm_udp **udp, fm_address *own)
{
    static const fm_udp_options told = {.errors = true};
    int rc = fm_udp_open("127.0.0.1:0", udp, &told);
    return rc < 0 ? rc : fm_udp_local(*udp, own);
}

static const char *udp_heard_right(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "a datagram was wrong" : NULL;
}

/* To the group a cancelled member is none that failed; its partner would wait
 * for it. */
static int udp_gone(int rc)
{
    return rc == -ECANCELED ? -ECONNRESET : rc;
}

/* Answers so many questions with what was asked. */
struct oracle {
    fm_udp *udp;
};

static int oracle(struct oracle *self)
{
    void *block;
    int rc = sweep_begin(&block);
    for (int i = 0; rc == 0 && i < UDP_ROUNDS; i++) {
        fm_address from;
        char buf[8];
        ssize_t n = fm_udp_receive(self->udp, buf, sizeof buf, &from);
        rc = n < 0 ? (int)n : fm_udp_send(self->udp, buf, (size_t)n, &from);
    }
    return sweep_end(block, udp_gone(rc));
}

struct pilgrim {
    fm_udp *udp;
    const fm_address *to;
};

static int pilgrim(struct pilgrim *self)
{
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = fm_udp_connect(self->udp, self->to);
    for (int i = 0; rc == 0 && i < UDP_ROUNDS; i++) {
        char heard[8] = "";
        rc = fm_udp_send(self->udp, "who?", 4, NULL);
        if (rc < 0)
            break;
        ssize_t n = fm_udp_receive(self->udp, heard, sizeof heard, NULL);
        sweep_state.noted +=
            n >= 0 && (n != 4 || memcmp(heard, "who?", 4) != 0);
        rc = n < 0 ? (int)n : 0;
    }
    return sweep_end(block, udp_gone(rc));
}

static int udp_asks(void *arg)
{
    fm_udp *one = NULL, *other = NULL;
    fm_address here, there;
    int failed;
    (void)arg;
    int rc = udp_here(&one, &here);
    if (rc == 0)
        rc = udp_here(&other, &there);
    if (rc == 0) {
        FM_GROUP(group, failed) {
            rc = fm_group_go(group, oracle, other);
            if (rc == 0)
                rc = fm_group_go(group, pilgrim, one, &there);
            if (rc < 0)
                break; /* nobody would ask */
        }
        rc = failed < 0 ? failed : rc;
    }
    fm_udp_close(one);
    fm_udp_close(other);
    return rc;
}

/* To itself, all at once; they come by as many calls as it takes. */
static int udp_sends_many(fm_udp *udp, const fm_address *own)
{
    char bytes[UDP_FEW];
    fm_datagram list[UDP_FEW];
    memset(list, 0, sizeof list);
    for (int i = 0; i < UDP_FEW; i++) {
        bytes[i] = (char)i;
        list[i].buf = &bytes[i];
        list[i].size = list[i].room = 1;
        list[i].address = *own;
    }
    ssize_t sent = fm_udp_send_batch(udp, list, UDP_FEW), got = 0, n = 0;
    while (n >= 0 && got < sent) {
        n = fm_udp_receive_batch(udp, list, UDP_FEW);
        for (ssize_t i = 0; i < n; i++, got++)
            sweep_state.noted += *(char *)list[i].buf != (char)got;
    }
    if (sent < 0 || n < 0)
        return sent < 0 ? (int)sent : (int)n;
    return sent < UDP_FEW ? -ECONNRESET : 0;
}

static int udp_batches(void *arg)
{
    fm_udp *udp = NULL;
    fm_address own;
    void *block;
    (void)arg;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = udp_here(&udp, &own);
    if (rc == 0)
        rc = udp_sends_many(udp, &own);
    fm_udp_close(udp);
    return sweep_end(block, rc);
}

static int udp_is_refused(void *arg)
{
    fm_udp *udp = NULL, *gone = NULL;
    fm_address own, nowhere, from;
    char buf[8];
    (void)arg;
    int rc = udp_here(&gone, &nowhere);
    fm_udp_close(gone);
    if (rc == 0)
        rc = udp_here(&udp, &own);
    if (rc == 0)
        rc = fm_udp_send(udp, "anybody?", 8, &nowhere);
    if (rc == 0)
        rc = (int)fm_udp_receive(udp, buf, sizeof buf, &from);
    fm_udp_close(udp);
    return rc;
}

static int udp_joins(void *arg)
{
    static const fm_udp_options options = {.interface = "1"};
    fm_udp *udp = NULL;
    fm_address group;
    (void)arg;
    int rc = fm_address_parse("239.255.77.9:1", &group);
    if (rc == 0)
        rc = fm_udp_open("0.0.0.0:0", &udp, &options);
    if (rc == 0)
        rc = fm_udp_join(udp, &group, "1");
    if (rc == 0)
        rc = fm_udp_leave(udp, &group, "1");
    if (rc == 0)
        rc = sweep_sleep(1);
    fm_udp_close(udp);
    return rc;
}

/* By local sockets, where there are any. */
static int udp_neighbours(void *arg)
{
    const char *place = test_simulated() ? "127.0.0.1:0" : "unix:";
    fm_udp *one = NULL, *other = NULL;
    fm_address there;
    char buf[8];
    (void)arg;
    int rc = fm_udp_open(place, &one);
    if (rc == 0)
        rc = fm_udp_open(place, &other);
    if (rc == 0)
        rc = fm_udp_local(one, &there);
    if (rc == 0)
        rc = fm_udp_connect(other, &there);
    if (rc == 0)
        rc = fm_udp_send(other, "hello", 5, NULL);
    if (rc == 0)
        rc = (int)fm_udp_receive(one, buf, sizeof buf, &there);
    fm_udp_close(other);
    fm_udp_close(one);
    return rc < 0 ? rc : 0;
}

const struct scenario sweep_udp[] = {
    {"udp-ask", udp_asks, .also = {-ECONNRESET}, .wrong = udp_heard_right},
    {"udp-batch", udp_batches, .also = {-ECONNRESET}, .wrong = udp_heard_right},
    {"udp-refused", udp_is_refused, .result = -ECONNREFUSED,
     .also = {-ECONNRESET}},
    {"udp-group", udp_joins, .also = {-ECONNRESET}},
    {"udp-local", udp_neighbours, .also = {-ECONNRESET}},
    {.name = NULL},
};
