/*
 * panels.c - the three programs on a terminal, ten times a second
 *
 * Without a terminal that can be drawn on it is a line every two seconds.
 */
#include "screen.h"
#include "show.h"

#include <string.h>
#include <time.h>

#define ROWS 12

/* A number with its name, where it fits. */
struct fact {
    uint64_t number;
    const char *name;
    enum screen_style style;
};

/* ---- parts of a panel --------------------------------------------------- */

/* A line with its title, which begins a panel or ends them all. */
static void rule(struct screen *screen, int row, const char *title,
                 enum screen_style style)
{
    static const char *const ends[][2] = {
        {"├", "┤"}, {"╭", "╮"}, {"╰", "╯"}, {"+", "+"}};
    int kind = row == 0 ? 1 : row == ROWS - 2 ? 2 : 0;
    const char *dash = screen->utf8 ? "─" : "-";
    if (!screen->utf8)
        kind = 3;
    screen_at(screen, row, 0);
    screen_say(screen, SCREEN_FAINT, "%s%s", ends[kind][0], dash);
    if (*title != '\0')
        screen_say(screen, style, " %s ", title);
    while (screen->column < screen->width - 1)
        screen_say(screen, SCREEN_FAINT, "%s", dash);
    screen_say(screen, SCREEN_FAINT, "%s", ends[kind][1]);
}

/* A row inside, ready to be written. */
static void inside(struct screen *screen, int row)
{
    const char *bar = screen->utf8 ? "│" : "|";
    screen_at(screen, row, -1);
    screen_say(screen, SCREEN_FAINT, "%s", bar);
    screen_at(screen, row, 0);
    screen_say(screen, SCREEN_FAINT, "%s ", bar);
}

/* As many of them as there is room for, up to a column from the right. */
static void facts(struct screen *screen, int from_right,
                  const struct fact *facts, int count)
{
    char text[64];
    for (int i = 0; i < count; i++) {
        snprintf(text, sizeof text, "%llu",
                 (unsigned long long)facts[i].number);
        int columns = screen_columns(text) + 1 + screen_columns(facts[i].name);
        if (screen->column + columns > screen->width - from_right)
            return;
        screen_say(screen, facts[i].number > 0 ? facts[i].style : SCREEN_FAINT,
                   "%s", text);
        screen_say(screen, SCREEN_FAINT, " %s   ", facts[i].name);
    }
}

/* ---- the three ---------------------------------------------------------- */

static void rates(struct screen *screen, const struct show *show)
{
    int room = screen->width - 4;
    int count = room < SHOW_TICKS ? room : SHOW_TICKS;
    unsigned most = 4;
    for (int i = 0; i < SHOW_TICKS; i++)
        if (show->rates[i] > most)
            most = show->rates[i];
    for (int i = count - 1; i >= 0; i--) {
        uint64_t tick = show->ticks + SHOW_TICKS - (uint64_t)i;
        screen_height(screen, SCREEN_CYAN,
                      0.875 * show->rates[tick % SHOW_TICKS] / most);
    }
}

static void draw_server(struct screen *screen, const struct show *show)
{
    char text[64];
    rule(screen, 0, "server", SCREEN_CYAN);
    inside(screen, 1);
    snprintf(text, sizeof text, "%u a second", gauges_rate(show));
    facts(screen, screen_columns(text) + 4,
          (struct fact[]){
              {show->server.requests, "requests", SCREEN_STRONG},
              {show->server.errors, "errors", SCREEN_RED},
              {show->server.bytes / 1024, "KiB", SCREEN_PLAIN},
          },
          3);
    screen_say_right(screen, 2, SCREEN_PLAIN, text);
    inside(screen, 2);
    rates(screen, show);
}

