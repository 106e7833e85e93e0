/*
 * test_access_log.c - a line for each request, over a pair in memory
 */
#include "http/http_play.h"
#include "io/file_kit.h"

#include "harness.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>

#define GET "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"

static struct play scene;
static fm_stream *ends[2]; /* the log writes to the second */
static fm_access_log *journal;
static char read_back[PLAY_ROOM];

static void begin(const fm_access_log_options *options)
{
    CHECK_INT(fm_stream_pair(ends), 0);
    CHECK_INT(fm_access_log_open(&journal, ends[1], options), 0);
}

/* All that was written to the log, with a NUL. */
static const char *end(void)
{
    size_t size = 0;
    ssize_t rc;
    CHECK_INT(fm_access_log_close(journal), 0);
    CHECK_INT(fm_close(ends[1]), 0);
    while ((rc = fm_read(ends[0], read_back + size,
                         sizeof read_back - 1 - size)) > 0)
        size += (size_t)rc;
    read_back[size] = '\0';
    CHECK_INT(fm_close(ends[0]), 0);
    return read_back;
}

static int hello(fm_exchange *exchange, void *arg)
{
    (void)arg;
    return fm_reply_text(exchange, 200, "hello\n");
}

static int nap_and_fail(fm_exchange *exchange, void *arg)
{
    (void)exchange;
    (void)arg;
    int rc = fm_sleep(1.5);
    return rc < 0 ? rc : -EIO;
}

static void serve_bytes(fm_http_handler handler, const char *words, size_t size)
{
    memset(&scene, 0, sizeof scene);
    scene.words = words;
    scene.size = size;
    scene.handler = handler;
    scene.options.log = fm_access_log_note;
    scene.options.log_arg = journal;
    play(&scene);
}

static void serve(fm_http_handler handler, const char *words)
{
    serve_bytes(handler, words, strlen(words));
}

/* What a time is, is not known: it begins with `before` and goes on so. */
static void check_line(const char *line, const char *before, const char *after)
{
    const char *at = strstr(line, after);
    if (strncmp(line, before, strlen(before)) != 0 || at == NULL)
        test_fail(__FILE__, __LINE__, "%s, not %s...%s", line, before, after);
}

static size_t lines_of(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += *text == '\n';
    return count;
}

STORY(each_request_has_its_line)
{
    begin(NULL);
    serve(hello, GET "HEAD /b HTTP/1.1\r\nHost: h\r\nReferer: r\r\n"
                     "User-Agent: u \"v\"\r\n\r\n");
    const char *text = end();
    CHECK_INT(lines_of(text), 2);
    check_line(text, "- - - [",
               " +0000] \"GET /a HTTP/1.1\" 200 6 \"-\" "
               "\"-\"\n");
    check_line(strchr(text, '\n') + 1, "- - - [",
               " +0000] \"HEAD /b HTTP/1.1\" 200 0 \"r\" \"u \\\"v\\\"\"\n");
}

STORY(a_line_of_json_says_how_long_it_took)
{
    begin(&(fm_access_log_options){.format = FM_ACCESS_LOG_JSON});
    serve(nap_and_fail, GET);
    const char *text = end();
    CHECK_INT(lines_of(text), 1);
    check_line(text, "{\"time\":\"",
               "Z\",\"method\":\"GET\",\"target\":\"/a\",\"protocol\":"
               "\"HTTP/1.1\",\"status\":500,\"bytes\":68,\"seconds\":");
    check_line(text, "{\"time\":\"", ",\"host\":\"h\"}\n");
    if (test_simulated())
        check_line(text, "{", "\"seconds\":1.500000,");
}

STORY(a_request_that_is_none_has_a_line_too)
{
    begin(NULL);
    serve(hello, GET "nonsense\r\n\r\n");
    const char *text = end();
    CHECK_INT(lines_of(text), 2);
    check_line(strchr(text, '\n') + 1, "- - - [", "\"- - HTTP/1.1\" 400 ");
    begin(NULL);
    serve(hello, ""); /* who asks nothing has none */
    CHECK_INT(lines_of(end()), 0);
}

static const char *served;

static int send_file(fm_exchange *exchange, void *arg)
{
    (void)arg;
    return fm_reply_file(exchange, served);
}

STORY(the_bytes_of_a_file_are_counted_too)
{
    struct kit kit;
    kit_open(&kit);
    begin(NULL);
    served = kit_make(&kit, "file", 2000);
    serve(send_file, GET "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n"
                         "GET / HTTP/1.1\r\nHost: h\r\n"
                         "Range: bytes=100-109\r\n\r\n");
    const char *text = end();
    CHECK_INT(lines_of(text), 3);
    CHECK(strstr(text, "\"GET /a HTTP/1.1\" 200 2000 ") != NULL);
    CHECK(strstr(text, "\"HEAD / HTTP/1.1\" 200 0 ") != NULL);
    CHECK(strstr(text, "\"GET / HTTP/1.1\" 206 10 ") != NULL);
    kit_close(&kit);
}

