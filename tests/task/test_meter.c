/*
 * test_meter.c - histograms, and places, in virtual time where all is exact
 */
#include "base/fault.h"
#include "story.h"
#include "task/histogram.h"
#include "task/turner.h"

#include <errno.h>
#include <fermata/stats.h>
#include <stdlib.h>

/* ---- Histograms ---------------------------------------------------------- */

TEST(a_bucket_ends_where_the_next_begins)
{
    for (size_t i = 0; i + 1 < FM_HISTOGRAM_BUCKETS; i++) {
        int64_t bound = fm_histogram_bound(i);
        CHECK_INT(fm__histogram_bucket(bound), i);
        CHECK_INT(fm__histogram_bucket(bound + 1), i + 1);
    }
    CHECK(fm_histogram_bound(FM_HISTOGRAM_BUCKETS - 2) < INT64_MAX);
    CHECK_INT(fm_histogram_bound(FM_HISTOGRAM_BUCKETS - 1), INT64_MAX);
    CHECK_INT(fm_histogram_bound(SIZE_MAX), INT64_MAX);
}

TEST(powers_of_two_are_bounds)
{
    for (int power = 0; power < 42; power++) {
        int64_t value = INT64_C(1) << power;
        CHECK_INT(fm_histogram_bound(fm__histogram_bucket(value)), value);
    }
}

TEST(a_value_differs_from_its_bound_by_an_eighth_at_most)
{
    uint64_t state = test_seed(41);
    for (int i = 0; i < 10000; i++) {
        int64_t value = (int64_t)(test_random(&state) % (UINT64_C(1) << 41));
        int64_t bound = fm_histogram_bound(fm__histogram_bucket(value));
        CHECK(bound >= value && bound - value <= value / 8 + 1);
    }
}

TEST(what_is_too_large_is_counted_in_the_last_bucket)
{
    fm_histogram histogram = {0};
    fm__histogram_add(&histogram, INT64_MAX);
    fm__histogram_add(&histogram, (INT64_C(1) << 42) + 1);
    CHECK_INT(histogram.buckets[FM_HISTOGRAM_BUCKETS - 1], 2);
    CHECK(histogram.max == INT64_MAX);
    CHECK(fm_histogram_quantile(&histogram, 1) == INT64_MAX);
}

TEST(a_time_that_went_backwards_is_none)
{
    fm_histogram histogram = {0};
    fm__histogram_add(&histogram, -5);
    CHECK_INT(histogram.sum, 0);
    CHECK_INT(histogram.buckets[0], 1);
    CHECK_INT(histogram.max, 0);
}

TEST(quantiles_are_values_that_occurred_up_to_their_bucket)
{
    fm_histogram histogram = {0};
    CHECK_INT(fm_histogram_quantile(&histogram, 0.5), 0);
    for (int i = 1; i <= 100; i++)
        fm__histogram_add(&histogram, i * 1000);
    int64_t median = fm_histogram_quantile(&histogram, 0.5);
    CHECK(median >= 50000 && median <= 50000 + 50000 / 8);
    CHECK_INT(fm_histogram_quantile(&histogram, 1), 100000);
    CHECK_INT(fm_histogram_quantile(&histogram, 2), 100000);
    CHECK(fm_histogram_quantile(&histogram, 0) <= 1000 + 1000 / 8);
    CHECK_INT(histogram.sum, 5050000);
}

/* ---- Virtual time -------------------------------------------------------- */

static fm_stats stats;

static const fm_stats *read_stats(void)
{
    CHECK_INT(fm_stats_read(&stats), 0);
    return &stats;
}

static int in_virtual_time(void (*body)(void))
{
    return story_run(body, (fm_run_options){.backend = "sim", .stats = true});
}

static void sleeps_three_times(void)
{
    uint64_t before = read_stats()->poll_time->sum;
    uint64_t delays = stats.ready_delay->sum;
    double begin = stats.seconds;
    for (int i = 0; i < 3; i++)
        CHECK_INT(fm_sleep(2), 0);
    CHECK_INT(read_stats()->poll_time->sum - before, 6000000000);
    CHECK_INT(stats.poll_time->max, 2000000000);
    CHECK_INT(fm_histogram_quantile(stats.poll_time, 1), 2000000000);
    CHECK_INT(stats.timer_lateness->count, 3);
    CHECK_INT(stats.timer_lateness->max, 0);
    CHECK_INT(stats.loop_turn->max, 0);
    CHECK_INT(stats.ready_delay->sum, delays);
    CHECK(fabs(stats.seconds - begin - 6) < 1e-9);
}

TEST(in_virtual_time_polls_take_what_tasks_sleep)
{
    CHECK_INT(in_virtual_time(sleeps_three_times), 0);
}

static void yields_ten_times(void)
{
    uint64_t turns = read_stats()->task_turn->count;
    uint64_t delays = stats.ready_delay->count;
    for (int i = 0; i < 10; i++)
        CHECK_INT(fm_yield(), 0);
    CHECK_INT(read_stats()->task_turn->count - turns, 10);
    CHECK_INT(stats.ready_delay->count - delays, 10);
}

TEST(each_yield_is_a_turn_and_a_delay)
{
    CHECK_INT(in_virtual_time(yields_ten_times), 0);
}

/* ---- Places -------------------------------------------------------------- */

enum {
    LABELS = 300
};

static int nothing(void *arg)
{
    (void)arg;
    return 0;
}

static char labels[LABELS][32];

static void name_labels(void)
{
    for (int i = 0; i < LABELS; i++) {
        int n = snprintf(labels[i], sizeof labels[i], "task %d", i);
        snprintf(labels[i] + n + 1, sizeof labels[i] - (size_t)n - 1,
                 "file.c:%d", i);
    }
}

