/*
 * test_multipart_form.c - forms that a client of ours sends, to a server of
 * ours
 */
#include "http/http_play.h"

#include "harness.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    ROOM = 65536,
    LARGE = 1000000
};

/* What the server has seen. */
static struct {
    int requests;
    int fail_first; /* requests that are answered with 503 */
    int redirect;   /* the first is sent elsewhere */
    int64_t length;
    size_t size;
    char text[ROOM];
} seen;

static const char *or_none(const char *text)
{
    return text != NULL ? text : "-";
}

static int see(fm_part *part)
{
    const char *bytes;
    ssize_t size = fm_part_load(part, &bytes, LARGE);
    if (size < 0)
        return (int)size;
    seen.size += (size_t)snprintf(
        seen.text + seen.size, ROOM - seen.size, "%s,%s,%s,%zd,%.20s;",
        fm_part_name(part), or_none(fm_part_filename(part)),
        or_none(fm_part_field(part, "Content-Type")), size, bytes);
    return 0;
}

static int server(fm_exchange *exchange, void *arg)
{
    fm_multipart *multipart;
    fm_part *part;
    (void)arg;
    seen.requests++;
    seen.length = fm_exchange_length(exchange);
    seen.size = 0;
    int rc = fm_multipart_open(exchange, &multipart);
    if (rc < 0)
        return rc;
    while (rc >= 0 && (rc = fm_multipart_next(multipart, &part)) > 0)
        rc = see(part);
    fm_multipart_close(multipart);
    if (rc < 0)
        return rc;
    if (seen.requests == 1 && seen.redirect) {
        rc = fm_reply_set(exchange, "Location", "/b");
        return rc < 0 ? rc : fm_reply(exchange, seen.redirect, NULL, 0);
    }
    if (seen.requests <= seen.fail_first) {
        rc = fm_reply_set(exchange, "Retry-After", "0");
        return rc < 0 ? rc : fm_reply_text(exchange, 503, "later");
    }
    return fm_reply_text(exchange, 200, seen.text);
}

static const fm_http_serve_options serve = {.body_limit = 4 * LARGE};

/* 0 and the status is 200; or the failure. */
static int send_form(fm_multipart_form *form, fm_http_request request)
{
    const fm_http_client_options options = {.handler = server, .serve = &serve};
    fm_http_client *client;
    fm_response *response;
    CHECK_INT(fm_http_client_open(&client, &options), 0);
    int rc = fm_multipart_form_put(form, &request);
    if (rc == 0)
        rc = fm_http_fetch(client, "http://a.example/", &response, &request);
    if (rc == 0) {
        CHECK_INT(fm_response_status(response), 200);
        fm_response_close(response);
    }
    fm_http_client_close(client);
    return rc;
}

static void check_seen(const char *wanted)
{
    if (strcmp(seen.text, wanted) != 0)
        test_fail(__FILE__, __LINE__, "\"%s\", not \"%s\"", seen.text, wanted);
}

static char path[64];

static void make_file(size_t size)
{
    static char bytes[LARGE];
    memset(bytes, 'f', sizeof bytes);
    snprintf(path, sizeof path, "/tmp/form-XXXXXX");
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    close(fd);
    CHECK_INT(fm_file_save(path, bytes, size), 0);
}

STORY(a_form_arrives_as_it_was_filled_in)
{
    memset(&seen, 0, sizeof seen);
    fm_multipart_form *form = fm_multipart_form_new();
    CHECK_INT(fm_multipart_form_text(form, "title", "the sea\n"), 0);
    CHECK_INT(fm_multipart_form_text(form, "empty", ""), 0);
    CHECK_INT(fm_multipart_form_bytes(
                  form, "raw",
                  &(fm_multipart_form_data){.bytes = "\r\n--", .size = 4}),
              0);
    CHECK_INT(fm_multipart_form_bytes(
                  form, "data",
                  &(fm_multipart_form_data){
                      .bytes = "{}", .size = 2, .filename = "a.json"}),
              0);
    CHECK_INT(send_form(form, (fm_http_request){.method = NULL}), 0);
    check_seen("title,-,-,8,the sea\n;empty,-,-,0,;raw,-,-,4,\r\n--;"
               "data,a.json,application/json,2,{};");
    CHECK(seen.length > 0); /* it was said before it came */
    fm_multipart_form_free(form);
}

