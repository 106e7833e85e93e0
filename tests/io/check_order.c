/*
 * check_order.c - promises: all bytes, once, in order, whatever the chunks
 */
#include "io/check_kit.h"

#include <stdlib.h>

/* The sizes to be tried: all small ones, then powers of two and next to. */
static size_t order_size(unsigned index)
{
    if (index < 20)
        return index + 1;
    index -= 20;
    return ((size_t)32 << index / 3) + index % 3 - 1;
}

static void order_each_size(void)
{
    fm_stream *ends[2];
    check_pair(ends, NULL);
    for (unsigned i = 0; order_size(i) <= 131073; i++) {
        size_t size = order_size(i);
        CHECK_INT(fm_await(fm_go(check_flow, ends, 0, size, size, 65536)), 0);
    }
    check_close_pair(ends);
}

void check_each_size_arrives_whole(void)
{
    check_run(order_each_size, 5);
}

static void order_chunks(void)
{
    static const size_t chunks[] = {1,     2,     3,     7,     64,
                                    1000,  4095,  4097,  16383, 16384,
                                    16385, 32768, 65537, 100000};
    const unsigned count = sizeof chunks / sizeof chunks[0];
    fm_stream *ends[2];
    check_pair(ends, NULL);
    for (unsigned i = 0; i < count * count; i++) {
        size_t w = chunks[i / count], r = chunks[i % count];
        size_t size = 3 * (w > r ? w : r) + 1;
        size_t most = 500 * (w < r ? w : r);
        CHECK_INT(fm_await(fm_go(check_flow, ends, check_way((int)i % 2),
                                 size < most ? size : most, w, r)),
                  0);
    }
    check_close_pair(ends);
}

void check_each_chunk_written_is_read_in_any_chunks(void)
{
    check_run(order_chunks, 2);
}

static size_t order_mebibytes;

static void order_many(void)
{
    fm_stream *ends[2];
    uint64_t size = (uint64_t)order_mebibytes << 20;
    check_pair(ends, NULL);
    CHECK_INT(fm_await(fm_go(check_flow, ends, 0, size, 1000000, 1 << 18)), 0);
    CHECK_INT(
        fm_await(fm_go(check_flow, ends, check_way(1), size / 8, 5000, 30000)),
        0);
    check_close_pair(ends);
}

static void order_send(size_t count)
{
    order_mebibytes = count;
    check_run(order_many, 1);
}

void check_mebibytes_arrive_whole(void)
{
    order_send(getenv("FERMATA_SOAK") != NULL ? 1024 : test_many(64));
}

static void order_both(void)
{
    fm_stream *ends[2];
    uint64_t size = 1000000;
    check_pair(ends, NULL);
    CHECK_INT(fm_gather(fm_go(check_flow, ends, 0, size, 3001, 50000),
                        fm_go(check_flow, ends, 1, size, 70000, 999)),
              0);
    check_close_pair(ends);
}

void check_both_directions_flow_at_once(void)
{
    check_run(order_both, 5);
}

struct order_one {
    size_t chunk;
};

static int order_one(struct order_one *self)
{
    fm_stream *ends[2];
    uint64_t size = 30000;
    check_pair(ends, NULL);
    int rc = fm_gather(fm_go(check_flow, ends, 0, size, self->chunk, 4096),
                       fm_go(check_flow, ends, 1, size, 4096, self->chunk));
    check_close_pair(ends);
    return rc;
}

static void order_streams(void)
{
    int rc;
    FM_GROUP(group, rc) {
        for (size_t i = 0; rc == 0 && i < 40; i++)
            rc = fm_group_go(group, order_one, 100 + 131 * i);
    }
    CHECK_INT(rc, 0);
}

void check_many_streams_flow_at_once(void)
{
    check_run(order_streams, 5);
}
