/*
 * test_https.c - requests by TLS, and who is believed
 */
#include "task/story.h"

#include "http/client_record.h"
#include "net/tls_kit.h"

#include "harness.h"

#include <errno.h>

/* A server of TLS; it is example.org, 127.0.0.1 and ::1. */
struct hall {
    fm_listener *listener;
    fm_task *server;
    fm_tls *tls;
    const char *spoken;
    char address[FM_ADDRESS_TEXT];
    int requests;
};

static struct hall hall;
static fm_http_failure failure;

static int greet(fm_exchange *exchange, void *arg)
{
    (void)arg;
    hall.requests++;
    hall.spoken = fm_exchange_protocol(exchange);
    return fm_reply_text(exchange, 200, "in private");
}

static int hall_run(void *arg)
{
    const fm_http_serve_options options = {.serve = {.tls = hall.tls}};
    (void)arg;
    return fm_http_serve(hall.listener, greet, NULL, &options);
}

static void hall_open_for(const char *alpn)
{
    memset(&hall, 0, sizeof hall);
    hall.tls = kit_server_tls((fm_tls_options){.alpn = alpn});
    CHECK_INT(fm_listen("127.0.0.1:0", &hall.listener), 0);
    fm_address_format(fm_listener_address(hall.listener), hall.address);
    hall.server = fm_start(hall_run, NULL);
}

static void hall_open(void)
{
    hall_open_for("http/1.1");
}

static void hall_close(void)
{
    fm_stop(hall.server);
    fm_tls_free(hall.tls);
}

/* As often as was said, by one client. */
static int ask(const char *url, fm_http_client_options options, int times)
{
    fm_http_client *client;
    int rc = 0;
    CHECK_INT(fm_http_client_open(&client, &options), 0);
    for (int i = 0; rc == 0 && i < times; i++) {
        fm_response *response;
        const char *bytes;
        rc = fm_http_fetch(client, url, &response,
                           &(fm_http_request){.failure = &failure});
        if (rc < 0)
            break;
        CHECK_INT((int)fm_response_load(response, &bytes), 10);
        CHECK_TEXT(bytes, "in private");
        fm_response_close(response);
        CHECK_INT((int)fm_http_client_connections(client), 1);
    }
    fm_http_client_close(client);
    return rc;
}

STORY(a_request_goes_by_tls)
{
    char url[FM_ADDRESS_TEXT + 16];
    fm_tls *tls = kit_client_tls((fm_tls_options){.alpn = "http/1.1"});
    hall_open();
    snprintf(url, sizeof url, "https://%s/", hall.address);
    CHECK_INT(ask(url, (fm_http_client_options){.tls = tls}, 3), 0);
    CHECK_INT(hall.requests, 3);
    fm_tls_free(tls);
    hall_close();
}

STORY(http_2_is_what_tls_agrees_on)
{
    static const struct {
        const char *alpn;
        bool http1;
        const char *spoken;
    } rows[] = {
        {"h2,http/1.1", false, "HTTP/2"},
        {"http/1.1,h2", false, "HTTP/1.1"},
        {"h2,http/1.1", true, "HTTP/1.1"},
        {NULL, false, "HTTP/1.1"},
    };
    char url[FM_ADDRESS_TEXT + 16];
    fm_tls *tls = kit_client_tls((fm_tls_options){0});
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!fm__h2_is_built() && rows[i].alpn != NULL)
            continue; /* who does not speak it may not offer it */
        hall_open_for(rows[i].alpn);
        snprintf(url, sizeof url, "https://%s/", hall.address);
        const fm_http_client_options options = {.tls = tls,
                                                .http1 = rows[i].http1};
        CHECK_INT(ask(url, options, 3), 0);
        CHECK_INT(hall.requests, 3);
        CHECK_TEXT(hall.spoken, rows[i].spoken);
        hall_close();
    }
    fm_tls_free(tls);
}

