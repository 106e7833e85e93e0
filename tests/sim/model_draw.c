/*
 * model_draw.c - from chance to a program
 *
 * Every program that comes out is legal: blocks nest, handles are used by
 * their starter alone, and a group is known to its own block and to what is
 * started in it.
 *
 * And every program ends: whoever waits for what only another task may do,
 * does so in a timeout that no shield parts from it. The holder of a lock
 * waits for no task, which may want that lock, and for no other lock.
 */
#include "sim/model_program.h"

#include <string.h>

/* Where in the program a list is drawn. */
struct draw_place {
    int task;
    int depth;              /* blocks around it, in its task */
    int timeouts;           /* of them */
    bool retried;           /* by one of them */
    bool limited;           /* the innermost timeout is seen from here */
    int locked;             /* the lock that is held, or MODEL_NONE */
    enum model_kind begins; /* what the list begins with */
    int group_count;
    int groups[MODEL_GROUPS]; /* known here, the innermost last */
};

/* Tasks are drawn in the order of their numbers, so that the first ones, which
 * start the others, have the most to do. */
struct draw {
    struct model_program *program;
    struct model_source *source;
    struct draw_place places[MODEL_TASKS];
    enum model_kind begins; /* the list of the last step */
    int sharing;            /* so many times as often as else */
};

