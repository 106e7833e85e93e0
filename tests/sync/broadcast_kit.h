/*
 * broadcast_kit.h - messages that are numbers, and tasks that send and listen
 */
#ifndef TESTS_SYNC_BROADCAST_KIT_H
#define TESTS_SYNC_BROADCAST_KIT_H

#include "task/story.h"

FM_BROADCAST_OF(news, int);

static const fm_subscriber_options lossy = {.lossy = true};

/* Sends from first to last. */
struct sends {
    news *channel;
    int first, last;
};

static inline int sends(struct sends *self)
{
    int rc = 0;
    for (int i = self->first; rc == 0 && i <= self->last; i++)
        rc = news_send(self->channel, i);
    return rc;
}

/* Returns the number it received. */
struct receives {
    news_subscriber *reader;
};

static inline int receives(struct receives *self)
{
    int number = -1;
    int rc = news_receive(self->reader, &number);
    return rc < 0 ? rc : number;
}

/* The number, or the code. */
static inline int receive_try(news_subscriber *reader)
{
    int number = -1;
    int rc = news_receive_try(reader, &number);
    return rc < 0 ? rc : number;
}

#endif
