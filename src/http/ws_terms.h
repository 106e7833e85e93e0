/*
 * ws_terms.h - whether a WebSocket compresses, and how
 */
#ifndef FM_HTTP_WS_TERMS_H
#define FM_HTTP_WS_TERMS_H

#include "http/incoming.h"
#include "http/ws_record.h"

/* A server: the first offer of a request that is one gets its answer: 1; 0
 * where there is none, or nothing is wanted; -FM_EWS for what is no list. */
int fm__ws_terms_offered(const struct fm__incoming *request,
                         const fm_ws_options *options,
                         struct fm__ws_terms *answer);

/* Both: that is how it is from now on. */
void fm__ws_terms_begin(fm_ws *ws, const struct fm__ws_terms *answer,
                        const fm_ws_options *options);

/* Writes a line of a head. */
void fm__ws_terms_write(struct fm__pen *pen, const struct fm__ws_terms *terms);

/* A client: writes what it offers, where that is wanted. */
void fm__ws_terms_offer(struct fm__pen *pen, const fm_ws_options *options);

/* A client: whether the answer is none, or one to that, which has begun. */
bool fm__ws_terms_answered(const struct fm__incoming *answer,
                           const fm_ws_options *options, fm_ws *ws);

#endif
