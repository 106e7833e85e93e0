/*
 * shield.h - cleanup that may itself wait, with a grace time
 *
 *     FM_SHIELD(1) {
 *         send_goodbye(peer);
 *     }
 *
 * Inside, cancels and timeouts from outside are hidden. The grace runs from
 * the first one that is hidden (from entry, if one was pending); then the
 * shield stops hiding. It makes no timeout of its own: a cleanup that nobody
 * cuts may take its time. Children started inside are reached only when the
 * shield stops hiding or ends.
 */
#ifndef FERMATA_SHIELD_H
#define FERMATA_SHIELD_H

#include <fermata/api.h>

/* An open shield, on the caller's stack; its words are private. */
typedef struct fm_shield {
    uintptr_t reserved[12];
} fm_shield;

/*
 * Runs the block that follows shielded, with a grace time in seconds;
 * infinity never stops hiding, zero or less stops at the first cut, NaN
 * aborts with a sentence.
 */
#define FM_SHIELD(seconds)                                                     \
    for (fm_shield FM__HIDDEN_NAME(shield) FM__AT_EXIT(fm__shield_leave),      \
         *FM__HIDDEN_NAME(shield_once) =                                       \
             fm__shield_enter(&FM__HIDDEN_NAME(shield), (seconds));            \
         FM__HIDDEN_NAME(shield_once) != NULL;                                 \
         FM__HIDDEN_NAME(shield_once) = NULL)

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Opens a shield in the caller's memory, with a grace in seconds; blocks
 * nest and are closed in reverse order by the task that opened them.
 */
FM_API void fm_shield_open(fm_shield *shield, double seconds);

/* Closes the innermost open shield; what it hid is seen from the next call. */
FM_API void fm_shield_close(fm_shield *shield);

/* Private: what the macro above calls. */
FM_API fm_shield *fm__shield_enter(fm_shield *shield, double seconds);
FM_API void fm__shield_leave(fm_shield *shield);

#ifdef __cplusplus
}
#endif

#endif
