/*
 * cache.c - answers that are known, and questions that are being asked
 *
 * Whoever wants the same answer at the same time shares one question. A task
 * under the root asks it, so that the cut of one who waits cuts no other; the
 * last one who waits takes it back.
 */
#include "base/memory.h"
#include "net/resolver.h"

#include <errno.h>
#include <fermata/error.h>
#include <string.h>

#define CACHE_SECOND INT64_C(1000000000)
#define CACHE_STACK 65536 /* c-ares has messages on it */

static struct fm__list *cache_bucket(fm_resolver *resolver,
                                     const struct fm__question *question)
{
    uint32_t hash = UINT32_C(2166136261) ^ question->type; /* FNV-1a */
    for (const char *c = question->name; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * UINT32_C(16777619);
    return &resolver->buckets[(hash ^ hash >> 16) % FM__RESOLVER_BUCKETS];
}

static void cache_free(struct fm__entry *entry)
{
    fm__files_put(entry->files);
    fm__memory_free(entry->answer);
    fm__memory_free(entry);
}

/* No newcomer finds it any more. */
static void cache_forget(struct fm__entry *entry)
{
    fm__list_remove(&entry->bucket);
    if (!fm__list_empty(&entry->recent)) {
        fm__list_remove(&entry->recent);
        entry->resolver->cached--;
    }
    if (entry->users == 0)
        cache_free(entry);
}

static struct fm__entry *cache_oldest(const fm_resolver *resolver)
{
    return FM__CONTAINER(resolver->recent.next, struct fm__entry, recent);
}

void fm__cache_clear(fm_resolver *resolver)
{
    while (!fm__list_empty(&resolver->recent))
        cache_forget(cache_oldest(resolver));
}

/* ns that an answer is kept; 0: it is not. */
static int64_t cache_span(const fm_resolver *resolver,
                          const struct fm__answer *answer)
{
    uint32_t ttl = answer->ttl;
    uint32_t most =
        answer->rc == 0 ? resolver->ttl_max : resolver->negative_max;
    if (ttl == 0 || answer->rc == -FM_ESERVERFAILED)
        return 0;
    if (ttl < resolver->ttl_min)
        ttl = resolver->ttl_min;
    if (ttl > most)
        ttl = most;
    return ttl * CACHE_SECOND;
}

/* It is known now: kept, or forgotten once those who wait have read it. */
static void cache_keep(struct fm__entry *entry)
{
    fm_resolver *resolver = entry->resolver;
    int64_t span =
        entry->answer != NULL ? cache_span(resolver, entry->answer) : 0;
    if (fm__list_empty(&entry->bucket)) /* nobody waits */
        return;
    if (span == 0 || resolver->cache_limit == 0) {
        fm__list_remove(&entry->bucket);
        return;
    }
    entry->until = fm__loop_now(resolver->loop) + span;
    fm__list_push(&resolver->recent, &entry->recent);
    if (++resolver->cached > resolver->cache_limit)
        cache_forget(cache_oldest(resolver));
}

static void cache_leave(struct fm__entry *entry)
{
    if (--entry->users == 0 && fm__list_empty(&entry->bucket))
        cache_free(entry);
}

static int cache_ask(void *arg)
{
    struct fm__entry *entry = arg;
    entry->rc = fm__ask(entry, &entry->answer);
    return 0;
}

/* The task that asked has ended. */
static void cache_reap(struct fm__reaper *reaper, struct fm__task *task)
{
    struct fm__entry *entry = FM__CONTAINER(reaper, struct fm__entry, reaper);
    fm_resolver *resolver = entry->resolver;
    fm__task_release(task);
    entry->asker = NULL;
    cache_keep(entry);
    while (fm__wake_first(&entry->waiters, 0))
        ;
    cache_leave(entry);
    resolver->askers--;
    fm__resolver_forget(resolver);
}

static int cache_start(struct fm__entry *entry)
{
    static const fm_task_options options = {.stack_size = CACHE_STACK};
    struct fm__conductor *home = fm__current->home;
    const struct fm__start start = {(fm__fn)cache_ask, entry, FM__SHARED,
                                    FM__LABEL(fm_resolve), &options};
    entry->asker = fm__task_new(home, &home->root, &start);
    if (entry->asker == NULL)
        return -ENOMEM;
    entry->asker->under = 0;
    entry->reaper.reap = cache_reap;
    entry->asker->reaper = &entry->reaper;
    entry->resolver->askers++;
    return 0;
}

/* One that nobody asks for yet, with its two users: the asker, the caller. */
static int cache_begin(fm_resolver *resolver, struct fm__files *files,
                       const struct fm__question *question,
                       struct fm__entry **out)
{
    struct fm__entry *entry = fm__memory_new(sizeof *entry);
    if (entry == NULL)
        return -ENOMEM;
    fm__name_put(entry->name, question->name);
    entry->question = (struct fm__question){entry->name, question->type};
    entry->resolver = resolver;
    entry->users = 2;
    fm__list_init(&entry->recent);
    fm__list_init(&entry->waiters);
    if (cache_start(entry) < 0) {
        fm__memory_free(entry);
        return -ENOMEM;
    }
    entry->files = files;
    files->users++;
    fm__list_push(cache_bucket(resolver, question), &entry->bucket);
    *out = entry;
    return 0;
}

/* One that is known and fresh, or being asked for; NULL. */
static struct fm__entry *cache_find(fm_resolver *resolver,
                                    const struct fm__question *question)
{
    struct fm__list *bucket = cache_bucket(resolver, question);
    struct fm__list *link = bucket->next;
    for (; link != bucket; link = link->next) {
        struct fm__entry *entry = FM__CONTAINER(link, struct fm__entry, bucket);
        if (entry->question.type == question->type &&
            strcmp(entry->name, question->name) == 0)
            return entry;
    }
    return NULL;
}

int fm__entry_want(fm_resolver *resolver, struct fm__files *files,
                   const struct fm__question *question, struct fm__entry **out)
{
    struct fm__entry *entry = cache_find(resolver, question);
    if (entry != NULL && entry->asker == NULL &&
        entry->until <= fm__loop_now(resolver->loop)) {
        cache_forget(entry);
        entry = NULL;
    }
    if (entry == NULL)
        return cache_begin(resolver, files, question, out);
    if (entry->asker == NULL) { /* the one used last is at the end */
        fm__list_remove(&entry->recent);
        fm__list_push(&resolver->recent, &entry->recent);
    }
    entry->users++;
    *out = entry;
    return 0;
}

static const struct fm__wait_kind cache_kind = {
    .cut = fm__park_cut,
    .name = "resolve",
};

int fm__entry_wait(struct fm__entry *entry)
{
    struct fm__queued queued;
    while (entry->asker != NULL) {
        int rc = fm__checkpoint(fm__current, "fm_resolve");
        if (rc == 0)
            rc = fm__park_in(&entry->waiters, &queued, &cache_kind);
        if (rc < 0)
            return rc;
    }
    return entry->rc;
}

void fm__entry_put(struct fm__entry *entry)
{
    if (entry == NULL)
        return;
    if (entry->asker != NULL && entry->users == 2) {
        fm__list_remove(&entry->bucket);
        fm__cancel(entry->asker);
    }
    cache_leave(entry);
}
