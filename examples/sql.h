/*
 * sql.h - an SQLite file that tasks share
 *
 * A transaction is a function, which runs on a thread, as one at a time do: all
 * that it has changed is there when it returns, also after a kill -9, and
 * nothing where it fails.
 */
#ifndef EXAMPLES_SQL_H
#define EXAMPLES_SQL_H

#include <fermata.h>
#include <sqlite3.h>

#define SQL_NUMBERS 10

struct sql {
    sqlite3 *base;
    const char *path;
    fm_lock lock;
};

/* What follows returns at least 0; -EIO, when it has said why; or as
 * fm_thread_run. */

/* Opens a file, or with NULL a base that has none, and executes some words
 * outside of a transaction. */
int sql_open(struct sql *sql, const char *path, const char *words);

/* One that was not opened is nothing. */
void sql_close(struct sql *sql);

/* A transaction: below 0 nothing of it has been done. */
int sql_run(struct sql *sql, int (*fn)(struct sql *sql, void *arg), void *arg);

/* A statement, within one. */
struct sql_do {
    const char *words;
    const char *text;                          /* ?1 */
    int64_t numbers[SQL_NUMBERS];              /* from ?2 on */
    void (*row)(void *arg, sqlite3_stmt *row); /* is called for each, or NULL */
    void *arg;
};

/* Returns how many rows there were. */
#define sql_do(sql, ...) sql_step((sql), &(struct sql_do){__VA_ARGS__})
int sql_step(struct sql *sql, const struct sql_do *self);

#endif
