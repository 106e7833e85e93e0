/*
 * group.c - tasks that end together
 *
 * Invariant: a task waits in `waiting` only while the group is at its limit.
 * `places` counts members alive and places handed to a waiter that has not
 * run yet: so a latecomer can never overtake a task that waited, and the
 * group is not closed under one that has yet to start its member.
 */
#include <fermata/group.h>

#include "base/die.h"
#include "base/room.h"
#include "task/block.h"
#include "task/stagger.h"

#include <errno.h>
#include <string.h>

struct group {
    struct fm__block block; /* linked only unless under the root */
    struct fm__owner owner;
    struct fm__reaper reaper;
    struct fm__list waiting;   /* struct fm__queued: at the limit */
    struct fm__waiter *closer; /* who waits for the last place to be free */
    struct fm__stagger stagger;
    fm_group_errors *errors;
    int *rc;           /* of the macro; NULL for the function form */
    size_t places;     /* taken */
    size_t stack_size; /* of members; 0: the run's */
    unsigned limit;    /* 0: none */
    int failure;       /* the first, or 0 */
    int success;       /* FM_FIRST_SUCCESS: what the first one returned */
    uint16_t under;    /* shields of the opener when it was opened */
    uint8_t policy;
    bool under_root;
    bool succeeded;
    bool obeyed; /* a member ended with -ECANCELED after a cancel */
};

_Static_assert(sizeof(struct group) <= sizeof(fm_group), "grow the record");

static struct group *group_of(const fm_group *record)
{
    return (struct group *)(uintptr_t)record;
}

const struct fm__owner *fm__group_owner(const struct fm__block *block)
{
    return &FM__CONTAINER(block, struct group, block)->owner;
}

static void group_cancel_members(struct group *group)
{
    struct fm__list *members = &group->owner.members;
    struct fm__list *link = members->next;
    for (; link != members; link = link->next)
        fm__cancel(FM__CONTAINER(link, struct fm__task, link));
}

/* From now on nothing is started, and the block's own calls are refused. */
static void group_cut(struct group *group)
{
    if (group->block.cut)
        return;
    group->block.cut = true;
    group_cancel_members(group);
    while (fm__wake_first(&group->waiting, -ECANCELED))
        ;
    fm__stagger_refuse(&group->stagger);
    if (!group->under_root && group->block.opened)
        fm__recut(group->block.task);
}

static void group_failed(struct group *group, int result)
{
    if (group->errors != NULL) {
        size_t index = group->errors->count++;
        if (index < FM__COUNT(group->errors->first))
            group->errors->first[index] = result;
    }
    if (group->failure == 0)
        group->failure = result;
    if (group->policy == FM_FAIL_FAST)
        group_cut(group);
}

static void group_note(struct group *group, const struct fm__task *member)
{
    int result = member->result;
    if (result == -ECANCELED && member->cancelled) {
        group->obeyed = true;
    } else if (result < 0) {
        group_failed(group, result);
    } else if (group->policy == FM_FIRST_SUCCESS && !group->succeeded) {
        group->succeeded = true;
        group->success = result;
        group_cut(group);
    }
}

/* A place is free: the one that waited longest has it. */
static void group_free_place(struct group *group)
{
    if (fm__wake_first(&group->waiting, 0))
        return;
    if (--group->places > 0 || group->closer == NULL)
        return;
    group->block.cut = true; /* nothing is started before the closer runs */
    fm__wake(group->closer, 0);
}

static void group_reap(struct fm__reaper *reaper, struct fm__task *member)
{
    struct group *group = FM__CONTAINER(reaper, struct group, reaper);
    group_note(group, member);
    if (member->result < 0)
        fm__stagger_failed(&group->stagger, &member->home->loop);
    fm__task_release(member);
    group_free_place(group);
}

