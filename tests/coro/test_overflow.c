/*
 * test_overflow.c - a stack overflow is a sentence, not a corruption
 */
#include "harness.h"

#include "base/sys.h"
#include "coro/guard.h"

#include <fermata.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define OVERFLOW_JUMP (512 * 1024)

/* gcc 15 is the first that probes for RISC-V, and clang 20. */
#if defined(__riscv) && !(defined(__clang__) && __clang_major__ >= 20) &&      \
    (defined(__clang__) || __GNUC__ < 15)
#define OVERFLOW_PROBED false
#else
#define OVERFLOW_PROBED true
#endif

static volatile int overflow_sink;

__attribute__((noinline)) static int overflow_recurse(int depth)
{
    volatile char frame[512];
    frame[depth % 512] = (char)depth;
    if (depth == INT32_MAX)
        return frame[0];
    return overflow_recurse(depth + 1) + frame[depth % 512];
}

static int overflow_deep(void)
{
    overflow_sink = overflow_recurse(0);
    return 0;
}

/* Larger than the guard and than the stack: the first byte that is touched
 * lies beyond both, unless the compiler probes page by page. */
static int overflow_jump(void)
{
    volatile char frame[OVERFLOW_JUMP];
    int place = overflow_sink; /* 0, but no compiler may say so */
    frame[place] = 1;
    overflow_sink = frame[place];
    return fm_yield();
}

static int overflow_main(void *body)
{
    (*(void (**)(void))body)();
    return 0;
}

static void overflow_run(void *body)
{
    fm_run(overflow_main, body);
}

static void start_deep(void)
{
    fm_await(fm_go(overflow_deep));
}

static void start_jump(void)
{
    fm_await(fm_go(overflow_jump));
}

/* What the child said before it aborted. */
static const char *overflow_said(void (*body)(void))
{
    static char output[16384];
    int status = test_child(overflow_run, &body, output, sizeof output);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT)
        printf("status %#x, said: %s\n", (unsigned)status, output);
    return output;
}

static size_t overflow_frames(const char *said)
{
    size_t frames = 0;
    while ((said = strstr(said, "[0x")) != NULL) {
        frames++;
        said++;
    }
    return frames;
}

static void check_said(const char *said, const char *task)
{
    char place[64], line[64];
    snprintf(line, sizeof line, "stack overflow in task %s", task);
    snprintf(place, sizeof place, "(started at %s:", __FILE__);
    CHECK(strstr(said, line) != NULL);
    CHECK(strstr(said, place) != NULL);
    CHECK(strstr(said, "KiB of stack were not enough") != NULL);
    CHECK(strstr(said, "at address 0x") != NULL);
    CHECK(overflow_frames(said) >= 3 || !test_knows_frames());
    CHECK(strstr(said, "larger stack_size") != NULL);
}

TEST(a_stack_overflow_prints_task_place_size_address_backtrace_and_aborts)
{
    check_said(overflow_said(start_deep), "overflow_deep");
}

TEST(a_frame_that_jumps_the_guard_is_caught_too)
{
    if (!OVERFLOW_PROBED)
        test_skip("the compiler does not probe frames for this machine");
    check_said(overflow_said(start_jump), "overflow_jump");
}

/* Larger than a guard of 4 KiB, and than what gcc probes for one of 64. */
__attribute__((noinline)) static int overflow_stride(int depth)
{
    volatile char frame[20 * 1024];
    int place = overflow_sink;
    frame[place] = (char)depth;
    if (depth == INT32_MAX)
        return frame[place];
    return overflow_stride(depth + 1) + frame[place];
}

static int overflow_strides(void)
{
    overflow_sink = overflow_stride(0);
    return 0;
}

static void start_strides(void)
{
    fm_await(fm_go(overflow_strides));
}

TEST(frames_of_a_few_pages_do_not_stride_over_the_guard)
{
    if (!OVERFLOW_PROBED)
        test_skip("the compiler does not probe frames for this machine");
    check_said(overflow_said(start_strides), "overflow_strides");
}

TEST(mprotect_guards_catch_it_as_well)
{
    fm__guard_force(FM__GUARD_PROTECT);
    check_said(overflow_said(start_deep), "overflow_deep");
    if (OVERFLOW_PROBED)
        check_said(overflow_said(start_jump), "overflow_jump");
    fm__guard_force(FM__GUARD_UNKNOWN);
}

static int overflow_start(void *arg)
{
    (void)arg;
    return overflow_deep();
}

static void start_small(void)
{
    fm_task_options options = {.name = "tiny", .stack_size = 16384};
    fm_await(fm_start(overflow_start, NULL, &options));
}

TEST(the_sentence_has_the_name_and_size_that_the_options_gave)
{
    const char *said = overflow_said(start_small);
    CHECK(strstr(said, "stack overflow in task tiny") != NULL);
    CHECK(fm__sys_page() != FM__PAGE ||
          strstr(said, "12 KiB of stack") != NULL);
}

