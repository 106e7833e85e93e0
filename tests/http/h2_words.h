/*
 * h2_words.h - frames of HTTP/2 in words
 *
 * A frame is a line: its type, its stream, and what is in it, from left to
 * right, whether that makes sense or not:
 *
 *     HEADERS 1 end get accept=%2a/%2a      SETTINGS 0 INITIAL_WINDOW_SIZE=1
 *     RST_STREAM 1 CANCEL                   WINDOW_UPDATE 1 .bytes=3
 *
 *   end, ack     the flag 1
 *   open         a block of fields does not end with this frame
 *   name=value   a field as a literal, "%0d" for what cannot be written; a
 *                value of SETTINGS
 *   get, post    the fields that every request has
 *   NAME, 12     four bytes: an error, or a number
 *   .pad=N       the length of what fills up, which comes last; a flag
 *   .prio=N      five bytes of a priority: depends on N; a flag
 *   .bytes=N     so many bytes; .text=T those, .raw=hex these
 *   .field=N     a field "x" with a value of so many bytes
 *   .again=N     so often the field that was kept last
 *   .flags=hex   more flags
 *   .length=N    what the frame's head says, whatever there is
 *   .times=N     so many of it
 *
 * The type may be a number.
 */
#ifndef TESTS_H2_WORDS_H
#define TESTS_H2_WORDS_H

#include <stddef.h>
#include <stdint.h>

enum {
    H2_DATA,
    H2_HEADERS,
    H2_PRIORITY,
    H2_RST_STREAM,
    H2_SETTINGS,
    H2_PUSH_PROMISE,
    H2_PING,
    H2_GOAWAY,
    H2_WINDOW_UPDATE,
    H2_CONTINUATION,
    H2_TYPES
};

enum {
    H2_HEAD = 9,          /* bytes of a frame's head */
    H2_PAYLOAD = 1 << 17, /* bytes that a frame here may have */
    H2_NO_NUMBER = -1,    /* no word for it */
    H2_END = 0x1,         /* flags */
    H2_END_HEADERS = 0x4,
    H2_PADDED = 0x8,
    H2_PRIORITISED = 0x20
};

/* A frame as it is sent. */
struct h2_frame_bytes {
    uint8_t bytes[H2_HEAD + H2_PAYLOAD];
    size_t size;
    size_t times; /* that it is to be sent */
};

/* What begins a connection (RFC 9113, 3.4). */
#define H2_PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

/* A line that makes no sense fails the test. */
void h2_words_write(const char *line, size_t size, struct h2_frame_bytes *to);

/* The number that a word is: of a type, or an error; itself; H2_NO_NUMBER. */
long h2_words_type(const char *word);
long h2_words_number(const char *word);

const char *h2_words_of_type(unsigned type);
/* An error, or "?". */
const char *h2_words_of_error(uint32_t code);

#endif
