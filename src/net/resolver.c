/*
 * resolver.c - how a resolver begins and ends
 */
#include "net/resolver.h"

#include "base/die.h"
#include "base/memory.h"
#include "loop/span.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#define RESOLVER_TTL_MAX 86400    /* s; a day */
#define RESOLVER_NEGATIVE_MAX 900 /* s; RFC 2308, 5: hours at most */
#define RESOLVER_TIMEOUT_MAX 3600 /* s */

static void resolver_release(fm_resolver *resolver)
{
    fm__cache_clear(resolver);
    fm__ask_fini(resolver);
    fm__files_put(resolver->files);
    for (size_t i = 0; i < FM__FILES; i++)
        fm__memory_free(resolver->paths[i]);
    fm__memory_free(resolver);
}

void fm__resolver_forget(fm_resolver *resolver)
{
    if (resolver->freed && resolver->askers == 0)
        resolver_release(resolver);
}

static void resolver_end(fm_resolver *resolver)
{
    fm__list_remove(&resolver->guest.link);
    if (resolver->own)
        resolver->loop->resolver = NULL;
    resolver->freed = true;
    fm__resolver_forget(resolver);
}

/* The loop ends before it; its tasks have ended. */
static void resolver_leave(struct fm__guest *guest)
{
    fm_resolver *resolver = FM__CONTAINER(guest, fm_resolver, guest);
    if (!resolver->own)
        fm__report(FM_REPORT_LEFT_OPEN, NULL, NULL,
                   "a resolver was still there when its loop ended");
    resolver_end(resolver);
}

static int resolver_path(char **path, const char *given, const char *otherwise)
{
    if (given == NULL)
        given = otherwise;
    size_t size = strlen(given) + 1;
    if (size > PATH_MAX)
        return -ENAMETOOLONG;
    *path = fm__memory_new(size);
    if (*path == NULL)
        return -ENOMEM;
    memcpy(*path, given, size);
    return 0;
}

/* Whoever says which servers to ask reads only the files that it names. */
static int resolver_paths(fm_resolver *resolver,
                          const fm_resolver_options *options)
{
    bool given = options->servers != NULL;
    int rc =
        resolver_path(&resolver->paths[FM__FILE_SETTINGS],
                      options->configuration, given ? "" : "/etc/resolv.conf");
    if (rc == 0)
        rc = resolver_path(&resolver->paths[FM__FILE_HOSTS], options->hosts,
                           "/etc/hosts");
    if (rc == 0)
        rc =
            resolver_path(&resolver->paths[FM__FILE_SWITCHES],
                          options->switches, given ? "" : "/etc/nsswitch.conf");
    return rc;
}

/* A number of the options: 0 is the default; -1: it is out of range. */
static int64_t resolver_number(int given, int64_t otherwise, int64_t most)
{
    if (given < 0 || given > most)
        return -1;
    return given > 0 ? given : otherwise;
}

static int resolver_numbers(fm_resolver *resolver,
                            const fm_resolver_options *options)
{
    int limit = options->cache_limit == -1 ? 1 : options->cache_limit;
    int64_t attempts = resolver_number(options->attempts, 0, FM__ATTEMPTS_MAX);
    int64_t cache = resolver_number(limit, FM__CACHE_LIMIT, FM__CACHE_MAX);
    int64_t least = resolver_number(options->ttl_min, 0, INT_MAX);
    int64_t most = resolver_number(options->ttl_max, RESOLVER_TTL_MAX, INT_MAX);
    int64_t negative =
        resolver_number(options->negative_max, RESOLVER_NEGATIVE_MAX, INT_MAX);
    bool span = fm__span(options->timeout, &resolver->timeout) == 0 &&
                options->timeout >= 0 &&
                options->timeout <= RESOLVER_TIMEOUT_MAX;
    if (!span || attempts < 0 || cache < 0 || least < 0 || most < least ||
        negative < 0)
        return -EINVAL;
    resolver->attempts = (int)attempts;
    resolver->cache_limit = options->cache_limit == -1 ? 0 : (size_t)cache;
    resolver->ttl_min = (uint32_t)least;
    resolver->ttl_max = (uint32_t)most;
    resolver->negative_max = (uint32_t)negative;
    return 0;
}

static int resolver_fill(fm_resolver *resolver,
                         const fm_resolver_options *options)
{
    fm__settings_init(&resolver->settings);
    int rc = resolver_numbers(resolver, options);
    if (rc == 0 && options->servers != NULL && !fm__ask_possible)
        rc = -ENOSYS;
    if (rc == 0 && options->servers != NULL)
        rc = fm__settings_servers(&resolver->settings, options->servers);
    return rc == 0 ? resolver_paths(resolver, options) : rc;
}

static int resolver_make(fm_resolver **out, struct fm__loop *loop,
                         const fm_resolver_options *options)
{
    fm_resolver *resolver = fm__memory_new(sizeof *resolver);
    if (resolver == NULL)
        return -ENOMEM;
    fm__list_init(&resolver->looks);
    fm__list_init(&resolver->recent);
    fm__list_init(&resolver->spares);
    for (size_t i = 0; i < FM__RESOLVER_BUCKETS; i++)
        fm__list_init(&resolver->buckets[i]);
    int rc = resolver_fill(resolver, options);
    if (rc < 0) {
        resolver_release(resolver);
        return rc;
    }
    resolver->loop = loop;
    resolver->guest.leave = resolver_leave;
    fm__loop_guest(loop, &resolver->guest);
    *out = resolver;
    return 0;
}

int fm__resolver_new(fm_resolver **out, const fm_resolver_options *options)
{
    static const fm_resolver_options defaults;
    struct fm__task *self = fm__task_self("fm_resolver_new");
    return resolver_make(out, &self->home->loop,
                         options != NULL ? options : &defaults);
}

static void resolver_check(const fm_resolver *resolver, const char *caller)
{
    const struct fm__task *self = fm__task_self(caller);
    if (FM__UNLIKELY(resolver->loop != &self->home->loop))
        fm__die("%s: this resolver belongs to another loop", caller);
}

void fm_resolver_free(fm_resolver *resolver)
{
    if (resolver == NULL)
        return;
    resolver_check(resolver, "fm_resolver_free");
    if (resolver->waits > 0)
        fm__die("fm_resolver_free: a task waits for an answer of this "
                "resolver");
    resolver_end(resolver);
}

int fm__resolver_of(fm_resolver *given, const char *caller, fm_resolver **out)
{
    static const fm_resolver_options defaults;
    struct fm__loop *loop = &fm__task_self(caller)->home->loop;
    int rc = 0;
    if (given != NULL) {
        resolver_check(given, caller);
        *out = given;
        return 0;
    }
    if (loop->resolver == NULL) {
        rc = resolver_make(&loop->resolver, loop, &defaults);
        if (rc == 0)
            loop->resolver->own = true;
    }
    *out = loop->resolver;
    return rc;
}