static void group_init(struct group *group, const fm_group_options *options)
{
    memset(group, 0, sizeof *group);
    fm__list_init(&group->owner.members);
    fm__list_init(&group->waiting);
    group->reaper.reap = group_reap;
    fm__stagger_init(&group->stagger, options != NULL ? options->stagger : 0);
    if (options == NULL)
        return;
    group->policy = (uint8_t)options->policy;
    group->limit = options->limit;
    group->errors = options->errors;
    group->under_root = options->under_root;
    group->stack_size = options->stack_size;
    if (group->errors != NULL)
        group->errors->count = 0;
}

void fm_group_open(fm_group *record, const fm_group_options *options)
{
    struct fm__task *self = fm__task_self("fm_group_open");
    struct group *group = group_of(record);
    group_init(group, options);
    if (group->under_root)
        return;
    fm__block_push(&group->block, FM__BLOCK_GROUP, "fm_group_open");
    group->owner.task = self;
    group->under = self->shields;
}

/* Whether the task is a member, or a task below one. */
static bool group_has(const struct group *group, const struct fm__task *task)
{
    while (task != NULL && task->owner != &group->owner)
        task = task->owner->task;
    return task != NULL;
}

static const struct fm__wait_kind group_place_kind = {
    .cut = fm__park_cut,
    .name = "group place",
    .what = FM__WAIT_LISTED | FM__WAIT_COUNTED,
    .at = FM__WAIT_BACK(struct group, waiting),
    .first = offsetof(struct group, places),
};

static int group_take_place(struct group *group, struct fm__task *self)
{
    if (group->block.cut)
        return -ECANCELED;
    if (group->limit == 0 || group->places < group->limit) {
        group->places++;
        return 0;
    }
    if (group_has(group, self))
        return -EAGAIN;
    struct fm__queued queued;
    return fm__park_in(&group->waiting, &queued, &group_place_kind);
}

/* A place, and the next start. Both may have been handed over a turn ago: the
 * group may be cut since. */
static int group_take_start(struct group *group, struct fm__task *self)
{
    int rc = group_take_place(group, self);
    if (rc < 0)
        return rc;
    rc = group->block.cut ? -ECANCELED : fm__stagger_wait(&group->stagger);
    if (rc == 0 && group->block.cut) {
        fm__stagger_pass(&group->stagger);
        rc = -ECANCELED;
    }
    if (rc < 0)
        group_free_place(group);
    return rc;
}

/* A start, by a task that may be dense and has spent much of its stack on the
 * group's record: where there is room. */
struct group_start {
    struct group *group;
    const struct fm__start *start;
    struct fm__task *member;
};

static void group_start(void *arg)
{
    struct group_start *asked = arg;
    asked->member =
        fm__task_new(fm__current->home, &asked->group->owner, asked->start);
}

static int group_add(fm_group *record, const struct fm__start *start)
{
    struct fm__task *self = fm__current;
    struct group *group = group_of(record);
    bool own = self == group->block.task;
    int rc = fm__checkpoint(self, "fm_group_go");
    if (rc == 0)
        rc = group_take_start(group, self);
    /* Refused after a wait, only its own task still finds the group there. */
    if (own && rc == -ECANCELED && group->block.cut)
        group->block.caused = true;
    if (rc < 0)
        return rc;
    struct group_start asked = {group, start, NULL};
    fm__room_call(group_start, &asked);
    struct fm__task *member = asked.member;
    if (member == NULL) {
        fm__stagger_pass(&group->stagger);
        group_free_place(group);
        return -ENOMEM;
    }
    member->under = group->under;
    member->reaper = &group->reaper;
    fm__stagger_started(&group->stagger, &self->home->loop);
    return 0;
}

/* wide: the label and what the macro says of the call */
int fm__group_go(fm_group *group, fm__fn fn, const void *args, uint32_t shape,
                 const char *label)
{
    const fm_task_options options = {
        .stack_size = group_of(group)->stack_size,
    };
    const struct fm__start start = {fn, args, shape, label, &options};
    return group_add(group, &start);
}

