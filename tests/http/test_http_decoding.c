/*
 * test_http_decoding.c - answers in a content coding
 */
#include "http/http_stage.h"
#include "http/pack.h"

#include "harness.h"

#include <errno.h>

enum {
    ROOM = 1 << 18,
    LARGE = 5000
};

static char text[LARGE], coded[ROOM], said[ROOM];
static fm_http_failure failure;

static void write_text(void)
{
    uint64_t seed = 7;
    for (size_t i = 0; i < LARGE; i++)
        text[i] = (char)("the quick brown fox\n"[test_random(&seed) % 20]);
}

static struct stage stage;

/* An answer of these fields, and so many bytes of a body. */
static size_t compose(char *at, const char *head, const void *bytes,
                      size_t size)
{
    size_t count = strlen(head);
    memcpy(at, head, count);
    memcpy(at + count, bytes, size);
    return count + size;
}

/* What comes of a request: the size, or a failure. */
static ssize_t ask_stage(const fm_http_request *request, bool decoded)
{
    fm_http_client *client;
    fm_response *response;
    const char *bytes;
    CHECK_INT(fm_http_client_open(&client), 0);
    ssize_t rc = fm_http_fetch(client, stage.url, &response, request);
    CHECK_INT(rc, 0);
    if (rc == 0) {
        CHECK(fm_response_decoded(response) == decoded);
        rc = fm_response_load(response, &bytes);
        if (rc >= 0)
            memcpy(said, bytes, (size_t)rc);
        CHECK_INT(fm_response_load(response, &bytes), rc);
        fm_response_close(response);
    }
    fm_http_client_close(client);
    return rc;
}

/* Of an answer that ends with its connection. */
static ssize_t ask_once(const char *head, size_t size, bool decoded,
                        const fm_http_request *request)
{
    static char answer[ROOM];
    static const struct stage_act acts[] = {{answer, STAGE_CLOSES}, {0}};
    const size_t whole_size = compose(answer, head, coded, size);
    stage_open(&stage, acts);
    stage.sizes = &whole_size;
    ssize_t rc = ask_stage(request, decoded);
    stage_close(&stage);
    return rc;
}

#define CODED(coding) "HTTP/1.1 200 OK\r\nContent-Encoding: " coding "\r\n\r\n"

STORY(an_answer_is_decoded)
{
    write_text();
    size_t size = pack("gzip", (struct fm__slice){text, 5000}, coded, ROOM);
    CHECK_INT(ask_once(CODED("X-Gzip"), size, true, NULL), 5000);
    CHECK(memcmp(said, text, 5000) == 0);
    CHECK_INT(ask_once(CODED("gzip"), 0, true, NULL), 0);
    CHECK_INT(ask_once(CODED("gzip"), size - 1, true, NULL), -FM_ECODEDSHORT);
    CHECK_INT(ask_once(CODED("br"), size, true, NULL), -FM_ECODED);
    size = pack("zstd", (struct fm__slice){coded, size}, said, ROOM);
    memcpy(coded, said, size);
    CHECK_INT(
        ask_once(CODED("gzip\r\nContent-Encoding: zstd"), size, true, NULL),
        5000);
}

