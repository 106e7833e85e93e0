/*
 * engine.h - c-ares as an engine: questions and answers as bytes
 *
 * It makes a question with an identifier that nobody can guess, and says of
 * each message whether that is the answer. It makes no system call: what it
 * believes to be a socket is the two buffers here, and it has one question,
 * one server and no limit of time. Who sends and receives is ask.c.
 */
#ifndef FM_NET_ENGINE_H
#define FM_NET_ENGINE_H

#include "base/list.h"
#include "net/answer.h"

#include <fermata/resolve.h>

enum {
    FM__ENGINE_QUERY = 512 + 2 /* bytes; no question is longer */
};

/* Which may wait in a list for the next question. */
struct fm__engine {
    struct fm__list spare;
    struct ares_channeldata *channel;
    bool stream;
    bool done;
    int rc;
    struct fm__question question;
    char name[FM_NAME_SIZE];
    struct fm__answer *answer;
    const unsigned char *in; /* what c-ares has not read yet */
    size_t in_size;
    size_t out_size;
    unsigned char out[FM__ENGINE_QUERY];
};

/* For datagrams, or for a stream. 0 or -ENOMEM. */
int fm__engine_new(struct fm__engine **out, bool stream);
void fm__engine_free(struct fm__engine *engine);

/* Asks; a question before this one is forgotten. 0, and there are bytes to
 * send; -EINVAL or -ENOMEM. */
int fm__engine_ask(struct fm__engine *engine,
                   const struct fm__question *question);
/* What is to be sent now, once: its size, or 0. */
size_t fm__engine_take(struct fm__engine *engine, const void **bytes);

/* A message that came, behind its two bytes of size where it is a stream:
 * 0, and *answer is the caller's; -EAGAIN: it was not the answer; -ENOMEM. */
int fm__engine_feed(struct fm__engine *engine, const unsigned char *bytes,
                    size_t size, struct fm__answer **answer);

#endif
