/*
 * crawler_store.c - which URLs a crawler knows, and what came of them
 */
#include "crawler_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* [schema] */
static const char schema[] =
    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = NORMAL;"
    "CREATE TABLE IF NOT EXISTS url (id INTEGER PRIMARY KEY, text UNIQUE,"
    " status INTEGER, bytes INTEGER);" /* no status: to be asked for */
    "CREATE TABLE IF NOT EXISTS link (target, source,"
    " PRIMARY KEY (target, source)) WITHOUT ROWID;";

static const char add_start[] = "INSERT OR IGNORE INTO url (text) VALUES (?1)";
static const char add_url[] = "INSERT OR IGNORE INTO url (text) SELECT ?1"
                              " WHERE (SELECT max(id) FROM url) < ?2";
static const char add_link[] = "INSERT OR IGNORE INTO link"
                               " SELECT id, ?2 FROM url WHERE text = ?1";
static const char finish[] =
    "UPDATE url SET status = ?3, bytes = ?4 WHERE id = ?2";
/* [/schema] */

static const char first[] = "SELECT 1 FROM url WHERE id = 1"
                            " AND substr(text, 1, length(?1)) = ?1";
static const char next[] = "SELECT id, text FROM url WHERE id > ?2"
                           " AND status IS NULL ORDER BY id LIMIT 1";
static const char count[] =
    "SELECT count(*), count(*) FILTER (WHERE status BETWEEN 200 AND 299),"
    " count(*) FILTER (WHERE status BETWEEN 300 AND 399),"
    " count(*) FILTER (WHERE status < 0 OR status > 399),"
    " count(*) FILTER (WHERE status = 0), total(bytes) FROM url";
/* Paths alone: all is of one site. */
#define PATH(text) "substr(" text ", 8 + instr(substr(" text ", 9), '/'))"
static const char broken[] = "SELECT status, " PATH(
    "text") " AS path, (SELECT"
            " group_concat(path, char(10) || '    from ') FROM (SELECT " PATH(
                "text") " AS path FROM link JOIN url AS page ON page.id = "
                        "source"
                        " WHERE target = url.id ORDER BY path LIMIT 10))"
                        " FROM url WHERE status < 0 OR status > 399 ORDER BY "
                        "path";

void store_page_link(struct store_page *page, const char *url)
{
    if (strlen(url) > STORE_URL_MOST || page->count == STORE_LINKS_MOST)
        return;
    page->links[page->count] = strdup(url);
    page->count += page->links[page->count] != NULL;
}

/* ---- on a thread --------------------------------------------------------- */

struct values {
    const char *text;   /* ?1 */
    int64_t numbers[3]; /* ?2 to ?4 */
};

static sqlite3_stmt *query(const struct store *store, const char *sql,
                           struct values values)
{
    sqlite3_stmt *rows = NULL;
    if (sqlite3_prepare_v2(store->base, sql, -1, &rows, NULL) != SQLITE_OK)
        return NULL;
    sqlite3_bind_text(rows, 1, values.text, -1, SQLITE_TRANSIENT);
    for (int i = 0; i < 3; i++)
        sqlite3_bind_int64(rows, 2 + i, values.numbers[i]);
    return rows;
}

static int failed(const struct store *store)
{
    fprintf(stderr, "%s: %s\n", store->path, sqlite3_errmsg(store->base));
    return -EIO;
}

static int change(const struct store *store, const char *sql,
                  struct values values)
{
    sqlite3_stmt *rows = query(store, sql, values);
    int rc = sqlite3_step(rows);
    sqlite3_finalize(rows);
    return rc == SQLITE_DONE ? 0 : failed(store);
}

static int do_open(void *arg)
{
    struct store *store = arg;
    const fm_url *start = store->arg;
    char origin[STORE_URL_MOST];
    if (sqlite3_open(store->path, &store->base) != SQLITE_OK ||
        sqlite3_exec(store->base, schema, NULL, NULL, NULL) != SQLITE_OK)
        return failed(store);
    int rc = change(store, add_start, (struct values){fm_url_text(start), {0}});
    snprintf(origin, sizeof origin, "%s/", fm_url_get(start, FM_URL_ORIGIN));
    sqlite3_stmt *row = query(store, first, (struct values){origin, {0}});
    bool same = sqlite3_step(row) == SQLITE_ROW;
    sqlite3_finalize(row);
    if (rc == 0 && !same) {
        fprintf(stderr, "%s: of another site\n", store->path);
        rc = -EIO;
    }
    return rc;
}

static int do_next(void *arg)
{
    struct store *store = arg;
    struct store_page *page = store->arg;
    sqlite3_stmt *row = query(store, next, (struct values){"", {page->id}});
    int rc = sqlite3_step(row);
    page->url[0] = '\0';
    if (rc == SQLITE_ROW) {
        page->id = sqlite3_column_int64(row, 0);
        snprintf(page->url, sizeof page->url, "%s",
                 (const char *)sqlite3_column_text(row, 1));
    }
    sqlite3_finalize(row);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : failed(store);
}