STORY(a_coding_that_is_not_known_is_passed_through)
{
    memcpy(coded, "other", 5);
    CHECK_INT(ask_once(CODED("compress"), 5, false, NULL), 5);
    CHECK(memcmp(said, "other", 5) == 0);
    CHECK_INT(ask_once(CODED("gzip, gzip, gzip"), 5, false, NULL), 5);
    CHECK_INT(
        ask_once(CODED("gzip, aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
                 5, false, NULL),
        5);
    CHECK_INT(ask_once(CODED("identity"), 5, false, NULL), 5);
}

STORY(who_says_what_it_takes_gets_it_as_it_comes)
{
    static const fm_http_field takes[] = {{"accept-encoding", "gzip"}, {0}};
    static const fm_http_field part[] = {{"Range", "bytes=0-4"}, {0}};
    memcpy(coded, "other", 5);
    CHECK_INT(
        ask_once(CODED("gzip"), 5, false, &(fm_http_request){.fields = takes}),
        5);
    CHECK_SAID(stage_field(&stage, 0, "accept-encoding"), "gzip");
    CHECK_INT(
        ask_once(CODED("gzip"), 5, false, &(fm_http_request){.fields = part}),
        5);
    CHECK_SAID(stage_field(&stage, 0, "Accept-Encoding"), "-");
    CHECK_INT(
        ask_once(CODED("gzip"), 5, false, &(fm_http_request){.raw = true}), 5);
    CHECK_SAID(stage_field(&stage, 0, "Accept-Encoding"), "-");
}

STORY(a_part_of_something_coded_is_not_decoded)
{
    memcpy(coded, "other", 5);
    CHECK_INT(ask_once("HTTP/1.1 206 Part\r\nContent-Encoding: gzip\r\n\r\n", 5,
                       false, NULL),
              5);
}

STORY(answers_without_a_body_are_not_decoded)
{
    static const struct stage_act acts[] = {
        {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
         "Content-Length: 77\r\n\r\n",
         STAGE_STAYS},
        {"HTTP/1.1 304 Same\r\nContent-Encoding: gzip\r\n\r\n", STAGE_STAYS},
        {0}};
    fm_http_client *client;
    fm_response *response;
    stage_open(&stage, acts);
    CHECK_INT(fm_http_client_open(&client), 0);
    for (int i = 0; i < 2; i++) {
        const fm_http_request request = {.method = i == 0 ? "HEAD" : "GET"};
        CHECK_INT(fm_http_fetch(client, stage.url, &response, &request), 0);
        CHECK_INT(fm_response_length(response), i == 0 ? 77 : 0);
        CHECK(!fm_response_decoded(response));
        CHECK_INT(fm_response_read(response, said, 8), 0);
        fm_response_close(response);
    }
    CHECK_INT(stage.connections, 1);
    fm_http_client_close(client);
    stage_close(&stage);
}

/* The first half ends with the connection; the rest is that of such a head. */
static ssize_t ask_twice(const char *first, const char *second, size_t size)
{
    static char answers[2][ROOM];
    const fm_http_request request = {.resumes = 1, .failure = &failure};
    size_t half = size / 2;
    static const struct stage_act acts[] = {
        {answers[0], STAGE_CLOSES}, {answers[1], STAGE_CLOSES}, {0}};
    const size_t sizes[] = {
        compose(answers[0], first, coded, half),
        compose(answers[1], second, coded + half, size - half)};
    stage_open(&stage, acts);
    stage.sizes = sizes;
    ssize_t rc = ask_stage(&request, true);
    stage_close(&stage);
    return rc;
}

STORY(what_breaks_off_goes_on_in_coded_bytes)
{
    char first[256], second[256], range[64], asked[64];
    write_text();
    size_t size = pack("gzip", (struct fm__slice){text, 5000}, coded, ROOM);
    size_t half = size / 2;
    snprintf(range, sizeof range, "%zu-%zu/%zu", half, size - 1, size);
    snprintf(asked, sizeof asked, "bytes=%zu-%zu", half, size - 1);
    snprintf(first, sizeof first,
             "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nETag: \"a\"\r\n"
             "Content-Length: %zu\r\n\r\n",
             size);
    snprintf(second, sizeof second,
             "HTTP/1.1 206 Part\r\nContent-Encoding: gzip\r\nETag: \"a\"\r\n"
             "Content-Range: bytes %s\r\nContent-Length: %zu\r\n\r\n",
             range, size - half);
    CHECK_INT(ask_twice(first, second, size), 5000);
    CHECK(memcmp(said, text, 5000) == 0);
    CHECK_SAID(stage_field(&stage, 1, "Range"), asked);
    CHECK_SAID(stage_field(&stage, 1, "Accept-Encoding"),
               stage_field(&stage, 0, "Accept-Encoding"));
    memcpy(strstr(second, "gzip"), "zstd", 4);
    CHECK_INT(ask_twice(first, second, size), -FM_EHTTPRANGE);
}

STORY(a_date_is_no_reason_to_go_on_in_coded_bytes)
{
    static const struct stage_act acts[] = {
        {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 50\r\n"
         "Last-Modified: Sun, 06 Nov 1994 08:48:37 GMT\r\n"
         "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n\x1f\x8b",
         STAGE_CLOSES},
        {0}};
    const fm_http_request request = {.resumes = 3};
    stage_open(&stage, acts);
    CHECK_INT(ask_stage(&request, true), -FM_EEOF);
    stage_close(&stage);
    CHECK_INT(stage.requests, 1);
}

/* A whole answer, and its size. */
static ssize_t ask_limited(size_t size, uint64_t limit)
{
    static char answer[ROOM];
    const fm_http_client_options options = {.body_limit = limit};
    static const struct stage_act acts[] = {{answer, STAGE_CLOSES}, {0}};
    const size_t whole_size = compose(answer, CODED("gzip"), coded, size);
    fm_http_client *client;
    fm_response *response;
    const char *bytes;
    stage_open(&stage, acts);
    stage.sizes = &whole_size;
    CHECK_INT(fm_http_client_open(&client, &options), 0);
    CHECK_INT(fm_http_fetch(client, stage.url, &response), 0);
    ssize_t rc = fm_response_load(response, &bytes);
    fm_response_close(response);
    fm_http_client_close(client);
    stage_close(&stage);
    return rc;
}

STORY(the_limit_of_an_answer_is_of_what_it_becomes)
{
    size_t size = pack_zeros("gzip", 3000, coded, ROOM);
    CHECK_INT(ask_limited(size, 3000), 3000);
    CHECK_INT(ask_limited(size, 2999), -FM_EHTTPBODY);
}

STORY(a_bomb_is_no_answer)
{
    size_t size = pack_zeros("gzip", 2000000, coded, ROOM);
    CHECK_INT(ask_limited(size, 0), -FM_ECODEDSIZE);
}
