/*
 * test_race.c - Happy Eyeballs, rule by rule (RFC 8305), in virtual time
 */
#include "names.h"

#include <fermata/error.h>

#define SIX "[2001:db8::1]:80"
#define SIX_2 "[2001:db8::2]:80"
#define SIX_3 "[2001:db8::3]:80"
#define FOUR "192.0.2.1:80"
#define FOUR_2 "192.0.2.2:80"

static void six_and_four(void)
{
    names_v6 = (struct names_answer){.count = 1, .addresses = {SIX}};
    names_v4 = (struct names_answer){.count = 1, .addresses = {FOUR}};
}

/* ---- Section 3: lookups ------------------------------------------------- */

RACE(both_families_are_asked_for_at_once)
{
    six_and_four();
    names_v6.delay = names_v4.delay = 0.4;
    check_reaches(SIX, 0.4);
    CHECK_INT(names_asked[0], names_asked[1]);
}

RACE(ipv6_does_not_wait_for_the_answer_of_ipv4)
{
    six_and_four();
    names_v6.delay = 0.01;
    names_v4.delay = 5;
    check_reaches(SIX, 0.01);
}

RACE(ipv4_waits_fifty_milliseconds_for_the_answer_of_ipv6)
{
    six_and_four();
    names_v6.delay = 5;
    check_reaches(FOUR, 0.05);
}

RACE(ipv6_goes_first_if_it_comes_within_these)
{
    six_and_four();
    names_v6.delay = 0.049;
    check_reaches(SIX, 0.049);
}

RACE(that_there_is_no_ipv6_ends_the_wait_at_once)
{
    six_and_four();
    names_v6 = (struct names_answer){.delay = 0.02, .error = -FM_ENODATA};
    check_reaches(FOUR, 0.02);
}

RACE(a_lookup_that_fails_is_no_failure_while_the_other_has_addresses)
{
    six_and_four();
    names_v4 = (struct names_answer){.error = -FM_ESERVERFAILED};
    check_reaches(SIX, 0);
    six_and_four();
    names_v6 = (struct names_answer){.error = -FM_ENOSERVER};
    check_reaches(FOUR, 0);
    CHECK_INT(names_failures.count, 0);
}

RACE(without_an_address_the_lookup_that_says_most_is_the_error)
{
    static const int errors[][3] = {
        {-FM_ENODATA, -FM_ENODATA, -FM_ENODATA},
        {-FM_ENONAME, -FM_ENONAME, -FM_ENONAME},
        {-FM_ENODATA, -FM_ENOSERVER, -FM_ENOSERVER},
        {-FM_ESERVERFAILED, -FM_ENODATA, -FM_ESERVERFAILED},
        {-FM_ENONAME, -FM_ESERVERFAILED, -FM_ESERVERFAILED},
    };
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        names_v6 = (struct names_answer){.error = errors[i][0]};
        names_v4 = (struct names_answer){.error = errors[i][1]};
        check_fails(errors[i][2], 0);
        CHECK_INT(names_failures.count, 0);
    }
}

/* As one whose question was taken from it; the caller itself is not cut. */
RACE(lookups_that_were_cancelled_are_no_connection)
{
    names_v6 = (struct names_answer){.error = -ECANCELED};
    names_v4 = (struct names_answer){.error = -ECANCELED};
    check_fails(-ECANCELED, 0);
}

/* ---- Section 4: the order ----------------------------------------------- */

static void all_refuse(void)
{
    static const char *const all[] = {SIX, SIX_2, SIX_3, FOUR, FOUR_2};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        route(all[i], 0, -ECONNREFUSED);
    names_v6 =
        (struct names_answer){.count = 3, .addresses = {SIX, SIX_2, SIX_3}};
    names_v4 = (struct names_answer){.count = 2, .addresses = {FOUR, FOUR_2}};
}

