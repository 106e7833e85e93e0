/*
 * resolver.h - what a resolver is: files, answers, and who asks for more
 *
 * Invariant: an entry is in `buckets` while newcomers may share it: being
 * asked for, or known and not yet too old. Known ones are in `recent` too, the
 * one used last at its end. Each has a user for every task that waits for it
 * or reads it, and one for the task that asks; the last to leave frees it.
 */
#ifndef FM_NET_RESOLVER_H
#define FM_NET_RESOLVER_H

#include "net/answer.h"
#include "net/found.h"
#include "net/host_name.h"
#include "net/hosts_file.h"
#include "net/settings.h"
#include "task/record.h"

#include <time.h>

enum {
    FM__RESOLVER_BUCKETS = 256,
    FM__CACHE_LIMIT = 1000,  /* answers, where the options say nothing */
    FM__CACHE_MAX = 1000000, /* that they may say */
    FM__SPARE_LIMIT = 64     /* engines that are kept for the next question */
};

enum fm__file {
    FM__FILE_SETTINGS, /* resolv.conf(5) */
    FM__FILE_HOSTS,    /* hosts(5) */
    FM__FILE_SWITCHES, /* nsswitch.conf(5) */
    FM__FILES
};

/* By which it is seen that a file is another one; zero: there is none. */
struct fm__stamp {
    struct timespec changed;
    uint64_t inode;
    uint64_t size;
};

/* What the files say; shared by those who look something up meanwhile. */
struct fm__files {
    size_t users;
    struct fm__stamp stamps[FM__FILES];
    struct fm__settings settings;
    struct fm__hosts hosts;
    char *hosts_text;
};

struct fm_resolver {
    struct fm__loop *loop;
    struct fm__guest guest;
    bool own; /* the loop's */
    bool freed;

    struct fm__settings settings; /* before any file is read */
    char *paths[FM__FILES];       /* "": none */
    struct fm__files *files;      /* NULL: not looked at so far */
    int64_t looked;               /* when, ns */
    bool looking;
    struct fm__list looks; /* struct fm__queued: for who looks */

    int64_t timeout; /* ns; 0: as the files say */
    int attempts;    /* likewise */
    unsigned turn;   /* of the servers, where they rotate */
    uint32_t ttl_min, ttl_max, negative_max;
    struct fm__list spares; /* struct fm__engine: of questions before */
    size_t spare;           /* how many */
    size_t cache_limit;
    size_t cached;
    size_t askers; /* tasks that ask */
    size_t waits;  /* tasks of users inside a lookup */
    struct fm__list recent;
    struct fm__list buckets[FM__RESOLVER_BUCKETS];
};

/* The one that was given, or the loop's own; checks whose it is. */
int fm__resolver_of(fm_resolver *given, const char *caller, fm_resolver **out);
/* Frees what is left of it once nobody asks any more. */
void fm__resolver_forget(fm_resolver *resolver);

/* What the files say now, held; suspends where it is time to look. */
int fm__files_get(fm_resolver *resolver, struct fm__files **files);
void fm__files_put(struct fm__files *files);

/* An answer that is known, or asked for. */
struct fm__entry {
    struct fm__list bucket;
    struct fm__list recent;
    fm_resolver *resolver;
    struct fm__files *files; /* by which it is asked */
    char name[FM_NAME_SIZE];
    struct fm__question question;
    size_t users;
    struct fm__list waiters; /* struct fm__queued */
    struct fm__task *asker;  /* NULL: known */
    struct fm__reaper reaper;
    struct fm__answer *answer; /* NULL: there is none, and `rc` why */
    int rc;
    int64_t until; /* when it is too old */
};

/* Finds or begins to ask; never waits. 0, and *out is held; -ENOMEM. */
int fm__entry_want(fm_resolver *resolver, struct fm__files *files,
                   const struct fm__question *question, struct fm__entry **out);
/* Waits for the answer: 0, its failure, or a cut's reason. */
int fm__entry_wait(struct fm__entry *entry);
/* NULL is nothing. The last one who waits takes the question back. */
void fm__entry_put(struct fm__entry *entry);
/* Forgets all that is known. */
void fm__cache_clear(fm_resolver *resolver);

/* Asks the name servers, in a task of its own: 0 and the answer, or why there
 * is none. */
int fm__ask(const struct fm__entry *entry, struct fm__answer **answer);
/* Gives back what asking has left with a resolver. */
void fm__ask_fini(fm_resolver *resolver);
/* Whether that can be done, or there is only the system's library. */
extern const bool fm__ask_possible;

/* The same of the system's library, on a thread; a name as it was given. */
int fm__system_addresses(const char *name, int family, struct fm__found *found);
int fm__system_name(const fm_address *address, char *name);

#endif
