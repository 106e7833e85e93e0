/*
 * doctor.h - what the library found on this machine, and why it chose so
 *
 *     fm_doctor(stdout);
 */
#ifndef FERMATA_DOCTOR_H
#define FERMATA_DOCTOR_H

#include <fermata/api.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Writes a page of facts: what was built, what was chosen and why, what the
 * kernel offers, what the process may have, and what limits it. Where
 * something is wrong it says "mend: " and what to do, where something could be
 * better "hint: ", mostly with a command to type. Probes what it tells; may be
 * called anywhere, also inside a task.
 *
 * Returns how many things are wrong.
 */
FM_API int fm_doctor(FILE *out);

/*
 * The same for programs: an object of JSON with "findings", of which each has
 * "section", "name", "value" and "grade", which is "fact", "hint" or "mend",
 * and in the last two cases "advice" and perhaps "command"; and with "hints"
 * and "wrong", how many there are of the last two.
 *
 * Returns how many things are wrong.
 */
FM_API int fm_doctor_json(FILE *out);

#ifdef __cplusplus
}
#endif

#endif
