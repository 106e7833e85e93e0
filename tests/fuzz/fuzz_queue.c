/*
 * fuzz_queue.c - any bytes are a program for a queue and its obvious model
 *
 * The first byte is the queue's order and capacity. Then each verb takes one,
 * and its number another: tasks that put, get and join, the same without a
 * wait, cancels, items that are done, and the shutdown. What each of them came
 * to is what the model said.
 */
#include "fuzz.h"

#include <fermata.h>
#include <stdbool.h>
#include <string.h>

enum {
    TASKS = 40,
    ITEMS = 64,
    WAITS = 1 << 20 /* what is expected of a task that waits */
};

enum task_kind {
    PUTS,
    GETS,
    JOINS
};

/* In the order of their coming. */
struct line {
    int of[ITEMS];
    size_t count;
};

struct program {
    fm_queue *queue;
    fm_queue_options options;
    size_t capacity;
    struct line items;
    struct line waiting[3]; /* tasks, by kind */
    size_t unfinished;
    bool shut;
    fm_task *tasks[TASKS];
    int numbers[TASKS], expected[TASKS];
    int started;
};

static char numbers[256];

static int number_of(const void *item)
{
    return (int)((const char *)item - numbers);
}

static bool more_urgent(const void *a, const void *b)
{
    return number_of(a) / 64 > number_of(b) / 64;
}

/* ---- The model ----------------------------------------------------------- */

static int line_take(struct line *line, size_t at)
{
    int taken = line->of[at];
    line->count--;
    memmove(&line->of[at], &line->of[at + 1],
            (line->count - at) * sizeof line->of[0]);
    return taken;
}

static void line_add(struct line *line, int number)
{
    line->of[line->count++] = number;
}

static bool model_better(const struct program *program, size_t a, size_t b)
{
    const int *of = program->items.of;
    if (program->options.before != NULL && of[a] / 64 != of[b] / 64)
        return of[a] / 64 > of[b] / 64;
    return program->options.newest_first ? a > b : a < b;
}

static int model_next(struct program *program)
{
    size_t best = 0;
    for (size_t i = 1; i < program->items.count; i++) {
        if (model_better(program, i, best))
            best = i;
    }
    return line_take(&program->items, best);
}

static int model_put(struct program *program, int number)
{
    struct line *getters = &program->waiting[GETS];
    if (program->shut)
        return -ESHUTDOWN;
    if (getters->count > 0)
        program->expected[line_take(getters, 0)] = number;
    else if (program->items.count < program->capacity)
        line_add(&program->items, number);
    else
        return -EAGAIN;
    program->unfinished++;
    return 0;
}

static int model_get(struct program *program)
{
    struct line *putters = &program->waiting[PUTS];
    bool held = program->items.count > 0;
    if (!held && putters->count == 0)
        return program->shut ? -ESHUTDOWN : -EAGAIN;
    int number = held ? model_next(program) : 0;
    if (putters->count == 0)
        return number;
    int putter = line_take(putters, 0);
    program->expected[putter] = 0;
    program->unfinished++;
    if (!held)
        return program->numbers[putter];
    line_add(&program->items, program->numbers[putter]);
    return number;
}

static void model_wake(struct program *program, enum task_kind kind, int rc)
{
    struct line *line = &program->waiting[kind];
    while (line->count > 0)
        program->expected[line_take(line, 0)] = rc;
}

static void model_finish(struct program *program, size_t count)
{
    program->unfinished -= count;
    if (program->unfinished == 0)
        model_wake(program, JOINS, 0);
}

static int model_start(struct program *program, enum task_kind kind, int number)
{
    int rc = program->unfinished > 0 ? -EAGAIN : 0;
    if (kind == PUTS)
        rc = model_put(program, number);
    if (kind == GETS)
        rc = model_get(program);
    if (rc != -EAGAIN)
        return rc;
    line_add(&program->waiting[kind], program->started);
    return WAITS;
}

static void model_cancel(struct program *program, int task)
{
    for (int kind = PUTS; kind <= JOINS; kind++) {
        struct line *line = &program->waiting[kind];
        for (size_t i = 0; i < line->count; i++) {
            if (line->of[i] == task)
                program->expected[line_take(line, i)] = -ECANCELED;
        }
    }
}