/* Or each client that chooses it would hear HTTP/1.1. */
STORY(who_does_not_speak_http_2_may_not_offer_it)
{
    static const char *const offers[] = {"h2,http/1.1", "http/1.1,h2", "h2"};
    for (size_t i = 0; i < 3; i++) {
        fm_listener *listener;
        fm_tls *tls = kit_server_tls((fm_tls_options){.alpn = offers[i]});
        const fm_http_serve_options options = {.serve = {.tls = tls},
                                               .http1 = true};
        CHECK_INT(fm_listen("127.0.0.1:0", &listener), 0);
        CHECK_INT(fm_http_serve(listener, greet, NULL, &options), -EINVAL);
        fm_tls_free(tls);
    }
}

struct visit {
    fm_http_client *client;
    const char *url;
};

static int visit(void *arg)
{
    const struct visit *self = arg;
    fm_response *response;
    const char *bytes;
    CHECK_INT(fm_http_fetch(self->client, self->url, &response), 0);
    CHECK_INT((int)fm_response_load(response, &bytes), 10);
    fm_response_close(response);
    return 0;
}

/* Only the first had to tell. */
STORY(connections_of_http_1_are_made_at_once)
{
    char url[FM_ADDRESS_TEXT + 16];
    fm_tls *tls = kit_client_tls((fm_tls_options){0});
    const fm_http_client_options options = {.tls = tls};
    struct visit self = {.url = url};
    fm_response *busy;
    fm_task *tasks[3];
    hall_open();
    snprintf(url, sizeof url, "https://%s/", hall.address);
    CHECK_INT(fm_http_client_open(&self.client, &options), 0);
    CHECK_INT(fm_http_fetch(self.client, url, &busy), 0);
    for (int i = 0; i < 3; i++)
        tasks[i] = fm_start(visit, &self);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT((int)fm_http_client_connections(self.client), 4);
    for (int i = 0; i < 3; i++)
        CHECK_INT(fm_await(tasks[i]), 0);
    fm_response_close(busy);
    fm_http_client_close(self.client);
    fm_tls_free(tls);
    hall_close();
}

STORY(the_host_of_the_url_has_to_answer)
{
    static const struct {
        const char *url;
        int result;
    } rows[] = {
        {"https://example.org/", 0},
        {"https://a.example.net/", 0},
        {"https://example.com/", -FM_ECERT_NAME},
        {"https://127.0.0.1/", 0},
        {"https://[::1]/", 0},
        {"https://127.0.0.2/", -FM_ECERT_NAME},
    };
    fm_tls *tls = kit_client_tls((fm_tls_options){.alpn = "http/1.1"});
    hall_open();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const fm_http_client_options options = {.tls = tls,
                                                .address = hall.address};
        CHECK_INT(ask(rows[i].url, options, 1), rows[i].result);
        CHECK_INT(failure.code, rows[i].result);
        if (rows[i].result < 0)
            CHECK_INT(failure.step, FM_HTTP_STEP_TLS);
    }
    fm_tls_free(tls);
    hall_close();
}

STORY(a_stranger_s_certificate_is_refused_by_default)
{
    hall_open();
    int rc = ask("https://example.org/",
                 (fm_http_client_options){.address = hall.address}, 1);
    CHECK(rc <= -FM_ETLS && rc >= -FM_ECERT_INVALID);
    CHECK_INT(failure.step, FM_HTTP_STEP_TLS);
    CHECK_INT(hall.requests, 0);
    hall_close();
}

STORY(who_says_nothing_is_given_up)
{
    fm_tls *tls = kit_client_tls((fm_tls_options){.alpn = "http/1.1"});
    fm_listener *listener;
    char address[FM_ADDRESS_TEXT];
    CHECK_INT(fm_listen("127.0.0.1:0", &listener), 0);
    fm_address_format(fm_listener_address(listener), address);
    /* nobody accepts, so nobody answers */
    const fm_http_client_options options = {
        .tls = tls, .address = address, .connect_timeout = 0.05};
    CHECK_INT(ask("https://example.org/", options, 1), -ETIMEDOUT);
    if (test_simulated()) /* a machine may be slow to connect as well */
        CHECK_INT(failure.step, FM_HTTP_STEP_TLS);
    fm_listener_close(listener);
    fm_tls_free(tls);
}
