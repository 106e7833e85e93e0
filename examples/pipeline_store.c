/*
 * pipeline_store.c - what pipeline.c has counted, in an SQLite file
 */
#include "pipeline_store.h"

#include <errno.h>

/* In WAL mode no commit waits for the disk: after a power cut the store is as
 * it was a moment before, and that is counted again. */
static const char schema[] =
    "PRAGMA busy_timeout = 60000; PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = NORMAL;"
    "CREATE TABLE IF NOT EXISTS moment (id INTEGER PRIMARY KEY, span,"
    " watermark, device, inode, offset, mark, lines, unreadable, late,"
    " windows);"
    "CREATE TABLE IF NOT EXISTS windows (start INTEGER PRIMARY KEY,"
    " requests, errors, bytes, closed);";

struct slot *slot_of(struct moment *now, int64_t start)
{
    return &now->slots[start / now->span % SLOTS];
}

struct slot *slot_after(struct moment *now, int64_t start)
{
    struct slot *found = NULL;
    for (struct slot *slot = now->slots; slot < now->slots + SLOTS; slot++)
        if (slot->window.requests > 0 && slot->window.start > start &&
            (found == NULL || slot->window.start < found->window.start))
            found = slot;
    return found;
}

/* ---- stored -------------------------------------------------------------- */

/* [save] */
static int save_window(struct sql *sql, const struct slot *slot)
{
    const struct pipeline_window *window = &slot->window;
    return sql_do(sql,
                  .words = "REPLACE INTO windows VALUES (?2, ?3, ?4, ?5, ?6)",
                  .numbers = {window->start, window->requests, window->errors,
                              (int64_t)window->bytes, !slot->open});
}

static int do_save(struct sql *sql, void *arg)
{
    const struct moment *now = arg;
    const struct pipeline_figures *figures = &now->figures;
    const fm_tail_place *place = &now->place;
    int rc = sql_do(
        sql,
        .words = "REPLACE INTO moment VALUES"
                 " (1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        .numbers = {now->span, now->watermark, (int64_t)place->device,
                    (int64_t)place->inode, place->offset, (int64_t)place->mark,
                    (int64_t)figures->lines, (int64_t)figures->unreadable,
                    (int64_t)figures->late, (int64_t)figures->windows});
    for (int i = 0; rc == 0 && i < SLOTS; i++)
        if (now->slots[i].changed)
            rc = save_window(sql, &now->slots[i]);
    return rc;
}
/* [/save] */

int moment_save(struct moment *now)
{
    return now->sql.base != NULL ? sql_run(&now->sql, do_save, now) : 0;
}

/* ---- and read ------------------------------------------------------------ */

static void take_moment(void *arg, sqlite3_stmt *row)
{
    struct moment *now = arg;
    struct pipeline_figures *figures = &now->figures;
    now->stored_span = sqlite3_column_int64(row, 1);
    now->watermark = sqlite3_column_int64(row, 2);
    now->place = (fm_tail_place){
        .device = (uint64_t)sqlite3_column_int64(row, 3),
        .inode = (uint64_t)sqlite3_column_int64(row, 4),
        .offset = sqlite3_column_int64(row, 5),
        .mark = (uint64_t)sqlite3_column_int64(row, 6),
    };
    figures->lines = (uint64_t)sqlite3_column_int64(row, 7);
    figures->unreadable = (uint64_t)sqlite3_column_int64(row, 8);
    figures->late = (uint64_t)sqlite3_column_int64(row, 9);
    figures->windows = (uint64_t)sqlite3_column_int64(row, 10);
}

static void take_window(void *arg, sqlite3_stmt *row)
{
    struct moment *now = arg;
    const struct pipeline_window window = {
        .start = sqlite3_column_int64(row, 0),
        .requests = (unsigned)sqlite3_column_int64(row, 1),
        .errors = (unsigned)sqlite3_column_int64(row, 2),
        .bytes = (uint64_t)sqlite3_column_int64(row, 3),
    };
    now->figures.newest = window;
    *slot_of(now, window.start) =
        (struct slot){window, sqlite3_column_int(row, 4) == 0, false, 1};
}

static int do_load(struct sql *sql, void *arg)
{
    struct moment *now = arg;
    int rc = sql_do(sql, .words = "SELECT * FROM moment", .row = take_moment,
                    .arg = now);
    if (rc > 0 && now->stored_span != now->span) {
        fprintf(stderr, "%s: its windows have %lld seconds\n", sql->path,
                (long long)now->stored_span);
        return -EINVAL;
    }
    return rc < 0 ? rc
                  : sql_do(sql,
                           .words =
                               "SELECT * FROM (SELECT * FROM windows"
                               " WHERE start >= 0 ORDER BY start DESC LIMIT ?2)"
                               " ORDER BY start",
                           .numbers = {SLOTS}, .row = take_window, .arg = now);
}

int moment_open(struct moment *now, const char *path)
{
    int rc = sql_open(&now->sql, path, schema);
    if (rc == 0)
        rc = sql_run(&now->sql, do_load, now);
    return rc < 0 ? rc : 0;
}
