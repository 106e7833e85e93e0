/*
 * harness.h - what every test program is made of
 *
 * TEST(the_promise_in_words) { ... CHECK(expr); } - main() lies in harness.c,
 * runs each test under a watchdog, and prints the protocol of runtests: a
 * line a test, then the counts. The backend comes from FERMATA_BACKEND.
 */
#ifndef TESTS_HARNESS_H
#define TESTS_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct test {
    const char *name;
    void (*run)(void);
    struct test *next;
};

void test_add(struct test *test);
void test_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Ends the test at once; the name and reason are listed. */
void test_skip(const char *reason) __attribute__((noreturn));

/* Runs fn in a forked child and collects what it writes to stderr (and
 * stdout); returns its wait status. For tests of what must abort. */
int test_child(void (*fn)(void *arg), void *arg, char *output, size_t size);
/* The child must end by abort() and have said `sentence` on stderr. */
/* wide: called by a macro */
void test_dies(const char *file, int line, void (*fn)(void *arg), void *arg,
               const char *sentence);

/* "epoll", "sim", ...: what FERMATA_BACKEND says, "epoll" by default. */
const char *test_backend(void);
bool test_simulated(void);
/* Scales a count down where every step is dear: sanitizers, valgrind. */
size_t test_many(size_t count);
/* Whether the process is built with, or runs under, the tool. */
bool test_under_tsan(void);
bool test_under_asan(void);
bool test_under_valgrind(void);
/* Whether the C library tells who calls whom. */
bool test_knows_frames(void);
/* FERMATA_SWEEP=full asks for all of a sweep, otherwise for the share that
 * FERMATA_SEED picks. */
bool test_full_sweep(void);
/* The seed of random tests: FERMATA_SEED, or the given one. */
uint64_t test_seed(uint64_t otherwise);
/* xorshift: the next of a seeded sequence. */
uint64_t test_random(uint64_t *state);

#define TEST(test_name)                                                        \
    static void test_name(void);                                               \
    __attribute__((constructor)) static void test_name##_add(void)             \
    {                                                                          \
        static struct test test = {#test_name, test_name, NULL};               \
        test_add(&test);                                                       \
    }                                                                          \
    static void test_name(void)

#define CHECK(expr)                                                            \
    do {                                                                       \
        if (!(expr))                                                           \
            test_fail(__FILE__, __LINE__, "%s", #expr);                        \
    } while (0)

#define CHECK_INT(left, right)                                                 \
    do {                                                                       \
        long long check_l = (long long)(left), check_r = (long long)(right);   \
        if (check_l != check_r)                                                \
            test_fail(__FILE__, __LINE__, "%s is %lld, not %s (%lld)", #left,  \
                      check_l, #right, check_r);                               \
    } while (0)

#define CHECK_DIES(fn, arg, sentence)                                          \
    test_dies(__FILE__, __LINE__, (fn), (arg), (sentence))

#endif
