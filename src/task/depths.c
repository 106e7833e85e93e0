/*
 * depths.c - looks at stacks for the lowest byte that is not 0
 *
 * Memory comes clean from the kernel, so a stack that was never so deep is not
 * written to. Counted is what lies below the task's record: its arguments,
 * its frames, those of the library in which it waits, and at its end those of
 * who looks, a few hundred bytes.
 */
#include "task/depths.h"

#include "base/memory.h"
#include "loop/choose.h"
#include "loop/observer.h"
#include "task/handle.h"
#include "task/sites.h"

#include <errno.h>
#include <inttypes.h>

#define DEPTHS_FIRST 64    /* bytes at the top that the first frame has */
#define DEPTHS_MARGIN 2048 /* bytes at least, on a stack with a guard */

struct fm__depths {
    struct fm__observer observer;
    struct fm__conductor *home;
    size_t main; /* the place of the main task, which cannot be dense */
};

/* The lowest word of a stack that may be a task's: the first of a dense one
 * is its canary. */
static volatile uint64_t *depths_bottom(const struct fm__task *task)
{
    const struct fm__stack *stack = fm__task_stack(task);
    char *bottom = stack->bottom +
                   ((task->marks & FM__MARK_DENSE) != 0 ? sizeof(uint64_t) : 0);
    return (volatile uint64_t *)(void *)bottom;
}

FM__BARE_FRAME static uint64_t depths_word(volatile uint64_t *word)
{
    fm__sanitize_look((void *)(uintptr_t)word, sizeof *word);
    return *word;
}

/* The lowest word between the two that is not 0. */
FM__BARE_FRAME static volatile uint64_t *
depths_lowest(volatile uint64_t *bottom, const void *top)
{
    volatile uint64_t *word = bottom;
    while ((const void *)word < top && depths_word(word) == 0)
        word++;
    return word;
}

/* Above it the arguments lie, where they were copied. */
static char *depths_top(struct fm__task *task)
{
    char *bottom = fm__task_stack(task)->bottom;
    char *args = task->args;
    bool copied = args >= bottom && args < (char *)task;
    uintptr_t top = (uintptr_t)(copied ? args : (char *)task);
    return (char *)((top & ~(uintptr_t)15) - DEPTHS_FIRST);
}

FM__BARE_FRAME static void depths_clean(struct fm__task *task)
{
    const void *top = depths_top(task);
    volatile uint64_t *word = depths_lowest(depths_bottom(task), top);
    for (; (const void *)word < top; word++) {
        fm__sanitize_look((void *)(uintptr_t)word, sizeof *word);
        *word = 0;
    }
}

/* The most that the task has taken so far. */
static size_t depths_used(const struct fm__task *task)
{
    volatile uint64_t *bottom = depths_bottom(task);
    volatile uint64_t *lowest = depths_lowest(bottom, task);
    return (size_t)((uintptr_t)task - (uintptr_t)lowest);
}

static void depths_note(const struct fm__depths *depths,
                        const struct fm__task *task)
{
    struct fm__sites *sites = depths->home->sites;
    fm_stats_place *place = &sites->entries[fm__sites_at(sites, task->label)];
    size_t used = depths_used(task);
    size_t size = fm__arena_room(fm__task_stack(task)->class) - FM__TASK_SIZE;
    if (used > place->stack_used)
        place->stack_used = used;
    if (size > place->stack_size)
        place->stack_size = size;
}

static void depths_start(struct fm__depths *depths, struct fm__task *task)
{
    struct fm__sites *sites = depths->home->sites;
    size_t place = fm__sites_at(sites, task->label);
    depths_clean(task);
    if (task->serial == 0)
        depths->main = place;
    if (depths->home->meters == NULL)
        sites->entries[place].started++;
}

static void depths_end(const struct fm__depths *depths,
                       const struct fm__task *task)
{
    struct fm__sites *sites = depths->home->sites;
    depths_note(depths, task);
    if (depths->home->meters == NULL)
        sites->entries[fm__sites_at(sites, task->label)].ended++;
}

