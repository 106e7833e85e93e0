/*
 * test_name_cache.c - what is kept of answers and for how long, who shares a
 * question, what a cut does, and how time passes while servers are silent
 */
#include "name_server.h"

#include <netinet/in.h>

static void script_kept(struct name_server *server, struct query *query)
{
    reply_address(server, query, (uint32_t)server->number, "192.0.2.1");
}

/* How often the server is asked by one lookup more. */
static int asked_again(struct name_server *server, fm_resolver *resolver)
{
    int before = server->asked;
    CHECK_FOUND(resolver, "host.example", AF_INET, "192.0.2.1:80");
    return server->asked - before;
}

/* Where time is virtual, since nobody waits for a minute. */
static void pass(double seconds)
{
    CHECK_INT(fm_sleep(seconds), 0);
}

STORY(an_answer_is_kept_as_long_as_it_says)
{
    struct name_server server;
    server_open(&server, script_kept);
    server.number = 60;
    fm_resolver *resolver =
        resolver_with(server.address, (fm_resolver_options){0});
    CHECK_INT(asked_again(&server, resolver), 1);
    CHECK_INT(asked_again(&server, resolver), 0);
    if (test_simulated()) {
        pass(59);
        CHECK_INT(asked_again(&server, resolver), 0);
        pass(2);
        CHECK_INT(asked_again(&server, resolver), 1);
    }
    fm_resolver_free(resolver);
    server_close(&server);
}

STORY(an_answer_that_forbids_it_is_not_kept)
{
    struct name_server server;
    server_open(&server, script_kept);
    server.number = 0;
    fm_resolver *resolver =
        resolver_with(server.address, (fm_resolver_options){.ttl_min = 60});
    CHECK_INT(asked_again(&server, resolver), 1);
    CHECK_INT(asked_again(&server, resolver), 1);
    fm_resolver_free(resolver);
    server_close(&server);
}

static void check_bounds(int says, int least, int most)
{
    struct name_server server;
    server_open(&server, script_kept);
    server.number = says;
    fm_resolver *resolver =
        resolver_with(server.address,
                      (fm_resolver_options){.ttl_min = least, .ttl_max = most});
    CHECK_INT(asked_again(&server, resolver), 1);
    pass(99);
    CHECK_INT(asked_again(&server, resolver), 0);
    pass(2);
    CHECK_INT(asked_again(&server, resolver), 1);
    fm_resolver_free(resolver);
    server_close(&server);
}

STORY(how_long_an_answer_is_kept_has_bounds)
{
    if (!test_simulated())
        return;
    check_bounds(1, 100, 0);
    check_bounds(1000, 0, 100);
    check_bounds(INT32_MAX, 0, 100);
}

STORY(a_time_above_31_bits_is_none)
{
    struct name_server server;
    server_open(&server, script_kept);
    server.number = -1;
    fm_resolver *resolver =
        resolver_with(server.address, (fm_resolver_options){0});
    CHECK_INT(asked_again(&server, resolver), 1);
    CHECK_INT(asked_again(&server, resolver), 1);
    fm_resolver_free(resolver);
    server_close(&server);
}

static void script_nobody(struct name_server *server, struct query *query)
{
    static struct packet packet;
    packet_begin(&packet, query, server->number == 1 ? 0 : RCODE_NXDOMAIN);
    if (server->number > 0)
        packet_soa(&packet, 100, 50);
    reply(server, query, &packet);
}

/* How often it is asked by two lookups in vain. */
static int asked_in_vain(int number, double between, int most)
{
    struct name_server server;
    server_open(&server, script_nobody);
    server.number = number;
    int code = number == 1 ? -FM_ENODATA : -FM_ENONAME;
    fm_resolver *resolver = resolver_with(
        server.address, (fm_resolver_options){.negative_max = most});
    CHECK_NONE(resolver, "host.example", AF_INET, code);
    if (between > 0)
        pass(between);
    CHECK_NONE(resolver, "host.example", AF_INET, code);
    int asked = server.asked;
    fm_resolver_free(resolver);
    server_close(&server);
    return asked;
}

STORY(that_there_is_nothing_is_kept_as_long_as_the_zone_says)
{
    CHECK_INT(asked_in_vain(1, 0, 0), 1);
    CHECK_INT(asked_in_vain(2, 0, 0), 1);
    CHECK_INT(asked_in_vain(0, 0, 0), 2); /* it says nothing */
    if (!test_simulated())
        return;
    CHECK_INT(asked_in_vain(2, 49, 0), 1);
    CHECK_INT(asked_in_vain(2, 51, 0), 2);
    CHECK_INT(asked_in_vain(2, 9, 10), 1);
    CHECK_INT(asked_in_vain(2, 11, 10), 2);
}

