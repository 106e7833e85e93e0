/*
 * sql.c - an SQLite file that tasks share
 */
#include "sql.h"

#include <errno.h>
#include <stdio.h>

static int failed(const struct sql *sql)
{
    fprintf(stderr, "%s: %s\n", sql->path, sqlite3_errmsg(sql->base));
    return -EIO;
}

static int execute(const struct sql *sql, const char *words)
{
    int rc = sqlite3_exec(sql->base, words, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : failed(sql);
}

int sql_step(struct sql *sql, const struct sql_do *self)
{
    sqlite3_stmt *rows;
    int rc, count = 0;
    if (sqlite3_prepare_v2(sql->base, self->words, -1, &rows, NULL) !=
        SQLITE_OK)
        return failed(sql);
    sqlite3_bind_text(rows, 1, self->text, -1, SQLITE_STATIC);
    for (int i = 0; i < SQL_NUMBERS; i++)
        sqlite3_bind_int64(rows, 2 + i, self->numbers[i]);
    for (; (rc = sqlite3_step(rows)) == SQLITE_ROW; count++)
        if (self->row != NULL)
            self->row(self->arg, rows);
    sqlite3_finalize(rows);
    return rc == SQLITE_DONE ? count : failed(sql);
}

/* ---- on a thread --------------------------------------------------------- */

struct job {
    struct sql *sql;
    int (*fn)(struct sql *sql, void *arg);
    void *arg;
};

/* [transaction] */
static int transaction(void *arg)
{
    const struct job *job = arg;
    int rc = execute(job->sql, "BEGIN IMMEDIATE");
    if (rc == 0)
        rc = job->fn(job->sql, job->arg);
    int end = rc < 0 ? 0 : execute(job->sql, "COMMIT");
    if (rc < 0 || end < 0)
        sqlite3_exec(job->sql->base, "ROLLBACK", NULL, NULL, NULL);
    return end < 0 ? end : rc;
}

int sql_run(struct sql *sql, int (*fn)(struct sql *sql, void *arg), void *arg)
{
    struct job job = {sql, fn, arg};
    int rc;
    FM_LOCKED(&sql->lock, rc) {
        rc = fm_thread_run(transaction, &job);
    }
    return rc;
}
/* [/transaction] */

static int begin(void *arg)
{
    struct job *job = arg;
    struct sql *sql = job->sql;
    if (sqlite3_open(sql->path, &sql->base) != SQLITE_OK)
        return failed(sql);
    return execute(sql, job->arg);
}

int sql_open(struct sql *sql, const char *path, const char *words)
{
    struct job job = {.sql = sql, .arg = (void *)words};
    sql->path = path != NULL ? path : ":memory:";
    return fm_thread_run(begin, &job);
}

/* Also that waits for the disk. */
static int end(void *arg)
{
    struct sql *sql = arg;
    sqlite3_close(sql->base);
    sql->base = NULL;
    return 0;
}

void sql_close(struct sql *sql)
{
    if (sql->base == NULL)
        return;
    FM_SHIELD(60) {
        if (fm_thread_run(end, sql) < 0)
            end(sql);
    }
}
