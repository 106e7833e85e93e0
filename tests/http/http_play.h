/*
 * http_play.h - a client's words, and what a server says to them
 */
#ifndef TESTS_HTTP_PLAY_H
#define TESTS_HTTP_PLAY_H

#include "task/story.h"

#include <fermata.h>
#include <string.h>

enum {
    PLAY_ROOM = 65536
};

/* What was answered, with a NUL, and its size; how the server ended. */
struct play {
    const char *words; /* of the client, who then says no more */
    size_t size;       /* 0: up to their NUL */
    size_t piece;      /* bytes that are sent at a time; 0: all */
    double pause;      /* seconds between the pieces */
    bool stays;        /* the client's end stays open */
    fm_http_handler handler;
    void *arg;
    fm_http_serve_options options;
    char answer[PLAY_ROOM];
    size_t answered;
    int result;
};

/* In memory, to the end. */
void play(struct play *play);

/* Without the dates: each becomes "Date: -". */
void play_answers(struct play *play, const char *wanted);

/* The size of a small stack where frames fit on it: in a program that is made
 * to run, as gcc compiles it; else 0. */
size_t play_small_stack(void);

#endif
