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
 * Writes a page on kernel, backend chosen and why, what io_uring offers or why
 * there is none, stack guards, and limits, each with what to do where
 * something is wrong. Probes what it tells; may be called anywhere, also
 * inside a task.
 *
 * Returns how many things are wrong.
 */
FM_API int fm_doctor(FILE *out);

#ifdef __cplusplus
}
#endif

#endif
