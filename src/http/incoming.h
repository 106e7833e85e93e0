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
    struct fm__head head; /* its fields last */
};

void fm__incoming_init(struct fm__incoming *incoming, enum fm__head_kind kind);
void fm__incoming_fini(struct fm__incoming *incoming);

/*
 * Waits for a head, and takes it from the stream: 0; -FM_EEOF when the stream
 * ends before; as fm__head_read; or as fm_peek. Suspends.
 */
int fm__incoming_read(struct fm__incoming *incoming, fm_stream *stream);

const char *fm__incoming_word(const struct fm__incoming *incoming,
                              struct fm__place word);
const char *fm__incoming_field(const struct fm__incoming *incoming,
                               const char *name);
bool fm__incoming_field_at(const struct fm__incoming *incoming, size_t index,
                           fm_http_field *field);

#endif
