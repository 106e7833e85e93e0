/*
 * wheel_model.h - a wheel beside the plainest thing that does the same
 *
 * The model keeps every timer in an array and searches all of it. A program
 * is a sequence of random words: the same code checks it in test_wheel and
 * in fuzz_wheel.
 */
#ifndef TESTS_LOOP_WHEEL_MODEL_H
#define TESTS_LOOP_WHEEL_MODEL_H

#include "loop/wheel.h"

#include <string.h>

enum {
    MODEL_TIMERS = 64
};

struct model_timer {
    struct fm__timer timer;
    struct model *model;
    bool armed;
    int64_t due;    /* when it was added, nothing earlier than now */
    uint64_t order; /* of adding */
    int victim;     /* is removed when this one fires; -1: none */
};

struct model {
    struct fm__wheel wheel;
    struct model_timer timers[MODEL_TIMERS];
    int64_t now;
    int64_t until; /* what is fired now is due by then */
    uint64_t order;
    size_t count;
    const char *complaint; /* the first difference, or NULL */
};

static inline void model_demand(struct model *model, bool condition,
                                const char *complaint)
{
    if (!condition && model->complaint == NULL)
        model->complaint = complaint;
}

static inline struct model_timer *model_first(struct model *model)
{
    struct model_timer *first = NULL;
    for (int i = 0; i < MODEL_TIMERS; i++) {
        struct model_timer *timer = &model->timers[i];
        if (timer->armed &&
            (first == NULL || timer->due < first->due ||
             (timer->due == first->due && timer->order < first->order)))
            first = timer;
    }
    return first;
}

static inline void model_remove(struct model *model, int i)
{
    struct model_timer *timer = &model->timers[i];
    if (!timer->armed)
        return;
    timer->armed = false;
    model->count--;
    fm__wheel_remove(&model->wheel, &timer->timer);
}

static inline void model_fired(struct fm__timer *fired)
{
    struct model_timer *timer = FM__CONTAINER(fired, struct model_timer, timer);
    struct model *model = timer->model;
    model_demand(model, timer->armed, "a timer fired that was not armed");
    model_demand(model, timer->due <= model->until, "a timer fired early");
    model_demand(model, model_first(model) == timer,
                 "a timer fired before an earlier one");
    if (timer->armed)
        model->count--;
    timer->armed = false;
    if (timer->victim >= 0)
        model_remove(model, timer->victim);
}

static inline void model_init(struct model *model, int64_t now)
{
    memset(model, 0, sizeof *model);
    model->now = now;
    fm__wheel_init(&model->wheel, now);
    for (int i = 0; i < MODEL_TIMERS; i++) {
        model->timers[i].model = model;
        model->timers[i].timer.fire = model_fired;
        fm__list_init(&model->timers[i].timer.link);
    }
}

static inline void model_add(struct model *model, int i, int64_t when,
                             int victim)
{
    struct model_timer *timer = &model->timers[i];
    model_remove(model, i);
    timer->due = when > model->now ? when : model->now;
    timer->order = model->order++;
    timer->victim = victim;
    timer->armed = true;
    timer->timer.when = when;
    model->count++;
    fm__wheel_add(&model->wheel, &timer->timer);
}

static inline void model_advance(struct model *model, int64_t now)
{
    model->until = now;
    fm__wheel_advance(&model->wheel, now);
    model->now = now;
    const struct model_timer *first = model_first(model);
    model_demand(model, first == NULL || first->due > now,
                 "a timer that was due did not fire");
    model_demand(model, model->wheel.count == model->count,
                 "the count of timers is wrong");
}

/* The next moment: not after the first deadline, and not before it is. */
static inline int64_t model_next(struct model *model)
{
    const struct model_timer *first = model_first(model);
    int64_t next = fm__wheel_next(&model->wheel);
    if (first == NULL) {
        model_demand(model, next == FM__NEVER, "nothing is due some time");
        return next;
    }
    model_demand(model, next <= first->due, "the next moment is too late");
    model_demand(model, first->due <= model->now || next > model->now,
                 "the next moment brings nothing nearer");
    return next;
}

/* From moment to moment, as a loop does, until the first timer has fired. */
static inline void model_follow(struct model *model)
{
    const struct model_timer *first = model_first(model);
    for (int steps = 0; first != NULL && first->armed; steps++) {
        int64_t next = model_next(model);
        if (model->complaint != NULL || steps > FM__WHEEL_LEVELS) {
            model_demand(model, false, "the way to a deadline is too long");
            return;
        }
        model_advance(model, next > model->now ? next : model->now);
    }
}

/* A moment that is a random number of bits away. */
static inline int64_t model_moment(const struct model *model, uint64_t word)
{
    uint64_t span = word >> 8 >> (word % 56);
    if (word % 251 == 0)
        return INT64_MAX;
    if (word % 241 == 0)
        return INT64_MIN + (int64_t)(span & 255);
    if (word % 7 == 0)
        return model->now - (int64_t)(span & 1023);
    return span > (uint64_t)(INT64_MAX - model->now)
               ? INT64_MAX
               : model->now + (int64_t)span;
}

/* One word of a program. */
static inline void model_step(struct model *model, unsigned verb, uint64_t word)
{
    int i = (int)(word % MODEL_TIMERS);
    int victim = (int)(word / MODEL_TIMERS % MODEL_TIMERS);
    switch (verb % 8) {
    case 0:
    case 1:
    case 2:
        model_add(model, i, model_moment(model, word >> 6), -1);
        break;
    case 3:
        model_add(model, i, model_moment(model, word >> 12), victim);
        break;
    case 4:
        model_remove(model, i);
        break;
    case 5:
        model_next(model);
        break;
    case 6:
        model_follow(model);
        break;
    default: {
        int64_t now = model_moment(model, word);
        if (now > model->now && now < INT64_MAX)
            model_advance(model, now);
    }
    }
}

#endif
