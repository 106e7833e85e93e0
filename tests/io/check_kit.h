/*
 * check_kit.h - what the promises of check_stream.h are made of
 */
#ifndef TESTS_IO_CHECK_KIT_H
#define TESTS_IO_CHECK_KIT_H

#include "io/check_stream.h"

#include <errno.h>
#include <string.h>

/* Runs the body as a main task, in the simulated world with so many seeds;
 * whatever is reported meanwhile is a failure. */
void check_run(void (*body)(void), unsigned seeds);

/* What is told of a reset here; where it looks like an end, that which the
 * end is told by. */
int check_lost(int end);

/* From which end a flow begins that might go either way. */
int check_way(int from);

/* Of the points of a cut, every how many are tried: each in the simulator,
 * some where every run pauses for real, few where all is slow. */
uint64_t check_stride(void);

/* Of the carrier under test; fails the test where there is none. */
void check_pair(fm_stream *ends[2], const fm_stream_options *options);
void check_close_pair(fm_stream *ends[2]);

/* Until everything that can happen by itself has happened. */
void check_rest(void);
/* Long enough for that; in seconds. */
double check_span(void);

/* The endless sequence that tests send: the bytes from an offset on, of which
 * CHECK_PATTERN are in one piece. */
#define CHECK_PATTERN 65521 /* a prime, so that chunks do not repeat */
const char *check_pattern(uint64_t offset);
/* Whether they are the `size` bytes at that offset, of any size. */
bool check_is_pattern(const char *bytes, size_t size, uint64_t offset);

/* Tasks: one writes the sequence in chunks, one reads it so and compares. */
struct check_sender {
    fm_stream *stream;
    uint64_t size;
    size_t chunk;
};
int check_sender(struct check_sender *self);

struct check_receiver {
    fm_stream *stream;
    uint64_t size; /* UINT64_MAX: up to the end */
    size_t chunk;
    uint64_t *received; /* or NULL */
};
int check_receiver(struct check_receiver *self);

/* From ends[from] to the other, in these chunks; whole and in order. */
struct check_flow {
    fm_stream **ends;
    int from;
    uint64_t size;
    size_t written;
    size_t read;
};
int check_flow(struct check_flow *self);

/* More than whatever carries the bytes has room for, written in pieces and
 * without a wait, to a stream with these options. */
#define CHECK_FLOOD 2000000
extern const fm_stream_options check_flooded;
void check_flood(fm_stream *stream);

/* Writes all of a text, which has to be taken. */
void check_say(fm_stream *stream, const char *bytes, size_t size);
/* The next bytes of the stream are these. */
void check_hear(fm_stream *stream, const char *bytes, size_t size);

/* Writes the parts of a text up to and from a place, resting between. */
struct check_split {
    fm_stream *stream;
    const char *bytes;
    size_t size;
    size_t at;
};
int check_split(struct check_split *self);

#endif