static void draw_crawler(struct screen *screen, const struct show *show)
{
    const struct crawler_figures *figures = &show->crawler;
    unsigned asked = figures->fetched + figures->redirects + figures->broken +
                     figures->forbidden;
    char text[64];
    rule(screen, 3, "crawler", SCREEN_YELLOW);
    inside(screen, 4);
    facts(screen, 4,
          (struct fact[]){
              {figures->fetched, "pages", SCREEN_STRONG},
              {figures->broken, "broken", SCREEN_RED},
              {figures->redirects, "redirects", SCREEN_PLAIN},
              {figures->forbidden, "forbidden", SCREEN_PLAIN},
          },
          4);
    inside(screen, 5);
    snprintf(text, sizeof text, "%u of %u", asked, figures->found);
    screen_bar(screen, screen->width - 7 - screen_columns(text), SCREEN_YELLOW,
               figures->found > 0 ? (double)asked / figures->found : 0);
    screen_say_right(screen, 2, SCREEN_PLAIN, text);
    inside(screen, 6);
    if (show->done)
        screen_say(screen, SCREEN_FAINT, "has seen all there is");
    else
        screen_say(screen, SCREEN_FAINT, "asks for %.*s", screen->width - 14,
                   figures->last);
}

static void draw_pipeline(struct screen *screen, const struct show *show)
{
    const struct pipeline_figures *figures = &show->pipeline;
    const struct pipeline_window *newest = &figures->newest;
    time_t start = (time_t)newest->start;
    struct tm when;
    char text[64], clock[16];
    rule(screen, 7, "pipeline", SCREEN_GREEN);
    inside(screen, 8);
    facts(screen, 4,
          (struct fact[]){
              {figures->lines, "lines of the log", SCREEN_STRONG},
              {figures->windows, "windows closed", SCREEN_PLAIN},
              {figures->late, "late", SCREEN_RED},
          },
          3);
    inside(screen, 9);
    localtime_r(&start, &when);
    strftime(clock, sizeof clock, "%H:%M:%S", &when);
    snprintf(text, sizeof text, "%u requests", newest->requests);
    screen_say(screen, SCREEN_PLAIN, "%s ", start > 0 ? clock : "        ");
    screen_bar(screen, screen->width - 16 - screen_columns(text), SCREEN_GREEN,
               newest->requests / 40.0);
    screen_say_right(screen, 2, SCREEN_PLAIN, text);
    rule(screen, 10, "", SCREEN_PLAIN);
}

/* As much of it as there is room for. */
static void draw_cost(struct screen *screen, const struct show *show)
{
    const struct show_cost *cost = &show->cost;
    char facts[5][32];
    snprintf(facts[0], 32, "%4.1f s", cost->seconds);
    snprintf(facts[1], 32, "one thread");
    snprintf(facts[2], 32, "%zu tasks", cost->tasks);
    snprintf(facts[3], 32, "%.1f MiB", (double)cost->memory / 1048576);
    snprintf(facts[4], 32, "%.0f %% of a processor",
             100 * cost->processor / (cost->seconds + 0.001));
    screen_at(screen, ROWS - 1, 2);
    for (int i = 0; i < 5; i++)
        if (screen->column + screen_columns(facts[i]) <= screen->width)
            screen_say(screen, SCREEN_FAINT, "%s   ", facts[i]);
}

/* [draw] */
static int draw(struct screen *screen, const struct show *show)
{
    screen_begin(screen);
    draw_server(screen, show);
    draw_crawler(screen, show);
    draw_pipeline(screen, show);
    draw_cost(screen, show);
    return screen_draw(screen);
}
/* [/draw] */

static void print_line(const struct show *show)
{
    const struct crawler_figures *crawler = &show->crawler;
    printf("  %4.1f s: %llu requests served, %u URLs found, %llu lines "
           "counted\n",
           show->cost.seconds, (unsigned long long)show->server.requests,
           crawler->found, (unsigned long long)show->pipeline.lines);
    fflush(stdout);
}

/* As it all ended; a stop comes between two pictures. */
static void draw_last(struct screen *screen, const struct show *show)
{
    FM_SHIELD(1) {
        draw(screen, show);
    }
    screen_close(screen);
}

/* [panels] */
int panels(struct panels *self)
{
    struct show *show = self->show;
    struct screen screen = {0};
    fm_ticker ticker;
    int rc = fm_ticker_init(&ticker, SHOW_TICK);
    bool drawn = !show->lines && screen_open(&screen, ROWS);
    show->colours = drawn && screen.colours;
    for (uint64_t tick = 0; rc >= 0; tick++) {
        if (drawn)
            rc = draw(&screen, show);
        else if (tick % 20 == 19)
            print_line(show);
        if (rc >= 0)
            rc = fm_ticker_wait(&ticker);
    }
    if (drawn)
        draw_last(&screen, show);
    return rc;
}
/* [/panels] */
