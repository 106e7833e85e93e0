/*
 * summary.c - how it ended, and whether all three say the same
 */
#include "show.h"

#include <limits.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH 80
#define OTHERS 19 /* lines of a terminal that are not for broken links */

/* Of what is no terminal no rows. */
static struct winsize terminal(void)
{
    struct winsize size = {0};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row == 0)
        return (struct winsize){.ws_row = 0, .ws_col = WIDTH};
    return size;
}

/* What there is room for: everywhere else than on a terminal, for all. */
static struct winsize room(void)
{
    struct winsize size = terminal();
    if (size.ws_row == 0)
        size.ws_row = USHRT_MAX;
    if (size.ws_row < OTHERS + 3)
        size.ws_row = OTHERS + 3;
    if (size.ws_col > WIDTH)
        size.ws_col = WIDTH;
    return size;
}

static int least(int one, int other)
{
    return one < other ? one : other;
}

/* In two columns. Who else links there is only counted. */
static void print_link(const struct show_broken *broken, int width)
{
    char more[16] = "";
    int half = (width - 15) / 2;
    if (broken->pages > 1)
        snprintf(more, sizeof more, " +%u", broken->pages - 1);
    int end = half - (int)strlen(more);
    printf("  %.*s %-*.*s", broken->what.size, broken->what.bytes, half,
           least(broken->place.size, half), broken->place.bytes);
    if (broken->pages > 0)
        printf(" from %.*s%s", least(broken->from.size, end),
               broken->from.bytes, more);
    printf("\n");
}

static void print_links(const struct show *show)
{
    const char *report = show->report;
    struct winsize size = room();
    struct show_broken broken;
    unsigned most = size.ws_row - OTHERS, printed = 0, left = 0;
    while (broken_next(&report, &broken)) {
        if (printed < most) {
            print_link(&broken, size.ws_col);
            printed++;
        } else {
            left++;
        }
    }
    if (left > 0)
        printf("      and %u more\n", left);
}

static void print_cost(const struct show_cost *cost)
{
    char threads[48] = "";
    int size = printf("  %.1f s, %.2f s of a processor, %zu tasks, %.1f MiB",
                      cost->seconds, cost->processor, cost->most,
                      (double)cost->memory / 1048576);
    snprintf(threads, sizeof threads, ", one thread + %zu for the disk",
             cost->threads - 1);
    printf("%s\n", size + (int)strlen(threads) <= room().ws_col ? threads : "");
}

static void print_verdict(const struct show *show)
{
    uint64_t guests = gauges_guests(show);
    printf("  requests: server %llu, crawler %llu, pipeline %llu",
           (unsigned long long)show->server.requests,
           (unsigned long long)gauges_asked(show),
           (unsigned long long)show->pipeline.lines);
    if (guests > 0)
        printf(", guests %llu", (unsigned long long)guests);
    if (show->colours)
        printf(": \033[1;%dm", show->agree ? 32 : 31);
    else
        printf(": ");
    printf("%s%s\n", show->agree ? "all agree" : "THEY DO NOT AGREE",
           show->colours ? "\033[0m" : "");
}

unsigned summary_columns(void)
{
    return terminal().ws_col;
}

void summary(const struct show *show)
{
    const struct crawler_figures *crawler = &show->crawler;
    busiest_print(show);
    printf("\n  %u pages, %u redirects, %u forbidden, %u broken:\n",
           crawler->fetched, crawler->redirects, crawler->forbidden,
           crawler->broken);
    print_links(show);
    print_verdict(show);
    print_cost(&show->cost);
    fflush(stdout);
}
