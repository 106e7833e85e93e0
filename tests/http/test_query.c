/*
 * test_query.c - parameters of a query, and forms
 */
#include "http/http_play.h"

#include "harness.h"

#include <errno.h>
#include <stdio.h>

static struct play scene;

static void ask(fm_http_handler handler, const char *target)
{
    static char words[32768];
    memset(&scene, 0, sizeof scene);
    snprintf(words, sizeof words, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", target);
    scene.words = words;
    scene.handler = handler;
    play(&scene);
}

static void check_said(const char *status, const char *text)
{
    if (strncmp(scene.answer + strlen("HTTP/1.1 "), status, 3) != 0 ||
        strstr(scene.answer, text) == NULL)
        test_fail(__FILE__, __LINE__, "%s, not %s %s", scene.answer, status,
                  text);
}

static void check_same(const char *text, const char *wanted)
{
    if (strcmp(text, wanted) != 0)
        test_fail(__FILE__, __LINE__, "%s, not %s", text, wanted);
}

static void check_is(fm_exchange *exchange, const char *name,
                     const char *wanted)
{
    const char *value = fm_exchange_query(exchange, name);
    if (value == NULL || wanted == NULL)
        CHECK(value == wanted);
    else
        check_same(value, wanted);
}

static int values(fm_exchange *exchange, void *arg)
{
    (void)arg;
    check_is(exchange, "q", "rice & beans");
    check_is(exchange, "page", "2");
    check_is(exchange, "empty", "");
    check_is(exchange, "bare", "");
    check_is(exchange, "", "nameless");
    check_is(exchange, "a b", "\xc3\xa9%zz%");
    check_is(exchange, "missing", NULL);
    check_is(exchange, "Page", NULL);
    check_is(exchange, "q", "rice & beans");
    check_same(fm_exchange_target(exchange),
               "/?q=rice+%26+beans&page=2&page=3&empty=&&bare&=nameless"
               "&a+b=%C3%A9%zz%");
    return fm_reply_text(exchange, 200, "seen");
}

STORY(a_query_is_decoded_and_the_first_of_a_name_counts)
{
    ask(values, "/?q=rice+%26+beans&page=2&page=3&empty=&&bare&=nameless"
                "&a+b=%C3%A9%zz%");
    check_said("200", "seen");
}

static int nothing(fm_exchange *exchange, void *arg)
{
    fm_http_field pair;
    (void)arg;
    check_is(exchange, "", NULL);
    check_is(exchange, "a", NULL);
    CHECK(!fm_exchange_query_at(exchange, 0, &pair));
    return fm_reply_text(exchange, 200, "seen");
}

STORY(without_a_query_there_is_no_parameter)
{
    static const char *const targets[] = {"/", "/?", "/?&&", "/a"};
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        ask(nothing, targets[i]);
        check_said("200", "seen");
    }
}

static int in_order(fm_exchange *exchange, void *arg)
{
    char text[64] = "";
    size_t size = 0;
    fm_http_field pair;
    (void)arg;
    for (size_t i = 0; fm_exchange_query_at(exchange, i, &pair); i++)
        size += (size_t)snprintf(text + size, sizeof text - size, "%s=%s;",
                                 pair.name, pair.value);
    CHECK(!fm_exchange_query_at(exchange, 1000000, &pair));
    return fm_reply_text(exchange, 200, text);
}

STORY(parameters_come_in_their_order)
{
    ask(in_order, "/?a=1&b&a=2&c=%3D");
    check_said("200", "a=1;b=;a=2;c==;");
    ask(in_order, "http://a/b?a=1");
    check_said("200", "a=1;");
    ask(in_order, "/?a&b&c&d&e&f&g&h");
    check_said("200", "a=;b=;c=;d=;e=;f=;g=;h=;");
}

STORY(what_has_a_nul_in_it_is_passed_over)
{
    ask(in_order, "/?a=1%002&b=%00&%00=3&c=4&a=5");
    check_said("200", "c=4;a=5;");
}

static int pages(fm_exchange *exchange, void *arg)
{
    char text[64];
    int64_t page = 7;
    int rc = fm_exchange_query_number(exchange, "page", &page, arg);
    if (rc < 0) {
        CHECK_INT(page, 7);
        return rc;
    }
    snprintf(text, sizeof text, "%d %lld", rc, (long long)page);
    return fm_reply_text(exchange, 200, text);
}

static void check_page(const char *value, const fm_query_options *options,
                       const char *wanted)
{
    char target[256];
    snprintf(target, sizeof target, "/?page=%s", value);
    memset(&scene, 0, sizeof scene);
    char words[512];
    snprintf(words, sizeof words, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n",
             value != NULL ? target : "/");
    scene.words = words;
    scene.handler = pages;
    scene.arg = (void *)(uintptr_t)options;
    play(&scene);
    check_said(wanted[0] == '"' ? "400" : "200", wanted);
}

STORY(a_number_is_all_digits_and_fits)
{
    static const char *const bad[] = {
        "",   "x",   "1x",  "%201", "+1",
        "1.", "0x1", "--1", "-",    "9223372036854775808"};
    check_page("0", NULL, "1 0");
    check_page("-0012", NULL, "1 -12");
    check_page("9223372036854775807", NULL, "1 9223372036854775807");
    check_page("-9223372036854775808", NULL, "1 -9223372036854775808");
    check_page(NULL, NULL, "0 7");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        check_page(bad[i], NULL, "\"page is to be a whole number\"");
}

