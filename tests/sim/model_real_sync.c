/*
 * model_real_sync.c - the steps of queues, flags, locks and conditions
 */
#include "sim/model_real.h"

#include <fermata.h>
#include <math.h>
#include <string.h>

static fm_queue *real_queues[MODEL_QUEUES];
static fm_event real_flags[MODEL_FLAGS];
static fm_lock real_locks[MODEL_LOCKS];
static fm_condition real_conditions[MODEL_LOCKS];

static bool real_before(const void *a, const void *b)
{
    return model_rank((int)(intptr_t)a) < model_rank((int)(intptr_t)b);
}

void real_sync_open(const struct model_program *program)
{
    memset(real_flags, 0, sizeof real_flags);
    memset(real_locks, 0, sizeof real_locks);
    memset(real_conditions, 0, sizeof real_conditions);
    for (int i = 0; i < MODEL_QUEUES; i++) {
        const struct model_queue *queue = &program->queues[i];
        enum model_order order = queue->order;
        const fm_queue_options options = {
            .newest_first =
                order == MODEL_NEWEST || order == MODEL_LEAST_NEWEST,
            .before = order >= MODEL_LEAST ? real_before : NULL,
        };
        real_queues[i] = fm_queue_new((size_t)queue->capacity, &options);
    }
}

void real_sync_close(void)
{
    for (int i = 0; i < MODEL_QUEUES; i++) {
        fm_queue_free(real_queues[i]);
        real_queues[i] = NULL;
    }
}

fm_lock *real_lock(const struct model_step *step)
{
    return &real_locks[step->object];
}

static int real_put(const struct model_step *step, int place)
{
    fm_queue *queue = real_queues[step->object];
    void *item = (void *)(intptr_t)(place + 1);
    return step->kind == MODEL_PUT ? fm_queue_put(queue, item)
                                   : fm_queue_put_try(queue, item);
}

static int real_take(const struct model_step *step)
{
    fm_queue *queue = real_queues[step->object];
    void *item = NULL;
    int rc = step->kind == MODEL_TAKE ? fm_queue_get(queue, &item)
                                      : fm_queue_get_try(queue, &item);
    return rc < 0 ? rc : (int)(intptr_t)item;
}

static void real_tell(const struct model_step *step)
{
    switch (step->kind) {
    case MODEL_SHUTDOWN:
        fm_queue_shutdown(real_queues[step->object], step->limit > 0);
        break;
    case MODEL_HAPPENS:
        fm_event_set(&real_flags[step->object]);
        break;
    case MODEL_FORGET:
        fm_event_clear(&real_flags[step->object]);
        break;
    default:
        if (step->limit > 0)
            fm_condition_notify(&real_conditions[step->object],
                                (size_t)step->limit);
        else
            fm_condition_notify_all(&real_conditions[step->object]);
    }
}

static int real_act(int thing, int place)
{
    fm_queue *queue = real_queues[thing / 2 % MODEL_QUEUES];
    void *item = NULL;
    int rc;
    switch (thing) {
    case MODEL_CAN_TAKE:
    case MODEL_CAN_TAKE_SECOND:
        rc = fm_queue_get_try(queue, &item);
        return rc < 0 ? rc : (int)(intptr_t)item;
    case MODEL_CAN_PUT:
    case MODEL_CAN_PUT_SECOND:
        return fm_queue_put_try(queue, (void *)(intptr_t)(place + 1));
    default:
        return 0;
    }
}

static int real_select(const struct model_step *step, int place)
{
    double time = step->key > 0 ? (double)step->seconds : (double)INFINITY;
    fm_when whens[MODEL_THINGS] = {
        [MODEL_CAN_TAKE] = fm_when_get(real_queues[0]),
        [MODEL_CAN_PUT] = fm_when_put(real_queues[0]),
        [MODEL_CAN_TAKE_SECOND] = fm_when_get(real_queues[1]),
        [MODEL_CAN_PUT_SECOND] = fm_when_put(real_queues[1]),
        [MODEL_IS_SET] = fm_when_set(&real_flags[0]),
        [MODEL_TIME] = fm_when_after(time),
    };
    for (int i = 0; i < MODEL_TIME; i++) {
        if ((step->object & 1 << i) == 0)
            whens[i] = (fm_when){0};
    }
    int thing = fm_select_array(whens, MODEL_THINGS);
    return thing < 0 ? thing : model_selected(thing, real_act(thing, place));
}

int real_sync(const struct model_step *step, int place)
{
    switch (step->kind) {
    case MODEL_PUT:
    case MODEL_PUT_TRY:
        return real_put(step, place);
    case MODEL_TAKE:
    case MODEL_TAKE_TRY:
        return real_take(step);
    case MODEL_HAPPENED:
        return fm_event_wait(&real_flags[step->object]);
    case MODEL_SELECT:
        return real_select(step, place);
    case MODEL_CHANGED:
        return fm_condition_wait(&real_conditions[step->object],
                                 real_lock(step));
    default:
        real_tell(step);
        return 0;
    }
}
