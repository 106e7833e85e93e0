/*
 * test_http_proxies.c - requests by proxies, and who is asked without one
 */
#include "http/client_record.h"
#include "http/http_stage.h"

#include "harness.h"

#include <errno.h>
#include <stdlib.h>

#define FINE "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine"

static struct stage stage;
static char proxy[FM_ADDRESS_TEXT + 16];

/* Asks one after the other. */
static int ask(const char *const *urls, const fm_http_client_options *options,
               fm_http_failure *failure)
{
    const fm_http_request request = {.failure = failure};
    fm_http_client *client;
    int rc = fm_http_client_open(&client, options);
    CHECK_INT(rc, 0);
    for (; rc == 0 && *urls != NULL; urls++) {
        fm_response *response;
        const char *bytes;
        rc = fm_http_fetch(client, *urls, &response, &request);
        if (rc == 0) {
            CHECK_INT((int)fm_response_load(response, &bytes), 4);
            fm_response_close(response);
        }
    }
    fm_http_client_close(client);
    return rc;
}

STORY(plain_http_is_said_to_the_proxy_itself)
{
    static const struct stage_act acts[] = {
        {FINE, STAGE_STAYS}, {FINE, STAGE_STAYS}, {0}};
    static const char *const urls[] = {"http://one.example/a?b#c",
                                       "http://u:w@two.example:81/", NULL};
    stage_open(&stage, acts);
    snprintf(proxy, sizeof proxy, "http://me:pass@%s", stage.address);
    CHECK_INT(ask(urls, &(fm_http_client_options){.proxy = proxy}, NULL), 0);
    CHECK_INT(stage.connections, 1);
    const char *second = strchr(stage.heard, '|') + 1;
    CHECK(strncmp(stage.heard,
                  "GET http://one.example/a?b HTTP/1.1\r\n"
                  "Host: one.example\r\n"
                  "Proxy-Authorization: Basic bWU6cGFzcw==\r\n",
                  97) == 0);
    CHECK(strncmp(second, "GET http://two.example:81/ HTTP/1.1\r\n", 37) == 0);
    CHECK_SAID(stage_field(&stage, 1, "Authorization"), "Basic dTp3");
    CHECK_SAID(stage_field(&stage, 0, "Authorization"), "-");
    stage_close(&stage);
}

STORY(https_goes_through_a_tunnel)
{
    static const struct stage_act acts[] = {
        {"HTTP/1.1 407 Who?\r\n\r\n", STAGE_CLOSES}, {0}};
    static const char *const urls[] = {"https://one.example/", NULL};
    fm_http_failure failure = {0};
    stage_open(&stage, acts);
    snprintf(proxy, sizeof proxy, "http://%s", stage.address);
    int rc = ask(urls, &(fm_http_client_options){.proxy = proxy}, &failure);
    if (rc == -EPROTONOSUPPORT) {
        CHECK_INT(failure.step, FM_HTTP_STEP_TLS);
    } else {
        CHECK_INT(rc, -FM_EPROXYLOGIN);
        CHECK_INT(failure.step, FM_HTTP_STEP_PROXY);
        CHECK(strncmp(stage.heard, "CONNECT one.example:443 HTTP/1.1\r\n",
                      34) == 0);
    }
    stage_close(&stage);
}

STORY(a_websocket_goes_through_a_tunnel)
{
    static const struct stage_act acts[] = {
        {"HTTP/1.1 200 Tunnel\r\n\r\n", STAGE_STAYS},
        {"HTTP/1.1 404 None\r\nContent-Length: 0\r\n\r\n", STAGE_STAYS},
        {"HTTP/1.1 407 Who?\r\n\r\n", STAGE_CLOSES},
        {0}};
    fm_http_failure failure = {0};
    fm_http_client *client;
    fm_ws *ws;
    stage_open(&stage, acts);
    snprintf(proxy, sizeof proxy, "http://me:pass@%s", stage.address);
    CHECK_INT(
        fm_http_client_open(&client, &(fm_http_client_options){.proxy = proxy}),
        0);
    CHECK_INT(fm_ws_connect(client, "ws://one.example/", &ws), -FM_ENOWS);
    const char *second = strchr(stage.heard, '|') + 1;
    CHECK(strncmp(second, "GET / HTTP/1.1\r\nHost: one.example\r\n", 35) == 0);
    CHECK_SAID(stage_field(&stage, 1, "Proxy-Authorization"), "-");
    CHECK_INT(fm_ws_connect(client, "ws://two.example/", &ws,
                            &(fm_ws_options){.failure = &failure}),
              -FM_EPROXYLOGIN);
    fm_http_client_close(client);
    CHECK_INT(failure.step, FM_HTTP_STEP_PROXY);
    CHECK(strncmp(stage.heard, "CONNECT one.example:80 HTTP/1.1\r\n", 33) == 0);
    stage_close(&stage);
}

STORY(who_is_an_exception_is_asked_without)
{
    static const struct stage_act acts[] = {{FINE, STAGE_STAYS}, {0}};
    stage_open(&stage, acts);
    const char *const urls[] = {stage.url, NULL};
    CHECK_INT(ask(urls,
                  &(fm_http_client_options){.proxy = "http://127.0.0.1:1",
                                            .no_proxy = "127.0.0.1"},
                  NULL),
              0);
    CHECK(strncmp(stage.heard, "GET / HTTP/1.1\r\n", 16) == 0);
    CHECK_SAID(stage_field(&stage, 0, "Proxy-Authorization"), "-");
    stage_close(&stage);
}