STORY(a_number_has_its_bounds_at_that_number)
{
    const fm_query_options some = {.least = 1, .most = 100};
    const fm_query_options up = {.least = 1};
    const fm_query_options below = {.least = -5, .most = -1};
    check_page("1", &some, "1 1");
    check_page("100", &some, "1 100");
    check_page("0", &some, "\"page is to be a whole number from 1 to 100\"");
    check_page("101", &some, "\"page is to be a whole number from 1 to 100\"");
    check_page("9999999", &up, "1 9999999");
    check_page("0", &up, "\"page is to be a whole number from 1 on\"");
    check_page("-1", &below, "1 -1");
    check_page("0", &below, "\"page is to be a whole number from -5 to -1\"");
}

STORY(what_is_required_is_missed)
{
    const fm_query_options options = {.required = true};
    check_page("3", &options, "1 3");
    check_page(NULL, &options, "\"page is missing\"");
}

static int flags(fm_exchange *exchange, void *arg)
{
    bool flag = *(bool *)arg;
    int rc = fm_exchange_query_flag(exchange, "f", &flag);
    if (rc < 0)
        return rc;
    return fm_reply_text(exchange, 200, flag ? "yes" : "no");
}

STORY(a_flag_is_one_of_the_usual_words)
{
    static const struct {
        const char *target;
        const char *status;
        const char *said;
    } asked[] = {
        {"/?f", "200", "yes"},
        {"/?f=", "200", "yes"},
        {"/?f=1", "200", "yes"},
        {"/?f=true", "200", "yes"},
        {"/?f=yes", "200", "yes"},
        {"/?f=on", "200", "yes"},
        {"/?f=0", "200", "no"},
        {"/?f=false", "200", "no"},
        {"/?f=no", "200", "no"},
        {"/?f=off", "200", "no"},
        {"/?f=True", "400", "f is to be true or false"},
        {"/?f=2", "400", "f is to be true or false"},
    };
    bool otherwise = false;
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        char words[128];
        memset(&scene, 0, sizeof scene);
        snprintf(words, sizeof words, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n",
                 asked[i].target);
        scene.words = words;
        scene.handler = flags;
        scene.arg = &otherwise;
        play(&scene);
        check_said(asked[i].status, asked[i].said);
    }
}

static int many(fm_exchange *exchange, void *arg)
{
    (void)arg;
    return fm_reply_text(exchange, 200, fm_exchange_query(exchange, "z"));
}

/* So many of "a&", then one that is looked for. */
static const char *crowd(const char *start, unsigned count)
{
    static char text[8192];
    char *end = text + snprintf(text, sizeof text, "%s", start);
    for (unsigned i = 1; i < count; i++)
        end += snprintf(end, 3, "a&");
    snprintf(end, sizeof text - (size_t)(end - text), "z=last");
    return text;
}

STORY(a_query_has_its_limit_at_that_parameter)
{
    ask(many, crowd("/?", FM_QUERY_PARAMETERS));
    check_said("200", "last");
    ask(many, crowd("/?", FM_QUERY_PARAMETERS + 1));
    check_said("400", "more than 1000 parameters");
}

static int form(fm_exchange *exchange, void *arg)
{
    char value[64];
    const char *text;
    (void)arg;
    ssize_t size = fm_exchange_form(exchange, &text);
    if (size < 0)
        return (int)size;
    CHECK_INT(size, strlen(text));
    if (fm_form_get(text, "z", value, sizeof value) < 0)
        return fm_reply_text(exchange, 404, "none");
    return fm_reply_text(exchange, 200, value);
}

static void post(const char *type, const char *body)
{
    static char words[16384];
    memset(&scene, 0, sizeof scene);
    snprintf(words, sizeof words,
             "POST / HTTP/1.1\r\nHost: a\r\n%sContent-Length: %zu\r\n\r\n%s",
             type, strlen(body), body);
    scene.words = words;
    scene.handler = form;
    play(&scene);
}

#define FORM "Content-Type: application/x-www-form-urlencoded"

STORY(a_form_is_a_body_of_its_type)
{
    post(FORM "\r\n", "a=b&z=1+2");
    check_said("200", "1 2");
    post(FORM " ; charset=utf-8\r\n", "z=1");
    check_said("200", "1");
    post(FORM "\r\n", "");
    check_said("404", "none");
    post("Content-Type: text/plain\r\n", "z=1");
    check_said("415", "x-www-form-urlencoded, not text/plain");
    post("", "z=1");
    check_said("415", "the body is to be application/x-www-form-urlencoded\"");
}

/* Somebody else might take the other one. */
STORY(a_form_that_says_two_types_is_refused)
{
    post(FORM "\r\n" FORM "\r\n", "z=1");
    check_said("415", "the body is said to be of 2 types");
}

STORY(a_form_has_its_limit_at_that_parameter)
{
    post(FORM "\r\n", crowd("", FM_QUERY_PARAMETERS));
    check_said("200", "last");
    post(FORM "\r\n", crowd("", FM_QUERY_PARAMETERS + 1));
    check_said("400", "more than 1000 parameters");
}

STORY(a_form_with_a_nul_is_none)
{
    static const char words[] = "POST / HTTP/1.1\r\nHost: a\r\n" FORM
                                "\r\nContent-Length: 7\r\n\r\nz=1\0z=2";
    memset(&scene, 0, sizeof scene);
    scene.words = words;
    scene.size = sizeof words - 1;
    scene.handler = form;
    play(&scene);
    check_said("400", "the form has a NUL in it");
}
