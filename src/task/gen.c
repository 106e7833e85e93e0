/*
 * gen.c - a task that runs in its consumer's stead, value by value
 *
 * The two take turns: who asks switches straight to who yields, and back. So
 * a value costs two switches, and nothing is queued or stored: it is copied
 * from the one stack to the other while its consumer waits.
 *
 * Invariant: `consumer` is who waits in a next, or in the close; `idle` says
 * that the generator waits to be asked. Never both, but for the moment in
 * which one of them is about to switch to the other.
 */
#include <fermata/gen.h>

#include "base/die.h"
#include "task/handle.h"
#include "task/leave.h"

#include <errno.h>
#include <string.h>

#define GEN_ARGS_SIZE 1024 /* as FM__SHAPE allows */
#define GEN_ARGS_ALIGN 256

/* On the consumer's stack. */
struct gen_wait {
    struct fm__waiter waiter;
    struct fm__task *generator;
    void *value; /* NULL: of the close, which takes none */
    size_t size;
    bool got;
    bool cut;
};

/* What the task's function takes, on the generator's own stack; its copied
 * arguments follow. */
struct gen {
    struct fm__waiter waiter; /* while idle */
    struct fm__reaper reaper;
    struct gen_wait *consumer; /* NULL: nobody asks */
    fm__fn fn;
    void *args;
    uint32_t shape;
    bool idle;
    bool closing;
};

static void gen_cut_idle(struct fm__waiter *waiter, int reason)
{
    FM__CONTAINER(waiter, struct gen, waiter)->idle = false;
    fm__wake(waiter, reason);
}

static const struct fm__wait_kind gen_idle_kind = {
    .cut = gen_cut_idle,
    .name = "generator idle",
};

/* Until somebody asks: 0, or what cut it. */
static int gen_idle(struct gen *gen)
{
    gen->idle = true;
    return fm__park(&gen->waiter);
}

FM__ANY_FUNCTION static int gen_call(const struct gen *gen)
{
    if (gen->shape == 0)
        return ((int (*)(void))gen->fn)();
    return ((int (*)(void *))gen->fn)(gen->args);
}

/* Not before somebody asks; but cut or closed it runs all the same, so that
 * what the arguments own is released. */
static int gen_main(void *arg)
{
    struct gen *gen = arg;
    if (gen->consumer == NULL && fm__cut_seen(fm__current, NULL) == 0)
        gen_idle(gen);
    return gen_call(gen);
}

/* It has ended, and is kept until it is closed. */
static void gen_reap(struct fm__reaper *reaper, struct fm__task *task)
{
    struct gen *gen = FM__CONTAINER(reaper, struct gen, reaper);
    fm__task_keep(task);
    if (gen->consumer != NULL)
        fm__wake(&gen->consumer->waiter, 0);
}

/* Its own record first, then what is copied, in one piece. */
static fm_gen *gen_new(const struct fm__start *its, const char *caller)
{
    struct fm__task *self = fm__task_self(caller);
    if (its->options != NULL && its->options->stack_size >= FM__STACK_UNFIT)
        fm__die("%s: FM_STACK_DENSE is of tasks that wait, not of generators",
                caller);
    char piece[sizeof(struct gen) + GEN_ARGS_ALIGN + GEN_ARGS_SIZE];
    bool copied = its->shape != FM__SHARED && its->shape != 0;
    size_t size = copied ? its->shape & 0xffff : 0;
    size_t align = copied ? its->shape >> 16 : 1;
    size_t offset = (sizeof(struct gen) + align - 1) & ~(align - 1);
    if (copied)
        memcpy(piece + offset, its->args, size);
    if (align < _Alignof(struct gen))
        align = _Alignof(struct gen);
    uint32_t shape = (uint32_t)(offset + size) | (uint32_t)align << 16;
    const struct fm__start start = {(fm__fn)gen_main, piece, shape, its->label,
                                    its->options};
    struct fm__task *task = fm__task_new(self->home, &self->children, &start);
    if (task == NULL)
        return NULL;
    struct gen *gen = task->args;
    *gen = (struct gen){
        .waiter = {.kind = &gen_idle_kind},
        .reaper = {gen_reap},
        .fn = its->fn,
        .args = copied ? (char *)gen + offset : (void *)(uintptr_t)its->args,
        .shape = its->shape,
    };
    task->reaper = &gen->reaper;
    return (fm_gen *)(void *)task->handle;
}

/* wide: the options, and what the macro says of the call */
fm_gen *fm__gen_go(fm__fn fn, const void *args, uint32_t shape,
                   const char *label, const fm_task_options *options)
{
    const struct fm__start its = {fn, args, shape, label, options};
    return gen_new(&its, "fm_gen_go");
}

fm_gen *fm__gen_start(int (*fn)(void *), void *arg,
                      const fm_task_options *options, const char *label)
{
    const struct fm__start its = {(fm__fn)fn, arg, FM__SHARED, label, options};
    return gen_new(&its, "fm_gen_start");
}

/* For its consumer; aborts with a sentence otherwise. */
FM__INLINE struct fm__task *gen_find(fm_gen *gen, const char *caller)
{
    struct fm__task *self = fm__current;
    const fm_task *handle = (const fm_task *)(const void *)gen;
    struct fm__task *task = fm__handle_look(self->home->handles, handle);
    if (FM__UNLIKELY(task == NULL || task->owner != &self->children ||
                     task->fn != (fm__fn)gen_main))
        fm__handle_refuse(task, handle, caller);
    return task;
}

