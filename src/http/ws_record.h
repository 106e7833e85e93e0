/*
 * ws_record.h - what a WebSocket is
 */
#ifndef FM_HTTP_WS_RECORD_H
#define FM_HTTP_WS_RECORD_H

#include "base/list.h"
#include "http/ws_deflate.h"
#include "proto/utf8.h"
#include "proto/ws_frame.h"

#include <fermata/websocket.h>

enum {
    FM__WS_PROTOCOL = 64 /* bytes of a protocol's name, with the NUL */
};

struct fm_ws {
    fm_stream *stream;     /* borrowed of the exchange, or of the response */
    fm_response *response; /* a client's; or NULL */
    fm_exchange *exchange; /* a server's; or NULL */
    struct fm__list link;  /* in the server's list; in none: a client's */
    double ping;           /* seconds; below 0: never */
    double timeout;        /* the same */
    size_t limit;          /* bytes of a message */
    size_t ratio;          /* times that a large one may grow; 0: any */
    size_t pack_from;      /* bytes that are worth it */
    struct fm__ws_deflate deflate;
    bool client; /* it masks, and its peer does not */

    /* What comes. */
    struct fm__ws_frame frame;
    uint64_t left;  /* bytes of the frame's payload that are still to come */
    bool in_frame;  /* the head of `frame` was read, its end is to come */
    bool in_parts;  /* a message has begun */
    bool in_packed; /* which is compressed */
    bool pinged;    /* and nothing has come since */
    int64_t waited; /* ns for the next word, or for an answer to the ping */
    bool dropping;  /* messages are for nobody */
    bool receiving; /* a task does */
    unsigned fragments;
    enum fm_ws_kind kind;
    struct fm__utf8 utf8;
    char *bytes; /* of the message */
    size_t size;
    size_t room;
    char control[FM__WS_CONTROL]; /* the payload of a control frame */
    int read_error;               /* that fm_ws_receive returns from now on */

    /* What goes. */
    unsigned sending; /* tasks that do */
    bool sending_parts;
    bool sending_packed; /* the message that goes in parts is */
    int write_error;

    bool said;     /* a close was sent */
    bool heard;    /* the peer has closed */
    bool told;     /* and has all that was sent */
    uint16_t owed; /* the code that it should hear; 0: the caller's */
    uint16_t code;
    char reason[FM__WS_CONTROL + 1];
    char protocol[FM__WS_PROTOCOL];
};

/* A WebSocket on a stream on which one was agreed: all but the protocol. NULL
 * without memory. */
fm_ws *fm__ws_new(fm_stream *stream, const fm_ws_options *options, bool client);
/* Says that we are going away, where that need not wait: who is told closes. */
void fm__ws_leave(fm_ws *ws);
/* Frees it without a word. Settles. */
void fm__ws_free(fm_ws *ws);

/* 0 or -EINVAL. */
int fm__ws_check(const fm_ws_options *options);

/* Room for so many bytes more of a message, and a NUL: 0 or -ENOMEM. */
int fm__ws_room(fm_ws *ws, size_t more);

/* Sends one frame, whose opcode, `last` and `compressed` are said: 0, or as
 * fm_ws_send. Suspends. */
int fm__ws_send_frame(fm_ws *ws, struct fm__ws_frame frame,
                      struct fm__slice payload);

/* Sends a close, where none was sent: 0, or as fm_ws_send. Suspends. */
int fm__ws_say_close(fm_ws *ws, unsigned code, struct fm__slice reason);

#endif
