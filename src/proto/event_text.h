/*
 * event_text.h - text/event-stream (the HTML standard, 9.2.5 and 9.2.6)
 *
 * What is read lies in memory of the caller's: the data of the event that is
 * being read, and behind it a line that has not ended. Lines end by LF, CR or
 * both; an event ends with an empty one, and what the stream's end cuts off is
 * none.
 */
#ifndef FM_PROTO_EVENT_TEXT_H
#define FM_PROTO_EVENT_TEXT_H

#include "proto/slice.h"

enum {
    FM__EVENT_TYPE = 256,      /* bytes of a type, with a NUL */
    FM__EVENT_ID = 1024,       /* of an id */
    FM__EVENT_RETRY = 86400000 /* ms: more is taken for that */
};

enum fm__event_read {
    FM__EVENT_MORE,  /* all was taken, and there is no event yet */
    FM__EVENT_WHOLE, /* here it is, until the next call */
    FM__EVENT_ROOM   /* `text` is to become larger first */
};

struct fm__event_reader {
    char *text; /* may move, and grow, between two calls */
    size_t room;
    size_t size; /* bytes of data; a whole one has a NUL behind it */
    size_t line; /* bytes of a line behind that */
    bool first;  /* no line has ended, so a mark may come (U+FEFF) */
    bool after_cr;
    bool whole;
    int64_t retry;              /* ms, as said last; -1: never */
    char type[FM__EVENT_TYPE];  /* "" is "message" */
    char id[FM__EVENT_ID];      /* as said last, and */
    char last_id[FM__EVENT_ID]; /* once its event had ended */
};

/* Without room. */
void fm__event_reader_init(struct fm__event_reader *reader);

/* Another stream, which goes on behind the last id. */
void fm__event_reader_again(struct fm__event_reader *reader);

/* Takes bytes, which become less: see the enum; or -FM_EEVENTSIZE for a type or
 * an id that is too long. */
int fm__event_read(struct fm__event_reader *reader, struct fm__slice *bytes);

/* An event that is to be written. */
struct fm__event_words {
    struct fm__slice type; /* empty: "message" */
    struct fm__slice id;
    struct fm__slice data;
    bool has_id;
    bool has_data;
    int64_t retry; /* ms; below 0: is not said */
};

/* 0; -EINVAL for what cannot be said: a type or an id with a line end, an id
 * with a NUL or data that is no UTF-8, or nothing at all; -EMSGSIZE. */
int fm__event_check(const struct fm__event_words *words);

/* No more bytes than that are written. */
size_t fm__event_room(const struct fm__event_words *words);

/* Any line end in the data becomes that of a line. */
void fm__event_write(struct fm__pen *pen, const struct fm__event_words *words);

#endif