STORY(of_the_answers_above_the_limit_the_one_unused_longest_goes)
{
    struct name_server server;
    server_open(&server, script_kept);
    server.number = 600;
    fm_resolver *resolver =
        resolver_with(server.address, (fm_resolver_options){.cache_limit = 2});
    CHECK_FOUND(resolver, "a.example", AF_INET, "192.0.2.1:80");
    CHECK_FOUND(resolver, "b.example", AF_INET, "192.0.2.1:80");
    CHECK_FOUND(resolver, "a.example", AF_INET, "192.0.2.1:80");
    CHECK_INT(server.asked, 2); /* as many as the limit are kept */
    CHECK_FOUND(resolver, "c.example", AF_INET, "192.0.2.1:80");
    CHECK_FOUND(resolver, "a.example", AF_INET, "192.0.2.1:80");
    CHECK_INT(server.asked, 3);
    CHECK_FOUND(resolver, "b.example", AF_INET, "192.0.2.1:80");
    CHECK_INT(server.asked, 4);
    fm_resolver_free(resolver);
    server_close(&server);
}

/* Answers when the story says so. */
static fm_event released;

static void script_patient(struct name_server *server, struct query *query)
{
    if (fm_event_wait(&released) == 0)
        script_kept(server, query);
}

static int look(void *arg)
{
    fm_address found;
    const fm_resolve_options options = {arg, AF_INET};
    return fm_resolve("host.example", 80, &found, 1, &options);
}

/* Gives the server the time to be asked. */
static void wait_asked(const struct name_server *server, int asked)
{
    while (server->asked < asked)
        CHECK_INT(fm_sleep(0.001), 0);
}

STORY(equal_questions_at_once_are_asked_once)
{
    struct name_server server;
    fm_task *lookers[5];
    server_open(&server, script_patient);
    fm_event_clear(&released);
    fm_resolver *resolver =
        resolver_with(server.address, (fm_resolver_options){.timeout = 600});
    for (int i = 0; i < 5; i++)
        lookers[i] = fm_start(look, resolver);
    wait_asked(&server, 1);
    CHECK_INT(fm_stop(lookers[0]), -ECANCELED);
    CHECK_INT(fm_stop(lookers[3]), -ECANCELED);
    fm_event_set(&released);
    CHECK_INT(fm_await(lookers[1]), 1);
    CHECK_INT(fm_await(lookers[2]), 1);
    CHECK_INT(fm_await(lookers[4]), 1);
    CHECK_INT(server.asked, 1);
    fm_resolver_free(resolver);
    server_close(&server);
}

