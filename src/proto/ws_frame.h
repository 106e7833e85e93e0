/*
 * ws_frame.h - the frames of a WebSocket (RFC 6455, 5)
 *
 * Bytes in, bytes out. What a frame means for the one before it, a continuation
 * or a message in a message, is for its reader to know.
 */
#ifndef FM_PROTO_WS_FRAME_H
#define FM_PROTO_WS_FRAME_H

#include "proto/slice.h"

#include <sys/types.h>

enum {
    FM__WS_HEAD = 14,    /* bytes of a head, at most */
    FM__WS_CONTROL = 125 /* bytes of a control frame's payload, at most */
};

enum fm__ws_opcode {
    FM__WS_CONTINUATION = 0,
    FM__WS_TEXT = 1,
    FM__WS_BINARY = 2,
    FM__WS_CLOSE = 8,
    FM__WS_PING = 9,
    FM__WS_PONG = 10
};

struct fm__ws_frame {
    uint64_t size; /* of the payload */
    uint8_t opcode;
    bool last;       /* of its message */
    bool compressed; /* RSV1, as permessage-deflate has it (RFC 7692) */
    bool masked;
    uint8_t mask[4];
};

/*
 * The head of a frame: how many bytes it takes; 0: more are to come; -FM_EWS
 * for what is none: a reserved bit or opcode, a control frame that is not the
 * last or too long, a size of more digits than it needs, or above 2^63 - 1.
 * Whether it may be masked or compressed is for the caller.
 */
ssize_t fm__ws_frame_read(struct fm__ws_frame *frame, const char *bytes,
                          size_t size);

/* The head of a frame, into FM__WS_HEAD bytes: its size. */
size_t fm__ws_frame_write(const struct fm__ws_frame *frame, char *out);

/* Masks bytes, or takes the mask off them; `from` is how many of the payload
 * came before. `to` may be `from_bytes`. */
void fm__ws_mask(const struct fm__ws_frame *frame, uint64_t from, char *to,
                 struct fm__slice bytes);

/* A code that a peer may close with (RFC 6455, 7.4; and its registry). */
bool fm__ws_is_code(unsigned code);

#endif