/* [keep] */
static int do_keep(void *arg)
{
    struct store *store = arg;
    const struct store_page *page = store->arg;
    int rc = change(store, "BEGIN", (struct values){0});
    for (unsigned i = 0; rc == 0 && i < page->count; i++) {
        const char *link = page->links[i];
        rc = change(store, add_url, (struct values){link, {store->most}});
        if (rc == 0)
            rc = change(store, add_link, (struct values){link, {page->id}});
    }
    if (rc == 0)
        rc = change(store, finish,
                    (struct values){
                        "", {page->id, page->status, (int64_t)page->bytes}});
    if (rc == 0)
        rc = change(store, "COMMIT", (struct values){0});
    return rc;
}
/* [/keep] */

static int count_into(const struct store *store,
                      struct crawler_figures *figures)
{
    sqlite3_stmt *row = query(store, count, (struct values){0});
    int rc = sqlite3_step(row);
    *figures = (struct crawler_figures){
        .found = (unsigned)sqlite3_column_int(row, 0),
        .fetched = (unsigned)sqlite3_column_int(row, 1),
        .redirects = (unsigned)sqlite3_column_int(row, 2),
        .broken = (unsigned)sqlite3_column_int(row, 3),
        .forbidden = (unsigned)sqlite3_column_int(row, 4),
        .bytes = (uint64_t)sqlite3_column_int64(row, 5),
    };
    sqlite3_finalize(row);
    return rc == SQLITE_ROW ? 0 : failed(store);
}

static int do_count(void *arg)
{
    const struct store *store = arg;
    return count_into(store, store->arg);
}

static void print_broken(FILE *report, sqlite3_stmt *row)
{
    int status = sqlite3_column_int(row, 0);
    const unsigned char *from = sqlite3_column_text(row, 2);
    fprintf(report, "%s: ", sqlite3_column_text(row, 1));
    if (status < 0)
        fprintf(report, "%s\n", fm_strerror(status));
    else
        fprintf(report, "%d\n", status);
    if (from != NULL)
        fprintf(report, "    from %s\n", from);
}

static int do_report(void *arg)
{
    const struct store *store = arg;
    FILE *report = store->arg;
    struct crawler_figures all;
    int rc = count_into(store, &all);
    if (rc < 0)
        return rc;
    sqlite3_stmt *row = query(store, broken, (struct values){0});
    while ((rc = sqlite3_step(row)) == SQLITE_ROW)
        print_broken(report, row);
    sqlite3_finalize(row);
    fprintf(report,
            "%u URLs: %u pages and files, %llu bytes; %u redirects; %u broken;"
            " %u left alone\n",
            all.found, all.fetched, (unsigned long long)all.bytes,
            all.redirects, all.broken, all.forbidden);
    return rc == SQLITE_DONE ? 0 : failed(store);
}

/* ---- in a task ----------------------------------------------------------- */

/* [run] */
static int store_run(struct store *store, int (*fn)(void *), void *arg)
{
    int rc;
    FM_LOCKED(&store->lock, rc) {
        store->arg = arg;
        rc = fm_thread_run(fn, store);
    }
    return rc;
}

/* [/run] */

int store_open(struct store *store, const fm_url *start)
{
    store->path = store->path != NULL ? store->path : ":memory:";
    return store_run(store, do_open, (void *)start);
}

/* [next] */
static int store_wait(struct store *store, struct store_page *page)
{
    int rc = 0;
    while (rc == 0) {
        fm_event_clear(&store->ended);
        page->id = store->last;
        rc = store_run(store, do_next, page);
        if (rc == 0 && page->url[0] != '\0')
            return 1;
        if (rc == 0 && store->busy == 0)
            return 0;
        if (rc == 0)
            rc = fm_event_wait(&store->ended);
    }
    return rc;
}

int store_next(struct store *store, struct store_page **out)
{
    struct store_page *page = calloc(1, sizeof *page);
    int rc = page != NULL ? store_wait(store, page) : -ENOMEM;
    if (rc <= 0) {
        free(page);
        return rc;
    }
    store->last = page->id;
    store->busy++;
    *out = page;
    return 1;
}

void store_back(struct store *store, struct store_page *page)
{
    for (unsigned i = 0; i < page->count; i++)
        free(page->links[i]);
    free(page);
    store->busy--;
    fm_event_set(&store->ended);
}
/* [/next] */

int store_count(struct store *store, struct crawler_figures *figures)
{
    struct crawler_figures now;
    int rc = store_run(store, do_count, &now);
    if (rc < 0)
        return rc;
    memcpy(now.last, figures->last, sizeof now.last);
    *figures = now;
    return 0;
}

int store_keep(struct store *store, struct store_page *page,
               struct crawler_figures *figures)
{
    int rc = store_run(store, do_keep, page);
    return rc < 0 ? rc : store_count(store, figures);
}

int store_report(struct store *store, FILE *report)
{
    return store_run(store, do_report, report);
}

void store_close(struct store *store)
{
    sqlite3_close(store->base);
    store->base = NULL;
}
