/*
 * pipeline_store.h - what pipeline.c has counted, in an SQLite file
 *
 * All of a moment is stored, or nothing of it: how far the log was read, and
 * what the windows had then. All of these run on a thread, while the task that
 * counts waits for it.
 */
#ifndef EXAMPLES_PIPELINE_STORE_H
#define EXAMPLES_PIPELINE_STORE_H

#include "pipeline.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>

#define SLOTS 64 /* windows in memory: all open ones, and the last closed */

struct slot {
    struct pipeline_window window;
    bool open;
    bool changed;  /* since the last beat */
    uint64_t beat; /* the last that told of it */
};

/* A window has the slot of its number. */
struct moment {
    const char *path; /* of the store, or NULL */
    sqlite3 *store;
    struct slot slots[SLOTS];
    struct pipeline_figures figures;
    fm_tail_place place; /* behind the last line that was counted */
    int64_t watermark;   /* what ends here, or before, is closed */
    int64_t span;        /* seconds of a window */
    int64_t stored_span; /* or 0 */
};

static inline struct slot *slot_of(struct moment *now, int64_t start)
{
    return &now->slots[start / now->span % SLOTS];
}

typedef int store_row(void *arg, int count, char **row, char **names);

static int store_exec(struct moment *now, const char *sql, store_row *row)
{
    int rc = sqlite3_exec(now->store, sql, row, now, NULL);
    if (rc != SQLITE_OK)
        fprintf(stderr, "store: %s\n", sqlite3_errmsg(now->store));
    return rc == SQLITE_OK ? 0 : -EIO;
}

/* ---- stored -------------------------------------------------------------- */

/* [save] */
static void store_write(FILE *sql, const struct moment *now)
{
    const struct pipeline_figures *figures = &now->figures;
    fprintf(sql,
            "BEGIN IMMEDIATE; REPLACE INTO moment VALUES"
            " (1, %lld, %lld, %lld, %lld, %lld, %lld, %lld, %lld, %lld, %lld);",
            (long long)now->span, (long long)now->watermark,
            (long long)now->place.device, (long long)now->place.inode,
            (long long)now->place.offset, (long long)now->place.mark,
            (long long)figures->lines, (long long)figures->unreadable,
            (long long)figures->late, (long long)figures->windows);
    for (const struct slot *slot = now->slots; slot < now->slots + SLOTS;
         slot++)
        if (slot->changed)
            fprintf(sql,
                    "REPLACE INTO windows VALUES (%lld, %u, %u, %lld, %d);",
                    (long long)slot->window.start, slot->window.requests,
                    slot->window.errors, (long long)slot->window.bytes,
                    !slot->open);
    fputs("COMMIT;", sql);
}

static int store_save(void *arg)
{
    size_t size;
    char *text = NULL;
    struct moment *now = arg;
    FILE *sql = open_memstream(&text, &size);
    if (sql == NULL)
        return -ENOMEM;
    store_write(sql, now);
    int rc = fclose(sql) == 0 ? store_exec(now, text, NULL) : -ENOMEM;
    if (rc < 0)
        sqlite3_exec(now->store, "ROLLBACK", NULL, NULL, NULL);
    free(text);
    return rc;
}
/* [/save] */

/* ---- and read ------------------------------------------------------------ */

static inline long long store_number(const char *text)
{
    return text != NULL ? strtoll(text, NULL, 10) : 0;
}

static int store_moment(void *arg, int count, char **row, char **names)
{
    struct moment *now = arg;
    uint64_t *const kept[] = {
        &now->place.device, &now->place.inode,    NULL,
        &now->place.mark,   &now->figures.lines,  &now->figures.unreadable,
        &now->figures.late, &now->figures.windows};
    (void)names;
    now->stored_span = store_number(row[1]);
    now->watermark = store_number(row[2]);
    now->place.offset = store_number(row[5]);
    for (int i = 3; i < count; i++)
        if (kept[i - 3] != NULL)
            *kept[i - 3] = (uint64_t)store_number(row[i]);
    return 0;
}

static int store_window(void *arg, int count, char **row, char **names)
{
    struct moment *now = arg;
    (void)count, (void)names;
    now->figures.newest = (struct pipeline_window){
        store_number(row[0]), (unsigned)store_number(row[1]),
        (unsigned)store_number(row[2]), (uint64_t)store_number(row[3])};
    *slot_of(now, now->figures.newest.start) =
        (struct slot){now->figures.newest, store_number(row[4]) == 0, false, 1};
    return 0;
}

/* In WAL mode no commit waits for the disk: after a power cut the store is as
 * it was a moment before, and that is counted again. */
static int store_load(struct moment *now)
{
    int rc = store_exec(
        now,
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
        "CREATE TABLE IF NOT EXISTS moment (id INTEGER PRIMARY KEY, span,"
        " watermark, device, inode, offset, mark, lines, unreadable, late,"
        " windows);"
        "CREATE TABLE IF NOT EXISTS windows (start INTEGER PRIMARY KEY,"
        " requests, errors, bytes, closed);",
        NULL);
    if (rc == 0)
        rc = store_exec(now, "SELECT * FROM moment", store_moment);
    if (rc == 0 && now->stored_span != 0 && now->stored_span != now->span) {
        fprintf(stderr, "store: its windows have %lld seconds\n",
                (long long)now->stored_span);
        return -EINVAL;
    }
    char sql[96];
    snprintf(sql, sizeof sql,
             "SELECT * FROM (SELECT * FROM windows ORDER BY start DESC LIMIT"
             " %d) ORDER BY start",
             SLOTS);
    return rc < 0 ? rc : store_exec(now, sql, store_window);
}

static int store_open(void *arg)
{
    struct moment *now = arg;
    if (sqlite3_open(now->path, &now->store) != SQLITE_OK) {
        fprintf(stderr, "store: %s\n", sqlite3_errmsg(now->store));
        return -EIO;
    }
    sqlite3_busy_timeout(now->store, 60000);
    return store_load(now);
}

static int store_close(void *arg)
{
    const struct moment *now = arg;
    sqlite3_close(now->store);
    return 0;
}

#endif
