/*
 * shield.c - blocks that hide cuts, for a grace time
 *
 * A shield's `cut` says that it hides no more. Its grace is armed when a cut
 * is first hidden: read off what is seen just outside of it.
 */
#include <fermata/shield.h>

#include "base/die.h"
#include "loop/span.h"
#include "task/block.h"

#include <assert.h>
#include <limits.h>

struct shield {
    struct fm__block block;
    struct fm__timer timer;
    int64_t grace;  /* ns */
    uint16_t level; /* from 1: this task's shields, the outermost first */
    bool running;   /* the grace */
};

_Static_assert(sizeof(struct shield) <= sizeof(fm_shield), "grow the record");

static struct shield *shield_of(const struct fm__block *block)
{
    return FM__CONTAINER(block, struct shield, block);
}

/* What it hid is seen now, and reaches the children started inside. */
static void shield_fire(struct fm__timer *timer)
{
    struct shield *shield = FM__CONTAINER(timer, struct shield, timer);
    struct fm__task *task = shield->block.task;
    shield->block.cut = true;
    fm__recut(task);
    if (task->cancelled)
        fm__cancel(task);
}

/* Whether it has just stopped hiding, so that those inside may see a cut. */
static bool shield_notice(struct shield *shield)
{
    struct fm__task *task = shield->block.task;
    if (shield->running || fm__cut_seen(task, &shield->block) == 0)
        return false;
    shield->running = true;
    if (shield->grace == 0)
        shield->block.cut = true;
    else if (shield->grace != FM__NEVER)
        fm__timer_arm(&task->home->loop, &shield->timer, shield->grace);
    return shield->block.cut;
}

void fm__shields_notice(struct fm__task *task)
{
    struct fm__block *block = task->blocks;
    while (block != NULL) {
        bool again =
            block->kind == FM__BLOCK_SHIELD && shield_notice(shield_of(block));
        block = again ? task->blocks : block->outer;
    }
}

unsigned fm__shield_outermost(const struct fm__task *task)
{
    unsigned level = UINT_MAX;
    if (task->shields == 0)
        return level;
    for (struct fm__block *block = task->blocks; block; block = block->outer) {
        if (block->kind == FM__BLOCK_SHIELD && !block->cut)
            level = shield_of(block)->level;
    }
    return level;
}

void fm_shield_open(fm_shield *record, double seconds)
{
    struct shield *shield = (struct shield *)record;
    if (fm__span(seconds, &shield->grace) < 0)
        fm__die("fm_shield_open: the grace is not a number");
    fm__block_push(&shield->block, FM__BLOCK_SHIELD, "fm_shield_open");
    struct fm__task *self = shield->block.task;
    if (self->shields == UINT16_MAX)
        fm__die("fm_shield_open: more than 65,535 shields are open");
    fm__timer_init(&shield->timer, shield_fire);
    shield->level = ++self->shields;
    shield->running = false;
    fm__shields_notice(self);
}

/* Children that were started inside are outside now: what was hidden from
 * them reaches them. */
static void shield_uncover(struct fm__task *self, bool hid)
{
    const struct fm__list *members = &self->children.members;
    unsigned hidden_from = fm__shield_outermost(self);
    for (struct fm__list *link = members->next; link != members;
         link = link->next) {
        struct fm__task *child = FM__CONTAINER(link, struct fm__task, link);
        if (child->under <= self->shields)
            continue;
        child->under = self->shields;
        if (hid && self->cancelled && child->under < hidden_from)
            fm__cancel(child);
    }
    self->covered = self->shields > 0;
}

void fm_shield_close(fm_shield *record)
{
    struct shield *shield = (struct shield *)record;
    bool hid = !shield->block.cut;
    fm__block_pop(&shield->block, "fm_shield_close");
    struct fm__task *self = shield->block.task;
    fm__timer_disarm(&self->home->loop, &shield->timer);
    self->shields--;
    if (fm__cut_seen(self, NULL) != 0) {
        self->cut = true;
        self->credit = 0;
    }
    if (self->covered)
        shield_uncover(self, hid);
}

fm_shield *fm__shield_enter(fm_shield *record, double seconds)
{
    fm_shield_open(record, seconds);
    return record;
}

void fm__shield_leave(fm_shield *record)
{
    fm_shield_close(record);
}
