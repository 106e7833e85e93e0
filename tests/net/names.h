/*
 * names.h - a world for races: names that take their time, and addresses that
 * answer when and how they are told to
 *
 * Two listeners answer for every address at port 80; a route makes one late,
 * or refuses for it. In the simulator alone.
 */
#ifndef TESTS_NET_NAMES_H
#define TESTS_NET_NAMES_H

#include "neighbours.h"

#include "net/race.h"

#include <netinet/in.h>

#define NAMES_ROUTES 64
#define NEVER INFINITY

/* What a lookup of one family comes to. */
struct names_answer {
    double delay; /* s */
    int error;
    size_t count;
    const char *addresses[FM__FOUND_LIMIT]; /* with a port, which is unused */
};

static struct names_answer names_v6, names_v4;
static int64_t names_asked[2]; /* when: IPv6, IPv4 */
static fm_address names_to[NAMES_ROUTES];
static struct fm__sim_route names_routes[NAMES_ROUTES + 1];
static size_t names_route_count;
static fm_listener *names_listeners[2];
static fm_connect_failures names_failures;

static inline int names_look_up(const char *host, int family,
                                struct fm__found *found)
{
    const struct names_answer *answer =
        family == AF_INET6 ? &names_v6 : &names_v4;
    CHECK(strcmp(host, "many.example") == 0);
    names_asked[family == AF_INET] = fm_now();
    int rc = answer->delay > 0 ? fm_sleep(answer->delay) : 0;
    if (rc < 0)
        return rc;
    found->count = answer->count;
    for (size_t i = 0; i < answer->count; i++)
        CHECK_INT(fm_address_parse(answer->addresses[i], &found->addresses[i]),
                  0);
    return answer->error;
}

/* A connect to this address takes so long, and ends with the result. */
static inline void route(const char *to, double delay, int result)
{
    size_t i = names_route_count++;
    CHECK(i < NAMES_ROUTES);
    CHECK_INT(fm_address_parse(to, &names_to[i]), 0);
    names_routes[i] = (struct fm__sim_route){
        .to = (const struct sockaddr *)&names_to[i].storage,
        .delay = isinf(delay) ? INT64_MAX : (int64_t)(delay * 1e9),
        .result = result,
    };
}

static inline void names_begin(void)
{
    static const char *const everywhere[2] = {"[::]:80", "0.0.0.0:80"};
    for (int i = 0; i < 2; i++)
        CHECK_INT(fm_listen(everywhere[i], &names_listeners[i]), 0);
}

static inline void names_end(void)
{
    for (int i = 0; i < 2; i++)
        CHECK_INT(fm_listener_close(names_listeners[i]), 0);
}

static inline int names_run(void (*body)(void), int descriptors)
{
    const struct fm__sim_options world = {.prompt = true,
                                          .whole = true,
                                          .descriptors = descriptors,
                                          .routes = names_routes};
    memset(&names_v6, 0, sizeof names_v6);
    memset(&names_v4, 0, sizeof names_v4);
    memset(names_routes, 0, sizeof names_routes);
    names_route_count = 0;
    fm__sim_options = &world;
    fm__race_names = names_look_up;
    int rc = story_run(body, (fm_run_options){0});
    fm__race_names = NULL;
    fm__sim_options = NULL;
    return rc;
}

/* A story in that world. */
#define RACE(test_name)                                                        \
    static void test_name##_told(void);                                        \
    static void test_name##_raced(void)                                        \
    {                                                                          \
        names_begin();                                                         \
        test_name##_told();                                                    \
        names_end();                                                           \
    }                                                                          \
    TEST(test_name)                                                            \
    {                                                                          \
        CHECK_INT(names_run(test_name##_raced, 0), 0);                         \
        story_silent(__FILE__, __LINE__);                                      \
    }                                                                          \
    static void test_name##_told(void)

/* Connects to the name, whatever else the options say; how long it took. */
static inline int reach(fm_stream **stream, double *seconds,
                        fm_connect_options options)
{
    int64_t began = fm_now();
    options.failures = &names_failures;
    int rc = fm_connect("many.example:80", stream, &options);
    *seconds = (double)(fm_now() - began) / 1e9;
    return rc;
}

/* It took so many seconds, and a few looks at the clock. */
static inline void check_took(double seconds, double expected)
{
    if (seconds < expected || seconds > expected + 0.002)
        test_fail(__FILE__, __LINE__, "it took %f s, not %f", seconds,
                  expected);
}

static inline void check_address(const fm_address *address, const char *text)
{
    char is[FM_ADDRESS_TEXT];
    if (strcmp(fm_address_format(address, is), text) != 0)
        test_fail(__FILE__, __LINE__, "it is %s, not %s", is, text);
}

/* The connection stands, after so long, to this address; and is closed. */
static inline void check_reaches(const char *address, double expected)
{
    fm_stream *stream = NULL;
    fm_address peer;
    double seconds;
    uint64_t held = fm__atomic_load(&fm__ledger[FM__HELD_DESCRIPTORS]);
    CHECK_INT(reach(&stream, &seconds, (fm_connect_options){0}), 0);
    if (stream == NULL)
        return;
    CHECK_INT(fm__atomic_load(&fm__ledger[FM__HELD_DESCRIPTORS]), held + 1);
    check_took(seconds, expected);
    CHECK_INT(fm_stream_peer(stream, &peer), 0);
    check_address(&peer, address);
    CHECK_INT(fm_close(stream), 0);
}

static inline void check_fails(int result, double expected)
{
    fm_stream *stream = NULL;
    double seconds;
    uint64_t held = fm__atomic_load(&fm__ledger[FM__HELD_DESCRIPTORS]);
    CHECK_INT(reach(&stream, &seconds, (fm_connect_options){0}), result);
    CHECK(stream == NULL);
    CHECK_INT(fm__atomic_load(&fm__ledger[FM__HELD_DESCRIPTORS]), held);
    check_took(seconds, expected);
}

/* The i-th attempt that failed. */
static inline void check_failed(size_t i, const char *address, int error)
{
    CHECK(i < names_failures.count);
    check_address(&names_failures.first[i].address, address);
    CHECK_INT(names_failures.first[i].error, error);
}

#endif
