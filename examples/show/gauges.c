/*
 * gauges.c - how fast it goes, and what it costs
 */
#include "show.h"

#include <dirent.h>
#include <time.h>
#include <unistd.h>

static size_t resident(void)
{
    size_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%*u %zu", &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static size_t threads(void)
{
    size_t count = 0;
    DIR *directory = opendir("/proc/self/task");
    if (directory == NULL)
        return 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

void gauges_read(struct show *show)
{
    struct show_cost *cost = &show->cost;
    cost->seconds = (double)(fm_now() - show->began) / (double)FM_SECOND;
    cost->processor = (double)clock() / CLOCKS_PER_SEC;
    cost->memory = resident();
    cost->threads = threads();
    cost->tasks = fm_task_count();
    if (cost->tasks > cost->most)
        cost->most = cost->tasks;

    uint64_t requests = show->server.requests;
    show->rates[++show->ticks % SHOW_TICKS] =
        (unsigned)(requests - show->requests);
    show->requests = requests;
}

unsigned gauges_rate(const struct show *show)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < 1 / SHOW_TICK && i < show->ticks; i++)
        sum += show->rates[(show->ticks - i) % SHOW_TICKS];
    return sum;
}

uint64_t gauges_asked(const struct show *show)
{
    const struct crawler_figures *crawler = &show->crawler;
    return (uint64_t)crawler->fetched + crawler->redirects + crawler->broken +
           1;
}

uint64_t gauges_guests(const struct show *show)
{
    uint64_t requests = show->server.requests;
    return requests > show->crawled ? requests - show->crawled : 0;
}

bool gauges_agree(const struct show *show)
{
    const struct pipeline_figures *pipeline = &show->pipeline;
    return pipeline->lines == show->server.requests &&
           pipeline->unreadable == 0 && show->crawled == gauges_asked(show);
}
