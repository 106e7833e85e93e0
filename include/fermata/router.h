/*
 * router.h - which handler answers which request
 *
 *     fm_router *router = fm_router_new();
 *     fm_route(router, "GET", "/", FM_ROUTE(front, NULL));
 *     fm_route(router, "GET", "/users/{id:int}", FM_ROUTE(user, &store));
 *     fm_route(router, "GET", "/files/{path...}",
 *              FM_ROUTE(fm_http_files, &files));
 *     rc = fm_http_serve(listener, fm_router_handle, router);
 *
 * A word in braces stands for one segment of the path: any, or with ":int" a
 * whole number; with "..." for all that follows. Of several routes that match,
 * the one that says more counts: a text before a number before any segment
 * before the rest, from the left. In libfermata-http.
 */
#ifndef FERMATA_ROUTER_H
#define FERMATA_ROUTER_H

#include <fermata/api.h>
#include <fermata/exchange.h>

#define FM_ROUTE_SEGMENTS 32   /* of a path */
#define FM_ROUTE_PARAMETERS 16 /* of a route */

/* Routes; made by fm_router_new, of one loop, ended by fm_router_free. */
typedef struct fm_router fm_router;

/* A handler and what it is called with; FM_ROUTE makes one. */
typedef struct fm_route_target {
    fm_http_handler handler;
    void *arg;
} fm_route_target;

/* What a route leads to: a handler, and what it is called with. */
#define FM_ROUTE(handler, arg) ((fm_route_target){(handler), (arg)})

#ifdef __cplusplus
extern "C" {
#endif

/* Returns a router without routes; NULL, without memory, answers -ENOMEM to all
 * that adds. */
FM_API FM_MUST_USE fm_router *fm_router_new(void);

/* Ends it; NULL is nothing. No request may be with it. */
FM_API void fm_router_free(fm_router *router);

/*
 * Adds a route. method is a token such as "GET"; NULL: every one that has no
 * route of its own. pattern begins with '/', or with a host without a port, as
 * "api.example.org/" does; a route with a host goes before those without. Both
 * are copied. A GET answers HEAD too, where that has no route.
 *
 * Returns 0; -EINVAL for a method or a pattern that is none, a parameter that
 * is there twice, or more segments or parameters than there may be; -EEXIST
 * for one that is there; -ENOMEM.
 */
FM_API int fm_route(fm_router *router, const char *method, const char *pattern,
                    fm_route_target target);

/*
 * Adds what goes around the handlers of all routes, also of those that are
 * added later, in the order of adding: it calls fm_route_next for what is
 * inside, or answers itself.
 *
 * Returns 0 or -ENOMEM.
 */
FM_API int fm_route_around(fm_router *router, fm_route_target target);

/* Calls what is inside of the handler that calls it, once. Returns what that
 * returns; aborts with a sentence where no router has called that. */
FM_API FM_SUSPENDS int fm_route_next(fm_exchange *exchange);

/*
 * The handler that a server with routes has; arg is the fm_router. Answers
 * itself with 404 where no route matches, 405 and Allow where none of the
 * method does, 204 and Allow to an OPTIONS, and 400 to a path that is not
 * encoded right or has a NUL, "." or ".." as a segment.
 *
 * Returns what the handler returned.
 */
FM_API FM_SUSPENDS int fm_router_handle(fm_exchange *exchange, void *router);

/* Returns what stands for a parameter in the path, decoded; NULL where the
 * route has none of that name. */
FM_API const char *fm_exchange_parameter(const fm_exchange *exchange,
                                         const char *name);

/* Returns the value of a parameter with ":int"; 0 where the route has none. */
FM_API int64_t fm_exchange_number(const fm_exchange *exchange,
                                  const char *name);

#ifdef __cplusplus
}
#endif

#endif