STORY(a_form_of_nothing_is_one)
{
    memset(&seen, 0, sizeof seen);
    fm_multipart_form *form = fm_multipart_form_new();
    CHECK_INT(send_form(form, (fm_http_request){.method = NULL}), 0);
    CHECK_INT(seen.requests, 1);
    check_seen("");
    fm_multipart_form_free(form);
}

STORY(names_arrive_whatever_is_in_them)
{
    memset(&seen, 0, sizeof seen);
    fm_multipart_form *form = fm_multipart_form_new();
    const fm_multipart_form_data data = {.filename = "a\"b\r\nC: d"};
    CHECK_INT(fm_multipart_form_bytes(form, "\"x\"; y=\"\n\xc3\xa9", &data), 0);
    CHECK_INT(fm_multipart_form_text(form, "C:\\d\\e", ""), 0);
    CHECK_INT(send_form(form, (fm_http_request){.method = NULL}), 0);
    check_seen("\"x\"; y=\"\n\xc3\xa9,a\"b\r\nC: d,application/octet-stream,0,;"
               "C:\\d\\e,-,-,0,;");
    fm_multipart_form_free(form);
}

STORY(files_are_sent_as_they_are_read)
{
    static const size_t sizes[] = {0, 1, 65536, 65537, 300000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char wanted[128];
        memset(&seen, 0, sizeof seen);
        make_file(sizes[i]);
        fm_multipart_form *form = fm_multipart_form_new();
        CHECK_INT(fm_multipart_form_file(form, "f", path), 0);
        CHECK_INT(fm_multipart_form_file(
                      form, "g", path,
                      &(fm_multipart_form_options){.filename = "sea.jpg"}),
                  0);
        CHECK_INT(send_form(form, (fm_http_request){.method = NULL}), 0);
        snprintf(wanted, sizeof wanted, "g,sea.jpg,image/jpeg,%zu,", sizes[i]);
        CHECK(strstr(seen.text, wanted) != NULL);
        snprintf(wanted, sizeof wanted, "f,%s,application/octet-stream,%zu,",
                 path + 5, sizes[i]);
        CHECK(strstr(seen.text, wanted) == seen.text);
        fm_multipart_form_free(form);
        unlink(path);
    }
}

STORY(a_form_is_sent_again_from_its_beginning)
{
    memset(&seen, 0, sizeof seen);
    make_file(100000);
    seen.fail_first = 2;
    fm_multipart_form *form = fm_multipart_form_new();
    CHECK_INT(fm_multipart_form_file(form, "f", path), 0);
    CHECK_INT(send_form(form, (fm_http_request){.method = "PUT", .retries = 3}),
              0);
    CHECK_INT(seen.requests, 3);
    CHECK(strstr(seen.text, ",100000,fff") != NULL);
    memset(&seen, 0, sizeof seen);
    seen.redirect = 307;
    CHECK_INT(send_form(form, (fm_http_request){.expect = true}), 0);
    CHECK_INT(seen.requests, 2);
    CHECK(strstr(seen.text, ",100000,fff") != NULL);
    fm_multipart_form_free(form);
    unlink(path);
}

