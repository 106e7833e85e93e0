/*
 * route_tree.c - routes are added to a tree, and found in it
 *
 * A node has one depth, and so is tried for one segment of a path at most,
 * whatever the pattern is: a match costs no more than the tree has nodes.
 */
#include "http/route_tree.h"

#include "base/memory.h"
#include "proto/field.h"

#include <errno.h>

/* ---- adding ------------------------------------------------------------- */

struct route_pattern {
    struct fm__slice host;
    struct fm__slice path; /* without its first '/' */
};

static char *route_copy(struct fm__slice text)
{
    char *copy = fm__memory_new(text.size + 1);
    if (copy != NULL)
        memcpy(copy, text.at, text.size);
    return copy;
}

static void route_free(struct fm__route *route)
{
    for (unsigned i = 0; i < route->count; i++)
        fm__memory_free(route->names[i]);
    fm__memory_free(route->method);
    fm__memory_free(route);
}

/* Those below a node go before those beside it. */
static void route_free_nodes(struct fm__route_node *node)
{
    while (node != NULL) {
        struct fm__route_node **last = &node->children;
        while (*last != NULL)
            last = &(*last)->next;
        *last = node->next;
        struct fm__route_node *next = node->children;
        while (node->routes != NULL) {
            struct fm__route *route = node->routes;
            node->routes = route->next;
            route_free(route);
        }
        fm__memory_free(node->text);
        fm__memory_free(node);
        node = next;
    }
}

fm_router *fm_router_new(void)
{
    return fm__memory_new(sizeof(fm_router));
}

void fm_router_free(fm_router *router)
{
    if (router == NULL)
        return;
    while (router->hosts != NULL) {
        struct fm__route_host *host = router->hosts;
        router->hosts = host->next;
        route_free_nodes(host->nodes);
        fm__memory_free(host->host);
        fm__memory_free(host);
    }
    while (router->around != NULL) {
        struct fm__route_around *around = router->around;
        router->around = around->next;
        fm__memory_free(around);
    }
    fm__memory_free(router);
}

int fm_route_around(fm_router *router, fm_route_target target)
{
    if (router == NULL)
        return -ENOMEM;
    struct fm__route_around *around = fm__memory_new(sizeof *around);
    if (around == NULL)
        return -ENOMEM;
    struct fm__route_around **last = &router->around;
    while (*last != NULL)
        last = &(*last)->next;
    around->target = target;
    *last = around;
    return 0;
}

/* The tree of a host; NULL without memory. Those with a name come first. */
static struct fm__route_host *route_host(fm_router *router,
                                         struct fm__slice name)
{
    struct fm__route_host **place = &router->hosts;
    for (; *place != NULL && (*place)->host != NULL; place = &(*place)->next)
        if (fm__slice_like(fm__slice_of((*place)->host), name))
            return *place;
    if (*place != NULL && name.size == 0)
        return *place;
    struct fm__route_host *host = fm__memory_new(sizeof *host);
    if (host == NULL)
        return NULL;
    host->host = name.size > 0 ? route_copy(name) : NULL;
    if (name.size > 0 && host->host == NULL) {
        fm__memory_free(host);
        return NULL;
    }
    host->next = *place;
    *place = host;
    return host;
}

/* What a segment of a pattern is, and the parameter's name. */
static int route_kind(struct fm__slice segment, bool last,
                      struct fm__slice *name)
{
    bool braces = fm__slice_find(segment, '{') < segment.size ||
                  fm__slice_find(segment, '}') < segment.size;
    if (!braces)
        return FM__ROUTE_TEXT;
    if (segment.size < 3 || segment.at[0] != '{' ||
        segment.at[segment.size - 1] != '}')
        return -EINVAL;
    *name = fm__slice_after(fm__slice_until(segment, segment.size - 1), 1);
    int kind = FM__ROUTE_ANY;
    size_t dots = fm__slice_find(*name, '.');
    size_t colon = fm__slice_find(*name, ':');
    if (dots < name->size) {
        kind =
            last && fm__slice_is(fm__slice_after(*name, dots), FM__SLICE("..."))
                ? FM__ROUTE_REST
                : -EINVAL;
        *name = fm__slice_until(*name, dots);
    } else if (colon < name->size) {
        kind = fm__slice_is(fm__slice_after(*name, colon), FM__SLICE(":int"))
                   ? FM__ROUTE_NUMBER
                   : -EINVAL;
        *name = fm__slice_until(*name, colon);
    }
    return fm__token_is(*name) ? kind : -EINVAL;
}

