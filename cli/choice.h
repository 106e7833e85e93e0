/*
 * choice.h - which tasks of a picture a table has, and in what order
 */
#ifndef CLI_CHOICE_H
#define CLI_CHOICE_H

#include <fermata.h>
#include <stdbool.h>

struct choice {
    const char *sort;    /* of choice_sorts; NULL: as they were started */
    const char *name;    /* a part of theirs; NULL: any */
    fm_task_state state; /* 0: any */
    size_t *order;       /* places in the picture */
    size_t count;
};

/* "name, waited, ...": what can be sorted by, and what states there are. */
#define CHOICE_SORTS "name, waited, turns, cpu, stack or state"
#define CHOICE_STATES "running, ready, waiting or ended"

/* Take a word of the command line: whether it is one of these. */
bool choice_set_sort(struct choice *self, const char *word);
bool choice_set_state(struct choice *self, const char *word);

/* Makes order and count, until choice_close; returns 0 or -ENOMEM. */
int choice_make(struct choice *self, const fm_picture *picture);
void choice_close(struct choice *self);

#endif
