/*
 * top_groups.c - one row for all tasks that were started at one place
 *
 * So 100,000 tasks are the few lines of the program that start them. A row
 * speaks for who waits for the longest time of them.
 */
#include "top.h"

#include <string.h>

static uint32_t top_group_hash(const char *site)
{
    uint32_t hash = 2166136261;
    for (; *site != '\0'; site++)
        hash = (hash ^ (unsigned char)*site) * 16777619;
    return hash;
}

/* Bytes, of whole characters; one more than they have where they are the
 * same. */
static size_t top_group_common(const char *left, const char *right,
                               size_t common)
{
    size_t size = 0;
    while (size < common && left[size] != '\0' && left[size] == right[size])
        size++;
    if (size < common && left[size] == right[size])
        return size + 1;
    while (size > 0 && (left[size] & 0xC0) == 0x80)
        size--;
    return size;
}

static double top_group_sum(double left, double right)
{
    if (left < 0 || right < 0)
        return left < 0 ? right : left;
    return left + right;
}

static int top_group_state(int left, int right)
{
    if (left == right)
        return left;
    return left == TOP_STUCK || right == TOP_STUCK ? TOP_STUCK : TOP_ALL;
}

static void top_group_add(const fm_picture *picture, struct top_row *group,
                          const struct top_row *row)
{
    const char *name = picture->tasks[group->task].name;
    const char *other = picture->tasks[row->task].name;
    group->common = top_group_common(name, other, group->common);
    group->count++;
    group->state = top_group_state(group->state, row->state);
    group->turns = top_group_sum(group->turns, row->turns);
    group->cpu = top_group_sum(group->cpu, row->cpu);
    if (row->stack > group->stack)
        group->stack = row->stack;
    if (row->span > group->span) {
        group->span = row->span;
        group->task = row->task;
    }
}

/* The groups so far are the first rows; slots have their numbers + 1. */
static size_t top_group_find(const fm_picture *picture,
                             const struct top_rows *rows, const char *site,
                             size_t mask)
{
    size_t slot = top_group_hash(site) & mask;
    while (rows->chain[slot] != 0) {
        const struct top_row *group = &rows->rows[rows->chain[slot] - 1];
        if (strcmp(picture->tasks[group->task].site, site) == 0)
            break;
        slot = (slot + 1) & mask;
    }
    return slot;
}

size_t top_groups_fold(const fm_picture *picture, struct top_rows *rows)
{
    size_t groups = 0, mask = 0;
    /* Of the room for twice as many numbers, the most that is a power of 2. */
    while (2 * mask + 1 < 2 * (picture->task_count + 1))
        mask = 2 * mask + 1;
    memset(rows->chain, 0, (mask + 1) * sizeof *rows->chain);
    for (size_t i = 0; i < rows->count; i++) {
        const fm_picture_task *task = &picture->tasks[rows->rows[i].task];
        size_t slot = top_group_find(picture, rows, task->site, mask);
        if (rows->chain[slot] != 0) {
            top_group_add(picture, &rows->rows[rows->chain[slot] - 1],
                          &rows->rows[i]);
            continue;
        }
        rows->rows[groups] = rows->rows[i];
        rows->rows[groups].common = strlen(task->name) + 1;
        rows->chain[slot] = ++groups;
    }
    return groups;
}