STORY(an_address_is_asked_without)
{
    static const struct stage_act acts[] = {{FINE, STAGE_STAYS}, {0}};
    static const char *const urls[] = {"http://one.example/", NULL};
    stage_open(&stage, acts);
    CHECK_INT(ask(urls,
                  &(fm_http_client_options){.proxy = "http://127.0.0.1:1",
                                            .address = stage.address},
                  NULL),
              0);
    CHECK_SAID(stage_field(&stage, 0, "Host"), "one.example");
    stage_close(&stage);
}

/* ---- which one ---------------------------------------------------------- */

/* The proxy's text, or "-". */
static const char *asked_by(const fm_http_client *client, const char *text)
{
    fm_url *url;
    CHECK_INT(fm_url_parse(text, NULL, &url), 0);
    const struct fm__proxying *found = fm__proxies_find(client, url);
    fm_url_free(url);
    return found != NULL ? found->text : "-";
}

STORY(exceptions_are_hosts_and_what_is_below_them)
{
    static const struct {
        const char *list, *url;
        bool excepted;
    } rows[] = {
        {"", "http://a.example/", false},
        {"*", "http://a.example/", true},
        {"a.example", "http://a.example/", true},
        {"A.Example", "http://a.example/", true},
        {"example", "http://a.example/", true},
        {".example", "http://a.example/", true},
        {".a.example", "http://a.example/", true},
        {"x, ,b.example a.example", "https://a.example:444/", true},
        {"a.example", "http://a.example./", true},
        {"a.example", "http://b.a.example/", true},
        {"a.example", "http://ba.example/", false},
        {"b.a.example", "http://a.example/", false},
        {"a.exampl", "http://a.example/", false},
        {".", "http://a.example/", false},
        {"**", "http://a.example/", false},
        {"127.0.0.1", "http://127.0.0.1:8080/", true},
        {"0.0.1", "http://127.0.0.1/", false},
        {"[::1]", "http://[::1]:80/", true},
        {"::1", "http://[::1]/", true},
        {"1]", "http://[::1]/", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const fm_http_client_options options = {.proxy = "http://p:1",
                                                .no_proxy = rows[i].list};
        fm_http_client *client;
        CHECK_INT(fm_http_client_open(&client, &options), 0);
        CHECK_SAID(asked_by(client, rows[i].url),
                   rows[i].excepted ? "-" : "http://p:1");
        fm_http_client_close(client);
    }
}

STORY(a_proxy_that_is_none_opens_no_client)
{
    static const char *const texts[] = {"p:1",        "https://p:1",
                                        "http://",    "ftp://p:1",
                                        "http://p:x", "socks4://p:1"};
    fm_http_client *client = NULL;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        CHECK_INT(fm_http_client_open(
                      &client, &(fm_http_client_options){.proxy = texts[i]}),
                  -EINVAL);
    CHECK(client == NULL);
}

static const char *const variables[] = {
    "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY",
    "all_proxy",  "ALL_PROXY",  "no_proxy",    "NO_PROXY"};

STORY(the_environment_may_say_which)
{
    static const struct {
        const char *name[2], *value[2];
        const char *http, *https;
    } rows[] = {
        {{0}, {0}, "-", "-"},
        {{"http_proxy"}, {"http://p:1"}, "http://p:1", "-"},
        {{"http_proxy"}, {"http://p"}, "http://p:80", "-"},
        {{"http_proxy"}, {"p:1"}, "http://p:1", "-"},
        {{"http_proxy"}, {"http://a:b@p:1/"}, "http://a:b@p:1", "-"},
        {{"HTTP_PROXY"}, {"http://p:1"}, "-", "-"},
        {{"https_proxy"}, {"http://p:1"}, "-", "http://p:1"},
        {{"HTTPS_PROXY"}, {"socks5://p:1"}, "-", "socks5://p:1"},
        {{"all_proxy"}, {"socks5h://p:1"}, "socks5h://p:1", "socks5h://p:1"},
        {{"ALL_PROXY", "http_proxy"},
         {"p:1", "q:2"},
         "http://q:2",
         "http://p:1"},
        {{"all_proxy", "http_proxy"}, {"p:1", ""}, "-", "http://p:1"},
        {{"all_proxy", "no_proxy"}, {"p:1", "example"}, "-", "-"},
        {{"all_proxy", "NO_PROXY"}, {"p:1", "*"}, "-", "-"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fm_http_client *client;
        for (size_t k = 0; k < sizeof variables / sizeof variables[0]; k++)
            unsetenv(variables[k]);
        for (size_t k = 0; k < 2; k++)
            if (rows[i].name[k] != NULL)
                setenv(rows[i].name[k], rows[i].value[k], 1);
        CHECK_INT(fm_http_client_open(
                      &client, &(fm_http_client_options){.environment = true}),
                  0);
        CHECK_SAID(asked_by(client, "http://a.example/"), rows[i].http);
        CHECK_SAID(asked_by(client, "https://a.example/"), rows[i].https);
        fm_http_client_close(client);
        CHECK_INT(fm_http_client_open(&client), 0);
        CHECK_SAID(asked_by(client, "http://a.example/"), "-");
        fm_http_client_close(client);
    }
}
