/*
 * test_multipart_limits.c - what a form may have, and what is none
 */
#include "http/multipart_scene.h"

#include <errno.h>

/* ---- limits ------------------------------------------------------------- */

STORY(a_form_has_its_limit_at_that_part)
{
    how = (fm_multipart_options){.parts = 3};
    send_form(list, three);
    CHECK_ANSWER("200", "c,-");
    how.parts = 2;
    send_form(list, three);
    CHECK_ANSWER("413", "too many parts");
    CHECK_INT(failed, -FM_EPARTS);
    how.parts = 0;
}

static void send_many(unsigned count)
{
    static char body[WORDS];
    size_t size = 0;
    for (unsigned i = 0; i < count; i++)
        size += (size_t)snprintf(body + size, sizeof body - size,
                                 FIELD("a", "") "\r\n\r\n");
    snprintf(body + size, sizeof body - size, END);
    send_form(list, body);
}

STORY(a_form_has_a_hundred_parts_and_not_one_more)
{
    send_many(FM_MULTIPART_PARTS);
    CHECK_ANSWER("200", "a,-");
    send_many(FM_MULTIPART_PARTS + 1);
    CHECK_ANSWER("413", "too many parts");
}

STORY(a_part_has_its_limit_at_that_byte)
{
    for (size_t piece = 0; piece < 2; piece++) {
        how = (fm_multipart_options){.part_size = 5};
        send_in(list, FORM, three, piece);
        CHECK_ANSWER("200", "12345;");
        how.part_size = 4;
        send_in(list, FORM, three, piece);
        CHECK_ANSWER("413", "a part is too large");
        CHECK_INT(failed, -FM_EPARTSIZE);
    }
    how.part_size = 0;
}

STORY(all_parts_have_their_limit_at_that_byte)
{
    for (size_t piece = 0; piece < 2; piece++) {
        how = (fm_multipart_options){.size = 10};
        send_in(list, FORM, three, piece);
        CHECK_ANSWER("200", "c,-,text/plain,12;");
        how.size = 9;
        send_in(list, FORM, three, piece);
        CHECK_ANSWER("413", "the parts are too large");
        CHECK_INT(failed, -FM_EPARTSIZE);
    }
    how.size = 0;
}

STORY(the_fields_of_a_part_have_their_limit_at_that_byte)
{
    /* With the empty line. */
    how = (fm_multipart_options){
        .head = strlen("Content-Disposition: form-data; name=\"a\"\r\n\r\n")};
    send_form(list, three);
    CHECK_ANSWER("200", "c,-");
    how.head--;
    send_form(list, three);
    CHECK_ANSWER("431", "too long a head");
    CHECK_INT(failed, -FM_EPARTHEAD);
    how.head = 0;
}

static void send_long(size_t head)
{
    static char body[2 * FM_MULTIPART_HEAD], value[FM_MULTIPART_HEAD];
    size_t other = strlen("Content-Disposition: form-data; name=\"a\"\r\n"
                          "A: \r\n\r\n");
    memset(value, 'v', head - other);
    value[head - other] = '\0';
    snprintf(body, sizeof body, FIELD("a", "") "A: %s\r\n\r\nx\r\n" END, value);
    send_form(list, body);
}

STORY(the_fields_of_a_part_are_8_kib_and_not_a_byte_more)
{
    send_long(FM_MULTIPART_HEAD);
    CHECK_ANSWER("200", "a,-,text/plain,x;");
    send_long(FM_MULTIPART_HEAD + 1);
    CHECK_ANSWER("431", "too long a head");
}

static int load_little(fm_exchange *exchange, void *arg)
{
    fm_multipart *multipart;
    fm_part *part;
    const char *bytes;
    size_t limit = *(size_t *)arg;
    int rc = fm_multipart_open(exchange, &multipart);
    CHECK_INT(rc, 0);
    CHECK_INT(fm_multipart_next(multipart, &part), 1);
    ssize_t size = fm_part_load(part, &bytes, limit);
    if (limit < 5)
        CHECK_INT(fm_part_load(part, &bytes, 5), 5);
    CHECK_INT(fm_part_load(part, &bytes, 5), 5);
    CHECK(strcmp(bytes, "12345") == 0);
    CHECK_INT(fm_multipart_next(multipart, &part), 1);
    CHECK_INT(fm_part_load(part, &bytes, 5), 3);
    fm_multipart_close(multipart);
    return size < 0 ? (int)size : fm_reply_text(exchange, 200, "loaded");
}

STORY(what_is_loaded_has_its_limit_at_that_byte)
{
    size_t limit = 5;
    for (; limit >= 4; limit--) {
        static char words[1024];
        snprintf(words, sizeof words,
                 "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: " FORM
                 "\r\nContent-Length: %zu\r\n\r\n%s",
                 strlen(three), three);
        begin(words, load_little);
        scene.arg = &limit;
        play(&scene);
        CHECK_ANSWER(limit == 5 ? "200" : "413",
                     limit == 5 ? "loaded" : "a is larger than 4 bytes");
    }
}