static uint64_t draw_seeded(struct model_source *source)
{
    uint64_t x = source->seed += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* 0 to count - 1. */
static int draw_below(struct draw *draw, int count)
{
    struct model_source *source = draw->source;
    uint64_t x = 0;
    if (source->seed != 0)
        return (int)(draw_seeded(source) % (uint64_t)count);
    for (int span = count - 1; span > 0 && source->size > 0; span /= 256) {
        x = x << 8 | *source->bytes++;
        source->size--;
    }
    return (int)(x % (uint64_t)count);
}

static bool draw_chance(struct draw *draw, int percent)
{
    return draw_below(draw, 100) >= 100 - percent;
}

/* Of every order of size up to a hundred days. Blocks are the shorter ones,
 * so that they often end before what is in them. */
static int draw_seconds(struct draw *draw, enum model_kind kind)
{
    static const int orders[] = {100, 1000, 30000, 1000000, 9000000};
    bool block = kind == MODEL_TIMEOUT || kind == MODEL_SHIELD;
    if (draw_chance(draw, kind == MODEL_SHIELD ? 25 : 6))
        return 0;
    return 1 + draw_below(draw, orders[draw_below(draw, 4) + !block]);
}

static int draw_result(struct draw *draw)
{
    switch (draw_below(draw, 8)) {
    case 0:
    case 1:
        return -1000 - draw_below(draw, 20);
    case 2:
        return -125; /* ECANCELED, which nobody asked for */
    case 3:
        return 1 + draw_below(draw, 5);
    default:
        return 0;
    }
}

static int draw_task(struct draw *draw, int parent, int member_of)
{
    struct model_program *program = draw->program;
    int index = program->task_count++;
    program->tasks[index] = (struct model_task){
        .first = MODEL_NONE,
        .parent = parent,
        .member_of = member_of,
        .value = draw_result(draw),
        .swallows = draw_chance(draw, 30),
    };
    return index;
}

/* One of the task's children so far, or MODEL_NONE. */
static int draw_child(struct draw *draw, int parent)
{
    const struct model_program *program = draw->program;
    int children[MODEL_TASKS], count = 0;
    for (int i = 0; i < program->task_count; i++) {
        const struct model_task *task = &program->tasks[i];
        if (task->parent == parent && task->member_of == MODEL_NONE)
            children[count++] = i;
    }
    return count > 0 ? children[draw_below(draw, count)] : MODEL_NONE;
}

static enum model_kind draw_kind(struct draw *draw)
{
    static const unsigned char weights[MODEL_KINDS] = {
        [MODEL_SLEEP] = 40,   [MODEL_UNTIL] = 6,    [MODEL_YIELD] = 8,
        [MODEL_START] = 44,   [MODEL_AWAIT] = 20,   [MODEL_STOP] = 8,
        [MODEL_DETACH] = 7,   [MODEL_GATHER] = 8,   [MODEL_SETTLE] = 5,
        [MODEL_CANCEL] = 9,   [MODEL_ASK] = 3,      [MODEL_SET] = 7,
        [MODEL_GET] = 7,      [MODEL_RENEW] = 4,    [MODEL_GO] = 30,
        [MODEL_HALT] = 4,     [MODEL_COUNT] = 2,    [MODEL_TIMEOUT] = 22,
        [MODEL_SHIELD] = 16,  [MODEL_DEADLINE] = 3, [MODEL_GROUP] = 22,
        [MODEL_SCOPE] = 8,    [MODEL_RETRY] = 5,    [MODEL_PUT] = 16,
        [MODEL_TAKE] = 16,    [MODEL_PUT_TRY] = 4,  [MODEL_TAKE_TRY] = 4,
        [MODEL_SHUTDOWN] = 1, [MODEL_HAPPENED] = 8, [MODEL_HAPPENS] = 6,
        [MODEL_FORGET] = 3,   [MODEL_CHANGED] = 12, [MODEL_NOTIFY] = 12,
        [MODEL_LOCKED] = 14,  [MODEL_SELECT] = 12,
    };
    int each[MODEL_KINDS], total = 0, kind = 0;
    for (int i = 0; i < MODEL_KINDS; i++) {
        bool more = model_is_shared((enum model_kind)i) || i == MODEL_START;
        each[i] = weights[i] * (more ? draw->sharing : 1);
        total += each[i];
    }
    int left = draw_below(draw, total);
    while (left >= each[kind])
        left -= each[kind++];
    return (enum model_kind)kind;
}

/* What the holder of a lock may not wait for. */
static bool draw_needs_others(enum model_kind kind)
{
    switch (kind) {
    case MODEL_AWAIT:
    case MODEL_STOP:
    case MODEL_GATHER:
    case MODEL_SETTLE:
    case MODEL_GO:
    case MODEL_GROUP:
    case MODEL_SCOPE:
    case MODEL_LOCKED:
        return true;
    default:
        return false;
    }
}

static bool draw_waits(enum model_kind kind)
{
    return kind == MODEL_PUT || kind == MODEL_TAKE || kind == MODEL_HAPPENED ||
           kind == MODEL_CHANGED || kind == MODEL_LOCKED ||
           kind == MODEL_SELECT;
}

/* What cannot stand here becomes a sleep. */
static bool draw_fits(const struct draw *draw, const struct draw_place *place,
                      enum model_kind kind)
{
    const struct model_program *program = draw->program;
    bool task_left = program->task_count < MODEL_TASKS;
    if (place->locked != MODEL_NONE && draw_needs_others(kind))
        return false;
    switch (kind) {
    case MODEL_CHANGED:
        return place->locked != MODEL_NONE;
    case MODEL_GO:
        return task_left && place->group_count > 0;
    case MODEL_START:
        return task_left;
    case MODEL_HALT:
    case MODEL_COUNT:
        return place->group_count > 0;
    case MODEL_RENEW:
        return place->timeouts > 0;
    case MODEL_SCOPE:
        return task_left && place->depth < MODEL_DEPTH;
    case MODEL_GROUP:
        return program->group_count < MODEL_GROUPS &&
               place->depth < MODEL_DEPTH;
    case MODEL_TIMEOUT:
    case MODEL_DEADLINE:
    case MODEL_SHIELD:
    case MODEL_LOCKED:
        return place->depth < MODEL_DEPTH;
    case MODEL_RETRY:
        return place->depth < MODEL_DEPTH && !place->retried;
    default:
        return true;
    }
}

static void draw_targets(struct draw *draw, const struct draw_place *place,
                         struct model_step *step)
{
    int own = place->task;
    bool member = step->kind == MODEL_GO;
    if (place->group_count > 0)
        step->group = place->groups[draw_below(draw, place->group_count)];
    if (member)
        step->task = draw_task(draw, own, step->group);
    else if (step->kind == MODEL_START || step->kind == MODEL_SCOPE)
        step->task = draw_task(draw, own, MODEL_NONE);
    else if (step->kind == MODEL_CANCEL)
        step->task = draw_below(draw, MODEL_TASKS);
    else
        step->task = draw_child(draw, own);
    if (step->kind == MODEL_GROUP)
        step->group = draw->program->group_count++;
}

static int draw_object(struct draw *draw, const struct draw_place *place,
                       enum model_kind kind)
{
    switch (kind) {
    case MODEL_PUT:
    case MODEL_TAKE:
    case MODEL_PUT_TRY:
    case MODEL_TAKE_TRY:
    case MODEL_SHUTDOWN:
        return draw_below(draw, MODEL_QUEUES);
    case MODEL_HAPPENED:
    case MODEL_HAPPENS:
    case MODEL_FORGET:
        return draw_below(draw, MODEL_FLAGS);
    case MODEL_SELECT:
        return draw_below(draw, 1 << MODEL_TIME);
    case MODEL_NOTIFY:
    case MODEL_LOCKED:
        return draw_below(draw, MODEL_LOCKS);
    default:
        return place->locked;
    }
}

static void draw_numbers(struct draw *draw, struct model_step *step)
{
    /* Who waits for others waits for long, so that others come. */
    bool patient = draw->begins != MODEL_NOTHING;
    step->seconds = draw_seconds(draw, patient ? MODEL_SLEEP : step->kind);
    step->key = draw_below(draw, MODEL_LOCALS);
    step->value = draw_chance(draw, 25) ? 1 + draw_below(draw, 9) : 0;
    step->policy = draw_below(draw, 3);
    step->limit = draw_chance(draw, 50) ? 1 + draw_below(draw, 3) : 0;
    step->rooted = draw_chance(draw, 12);
    if (draw_chance(draw, 25))
        step->leave = draw_chance(draw, 50) ? MODEL_BREAK : MODEL_RETURN;
}

/* A wait that has no limit yet begins the list of a timeout. */
static enum model_kind draw_limited(struct draw *draw,
                                    const struct draw_place *place,
                                    enum model_kind kind)
{
    draw->begins = MODEL_NOTHING;
    if (!draw_fits(draw, place, kind))
        return MODEL_SLEEP;
    if (!draw_waits(kind) || place->limited)
        return kind;
    draw->begins = kind;
    return place->depth < MODEL_DEPTH ? MODEL_TIMEOUT : MODEL_SLEEP;
}

static int draw_step(struct draw *draw, const struct draw_place *place,
                     enum model_kind kind)
{
    struct model_program *program = draw->program;
    kind = draw_limited(draw, place, kind);
    int index = program->step_count++;
    struct model_step *step = &program->steps[index];
    *step = (struct model_step){
        .kind = kind,
        .task = MODEL_NONE,
        .group = MODEL_NONE,
        .first = MODEL_NONE,
        .next = MODEL_NONE,
    };
    draw_numbers(draw, step);
    step->object = draw_object(draw, place, kind);
    /* What ends a short list early makes a short story. */
    step->stubborn = draw_chance(draw, place->depth == 0 ? 85 : 50);
    draw_targets(draw, place, step);
    return index;
}

static int draw_list(struct draw *draw, const struct draw_place *place);

static void draw_inside(struct draw *draw, const struct draw_place *place,
                        struct model_step *step)
{
    struct draw_place inner = *place;
    inner.depth++;
    inner.begins = draw->begins;
    if (step->kind == MODEL_TIMEOUT || step->kind == MODEL_DEADLINE) {
        inner.timeouts++;
        inner.limited = true;
    }
    if (step->kind == MODEL_SHIELD)
        inner.limited = false;
    if (step->kind == MODEL_LOCKED)
        inner.locked = step->object;
    inner.retried = place->retried || step->kind == MODEL_RETRY;
    if (step->kind == MODEL_GROUP)
        inner.groups[inner.group_count++] = step->group;
    if (step->kind >= MODEL_TIMEOUT)
        step->first = draw_list(draw, &inner);
    if (step->kind != MODEL_START && step->kind != MODEL_GO &&
        step->kind != MODEL_SCOPE)
        return;
    struct draw_place *other = &draw->places[step->task];
    *other = *place;
    other->task = step->task;
    other->depth = other->timeouts = 0;
    other->retried = other->limited = false;
    other->locked = MODEL_NONE;
    other->begins = MODEL_NOTHING;
}

static int draw_list(struct draw *draw, const struct draw_place *place)
{
    struct model_program *program = draw->program;
    int first = MODEL_NONE;
    int *link = &first;
    int count = 1 + draw_below(draw, place->depth == 0 ? 8 : 5);
    enum model_kind next = place->begins;
    while (count-- > 0 && program->step_count < MODEL_STEPS) {
        *link = draw_step(draw, place,
                          next != MODEL_NOTHING ? next : draw_kind(draw));
        next = MODEL_NOTHING;
        struct model_step *step = &program->steps[*link];
        draw_inside(draw, place, step);
        link = &step->next;
    }
    return first;
}

void model_draw(struct model_program *program, struct model_source *source)
{
    struct draw draw = {.program = program, .source = source};
    memset(program, 0, sizeof *program);
    for (int i = 0; i < MODEL_QUEUES; i++) {
        program->queues[i].capacity = draw_below(&draw, 4);
        program->queues[i].order =
            (enum model_order)draw_below(&draw, MODEL_ORDERS);
    }
    draw.places[0].locked = MODEL_NONE;
    draw.sharing = 1 + 2 * draw_below(&draw, 3);
    draw_task(&draw, MODEL_NONE, MODEL_NONE);
    for (int i = 0; i < program->task_count; i++)
        program->tasks[i].first = draw_list(&draw, &draw.places[i]);
}
