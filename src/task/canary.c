/*
 * canary.c - tasks on stacks without a guard: may they be, are they whole
 *
 * What needs room is called on the loop's stack, below what lies there: the
 * loop waits in its switch to a task, whatever task that went on to.
 */
#include "base/die.h"
#include "base/room.h"
#include "coro/fitness.h"
#include "task/record.h"

#define CANARY_LOOK 1024 /* starts between two looks at signals */

/* Whether the caller stands on the task's own stack, or has run over it: in
 * the same piece then, for right below that the thread's stack may lie. */
static bool canary_stands(const struct fm__task *task)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    uintptr_t stack = (uintptr_t)fm__task_stack(task);
    return here < stack && here >= stack - stack % FM__DENSE_PIECE;
}

static void canary_room(void (*fn)(void *arg), void *arg)
{
    const struct fm__task *self = fm__current;
    if ((self->marks & FM__MARK_DENSE) != 0 && canary_stands(self))
        fm__context_call(&self->home->thread.context, fn, arg);
    else
        fn(arg);
}

FM__NORETURN static void canary_die(const struct fm__task *task)
{
    fm__die("stack overflow in task %s (started at %s): a dense stack has "
            "%d bytes, the task's record among them: give it a stack_size, or "
            "call what is deep by fm_stack_call",
            task->name, fm__site(task), FM__DENSE_STACK);
}

FM__NORETURN static void canary_elsewhere(const struct fm__task *task)
{
    if (canary_stands(task))
        canary_die(task);
    fm__die("task %s (%s) was about to wait inside fm_stack_call", task->name,
            fm__site(task));
}

void fm__canary_look(const struct fm__task *task)
{
    const struct fm__stack *stack = fm__task_stack(task);
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    if (FM__UNLIKELY(here - (uintptr_t)stack->bottom >= FM__DENSE_STACK))
        canary_elsewhere(task);
    if (FM__UNLIKELY(!fm__stack_whole(stack)))
        canary_die(task);
}

static void canary_torn(struct fm__stack *stack)
{
    canary_die((struct fm__task *)((uintptr_t)stack - FM__TASK_SIZE));
}

static bool canary_fit(size_t stack_size, char *why)
{
    struct fm__code code;
    if (!fm__fitness_build(why) || !fm__fitness_signals(why) ||
        !fm__fitness_binding((uintptr_t)fm__canary_look, &code, why))
        return false;
    if (stack_size != FM__STACK_UNFIT)
        return true;
    fm__sentence(why, FM__FITNESS_TEXT,
                 "the program was not optimised, or is for a sanitizer");
    return false;
}

/* What is copied of a start's arguments. */
static size_t canary_args(const struct fm__start *start)
{
    return start->shape != FM__SHARED ? start->shape & 0xffff : 0;
}

static void canary_check(struct fm__conductor *home,
                         const struct fm__start *start)
{
    char why[FM__FITNESS_TEXT];
    uintptr_t fn = (uintptr_t)start->fn;
    if (canary_args(start) > FM__DENSE_ARGS)
        fm__die("a task with arguments of %zu bytes: a dense stack takes %d",
                canary_args(start), FM__DENSE_ARGS);
    if (!canary_fit(start->options->stack_size, why) ||
        !fm__fitness_binding(fn, &home->dense_code, why))
        fm__die("a task cannot be dense here: %s; fm_dense_refused tells so "
                "beforehand",
                why);
    home->dense_looks = CANARY_LOOK;
    home->arena.pieces.torn = canary_torn;
    fm__room_give(canary_room);
}

struct canary_start {
    struct fm__conductor *home;
    const struct fm__start *its;
};

static void canary_start(void *arg)
{
    struct canary_start *start = arg;
    canary_check(start->home, start->its);
}

void fm__canary_require(struct fm__conductor *home, const struct fm__start *its)
{
    struct canary_start start = {home, its};
    const struct fm__code *code = &home->dense_code;
    if (home->dense_looks-- > 0 &&
        (uintptr_t)its->fn - code->from < code->to - code->from &&
        canary_args(its) <= FM__DENSE_ARGS &&
        its->options->stack_size != FM__STACK_UNFIT)
        return;
    fm__room_call(canary_start, &start);
}

struct canary_question {
    size_t stack_size;
    uintptr_t caller;
    bool fit;
};

static FM__PER_THREAD char canary_why[FM__FITNESS_TEXT];

static void canary_ask(void *arg)
{
    struct canary_question *question = arg;
    struct fm__code code;
    question->fit = canary_fit(question->stack_size, canary_why) &&
                    fm__fitness_binding(question->caller, &code, canary_why);
}

/* Whoever asks is likely to have the task's function in the same object. */
const char *fm__dense_refused(size_t stack_size)
{
    uintptr_t caller = (uintptr_t)__builtin_return_address(0);
    struct canary_question question = {stack_size, caller, false};
    fm__room_call(canary_ask, &question);
    return question.fit ? NULL : canary_why;
}

struct canary_call {
    int (*fn)(void *arg);
    void *arg;
    int result;
};

static void canary_call(void *arg)
{
    struct canary_call *call = arg;
    call->result = call->fn(call->arg);
}

int fm_stack_call(int (*fn)(void *arg), void *arg)
{
    struct canary_call call = {fn, arg, 0};
    fm__room_call(canary_call, &call);
    return call.result;
}
