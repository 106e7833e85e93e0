/*
 * mailbox.c - posts that never meet a loop that is gone
 *
 * A ring of slots. Who posts claims the next one by moving `tail`, writes it,
 * and publishes it by its function; the loop runs the slots from `head` on, as
 * far as they are published, and says by `room` how far it has come.
 *
 * Invariant: a slot is claimed only while the loop is not closed, and a loop
 * that closes runs every slot that was claimed. Who touches the loop itself,
 * to ring it or to deliver a node, is counted in `inside`, for which the loop
 * waits too, and then runs what was delivered: so nobody touches one that is
 * gone, and nothing that was taken is lost. All else that a post touches is
 * the mailbox's.
 */
#include "loop/mailbox.h"

#include "base/memory.h"
#include "base/sys.h"
#include "base/sys_thread.h"

#include <errno.h>

#define MAILBOX_CLOSED (UINT64_C(1) << 63) /* in `tail` */
#define MAILBOX_STRIDE 64 /* slots that are run before `room` says so */
#define MAILBOX_SHARE UINT64_C(1)
#define MAILBOX_QUIET (UINT64_C(1) << 32) /* a share that expects no post */

struct mailbox_slot {
    struct fm__atomic_word fn; /* 0 until it is published */
    void *arg;
};

struct fm__mailbox {
    struct fm__loop *loop;
    struct mailbox_slot *slots;
    struct fm__work work;         /* runs them */
    uint64_t head;                /* the loop's: the next to be run */
    uint64_t until;               /* the first that is for a later turn */
    bool queued;                  /* work is ready */
    uint64_t forks;               /* before it was made */
    struct fm__atomic_word users; /* shares, and quiet ones above them */
    char apart[64];               /* from what posting threads write */
    struct fm__atomic_word tail;
    char apart_too[64];
    struct fm__atomic_word room; /* claims are below room + the limit */
    struct fm__atomic_word asleep;
    struct fm__atomic_word inside;
};

static struct fm__atomic_word mailbox_forks; /* this process's ancestry */
static struct fm__atomic_word mailbox_watching;

static void mailbox_forked(void)
{
    fm__atomic_add_relaxed(&mailbox_forks, 1);
}

static int mailbox_watch_forks(void)
{
    if (fm__atomic_swap(&mailbox_watching, 1) != 0)
        return 0;
    int rc = fm__thread_at_fork(mailbox_forked);
    if (rc < 0)
        fm__atomic_store(&mailbox_watching, 0);
    return rc;
}

static struct mailbox_slot *mailbox_slot(struct fm__mailbox *mailbox,
                                         uint64_t place)
{
    return &mailbox->slots[place % FM__MAILBOX_LIMIT];
}

static void mailbox_drop(struct fm__mailbox *mailbox, uint64_t share)
{
    if (fm__atomic_add(&mailbox->users, 0 - share) != share)
        return;
    fm__sys_unmap(mailbox->slots,
                  FM__MAILBOX_LIMIT * sizeof(struct mailbox_slot));
    fm__memory_free(mailbox);
}

/* ---- On the loop's thread ----------------------------------------------- */

/* False: whoever has claimed the next slot has not published it yet. */
static bool mailbox_run_next(struct fm__mailbox *mailbox)
{
    struct mailbox_slot *slot = mailbox_slot(mailbox, mailbox->head);
    uint64_t fn = fm__atomic_load(&slot->fn);
    if (fn == 0)
        return false;
    void *arg = slot->arg;
    fm__atomic_store_relaxed(&slot->fn, 0);
    if (++mailbox->head % MAILBOX_STRIDE == 0)
        fm__atomic_store(&mailbox->room, mailbox->head);
    ((void (*)(void *))(uintptr_t)fn)(arg);
    return true;
}

static void mailbox_run(struct fm__work *work)
{
    struct fm__mailbox *mailbox = FM__CONTAINER(work, struct fm__mailbox, work);
    mailbox->queued = false;
    while (mailbox->head != mailbox->until && mailbox_run_next(mailbox))
        ;
    fm__atomic_store(&mailbox->room, mailbox->head);
}

void fm__mailbox_take(struct fm__loop *loop)
{
    struct fm__mailbox *mailbox = loop->mailbox;
    if (!fm__mailbox_waits(loop))
        return;
    mailbox->until = fm__atomic_load(&mailbox->tail);
    if (mailbox->queued)
        return;
    mailbox->queued = true;
    fm__loop_ready(loop, &mailbox->work);
}

bool fm__mailbox_waits(const struct fm__loop *loop)
{
    struct fm__mailbox *mailbox = loop->mailbox;
    return mailbox != NULL &&
           fm__atomic_load(&mailbox_slot(mailbox, mailbox->head)->fn) != 0;
}

void fm__mailbox_sleeps(struct fm__loop *loop, bool sleeps)
{
    if (loop->mailbox != NULL)
        fm__atomic_store(&loop->mailbox->asleep, sleeps);
}

void fm__mailbox_close(struct fm__loop *loop)
{
    struct fm__mailbox *mailbox = loop->mailbox;
    if (mailbox == NULL)
        return;
    uint64_t tail = fm__atomic_add(&mailbox->tail, MAILBOX_CLOSED);
    fm__loop_finish(loop);
    while (mailbox->head != tail) {
        if (!mailbox_run_next(mailbox))
            fm__thread_yield();
    }
    while (fm__atomic_load(&mailbox->inside) != 0)
        fm__thread_yield();
    fm__loop_finish(loop); /* what those inside have delivered */
    loop->mailbox = NULL;
    mailbox_drop(mailbox, MAILBOX_SHARE);
}

