/*
 * harness.c - main() of every test program
 *
 * Tests run in the order they are written, each must leave the ledger as it
 * found it: bytes, blocks, descriptors, mappings.
 */
#include "harness.h"

#include "base/fault.h"
#include "base/sys_libc.h"
#include "loop/loop_core.h"
#include "loop/uring_probe.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct test *tests;
static struct test **tests_end = &tests;
static struct test *running;
static const char *program;
static unsigned failures;
static jmp_buf skip;
static const char *skip_reason;

void test_add(struct test *test)
{
    *tests_end = test;
    tests_end = &test->next;
}

static void replay(FILE *out)
{
    fprintf(out, "  replay: FERMATA_BACKEND=%s", test_backend());
    if (getenv("FERMATA_SEED") != NULL)
        fprintf(out, " FERMATA_SEED=%s", getenv("FERMATA_SEED"));
    fprintf(out, " %s %s\n", program, running->name);
}

void test_fail(const char *file, int line, const char *format, ...)
{
    va_list args;
    if (failures++ >= 5)
        return;
    printf("FAIL %s: %s:%d: ", running->name, file, line);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    replay(stdout);
    fflush(stdout);
}

void test_skip(const char *reason)
{
    skip_reason = reason;
    longjmp(skip, 1);
}

static void say(const char *text)
{
    ssize_t rc = write(1, text, strlen(text));
    (void)rc;
}

/* Only what a signal handler may do. */
static void watchdog(int number)
{
    (void)number;
    say("FAIL ");
    say(running->name);
    say(": hangs\n");
    abort();
}

int test_child(void (*fn)(void *arg), void *arg, char *output, size_t size)
{
    int fds[2];
    fflush(NULL);
    if (pipe(fds) < 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        dup2(fds[1], 1);
        dup2(fds[1], 2);
        close(fds[0]);
        close(fds[1]);
        fn(arg);
        fflush(NULL);
        _exit(0);
    }
    close(fds[1]);
    size_t used = 0;
    char rest[512];
    for (;;) {
        bool full = used + 1 >= size;
        ssize_t n = full ? read(fds[0], rest, sizeof rest)
                         : read(fds[0], output + used, size - 1 - used);
        if (n <= 0)
            break;
        used += full ? 0 : (size_t)n;
    }
    output[used] = '\0';
    close(fds[0]);
    int status = -1;
    waitpid(pid, &status, 0);
    return status;
}

/* wide: called by a macro */
void test_dies(const char *file, int line, void (*fn)(void *arg), void *arg,
               const char *sentence)
{
    char output[4096];
    int status = test_child(fn, arg, output, sizeof output);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT)
        test_fail(file, line, "no abort: status %#x, said: %s", status, output);
    else if (strstr(output, sentence) == NULL)
        test_fail(file, line, "said \"%s\", not \"%s\"", output, sentence);
}

const char *test_backend(void)
{
    const char *name = getenv("FERMATA_BACKEND");
    return name != NULL && *name != '\0' ? name : "epoll";
}

bool test_simulated(void)
{
    return strcmp(test_backend(), "sim") == 0;
}

#if defined(__SANITIZE_ADDRESS__)
#define HARNESS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HARNESS_ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define HARNESS_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HARNESS_TSAN 1
#endif
#endif
#ifndef HARNESS_ASAN
#define HARNESS_ASAN 0
#endif
#ifndef HARNESS_TSAN
#define HARNESS_TSAN 0
#endif

bool test_under_tsan(void)
{
    return HARNESS_TSAN;
}

bool test_under_asan(void)
{
    return HARNESS_ASAN;
}

/* runtests sets it; valgrind hides itself from the program otherwise. */
bool test_under_valgrind(void)
{
    return getenv("FERMATA_VALGRIND") != NULL;
}

/* By an emulator of another machine. */
#ifndef HARNESS_EMULATED
#define HARNESS_EMULATED false
#endif

bool test_knows_frames(void)
{
    void *frame;
    return fm__libc_frames(&frame, 1) > 0;
}

size_t test_many(size_t count)
{
    size_t scaled = count;
    if (test_under_tsan() || test_under_valgrind())
        scaled = count / 50;
    else if (test_under_asan() || HARNESS_EMULATED)
        scaled = count / 5;
    return scaled > 0 ? scaled : 1;
}

