/*
 * route_tree.h - routes as a tree of segments, one tree a host
 */
#ifndef FM_HTTP_ROUTE_TREE_H
#define FM_HTTP_ROUTE_TREE_H

#include "proto/slice.h"

#include <fermata/router.h>

/* In the order in which they are tried. */
enum fm__route_kind {
    FM__ROUTE_TEXT,   /* this segment */
    FM__ROUTE_NUMBER, /* {name:int} */
    FM__ROUTE_ANY,    /* {name}: one that is not empty */
    FM__ROUTE_REST    /* {name...}: all that follows */
};

/* A handler for a method, at a node. */
struct fm__route {
    struct fm__route *next;
    char *method; /* NULL: any */
    fm_route_target target;
    char *names[FM_ROUTE_PARAMETERS]; /* of its parameters, from the left */
    unsigned count;
};

struct fm__route_node {
    struct fm__route_node *next; /* beside it; kinds in their order */
    struct fm__route_node *children;
    struct fm__route *routes;
    enum fm__route_kind kind;
    char *text; /* of TEXT: decoded; else NULL */
};

struct fm__route_host {
    struct fm__route_host *next;
    char *host; /* NULL: all others; the last */
    struct fm__route_node *nodes;
};

struct fm__route_around {
    struct fm__route_around *next;
    fm_route_target target;
};

struct fm_router {
    struct fm__route_host *hosts;
    struct fm__route_around *around; /* the outermost first */
};

/* A path that was taken apart, and what was found for it. */
struct fm__route_match {
    const char *method;
    const struct fm__route *route; /* or NULL */
    unsigned count;                /* of segments */
    unsigned others_count;
    bool rest; /* the last of the values takes all that follow */
    struct fm__slice segments[FM_ROUTE_SEGMENTS]; /* each with a NUL behind */
    unsigned values[FM_ROUTE_PARAMETERS]; /* segments of the parameters */
    /* Where the path matches and the method does not. */
    const struct fm__route_node *others[4];
};

/* Fills match->route and the values; false: there is none. */
bool fm__route_find(const struct fm_router *router, struct fm__slice host,
                    struct fm__route_match *match);

#endif
