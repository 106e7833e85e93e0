/*
 * show.h - what the parts of the show know of each other
 *
 * Three programs run on one loop, and each keeps figures of its own. All else
 * only looks at them: between two pauses nobody else writes.
 */
#ifndef EXAMPLES_SHOW_H
#define EXAMPLES_SHOW_H

#include "../crawler.h"
#include "../pipeline.h"
#include "../webserver.h"

#include <fermata.h>
#include <stdio.h>

#define SHOW_TICK 0.1 /* seconds */
#define SHOW_TICKS 96 /* that are remembered */

#define SHOW_URL (FM_ADDRESS_TEXT + 32)

/* What the process has taken so far. */
struct show_cost {
    double seconds;
    double processor; /* seconds of it */
    size_t memory;    /* bytes now */
    size_t tasks;     /* now, */
    size_t most;      /* and at most */
    size_t threads;   /* now */
};

/* A part of a text. */
struct show_text {
    const char *bytes;
    int size;
};

struct show_broken {
    struct show_text place; /* a path */
    struct show_text what;  /* its status, or why there was no answer */
    struct show_text from;  /* a page that links there; empty: none */
    unsigned pages;         /* that do */
};

struct show {
    const char *site; /* a directory */
    const char *page; /* a file */
    const char *address;
    double delay; /* of the crawler, in seconds */
    double pace;  /* of slow pages */
    bool stay;
    bool lines; /* also on a terminal */

    char directory[FM_PATH_SIZE]; /* of what is written, which is */
    char log[FM_PATH_SIZE + 16];
    char links[FM_PATH_SIZE + 16];
    char counts[FM_PATH_SIZE + 16];
    fm_listener *site_listener;
    fm_listener *page_listener;
    char start[SHOW_URL]; /* where the crawler begins, */
    char watch[SHOW_URL]; /* and where people look on */
    int64_t began;
    bool done;
    bool agree;   /* when it is done */
    bool colours; /* are wanted */

    struct webserver_figures server;
    struct crawler_figures crawler;
    struct pipeline_figures pipeline;
    uint64_t crawled;  /* requests of the server that were the crawler's */
    uint64_t requests; /* of the server at the last tick */
    unsigned rates[SHOW_TICKS]; /* requests in a tick */
    uint64_t ticks;             /* the last one is rates[ticks % SHOW_TICKS] */
    struct show_cost cost;
    char *report;  /* the crawler's, when it is done */
    char *busiest; /* a tree of all tasks, when there were most of them */
    size_t busiest_tasks;
};

/* gauges.c: looks at the process, once a tick. */
void gauges_read(struct show *show);

/* Requests a second, over the last one. */
unsigned gauges_rate(const struct show *show);

/* Requests of the crawler: for each URL that was answered, and the rules. */
uint64_t gauges_asked(const struct show *show);

/* Requests of others. One of the crawler's is counted as it begins, and by the
 * server when it has ended. */
uint64_t gauges_guests(const struct show *show);

/* Whether all three have counted the same; guests of the server are in its log
 * too. */
bool gauges_agree(const struct show *show);

/* broken.c: takes the next broken link from a report. Returns false when there
 * is none. */
bool broken_next(const char **report, struct show_broken *broken);

/* panels.c, an async function: the three as they move, on the terminal. */
struct panels {
    struct show *show;
};
int panels(struct panels *self);

/* show_page.c, an async function: the three as they move, on a web page. */
struct show_page {
    struct show *show;
    fm_listener *listener; /* taken */
};
int show_page(struct show_page *self);

/* busiest.c: takes a picture, unless there were more tasks at another one; and
 * prints it. */
void busiest_look(struct show *show);
void busiest_print(const struct show *show);

/* summary.c: prints how it ended. */
void summary(const struct show *show);

/* How wide its lines may be. */
unsigned summary_columns(void);

#endif