STORY(a_question_that_nobody_waits_for_is_taken_back)
{
    struct name_server server;
    int rc;
    server_open(&server, script_patient);
    fm_event_clear(&released);
    fm_resolver *resolver =
        resolver_with(server.address, (fm_resolver_options){.timeout = 600});
    FM_TIMEOUT(0.01, rc) {
        rc = look(resolver);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    fm_event_set(&released);
    CHECK_INT(look(resolver), 1);
    fm_resolver_free(resolver); /* while the first one may still be ending */
    server_close(&server);
}

STORY(a_lookup_that_begins_cut_asks_nobody)
{
    struct name_server server;
    server_open(&server, script_kept);
    fm_resolver *resolver =
        resolver_with(server.address, (fm_resolver_options){0});
    fm_task *looker = fm_start(look, resolver);
    CHECK_INT(fm_stop(looker), -ECANCELED);
    CHECK_INT(server.asked, 0);
    fm_resolver_free(resolver);
    server_close(&server);
}

/* Says by datagram to come by a stream, and says nothing there. */
static void script_mute(struct name_server *server, struct query *query)
{
    if (query->stream == NULL)
        reply_code(server, query, FLAG_TRUNCATED);
    else
        CHECK(fm_event_wait(&released) <= 0);
}

STORY(a_cut_ends_a_question_by_stream_too)
{
    struct name_server server;
    server_open(&server, script_mute);
    fm_event_clear(&released);
    fm_resolver *resolver =
        resolver_with(server.address, (fm_resolver_options){.timeout = 600});
    fm_task *looker = fm_start(look, resolver);
    wait_asked(&server, 2);
    CHECK_INT(fm_stop(looker), -ECANCELED);
    fm_event_set(&released);
    fm_resolver_free(resolver);
    server_close(&server);
}

/* A cut in each of the turns that a lookup takes, or moments where time is
 * virtual. On a real clock nobody knows how many there are. */
STORY(a_lookup_may_be_cut_at_any_turn)
{
    struct name_server server;
    int rc = -ECANCELED, most = test_simulated() ? 1000 : 100;
    server_open(&server, script_kept);
    server.number = 60;
    for (int turns = 0; rc < 0 && turns < most; turns++) {
        fm_resolver *resolver = resolver_with(
            server.address, (fm_resolver_options){.timeout = 600});
        fm_task *looker = fm_start(look, resolver);
        for (int i = 0; i < turns; i++)
            CHECK_INT(test_simulated() ? fm_sleep(1e-5) : fm_yield(), 0);
        rc = fm_stop(looker);
        CHECK(rc == 1 || rc == -ECANCELED);
        fm_resolver_free(resolver);
    }
    CHECK(rc == 1 || !test_simulated());
    server_close(&server);
}

static void script_deaf(struct name_server *server, struct query *query)
{
    if (query->nth >= server->number)
        reply_address(server, query, 60, "192.0.2.1");
}

STORY(a_question_that_was_lost_is_asked_again)
{
    struct name_server server;
    if (!test_simulated())
        return;
    server_open(&server, script_deaf);
    server.number = 1;
    fm_resolver *resolver =
        resolver_with(server.address, (fm_resolver_options){.timeout = 3});
    int64_t before = fm_now();
    CHECK_FOUND(resolver, "host.example", AF_INET, "192.0.2.1:80");
    CHECK_INT(server.asked, 2);
    CHECK(fm_now() - before >= INT64_C(3000000000));
    fm_resolver_free(resolver);
    server_close(&server);
}

STORY(silent_servers_are_asked_in_turn_as_often_as_it_was_said)
{
    struct name_server first, second;
    char both[FM_ADDRESS_TEXT * 3];
    if (!test_simulated())
        return;
    server_open(&first, script_deaf);
    server_open(&second, script_deaf);
    first.number = second.number = 100;
    snprintf(both, sizeof both, "%s %s", first.address, second.address);
    fm_resolver *resolver =
        resolver_with(both, (fm_resolver_options){.timeout = 2, .attempts = 3});
    CHECK_NONE(resolver, "host.example", AF_INET, -FM_ENOSERVER);
    CHECK_INT(first.asked, 3);
    CHECK_INT(second.asked, 3);
    second.number = 0;
    CHECK_FOUND(resolver, "host.example", AF_INET, "192.0.2.1:80");
    fm_resolver_free(resolver);
    server_close(&first);
    server_close(&second);
}

STORY(a_late_answer_to_an_earlier_try_finds_nobody)
{
    struct name_server server;
    if (!test_simulated())
        return;
    server_open(&server, script_patient);
    fm_event_clear(&released);
    fm_resolver *resolver = resolver_with(
        server.address, (fm_resolver_options){.timeout = 1, .attempts = 2});
    CHECK_NONE(resolver, "host.example", AF_INET, -FM_ENOSERVER);
    fm_event_set(&released);
    CHECK_INT(look(resolver), 1);
    fm_resolver_free(resolver);
    server_close(&server);
}

static void resolver_freed_in_use(void)
{
    struct name_server server;
    server_open(&server, script_deaf);
    server.number = 100;
    fm_resolver *resolver =
        resolver_with(server.address, (fm_resolver_options){.timeout = 600});
    fm_task *looker = fm_start(look, resolver);
    wait_asked(&server, 1);
    fm_resolver_free(resolver);
    (void)looker;
}

TEST(a_resolver_that_is_waited_for_is_not_freed)
{
    CHECK_DOOMED(resolver_freed_in_use,
                 "fm_resolver_free: a task waits for an answer");
}

static void left_behind(void)
{
    struct name_server server;
    server_open(&server, script_kept);
    server.number = 60;
    fm_resolver *resolver =
        resolver_with(server.address, (fm_resolver_options){0});
    CHECK_INT(asked_again(&server, resolver), 1);
    server_close(&server);
}

TEST(a_resolver_left_behind_is_reported)
{
    CHECK_INT(story_run(left_behind, (fm_run_options){0}), 0);
    CHECK(story_heard(FM_REPORT_LEFT_OPEN) != NULL);
    story_silent(__FILE__, __LINE__);
}
