/*
 * site_routes.h - what the bundled site has that is no file
 */
#ifndef EXAMPLES_SITE_ROUTES_H
#define EXAMPLES_SITE_ROUTES_H

#include <fermata.h>

/* Adds redirects, what is gone or broken, a page in an old coding, and nine
 * slow pages: the last takes nine times *arg seconds, a double; NULL: 0.1.
 * Returns as fm_route. */
int site_routes(fm_router *router, void *arg);

#endif
