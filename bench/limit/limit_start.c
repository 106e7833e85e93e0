/*
 * limit_start.c - COUNT stacks taken, entered, left and given back
 *
 * What starting and awaiting a task cannot do without: a stack from a free
 * list, two switches, the stack back to the list. With a COUNT of 1 that is
 * the limit of `start`, with more the limit of `gather`.
 */
#include "bare.h"
#include "measure.h"

struct limit_task {
    struct bare bare;
    struct limit_task *next;
    size_t result;
};

static struct limit_task *unused; /* a stack, with the task at its top */
static struct limit_task *current;
static struct bare starter;
static struct limit_task **tasks;
static size_t count;

static void limit_entry(void)
{
    current->result = 1;
    bare_switch(&current->bare, &starter);
}

static struct limit_task *limit_take(void)
{
    struct limit_task *task = unused;

    unused = task->next;
    bare_make_called(&task->bare, task, limit_entry);
    return task;
}

static size_t limit_await(struct limit_task *task)
{
    current = task;
    bare_switch(&starter, &task->bare);
    task->next = unused;
    unused = task;
    return task->result;
}

static void limit_start(void)
{
    for (int i = 0; i < 100000; i++)
        limit_await(limit_take());
}

static void limit_gather(void)
{
    size_t sum = 0;

    for (size_t i = 0; i < count; i++)
        tasks[i] = limit_take();
    for (size_t i = 0; i < count; i++)
        sum += limit_await(tasks[i]);
    if (sum != count)
        exit(1);
}

int main(int argc, char **argv)
{
    char name[32];

    count = measure_argument(argc, argv, 1, 1);
    snprintf(name, sizeof name, "%zu", count);
    tasks = calloc(count, sizeof(struct limit_task *));
    char *stacks = bare_stacks(count);
    for (size_t i = count; i-- > 0;) {
        char *top = bare_top(stacks, i) - sizeof(struct limit_task);
        struct limit_task *task = (struct limit_task *)top;
        task->next = unused;
        unused = task;
    }

    if (count == 1)
        measure("start", "await", 100000, limit_start);
    else
        measure("gather", name, count, limit_gather);
    free(tasks);
    return 0;
}
