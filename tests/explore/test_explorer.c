/*
 * test_explorer.c - the explorer itself finds what it has to find
 */
#include "explore.h"

#include "base/atomic.h"
#include "base/sys_thread.h"

#include <string.h>

/* ---- Every order, and each once ----------------------------------------- */

static struct {
    struct fm__atomic_word word;
    char order[8];
    unsigned used;
} letters;

static struct {
    char orders[32][8];
    unsigned count;
    unsigned runs;
} seen;

static void letter_write(char letter)
{
    fm__atomic_load(&letters.word);
    letters.order[letters.used++] = letter;
}

static void *letters_two(void *arg)
{
    letter_write('c');
    letter_write('d');
    return arg;
}

static void seen_note(const char *order)
{
    seen.runs++;
    for (unsigned i = 0; i < seen.count; i++) {
        if (strcmp(seen.orders[i], order) == 0)
            return;
    }
    memcpy(seen.orders[seen.count++], order, sizeof seen.orders[0]);
}

static void letters_all(void *self)
{
    struct fm__thread thread;
    (void)self;
    fm__thread_start(&thread, letters_two, NULL);
    letter_write('a');
    letter_write('b');
    fm__thread_join(&thread);
    seen_note(letters.order);
}

static unsigned orders_within(unsigned bound)
{
    memset(&seen, 0, sizeof seen);
    CHECK(explore_within(bound, letters_all, &letters, sizeof letters) > 0);
    return seen.count;
}

TEST(without_a_bound_there_is_every_order)
{
    CHECK_INT(orders_within(100), 6);
}

TEST(with_a_bound_there_are_those_with_so_many_preemptions)
{
    CHECK_INT(orders_within(0), 1); /* abcd */
    CHECK_INT(orders_within(1), 3); /* acdb, cdab */
    CHECK_INT(orders_within(2), 5); /* acbd, cabd */
    CHECK_INT(orders_within(3), 6); /* cadb */
}

/* ---- Textbook bugs ------------------------------------------------------ */

static struct {
    struct fm__atomic_word sum;
    struct fm__mutex first, second;
    struct fm__condition changed;
    bool ready;
} book;

static void *book_add(void *arg)
{
    fm__atomic_store(&book.sum, fm__atomic_load(&book.sum) + 1);
    return arg;
}

static void book_add_twice(void *self)
{
    struct fm__thread thread;
    (void)self;
    fm__thread_start(&thread, book_add, NULL);
    book_add(NULL);
    fm__thread_join(&thread);
    HOLDS(book.sum.value == 2);
}

TEST(a_lost_update_needs_one_preemption)
{
    CHECK(explore_within(0, book_add_twice, &book, sizeof book) > 0);
    CHECK_INT(explore_within(1, book_add_twice, &book, sizeof book), 0);
    CHECK(strstr(explore_found.reason, "sum.value == 2") != NULL);
}

static void *book_backwards(void *arg)
{
    fm__mutex_lock(&book.second);
    fm__mutex_lock(&book.first);
    fm__mutex_unlock(&book.first);
    fm__mutex_unlock(&book.second);
    return arg;
}

static void book_crosswise(void *self)
{
    struct fm__thread thread;
    (void)self;
    fm__thread_start(&thread, book_backwards, NULL);
    fm__mutex_lock(&book.first);
    fm__mutex_lock(&book.second);
    fm__mutex_unlock(&book.second);
    fm__mutex_unlock(&book.first);
    fm__thread_join(&thread);
}

TEST(two_locks_in_two_orders_are_a_deadlock)
{
    CHECK_INT(explore_within(1, book_crosswise, &book, sizeof book), 0);
    CHECK(strstr(explore_found.reason, "nobody can go on: thread 0 waits for "
                                       "a mutex, thread 1 waits for a mutex"));
}

static void *book_tell(void *arg)
{
    fm__mutex_lock(&book.first);
    book.ready = true;
    fm__mutex_unlock(&book.first);
    fm__condition_wake_one(&book.changed);
    return arg;
}

/* Waits once, as if a condition told the truth. */
static void book_trust(void *self)
{
    struct fm__thread thread;
    (void)self;
    fm__thread_start(&thread, book_tell, NULL);
    fm__mutex_lock(&book.first);
    if (!book.ready)
        fm__condition_wait(&book.changed, &book.first);
    bool ready = book.ready;
    fm__mutex_unlock(&book.first);
    fm__thread_join(&thread);
    HOLDS(ready);
}

TEST(a_condition_may_wake_for_no_reason)
{
    CHECK(explore_within(0, book_trust, &book, sizeof book) > 0);
    CHECK_INT(explore_within(1, book_trust, &book, sizeof book), 0);
    CHECK(strstr(explore_found.reason, "ready does not hold") != NULL);
}

/* Looks before it locks, so it may miss the word. */
static void book_late(void *self)
{
    struct fm__thread thread;
    (void)self;
    fm__thread_start(&thread, book_tell, NULL);
    bool ready = book.ready;
    fm__mutex_lock(&book.first);
    if (!ready)
        fm__condition_wait(&book.changed, &book.first);
    fm__mutex_unlock(&book.first);
    fm__thread_join(&thread);
}

TEST(a_lost_wake_up_leaves_nobody_to_go_on)
{
    CHECK_INT(explore_within(1, book_late, &book, sizeof book), 0);
    CHECK(strstr(explore_found.reason, "thread 0 waits for a condition"));
}

/* ---- Ends --------------------------------------------------------------- */

static void book_spin(void *self)
{
    (void)self;
    while (fm__atomic_load(&book.sum) == 0)
        fm__thread_yield();
}

TEST(a_wait_for_nobody_is_found_to_spin)
{
    CHECK_INT(explore_within(0, book_spin, &book, sizeof book), 0);
    CHECK(strstr(explore_found.reason, "spins for ever") != NULL);
}

static void *book_bump(void *arg)
{
    fm__atomic_add(&book.sum, 1);
    return arg;
}

static void book_spin_a_while(void *self)
{
    struct fm__thread thread;
    (void)self;
    fm__thread_start(&thread, book_bump, NULL);
    book_spin(NULL);
    fm__thread_join(&thread);
}

TEST(a_wait_for_another_lets_it_go_first)
{
    CHECK(explore_within(2, book_spin_a_while, &book, sizeof book) > 1);
}

static void *book_write(void *arg)
{
    fm__atomic_load(&book.sum);
    *(char *)arg = 1;
    return NULL;
}

static char grave[64];

static void book_haunt(void *self)
{
    struct fm__thread thread;
    (void)self;
    fm__thread_start(&thread, book_write, grave);
    explore_gone(grave, sizeof grave);
    fm__thread_join(&thread);
}

TEST(a_write_to_what_is_gone_is_found)
{
    if (test_under_asan())
        return; /* which finds it first, and ends the program */
    CHECK_INT(explore_within(0, book_haunt, &book, sizeof book), 0);
    CHECK(strstr(explore_found.reason, "what is gone was written to"));
}

static void book_forget(void *self)
{
    struct fm__thread thread;
    (void)self;
    fm__thread_start(&thread, book_bump, NULL);
}

TEST(a_thread_that_nobody_joins_is_a_leak)
{
    CHECK_INT(explore_within(0, book_forget, &book, sizeof book), 0);
    CHECK(strstr(explore_found.reason, "leaks 1 threads") != NULL);
}
