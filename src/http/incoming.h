/*
 * incoming.h - the head of a message that has come, as texts
 */
#ifndef FM_HTTP_INCOMING_H
#define FM_HTTP_INCOMING_H

#include "proto/head.h"

#include <fermata/exchange.h>
#include <fermata/stream.h>

struct fm__incoming {
    char *text; /* the head, with a NUL behind each word */
    size_t room;
    char *query;          /* room behind it for what its target asks; or NULL */
    struct fm__head head; /* its fields last */
};

void fm__incoming_init(struct fm__incoming *incoming, enum fm__head_kind kind);
void fm__incoming_fini(struct fm__incoming *incoming);

/* Takes a head that is all there: 0; -FM_EEOF where more is to come; -ENOMEM;
 * or as fm__head_read. */
int fm__incoming_parse(struct fm__incoming *incoming, const char *bytes,
                       size_t size);

/* Takes a head from what the stream has already: above 0; 0 where more of it is
 * to come; -ENOMEM; or as fm__head_read. */
ssize_t fm__incoming_take(struct fm__incoming *incoming, fm_stream *stream);

/* Waits for all of a head, and takes it: 0; -FM_EEOF when the stream ends
 * before; or as fm__incoming_take and fm_peek. Suspends. */
int fm__incoming_read(struct fm__incoming *incoming, fm_stream *stream);

/* Bytes of room that the query of a target takes, 0 without one. */
size_t fm__query_room(struct fm__slice target);

/* The word with its NUL; "" for one that is not there. */
const char *fm__incoming_word(const struct fm__incoming *incoming,
                              struct fm__passage word);
const char *fm__incoming_field(const struct fm__incoming *incoming,
                               const char *name);
bool fm__incoming_field_at(const struct fm__incoming *incoming, size_t index,
                           fm_http_field *field);

#endif
