/*
 * test_multipart.c - the parts of a request
 */
#include "http/multipart_scene.h"

#include <errno.h>

/* ---- what comes --------------------------------------------------------- */

STORY(a_form_comes_part_by_part_however_it_is_split)
{
    static const size_t pieces[] = {0, 1, 2, 3, 7, 50, 100};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        send_in(list, FORM, two, pieces[i]);
        CHECK_ANSWER("200", "\r\n\r\ntitle,-,text/plain,the sea;photo,sea.jpg,"
                            "image/jpeg,\xff\xd8\r\n--;");
    }
}

STORY(a_form_comes_in_chunks_as_well)
{
    static const char first[] = FIELD("a", "") "\r\n1\r\n--b\r";
    static const char second[] = "\nContent-Disposition: form-data; name=b\r\n"
                                 "\r\n2\r\n--b-";
    char words[1024];
    snprintf(words, sizeof words,
             "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
             "Content-Type: " FORM "\r\n\r\n%zx\r\n%s\r\n%zx\r\n%s\r\n"
             "1\r\n-\r\n0\r\n\r\n"
             "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
             strlen(first), first, strlen(second), second);
    begin(words, list);
    play(&scene);
    CHECK_ANSWER("200", "a,-,text/plain,1;b,-,text/plain,2;");
    CHECK(strstr(scene.answer, "HTTP/1.1 415 ") != NULL);
}

STORY(names_are_read_as_browsers_and_others_write_them)
{
    send_form(
        list,
        FIELD("a%22b%0D%0Ac", "; filename=\"C:\\d\\e.txt\"") "\r\n\r\n" FIELD(
            "q\\\"r",
            "; filename*=UTF-8''%e2%82%ac") "\r\n\r\n" FIELD("\xc3\xa9 100%25",
                                                             "; "
                                                             "filename=\"x\"; "
                                                             "filename*=utf-8''"
                                                             "y") "\r\n\r"
                                                                  "\n" END);
    CHECK_ANSWER("200", "a\"b\r\nc,C:\\d\\e.txt,text/plain,;"
                        "q\"r,\xe2\x82\xac,text/plain,;"
                        "\xc3\xa9 100%25,y,text/plain,;");
}

STORY(a_form_without_parts_is_one)
{
    send_form(list, END);
    CHECK_ANSWER("200", "Content-Length: 0");
}

static int skim(fm_exchange *exchange, void *arg)
{
    fm_multipart *multipart;
    fm_part *part;
    char byte;
    int count = 0;
    (void)arg;
    CHECK_INT(fm_multipart_open(exchange, &multipart), 0);
    while (fm_multipart_next(multipart, &part) > 0)
        count += fm_part_read(part, &byte, 1) == 1 && byte == 'x';
    CHECK_INT(fm_multipart_next(multipart, &part), 0);
    fm_multipart_close(multipart);
    return fm_reply_text(exchange, 200, count == 2 ? "two" : "others");
}

STORY(what_is_not_read_of_a_part_is_passed_over)
{
    static char body[WORDS];
    static char many[20001];
    memset(many, 'x', sizeof many - 1);
    snprintf(body, sizeof body,
             FIELD("a", "") "\r\n%s\r\n" FIELD("b", "") "\r\n%s\r\n" END, many,
             many);
    for (size_t piece = 0; piece <= 4096; piece += 1024) {
        send_in(skim, FORM, body, piece);
        CHECK_ANSWER("200", "two");
    }
}

static int look(fm_exchange *exchange, void *arg)
{
    fm_multipart *multipart;
    fm_part *part;
    fm_http_field field;
    (void)arg;
    CHECK_INT(fm_multipart_open(exchange, &multipart), 0);
    CHECK_INT(fm_multipart_next(multipart, &part), 1);
    CHECK(strcmp(fm_part_field(part, "x-one"), "1") == 0);
    CHECK(fm_part_field(part, "X-Two") == NULL);
    CHECK(fm_part_field_at(part, 1, &field));
    CHECK(strcmp(field.name, "X-One") == 0 && strcmp(field.value, "1") == 0);
    CHECK(!fm_part_field_at(part, 4, &field));
    CHECK(strcmp(fm_part_type(part), "text/html; charset=utf-8") == 0);
    fm_multipart_close(multipart);
    return fm_reply_text(exchange, 200, "seen");
}

STORY(a_part_has_its_fields)
{
    send_form(look, FIELD("a", "") "X-One:  1 \r\nX-One: 2\r\n"
                                   "content-type: text/html; charset=utf-8\r\n"
                                   "\r\n\r\n" END);
    CHECK_ANSWER("200", "seen");
}

static int names(fm_exchange *exchange, void *arg)
{
    char text[2048] = "";
    size_t size = 0;
    fm_multipart *multipart;
    fm_part *part;
    (void)arg;
    CHECK_INT(fm_multipart_open(exchange, &multipart), 0);
    while (fm_multipart_next(multipart, &part) > 0)
        size += (size_t)snprintf(text + size, sizeof text - size, "%s;",
                                 or_none(fm_part_basename(part)));
    fm_multipart_close(multipart);
    return fm_reply_text(exchange, 200, text);
}

