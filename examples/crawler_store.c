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
    " PRIMARY KEY (target, source)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS tally"
    " (found, fetched, moved, broken, forbidden, bytes);"
    "INSERT INTO tally SELECT 0, 0, 0, 0, 0, 0"
    " WHERE NOT EXISTS (SELECT * FROM tally);"
    "CREATE TRIGGER IF NOT EXISTS known AFTER INSERT ON url BEGIN"
    " UPDATE tally SET found = found + 1; END;"
    "CREATE TRIGGER IF NOT EXISTS asked AFTER UPDATE ON url BEGIN"
    " UPDATE tally SET bytes = bytes + new.bytes,"
    " fetched = fetched + (new.status BETWEEN 200 AND 299),"
    " moved = moved + (new.status BETWEEN 300 AND 399),"
    " broken = broken + (new.status < 0 OR new.status > 399),"
    " forbidden = forbidden + (new.status = 0); END;";

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
static const char count[] = "SELECT * FROM tally";
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

/* [link] */
static int take(fm_url *url, const fm_url *site, fm_url_part part)
{
    return fm_url_set(url, part, fm_url_get(site, part));
}

/* One page has one text, however links to it are written. Whose name is in them
 * is not theirs to say. */
void store_link(const struct store *store, struct store_page *page, fm_url *url)
{
    const fm_url *site = store->site;
    if (strcmp(fm_url_get(url, FM_URL_ORIGIN),
               fm_url_get(site, FM_URL_ORIGIN)) != 0 ||
        take(url, site, FM_URL_USERNAME) < 0 ||
        take(url, site, FM_URL_PASSWORD) < 0 ||
        fm_url_set(url, FM_URL_HASH, "") < 0 || fm_url_normalize(url) < 0)
        return;
    const char *text = fm_url_text(url);
    if (strlen(text) > STORE_URL_MOST || page->count == STORE_LINKS_MOST)
        return;
    page->links[page->count] = strdup(text);
    page->count += page->links[page->count] != NULL;
}
/* [/link] */

/* ---- transactions -------------------------------------------------------- */

static int do_open(struct sql *sql, void *arg)
{
    const fm_url *start = arg;
    const char *text = fm_url_text(start);
    char site[STORE_URL_MOST + 1];
    const char *path = strchr(strstr(text, "//") + 2, '/');
    int rc = sql_do(sql, .words = add_start, .text = text);
    snprintf(site, sizeof site, "%.*s/", (int)(path - text), text);
    if (rc == 0)
        rc = sql_do(sql, .words = first, .text = site);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    fprintf(stderr, "%s: of another site\n", sql->path);
    return -EIO;
}

static void take_page(void *arg, sqlite3_stmt *row)
{
    struct store_page *page = arg;
    page->id = sqlite3_column_int64(row, 0);
    snprintf(page->url, sizeof page->url, "%s",
             (const char *)sqlite3_column_text(row, 1));
}

static int do_next(struct sql *sql, void *arg)
{
    struct store_page *page = arg;
    return sql_do(sql, .words = next, .numbers = {page->id}, .row = take_page,
                  .arg = page);
}

/* [keep] */
static int do_keep(struct sql *sql, void *arg)
{
    const struct store_page *page = arg;
    int rc = 0;
    for (unsigned i = 0; rc == 0 && i < page->count; i++) {
        const char *link = page->links[i];
        rc = sql_do(sql, .words = add_url, .text = link,
                    .numbers = {page->most});
        if (rc == 0)
            rc = sql_do(sql, .words = add_link, .text = link,
                        .numbers = {page->id});
    }
    return rc < 0 ? rc
                  : sql_do(sql, .words = finish,
                           .numbers = {page->id, page->status,
                                       (int64_t)page->bytes});
}
/* [/keep] */

static void take_count(void *arg, sqlite3_stmt *row)
{
    struct crawler_figures *figures = arg;
    figures->found = (unsigned)sqlite3_column_int(row, 0);
    figures->fetched = (unsigned)sqlite3_column_int(row, 1);
    figures->redirects = (unsigned)sqlite3_column_int(row, 2);
    figures->broken = (unsigned)sqlite3_column_int(row, 3);
    figures->forbidden = (unsigned)sqlite3_column_int(row, 4);
    figures->bytes = (uint64_t)sqlite3_column_int64(row, 5);
}

static int do_count(struct sql *sql, void *arg)
{
    return sql_do(sql, .words = count, .row = take_count, .arg = arg);
}

static void print_broken(void *report, sqlite3_stmt *row)
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

static int do_report(struct sql *sql, void *report)
{
    return sql_do(sql, .words = broken, .row = print_broken, .arg = report);
}

/* ---- in a task ----------------------------------------------------------- */

int store_open(struct store *store, const char *path, const fm_url *start)
{
    store->site = start;
    if (strlen(fm_url_text(start)) > STORE_URL_MOST)
        return -ENAMETOOLONG;
    if (fm_url_port(start) < 0 || *fm_url_get(start, FM_URL_PATHNAME) != '/')
        return -EINVAL;
    int rc = sql_open(&store->sql, path, schema);
    return rc < 0 ? rc : sql_run(&store->sql, do_open, (void *)start);
}

/* [next] */
static int store_wait(struct store *store, struct store_page *page)
{
    int rc = 0;
    while (rc == 0) {
        fm_event_clear(&store->ended);
        page->id = store->last;
        rc = sql_run(&store->sql, do_next, page);
        if (rc != 0 || store->busy == 0)
            break;
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

/* Others go on while a thread counts: so into figures of its own. */
int store_count(struct store *store, struct crawler_figures *figures)
{
    struct crawler_figures now = {0};
    int rc = sql_run(&store->sql, do_count, &now);
    if (rc < 0)
        return rc;
    memcpy(now.last, figures->last, sizeof now.last);
    *figures = now;
    return 0;
}

int store_keep(struct store *store, struct store_page *page,
               struct crawler_figures *figures)
{
    int rc = 0;
    page->most = store->most;
    FM_SHIELD(60) {
        rc = sql_run(&store->sql, do_keep, page);
        if (rc >= 0)
            rc = store_count(store, figures);
    }
    return rc;
}

int store_report(struct store *store, FILE *report)
{
    struct crawler_figures all = {0};
    int rc = sql_run(&store->sql, do_report, report);
    if (rc >= 0)
        rc = store_count(store, &all);
    if (rc == 0)
        fprintf(report,
                "%u URLs: %u pages and files, %llu bytes; %u redirects;"
                " %u broken; %u left alone\n",
                all.found, all.fetched, (unsigned long long)all.bytes,
                all.redirects, all.broken, all.forbidden);
    return rc;
}
