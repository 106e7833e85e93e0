/*
 * event.h - something has happened, for any number of tasks
 *
 *     fm_event ready = {0};
 *
 *     rc = fm_event_wait(&ready);       // waits until it is set
 *     fm_event_set(&ready);             // wakes all who wait
 *
 * A record in the caller's memory, where it stays; all zero is an event that
 * is not set. It must outlive those who wait. It belongs to the loop whose
 * tasks wait for it; setting it from another one's thread, while they do,
 * ends the program with a sentence.
 */
#ifndef FERMATA_EVENT_H
#define FERMATA_EVENT_H

#include <fermata/api.h>
#include <fermata/when.h>
#include <stdbool.h>

/* An event; its words are private. */
typedef struct fm_event {
    uintptr_t reserved[6];
} fm_event;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Waits until the event is set; not at all when it is. Who waits when it is
 * set has seen it, also where it is cleared again before its turn comes. Aborts
 * with a sentence where tasks of another loop wait.
 *
 * Returns 0, or -ECANCELED or -ETIMEDOUT when cut.
 */
FM_API FM_SUSPENDS FM_MUST_USE int fm_event_wait(fm_event *event);

/*
 * Sets the event and wakes all who wait, in the order in which they came. It
 * stays set until it is cleared. May be called wherever the loop calls back,
 * too. Aborts with a sentence where tasks of another loop wait.
 */
FM_API void fm_event_set(fm_event *event);

/* Clears the event: who waits from now on waits for the next time. */
FM_API void fm_event_clear(fm_event *event);

/* Returns whether the event is set. */
FM_API bool fm_event_is_set(const fm_event *event);

/*
 * Borrows the event, for a select: it is ready while the event is set.
 * Returns what is to be waited for.
 */
FM_API fm_when fm_when_set(fm_event *event);

#ifdef __cplusplus
}
#endif

#endif
