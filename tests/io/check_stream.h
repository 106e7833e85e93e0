/*
 * check_stream.h - what every stream promises, whatever carries it
 *
 * A carrier joins two streams. CHECK_STREAM(over_tcp, &tcp) makes a test of
 * each promise, called over_tcp_bytes_come_in_the_order_they_were_sent and so
 * on. In the simulated world each is tried with many seeds.
 */
#ifndef TESTS_IO_CHECK_STREAM_H
#define TESTS_IO_CHECK_STREAM_H

#include "harness.h"

#include <fermata.h>

struct check_carrier {
    /* Two ends that are joined, for the running task; NULL is the default of
     * the options. 0 or -errno. */
    int (*pair)(fm_stream *ends[2], const fm_stream_options *options);
    bool resets;  /* the peer can tell an abort from an end */
    bool one_way; /* from ends[0] to ends[1]; nothing is reset */
    bool dear;    /* each pair takes a handshake */
    int cut_off;  /* what it is told of an end that was not said; 0: nothing */
};

/* Keeps a promise to itself: it runs programs of its own. */
void check_stream(void (*promise)(void), const struct check_carrier *carrier);

#define CHECK_STREAM(over, carrier)                                            \
    CHECK_STREAM_PROMISES(CHECK_STREAM_TEST, over, carrier)

/* Those of them that need one direction: ends[1] reads what ends[0] writes. */
#define CHECK_STREAM_ONE_WAY(over, carrier)                                    \
    CHECK_STREAM_ONE_WAY_PROMISES(CHECK_STREAM_TEST, over, carrier)

#define CHECK_STREAM_TEST(promise, over, carrier)                              \
    TEST(over##_##promise)                                                     \
    {                                                                          \
        check_stream(check_##promise, carrier);                                \
    }

#define CHECK_STREAM_PROMISES(X, over, carrier)                                \
    CHECK_STREAM_ONE_WAY_PROMISES(X, over, carrier)                            \
    X(both_directions_flow_at_once, over, carrier)                             \
    X(many_streams_flow_at_once, over, carrier)                                \
    X(half_closed_each_way_the_other_goes_on, over, carrier)                   \
    X(an_abort_is_a_reset, over, carrier)                                      \
    X(a_close_with_unread_bytes_leaves_nobody_waiting, over, carrier)

/* From ends[0] to ends[1] alone. */
#define CHECK_STREAM_ONE_WAY_PROMISES(X, over, carrier)                        \
    X(each_size_arrives_whole, over, carrier)                                  \
    X(each_chunk_written_is_read_in_any_chunks, over, carrier)                 \
    X(mebibytes_arrive_whole, over, carrier)                                   \
    X(an_exact_read_takes_all_or_nothing, over, carrier)                       \
    X(a_text_is_found_at_every_boundary, over, carrier)                        \
    X(a_text_beyond_the_limit_stays, over, carrier)                            \
    X(lines_come_without_their_ends, over, carrier)                            \
    X(a_line_beyond_the_limit_stays, over, carrier)                            \
    X(a_peek_lends_and_a_consume_takes, over, carrier)                         \
    X(the_first_of_several_texts_ends_a_read, over, carrier)                   \
    X(what_is_put_back_is_read_first, over, carrier)                           \
    X(a_vector_is_filled_in_order, over, carrier)                              \
    X(a_vector_is_written_as_a_whole, over, carrier)                           \
    X(a_format_arrives_as_printf_makes_it, over, carrier)                      \
    X(formats_take_turns_and_are_made_at_once, over, carrier)                  \
    X(a_part_of_a_file_arrives_whole, over, carrier)                           \
    X(a_file_is_one_write_among_others, over, carrier)                         \
    X(a_file_that_is_shorter_says_so, over, carrier)                           \
    X(a_file_cut_in_the_middle_says_how_much_was_sent, over, carrier)          \
    X(who_sends_a_file_to_a_closed_end_is_told, over, carrier)                 \
    X(calls_in_any_order_read_the_same_bytes, over, carrier)                   \
    X(a_close_sends_what_was_written, over, carrier)                           \
    X(a_close_that_is_cut_skips_the_rest, over, carrier)                       \
    X(who_writes_to_a_closed_end_is_told, over, carrier)                       \
    X(a_writer_waits_for_a_slow_reader, over, carrier)                         \
    X(writers_take_turns_in_order_and_as_a_whole, over, carrier)               \
    X(a_flush_waits_until_all_is_taken, over, carrier)                         \
    X(a_cut_write_says_how_much_was_accepted, over, carrier)                   \
    X(a_reader_cancelled_anywhere_loses_nothing, over, carrier)                \
    X(a_writer_cancelled_anywhere_repeats_nothing, over, carrier)              \
    X(a_reader_that_times_out_loses_nothing, over, carrier)

#define CHECK_STREAM_DECLARE(promise, over, carrier) void check_##promise(void);
CHECK_STREAM_PROMISES(CHECK_STREAM_DECLARE, over, carrier)

#endif
