/*
 * start.c - a new task: one stack, one slot, and the record on that stack
 */
#include "base/usdt.h"
#include "coro/arena.h"
#include "task/handle.h"

#include <string.h>

/* Below the stack's head: the record, the arguments, then the frames. */
static struct fm__task *start_place(struct fm__stack *stack,
                                    const struct fm__start *start, char **top)
{
    uintptr_t place = (uintptr_t)stack - FM__TASK_SIZE;
    struct fm__task *task = (struct fm__task *)place;
    task->args = (void *)(uintptr_t)start->args;
    if (start->shape != FM__SHARED && start->shape != 0) {
        size_t size = start->shape & 0xffff;
        place = (place - size) & ~(uintptr_t)((start->shape >> 16) - 1);
        task->args = (void *)place;
        memcpy(task->args, start->args, size);
    }
    *top = (char *)(place & ~(uintptr_t)15);
    return task;
}

static void start_as_asked(struct fm__task *task,
                           const fm_task_options *options)
{
    if (options->name != NULL)
        task->name = options->name;
    if (options->stack_size >= FM__STACK_UNFIT)
        task->marks |= FM__MARK_DENSE;
}

static void start_init(struct fm__task *task, const struct fm__start *start)
{
    struct fm__task *starter = fm__current;
    memset(&task->credit, 0,
           offsetof(struct fm__task, place) -
               offsetof(struct fm__task, credit));
    task->credit = task->home->budget;
    task->work.run = fm__task_resume;
    task->under = starter->shields;
    if (FM__UNLIKELY(starter->shields > 0))
        starter->covered = true;
    fm__list_init(&task->children.members);
    task->children.task = task;
    task->fn = start->fn;
    task->bare = start->shape == 0;
    task->label = start->label;
    task->name = start->label;
    if (FM__UNLIKELY(start->options != NULL))
        start_as_asked(task, start->options);
    task->locals = NULL;
    if (FM__UNLIKELY(starter->locals != NULL))
        task->locals = fm__locals_share(starter->locals);
}

static void start_tell(struct fm__task *task)
{
    task->marks |= FM__MARK_OBSERVED;
    fm__loop_tell(&task->home->loop, FM__EVENT_START, task);
}

static unsigned start_class(struct fm__conductor *home,
                            const struct fm__start *start)
{
    const fm_task_options *options = start->options;
    if (FM__LIKELY(options == NULL || options->stack_size == 0))
        return home->stack_class;
    if (options->stack_size < FM__STACK_UNFIT)
        return fm__arena_class(options->stack_size);
    fm__canary_require(home, start);
    return FM__STACK_DENSE;
}

struct fm__task *fm__task_new(struct fm__conductor *home,
                              struct fm__owner *owner,
                              const struct fm__start *start)
{
    struct fm__stack *stack =
        fm__arena_get(&home->arena, start_class(home, start));
    if (stack == NULL)
        return NULL;
    fm__sanitize_stack(&stack->tools, stack->bottom,
                       (size_t)((char *)stack - stack->bottom));
    char *top;
    struct fm__task *task = start_place(stack, start, &top);
    task->handle = fm__handle_new(home->handles, task);
    if (task->handle == NULL)
        goto put_stack;

    fm__coro_tools(&task->coro, &stack->tools);
    fm__context_make(&task->coro.context, stack->bottom, top, fm__task_main,
                     task);
    task->home = home;
    task->serial = (uint32_t)home->serials++;
    start_init(task, start);
    task->owner = owner;
    fm__list_push(&owner->members, &task->link);
    home->alive++;
    fm__loop_ready(&home->loop, &task->work);
    fm__loop_trace(&home->loop, task->serial);
    if (FM__UNLIKELY(home->loop.observed))
        start_tell(task);
    FM__USDT3(start, task->handle, task->name, task->label);
    return task;

put_stack:
    fm__arena_put(&home->arena, stack);
    return NULL;
}

static fm_task *start_child(const struct fm__start *start, const char *caller)
{
    struct fm__task *self = fm__task_self(caller);
    struct fm__task *task = fm__task_new(self->home, &self->children, start);
    return task != NULL ? task->handle : NULL;
}

fm_task *fm__go(fm__fn fn, const void *args, uint32_t shape, const char *label)
{
    const struct fm__start start = {fn, args, shape, label, NULL};
    return start_child(&start, "fm_go");
}

fm_task *fm__start(int (*fn)(void *), void *arg, const fm_task_options *options,
                   const char *label)
{
    const struct fm__start start = {(fm__fn)fn, arg, FM__SHARED, label,
                                    options};
    return start_child(&start, "fm_start");
}