static bool route_is_node(const struct fm__route_node *node,
                          enum fm__route_kind kind, struct fm__slice text)
{
    return node->kind == kind && (kind != FM__ROUTE_TEXT ||
                                  fm__slice_is(fm__slice_of(node->text), text));
}

/* The child for a segment, which is made where it is not there. */
static struct fm__route_node *route_child(struct fm__route_node **children,
                                          enum fm__route_kind kind,
                                          struct fm__slice text)
{
    struct fm__route_node **place = children;
    for (; *place != NULL && (*place)->kind <= kind; place = &(*place)->next)
        if (route_is_node(*place, kind, text))
            return *place;
    struct fm__route_node *node = fm__memory_new(sizeof *node);
    if (node == NULL)
        return NULL;
    node->kind = kind;
    if (kind == FM__ROUTE_TEXT)
        node->text = route_copy(text);
    if (kind == FM__ROUTE_TEXT && node->text == NULL) {
        fm__memory_free(node);
        return NULL;
    }
    node->next = *place;
    *place = node;
    return node;
}

static int route_name(struct fm__route *route, struct fm__slice name)
{
    for (unsigned i = 0; i < route->count; i++)
        if (fm__slice_is(fm__slice_of(route->names[i]), name))
            return -EINVAL;
    if (route->count == FM_ROUTE_PARAMETERS)
        return -EINVAL;
    char *copy = route_copy(name);
    if (copy == NULL)
        return -ENOMEM;
    route->names[route->count++] = copy;
    return 0;
}

/* Down the path, to the node where the route belongs. */
static int route_walk(struct fm__route *route, struct fm__slice path,
                      struct fm__route_node **nodes,
                      struct fm__route_node **end)
{
    struct fm__slice name;
    unsigned depth = 0;
    for (bool last = false; !last;) {
        size_t size = fm__slice_find(path, '/');
        struct fm__slice segment = fm__slice_until(path, size);
        last = size == path.size;
        int kind = route_kind(segment, last, &name);
        if (kind < 0 || depth++ == FM_ROUTE_SEGMENTS)
            return -EINVAL;
        int rc = kind != FM__ROUTE_TEXT ? route_name(route, name) : 0;
        if (rc < 0)
            return rc;
        *end = route_child(nodes, (enum fm__route_kind)kind, segment);
        if (*end == NULL)
            return -ENOMEM;
        nodes = &(*end)->children;
        path = fm__slice_after(path, size + 1);
    }
    return 0;
}

static bool route_is_method(const struct fm__route *route, const char *method)
{
    if (route->method == NULL || method == NULL)
        return route->method == method;
    return strcmp(route->method, method) == 0;
}

/* Those of every method come last. */
static int route_put(struct fm__route_node *node, struct fm__route *route)
{
    struct fm__route **place = &node->routes;
    for (; *place != NULL; place = &(*place)->next) {
        if (route_is_method(*place, route->method))
            return -EEXIST;
        if ((*place)->method == NULL)
            break;
    }
    route->next = *place;
    *place = route;
    return 0;
}

static int route_add(fm_router *router, struct fm__route *route,
                     struct route_pattern pattern)
{
    struct fm__route_node *end = NULL;
    struct fm__route_host *host = route_host(router, pattern.host);
    if (host == NULL)
        return -ENOMEM;
    int rc = route_walk(route, pattern.path, &host->nodes, &end);
    return rc < 0 ? rc : route_put(end, route);
}

/* A name, or an address in brackets: a port would never be found. */
static bool route_is_host(struct fm__slice host)
{
    size_t end = fm__slice_at(host, 0) == '[' ? fm__slice_find(host, ']') : 0;
    host = fm__slice_after(host, end);
    return fm__slice_find(host, ':') == host.size;
}