/* A cut goes on to the generator, and its consumer stays. */
static void gen_cut_next(struct fm__waiter *waiter, int reason)
{
    struct gen_wait *wait = FM__CONTAINER(waiter, struct gen_wait, waiter);
    (void)reason;
    wait->cut = true;
    fm__cancel(wait->generator);
}

static const struct fm__wait_kind gen_next_kind = {
    .cut = gen_cut_next,
    .name = "generator next",
    .what = FM__WAIT_TASK,
    .at = FM__WAIT_AT(struct gen_wait, waiter, generator),
};

static const struct fm__wait_kind gen_end_kind = {
    .name = "generator close",
    .what = FM__WAIT_TASK,
    .at = FM__WAIT_AT(struct gen_wait, waiter, generator),
};

static void gen_ask(struct gen *gen, struct gen_wait *wait)
{
    gen->consumer = wait;
    if (FM__LIKELY(gen->idle)) {
        gen->idle = false;
        fm__hand_over(&wait->waiter, &gen->waiter);
    } else {
        fm__park(&wait->waiter);
    }
}

int fm__gen_next(fm_gen *handle, void *value, size_t size)
{
    struct fm__task *self = fm__current;
    int rc = fm__checkpoint(self, "fm_gen_next");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    if (handle == NULL)
        return -ENOMEM;
    struct fm__task *task = gen_find(handle, "fm_gen_next");
    struct gen_wait wait = {
        {.kind = &gen_next_kind}, task, value, size, false, false};
    if (task->state == FM__TASK_ALIVE)
        gen_ask(task->args, &wait);
    if (FM__LIKELY(wait.got))
        return 1;
    int result = task->result < 0 ? task->result : 0;
    if (result != -ECANCELED || !wait.cut)
        return result;
    int reason = fm__cut_reason(self);
    return reason != 0 ? reason : result;
}

/* Most values are a word. */
FM__INLINE void gen_copy(void *to, const void *from, size_t size)
{
    if (size == sizeof(void *))
        memcpy(to, from, sizeof(void *));
    else
        memcpy(to, from, size);
}

FM__NORETURN static void gen_die_size(const struct fm__task *self, size_t size,
                                      size_t asked)
{
    fm__die("fm_gen_yield in task %s (%s): %zu bytes are yielded where %zu "
            "are asked for",
            self->name, fm__site(self), size, asked);
}

int fm__gen_yield(const void *value, size_t size)
{
    struct fm__task *self = fm__current;
    int rc = fm__checkpoint(self, "fm_gen_yield");
    if (FM__UNLIKELY(rc < 0))
        return rc;
    if (FM__UNLIKELY(self->fn != (fm__fn)gen_main))
        fm__die("fm_gen_yield in task %s (%s): it is no generator", self->name,
                fm__site(self));
    struct gen *gen = self->args;
    if (FM__UNLIKELY(gen->consumer == NULL && !gen->closing))
        rc = gen_idle(gen);
    if (FM__UNLIKELY(gen->closing || rc < 0))
        return rc < 0 ? rc : -ECANCELED;
    struct gen_wait *consumer = gen->consumer;
    if (FM__UNLIKELY(consumer->size != size))
        gen_die_size(self, size, consumer->size);
    gen_copy(consumer->value, value, size);
    consumer->got = true;
    gen->consumer = NULL;
    gen->idle = true;
    fm__hand_over(&gen->waiter, &consumer->waiter);
    return 0;
}

/* Nobody will ask any more: it ends, also where it waits in a shield. */
static void gen_leave(struct gen *gen)
{
    gen->closing = true;
    if (gen->idle)
        gen_cut_idle(&gen->waiter, -ECANCELED);
}

void fm__gen_left(const struct fm__task *child)
{
    if (child->fn == (fm__fn)gen_main)
        gen_leave(child->args);
}

static void gen_end(struct fm__task *task)
{
    struct gen *gen = task->args;
    struct gen_wait wait = {.waiter = {.kind = &gen_end_kind},
                            .generator = task};
    gen->consumer = &wait;
    fm__cancel(task);
    gen_leave(gen);
    fm__park(&wait.waiter);
}

int fm_gen_close(fm_gen *handle)
{
    struct fm__task *self = fm__current;
    fm__charge(self, "fm_gen_close");
    if (handle == NULL)
        return -ENOMEM;
    struct fm__task *task = gen_find(handle, "fm_gen_close");
    if (task->state == FM__TASK_ALIVE)
        gen_end(task);
    int result = task->result;
    bool obeyed = result == -ECANCELED && task->cancelled;
    self->ended_children--;
    fm__task_release(task);
    return result < 0 && !obeyed ? result : 0;
}

void fm__gen_scope_end(fm_gen **gen)
{
    fm_task *handle = (fm_task *)(void *)*gen;
    const struct fm__task *task =
        handle != NULL ? fm__handle_find(handle) : NULL;
    if (task != NULL && task->owner == &fm__current->children)
        (void)fm_gen_close(*gen);
}
