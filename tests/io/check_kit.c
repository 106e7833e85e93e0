/*
 * check_kit.c - what the promises of check_stream.h are made of
 */
#include "io/check_kit.h"

#include <stdio.h>
#include <stdlib.h>

static const struct check_carrier *kit_carrier;

void check_stream(void (*promise)(void), const struct check_carrier *carrier)
{
    kit_carrier = carrier;
    promise();
}

static void kit_reported(const fm_report *report, void *arg)
{
    (void)arg;
    test_fail(__FILE__, __LINE__, "reported: %s", report->message);
}

static int kit_main(void *body)
{
    (*(void (**)(void))body)();
    return 0;
}

/* The seed is in the environment, where a replay finds it. */
void check_run(void (*body)(void), unsigned seeds)
{
    const fm_run_options options = {.on_report = kit_reported};
    const char *asked = getenv("FERMATA_SEED");
    char seed[16];
    if (!test_simulated() || asked != NULL)
        seeds = 1;
    seeds = (unsigned)test_many(seeds);
    for (unsigned i = 1; i <= seeds; i++) {
        snprintf(seed, sizeof seed, "%u", i);
        if (asked == NULL)
            setenv("FERMATA_SEED", seed, 1);
        CHECK_INT(fm_run(kit_main, &body, &options), 0);
    }
    if (asked == NULL)
        unsetenv("FERMATA_SEED");
}

int check_lost(int end)
{
    if (kit_carrier->resets || (test_simulated() && !kit_carrier->one_way))
        return -ECONNRESET;
    return kit_carrier->cut_off < 0 ? kit_carrier->cut_off : end;
}

int check_way(int from)
{
    return kit_carrier->one_way ? 0 : from;
}

uint64_t check_stride(void)
{
    if (test_many(50) < 50)
        return kit_carrier->dear ? 50 : 10;
    return test_simulated() ? 1 : 3;
}

void check_pair(fm_stream *ends[2], const fm_stream_options *options)
{
    CHECK_INT(kit_carrier->pair(ends, options), 0);
}

void check_close_pair(fm_stream *ends[2])
{
    CHECK_INT(fm_close(ends[0]), 0);
    CHECK_INT(fm_close(ends[1]), 0);
}

double check_span(void)
{
    bool slow = test_under_tsan() || test_under_valgrind();
    return test_simulated() ? 0.05 : slow ? 0.005 : 0.0005;
}

void check_rest(void)
{
    CHECK_INT(fm_sleep(check_span()), 0);
}

/* Twice, so that from each place on a whole one is in one piece. */
const char *check_pattern(uint64_t offset)
{
    static char table[2 * CHECK_PATTERN];
    if (table[1] == 0) {
        uint64_t state = 1;
        for (size_t i = 0; i < CHECK_PATTERN; i++)
            table[i] = table[i + CHECK_PATTERN] =
                (char)(1 + test_random(&state) % 255);
    }
    return table + offset % CHECK_PATTERN;
}

bool check_is_pattern(const char *bytes, size_t size, uint64_t offset)
{
    for (size_t done = 0; done < size;) {
        size_t left = size - done;
        size_t count = left < CHECK_PATTERN ? left : CHECK_PATTERN;
        if (memcmp(bytes + done, check_pattern(offset + done), count) != 0)
            return false;
        done += count;
    }
    return true;
}

/* A chunk longer than the table is a block of its own. */
static char *kit_chunk(size_t size)
{
    char *bytes = malloc(size);
    if (bytes == NULL)
        abort();
    return bytes;
}

static void kit_fill(char *bytes, size_t size, uint64_t offset)
{
    for (size_t done = 0; done < size;) {
        size_t left = size - done;
        size_t count = left < CHECK_PATTERN ? left : CHECK_PATTERN;
        memcpy(bytes + done, check_pattern(offset + done), count);
        done += count;
    }
}

int check_sender(struct check_sender *self)
{
    char *own = kit_chunk(self->chunk);
    uint64_t sent = 0;
    ssize_t rc = 0;
    while (rc >= 0 && sent < self->size) {
        uint64_t left = self->size - sent;
        size_t count = left < self->chunk ? (size_t)left : self->chunk;
        kit_fill(own, count, sent);
        rc = fm_write(self->stream, own, count);
        if (rc >= 0)
            CHECK_INT(rc, count);
        memset(own, 0, count); /* it is ours again */
        sent += count;
    }
    free(own);
    return rc < 0 ? (int)rc : 0;
}

/* Into memory of exactly that size, so that ASan sees its end. */
int check_receiver(struct check_receiver *self)
{
    char *bytes = kit_chunk(self->chunk);
    uint64_t got = 0;
    ssize_t rc = 1;
    while (rc > 0 && got < self->size) {
        uint64_t left = self->size - got;
        rc = fm_read(self->stream, bytes,
                     left < self->chunk ? (size_t)left : self->chunk);
        if (rc > 0 && !check_is_pattern(bytes, (size_t)rc, got)) {
            test_fail(__FILE__, __LINE__, "wrong bytes after %llu",
                      (unsigned long long)got);
            rc = -EBADMSG;
        }
        got += rc > 0 ? (uint64_t)rc : 0;
    }
    free(bytes);
    if (self->received != NULL)
        *self->received = got;
    if (rc == 0 && self->size != UINT64_MAX)
        return -FM_EEOF;
    return rc < 0 ? (int)rc : 0;
}

int check_flow(struct check_flow *self)
{
    fm_stream *from = self->ends[self->from];
    fm_stream *to = self->ends[!self->from];
    return fm_gather(fm_go(check_sender, from, self->size, self->written),
                     fm_go(check_receiver, to, self->size, self->read, NULL));
}

const fm_stream_options check_flooded = {.high_water = 2 * CHECK_FLOOD,
                                         .send_buffer = 16384,
                                         .receive_buffer = 65536};

void check_flood(fm_stream *stream)
{
    const size_t count = 10000;
    for (uint64_t size = 0; size < CHECK_FLOOD; size += count)
        CHECK_INT(fm_write(stream, check_pattern(size), count), count);
}

void check_say(fm_stream *stream, const char *bytes, size_t size)
{
    CHECK_INT(fm_write(stream, bytes, size), size);
    CHECK_INT(fm_flush(stream), 0);
}

void check_hear(fm_stream *stream, const char *bytes, size_t size)
{
    char *heard = kit_chunk(size + 1);
    size_t got = 0;
    ssize_t rc = 1;
    while (rc > 0 && got < size) {
        rc = fm_read(stream, heard + got, size - got);
        got += rc > 0 ? (size_t)rc : 0;
    }
    CHECK_INT(got, size);
    CHECK(memcmp(heard, bytes, got) == 0);
    free(heard);
}

int check_split(struct check_split *self)
{
    check_rest();
    if (self->at > 0)
        check_say(self->stream, self->bytes, self->at);
    check_rest();
    if (self->at < self->size)
        check_say(self->stream, self->bytes + self->at, self->size - self->at);
    return 0;
}
