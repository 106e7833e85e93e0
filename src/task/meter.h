/*
 * meter.h - what a loop that is measured knows of itself and of its tasks
 *
 * A task's meter lies beside its slot in the table of handles, in chunks as
 * those are, so that a reader from outside finds it. A chunk is made when a
 * task in it is started; where there was no memory for it, its tasks are not
 * measured.
 */
#ifndef FM_TASK_METER_H
#define FM_TASK_METER_H

#include "loop/observer.h"
#include "task/handle.h"
#include "task/histogram.h"

struct fm__meter {
    int64_t cpu;    /* ns that it has held the loop, turns that are over */
    int64_t since;  /* when it became ready, or when its turn began */
    uint32_t place; /* in home->sites */
    /* What it waited for when it was left last; NULL: nothing. */
    const struct fm__wait_kind *waited;
};

struct fm__meters {
    struct fm__observer observer;
    struct fm__conductor *home;
    int64_t polled; /* when the loop's turn began; 0: not yet */
    int64_t asked;  /* when the kernel was */
    int64_t left;   /* when a task was */
    fm_histogram loop_turn;
    fm_histogram poll_time;
    fm_histogram task_turn;
    fm_histogram ready_delay;
    fm_histogram timer_lateness;
    fm_histogram buffer_use;
    struct fm__meter *chunks[FM__HANDLE_SLOTS / FM__HANDLE_CHUNK];
};

/* Where the option or FERMATA_STATS asks for it, home->meters; 0, -ENOMEM. */
int fm__meters_open(struct fm__conductor *home);
void fm__meters_close(struct fm__conductor *home);

#endif
