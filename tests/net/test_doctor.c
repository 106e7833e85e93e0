/*
 * test_doctor.c - what the doctor says of this machine, and of a worse one
 */
#include "harness.h"

#include "base/fault.h"
#include "coro/guard.h"

#include <fermata/api.h>
#include <fermata/doctor.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* In a child, so that what ails it ends with it. */
struct patient {
    void (*ail)(void);
};

static void visit(void *arg)
{
    const struct patient *patient = arg;
    struct rlimit files = {4096, 4096};
    setrlimit(RLIMIT_NOFILE, &files);
    if (patient->ail != NULL)
        patient->ail();
    printf("found %d\n", fm_doctor(stdout));
}

static void told_of(void (*ail)(void), char *told, size_t size)
{
    struct patient patient = {ail};
    CHECK_INT(test_child(visit, &patient, told, size), 0);
}

static void choose_nothing(void)
{
    unsetenv("FERMATA_BACKEND");
    fm__guard_force(FM__GUARD_MARKER);
}

TEST(the_doctor_finds_nothing_wrong_with_a_sound_machine)
{
    char told[8192];
    told_of(choose_nothing, told, sizeof told);
    CHECK(strstr(told, FM_VERSION) != NULL);
    CHECK(strstr(told, "the best that is to be had here") != NULL);
    CHECK(strstr(told, "nothing is wrong") != NULL);
    CHECK(strstr(told, "found 0") != NULL);
}

TEST(the_doctor_says_that_the_backend_was_chosen_and_which_one_it_is)
{
    char told[8192], wanted[128];
    snprintf(wanted, sizeof wanted, "%s, because FERMATA_BACKEND says so",
             test_backend());
    setenv("FERMATA_BACKEND", test_backend(), 1);
    told_of(NULL, told, sizeof told);
    CHECK(strstr(told, wanted) != NULL);
}

static void choose_what_is_not(void)
{
    fm__guard_force(FM__GUARD_MARKER);
    setenv("FERMATA_BACKEND", "abacus", 1);
}

TEST(the_doctor_says_what_the_backend_may_be_called)
{
    char told[8192];
    told_of(choose_what_is_not, told, sizeof told);
    CHECK(strstr(told,
                 "mend: FERMATA_BACKEND must be auto, uring, epoll or sim"));
    CHECK(strstr(told, "1 thing to mend") != NULL);
    CHECK(strstr(told, "found 1") != NULL);
}

static void have_no_memory(void)
{
    static struct fm__fault_plan plan = {.from_then_on = true};
    plan.fail_at[FM__DOOR_MEMORY] = 1;
    fm__fault_plan = &plan;
}

TEST(the_doctor_says_when_no_program_will_run)
{
    char told[8192];
    told_of(have_no_memory, told, sizeof told);
    CHECK(strstr(told, "none: ") != NULL);
    CHECK(strstr(told, "mend: no program of this shell will run") != NULL);
}

static void have_old_guards_and_few_files(void)
{
    struct rlimit files = {512, 4096};
    fm__guard_force(FM__GUARD_PROTECT);
    setrlimit(RLIMIT_NOFILE, &files);
}

TEST(the_doctor_counts_what_is_to_be_mended_and_says_how)
{
    if (test_under_valgrind())
        test_skip("valgrind has limits of its own");
    char told[8192];
    long mappings = 0;
    FILE *file = fopen("/proc/sys/vm/max_map_count", "r");
    CHECK(file != NULL && fscanf(file, "%ld", &mappings) == 1);
    if (file != NULL)
        fclose(file);
    told_of(have_old_guards_and_few_files, told, sizeof told);
    CHECK(strstr(told, "mprotect: at most about ") != NULL);
    CHECK(strstr(told, "512, may be raised to 4096") != NULL);
    CHECK(strstr(told, "mend: each connection needs one: have 1024") != NULL);
    if (mappings >= 200000)
        return;
    CHECK(strstr(told, "mend: raise vm.max_map_count") != NULL);
    CHECK(strstr(told, "2 things to mend") != NULL);
}

static void have_a_shadow_stack(void)
{
    static struct fm__fault_plan plan = {.shadow_stack = true};
    fm__fault_plan = &plan;
}

TEST(the_doctor_says_how_to_be_rid_of_a_shadow_stack)
{
    char told[8192];
    told_of(have_a_shadow_stack, told, sizeof told);
    CHECK(strstr(told, "shadow stack       active") != NULL);
    CHECK(strstr(told, "without glibc.cpu.hwcaps=SHSTK") != NULL);
}
