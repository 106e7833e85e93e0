/*
 * http_stage.h - a server that says what it was told to, whatever it is asked
 *
 * It takes requests one after the other, on as many connections as there are,
 * and answers the n-th with the n-th act.
 */
#ifndef TESTS_HTTP_STAGE_H
#define TESTS_HTTP_STAGE_H

#include "task/story.h"

#include <fermata.h>

enum {
    STAGE_ROOM = 16384
};

enum stage_then {
    STAGE_CLOSES, /* the connection, in order */
    STAGE_STAYS,  /* and takes the next request on it */
    STAGE_WAITS,  /* says no more, and waits for the other's end */
    STAGE_RESETS
};

/* The last one has no words. */
struct stage_act {
    const char *says;
    enum stage_then then;
};

struct stage {
    const struct stage_act *act; /* the next one */
    const size_t *sizes;         /* of the words; NULL: up to their NULs */
    char heard[STAGE_ROOM];      /* heads, without their empty lines, and "|" */
    int requests;
    int connections; /* so far */
    fm_listener *listener;
    fm_task *server;
    char address[FM_ADDRESS_TEXT];
    char url[FM_ADDRESS_TEXT + 16]; /* "http://127.0.0.1:PORT/" */
};

void stage_open(struct stage *stage, const struct stage_act *acts);
void stage_close(struct stage *stage);

/* The value of a field of the n-th request, from 0 on; "-" where there is none.
 * Valid until the next call. */
const char *stage_field(const struct stage *stage, int index, const char *name);

/* Two texts are the same. */
#define CHECK_SAID(left, right) stage_same(__FILE__, __LINE__, (left), (right))
void stage_same(const char *file, int line, const char *left,
                const char *right);

#endif
