/*
 * h2_play.h - the other side of a connection of HTTP/2, frame by frame
 *
 * It plays a script. A line that begins with ">" is a frame that is said, see
 * h2_words.h; or "> raw HEX", which is bytes. One that begins with "<" waits
 * until such a frame was heard that no line has waited for yet:
 *
 *     < HEADERS 1 200 end        of a stream, with a status, and its last one
 *     < GOAWAY 0 PROTOCOL_ERROR|FRAME_SIZE_ERROR    and then the end
 *     < reply 1 200              a head and the end of the stream
 *     < body 1 5                 so many bytes of a body, and no more
 *     < error 1 PROTOCOL_ERROR   of the stream or of the whole connection
 *     < alive                    a ping is answered
 *     < none HEADERS 1           was heard so far
 *
 * In the end no error may be left that nobody has waited for.
 */
#ifndef TESTS_H2_PLAY_H
#define TESTS_H2_PLAY_H

#include "http/h2_words.h"
#include "task/story.h"

#include <fermata.h>
#include <nghttp2/nghttp2.h>

enum {
    H2_HEARD = 32768, /* frames that are kept */
    H2_BLOCK = 1 << 17
};

/* A frame that was heard. */
struct h2_frame {
    uint32_t size;
    uint32_t stream;
    uint32_t number; /* of an error, of an increment, of bytes of data */
    uint32_t last;   /* of a GOAWAY */
    uint16_t status; /* of a head; 0: trailers */
    uint8_t type;
    uint8_t flags;
    bool taken; /* it was waited for */
};

struct h2_play {
    fm_http_handler handler; /* NULL: h2_answer */
    void *arg;
    fm_http_serve_options options;
    size_t piece; /* bytes that are said at a time; 0: all of a line */
    bool serves;  /* a client is at the other end */
    bool bare;    /* no preface and no settings are said for the script */
    bool floods;  /* errors that nobody has waited for are none of its */
    bool deaf;    /* it hears nothing before h2_hear */
    /* what came of it */
    int result;     /* of the server */
    bool over;      /* the server has ended */
    bool failed;    /* and it plays no more */
    bool ended;     /* nothing more will be heard */
    unsigned asked; /* handlers that have begun, of h2_answer */
    unsigned most;  /* of those, at once */
    unsigned running;
    uint32_t limit; /* of streams, as the server has said; 0: it has not */
    /* its own */
    const char *rule; /* what it is about */
    const char *line;
    fm_stream *ends[2]; /* ours, the server's */
    fm_task *server;
    fm_task *hearing;
    fm_event heard;
    fm_event leave; /* what waits at "/wait" waits for */
    nghttp2_hd_inflater *inflater;
    size_t block_size;
    uint32_t block_stream;
    unsigned block_flags; /* of the frame that began it */
    bool says;            /* bytes of a frame, between which there are none */
    size_t later_size;    /* of acknowledgements, behind them */
    size_t frames_count;
    struct h2_frame frames[H2_HEARD];
    uint8_t later[1024];
    uint8_t block[H2_BLOCK];
    struct h2_frame_bytes said;
    uint8_t payload[H2_PAYLOAD];
};

/* A promise, and the script that shows it. */
struct h2_row {
    const char *rule;
    const char *script;
};

/* A server of the handler's at the other end of a memory pair; or where the
 * first end is there already, whoever has the other. */
void h2_open(struct h2_play *play);
/* The lines of a script, which is a format of printf; fails the test where the
 * server does not say what it should within a minute. */
void h2_play(struct h2_play *play, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Hears from now on, where it was deaf. */
void h2_hear(struct h2_play *play);
/* Leaves in order; until the server has ended. */
void h2_close(struct h2_play *play);

/* Bytes of bodies that were heard of a stream. */
size_t h2_heard_body(const struct h2_play *play, uint32_t stream);
/* Frames of a type that were heard. */
size_t h2_heard_count(const struct h2_play *play, unsigned type);

/* Says bytes, between which nothing else is said. */
void h2_say(struct h2_play *play, const uint8_t *bytes, size_t size);
/* Fails once, and says what was heard last; the rest is not played. */
void h2_fail(struct h2_play *play, const char *why);

/* Each row on a connection of its own, all at once and byte by byte. */
void h2_rows(const struct h2_row *rows, size_t count);
#define H2_ROWS(rows) h2_rows((rows), sizeof(rows) / sizeof *(rows))

/* Takes all of the body and says "hello"; "/big" is 200,000 bytes, "/wait"
 * waits for the event, "/late" answers before it reads and "/deaf" never
 * does. arg is the play. */
int h2_answer(fm_exchange *exchange, void *arg);

#endif
