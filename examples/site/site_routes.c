/*
 * site_routes.c - what the bundled site has that is no file: places that have
 * moved, pages that are gone, broken, or slow
 *
 * make_site knows of all of them, and says so in its oracle.
 */
#include "site_routes.h"

#include <stdio.h>
#include <string.h>

#define SLOW_PAGES 9

struct place {
    const char *path;
    int status;
    const char *location;
};

static const struct place places[] = {
    {"/old/bread.html", 302, "/old/breads.html"},
    {"/old/breads.html", 301, "../chapters/breads.html"},
    {"/old/index.html", 301, "/contents.html"},
    {"/old/soup", 307, "/recipes/onion-soup.html#top"},
    {"/loop/spoon", 302, "fork"},
    {"/loop/fork", 302, "spoon"},
    {"/moved/lost.html", 308, "/recipes/lost.html"},
    {"/moved/market", 302, "http://kitchen.example/market"},
    {"/gone/menu-1998.html", 410, NULL},
    {"/broken/oven", 500, NULL},
};

static int move(fm_exchange *exchange, void *arg)
{
    const struct place *place = arg;
    int rc = 0;
    if (place->location != NULL)
        rc = fm_reply_set(exchange, "Location", place->location);
    return rc < 0 ? rc : fm_reply_text(exchange, place->status, "not here\n");
}

static int page(fm_exchange *exchange, const char *type, const char *text)
{
    int rc = fm_reply_set(exchange, "Content-Type", type);
    return rc < 0 ? rc : fm_reply_text(exchange, 200, text);
}

/* /slow/3.html */
static int slow(fm_exchange *exchange, void *arg)
{
    const char *name = fm_exchange_parameter(exchange, "name");
    const double *pace = arg;
    char text[640], next[80] = "the end";
    int number = name[0] - '0';
    if (number < 1 || number > SLOW_PAGES || strcmp(name + 1, ".html") != 0)
        return fm_reply_text(exchange, 404, "no such kettle\n");
    int rc = fm_sleep(number * (pace != NULL ? *pace : 0.1));
    if (rc < 0)
        return rc;
    if (number < SLOW_PAGES)
        snprintf(next, sizeof next, "<a href=\"%d.html\">the next</a>",
                 number + 1);
    snprintf(text, sizeof text,
             "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width\">\n"
             "<title>Kettle %d</title>\n"
             "<link rel=\"stylesheet\" href=\"/kitchen.css\">\n"
             "<nav class=\"top\"><a class=\"name\" href=\"/contents.html\">"
             "The Held <span>Note</span></a></nav>\n<h1>Kettle %d</h1>\n"
             "<p>It has boiled, and here is %s.</p>\n</html>\n",
             number, number, next);
    return page(exchange, "text/html; charset=utf-8", text);
}

/* In ISO 8859-1, as its header says and nothing in it does. */
static int letters(fm_exchange *exchange, void *arg)
{
    static const char text[] =
        "<!doctype html>\n<html lang=\"en\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n"
        "<title>Letters</title>\n"
        "<link rel=\"stylesheet\" href=\"kitchen.css\">\n"
        "<nav class=\"top\"><a class=\"name\" href=\"contents.html\">"
        "The Held <span>Note</span></a></nav>\n<h1>Letters</h1>\n"
        "<p>From M\xfcnster: where is the recipe for <a href="
        "\"recipes/cr\xe8me-caramel.html\">cr\xe8me caramel</a>?</p>\n"
        "</html>\n";
    (void)arg;
    return page(exchange, "text/html; charset=ISO-8859-1", text);
}

int site_routes(fm_router *router, void *arg)
{
    int rc = fm_route(router, "GET", "/slow/{name}", FM_ROUTE(slow, arg));
    if (rc == 0)
        rc = fm_route(router, "GET", "/letters.html", FM_ROUTE(letters, NULL));
    for (size_t i = 0; rc == 0 && i < sizeof places / sizeof *places; i++)
        rc = fm_route(router, "GET", places[i].path,
                      FM_ROUTE(move, (void *)&places[i]));
    return rc;
}
