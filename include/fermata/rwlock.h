/*
 * rwlock.h - many who read, or one who writes
 *
 *     fm_rwlock lock = {0};
 *
 *     FM_READING(&lock, rc) { rc = look_up(table, key); }
 *     FM_WRITING(&lock, rc) { rc = rebuild(table); }
 *
 * First come, first served: who comes while somebody waits waits behind him,
 * so neither readers nor writers starve, and readers who are neighbours in
 * the line enter together. A record in the caller's memory, where it stays;
 * all zero is a free lock. It belongs to the loop of those who hold it.
 */
#ifndef FERMATA_RWLOCK_H
#define FERMATA_RWLOCK_H

#include <fermata/api.h>

/* A lock for readers and writers; its words are private. */
typedef struct fm_rwlock {
    uintptr_t reserved[6];
} fm_rwlock;

/*
 * FM_READING(&lock, rc) acquires the lock as fm_rwlock_read does, runs the
 * block that follows, and releases it, also where the block is left by break,
 * return or goto. rc, an int variable, is set to 0 on entry; or to what
 * fm_rwlock_read returns, and the block is skipped. Suspends.
 */
#define FM_READING(lock, rc)                                                   \
    FM__HOLD(reading, fm__rwlock_enter_reading, fm__rwlock_leave, lock, rc)

/* FM_WRITING(&lock, rc) is the same for fm_rwlock_write. Suspends. */
#define FM_WRITING(lock, rc)                                                   \
    FM__HOLD(writing, fm__rwlock_enter_writing, fm__rwlock_leave, lock, rc)

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Acquires the lock together with others who read; waits while a task writes
 * or anybody waits, in order of arrival. Who holds the lock must not ask for
 * it again: it would wait for a writer who waits for it. Where that can be
 * seen, in a block or of a writer, it aborts with a sentence; so it does when
 * it has to wait for a writer that ended and never released the lock, and
 * where the writer or those who wait are of another loop.
 *
 * Returns 0, and the caller has to release the lock; or, and it has not,
 * -ECANCELED or -ETIMEDOUT when cut.
 */
FM_API FM_SUSPENDS FM_MUST_USE int fm_rwlock_read(fm_rwlock *lock);

/*
 * Acquires the lock for the caller alone; waits while anybody holds it, in
 * order of arrival. Who reads cannot become a writer without a release: that
 * too aborts where it can be seen. Aborts as fm_rwlock_read does.
 *
 * Returns as fm_rwlock_read does.
 */
FM_API FM_SUSPENDS FM_MUST_USE int fm_rwlock_write(fm_rwlock *lock);

/*
 * fm_rwlock_read without the wait; no cancel point. Aborts with a sentence
 * outside a task.
 *
 * Returns 0, and the caller has to release the lock; or -EAGAIN where
 * fm_rwlock_read would wait.
 */
FM_API FM_MUST_USE int fm_rwlock_read_try(fm_rwlock *lock);

/*
 * fm_rwlock_write without the wait; no cancel point. Aborts with a sentence
 * outside a task.
 *
 * Returns 0, and the caller has to release the lock; or -EAGAIN when anybody
 * holds it, also the caller.
 */
FM_API FM_MUST_USE int fm_rwlock_write_try(fm_rwlock *lock);

/*
 * Releases the lock, as a reader or as the writer, whichever the caller is.
 * Where it is free then, the one that has waited longest has it when this
 * returns, and with a reader those readers that are right behind. Pauses
 * nobody. Aborts with a sentence where nobody holds it, or another one writes.
 */
FM_API void fm_rwlock_release(fm_rwlock *lock);

/* Private: what the macros above call. */
FM_API struct fm__hold *fm__rwlock_enter_reading(struct fm__hold *hold,
                                                 fm_rwlock *lock, int *rc);
FM_API struct fm__hold *fm__rwlock_enter_writing(struct fm__hold *hold,
                                                 fm_rwlock *lock, int *rc);
FM_API void fm__rwlock_leave(struct fm__hold *hold);

#ifdef __cplusplus
}
#endif

#endif