STORY(no_byte_of_a_client_makes_two_lines_or_a_control)
{
    static const fm_access_log_format formats[] = {FM_ACCESS_LOG_COMBINED,
                                                   FM_ACCESS_LOG_JSON};
    for (size_t i = 0; i < 2; i++) {
        begin(&(fm_access_log_options){.format = formats[i]});
        for (int byte = 0; byte < 256; byte++) {
            char words[] = "GET /x? HTTP/1.1\r\nHost: h\r\n"
                           "User-Agent: ?x\r\nReferer: ?\"\r\n\r\n";
            for (size_t at = 0; at < sizeof words - 1; at++)
                if (words[at] == '?')
                    words[at] = (char)byte;
            serve_bytes(hello, words, sizeof words - 1);
        }
        const char *text = end();
        CHECK_INT(lines_of(text), 256);
        for (; *text != '\0'; text++)
            CHECK(((unsigned char)*text >= ' ' && *text != 0x7f) ||
                  *text == '\n');
    }
}

/* ---- room and ends ------------------------------------------------------ */

static int fill(void *arg)
{
    (void)arg;
    serve(hello, GET GET GET);
    return 0;
}

/* The stream takes little, and nobody reads; then somebody does. */
STORY(a_log_that_nobody_takes_stops_no_request)
{
    begin(&(fm_access_log_options){.room = FM_ACCESS_LOG_LEAST});
    for (int i = 0; i < 1500; i++)
        CHECK_INT(fill(NULL), 0);
    uint64_t dropped = fm_access_log_dropped(journal);
    CHECK(dropped > 0);
    CHECK(dropped < 4500);
    char scrap[4096];
    size_t lines = 0;
    ssize_t rc;
    while (lines < 4500 - dropped) {
        rc = fm_read(ends[0], scrap, sizeof scrap - 1);
        CHECK(rc > 0);
        scrap[rc] = '\0';
        lines += lines_of(scrap);
    }
    CHECK_INT(fill(NULL), 0);
    CHECK_INT(fm_access_log_dropped(journal), dropped);
    CHECK_INT(lines_of(end()), 3);
}

STORY(a_log_whose_stream_has_failed_counts_and_says_why)
{
    begin(NULL);
    CHECK_INT(fm_close(ends[0]), 0);
    for (int i = 0; i < 1000 && fm_access_log_dropped(journal) == 0; i++)
        serve(hello, GET);
    CHECK_INT(fm_access_log_dropped(journal), 1);
    CHECK(fm_access_log_close(journal) < 0);
    fm_abort(ends[1]);
}

STORY(too_little_room_is_refused)
{
    fm_access_log *none = NULL;
    CHECK_INT(fm_stream_pair(ends), 0);
    CHECK_INT(fm_access_log_open(
                  &none, ends[1],
                  &(fm_access_log_options){.room = FM_ACCESS_LOG_LEAST - 1}),
              -EINVAL);
    fm_access_log_options options = {.room = FM_ACCESS_LOG_LEAST};
    memset(&options.format, 0x7f, sizeof options.format);
    CHECK_INT(fm_access_log_open(&none, ends[1], &options), -EINVAL);
    CHECK(none == NULL);
    CHECK_INT(fm_access_log_close(NULL), 0);
    fm_abort(ends[0]);
    fm_abort(ends[1]);
}

static int noted(fm_exchange *exchange, void *arg)
{
    (void)arg;
    fm_access_log_note(exchange, NULL);
    return fm_reply_text(exchange, 200, "");
}

STORY(no_log_is_one_that_hears_nothing)
{
    journal = NULL;
    serve(noted, GET);
    CHECK_INT(scene.result, 0);
}

static int serve_there(void *arg)
{
    (void)arg;
    serve(hello, GET);
    return 0;
}

static void *other_loop(void *arg)
{
    fm_run(serve_there, arg);
    return NULL;
}

static void note_from_another_loop(void)
{
    pthread_t thread;
    begin(NULL);
    CHECK_INT(pthread_create(&thread, NULL, other_loop, NULL), 0);
    pthread_join(thread, NULL);
}

TEST(a_log_belongs_to_one_loop)
{
    CHECK_DOOMED(note_from_another_loop,
                 "fm_access_log_note: the log belongs to another loop");
}

/* ---- cuts --------------------------------------------------------------- */

static int close_cut(void *arg)
{
    (void)arg;
    fm_cancel(fm_self());
    return fm_access_log_close(journal);
}

STORY(a_cut_close_leaves_what_nobody_takes)
{
    begin(NULL);
    for (int i = 0; i < 1500; i++)
        CHECK_INT(fill(NULL), 0);
    CHECK_INT(fm_await(fm_start(close_cut, NULL)), -ECANCELED);
    fm_abort(ends[0]);
    fm_abort(ends[1]);
}

static int open_cut(void *arg)
{
    (void)arg;
    fm_cancel(fm_self());
    return fm_access_log_open(&journal, ends[1]);
}

STORY(a_cut_open_opens_none)
{
    CHECK_INT(fm_stream_pair(ends), 0);
    CHECK_INT(fm_await(fm_start(open_cut, NULL)), -ECANCELED);
    fm_abort(ends[0]);
    fm_abort(ends[1]);
}

static int open_and_go(void *arg)
{
    (void)arg;
    return fm_access_log_open(&journal, ends[1]);
}

STORY(a_log_outlives_the_task_that_opened_it)
{
    CHECK_INT(fm_stream_pair(ends), 0);
    CHECK_INT(fm_await(fm_start(open_and_go, NULL)), 0);
    serve(hello, GET);
    CHECK_INT(lines_of(end()), 1);
}
