/*
 * race.h - a name has many addresses: the first that answers wins (RFC 8305)
 */
#ifndef FM_NET_RACE_H
#define FM_NET_RACE_H

#include "base/compiler.h"
#include "net/dial.h"
#include "net/found.h"

#include <fermata/connect.h>

/* What RFC 8305 leaves open, section 8, in seconds. */
#define FM__RACE_RESOLUTION 0.05
#define FM__RACE_STAGGER 0.25
#define FM__RACE_STAGGER_MIN 0.01
#define FM__RACE_STAGGER_MAX 2

/* Whom to reach, and how. */
struct fm__race_call {
    const char *host;
    int port;
    fm_resolver *resolver; /* NULL: the loop's own */
    struct fm__dialling dialling;
    double stagger;                /* seconds, within its bounds */
    fm_connect_failures *failures; /* or NULL */
};

/* Who looks up names in place of fm__resolve_family, for tests; or NULL. */
typedef int (*fm__race_names_fn)(const char *host, int family,
                                 struct fm__found *found);
extern FM__PER_THREAD fm__race_names_fn fm__race_names;

/* Waits until one of the host's connections stands: its descriptor; or
 * -errno, why it was cut, or what fm_resolve says. A cancel point. */
int fm__race(const struct fm__race_call *call);

/* An attempt has failed. */
void fm__race_note(fm_connect_failures *failures, const fm_address *address,
                   int error);

#endif
