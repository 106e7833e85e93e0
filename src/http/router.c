/*
 * router.c - a request's path is taken apart, and what it leads to is called
 */
#include "base/die.h"
#include "base/memory.h"
#include "http/exchange_record.h"
#include "http/route_tree.h"
#include "proto/percent.h"

#include <errno.h>
#include <fermata/problem.h>
#include <stdlib.h>

struct fm__slice fm__exchange_path(const fm_exchange *exchange)
{
    struct fm__slice target = fm__slice_of(fm_exchange_target(exchange));
    target = fm__slice_until(target, fm__slice_find(target, '?'));
    if (fm__slice_at(target, 0) == '/')
        return target;
    size_t colon = fm__slice_find(target, ':');
    struct fm__slice rest = fm__slice_after(target, colon + 3);
    target = fm__slice_after(rest, fm__slice_find(rest, '/'));
    return target.size == 0 && rest.size > 0 ? FM__SLICE("/") : target;
}

static bool router_is_encoded(struct fm__slice text)
{
    for (size_t i = fm__slice_find(text, '%'); i < text.size; i++)
        if (text.at[i] == '%' &&
            (fm__hex_digit(fm__slice_at(text, i + 1)) < 0 ||
             fm__hex_digit(fm__slice_at(text, i + 2)) < 0))
            return false;
    return true;
}

static bool router_is_segment(struct fm__slice segment)
{
    return fm__slice_find(segment, '\0') == segment.size &&
           !fm__slice_is(segment, FM__SLICE(".")) &&
           !fm__slice_is(segment, FM__SLICE(".."));
}

/* Decodes the segments into the exchange's memory, which has room for them. */
static int router_split(fm_exchange *exchange, struct fm__slice path)
{
    struct fm__route_match *match = &exchange->match;
    struct fm__pen pen = {exchange->path, exchange->path + path.size, false};
    if (path.size == 0 || !router_is_encoded(path))
        return -EINVAL;
    while (path.size > 0) {
        path = fm__slice_after(path, 1);
        size_t size = fm__slice_find(path, '/');
        char *start = pen.at;
        fm__percent_decode(&pen, fm__slice_until(path, size), false);
        struct fm__slice segment = fm__pen_since(&pen, start);
        if (!router_is_segment(segment) || match->count == FM_ROUTE_SEGMENTS)
            return -EINVAL;
        fm__pen_put(&pen, '\0');
        match->segments[match->count++] = segment;
        path = fm__slice_after(path, size);
    }
    return 0;
}

static int router_room(fm_exchange *exchange, size_t size)
{
    if (size <= exchange->path_room)
        return 0;
    char *path = fm__memory_resize(exchange->path, size);
    if (path == NULL)
        return -ENOMEM;
    exchange->path = path;
    exchange->path_room = size;
    return 0;
}

/* What a parameter with "..." takes becomes one text again. A '/' that was
 * encoded would not be told from the others. */
static bool router_join(struct fm__route_match *match)
{
    if (!match->rest)
        return true;
    unsigned first = match->values[match->route->count - 1];
    for (unsigned i = first; i < match->count; i++) {
        struct fm__slice segment = match->segments[i];
        if (fm__slice_find(segment, '/') < segment.size)
            return false;
        if (i + 1 < match->count)
            *(char *)(uintptr_t)(segment.at + segment.size) = '/';
    }
    return true;
}

/* ---- answers of its own ------------------------------------------------- */

static void router_allow_one(struct fm__pen *pen, const char *start,
                             const char *method)
{
    struct fm__slice list = fm__pen_since(pen, start), word;
    while (fm__list_next(&list, &word))
        if (fm__slice_is(word, fm__slice_of(method)))
            return;
    if (pen->at > start)
        fm__pen_write(pen, FM__SLICE(", "));
    fm__pen_write(pen, fm__slice_of(method));
}

static int router_allow(fm_exchange *exchange)
{
    char text[512];
    const struct fm__route_match *match = &exchange->match;
    struct fm__pen pen = {text, text + sizeof text - 1, false};
    for (unsigned i = 0; i < match->others_count; i++)
        for (const struct fm__route *route = match->others[i]->routes;
             route != NULL; route = route->next) {
            router_allow_one(&pen, text, route->method);
            if (strcmp(route->method, "GET") == 0)
                router_allow_one(&pen, text, "HEAD");
        }
    router_allow_one(&pen, text, "OPTIONS");
    *pen.at = '\0';
    return pen.full ? -EMSGSIZE : fm_reply_set(exchange, "Allow", text);
}

static int router_refuse(fm_exchange *exchange)
{
    if (exchange->match.others_count == 0)
        return fm__reply_for(exchange, 404);
    bool asks = strcmp(exchange->match.method, "OPTIONS") == 0;
    int rc = router_allow(exchange);
    if (rc < 0)
        return rc;
    return asks ? fm_reply(exchange, 204, NULL, 0)
                : fm_reply_problem(exchange, 405);
}

/* ---- calling ------------------------------------------------------------ */

int fm_route_next(fm_exchange *exchange)
{
    const struct fm__route_around *around = exchange->around;
    if (exchange->match.route == NULL)
        fm__die("fm_route_next: no router has led the request here");
    if (around == NULL) {
        const fm_route_target *target = &exchange->match.route->target;
        return target->handler(exchange, target->arg);
    }
    exchange->around = around->next;
    return around->target.handler(exchange, around->target.arg);
}

/* Without its port; empty where no route asks for one. */
static struct fm__slice router_host(const fm_router *router,
                                    const fm_exchange *exchange)
{
    if (router->hosts == NULL || router->hosts->host == NULL)
        return FM__SLICE("");
    struct fm__slice host = fm__slice_of(fm_exchange_host(exchange));
    size_t end = host.size;
    while (end > 0 && host.at[end - 1] >= '0' && host.at[end - 1] <= '9')
        end--;
    if (end > 0 && host.at[end - 1] == ':')
        host.size = end - 1;
    return host;
}

int fm_router_handle(fm_exchange *exchange, void *arg)
{
    fm_router *router = arg;
    struct fm__route_match *match = &exchange->match;
    struct fm__slice path = fm__exchange_path(exchange);
    int rc = router_room(exchange, path.size + 1);
    if (rc < 0)
        return rc;
    memset(match, 0, offsetof(struct fm__route_match, segments));
    match->method = fm_exchange_method(exchange);
    if (router_split(exchange, path) < 0)
        return fm__reply_for(exchange, 400);
    if (!fm__route_find(router, router_host(router, exchange), match))
        return router_refuse(exchange);
    if (!router_join(match))
        return fm__reply_for(exchange, 404);
    exchange->around = router->around;
    return fm_route_next(exchange);
}

const char *fm_exchange_parameter(const fm_exchange *exchange, const char *name)
{
    const struct fm__route_match *match = &exchange->match;
    if (match->route == NULL)
        return NULL;
    for (unsigned i = 0; i < match->route->count; i++)
        if (strcmp(match->route->names[i], name) == 0)
            return match->segments[match->values[i]].at;
    return NULL;
}

int64_t fm_exchange_number(const fm_exchange *exchange, const char *name)
{
    const char *text = fm_exchange_parameter(exchange, name);
    return text != NULL ? strtoll(text, NULL, 10) : 0;
}