static void overflow_main_task(void)
{
    overflow_deep();
}

TEST(the_main_task_is_guarded_as_all_others)
{
    const char *said = overflow_said(overflow_main_task);
    CHECK(strstr(said, "stack overflow in task overflow_main") != NULL);
}

static void *overflow_thread(void *arg)
{
    void (*body)(void) = start_deep;
    overflow_run(&body);
    return arg;
}

static int overflow_in_two_loops(void *arg)
{
    pthread_t thread;
    (void)arg;
    pthread_create(&thread, NULL, overflow_thread, NULL);
    pthread_join(thread, NULL);
    return 0;
}

static void two_loops(void)
{
    overflow_in_two_loops(NULL);
}

TEST(an_overflow_in_another_threads_loop_is_told_by_that_loop)
{
    check_said(overflow_said(two_loops), "overflow_deep");
}

static void overflow_own(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)info;
    (void)context;
    _exit(42);
}

static int overflow_fault(void *arg)
{
    char *page = arg;
    *(volatile char *)page = 1;
    return 0;
}

static void overflow_fault_handled(void *arg)
{
    struct sigaction own = {.sa_flags = SA_SIGINFO};
    own.sa_sigaction = overflow_own;
    sigaction(SIGSEGV, &own, NULL);
    fm_run(overflow_fault, arg);
}

static void overflow_fault_unhandled(void *arg)
{
    signal(SIGSEGV, SIG_DFL);
    fm_run(overflow_fault, arg);
}

TEST(a_fault_that_is_no_overflow_goes_to_whoever_handled_it_before)
{
    if (test_under_valgrind())
        test_skip("valgrind reports the fault itself");
    char output[1024];
    void *page =
        mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int status =
        test_child(overflow_fault_handled, page, output, sizeof output);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 42);
    status = test_child(overflow_fault_unhandled, page, output, sizeof output);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    CHECK(strstr(output, "stack overflow") == NULL);
    munmap(page, 4096);
}

static int overflow_sent(void *arg)
{
    kill(getpid(), *(int *)arg);
    return fm_yield();
}

static void overflow_sent_to(void *arg)
{
    signal(*(int *)arg, SIG_DFL);
    fm_run(overflow_sent, arg);
    _exit(43); /* it goes on */
}

TEST(one_that_was_sent_from_outside_ends_the_program_at_once)
{
    char output[1024];
    int numbers[] = {SIGSEGV, SIGBUS};
    for (int i = 0; i < 2; i++) {
        int status =
            test_child(overflow_sent_to, &numbers[i], output, sizeof output);
        CHECK(WIFSIGNALED(status) && WTERMSIG(status) == numbers[i]);
    }
}

static int overflow_ignored(void *arg)
{
    for (int i = 0; i < 2; i++)
        overflow_sent(arg);
    return 0;
}

static void overflow_sent_to_the_deaf(void *arg)
{
    signal(*(int *)arg, SIG_IGN);
    fm_run(overflow_ignored, arg);
    _exit(43);
}

TEST(one_that_was_sent_is_ignored_where_it_was_before)
{
    char output[1024];
    int number = SIGSEGV;
    int status =
        test_child(overflow_sent_to_the_deaf, &number, output, sizeof output);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 43);
}

static int overflow_nothing(void *arg)
{
    (void)arg;
    return 0;
}

TEST(handlers_and_the_alternate_stack_are_as_before_when_the_run_has_ended)
{
    if (test_under_valgrind())
        test_skip("valgrind has alternate stacks of its own");
    struct sigaction before, after;
    stack_t stack_before, stack_after;
    sigaction(SIGSEGV, NULL, &before);
    sigaltstack(NULL, &stack_before);
    CHECK_INT(fm_run(overflow_nothing, NULL), 0);
    sigaction(SIGSEGV, NULL, &after);
    sigaltstack(NULL, &stack_after);
    CHECK(memcmp(&before.sa_handler, &after.sa_handler,
                 sizeof before.sa_handler) == 0);
    CHECK_INT(stack_before.ss_flags, stack_after.ss_flags);
    CHECK(stack_before.ss_sp == stack_after.ss_sp);
}

static void *overflow_come_and_go(void *arg)
{
    for (int i = 0; i < 300; i++)
        CHECK_INT(fm_run(overflow_nothing, arg), 0);
    return NULL;
}

TEST(loops_that_come_and_go_on_many_threads_leave_the_handlers_in_order)
{
    pthread_t threads[4];
    struct sigaction before, after;
    sigaction(SIGSEGV, NULL, &before);
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, overflow_come_and_go, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    sigaction(SIGSEGV, NULL, &after);
    CHECK(memcmp(&before.sa_handler, &after.sa_handler,
                 sizeof before.sa_handler) == 0);
    check_said(overflow_said(start_deep), "overflow_deep");
}
