/*
 * root.c - the root of what readers from outside see, and the note that leads
 * to it
 *
 * Invariant: a conductor is in the list from when it is whole until before it
 * is taken apart.
 */
#include "inspect/root.h"

#include "base/sys_thread.h"
#include "task/block.h"
#include "task/meter.h"
#include "task/source.h"

#define ROOT_AT(record, field) ((uint32_t)offsetof(record, field))

#ifdef FM__UCONTEXT
#define ROOT_CONTEXT 0 /* not in a place that could be told */
#else
#define ROOT_CONTEXT ROOT_AT(struct fm__task, coro.context)
#endif

static const char *const root_op_names[] = {
    [FM__OP_READ] = "read",      [FM__OP_RECEIVE] = "receive",
    [FM__OP_WRITE] = "write",    [FM__OP_WRITEV] = "write",
    [FM__OP_ACCEPT] = "accept",  [FM__OP_CONNECT] = "connect",
    [FM__OP_SEND_MANY] = "send", [FM__OP_RECEIVE_MANY] = "receive",
    [FM__OP_READ_AT] = "read",   [FM__OP_POLL] = "poll",
};

_Static_assert(FM__COUNT(root_op_names) == FM__OP_KINDS, "name them all");

/* The note has its distance, which only a hidden name has at link time. */
FM__KEPT struct fm__root fm__root = {
    .magic = FM__ROOT_MAGIC,
    .version = FM__ROOT_VERSION,
    .size = sizeof(struct fm__root),
    .release = FM_VERSION,
    .op_names = root_op_names,
    .op_count = FM__OP_KINDS,
    .layout =
        {
            .home_size = sizeof(struct fm__conductor),
            .home_next = ROOT_AT(struct fm__conductor, next),
            .home_loop = ROOT_AT(struct fm__conductor, loop),
            .home_handles = ROOT_AT(struct fm__conductor, handles),
            .home_current = ROOT_AT(struct fm__conductor, current),
            .home_alive = ROOT_AT(struct fm__conductor, alive),
            .home_started = ROOT_AT(struct fm__conductor, serials),
            .home_meters = ROOT_AT(struct fm__conductor, meters),
            .loop_now = ROOT_AT(struct fm__loop, now),
            .loop_polls = ROOT_AT(struct fm__loop, polls),
            .loop_backend = ROOT_AT(struct fm__loop, backend),
            .backend_name = ROOT_AT(struct fm__backend, name),
            .loop_thread = ROOT_AT(struct fm__loop, thread_number),
            .loop_process = ROOT_AT(struct fm__loop, process),
            .handles_count = ROOT_AT(struct fm__handles, count),
            .handles_tag = ROOT_AT(struct fm__handles, tag),
            .handles_chunks = ROOT_AT(struct fm__handles, chunks),
            .handles_chunk = FM__HANDLE_CHUNK,
            .handles_slot_bits = FM__HANDLE_SLOT_BITS,
            .slot_size = sizeof(struct fm__handle_slot),
            .slot_task = ROOT_AT(struct fm__handle_slot, task),
            .slot_generation = ROOT_AT(struct fm__handle_slot, generation),
            .task_size = FM__TASK_SIZE,
            .task_handle = ROOT_AT(struct fm__task, handle),
            .task_context = ROOT_CONTEXT,
            .task_waiter = ROOT_AT(struct fm__task, waiter),
            .task_blocks = ROOT_AT(struct fm__task, blocks),
            .task_reaper = ROOT_AT(struct fm__task, reaper),
            .task_lookout = ROOT_AT(struct fm__task, lookout),
            .task_owner = ROOT_AT(struct fm__task, owner),
            .task_children = ROOT_AT(struct fm__task, children),
            .task_label = ROOT_AT(struct fm__task, label),
            .task_name = ROOT_AT(struct fm__task, name),
            .task_serial = ROOT_AT(struct fm__task, serial),
            .task_turns = ROOT_AT(struct fm__task, turns),
            .task_state = ROOT_AT(struct fm__task, state),
            .task_cancelled = ROOT_AT(struct fm__task, cancelled),
            .task_marks = ROOT_AT(struct fm__task, marks),
            .owner_task = ROOT_AT(struct fm__owner, task),
            .stack_bottom = ROOT_AT(struct fm__stack, bottom),
            .waiter_size = sizeof(struct fm__waiter),
            .waiter_task = ROOT_AT(struct fm__waiter, task),
            .waiter_kind = ROOT_AT(struct fm__waiter, kind),
            .waiter_since = ROOT_AT(struct fm__waiter, since),
            .queued_list = ROOT_AT(struct fm__queued, list),
            .kind_size = sizeof(struct fm__wait_kind),
            .kind_name = ROOT_AT(struct fm__wait_kind, name),
            .kind_what = ROOT_AT(struct fm__wait_kind, what),
            .kind_at = ROOT_AT(struct fm__wait_kind, at),
            .kind_first = ROOT_AT(struct fm__wait_kind, first),
            .kind_second = ROOT_AT(struct fm__wait_kind, second),
            .op_size = sizeof(struct fm__op),
            .op_kind = ROOT_AT(struct fm__op, kind),
            .op_fd = ROOT_AT(struct fm__op, fd),
            .timer_when = ROOT_AT(struct fm__timer, when),
            .block_outer = ROOT_AT(struct fm__block, outer),
            .block_kind = ROOT_AT(struct fm__block, kind),
            .block_is_timeout = FM__BLOCK_TIMEOUT,
            .block_timer = ROOT_AT(struct fm__timeout, timer),
            .meter_chunks = ROOT_AT(struct fm__meters, chunks),
            .meter_size = sizeof(struct fm__meter),
            .meter_cpu = ROOT_AT(struct fm__meter, cpu),
            .when_size = sizeof(struct fm_when),
            .when_kind = ROOT_AT(struct fm_when, kind),
            .when_object = ROOT_AT(struct fm_when, object),
            .when_number = ROOT_AT(struct fm_when, number),
            .when_wait = ROOT_AT(struct fm__when_kind, wait),
            .source_size = sizeof(struct fm__source),
            .source_timer = ROOT_AT(struct fm__source, timer),
        },
};