#define FILE_OF(name) FIELD("f", "; filename=" name) "\r\n\r\n"

STORY(a_name_from_outside_is_a_name_of_a_file_or_none)
{
    send_form(
        names,
        FIELD("f", "") "\r\n\r\n" FILE_OF("\"\"") FILE_OF("\"a.txt\"") FILE_OF(
            "\"/etc/passwd\"") FILE_OF("\"..\"") FILE_OF("\".\"")
            FILE_OF("\".profile\"") FILE_OF("\"../../a\"") FILE_OF("\"a/..\"")
                FILE_OF("\"a/\"") FILE_OF("\"C:\\dir\\b c.txt\"") FILE_OF(
                    "\"a%0Ab\"") FILE_OF("\"\xff\"") FILE_OF("\"\xc3\xa9\"")
                    FIELD("f", "; filename*=UTF-8''x%2f..%2fy") "\r\n\r\n" END);
    CHECK_ANSWER("200", "\r\n\r\n-;-;a.txt;passwd;-;-;-;a;-;-;b c.txt;-;-;"
                        "\xc3\xa9;y;");
}

STORY(a_name_of_a_file_has_its_limit_at_that_byte)
{
    char body[1024], name[257];
    for (size_t size = 255; size <= 256; size++) {
        memset(name, 'n', size);
        name[size] = '\0';
        snprintf(body, sizeof body,
                 FIELD("f", "; filename=\"%s\"") "\r\n\r\n" END, name);
        send_form(names, body);
        CHECK_ANSWER("200", size == 255 ? "nnn;" : "\r\n\r\n-;");
    }
}

/* ---- cuts --------------------------------------------------------------- */

static int cut_first(fm_exchange *exchange, void *arg)
{
    fm_multipart *multipart;
    fm_part *part;
    const char *bytes;
    int rc = 0;
    (void)arg;
    CHECK_INT(fm_multipart_open(exchange, &multipart), 0);
    FM_TIMEOUT(0, rc) {
        rc = fm_multipart_next(multipart, &part);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_multipart_next(multipart, &part), 1);
    FM_TIMEOUT(0, rc) {
        rc = (int)fm_part_load(part, &bytes, 100);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_part_load(part, &bytes, 100), 5);
    fm_multipart_close(multipart);
    return fm_reply_text(exchange, 200, "went on");
}

STORY(what_was_cut_goes_on)
{
    send_form(cut_first, three);
    CHECK_ANSWER("200", "went on");
}

static int cut_between(fm_exchange *exchange, void *arg)
{
    fm_multipart *multipart;
    fm_part *part;
    char byte = 0;
    int rc = 0;
    (void)arg;
    CHECK_INT(fm_multipart_open(exchange, &multipart), 0);
    CHECK_INT(fm_multipart_next(multipart, &part), 1);
    CHECK_INT(fm_part_read(part, &byte, 1), 1);
    for (int i = 0; i < 2; i++) {
        FM_TIMEOUT(story_span(1), rc) {
            rc = i == 0 ? fm_multipart_next(multipart, &part)
                        : (int)fm_part_read(part, &byte, 1);
        }
        CHECK_INT(rc, -ETIMEDOUT);
    }
    fm_multipart_close(multipart);
    return fm_reply_text(exchange, 200, "seen");
}

struct serving {
    fm_stream *stream;
};

static int serving(struct serving *self)
{
    return fm_http_serve_stream(self->stream, cut_between, NULL);
}

/* The rest never comes; who was answered leaves. */
STORY(what_was_passed_over_does_not_come_back_after_a_cut)
{
    static const char words[] =
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: " FORM
        "\r\nContent-Length: 5000\r\n\r\n" FIELD("a",
                                                 "") "\r\nmore of it\r\n--";
    char answer[512];
    fm_stream *ends[2];
    CHECK_INT(fm_stream_pair(ends), 0);
    struct serving args = {ends[1]};
    fm_task *server = fm_start((int (*)(void *))serving, &args);
    CHECK_INT(fm_write(ends[0], words, strlen(words)), strlen(words));
    CHECK(fm_read_until(ends[0], "seen", answer, sizeof answer) > 0);
    CHECK(strncmp(answer, "HTTP/1.1 200 ", 13) == 0);
    fm_close(ends[0]);
    (void)fm_await(server);
    fm_close(ends[1]);
}

static int play_two(void *arg)
{
    (void)arg;
    play(&scene);
    return 0;
}

/* The handler runs in the task that calls. */
STORY(a_form_is_read_on_a_small_stack)
{
    const fm_task_options small = {.stack_size = play_small_stack()};
    send_form(list, two);
    CHECK_INT(fm_await(fm_start(play_two, NULL, &small)), 0);
    CHECK_ANSWER("200", "title,-");
}