static void depths_notice(struct fm__observer *observer, enum fm__event event,
                          const void *subject)
{
    struct fm__depths *depths =
        FM__CONTAINER(observer, struct fm__depths, observer);
    if (event == FM__EVENT_START)
        depths_start(depths, (struct fm__task *)(uintptr_t)subject);
    else if (event == FM__EVENT_END)
        depths_end(depths, subject);
}

/* Of those that are alive. */
static void depths_note_all(const struct fm__depths *depths)
{
    struct fm__handles *handles = depths->home->handles;
    for (uint32_t i = 0; i < handles->count; i++) {
        const struct fm__task *task = fm__handle_slot(handles, i)->task;
        if (task != NULL && task->state == FM__TASK_ALIVE)
            depths_note(depths, task);
    }
}

/* ---- The report --------------------------------------------------------- */

/* The smallest that will do, in words. */
static const char *depths_advice(const struct fm__depths *depths,
                                 const fm_stats_place *place)
{
    static const char *const names[] = {"16 KiB", "64 KiB", "256 KiB"};
    const struct fm__stack_class *classes = depths->home->arena.classes;
    bool main = place == &depths->home->sites->entries[depths->main];
    size_t used = place->stack_used;
    size_t wanted = used + used / 8 + FM__TASK_SIZE;
    if (!main && wanted <= fm__arena_room(&classes[FM__STACK_DENSE]))
        return "dense";
    size_t margin = used / 2 > DEPTHS_MARGIN ? used / 2 : DEPTHS_MARGIN;
    wanted = used + margin + FM__TASK_SIZE;
    for (unsigned i = 0; i < FM__COUNT(names); i++) {
        if (wanted <= fm__arena_room(&classes[i]))
            return names[i];
    }
    return "none";
}

/* The deepest first. */
static void depths_sort(const fm_stats_place **order,
                        const fm_stats_place *places, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t place = i;
        for (; place > 0 && order[place - 1]->stack_used < places[i].stack_used;
             place--)
            order[place] = order[place - 1];
        order[place] = &places[i];
    }
}

static int depths_report(const struct fm__conductor *home, FILE *out)
{
    const fm_stats_place *order[FM__SITES + 1];
    size_t count;
    const fm_stats_place *places = fm__sites_list(home->sites, &count);
    depths_sort(order, places, count);
    fprintf(out,
            "fermata: the deepest stacks, in bytes, by where their tasks "
            "were started\n"
            "%9s %9s  %-9s %9s  %s\n",
            "used", "of", "will do", "tasks", "started");
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%9zu %9zu  %-9s %9" PRIu64 "  %s (%s)\n",
                order[i]->stack_used, order[i]->stack_size,
                depths_advice(home->depths, order[i]), order[i]->started,
                order[i]->task, order[i]->site);
    return ferror(out) ? -EIO : 0;
}

int fm_stacks_report(FILE *out)
{
    if (fm__home == NULL || fm__home->depths == NULL)
        return -ENOENT;
    depths_note_all(fm__home->depths);
    return depths_report(fm__home, out);
}

int fm__depths_open(struct fm__conductor *home)
{
    if (!home->options.stacks && !fm__wished("FERMATA_STACKS"))
        return 0;
    int rc = fm__sites_open(home);
    if (rc < 0)
        return rc;
    struct fm__depths *depths = fm__memory_new(sizeof *depths);
    if (depths == NULL)
        return -ENOMEM;
    depths->home = home;
    depths->observer.notice = depths_notice;
    home->depths = depths;
    fm__loop_observe(&home->loop, &depths->observer);
    return 0;
}

void fm__depths_close(struct fm__conductor *home)
{
    if (home->depths == NULL)
        return;
    if (home->serials > 0)
        depths_report(home, stderr);
    fm__memory_free(home->depths);
    home->depths = NULL;
}