/* ---- what is refused ---------------------------------------------------- */

STORY(another_type_is_refused_and_told)
{
    static const char *const types[] = {
        "text/plain",       "multipart/mixed; boundary=b",
        "multipart/",       "multipart/form-data-x; boundary=b",
        "application/json", "xmultipart/form-data; boundary=b",
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        send_in(list, types[i], three, 0);
        CHECK_ANSWER("415", "the body is to be multipart/form-data, not ");
        CHECK_INT(failed, -FM_EHTTPTYPE);
    }
}

STORY(a_type_that_is_said_twice_is_refused)
{
    send_in(list, FORM "\r\nContent-Type: " FORM, three, 0);
    CHECK_ANSWER("415", "the body is said to be of 2 types");
}

STORY(a_kind_that_is_asked_for_is_taken)
{
    how = (fm_multipart_options){.kind = "mixed"};
    send_in(list, "Multipart/Mixed ;BOUNDARY=\"b\"", "--b\r\n\r\nx\r\n--b--",
            0);
    CHECK_ANSWER("200", "-,-,text/plain,x;");
    send_form(list, three);
    CHECK_ANSWER("415", "multipart/mixed, not");
    how.kind = "*";
    send_in(list, "multipart/related; boundary=b", "--b\r\n\r\nx\r\n--b--", 0);
    CHECK_ANSWER("200", "-,-,text/plain,x;");
    how.kind = NULL;
}

#define TEN "0123456789"
#define SEVENTY TEN TEN TEN TEN TEN TEN TEN

STORY(a_boundary_has_its_limit_at_that_byte)
{
    send_in(list, "multipart/form-data; boundary=" SEVENTY, "--" SEVENTY "--",
            0);
    CHECK_ANSWER("200", "Content-Length: 0");
    send_in(list, "multipart/form-data; boundary=" SEVENTY "0",
            "--" SEVENTY "0--", 0);
    CHECK_ANSWER("400", "a boundary that is missing, or none");
}

STORY(a_boundary_that_is_none_is_refused)
{
    static const char *const types[] = {
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=\"b\xc3\xa9\"",
        "multipart/form-data; boundary=\"b \"",
        "multipart/form-data; boundary=b; boundary=c",
        "multipart/form-data; boundary=b c",
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        send_in(list, types[i], three, 0);
        CHECK_ANSWER("400", "a boundary that is missing, or none");
        CHECK_INT(failed, -FM_EMULTIPART);
    }
}

STORY(a_form_that_is_none_is_refused_and_told)
{
    static const struct {
        const char *body;
        const char *told;
    } cases[] = {
        {"--b\r\n\r\nx\r\n" END, "bad Content-Disposition"},
        {"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n" END,
         "bad Content-Disposition"},
        {"--b\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n" END,
         "bad Content-Disposition"},
        {"--b\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\n" END,
         "bad Content-Disposition"},
        {FIELD("a", "; filename*=UTF-8''%00") "\r\n" END,
         "bad Content-Disposition"},
        {FIELD("a", "; filename=\"a\\\"") "\r\n" END,
         "bad Content-Disposition"},
        {FIELD("a", "") "Content-Disposition: form-data; name=b\r\n\r\n" END,
         "says twice what it is"},
        {FIELD("a", "") "Content-Type: a/b\r\nContent-Type: c/d\r\n\r\n" END,
         "says twice what it is"},
        {FIELD("a", "") "A: b\r\n c\r\n\r\n" END, "a field that is none"},
        {FIELD("a", "") "\r\nx\r\n--bb\r\n", "whose line goes on"},
        {"--b\n", "whose line goes on"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        send_form(list, cases[i].body);
        CHECK_ANSWER("400", cases[i].told);
        CHECK_INT(failed, -FM_EMULTIPART);
    }
}

STORY(a_form_that_ends_anywhere_is_refused)
{
    static char body[sizeof two];
    for (size_t size = 0; size < sizeof two - 1 - 2; size++) {
        snprintf(body, sizeof body, "%.*s", (int)size, two);
        send_form(list, body);
        CHECK_ANSWER("400", "the last part has no end");
        CHECK_INT(failed, -FM_EMULTIPARTEND);
    }
}

STORY(a_client_that_leaves_within_a_form_is_noticed)
{
    static char words[512 + sizeof two];
    memset(&scene, 0, sizeof scene);
    for (size_t size = 0; size < sizeof two - 1; size += 5) {
        snprintf(words, sizeof words,
                 "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: " FORM
                 "\r\nContent-Length: %zu\r\n\r\n%.*s",
                 sizeof two - 1, (int)size, two);
        begin(words, list);
        failed = 0;
        play(&scene);
        CHECK_INT(failed, -FM_EEOF);
    }
}

STORY(a_body_that_is_too_large_is_refused_as_any_other)
{
    send_form(list, two);
    scene.options.body_limit = sizeof two - 2;
    failed = 0;
    play(&scene);
    CHECK_ANSWER("413", "the body is too large");
    CHECK_INT(failed, -FM_EHTTPBODY);
}
