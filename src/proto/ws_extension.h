/*
 * ws_extension.h - permessage-deflate as it is agreed on (RFC 7692, 7.1)
 */
#ifndef FM_PROTO_WS_EXTENSION_H
#define FM_PROTO_WS_EXTENSION_H

#include "proto/slice.h"

enum {
    FM__WS_LEAST_BITS = 8, /* of a window */
    FM__WS_MOST_BITS = 15,
    FM__WS_TERMS = 160 /* bytes that any terms are written in */
};

/* Of an offer, or of its answer. */
struct fm__ws_terms {
    bool server_forgets; /* each message of the server's begins anew */
    bool client_forgets;
    uint8_t server_bits; /* of its window; 0: was not said */
    uint8_t client_bits;
    bool client_may_say; /* "client_max_window_bits" without a number */
};

enum fm__ws_extension {
    FM__WS_NO_MORE,
    FM__WS_TERMS_OF_OTHERS, /* another extension, or terms that are none */
    FM__WS_DEFLATE
};

/*
 * The next extension of a Sec-WebSocket-Extensions: what it is, and the terms;
 * -FM_EWS for what is no such list (RFC 6455, 9.1), and then no more of it is
 * read. A window's size has to be there in an answer, and a parameter may come
 * once.
 */
int fm__ws_extension_next(struct fm__slice *list, bool answer,
                          struct fm__ws_terms *terms);

/* Writes them, with the name of the extension. */
void fm__ws_extension_write(struct fm__pen *pen,
                            const struct fm__ws_terms *terms);

/*
 * What a server answers to an offer, when it would like `wish`: what was asked
 * for and what it wishes; the smaller window. A window of the client's is not
 * answered to who cannot be told of it.
 */
void fm__ws_extension_agree(const struct fm__ws_terms *offer,
                            const struct fm__ws_terms *wish,
                            struct fm__ws_terms *answer);

/* Whether an answer is one to the offer (RFC 7692, 7.1.2.2): a window of the
 * client's was allowed, and neither is larger than was said. */
bool fm__ws_extension_suits(const struct fm__ws_terms *answer,
                            const struct fm__ws_terms *offer);

#endif
