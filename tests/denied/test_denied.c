/*
 * test_denied.c - io_uring is refused, or what it needs: epoll takes its place
 *
 * Refused by the answer of each system call that opens a ring, by a limit of
 * memory, and by one of descriptors.
 */
#include "harness.h"

#include "base/fault.h"
#include "loop/loop_core.h"

#include <errno.h>
#include <fermata.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct trial {
    int rc;
    bool epoll;
    uint64_t passed;
};

/* Opens a loop while the k-th system call from now on has this answer. */
static struct trial try_open(const char *name, uint64_t k, int error)
{
    struct fm__fault_plan plan = {.error = error};
    struct fm__loop loop;
    struct trial trial = {0};
    plan.fail_at[FM__DOOR_SYSTEM] = k;
    fm__fault_plan = &plan;
    trial.rc = fm__loop_open(&loop, name, 1);
    fm__fault_plan = NULL;
    trial.passed = plan.passed[FM__DOOR_SYSTEM];
    if (trial.rc == 0) {
        trial.epoll = loop.backend == &fm__epoll;
        fm__loop_close(&loop);
    }
    return trial;
}

/* The first is for the loop's own bell, which each backend needs. Where
 * io_uring is not to be had at all, each of the others finds epoll too. */
TEST(whatever_call_refuses_io_uring_auto_takes_epoll)
{
    static const int errors[] = {-EPERM, -ENOSYS, -ENOMEM, -EINVAL};
    for (size_t i = 0; i < FM__COUNT(errors); i++) {
        unsigned fallen = 0;
        CHECK_INT(try_open("auto", 1, errors[i]).rc, errors[i]);
        struct trial trial = try_open("auto", 0, 0);
        uint64_t count = trial.passed;
        for (uint64_t k = 2; k <= count; k++) {
            trial = try_open("auto", k, errors[i]);
            CHECK_INT(trial.rc, 0);
            fallen += trial.epoll;
        }
        CHECK(fallen > 0);
    }
}

TEST(asked_for_by_name_it_is_not_replaced)
{
    CHECK_INT(try_open("uring", 2, -EPERM).rc, -EPERM);
    CHECK_INT(try_open("uring", 2, -ENOSYS).rc, -ENOSYS);
}

/* ---- Sentences ----------------------------------------------------------- */

static int nothing(void *arg)
{
    (void)arg;
    return 0;
}

struct refusal {
    int error;
    const char *sentence;
};

static void run_refused(void *arg)
{
    const struct refusal *refusal = arg;
    struct fm__fault_plan plan = {.error = refusal->error};
    const fm_run_options options = {.backend = "uring"};
    plan.fail_at[FM__DOOR_SYSTEM] = 1;
    plan.from_then_on = true;
    fm__fault_plan = &plan;
    int rc = fm_run(nothing, NULL, &options);
    fm__fault_plan = NULL;
    printf("returned %d\n", rc == refusal->error);
}

/* Of the system call alone: whoever reads /proc is refused too, by the plan. */
TEST(asked_for_by_name_it_says_why_it_cannot_be_had)
{
    static struct refusal refusals[] = {
        {-ENOSYS, "this kernel has no io_uring, or hides it"},
        {-EPERM, "a seccomp filter forbids io_uring, as containers do"},
        {-ENOMEM, "there is no memory for io_uring"},
        {-EMFILE, "there is no descriptor left for io_uring"},
        {-EIO, "the kernel refuses io_uring"},
    };
    char said[512];
    for (size_t i = 0; i < FM__COUNT(refusals); i++) {
        int status = test_child(run_refused, &refusals[i], said, sizeof said);
        CHECK_INT(status, 0);
        CHECK(strstr(said, "the backend uring cannot be had: ") != NULL);
        CHECK(strstr(said, refusals[i].sentence) != NULL);
        CHECK(strstr(said, "returned 1") != NULL);
    }
}

/* ---- Limits -------------------------------------------------------------- */

/* So that what is small is had from the heap, when nothing can be mapped;
 * false where malloc does not let itself be told. */
#ifdef M_TRIM_THRESHOLD
static bool keep_some_heap(void)
{
    mallopt(M_TRIM_THRESHOLD, 1 << 24);
    mallopt(M_MMAP_THRESHOLD, 1 << 24);
    free(malloc(1 << 20));
    return true;
}
#else
static bool keep_some_heap(void)
{
    return false;
}
#endif

static long address_space(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%ld", &pages) != 1)
        pages = 0;
    if (file != NULL)
        fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

static void open_without_mappings(void *arg)
{
    (void)arg;
    struct fm__loop loop;
    struct rlimit limit;
    getrlimit(RLIMIT_AS, &limit);
    limit.rlim_cur = (rlim_t)address_space();
    setrlimit(RLIMIT_AS, &limit);
    int rc = fm__loop_open(&loop, "auto", 1);
    printf("auto %d %s\n", rc, rc == 0 ? loop.backend->name : "none");
    if (rc == 0)
        fm__loop_close(&loop);
    printf("uring %d\n", fm__loop_open(&loop, "uring", 1));
}

TEST(without_memory_to_map_a_ring_epoll_is_taken)
{
    char said[512];
    if (test_under_asan() || test_under_tsan() || test_under_valgrind())
        test_skip("the tool itself needs memory to map");
    if (!keep_some_heap())
        test_skip("this malloc maps what it gives");
    CHECK_INT(test_child(open_without_mappings, NULL, said, sizeof said), 0);
    CHECK(strstr(said, "auto 0 epoll\n") != NULL);
    CHECK(strstr(said, "uring -") != NULL);
}

static void open_without_descriptors(void *arg)
{
    const char *name = arg;
    struct fm__loop loop;
    int next = dup(0);
    close(next);
    const struct rlimit limit = {(rlim_t)next + 1, (rlim_t)next + 1};
    setrlimit(RLIMIT_NOFILE, &limit);
    printf("returned %d\n", fm__loop_open(&loop, name, 1) == -EMFILE);
    printf("left %d\n", dup(0) == next);
}

/* Epoll needs as many: nothing is opened, and nothing left open. */
TEST(with_a_descriptor_too_few_neither_is_opened)
{
    char said[512];
    static char names[][8] = {"auto", "uring", "epoll"};
    if (test_under_valgrind())
        test_skip("a child ends with a status of valgrind");
    for (size_t i = 0; i < FM__COUNT(names); i++) {
        CHECK_INT(
            test_child(open_without_descriptors, names[i], said, sizeof said),
            0);
        CHECK(strstr(said, "returned 1\nleft 1\n") != NULL);
    }
}