STORY(a_file_that_becomes_shorter_breaks_the_form_off)
{
    memset(&seen, 0, sizeof seen);
    make_file(100000);
    fm_multipart_form *form = fm_multipart_form_new();
    CHECK_INT(fm_multipart_form_file(form, "f", path), 0);
    CHECK_INT(truncate(path, 99999), 0);
    CHECK_INT(send_form(form, (fm_http_request){.method = NULL}),
              -FM_EHTTPSHORT);
    CHECK_INT(truncate(path, 200000), 0); /* and what is more is left out */
    CHECK_INT(send_form(form, (fm_http_request){.method = NULL}), 0);
    CHECK(strstr(seen.text, ",100000,fff") != NULL);
    unlink(path);
    CHECK_INT(send_form(form, (fm_http_request){.method = NULL}), -ENOENT);
    fm_multipart_form_free(form);
}

STORY(what_cannot_be_added_is_told_until_it_is_sent)
{
    fm_http_request request = {.method = NULL};
    fm_multipart_form *form = fm_multipart_form_new();
    CHECK_INT(fm_multipart_form_file(form, "f", "/tmp"), -EISDIR);
    CHECK_INT(fm_multipart_form_text(form, "a", "b"), -EISDIR);
    CHECK_INT(fm_multipart_form_put(form, &request), -EISDIR);
    fm_multipart_form_free(form);
    form = fm_multipart_form_new();
    CHECK_INT(fm_multipart_form_file(form, "f", "/dev/null"), -EINVAL);
    fm_multipart_form_free(form);
    form = fm_multipart_form_new();
    CHECK_INT(fm_multipart_form_file(form, "f", "/tmp/not/there"), -ENOENT);
    fm_multipart_form_free(form);
    form = fm_multipart_form_new();
    CHECK_INT(fm_multipart_form_bytes(
                  form, "f", &(fm_multipart_form_data){.type = "a/b\r\nC: d"}),
              -EINVAL);
    fm_multipart_form_free(form);
}

STORY(without_a_form_all_is_for_want_of_memory)
{
    fm_http_request request = {.method = NULL};
    const fm_multipart_form_data data = {.size = 0};
    CHECK_INT(fm_multipart_form_text(NULL, "a", "b"), -ENOMEM);
    CHECK_INT(fm_multipart_form_bytes(NULL, "a", &data), -ENOMEM);
    CHECK_INT(fm_multipart_form_file(NULL, "a", "b"), -ENOMEM);
    CHECK_INT(fm_multipart_form_put(NULL, &request), -ENOMEM);
    CHECK(strcmp(fm_multipart_form_type(NULL), "") == 0);
    fm_multipart_form_free(NULL);
    fm_multipart_close(NULL);
}

STORY(no_two_forms_have_the_same_boundary)
{
    fm_multipart_form *one = fm_multipart_form_new();
    fm_multipart_form *other = fm_multipart_form_new();
    CHECK(strcmp(fm_multipart_form_type(one), fm_multipart_form_type(other)) !=
          0);
    fm_multipart_form_free(one);
    fm_multipart_form_free(other);
}

static int add_fields(fm_exchange *exchange, void *arg)
{
    (void)arg;
    CHECK(strcmp(fm_exchange_field(exchange, "X-More"), "1") == 0);
    return server(exchange, NULL);
}

STORY(a_request_with_fields_of_its_own_says_the_type_itself)
{
    memset(&seen, 0, sizeof seen);
    fm_multipart_form *form = fm_multipart_form_new();
    const fm_http_client_options options = {.handler = add_fields};
    const fm_http_field fields[] = {
        {"Content-Type", fm_multipart_form_type(form)},
        {"X-More", "1"},
        {NULL, NULL}};
    fm_http_request request = {.fields = fields};
    fm_http_client *client;
    fm_response *response;
    CHECK_INT(fm_multipart_form_text(form, "a", "b"), 0);
    CHECK_INT(fm_multipart_form_put(form, &request), 0);
    CHECK_INT(fm_http_client_open(&client, &options), 0);
    CHECK_INT(fm_http_fetch(client, "http://a/", &response, &request), 0);
    fm_response_close(response);
    fm_http_client_close(client);
    check_seen("a,-,-,1,b;");
    fm_multipart_form_free(form);
}

