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

/* What a proxy answers is none of its protocol, or too long, or ends early. */
#define FM_EPROXY 10020
/* It wants credentials, or others: no method of SOCKS 5 suits; HTTP's 407. */
#define FM_EPROXYLOGIN 10021
/* It could not, and does not say more: SOCKS 5's reply 1; HTTP's other ones. */
#define FM_EPROXYFAILED 10022
/* Its rules do not allow this connection: reply 2; HTTP's 403. */
#define FM_EPROXYFORBIDS 10023
/* It has no way to that network: reply 3. */
#define FM_EPROXYNETWORK 10024
/* It has no way to that host, or does not know it: reply 4. */
#define FM_EPROXYHOST 10025
/* Nobody listens there, it says: reply 5. */
#define FM_EPROXYREFUSED 10026
/* Nobody answers there, it says: reply 6 (a TTL expired); HTTP's 504. */
#define FM_EPROXYTIMEOUT 10027
/* It makes no connections for others: reply 7. */
#define FM_EPROXYCOMMAND 10028
/* It does not take names, or addresses of this family: reply 8. */
#define FM_EPROXYFAMILY 10029

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