/* wide: as fm__start, with the group */
int fm__group_start(fm_group *group, int (*fn)(void *), void *arg,
                    const fm_task_options *options, const char *label)
{
    const struct fm__start start = {(fm__fn)fn, arg, FM__SHARED, label,
                                    options};
    return group_add(group, &start);
}

struct group_close {
    struct fm__waiter waiter;
    struct group *group;
    bool cut;
};

static void group_close_cut(struct fm__waiter *waiter, int reason)
{
    struct group_close *close =
        FM__CONTAINER(waiter, struct group_close, waiter);
    (void)reason;
    close->cut = true;
    group_cancel_members(close->group);
}

static const struct fm__wait_kind group_close_kind = {
    .cut = group_close_cut,
    .name = "group close",
    .what = FM__WAIT_MEMBERS,
    .at = FM__WAIT_AT(struct group_close, waiter, group),
    .first = offsetof(struct group, reaper),
};

const struct fm__owner *fm__group_closing(const struct fm__task *task)
{
    const struct fm__waiter *waiter = task->waiter;
    if (waiter == NULL || waiter->kind != &group_close_kind)
        return NULL;
    const struct group *group =
        FM__CONTAINER(waiter, struct group_close, waiter)->group;
    return group->owner.task == task ? &group->owner : NULL;
}

/* Whether the wait was cut. Its own block is closed by now, so that what is
 * seen comes from outside. */
static bool group_wait(struct group *group, struct fm__task *self)
{
    struct group_close close = {
        .waiter = {.kind = &group_close_kind},
        .group = group,
    };
    if (group->places == 0)
        return false;
    if (group->closer != NULL)
        fm__die("fm_group_close: the group is being closed already");
    group->closer = &close.waiter;
    if (self->cut && fm__cut_reason(self) != 0)
        group_close_cut(&close.waiter, 0);
    fm__park(&close.waiter);
    return close.cut;
}

static int group_result(const struct group *group)
{
    if (group->succeeded)
        return group->success;
    return group->failure;
}

int fm_group_close(fm_group *record)
{
    struct fm__task *self = fm__current;
    struct group *group = group_of(record);
    fm__charge(self, "fm_group_close");
    if (!group->under_root)
        fm__block_pop(&group->block, "fm_group_close");
    bool cut = group_wait(group, self);
    fm__stagger_end(&group->stagger, &self->home->loop);
    int result = group_result(group);
    if (cut && group->obeyed && !group->succeeded && result == 0)
        result = fm__cut_reason(self);
    return result;
}

void fm_group_cancel(fm_group *group)
{
    if (fm__home == NULL)
        fm__task_none("fm_group_cancel");
    group_cut(group_of(group));
}

size_t fm_group_count(const fm_group *group)
{
    return group_of(group)->places;
}

fm_group *fm__group_enter(fm_group *record, int *rc,
                          const fm_group_options *options)
{
    *rc = 0;
    if (options->under_root)
        fm__die("FM_GROUP: a group under the root is no block of a task: open "
                "it with fm_group_open");
    fm_group_open(record, options);
    group_of(record)->rc = rc;
    return record;
}

/* rc after the block: the body's own, unless the group has more to say. */
static void group_settle_rc(fm_group *record)
{
    struct group *group = group_of(record);
    fm__block_check(&group->block, "FM_GROUP");
    int *rc = group->rc;
    bool caused = *rc == -ECANCELED && group->block.caused;
    int result = fm_group_close(record);
    if (caused)
        *rc = result;
    else if (*rc >= 0 && (result < 0 || group->succeeded))
        *rc = result;
}

fm_group *fm__group_end(fm_group *record)
{
    group_settle_rc(record);
    fm__block_settle(&group_of(record)->block);
    return NULL;
}

/* Left by break, return or goto, unless the end was reached. */
void fm__group_leave(fm_group *record)
{
    struct group *group = group_of(record);
    if (fm__block_settled(&group->block))
        return;
    fm__block_check(&group->block, "FM_GROUP");
    group_cut(group);
    group_settle_rc(record);
}