/* A method and a pattern are borrowed until it returns. */
int fm_route(fm_router *router, const char *method, const char *pattern,
             fm_route_target target)
{
    if (router == NULL)
        return -ENOMEM;
    struct fm__slice all = fm__slice_of(pattern);
    size_t slash = fm__slice_find(all, '/');
    struct route_pattern taken = {fm__slice_until(all, slash),
                                  fm__slice_after(all, slash + 1)};
    if (slash == all.size || target.handler == NULL ||
        !route_is_host(taken.host) ||
        (method != NULL && !fm__token_is(fm__slice_of(method))))
        return -EINVAL;
    struct fm__route *route = fm__memory_new(sizeof *route);
    if (route == NULL)
        return -ENOMEM;
    route->target = target;
    int rc = 0;
    if (method != NULL) {
        route->method = route_copy(fm__slice_of(method));
        rc = route->method != NULL ? 0 : -ENOMEM;
    }
    if (rc == 0)
        rc = route_add(router, route, taken);
    if (rc < 0)
        route_free(route);
    return rc;
}

/* ---- finding ------------------------------------------------------------ */

static bool route_is_number(struct fm__slice text)
{
    size_t sign = fm__slice_at(text, 0) == '-';
    if (text.size == sign || text.size > sign + 18)
        return false;
    for (size_t i = sign; i < text.size; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    return true;
}

static bool route_takes(const struct fm__route_node *node,
                        struct fm__slice segment)
{
    switch (node->kind) {
    case FM__ROUTE_TEXT:
        return fm__slice_is(segment, fm__slice_of(node->text));
    case FM__ROUTE_NUMBER:
        return route_is_number(segment);
    case FM__ROUTE_ANY:
        return segment.size > 0;
    default:
        return true;
    }
}

static const struct fm__route *route_of(const struct fm__route_node *node,
                                        const char *method)
{
    const struct fm__route *route = node->routes;
    while (route != NULL && route->method != NULL &&
           strcmp(route->method, method) != 0)
        route = route->next;
    return route;
}

/* The path ends at a node. */
static bool route_ends(const struct fm__route_node *node,
                       struct fm__route_match *match)
{
    if (node->routes == NULL)
        return false;
    match->route = route_of(node, match->method);
    if (match->route == NULL && strcmp(match->method, "HEAD") == 0)
        match->route = route_of(node, "GET");
    if (match->route == NULL && match->others_count < FM__COUNT(match->others))
        match->others[match->others_count++] = node;
    return match->route != NULL;
}

/* Tries the nodes of each segment in their order, and goes back where none
 * takes it. */
static bool route_descend(const struct fm__route_node *node,
                          struct fm__route_match *match)
{
    const struct fm__route_node *way[FM_ROUTE_SEGMENTS] = {NULL};
    unsigned depth = 0, values = 0; /* of the way, which is above the node */
    while (node != NULL || depth > 0) {
        if (node == NULL) {
            node = way[--depth];
            values -= node->kind != FM__ROUTE_TEXT;
            node = node->next;
            continue;
        }
        if (!route_takes(node, match->segments[depth])) {
            node = node->next;
            continue;
        }
        if (node->kind != FM__ROUTE_TEXT)
            match->values[values] = depth;
        match->rest = node->kind == FM__ROUTE_REST;
        if (!match->rest && depth + 1 < match->count) {
            values += node->kind != FM__ROUTE_TEXT;
            way[depth++] = node;
            node = node->children;
        } else if (route_ends(node, match)) {
            return true;
        } else {
            node = node->next;
        }
    }
    return false;
}

bool fm__route_find(const struct fm_router *router, struct fm__slice host,
                    struct fm__route_match *match)
{
    for (const struct fm__route_host *each = router->hosts; each != NULL;
         each = each->next)
        if ((each->host == NULL ||
             fm__slice_like(host, fm__slice_of(each->host))) &&
            route_descend(each->nodes, match))
            return true;
    return false;
}
