/*
 * test_h2_cuts.c - requests that share a connection of HTTP/2 and are cut at
 * random, in one simulated world after the other
 *
 * FERMATA_SEED=N is where the worlds begin.
 */
#include "task/story.h"

#include "harness.h"

#include <errno.h>
#include <stdlib.h>

enum {
    CUTS_WORLDS = 20,
    CUTS_TASKS = 25,
    CUTS_TIMES = 4,    /* that each of them asks */
    CUTS_BODY = 150000 /* bytes: more than two windows */
};

static struct {
    fm_listener *listener;
    fm_http_client *client;
    char url[FM_ADDRESS_TEXT + 8];
    uint64_t chance;
    int running; /* handlers */
    int cut, whole;
    char body[CUTS_BODY];
} cuts;

static uint64_t cuts_random(uint64_t below)
{
    return test_random(&cuts.chance) % below;
}

static int cuts_rest(void)
{
    return cuts_random(3) == 0 ? fm_sleep((double)cuts_random(1000) * 1e-6) : 0;
}

/* Says as it hears, and rests now and then. */
static int cuts_say(fm_exchange *exchange)
{
    char buf[7000];
    ssize_t size = 0;
    int rc = fm_reply_begin(exchange, 200, -1);
    while (rc >= 0 && (size = fm_exchange_read(exchange, buf, sizeof buf)) > 0)
        rc = fm_reply_write(exchange, buf, (size_t)size) < 0 ? -EPIPE
                                                             : cuts_rest();
    return size < 0 ? (int)size : rc;
}

static int cuts_echo(fm_exchange *exchange, void *arg)
{
    (void)arg;
    cuts.running++;
    int rc = cuts_say(exchange);
    cuts.running--;
    return rc;
}

/* What is heard is what was said, if all of it is. */
static int cuts_ask(size_t size)
{
    const fm_http_request request = {.body = cuts.body, .body_size = size};
    fm_response *response;
    const char *bytes;
    int rc = fm_http_fetch(cuts.client, cuts.url, &response, &request);
    if (rc < 0)
        return rc;
    ssize_t heard = fm_response_load(response, &bytes);
    if (heard >= 0 && (heard != (ssize_t)size ||
                       (size > 0 && memcmp(bytes, cuts.body, size) != 0)))
        test_fail(__FILE__, __LINE__, "%zd bytes, not %zu", heard, size);
    fm_response_close(response);
    return heard < 0 ? (int)heard : 0;
}

static int cuts_asks(void *arg)
{
    (void)arg;
    for (int i = 0; i < CUTS_TIMES; i++) {
        int rc;
        double patience = cuts_random(2) == 0 ? 60 : 0.02;
        FM_TIMEOUT(patience *(double)cuts_random(1000) * 1e-3, rc) {
            rc = cuts_ask(cuts_random(CUTS_BODY));
        }
        cuts.whole += rc == 0;
        cuts.cut += rc == -ETIMEDOUT;
        if (rc != 0 && rc != -ETIMEDOUT)
            test_fail(__FILE__, __LINE__, "%s", fm_strerror(rc));
    }
    return 0;
}

static int cuts_serve(void *arg)
{
    (void)arg;
    return fm_http_serve(cuts.listener, cuts_echo, NULL);
}

static void cuts_open(void)
{
    const fm_http_client_options options = {.http2 = true, .of_origin = 1};
    CHECK_INT(fm_listen("127.0.0.1:0", &cuts.listener), 0);
    snprintf(cuts.url, sizeof cuts.url, "http://");
    fm_address_format(fm_listener_address(cuts.listener), cuts.url + 7);
    CHECK_INT(fm_http_client_open(&cuts.client, &options), 0);
    for (size_t i = 0; i < CUTS_BODY; i++)
        cuts.body[i] = (char)(i * 7 + i / 251);
}

/* Whoever was cut has taken its own request with it, and the connection serves
 * who comes next. */
static void cuts_world(void)
{
    int rc;
    cuts_open();
    fm_task *server = fm_start(cuts_serve, NULL);
    FM_GROUP(group, rc) {
        for (int i = 0; rc == 0 && i < CUTS_TASKS; i++)
            rc = fm_group_start(group, cuts_asks, NULL);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(cuts_ask(CUTS_BODY), 0);
    CHECK_INT(fm_http_client_connections(cuts.client), 1);
    CHECK_INT(cuts.running, 0);
    fm_http_client_close(cuts.client);
    fm_serve_stop(cuts.listener);
    CHECK_INT(fm_await(server), 0);
}

TEST(requests_that_are_cut_at_random_take_no_other_with_them)
{
    uint64_t seed = test_seed(1);
    int cut = 0, whole = 0;
    for (size_t i = 0; i < test_many(CUTS_WORLDS); i++) {
        memset(&cuts, 0, sizeof cuts);
        cuts.chance = seed + i;
        const fm_run_options world = {.backend = "sim", .seed = seed + i};
        CHECK_INT(story_run(cuts_world, world), 0);
        story_silent(__FILE__, __LINE__);
        cut += cuts.cut;
        whole += cuts.whole;
    }
    CHECK(cut > 10);
    CHECK(whole > 10);
}
