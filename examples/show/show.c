/*
 * show.c - a web server, a crawler and a pipeline, on one loop
 *
 *   show [--stay] [--lines] [--delay SECONDS] [--pace SECONDS]
 *        [--address ADDRESS] [--page FILE] [DIRECTORY]
 *
 * The server serves the directory and writes its log to a file; the crawler
 * crawls it, over connections as any other; the pipeline counts the log. A
 * terminal and a web page show how they get on. One process, one thread.
 *
 *   --stay     goes on behind the summary, until Ctrl-C
 *   --lines    a line now and then, also on a terminal
 *   --delay    of the crawler, between two requests; 0.03
 *   --pace     of slow pages: the slowest takes nine times that; 0.05
 *   --address  of the page; 127.0.0.1:8080, or where that is taken another port
 *   --page     examples/show/index.html
 *   DIRECTORY  build/site
 *
 * Ends with 0 when all three have counted the same, which the summary says.
 */
#include "show.h"

#include "../site/site_routes.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SETTLED 60 /* seconds that the pipeline may be behind */

/* ---- the three ---------------------------------------------------------- */

/* [routes] */
/* Who comes to the site by hand is in its log too, and is told apart. While the
 * crawler waits for a page, and is answered, the most is going on. */
static int note_crawler(fm_exchange *exchange, void *arg)
{
    struct show *show = arg;
    const char *agent = fm_exchange_field(exchange, "User-Agent");
    bool crawls = agent != NULL && strstr(agent, "crawler") != NULL;
    show->crawled += crawls;
    if (crawls && show->crawler.last[0] != '\0')
        busiest_look(show);
    return fm_route_next(exchange);
}

static int routes(fm_router *router, void *arg)
{
    struct show *self = arg;
    int rc = fm_route_around(router, FM_ROUTE(note_crawler, self));
    return rc < 0 ? rc : site_routes(router, &self->pace);
}
/* [/routes] */

/* [settle] */
/* What is logged is counted, a moment later. */
static int settle(struct show *show)
{
    int rc = 0;
    FM_TIMEOUT(SETTLED, rc) {
        while (rc == 0 && !gauges_agree(show))
            rc = fm_sleep(SHOW_TICK);
    }
    show->agree = gauges_agree(show);
    show->done = rc == 0 || rc == -ETIMEDOUT;
    return show->done ? 0 : rc;
}
/* [/settle] */

/* [crawl] */
static int crawl(struct show *show)
{
    size_t size;
    FILE *report = open_memstream(&show->report, &size);
    if (report == NULL)
        return -ENOMEM;
    int rc = crawler(&(struct crawler){.start = show->start,
                                       .store = show->links,
                                       .delay = show->delay,
                                       .report = report,
                                       .figures = &show->crawler});
    fclose(report);
    return rc < 0 ? rc : settle(show);
}
/* [/crawl] */

/* ---- all of it ---------------------------------------------------------- */

/* [act] */
static int act(struct show *show)
{
    fm_task *drawing = fm_go(panels, show);
    int rc = crawl(show);
    fm_stop(drawing);
    if (rc < 0)
        return rc;
    summary(show);
    if (!show->stay)
        return 0;
    printf("\n%s stays. Ctrl-C ends it.\n", show->watch);
    fflush(stdout);
    return fm_sleep(INFINITY);
}
/* [/act] */

/* [perform] */
/* Whichever fails ends all; and when the act is over, so are the others. */
static int perform(struct show *show)
{
    int rc;
    FM_GROUP(g, rc) {
        rc = fm_group_go(g, webserver, show->site_listener, show->site,
                         .log = show->log, .routes = routes, .arg = show,
                         .figures = &show->server);
        if (rc == 0)
            rc = fm_group_go(g, pipeline, show->log, .follow = true,
                             .store = show->counts, .window = 1, .lateness = 2,
                             .figures = &show->pipeline);
        if (rc == 0)
            rc = fm_group_go(g, show_page, show, show->page_listener);
        if (rc == 0)
            rc = act(show);
        break;
    }
    return rc;
}
/* [/perform] */

static void name_files(struct show *show)
{
    snprintf(show->log, sizeof show->log, "%s/access.log", show->directory);
    snprintf(show->links, sizeof show->links, "%s/links.db", show->directory);
    snprintf(show->counts, sizeof show->counts, "%s/windows.db",
             show->directory);
}

