/*
 * pool.c - the connections of a client
 *
 * Invariant: who has a connection has a permit of its origin and one of the
 * client; so those that are kept are all that may be too many, and the one that
 * waited longest goes when another is opened. One that is kept is watched: it
 * is closed when its server says anything, or ends, or its time is over.
 */
#include "base/memory.h"
#include "http/client_record.h"
#include "http/client_tls.h"
#include "io/stream_record.h"

#include <errno.h>
#include <fermata/select.h>
#include <fermata/sleep.h>
#include <fermata/timeout.h>
#include <stdio.h>
#include <string.h>

#define POOL_SECOND 1e9 /* ns */

/* ---- origins ------------------------------------------------------------ */

static struct fm__list *pool_bucket(fm_http_client *client, const char *key)
{
    uint32_t hash = UINT32_C(2166136261); /* FNV-1a */
    for (const char *c = key; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * UINT32_C(16777619);
    return &client->buckets[(hash ^ hash >> 16) % FM__CLIENT_BUCKETS];
}

static struct fm__origin *pool_find(struct fm__list *bucket, const char *key,
                                    bool http1)
{
    struct fm__list *link = bucket->next;
    for (; link != bucket; link = link->next) {
        struct fm__origin *origin =
            FM__CONTAINER(link, struct fm__origin, bucket);
        if (origin->http1 == http1 && strcmp(origin->key, key) == 0)
            return origin;
    }
    return NULL;
}

/* The texts lie behind the record. The URL is that of the server, or of the
 * proxy that is connected to. */
static struct fm__origin *pool_new(fm_http_client *client, const char *key,
                                   const fm_url *url)
{
    const char *host = fm_url_get(url, FM_URL_HOSTNAME);
    size_t key_size = strlen(key) + 1, host_size = strlen(host) + 1;
    size_t size = key_size + 2 * host_size + sizeof ":65535";
    struct fm__origin *origin = fm__memory_new(sizeof *origin + size);
    if (origin == NULL)
        return NULL;
    char *text = (char *)(origin + 1);
    *origin = (struct fm__origin){.client = client};
    origin->key = memcpy(text, key, key_size);
    text += key_size;
    bool literal = host[0] == '[';
    origin->host = memcpy(text, host + literal, host_size - literal);
    text += host_size;
    if (literal)
        text[-3] = '\0';
    snprintf(text, host_size + sizeof ":65535", "%s:%d", host,
             fm_url_port(url));
    origin->address = text;
    fm__list_init(&origin->kept);
    fm_semaphore_init(&origin->permits, client->options.of_origin, 0);
    fm_semaphore_init(&origin->room, 0, 0);
    return origin;
}

/* Who wants to go on in another protocol has no use for HTTP/2, and goes
 * through a proxy, not by its word. */
static struct fm__origin *pool_origin(const struct fm__fetch *fetch)
{
    fm_http_client *client = fetch->client;
    const fm_url *url = fetch->url;
    const struct fm__proxying *proxy = fm__proxies_find(client, url);
    bool secure = strcmp(fm_url_get(url, FM_URL_PROTOCOL), "https:") == 0;
    bool relays = proxy != NULL && proxy->relay != NULL && !secure &&
                  fetch->upgrade == NULL;
    bool http1 = relays || fetch->upgrade != NULL || client->options.http1 ||
                 !fm__h2_is_built() || !(secure || client->options.http2);
    const char *key = relays ? proxy->key : fm_url_get(url, FM_URL_ORIGIN);
    struct fm__list *bucket = pool_bucket(client, key);
    struct fm__origin *origin = pool_find(bucket, key, http1);
    if (origin != NULL)
        return origin;
    origin = pool_new(client, key, relays ? proxy->relay : url);
    if (origin == NULL)
        return NULL;
    origin->proxy = proxy;
    origin->secure = secure;
    origin->relays = relays;
    origin->http1 = http1;
    fm__list_push(bucket, &origin->bucket);
    return origin;
}

static void pool_forget(struct fm__origin *origin)
{
    if (origin->users > 0 || !fm__list_empty(&origin->kept))
        return;
    fm__list_remove(&origin->bucket);
    fm__memory_free(origin);
}

/* ---- those that are kept ------------------------------------------------ */

/* Whatever a server says without a request is nothing to wait for. */
static void pool_heard(struct fm__watch *watch, ssize_t rc)
{
    struct fm__wire *wire = FM__CONTAINER(watch, struct fm__wire, watch);
    (void)rc;
    wire->stale = true;
    fm_event_set(&wire->origin->client->kept_changed);
}

static void pool_unkeep(struct fm__wire *wire)
{
    if (wire->h2 == NULL)
        fm__stream_unwatch(wire->stream);
    fm__list_remove(&wire->of_client);
    fm__list_remove(&wire->of_origin);
}

/* Frees it; its origin may end with it. */
static void pool_close(struct fm__wire *wire, bool in_order)
{
    struct fm__origin *origin = wire->origin;
    fm_http_client *client = origin->client;
    origin->users++;
    if (origin->shared == wire)
        origin->shared = NULL;
    if (wire->h2 != NULL)
        fm__h2_client_close(wire);
    if (in_order)
        fm_close(wire->stream);
    else
        fm_abort(wire->stream);
    client->open--;
    fm__memory_free(wire);
    origin->users--;
    pool_forget(origin);
}

static int64_t pool_end(const fm_http_client *client,
                        const struct fm__wire *wire)
{
    double span = client->options.kept * POOL_SECOND;
    if (wire->stale)
        return 0;
    return span < 9e18 - (double)wire->since ? wire->since + (int64_t)span
                                             : INT64_MAX;
}

/* The one that shall go next, and when. */
static struct fm__wire *pool_next(const fm_http_client *client, int64_t *end)
{
    const struct fm__list *kept = &client->kept;
    struct fm__wire *next = NULL;
    *end = INT64_MAX;
    for (struct fm__list *link = kept->next; link != kept; link = link->next) {
        struct fm__wire *wire = FM__CONTAINER(link, struct fm__wire, of_client);
        if (next == NULL || wire->stale) {
            next = wire;
            *end = pool_end(client, wire);
        }
        if (wire->stale)
            break;
    }
    return next;
}

/* [the client's own task] Ends with the last that is kept. */
static int pool_sweep(void *arg)
{
    fm_http_client *client = arg;
    struct fm__wire *wire;
    int64_t end;
    int rc = 0;
    while (rc == 0 && (wire = pool_next(client, &end)) != NULL) {
        if (end > fm_now()) {
            fm_event_clear(&client->kept_changed);
            FM_TIMEOUT_AT(end, rc) {
                rc = fm_event_wait(&client->kept_changed);
            }
            rc = rc == -ETIMEDOUT ? 0 : rc;
            continue;
        }
        pool_unkeep(wire);
        pool_close(wire, true);
    }
    client->sweeping = false;
    return 0;
}

/* Without a task that closes it, nothing is kept. */
static bool pool_may_keep(fm_http_client *client)
{
    if (client->options.kept < 0 || client->closing)
        return false;
    if (!client->sweeping)
        client->sweeping =
            fm_group_start(&client->tasks, pool_sweep, client) == 0;
    return client->sweeping;
}

/* Nothing has come behind the last answer. */
static bool pool_is_clean(const struct fm__wire *wire)
{
    if (wire->h2 != NULL)
        return fm__h2_client_takes(wire);
    return !wire->stream->heard && fm__stream_held(wire->stream) == 0;
}

static struct fm__wire *pool_take(struct fm__origin *origin)
{
    while (!fm__list_empty(&origin->kept)) {
        struct fm__wire *wire =
            FM__CONTAINER(origin->kept.next, struct fm__wire, of_origin);
        bool stale = pool_end(origin->client, wire) <= fm_now();
        pool_unkeep(wire);
        if (!stale && pool_is_clean(wire))
            return wire;
        pool_close(wire, true);
    }
    return NULL;
}

/* ---- a connection for a request ----------------------------------------- */

static void pool_make_room(fm_http_client *client)
{
    while (client->open >= client->options.connections &&
           !fm__list_empty(&client->kept)) {
        struct fm__wire *wire =
            FM__CONTAINER(client->kept.next, struct fm__wire, of_client);
        pool_unkeep(wire);
        pool_close(wire, true);
    }
}

static bool pool_speaks_h2(const struct fm__wire *wire)
{
    const struct fm__origin *origin = wire->origin;
    const char *chosen = fm__http_alpn(wire->stream);
    if (origin->http1)
        return false;
    return chosen != NULL ? strcmp(chosen, "h2") == 0
                          : origin->client->options.http2;
}

static int pool_open(struct fm__origin *origin, struct fm__wire **out,
                     enum fm_http_step *step)
{
    struct fm__wire *wire = fm__memory_new(sizeof *wire);
    if (wire == NULL)
        return -ENOMEM;
    *wire = (struct fm__wire){.origin = origin};
    wire->watch.heard = pool_heard;
    pool_make_room(origin->client);
    origin->client->open++;
    int rc = fm__wire_connect(origin, &wire->stream, step);
    if (rc < 0) {
        origin->client->open--;
        fm__memory_free(wire);
        return rc;
    }
    if (pool_speaks_h2(wire))
        rc = fm__h2_client_open(wire);
    if (rc < 0)
        pool_close(wire, false);
    else
        *out = wire;
    return rc;
}

/* The last read of an answer has filled its buffer: there may be more behind
 * it, and nobody has looked yet. */
static bool pool_is_unseen(const struct fm__list *kept)
{
    if (fm__list_empty(kept))
        return false;
    const struct fm__wire *wire =
        FM__CONTAINER(kept->next, struct fm__wire, of_origin);
    return wire->h2 == NULL && wire->stream->bulk &&
           !fm__list_empty(&wire->stream->look.link);
}

/* What a server says behind an answer is none to whoever asks next: it shows
 * when the watch has looked, at the end of the turn. */
static int pool_let_look(struct fm__origin *origin)
{
    int rc = 0;
    while (rc == 0 && pool_is_unseen(&origin->kept))
        rc = fm_yield();
    return rc;
}

static int pool_connection(struct fm__origin *origin, struct fm__wire **wire,
                           enum fm_http_step *step)
{
    int rc = pool_let_look(origin);
    if (rc < 0)
        return rc;
    *wire = pool_take(origin);
    return *wire != NULL ? 0 : pool_open(origin, wire, step);
}

static void pool_release(struct fm__origin *origin)
{
    fm_semaphore_release(&origin->client->permits);
    fm_semaphore_release(&origin->permits);
}

static void pool_leave(struct fm__origin *origin)
{
    pool_release(origin);
    origin->users--;
}

static void pool_discard(struct fm__wire *wire, bool in_order)
{
    struct fm__origin *origin = wire->origin;
    pool_close(wire, in_order);
    pool_leave(origin);
    pool_forget(origin);
}

/* ---- connections that are shared ----------------------------------------- */

/* One of HTTP/2 that has requests, and room for another. Its permits are held
 * as long as it has any. */
static struct fm__wire *pool_join(struct fm__origin *origin)
{
    struct fm__wire *wire = origin->shared;
    if (wire == NULL || wire->streams == 0 ||
        wire->streams >= FM_HTTP_STREAMS || !fm__h2_client_takes(wire))
        return NULL;
    wire->streams++;
    return wire;
}

/* A permit, or room on the connection that is shared: whichever is first. */
static int pool_wait(struct fm__origin *origin, fm_semaphore *permits,
                     struct fm__wire **wire)
{
    int rc = 0;
    if (origin->shared == NULL)
        return fm_semaphore_acquire(permits);
    origin->waiting++;
    while (rc >= 0 && (*wire = pool_join(origin)) == NULL &&
           fm_semaphore_acquire_try(permits) < 0) {
        rc = fm_select(fm_when_permit(permits), fm_when_permit(&origin->room));
        if (rc == 1)
            rc = fm_semaphore_acquire_try(&origin->room);
    }
    origin->waiting--;
    return rc < 0 ? rc : 0;
}

static int pool_permit(struct fm__origin *origin, struct fm__wire **wire)
{
    int rc = pool_wait(origin, &origin->permits, wire);
    if (rc < 0 || *wire != NULL)
        return rc;
    rc = pool_wait(origin, &origin->client->permits, wire);
    if (rc < 0 || *wire != NULL)
        fm_semaphore_release(&origin->permits);
    return rc;
}

/* The first connection tells whether others are wanted. */
static int pool_learn(struct fm__origin *origin)
{
    int rc = 0;
    while (rc == 0 && origin->learning) {
        fm_event_clear(&origin->learned);
        rc = fm_event_wait(&origin->learned);
    }
    return rc;
}

static int pool_make(struct fm__origin *origin, struct fm__wire **wire,
                     enum fm_http_step *step)
{
    bool learns = !origin->http1 && !origin->single && !origin->learning &&
                  origin->shared == NULL && fm__list_empty(&origin->kept);
    origin->learning |= learns;
    int rc = pool_connection(origin, wire, step);
    if (learns) {
        origin->learning = false;
        fm_event_set(&origin->learned);
    }
    if (rc == 0)
        origin->single = (*wire)->h2 == NULL;
    if (rc < 0 || origin->single)
        return rc;
    (*wire)->streams = 1;
    origin->shared = *wire;
    for (size_t i = 0; i < origin->waiting; i++)
        fm_semaphore_release(&origin->room);
    return 0;
}

static int pool_join_or_make(struct fm__origin *origin, struct fm__wire **wire,
                             enum fm_http_step *step)
{
    int rc = pool_learn(origin);
    *wire = rc == 0 ? pool_join(origin) : NULL;
    if (rc < 0 || *wire != NULL)
        return rc;
    rc = pool_permit(origin, wire);
    if (rc < 0 || *wire != NULL)
        return rc;
    *wire = pool_join(origin); /* another was faster */
    if (*wire == NULL)
        rc = pool_make(origin, wire, step);
    else
        pool_release(origin);
    if (rc < 0)
        pool_release(origin);
    return rc;
}

int fm__pool_get(struct fm__fetch *fetch, struct fm__wire **wire)
{
    struct fm__origin *origin = pool_origin(fetch);
    fetch->step = FM_HTTP_STEP_QUEUE;
    if (origin == NULL)
        return -ENOMEM;
    origin->users++;
    int rc = pool_join_or_make(origin, wire, &fetch->step);
    if (rc < 0) {
        origin->users--;
        pool_forget(origin);
    }
    return rc;
}

/* ---- after a request ----------------------------------------------------- */

static void pool_keep(struct fm__wire *wire)
{
    struct fm__origin *origin = wire->origin;
    wire->since = fm_now();
    fm__list_push(&origin->client->kept, &wire->of_client);
    fm__list_push(origin->kept.next, &wire->of_origin);
    if (wire->h2 == NULL)
        fm__stream_watch(wire->stream, &wire->watch);
    pool_leave(origin);
}

void fm__pool_put(struct fm__wire *wire)
{
    struct fm__origin *origin = wire->origin;
    if (wire->h2 != NULL && --wire->streams > 0) {
        origin->users--;
        if (origin->waiting > 0)
            fm_semaphore_release(&origin->room);
    } else if (pool_is_clean(wire) && pool_may_keep(origin->client)) {
        pool_keep(wire);
    } else {
        pool_discard(wire, true);
    }
}

void fm__pool_drop(struct fm__wire *wire, bool in_order)
{
    if (wire->h2 != NULL)
        fm__pool_put(wire); /* other requests go on */
    else
        pool_discard(wire, in_order);
}

void fm__pool_lost(struct fm__wire *wire)
{
    if (wire->origin->shared == wire)
        wire->origin->shared = NULL;
    wire->stale = true;
    fm_event_set(&wire->origin->client->kept_changed);
}

void fm__pool_close(fm_http_client *client)
{
    client->closing = true;
    fm_event_set(&client->kept_changed);
    while (!fm__list_empty(&client->kept)) {
        struct fm__wire *wire =
            FM__CONTAINER(client->kept.next, struct fm__wire, of_client);
        pool_unkeep(wire);
        pool_close(wire, true);
    }
    fm_group_cancel(&client->tasks);
    fm_group_close(&client->tasks);
}
