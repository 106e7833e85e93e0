/*
 * stagger.c - the distance between two starts of a group
 *
 * The timer is armed by a start, not by who waits for the next: so the time
 * counts from the start, whenever somebody comes.
 */
#include "task/stagger.h"

#include "base/die.h"
#include "loop/span.h"

#include <errno.h>

static void stagger_fire(struct fm__timer *timer)
{
    fm__stagger_pass(FM__CONTAINER(timer, struct fm__stagger, timer));
}

void fm__stagger_init(struct fm__stagger *stagger, double seconds)
{
    if (fm__span(seconds, &stagger->span) < 0)
        fm__die("fm_group_open: the stagger is not a number");
    fm__list_init(&stagger->line);
    fm__timer_init(&stagger->timer, stagger_fire);
    stagger->state = FM__STAGGER_FREE;
}

static const struct fm__wait_kind stagger_kind = {
    .cut = fm__park_cut,
    .name = "stagger",
    .what = FM__WAIT_NOTHING,
};

int fm__stagger_wait(struct fm__stagger *stagger)
{
    struct fm__queued queued;
    if (stagger->span == 0)
        return 0;
    if (stagger->state == FM__STAGGER_FREE) {
        stagger->state = FM__STAGGER_HANDED;
        return 0;
    }
    /* A cut may have come while it waited for its place. */
    int rc = fm__current->cut ? fm__cut_reason(fm__current) : 0;
    return rc < 0 ? rc : fm__park_in(&stagger->line, &queued, &stagger_kind);
}

void fm__stagger_started(struct fm__stagger *stagger, struct fm__loop *loop)
{
    if (stagger->span == 0)
        return;
    stagger->state = FM__STAGGER_KEPT;
    if (stagger->span != FM__NEVER)
        fm__timer_arm(loop, &stagger->timer, stagger->span);
}

void fm__stagger_pass(struct fm__stagger *stagger)
{
    bool handed = fm__wake_first(&stagger->line, 0);
    stagger->state = handed ? FM__STAGGER_HANDED : FM__STAGGER_FREE;
}

void fm__stagger_failed(struct fm__stagger *stagger, struct fm__loop *loop)
{
    if (stagger->state != FM__STAGGER_KEPT)
        return;
    fm__timer_disarm(loop, &stagger->timer);
    fm__stagger_pass(stagger);
}

void fm__stagger_refuse(struct fm__stagger *stagger)
{
    while (fm__wake_first(&stagger->line, -ECANCELED))
        ;
}

void fm__stagger_end(struct fm__stagger *stagger, struct fm__loop *loop)
{
    fm__timer_disarm(loop, &stagger->timer);
}
