/*
 * test_h2_none.c - HTTP/2 where the library was built without nghttp2: the
 * program has that file of the library's, whatever the library has
 */
#include "http/http_play.h"

#include "harness.h"

#include <errno.h>

static int greet(fm_exchange *exchange, void *arg)
{
    (void)arg;
    return fm_reply_text(exchange, 200, fm_exchange_protocol(exchange));
}

STORY(without_nghttp2_the_preface_is_no_request)
{
    static struct play scene = {
        .words = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        .handler = greet,
    };
    play(&scene);
    CHECK(strncmp(scene.answer, "HTTP/1.1 505 ", 13) == 0);
}

STORY(without_nghttp2_who_wants_nothing_else_is_told)
{
    fm_http_client *client = NULL;
    CHECK_INT(
        fm_http_client_open(&client, &(fm_http_client_options){.handler = greet,
                                                               .http2 = true}),
        -EPROTONOSUPPORT);
    CHECK(client == NULL);
}

STORY(without_nghttp2_http_1_1_is_spoken)
{
    fm_http_client *client;
    fm_response *response;
    const char *bytes;
    CHECK_INT(fm_http_client_open(&client,
                                  &(fm_http_client_options){.handler = greet}),
              0);
    CHECK_INT(fm_http_fetch(client, "http://a/", &response), 0);
    CHECK_INT(fm_response_load(response, &bytes), 8);
    CHECK(strcmp(bytes, "HTTP/1.1") == 0);
    fm_response_close(response);
    fm_http_client_close(client);
}