bool test_full_sweep(void)
{
    const char *value = getenv("FERMATA_SWEEP");
    return value != NULL && strcmp(value, "full") == 0;
}

uint64_t test_seed(uint64_t otherwise)
{
    const char *value = getenv("FERMATA_SEED");
    uint64_t seed = value != NULL ? strtoull(value, NULL, 0) : otherwise;
    return seed != 0 ? seed : 1;
}

uint64_t test_random(uint64_t *state)
{
    uint64_t x = *state != 0 ? *state : UINT64_C(0x9e3779b97f4a7c15);
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    *state = x;
    return x * UINT64_C(0x2545f4914f6cdd1d);
}

static void check_ledger(const uint64_t *before)
{
    for (unsigned kind = 0; kind < FM__HELD_KINDS; kind++) {
        uint64_t held = fm__atomic_load(&fm__ledger[kind]);
        if (held != before[kind])
            test_fail(__FILE__, __LINE__, "leaks %lld %s",
                      (long long)(held - before[kind]),
                      fm__held_name((enum fm__held)kind));
    }
}

/* 0: passed, 1: failed, 2: skipped. */
static unsigned run(struct test *test)
{
    uint64_t before[FM__HELD_KINDS];
    for (unsigned kind = 0; kind < FM__HELD_KINDS; kind++)
        before[kind] = fm__atomic_load(&fm__ledger[kind]);
    running = test;
    failures = 0;
    skip_reason = NULL;
    if (setjmp(skip) == 0)
        test->run();
    if (skip_reason != NULL) {
        printf("skip %s: %s\n", test->name, skip_reason);
        return 2;
    }
    check_ledger(before);
    if (failures == 0)
        printf("ok %s\n", test->name);
    fflush(stdout);
    return failures > 0;
}

/* Where this machine has no io_uring for us nothing can be said of it: the
 * whole program is one test that was skipped. Whatever else is wrong with it
 * is for the tests to find. */
static bool harness_denied(void)
{
    struct fm__loop loop;
    if (strcmp(test_backend(), "uring") != 0)
        return false;
    int rc = fm__loop_open(&loop, "uring", 1);
    if (rc == 0)
        fm__loop_close(&loop);
    if (rc != -EPERM && rc != -ENOSYS && rc != -EACCES && rc != -EOPNOTSUPP)
        return false;
    printf("skip io_uring_is_denied: %s\n", fm__uring_refusal(rc));
    puts("0 passed, 0 failed, 1 skipped");
    return true;
}

/* In seconds; 0, for ever, where hours of work were asked for. */
static unsigned harness_patience(void)
{
    if (test_full_sweep() || getenv("FERMATA_SOAK") != NULL)
        return 0;
    return test_many(50) < 50 ? 400 : 250;
}

/* FERMATA_EXCEPT: names of tests, each with a blank before and after it. */
static bool harness_excepted(const char *name)
{
    const char *names = getenv("FERMATA_EXCEPT");
    char word[256];
    snprintf(word, sizeof word, " %s ", name);
    return names != NULL && strstr(names, word) != NULL;
}

int main(int argc, char **argv)
{
    unsigned counts[3] = {0, 0, 0};
    program = argv[0];
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGINT, SIG_DFL); /* a shell ignores it in what it does beside */
    /* Not on the small stack of a dense task. */
    const struct sigaction action = {
        .sa_handler = watchdog,
        .sa_flags = SA_ONSTACK | SA_RESTART,
    };
    sigaction(SIGALRM, &action, NULL);
    if (harness_denied())
        return 0;
    for (struct test *test = tests; test != NULL; test = test->next) {
        if (argc > 1 && strcmp(argv[1], test->name) != 0)
            continue;
        if (argc == 1 && harness_excepted(test->name)) {
            printf("skip %s: excepted here\n", test->name);
            counts[2]++;
            continue;
        }
        alarm(harness_patience());
        counts[run(test)]++;
    }
    printf("%u passed, %u failed, %u skipped\n", counts[0], counts[1],
           counts[2]);
    return counts[1] > 0;
}
