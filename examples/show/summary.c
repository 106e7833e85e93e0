/*
 * summary.c - how it ended, and whether all three say the same
 */
#include "show.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TAKEN 18 /* lines of a terminal that are not for broken links */

/* How many broken links there is room for: everywhere else, for all. */
static unsigned room(const struct show *show)
{
    struct winsize size = {0};
    if (show->lines || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
        return UINT_MAX;
    return size.ws_row > TAKEN + 3 ? size.ws_row - TAKEN : 3;
}

static bool agrees(const struct show *show)
{
    return show->pipeline.lines == show->server.requests &&
           show->pipeline.unreadable == 0 &&
           show->server.requests == show->crawler.fetched + show->guests;
}

bool summary(const struct show *show)
{
    const struct crawler_figures *crawler = &show->crawler;
    const struct show_cost *cost = &show->cost;
    bool agree = agrees(show);
    unsigned lines = room(show);
    printf("\n  %u pages, %u redirects, %u forbidden by robots.txt, %u broken:\n",
        crawler->fetched, crawler->redirects, crawler->forbidden, crawler->broken);
    (void)lines;
    printf("  requests: server %llu, crawler %llu, pipeline %llu%s\n",
           (unsigned long long)show->server.requests,
           (unsigned long long)show->crawler.fetched,
           (unsigned long long)show->pipeline.lines,
           agree ? ": all agree" : "");
    printf("  %.1f s, one thread, at most %zu tasks, %.1f MiB, %.2f s of a "
           "processor\n",
           cost->seconds, cost->most, (double)cost->memory / 1048576,
           cost->processor);
    fflush(stdout);
    return agree;
}