static void name_url(char url[SHOW_URL], const fm_listener *listener,
                     const char *path)
{
    char text[FM_ADDRESS_TEXT];
    snprintf(url, SHOW_URL, "http://%s/%s",
             fm_address_format(fm_listener_address(listener), text), path);
}

/* [listen] */
/* The page has a port of its own: who looks on is not counted. */
static int listen_twice(struct show *show)
{
    int rc = fm_listen(show->address, &show->page_listener);
    if (rc == -EADDRINUSE) {
        printf("%s is taken, the page has another port.\n", show->address);
        rc = fm_listen("127.0.0.1:0", &show->page_listener);
    }
    if (rc < 0)
        return rc;
    rc = fm_listen("127.0.0.1:0", &show->site_listener);
    if (rc < 0) {
        fm_listener_close(show->page_listener);
        return rc;
    }
    name_url(show->watch, show->page_listener, "");
    name_url(show->start, show->site_listener, "contents.html");
    printf("The same as a page: %s\n", show->watch);
    fflush(stdout);
    return 0;
}
/* [/listen] */

/* What is missing would only be a page that is not found. */
static int look_for(const char *path)
{
    int rc = fm_path_access(path, R_OK);
    if (rc < 0)
        fprintf(stderr, "%s: %s\n", path, fm_strerror(rc));
    return rc;
}

static int play(void *arg)
{
    struct show *show = arg;
    int rc = look_for(show->site);
    if (rc == 0)
        rc = look_for(show->page);
    if (rc == 0)
        rc = fm_temporary_directory(NULL, show->directory);
    if (rc < 0)
        return rc;
    name_files(show);
    rc = listen_twice(show);
    show->began = fm_now();
    if (rc == 0)
        rc = perform(show);
    FM_SHIELD(5) {
        fm_path_remove_tree(show->directory);
    }
    return rc;
}

static int wait_for_the_end(void)
{
    return fm_signal_wait(SIGINT, SIGQUIT, SIGTERM, SIGHUP);
}

/* [signals] */
/* However it ends, the terminal is given back and nothing is left behind. */
static int show_main(void *arg)
{
    int rc = 0;
    FM_SIGMASK(rc, SIGINT, SIGQUIT, SIGTERM, SIGHUP) {
        fm_task *playing = fm_start(play, arg);
        FM_TASK waiting = fm_go(wait_for_the_end);
        fm_select(fm_when_ended(playing), fm_when_ended(waiting));
        rc = fm_stop(playing);
    }
    return rc;
}
/* [/signals] */

/* ---- the program -------------------------------------------------------- */

static int usage(void)
{
    fprintf(stderr,
            "usage: show [--stay] [--lines] [--delay SECONDS] "
            "[--pace SECONDS]\n"
            "            [--address ADDRESS] [--page FILE] [DIRECTORY]\n");
    return 2;
}

static bool read_options(struct show *show, int argc, char **argv)
{
    static const struct option options[] = {
        {"stay", no_argument, NULL, 's'},
        {"lines", no_argument, NULL, 'l'},
        {"delay", required_argument, NULL, 'd'},
        {"pace", required_argument, NULL, 'c'},
        {"address", required_argument, NULL, 'a'},
        {"page", required_argument, NULL, 'p'},
        {NULL, 0, NULL, 0},
    };
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (c) {
        case 's':
            show->stay = true;
            break;
        case 'l':
            show->lines = true;
            break;
        case 'd':
            show->delay = strtod(optarg, NULL);
            break;
        case 'c':
            show->pace = strtod(optarg, NULL);
            break;
        case 'a':
            show->address = optarg;
            break;
        case 'p':
            show->page = optarg;
            break;
        default:
            return false;
        }
    }
    if (optind < argc)
        show->site = argv[optind++];
    return optind == argc;
}

int main(int argc, char **argv)
{
    static struct show show = {.site = "build/site",
                               .page = "examples/show/index.html",
                               .address = "127.0.0.1:8080",
                               .delay = 0.03,
                               .pace = 0.05};
    if (!read_options(&show, argc, argv))
        return usage();
    int rc = fm_run(show_main, &show);
    free(show.report);
    free(show.busiest);
    if (rc == -ECANCELED)
        return !show.done ? 130 : !show.agree;
    if (rc < 0)
        fprintf(stderr, "show: %s\n", fm_strerror(rc));
    return rc < 0 || !show.agree;
}
