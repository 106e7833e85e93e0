/*
 * error.h - what a negative result means
 *
 * Every function returns 0 or a count, or a negative code: -errno of the
 * system, or one of the codes below, negated. `errno` itself is neither set
 * nor to be read after a suspension, because other tasks ran meanwhile.
 *
 *     int rc = fm_sleep(1);
 *     if (rc < 0)
 *         fprintf(stderr, "sleep: %s\n", fm_strerror(rc));
 */
#ifndef FERMATA_ERROR_H
#define FERMATA_ERROR_H

#include <errno.h>
#include <fermata/api.h>

/*
 * The kernel's own ETIMEDOUT: the peer of a connection did not answer. Kept
 * apart from -ETIMEDOUT, which always means that an FM_TIMEOUT block expired.
 */
#define FM_EPEERTIMEOUT 10001

/* A stream ended before what was asked for was complete. */
#define FM_EEOF 10002

/* A barrier was reset or aborted: those who wait at it do so in vain. */
#define FM_EBROKEN 10003

/* Messages of a broadcast were lost, for who receives them was too slow. */
#define FM_ELAGGED 10004

/* No such name: the name servers and the file hosts know of none. */
#define FM_ENONAME 10010

/* The name is there, and has no record of the kind that was asked for. */
#define FM_ENODATA 10011

/* A name server could not answer, or answered what makes no sense. */
#define FM_ESERVERFAILED 10012

/* No name server has answered in time, or none is known. */
#define FM_ENOSERVER 10013

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Says in words what a result means; takes negative codes as functions
 * return them (a positive one means the same as its negative).
 * Returns a static string, never NULL; unknown codes give "unknown error".
 */
FM_API const char *fm_strerror(int rc);

#ifdef __cplusplus
}
#endif

#endif
