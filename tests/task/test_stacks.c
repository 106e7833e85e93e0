/*
 * test_stacks.c - how deep stacks were, by where their tasks were started
 */
#include "story.h"

#include <errno.h>
#include <stdlib.h>

enum {
    DEEP = 40000
};

/* Out of the optimiser's sight. */
static volatile size_t depth;

/* AddressSanitizer would have its array elsewhere. */
static __attribute__((noinline, no_sanitize_address)) int dig(size_t size)
{
    volatile char ground[1000];
    for (size_t i = 0; i < sizeof ground; i++)
        ground[i] = 1;
    int below = size > sizeof ground ? dig(size - sizeof ground) : 1;
    return below & ground[0];
}

static int deep(void *arg)
{
    (void)arg;
    depth = DEEP;
    return dig(depth);
}

static int shallow(void *arg)
{
    (void)arg;
    return fm_yield();
}

static const fm_stats_place *place_of(const char *task)
{
    static fm_stats stats;
    CHECK_INT(fm_stats_read(&stats), 0);
    for (size_t i = 0; i < stats.place_count; i++) {
        if (strcmp(stats.places[i].task, task) == 0)
            return &stats.places[i];
    }
    test_fail(__FILE__, __LINE__, "no place has started %s", task);
    return NULL;
}

static char report[16384];

static void write_report(void)
{
    FILE *out = fmemopen(report, sizeof report, "w");
    CHECK_INT(fm_stacks_report(out), 0);
    fclose(out);
}

/* Whether the line about a task has these words. */
static bool is_said_of(const char *task, const char *words)
{
    char wanted[64], line[256];
    snprintf(wanted, sizeof wanted, " %s (", task);
    const char *found = strstr(report, wanted);
    if (found == NULL)
        return false;
    while (found > report && found[-1] != '\n')
        found--;
    snprintf(line, sizeof line, "%.*s", (int)strcspn(found, "\n"), found);
    return strstr(line, words) != NULL;
}

static void a_deep_one_and_then_others(void)
{
    CHECK_INT(fm_await(fm_start(deep, NULL)), 1);
    for (int i = 0; i < 3; i++)
        CHECK_INT(fm_await(fm_start(shallow, NULL)), 0);
    const fm_stats_place *place = place_of("deep");
    CHECK(place->stack_used >= DEEP && place->stack_used < DEEP + 16384);
    CHECK(place->stack_size > DEEP && place->stack_size < 65536);
    CHECK_INT(place->started, 1);
    CHECK_INT(place->ended, 1);
    CHECK_INT(place->turns, 0);
    CHECK(place_of("shallow")->stack_used > 0);
    CHECK(place_of("shallow")->stack_used < 16384);
    CHECK_INT(place_of("shallow")->started, 3);
}

static int measured(void (*body)(void))
{
    return story_run(body, (fm_run_options){.stacks = true});
}

TEST(a_stack_is_measured_and_then_clean_for_the_next)
{
    CHECK_INT(measured(a_deep_one_and_then_others), 0);
}

static void sizes_are_recommended(void)
{
    const fm_task_options large = {.stack_size = 262144};
    CHECK_INT(fm_await(fm_start(deep, NULL)), 1);
    CHECK_INT(fm_await(fm_start(shallow, NULL, &large)), 0);
    write_report();
    CHECK(is_said_of("deep", "256 KiB"));
    CHECK(is_said_of("shallow", "16 KiB") || is_said_of("shallow", "dense"));
}

TEST(the_size_that_would_do_leaves_room)
{
    CHECK_INT(measured(sizes_are_recommended), 0);
}

static int deep_and_waiting(void *arg)
{
    CHECK_INT(deep(arg), 1);
    return fm_sleep(1e6);
}

static void one_is_alive(void)
{
    fm_task *task = fm_start(deep_and_waiting, NULL);
    fm_yield();
    CHECK_INT(place_of("deep_and_waiting")->stack_used, 0);
    write_report();
    CHECK(place_of("deep_and_waiting")->stack_used >= DEEP);
    CHECK(is_said_of("deep_and_waiting", "256 KiB"));
    CHECK_INT(fm_stop(task), -ECANCELED);
}

TEST(a_report_measures_also_those_that_are_alive)
{
    CHECK_INT(measured(one_is_alive), 0);
}

static void both_are_counted_once(void)
{
    CHECK_INT(fm_await(fm_start(shallow, NULL)), 0);
    const fm_stats_place *place = place_of("shallow");
    CHECK_INT(place->started, 1);
    CHECK_INT(place->ended, 1);
    CHECK_INT(place->turns, 2);
    CHECK(place->stack_used > 0);
}

TEST(stacks_and_times_can_be_measured_together)
{
    CHECK_INT(story_run(both_are_counted_once,
                        (fm_run_options){.stacks = true, .stats = true}),
              0);
}

static void is_measured(void)
{
    write_report();
}

static void run_by_environment(void *arg)
{
    void (*body)(void) = is_measured;
    (void)arg;
    setenv("FERMATA_STACKS", "1", 1);
    fm_run(story_main, &body);
}

TEST(the_environment_can_ask_for_stacks_and_they_are_told_at_the_end)
{
    char said[4096];
    CHECK_INT(test_child(run_by_environment, NULL, said, sizeof said), 0);
    CHECK(strstr(said, "story_main (") != NULL);
    CHECK(strstr(said, "fermata: the deepest stacks") != NULL);
}

static void nowhere_to_write(void)
{
    FILE *out = fopen("/dev/full", "w");
    CHECK(out != NULL && setvbuf(out, NULL, _IONBF, 0) == 0);
    CHECK_INT(fm_stacks_report(out), -EIO);
    fclose(out);
}

TEST(a_report_that_cannot_be_written_is_an_error)
{
    CHECK_INT(measured(nowhere_to_write), 0);
}

static void dense_ones_are_measured(void)
{
    if (fm_dense_refused() != NULL)
        return;
    const fm_task_options dense = {.stack_size = FM_STACK_DENSE};
    for (int i = 0; i < 3; i++)
        CHECK_INT(fm_await(fm_start(shallow, NULL, &dense)), 0);
    const fm_stats_place *place = place_of("shallow");
    CHECK_INT(place->started, 3);
    CHECK(place->stack_size > 600 && place->stack_size < 1216);
    CHECK(place->stack_used > 0 && place->stack_used < place->stack_size);
}

TEST(dense_stacks_are_measured_too)
{
    CHECK_INT(measured(dense_ones_are_measured), 0);
    CHECK_INT(story_run(dense_ones_are_measured,
                        (fm_run_options){.stacks = true, .stats = true}),
              0);
}