RACE(families_take_turns_and_each_keeps_its_order)
{
    static const char *const order[] = {SIX, FOUR, SIX_2, FOUR_2, SIX_3};
    all_refuse();
    check_fails(-ECONNREFUSED, 0);
    CHECK_INT(names_failures.count, 5);
    for (size_t i = 0; i < 5; i++)
        check_failed(i, order[i], -ECONNREFUSED);
}

RACE(a_late_answer_joins_while_attempts_are_under_way)
{
    six_and_four();
    names_v6.delay = 0.1;
    route(FOUR, NEVER, 0);
    check_reaches(SIX, 0.05 + 0.25);
}

RACE(a_late_answer_is_tried_at_once_where_all_have_failed)
{
    six_and_four();
    names_v6.delay = 3;
    route(FOUR, 0.1, -ECONNREFUSED);
    check_reaches(SIX, 3);
    check_failed(0, FOUR, -ECONNREFUSED);
}

RACE(a_late_answer_goes_before_what_was_there_if_it_is_its_turn)
{
    names_v4 = (struct names_answer){.count = 2, .addresses = {FOUR, FOUR_2}};
    names_v6 =
        (struct names_answer){.delay = 0.2, .count = 1, .addresses = {SIX}};
    route(FOUR, NEVER, 0);
    check_reaches(SIX, 0.05 + 0.25);
}

/* ---- Section 5: the attempts -------------------------------------------- */

RACE(the_next_attempt_begins_after_a_quarter_of_a_second)
{
    six_and_four();
    route(SIX, NEVER, 0);
    check_reaches(FOUR, 0.25);
}

RACE(an_attempt_that_fails_starts_the_next_at_once)
{
    six_and_four();
    route(SIX, 0.1, -ENETUNREACH);
    check_reaches(FOUR, 0.1);
    CHECK_INT(names_failures.count, 1);
    check_failed(0, SIX, -ENETUNREACH);
}

RACE(the_first_connection_that_stands_wins_and_the_others_are_closed)
{
    names_v6 = (struct names_answer){.count = 2, .addresses = {SIX, SIX_2}};
    names_v4 = (struct names_answer){.count = 1, .addresses = {FOUR}};
    route(SIX, NEVER, 0);
    route(FOUR, NEVER, 0);
    route(SIX_2, 0.1, 0);
    check_reaches(SIX_2, 0.25 + 0.25 + 0.1);
    CHECK_INT(names_failures.count, 0);
}

RACE(an_earlier_attempt_may_still_win)
{
    six_and_four();
    route(SIX, 0.3, 0);
    route(FOUR, 1, 0);
    check_reaches(SIX, 0.3);
}

RACE(of_two_that_stand_at_once_one_is_closed)
{
    six_and_four();
    route(SIX, 0.35, 0);
    route(FOUR, 0.1, 0);
    for (int i = 0; i < 10; i++) {
        fm_stream *stream = NULL;
        double seconds;
        CHECK_INT(reach(&stream, &seconds, (fm_connect_options){0}), 0);
        check_took(seconds, 0.35);
        CHECK_INT(fm_close(stream), 0);
    }
}

RACE(the_stagger_is_the_caller_s_within_bounds)
{
    static const double asked[][2] = {
        {0.1, 0.1}, {0.0001, 0.01}, {0.01, 0.01}, {2, 2}, {3600, 2},
    };
    six_and_four();
    route(SIX, NEVER, 0);
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        fm_stream *stream = NULL;
        double seconds;
        CHECK_INT(reach(&stream, &seconds,
                        (fm_connect_options){.stagger = asked[i][0]}),
                  0);
        check_took(seconds, asked[i][1]);
        CHECK_INT(fm_close(stream), 0);
    }
}

RACE(a_stagger_that_is_none_is_einval)
{
    static const double none[] = {NAN, -1, -INFINITY};
    fm_stream *stream = NULL;
    double seconds;
    six_and_four();
    for (size_t i = 0; i < 3; i++)
        CHECK_INT(
            reach(&stream, &seconds, (fm_connect_options){.stagger = none[i]}),
            -EINVAL);
    CHECK(stream == NULL);
}

