/*
 * crawler_store.h - which URLs a crawler knows, and what came of them
 *
 * In an SQLite file, whose waits are a thread's. What store_keep has kept is
 * there after a kill -9.
 */
#ifndef EXAMPLES_CRAWLER_STORE_H
#define EXAMPLES_CRAWLER_STORE_H

#include "crawler.h"
#include "sql.h"

#define STORE_URL_MOST 2048   /* bytes of a URL */
#define STORE_LINKS_MOST 5000 /* of a page, to wherever they lead */

/* A URL, and what came of it. */
struct store_page {
    int64_t id;
    char url[STORE_URL_MOST + 1];
    int status; /* 0: forbidden; below: why there was no answer */
    uint64_t bytes;
    char *links[STORE_LINKS_MOST];
    unsigned count;
    unsigned most; /* URLs that the store shall have */
};

struct store {
    struct sql sql;
    const fm_url *site;
    unsigned most;  /* URLs; those behind are passed over */
    int64_t last;   /* id that was handed out */
    unsigned busy;  /* pages that are handed out */
    fm_event ended; /* one of them has: there may be more */
};

/* One more link of a page, which may be changed: unless it is of another site,
 * too long, or there are too many. */
void store_link(const struct store *store, struct store_page *page,
                fm_url *url);

/* All of these return 0, or as sql_run. */

/* Opens a file, or with NULL none; it then knows at least one URL. Refuses one
 * of another site, or that somebody else has open. -ENAMETOOLONG for a start of
 * more than STORE_URL_MOST, -EINVAL for one that is of no site. */
int store_open(struct store *store, const char *path, const fm_url *start);

/* The next that is to be asked for. Waits for one as long as those that are
 * handed out may find some: 1, and *out is to be given back; 0 at the end. */
int store_next(struct store *store, struct store_page **out);
void store_back(struct store *store, struct store_page *page);

/* All of a page at once: then its links are known, and it is counted. A cancel
 * does not stop it. */
int store_keep(struct store *store, struct store_page *page,
               struct crawler_figures *figures);

/* But for figures->last. */
int store_count(struct store *store, struct crawler_figures *figures);

/* Prints what is broken, with ten pages that link to it, and a summary. */
int store_report(struct store *store, FILE *report);

#endif
