/*
 * session_record.h - what signs sessions, and the texts that it signs
 */
#ifndef FM_HTTP_SESSION_RECORD_H
#define FM_HTTP_SESSION_RECORD_H

#include "proto/slice.h"

#include <fermata/session.h>

enum {
    FM__SESSION_TEXT = FM_COOKIE_SIZE /* bytes, at most */
};

/* The texts and the keys are behind it. */
struct fm_sessions {
    fm_cookie cookie; /* without its value */
    size_t size;      /* of all of it; bytes */
    struct fm__slice keys[FM_SESSION_KEYS];
    unsigned count;
    int64_t age;
    bool fixed;
};

/* A session that was found to be good. */
struct fm__session {
    char *room; /* of the reader's: FM__SESSION_TEXT bytes */
    struct fm__slice bytes;
    int64_t left; /* seconds */
    bool old;     /* another key than the first has signed it */
};

/* Writes what the client keeps: 0, -EMSGSIZE or -ENOMEM. `now` in seconds since
 * 1970. */
int fm__session_write(const fm_sessions *sessions, struct fm__slice bytes,
                      int64_t now, struct fm__pen *pen);

/* Reads it: 0, -FM_ESESSION, -FM_ESESSIONOVER or -ENOMEM. */
int fm__session_read(const fm_sessions *sessions, struct fm__slice text,
                     int64_t now, struct fm__session *session);

#endif