/* ---- What has failed ---------------------------------------------------- */

RACE(when_all_fail_the_error_is_the_one_that_tells_the_most)
{
    static const int errors[][3] = {
        {-ENETUNREACH, -ECONNREFUSED, -ECONNREFUSED},
        {-ECONNREFUSED, -ENETUNREACH, -ECONNREFUSED},
        {-ENETUNREACH, -EHOSTUNREACH, -EHOSTUNREACH},
        {-FM_EPEERTIMEOUT, -EHOSTUNREACH, -FM_EPEERTIMEOUT},
        {-FM_EPEERTIMEOUT, -ECONNREFUSED, -ECONNREFUSED},
        {-ECONNREFUSED, -EMFILE, -EMFILE},
        {-ECONNREFUSED, -ECONNRESET, -ECONNREFUSED},
        {-EADDRNOTAVAIL, -ENETUNREACH, -EADDRNOTAVAIL},
    };
    six_and_four();
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        names_route_count = 0;
        route(SIX, 0, errors[i][0]);
        route(FOUR, 0, errors[i][1]);
        check_fails(errors[i][2], 0);
        CHECK_INT(names_failures.count, 2);
        check_failed(0, SIX, errors[i][0]);
        check_failed(1, FOUR, errors[i][1]);
    }
}

/* In the order in which they failed, not in that in which they began. */
RACE(failures_are_kept_in_the_order_of_failing)
{
    six_and_four();
    route(SIX, 1, -ECONNREFUSED);
    route(FOUR, 0.1, -EHOSTUNREACH);
    check_fails(-ECONNREFUSED, 1);
    check_failed(0, FOUR, -EHOSTUNREACH);
    check_failed(1, SIX, -ECONNREFUSED);
}

static void refuse_from(size_t count)
{
    static char texts[FM__FOUND_LIMIT][FM_ADDRESS_TEXT];
    names_v6 = (struct names_answer){.error = -FM_ENODATA};
    names_v4 = (struct names_answer){.count = count};
    names_route_count = 0;
    for (size_t i = 0; i < count; i++) {
        snprintf(texts[i], sizeof texts[i], "192.0.2.%zu:80", i + 1);
        names_v4.addresses[i] = texts[i];
        route(texts[i], 0, -ECONNREFUSED);
    }
}

RACE(all_failures_are_counted_and_sixteen_are_kept)
{
    refuse_from(FM_CONNECT_FAILURES);
    check_fails(-ECONNREFUSED, 0);
    CHECK_INT(names_failures.count, FM_CONNECT_FAILURES);
    check_failed(15, "192.0.2.16:80", -ECONNREFUSED);
    refuse_from(FM_CONNECT_FAILURES + 1);
    check_fails(-ECONNREFUSED, 0);
    CHECK_INT(names_failures.count, FM_CONNECT_FAILURES + 1);
    check_failed(15, "192.0.2.16:80", -ECONNREFUSED);
}

RACE(every_address_that_a_lookup_may_find_is_tried)
{
    refuse_from(FM__FOUND_LIMIT);
    check_fails(-ECONNREFUSED, 0);
    CHECK_INT(names_failures.count, FM__FOUND_LIMIT);
}

RACE(a_literal_address_that_fails_is_told_of_too)
{
    fm_stream *stream = NULL;
    route(FOUR, 0, -EHOSTUNREACH);
    const fm_connect_options options = {.failures = &names_failures};
    CHECK_INT(fm_connect(FOUR, &stream, &options), -EHOSTUNREACH);
    CHECK_INT(names_failures.count, 1);
    check_failed(0, FOUR, -EHOSTUNREACH);
    CHECK_INT(fm_connect("192.0.2.9:80", &stream, &options), 0);
    CHECK_INT(names_failures.count, 0);
    CHECK_INT(fm_close(stream), 0);
}