/* ---- answers in parts --------------------------------------------------- */

static int ranges(fm_exchange *exchange, void *arg)
{
    int rc = fm_reply_set(exchange, "Content-Type",
                          "multipart/byteranges; boundary=THE_SEPARATOR");
    (void)arg;
    return rc < 0 ? rc
                  : fm_reply_text(exchange, 206,
                                  "--THE_SEPARATOR\r\n"
                                  "Content-Type: application/pdf\r\n"
                                  "Content-Range: bytes 500-501/8000\r\n\r\n"
                                  "ab\r\n--THE_SEPARATOR\r\n"
                                  "Content-Range: bytes 7000-7000/8000\r\n\r\n"
                                  "c\r\n--THE_SEPARATOR--\r\n");
}

STORY(an_answer_may_come_in_parts)
{
    const fm_http_client_options options = {.handler = ranges};
    fm_http_client *client;
    fm_response *response;
    fm_multipart *multipart;
    fm_part *part;
    const char *bytes;
    CHECK_INT(fm_http_client_open(&client, &options), 0);
    CHECK_INT(fm_http_fetch(client, "http://a/", &response), 0);
    CHECK_INT(
        fm_multipart_open_response(response, &multipart,
                                   &(fm_multipart_options){.kind = "mixed"}),
        -FM_EHTTPTYPE);
    CHECK_INT(fm_multipart_open_response(response, &multipart), 0);
    CHECK_INT(fm_multipart_next(multipart, &part), 1);
    CHECK(fm_part_name(part) == NULL);
    CHECK(fm_part_basename(part) == NULL);
    CHECK(strcmp(fm_part_field(part, "Content-Range"), "bytes 500-501/8000") ==
          0);
    CHECK_INT(fm_part_load(part, &bytes, 1), -FM_EPARTSIZE);
    CHECK_INT(fm_multipart_next(multipart, &part), 1);
    CHECK_INT(fm_part_load(part, &bytes, 1), 1);
    CHECK_INT(*bytes, 'c');
    CHECK_INT(fm_multipart_next(multipart, &part), 0);
    fm_multipart_close(multipart);
    fm_response_close(response);
    fm_http_client_close(client);
}

static int reply_with_file(fm_exchange *exchange, void *arg)
{
    (void)arg;
    return fm_reply_file(exchange, path);
}

/* Two ranges of a file, as our own server sends them. */
static void check_ranges(fm_response *response)
{
    static const char *const wanted[] = {"ff", "fff"};
    fm_multipart *multipart;
    fm_part *part;
    const char *bytes;
    CHECK_INT(fm_response_status(response), 206);
    CHECK_INT(fm_multipart_open_response(response, &multipart), 0);
    for (size_t i = 0; i < 2; i++) {
        CHECK_INT(fm_multipart_next(multipart, &part), 1);
        CHECK_INT(fm_part_load(part, &bytes, 100), strlen(wanted[i]));
        CHECK(strcmp(bytes, wanted[i]) == 0);
        CHECK(fm_part_field(part, "Content-Range") != NULL);
    }
    CHECK_INT(fm_multipart_next(multipart, &part), 0);
    fm_multipart_close(multipart);
}

STORY(ranges_of_a_file_come_in_parts)
{
    const fm_http_client_options options = {.handler = reply_with_file};
    const fm_http_field fields[] = {{"Range", "bytes=1-2,50-52"}, {NULL, NULL}};
    fm_http_client *client;
    fm_response *response;
    make_file(100);
    CHECK_INT(fm_http_client_open(&client, &options), 0);
    CHECK_INT(fm_http_fetch(client, "http://a/", &response,
                            &(fm_http_request){.fields = fields}),
              0);
    check_ranges(response);
    fm_response_close(response);
    fm_http_client_close(client);
    unlink(path);
}
