/*
 * datagrams.h - datagram sockets of this machine, for stories about them
 */
#ifndef TESTS_NET_DATAGRAMS_H
#define TESTS_NET_DATAGRAMS_H

#include "task/story.h"

#include <errno.h>
#include <stdlib.h>

/* At a port that the system chose. */
static inline fm_udp *udp_at(const char *address, fm_address *own,
                             const fm_udp_options *options)
{
    fm_udp *udp = NULL;
    CHECK_INT(fm_udp_open(address, &udp, options), 0);
    if (udp == NULL)
        abort();
    CHECK_INT(fm_udp_local(udp, own), 0);
    return udp;
}

static inline fm_udp *udp_here(fm_address *own)
{
    return udp_at("127.0.0.1:0", own, NULL);
}

/* Two sockets that are connected to each other. */
static inline void udp_pair(fm_udp *ends[2])
{
    fm_address own[2];
    ends[0] = udp_here(&own[0]);
    ends[1] = udp_here(&own[1]);
    CHECK_INT(fm_udp_connect(ends[0], &own[1]), 0);
    CHECK_INT(fm_udp_connect(ends[1], &own[0]), 0);
}

static inline void udp_part(fm_udp *ends[2])
{
    fm_udp_close(ends[0]);
    fm_udp_close(ends[1]);
}

static inline bool udp_same(const fm_address *a, const fm_address *b)
{
    char left[FM_ADDRESS_TEXT], right[FM_ADDRESS_TEXT];
    return strcmp(fm_address_format(a, left), fm_address_format(b, right)) == 0;
}

static inline void check_sends(fm_udp *udp, const char *text,
                               const fm_address *to)
{
    CHECK_INT(fm_udp_send(udp, text, strlen(text), to), 0);
}

static inline void check_hears(fm_udp *udp, const char *text)
{
    char heard[64] = "";
    CHECK_INT(fm_udp_receive(udp, heard, sizeof heard - 1, NULL), strlen(text));
    CHECK(strcmp(heard, text) == 0);
}

/* An address where nobody receives. */
static inline fm_address udp_nowhere(void)
{
    fm_address gone;
    fm_udp_close(udp_here(&gone));
    return gone;
}

/* A task that receives one and notes what it was: its size, or the error. */
struct hearer {
    fm_udp *udp;
    ssize_t *size;
    char *text;
};

static inline int hearer(struct hearer *self)
{
    *self->size = fm_udp_receive(self->udp, self->text, 32, NULL);
    return *self->size < 0 ? (int)*self->size : 0;
}

/* Until all that was started waits. */
static inline void udp_rest(void)
{
    for (int i = 0; i < 8; i++)
        CHECK_INT(fm_sleep(test_simulated() ? 0.01 : 0), 0);
}

#endif
