/*
 * test_coding_none.c - codings where the library was built without others: the
 * program has those files of the library's, whatever the library has
 */
#include "http/http_play.h"
#include "http/http_stage.h"

#include "harness.h"

#include <errno.h>

static const char page[2000] = {'x'};

static int reply(fm_exchange *exchange, void *arg)
{
    (void)arg;
    int rc = fm_reply_set(exchange, "Content-Type", "text/plain");
    return rc < 0 ? rc : fm_reply(exchange, 200, page, sizeof page);
}

STORY(without_their_libraries_nothing_is_coded)
{
    static struct play scene = {
        .words = "GET / HTTP/1.1\r\nHost: a\r\n"
                 "Accept-Encoding: gzip, br, zstd\r\n\r\n",
        .handler = reply,
        .options = {.compress = true},
    };
    play(&scene);
    CHECK(strstr(scene.answer, "Content-Encoding") == NULL);
    CHECK(strstr(scene.answer, "Content-Length: 2000\r\n") != NULL);
}

STORY(without_their_libraries_nothing_is_known)
{
    static const char *const names[] = {"gzip", "deflate", "br", "zstd"};
    fm_stream *ends[2];
    CHECK_INT(fm_stream_pair(ends), 0);
    for (int i = 0; i < 4; i++) {
        CHECK(!fm_coding_known(names[i]));
        CHECK_INT(fm_decode_start(ends[0], names[i]), -FM_ECODEDKIND);
        CHECK_INT(fm_encode_start(ends[0], names[i]), -FM_ECODEDKIND);
    }
    CHECK_INT(fm_close(ends[0]), 0);
    CHECK_INT(fm_close(ends[1]), 0);
}

STORY(without_their_libraries_nothing_is_asked_for)
{
    static const struct stage_act acts[] = {
        {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
         "Content-Length: 5\r\n\r\ncoded",
         STAGE_CLOSES},
        {0}};
    static struct stage stage;
    fm_http_client *client;
    fm_response *response;
    const char *bytes;
    stage_open(&stage, acts);
    CHECK_INT(fm_http_client_open(&client), 0);
    CHECK_INT(fm_http_fetch(client, stage.url, &response), 0);
    CHECK_SAID(stage_field(&stage, 0, "Accept-Encoding"), "-");
    CHECK(!fm_response_decoded(response));
    CHECK_INT(fm_response_load(response, &bytes), 5);
    fm_response_close(response);
    fm_http_client_close(client);
    stage_close(&stage);
}