__asm__(".pushsection .note.fermata, \"a\", %note\n\t"
        ".balign 4\n\t"
        ".4byte 8, 8, 1\n\t"
        ".asciz \"fermata\"\n"
        "1:\n\t"
        ".8byte fm__root - 1b\n\t"
        ".popsection");

_Static_assert(sizeof FM__ROOT_MAGIC == 8 && FM__NOTE_TYPE == 1,
               "as the note above has it");

static struct fm__mutex root_lock = FM__MUTEX;

void fm__root_add(struct fm__conductor *home)
{
    fm__mutex_lock(&root_lock);
    home->next = fm__atomic_load_ptr(&fm__root.first);
    fm__atomic_swap_ptr(&fm__root.first, home);
    fm__mutex_unlock(&root_lock);
}

/* Who follows the list meanwhile may be led past others: it looks again. */
void fm__root_remove(struct fm__conductor *home)
{
    fm__mutex_lock(&root_lock);
    struct fm__conductor *other = fm__atomic_load_ptr(&fm__root.first);
    if (other == home)
        fm__atomic_swap_ptr(&fm__root.first, home->next);
    while (other != NULL && other != home && other->next != home)
        other = other->next;
    if (other != NULL && other != home)
        other->next = home->next;
    fm__mutex_unlock(&root_lock);
}

/* The child has one thread, which does not run a loop of its parent's; another
 * one may have held the lock. */
void fm__root_forget(void)
{
    fm__atomic_swap_ptr(&fm__root.first, NULL);
    root_lock = (struct fm__mutex)FM__MUTEX;
}