/* Two listeners and one attempt are all there are descriptors for. */
static void without_descriptors(void)
{
    names_begin();
    six_and_four();
    route(SIX, 1, 0);
    check_reaches(SIX, 1);
    CHECK_INT(names_failures.count, 1);
    check_failed(0, FOUR, -EMFILE);
    names_end();
}

TEST(an_attempt_without_a_descriptor_leaves_the_others_alone)
{
    CHECK_INT(names_run(without_descriptors, 3), 0);
    story_silent(__FILE__, __LINE__);
}

/* ---- Where from --------------------------------------------------------- */

RACE(a_source_asks_for_its_own_family_alone)
{
    fm_stream *stream = NULL;
    fm_address local;
    double seconds;
    six_and_four();
    names_v6.delay = 5;
    CHECK_INT(reach(&stream, &seconds,
                    (fm_connect_options){.source = "192.0.2.77:0"}),
              0);
    check_took(seconds, 0);
    CHECK_INT(fm_stream_local(stream, &local), 0);
    CHECK(fm_address_port(&local) > 0);
    CHECK_INT(fm_close(stream), 0);
    CHECK_INT(reach(&stream, &seconds,
                    (fm_connect_options){.source = "[2001:db8::77]:4711"}),
              0);
    check_took(seconds, 5);
    CHECK_INT(fm_stream_local(stream, &local), 0);
    check_address(&local, "[2001:db8::77]:4711");
    CHECK_INT(fm_close(stream), 0);
}

RACE(a_literal_address_of_another_family_than_the_source_is_refused)
{
    fm_stream *stream = NULL;
    CHECK_INT(
        fm_connect(FOUR, &stream, &(fm_connect_options){.source = "[::1]:0"}),
        -EAFNOSUPPORT);
    CHECK_INT(fm_connect(FOUR, &stream,
                         &(fm_connect_options){.source = "many.example:0"}),
              -EINVAL);
    CHECK(stream == NULL);
}

/* ---- Cuts --------------------------------------------------------------- */

static void check_times_out(double seconds)
{
    uint64_t held = fm__atomic_load(&fm__ledger[FM__HELD_DESCRIPTORS]);
    fm_stream *stream = NULL;
    double took;
    int rc;
    FM_TIMEOUT(seconds, rc) {
        rc = reach(&stream, &took, (fm_connect_options){0});
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK(stream == NULL);
    CHECK_INT(fm__atomic_load(&fm__ledger[FM__HELD_DESCRIPTORS]), held);
    check_took(took, seconds);
}

RACE(a_timeout_ends_the_race_wherever_it_is)
{
    six_and_four();
    names_v6.delay = 1;
    names_v4.delay = 0.5;
    check_times_out(0.3);  /* nothing was found */
    check_times_out(0.52); /* IPv4 waits for IPv6 */
    route(SIX, NEVER, 0);
    route(FOUR, NEVER, 0);
    check_times_out(0.7); /* one attempt, one lookup */
    check_times_out(1.1); /* two attempts */
    names_route_count = 0;
    route(SIX, 0, -ECONNREFUSED);
    route(FOUR, NEVER, 0);
    check_times_out(20); /* one that has failed, one that never will */
}

struct reacher {
    int *result;
};

static int reacher(struct reacher *self)
{
    fm_stream *stream = NULL;
    double seconds;
    *self->result = reach(&stream, &seconds, (fm_connect_options){0});
    CHECK(stream == NULL);
    return *self->result;
}

RACE(a_cancel_ends_the_race_and_what_failed_before_is_told)
{
    int result = 0;
    six_and_four();
    route(SIX, 0, -ECONNREFUSED);
    route(FOUR, NEVER, 0);
    fm_task *task = fm_go(reacher, &result);
    CHECK_INT(fm_sleep(1), 0);
    CHECK_INT(fm_stop(task), -ECANCELED);
    CHECK_INT(result, -ECANCELED);
    CHECK_INT(names_failures.count, 1);
    check_failed(0, SIX, -ECONNREFUSED);
}
