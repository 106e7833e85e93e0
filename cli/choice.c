/*
 * choice.c - which tasks of a picture a table has, and in what order
 */
#include "choice.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Of two tasks: below 0 where the first comes first. */
struct choice_sort {
    const char *word;
    int (*compare)(const fm_picture_task *a, const fm_picture_task *b);
};

/* The most first. */
static int choice_most(double a, double b)
{
    return (a < b) - (a > b);
}

static int choice_by_name(const fm_picture_task *a, const fm_picture_task *b)
{
    return strcmp(a->name, b->name);
}

static double choice_waited(const fm_picture_task *task)
{
    return task->state == FM_TASK_WAITING ? task->wait.seconds : -1;
}

static int choice_by_waited(const fm_picture_task *a, const fm_picture_task *b)
{
    return choice_most(choice_waited(a), choice_waited(b));
}

static int choice_by_turns(const fm_picture_task *a, const fm_picture_task *b)
{
    return choice_most(a->turns, b->turns);
}

static int choice_by_cpu(const fm_picture_task *a, const fm_picture_task *b)
{
    return choice_most((double)a->cpu, (double)b->cpu);
}

static int choice_by_stack(const fm_picture_task *a, const fm_picture_task *b)
{
    return choice_most((double)a->stack_used, (double)b->stack_used);
}

static int choice_by_state(const fm_picture_task *a, const fm_picture_task *b)
{
    return (int)a->state - (int)b->state;
}

static const struct choice_sort choice_sorts[] = {
    {"name", choice_by_name},   {"waited", choice_by_waited},
    {"turns", choice_by_turns}, {"cpu", choice_by_cpu},
    {"stack", choice_by_stack}, {"state", choice_by_state},
};

static const struct choice_sort *choice_find(const char *word)
{
    for (size_t i = 0; i < sizeof choice_sorts / sizeof choice_sorts[0]; i++) {
        if (strcmp(word, choice_sorts[i].word) == 0)
            return &choice_sorts[i];
    }
    return NULL;
}

bool choice_set_sort(struct choice *self, const char *word)
{
    self->sort = word;
    return choice_find(word) != NULL;
}

bool choice_set_state(struct choice *self, const char *word)
{
    static const char *const states[] = {
        [FM_TASK_RUNNING] = "running",
        [FM_TASK_READY] = "ready",
        [FM_TASK_WAITING] = "waiting",
        [FM_TASK_ENDED] = "ended",
    };
    for (int i = FM_TASK_RUNNING; i <= FM_TASK_ENDED; i++) {
        if (strcmp(word, states[i]) != 0)
            continue;
        self->state = (fm_task_state)i;
        return true;
    }
    return false;
}

/* What qsort(3) does not hand on. */
static const fm_picture *choice_picture;
static const struct choice_sort *choice_sort_by;

static int choice_compare(const void *left, const void *right)
{
    size_t a = *(const size_t *)left, b = *(const size_t *)right;
    int order = choice_sort_by->compare(&choice_picture->tasks[a],
                                        &choice_picture->tasks[b]);
    return order != 0 ? order : (a > b) - (a < b);
}

static bool choice_takes(const struct choice *self, const fm_picture_task *task)
{
    return (self->state == 0 || task->state == self->state) &&
           (self->name == NULL || strstr(task->name, self->name) != NULL);
}

int choice_make(struct choice *self, const fm_picture *picture)
{
    self->order = malloc((picture->task_count + 1) * sizeof *self->order);
    if (self->order == NULL)
        return -ENOMEM;
    self->count = 0;
    for (size_t i = 0; i < picture->task_count; i++) {
        if (choice_takes(self, &picture->tasks[i]))
            self->order[self->count++] = i;
    }
    if (self->sort == NULL)
        return 0;
    choice_picture = picture;
    choice_sort_by = choice_find(self->sort);
    qsort(self->order, self->count, sizeof *self->order, choice_compare);
    return 0;
}

void choice_close(struct choice *self)
{
    free(self->order);
    self->order = NULL;
}