/* ---- The queue ----------------------------------------------------------- */

struct acts {
    fm_queue *queue;
    enum task_kind kind;
    int number;
};

static int acts(struct acts *self)
{
    void *item = NULL;
    if (self->kind == PUTS)
        return fm_queue_put(self->queue, &numbers[self->number]);
    if (self->kind == JOINS)
        return fm_queue_join(self->queue);
    int rc = fm_queue_get(self->queue, &item);
    return rc < 0 ? rc : number_of(item);
}

static void check(bool right, const char *complaint)
{
    if (!right)
        fuzz_fail(complaint);
}

static void start(struct program *program, enum task_kind kind, int number)
{
    int task = program->started;
    if (task == TASKS)
        return;
    program->numbers[task] = number;
    program->expected[task] = model_start(program, kind, number);
    program->tasks[task] = fm_go(acts, program->queue, kind, number);
    program->started++;
    check(fm_yield() == 0, "a yield was cut");
}

static void try(struct program *program, enum task_kind kind, int number)
{
    void *item = NULL;
    if (kind == PUTS) {
        int rc = fm_queue_put_try(program->queue, &numbers[number]);
        check(rc == model_put(program, number), "a put was not as expected");
        return;
    }
    int rc = fm_queue_get_try(program->queue, &item);
    check((rc < 0 ? rc : number_of(item)) == model_get(program),
          "a get was not as expected");
}

static void cancel(struct program *program, int number)
{
    if (program->started == 0)
        return;
    int task = number % program->started;
    model_cancel(program, task);
    (void)fm_cancel(program->tasks[task]);
}

static void done(struct program *program)
{
    if (program->unfinished == program->items.count)
        return;
    fm_queue_done(program->queue);
    model_finish(program, 1);
}

static void shut(struct program *program, bool immediate)
{
    fm_queue_shutdown(program->queue, immediate);
    program->shut = true;
    model_wake(program, PUTS, -ESHUTDOWN);
    model_wake(program, GETS, -ESHUTDOWN);
    size_t thrown = immediate ? program->items.count : 0;
    program->items.count -= thrown;
    model_finish(program, thrown);
}

static void step(struct program *program, uint8_t verb, int number)
{
    switch (verb % 16) {
    case 0:
        cancel(program, number);
        break;
    case 1:
        if (number % 8 == 0)
            shut(program, number % 16 == 0);
        break;
    case 2:
        start(program, JOINS, number);
        break;
    case 3:
    case 4:
        done(program);
        break;
    case 5:
        check(fm_yield() == 0, "a yield was cut");
        break;
    default:
        if (verb % 4 < 2)
            start(program, verb % 2 == 0 ? PUTS : GETS, number);
        else
            try(program, verb % 2 == 0 ? PUTS : GETS, number);
    }
    check(fm_queue_count(program->queue) == program->items.count,
          "the count is not as expected");
}

/* Who still waits is cancelled; the others are what they were. */
static void finish(struct program *program)
{
    int results[TASKS];
    for (int task = 0; task < program->started; task++)
        cancel(program, task);
    fm_settle(program->tasks, (size_t)program->started, results);
    for (int task = 0; task < program->started; task++)
        check(results[task] == program->expected[task],
              "a task did not end as expected");
    fm_queue_free(program->queue);
}

struct input {
    const uint8_t *bytes;
    size_t size;
};

static int run(void *arg)
{
    const struct input *input = arg;
    struct program program = {.started = 0};
    uint8_t kind = input->size > 0 ? input->bytes[0] : 0;
    program.capacity = kind / 4 % 8;
    program.options.newest_first = kind % 2 == 1;
    program.options.before = kind % 4 >= 2 ? more_urgent : NULL;
    program.queue = fm_queue_new(program.capacity, &program.options);
    for (size_t i = 1; i + 1 < input->size; i += 2)
        step(&program, input->bytes[i], input->bytes[i + 1]);
    finish(&program);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const fm_run_options options = {.backend = "sim"};
    struct input input = {bytes, size};
    check(fm_run(run, &input, &options) == 0, "it could not be run");
    return 0;
}