static struct fm__mailbox *mailbox_new(struct fm__loop *loop)
{
    struct fm__mailbox *mailbox = fm__memory_new(sizeof *mailbox);
    if (mailbox == NULL || mailbox_watch_forks() < 0)
        goto free_mailbox;
    mailbox->slots =
        fm__sys_map(FM__MAILBOX_LIMIT * sizeof(struct mailbox_slot));
    if (mailbox->slots == NULL)
        goto free_mailbox;
    mailbox->loop = loop;
    mailbox->work.run = mailbox_run;
    mailbox->forks = fm__atomic_load(&mailbox_forks);
    mailbox->users.value = MAILBOX_SHARE;
    mailbox->asleep.value = fm__atomic_load(&loop->sleeping);
    loop->mailbox = mailbox;
    return mailbox;

free_mailbox:
    fm__memory_free(mailbox);
    return NULL;
}

struct fm__mailbox *fm__mailbox_of(struct fm__loop *loop)
{
    return loop->mailbox != NULL ? loop->mailbox : mailbox_new(loop);
}

static struct fm__mailbox *mailbox_share(struct fm__loop *loop, uint64_t share)
{
    struct fm__mailbox *mailbox = fm__mailbox_of(loop);
    if (mailbox != NULL)
        fm__atomic_add(&mailbox->users, share);
    return mailbox;
}

struct fm__mailbox *fm__mailbox_get(struct fm__loop *loop)
{
    return mailbox_share(loop, MAILBOX_SHARE);
}

struct fm__mailbox *fm__mailbox_get_quiet(struct fm__loop *loop)
{
    return mailbox_share(loop, MAILBOX_QUIET);
}

/* ---- On any thread ------------------------------------------------------ */

/* By the time `room` is read it may be beyond that tail, which others have
 * moved on meanwhile: then there is room, and the claim will look again. */
static bool mailbox_full(struct fm__mailbox *mailbox, uint64_t tail)
{
    int64_t waiting = (int64_t)(tail - fm__atomic_load(&mailbox->room));
    return waiting >= FM__MAILBOX_LIMIT;
}

static int mailbox_claim(struct fm__mailbox *mailbox, uint64_t *place)
{
    uint64_t tail = fm__atomic_load(&mailbox->tail);
    do {
        if (tail >= MAILBOX_CLOSED)
            return -ESHUTDOWN;
        if (mailbox_full(mailbox, tail))
            return -EAGAIN;
    } while (!fm__atomic_replace(&mailbox->tail, &tail, tail + 1));
    *place = tail;
    return 0;
}

struct fm__loop *fm__mailbox_enter(struct fm__mailbox *mailbox)
{
    fm__atomic_add(&mailbox->inside, 1);
    if (mailbox->forks == fm__atomic_load(&mailbox_forks) &&
        fm__atomic_load(&mailbox->tail) < MAILBOX_CLOSED)
        return mailbox->loop;
    fm__mailbox_leave(mailbox);
    return NULL;
}

void fm__mailbox_leave(struct fm__mailbox *mailbox)
{
    fm__atomic_add(&mailbox->inside, UINT64_MAX);
}

bool fm__mailbox_deliver(struct fm__mailbox *mailbox, struct fm__work *work)
{
    struct fm__loop *loop = fm__mailbox_enter(mailbox);
    if (loop == NULL)
        return false;
    fm__loop_post(loop, work);
    fm__mailbox_leave(mailbox);
    return true;
}

static void mailbox_ring(struct fm__mailbox *mailbox)
{
    struct fm__loop *loop = fm__mailbox_enter(mailbox);
    if (loop == NULL)
        return;
    fm__loop_ring(loop);
    fm__mailbox_leave(mailbox);
}

int fm__mailbox_post(struct fm__mailbox *mailbox, void (*fn)(void *arg),
                     void *arg)
{
    uint64_t place;
    if (mailbox->forks != fm__atomic_load(&mailbox_forks))
        return -ESHUTDOWN;
    int rc = mailbox_claim(mailbox, &place);
    if (rc < 0)
        return rc;
    struct mailbox_slot *slot = mailbox_slot(mailbox, place);
    slot->arg = arg;
    fm__atomic_swap(&slot->fn, (uint64_t)(uintptr_t)fn);
    if (fm__atomic_load(&mailbox->asleep) != 0 &&
        fm__atomic_swap(&mailbox->asleep, 0) != 0)
        mailbox_ring(mailbox);
    return 0;
}

/* The simulator waits for those who may post: it has to look again. Inside,
 * the loop's own count keeps the mailbox. */
void fm__mailbox_put(struct fm__mailbox *mailbox)
{
    struct fm__loop *loop = fm__mailbox_enter(mailbox);
    if (loop == NULL) {
        mailbox_drop(mailbox, MAILBOX_SHARE);
        return;
    }
    fm__atomic_add(&mailbox->users, 0 - MAILBOX_SHARE);
    fm__loop_ring(loop);
    fm__mailbox_leave(mailbox);
}

void fm__mailbox_put_quiet(struct fm__mailbox *mailbox)
{
    mailbox_drop(mailbox, MAILBOX_QUIET);
}

bool fm__mailbox_expects(const struct fm__loop *loop)
{
    struct fm__mailbox *mailbox = loop->mailbox;
    return loop->remote_expected > 0 ||
           (mailbox != NULL &&
            fm__atomic_load(&mailbox->users) % MAILBOX_QUIET > MAILBOX_SHARE);
}