static void starts_at_many_places(void)
{
    name_labels();
    for (int i = 0; i < LABELS; i++)
        fm_await(fm__start(nothing, NULL, NULL, labels[i]));
    const fm_stats_place *places = read_stats()->places;
    CHECK_INT(stats.place_count, 257);
    CHECK(strcmp(places[0].task, "other") == 0);
    CHECK(strcmp(places[0].site, "") == 0);
    CHECK_INT(places[0].started, LABELS - 255);
    CHECK_INT(places[0].ended, LABELS - 255);
    CHECK(strcmp(places[2].task, "task 0") == 0);
    CHECK(strcmp(places[2].site, "file.c:0") == 0);
    CHECK_INT(places[2].started, 1);
}

TEST(places_beyond_the_256th_are_one)
{
    CHECK_INT(in_virtual_time(starts_at_many_places), 0);
}

static void starts_at_alike_places(void)
{
    static const char once[] = "twin\0a.c:1", twice[] = "twin\0a.c:1";
    fm_await(fm__start(nothing, NULL, NULL, once));
    fm_await(fm__start(nothing, NULL, NULL, twice));
    CHECK_INT(read_stats()->place_count, 2);
    CHECK_INT(stats.places[1].started, 2);
}

TEST(places_of_the_same_name_are_one)
{
    CHECK_INT(in_virtual_time(starts_at_alike_places), 0);
}

static void starts_at_a_long_place(void)
{
    static char label[1024];
    memset(label, 'a', 500);
    memset(label + 501, 'b', 500);
    fm_await(fm__start(nothing, NULL, NULL, label));
    const fm_stats_place *place = &read_stats()->places[1];
    CHECK_INT(strspn(place->task, "a"), strlen(place->task));
    CHECK_INT(strspn(place->site, "b"), strlen(place->site));
    CHECK(strlen(place->task) >= 60 && strlen(place->site) >= 60);
}

TEST(long_names_of_places_are_cut)
{
    CHECK_INT(in_virtual_time(starts_at_a_long_place), 0);
}

/* ---- Prometheus ---------------------------------------------------------- */

static char text[262144];

static void writes_text(void)
{
    static const char odd[] = "o\"d\\d\n\0a.c:1";
    FILE *out = fmemopen(text, sizeof text, "w");
    fm_await(fm__start(nothing, NULL, NULL, odd));
    CHECK_INT(fm_sleep(2), 0);
    CHECK_INT(fm_stats_prometheus(read_stats(), out), 0);
    fclose(out);
}

static bool has_line(const char *line)
{
    const char *found = strstr(text, line);
    size_t size = strlen(line);
    return found != NULL && (found == text || found[-1] == '\n') &&
           found[size] == '\n';
}

TEST(statistics_are_written_as_prometheus_reads_them)
{
    CHECK_INT(in_virtual_time(writes_text), 0);
    CHECK(
        has_line("fermata_info{version=\"" FM_VERSION "\",backend=\"sim\"} 1"));
    CHECK(has_line("# TYPE fermata_tasks_started_total counter"));
    CHECK(has_line("fermata_tasks_started_total 2"));
    CHECK(has_line("# TYPE fermata_poll_seconds histogram"));
    CHECK(has_line("fermata_timer_lateness_seconds_bucket"
                   "{le=\"0.000000256\"} 1"));
    CHECK(has_line("fermata_timer_lateness_seconds_bucket{le=\"+Inf\"} 1"));
    CHECK(has_line("fermata_timer_lateness_seconds_sum 0.000000000"));
    CHECK(has_line("fermata_timer_lateness_seconds_count 1"));
    CHECK(has_line("fermata_place_started_total{task=\"o\\\"d\\\\d\\n\","
                   "site=\"a.c:1\"} 1"));
}

static void fails_to_write(void)
{
    FILE *out = fopen("/dev/full", "w");
    CHECK(out != NULL && setvbuf(out, NULL, _IONBF, 0) == 0);
    CHECK_INT(fm_stats_prometheus(read_stats(), out), -EIO);
    fclose(out);
}

TEST(statistics_that_cannot_be_written_are_an_error)
{
    CHECK_INT(in_virtual_time(fails_to_write), 0);
}

/* ---- Without memory ------------------------------------------------------ */

enum {
    MANY = 1100 /* more than one chunk of meters */
};

/* One that could not be started answers -ENOMEM, one that has no meter runs. */
static void starts_many(void)
{
    static fm_task *tasks[MANY];
    static int results[MANY];
    for (int i = 0; i < MANY; i++)
        tasks[i] = fm_go(answer, 1);
    (void)fm_settle(tasks, MANY, results);
    for (int i = 0; i < MANY; i++)
        CHECK(results[i] == 1 || results[i] == -ENOMEM);
    CHECK(read_stats()->place_count >= 1);
    CHECK_INT(stats.tasks, 1);
}

static uint64_t without_the_kth(uint64_t k)
{
    struct fm__fault_plan plan = {.fail_at[FM__DOOR_MEMORY] = k};
    const fm_run_options options = {
        .backend = "sim", .stats = true, .stacks = true};
    fm__fault_plan = &plan;
    int rc = story_run(starts_many, options);
    fm__fault_plan = NULL;
    CHECK(rc == 0 || rc == -ENOMEM);
    return plan.passed[FM__DOOR_MEMORY];
}

TEST(without_memory_a_run_is_refused_or_measures_less)
{
    uint64_t k = 1;
    while (without_the_kth(k) >= k)
        k++;
    CHECK(k > 10);
}
