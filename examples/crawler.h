/*
 * crawler.h - the crawler of crawler.c, for a program that has more
 */
#ifndef EXAMPLES_CRAWLER_H
#define EXAMPLES_CRAWLER_H

#include <fermata.h>
#include <stdio.h>

/* What it has found so far, over all the runs that its store remembers. */
struct crawler_figures {
    unsigned found;     /* URLs, each once */
    unsigned fetched;   /* of these, answered with a page or a file */
    unsigned redirects; /* answered with another place */
    unsigned broken;    /* 400 and above, or no answer */
    unsigned forbidden; /* not asked for: robots.txt */
    uint64_t bytes;
    char last[128]; /* path of the last URL that was asked for */
};

/* An async function: returns when nothing is left to ask for. */
struct crawler {
    const char *start; /* a URL: its site is crawled, by its user if it has
                        * one */
    const char *store; /* an SQLite file; an unfinished one is gone on with */
    double delay;      /* seconds between two requests to one host, or what
                        * its robots.txt wants, whichever is longer */
    unsigned per_host; /* at once; 0: 2 */
    unsigned most;     /* URLs; 0: 20000 */
    FILE *report;      /* broken links and a summary, in the end; or NULL */
    struct crawler_figures *figures; /* kept up to date, or NULL */
};

int crawler(struct crawler *self);

#endif
