/*
 * ws_deflate.h - messages that go and come in fewer bytes (RFC 7692, 7.2)
 */
#ifndef FM_HTTP_WS_DEFLATE_H
#define FM_HTTP_WS_DEFLATE_H

#include "proto/slice.h"
#include "proto/ws_extension.h"

#include <fermata/lock.h>
#include <fermata/websocket.h>

enum {
    FM__WS_TAIL = 4 /* bytes that end every message and are left out */
};

struct fm__ws_deflate {
    bool agreed;
    bool packs;            /* what goes: a window of 8 bits is none of zlib's */
    bool keeps_in;         /* the peer's messages refer to those before */
    bool keeps_out;        /* ours do */
    uint8_t bits;          /* of the window of what goes */
    struct z_stream_s *in; /* during a message; or always */
    struct z_stream_s *out; /* of who keeps */
    fm_lock order;          /* of those who send, and keep */
    char *packed;           /* a message that has come; during that */
    size_t packed_size;
    size_t packed_at; /* so much of it was inflated */
    bool whole;       /* what was inflated ended with a block */
};

/* Whether there is anything to agree on. */
bool fm__ws_deflate_is_there(void);

/* What was agreed on. */
struct fm__ws_habit {
    bool forgets_in; /* each message of the peer's begins anew */
    bool forgets_out;
    uint8_t bits; /* of the window of what goes */
};
void fm__ws_deflate_open(struct fm__ws_deflate *deflate,
                         const struct fm__ws_habit *habit);
/* Frees what it has; not agreed is nothing. */
void fm__ws_deflate_close(struct fm__ws_deflate *deflate);

/* The message that has come whole, packed, takes its own place: 0; -FM_EWS for
 * what is no deflate; -FM_EWSTEXT; -FM_EWSSIZE; or -ENOMEM, -ECANCELED and
 * -ETIMEDOUT, after which it is called again. Suspends. */
int fm__ws_inflate(fm_ws *ws);

/* Packs what goes, the last of a message or not, into memory that is the
 * caller's: 0; -ENOMEM; -ECANCELED or -ETIMEDOUT. Suspends. */
int fm__ws_pack(fm_ws *ws, struct fm__slice bytes, bool last,
                struct iovec *packed);
/* What was packed is not sent: nothing that is packed later refers to it. */
void fm__ws_unpack(fm_ws *ws);

#endif
