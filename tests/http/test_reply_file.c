/*
 * test_reply_file.c - a file as a reply: whole, in parts, or not at all
 */
#include "http/http_play.h"
#include "io/file_kit.h"

#include "harness.h"
#include "proto/http_date.h"

#include <errno.h>
#include <sys/resource.h>

#define THEN "Sun, 06 Nov 1994 08:49:37 GMT"
#define SECONDS 784111777
#define TEXT "0123456789abcdefghij"
#define SAID(tag)                                                              \
    "Accept-Ranges: bytes\r\nETag: " tag "\r\nLast-Modified: " THEN "\r\n"     \
    "Content-Type: text/plain; charset=utf-8\r\n"
#define PROBLEM "Content-Type: application/problem+json\r\n"
#define CLOSED "Connection: close\r\n\r\n"

static struct play scene;
static struct kit kit;
static const char *path;
static fm_reply_file_options options;
static char tag[64];

static int reply(fm_exchange *exchange, void *arg)
{
    return fm_reply_file(exchange, path, arg);
}

static void set_time(int64_t seconds)
{
    struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
    CHECK_INT(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void write_file(const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    CHECK_INT(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    set_time(SECONDS);
}

static void begin(const char *name)
{
    memset(&options, 0, sizeof options);
    kit_open(&kit);
    path = kit_path(&kit, name);
    write_file(TEXT);
}

/* Lines of fields, each with its end; "%s" in them is the tag. */
static void ask(const char *method, const char *format)
{
    static char words[4096];
    char fields[2048];
    memset(&scene, 0, sizeof scene);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(fields, sizeof fields, format, tag);
#pragma GCC diagnostic pop
    snprintf(words, sizeof words,
             "%s / HTTP/1.1\r\nHost: a\r\n%sConnection: close\r\n\r\n", method,
             fields);
    scene.words = words;
    scene.handler = reply;
    scene.arg = &options;
}

static void take_tag(void)
{
    ask("HEAD", "");
    play(&scene);
    const char *at = strstr(scene.answer, "ETag: ");
    CHECK(at != NULL && sscanf(at, "ETag: %63[^\r]", tag) == 1);
}

/* As play_answers, with the tag where "%s" is wanted. */
static void check_answer(const char *format)
{
    char wanted[2048];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(wanted, sizeof wanted, format, tag);
#pragma GCC diagnostic pop
    play_answers(&scene, wanted);
}

static int status_of(const char *method, const char *fields)
{
    int status = 0;
    ask(method, fields);
    play(&scene);
    CHECK_INT(sscanf(scene.answer, "HTTP/1.1 %d", &status), 1);
    return status;
}

static const char *body_of_answer(void)
{
    const char *end = strstr(scene.answer, "\r\n\r\n");
    CHECK(end != NULL);
    return scene.answer + (size_t)(end - scene.answer) + 4;
}

static bool body_is(const char *wanted)
{
    const char *body = body_of_answer();
    size_t size = scene.answered - (size_t)(body - scene.answer);
    return size == strlen(wanted) && memcmp(body, wanted, size) == 0;
}

static bool answered(const char *text)
{
    return strstr(scene.answer, text) != NULL;
}

STORY(a_file_is_sent_with_all_that_is_known_of_it)
{
    begin("file.txt");
    take_tag();
    CHECK_INT(strlen(tag), 18); /* strong */
    ask("GET", "");
    check_answer("HTTP/1.1 200 OK\r\nDate: -\r\n" SAID(
        "%s") "Content-Length: 20\r\n" CLOSED TEXT);
    CHECK_INT(scene.result, 0);
    ask("HEAD", "Range: bytes=1-2\r\n");
    check_answer("HTTP/1.1 200 OK\r\nDate: -\r\n" SAID(
        "%s") "Content-Length: 20\r\n" CLOSED);
    write_file("");
    take_tag();
    ask("GET", "");
    check_answer("HTTP/1.1 200 OK\r\nDate: -\r\n" SAID(
        "%s") "Content-Length: 0\r\n" CLOSED);
    kit_close(&kit);
}

STORY(every_change_has_another_tag)
{
    char first[64], second[64];
    begin("file.txt");
    take_tag();
    memcpy(first, tag, sizeof first);
    write_file(TEXT "k");
    take_tag();
    memcpy(second, tag, sizeof second);
    CHECK(strcmp(first, second) != 0);
    set_time(SECONDS + 1);
    take_tag();
    CHECK(strcmp(tag, second) != 0);
    kit_close(&kit);
}

static int64_t date_of(const char *name)
{
    int64_t seconds = -1;
    const char *at = strstr(scene.answer, name);
    CHECK(at != NULL);
    const struct fm__slice date = {at + strlen(name), FM__DATE_SIZE};
    CHECK(fm__date_read(date, time(NULL), &seconds));
    return seconds;
}

STORY(a_file_may_be_of_any_time)
{
    static const int64_t times[] = {INT64_MIN, -100000000000, -1,
                                    0,         INT64_MAX,     253402300800};
    begin("file.txt");
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        struct timespec both[2] = {{.tv_sec = times[i]}, {.tv_sec = times[i]}};
        (void)utimensat(AT_FDCWD, path, both, 0); /* as far as it goes */
        take_tag();
        CHECK(date_of("Last-Modified: ") >= 0);
        CHECK_INT(status_of("GET", "If-None-Match: %s\r\n"), 304);
    }
    kit_close(&kit);
}

/* Another change might have the same time. */
STORY(a_file_that_has_just_changed_has_a_weak_tag)
{
    begin("file.txt");
    set_time(time(NULL) + 100000);
    take_tag();
    CHECK(strncmp(tag, "W/\"", 3) == 0);
    CHECK(date_of("Last-Modified: ") <= date_of("Date: "));
    CHECK_INT(status_of("GET", "If-None-Match: %s\r\n"), 304);
    CHECK_INT(status_of("GET", "If-Match: %s\r\n"), 412);
    CHECK_INT(status_of("GET", "Range: bytes=1-2\r\nIf-Range: %s\r\n"), 200);
    CHECK_INT(status_of("GET", "Range: bytes=1-2\r\n"), 206);
    kit_close(&kit);
}

STORY(a_version_that_the_client_has_is_not_sent)
{
    begin("file.txt");
    take_tag();
    ask("GET", "If-None-Match: \"other\", %s\r\n");
    check_answer("HTTP/1.1 304 Not Modified\r\nDate: -\r\n"
                 "Accept-Ranges: bytes\r\nETag: %s\r\n" CLOSED);
    CHECK_INT(status_of("HEAD", "If-None-Match: *\r\n"), 304);
    CHECK_INT(status_of("GET", "If-Modified-Since: " THEN "\r\n"), 304);
    CHECK_INT(status_of("GET", "If-None-Match: \"other\"\r\n"
                               "If-Modified-Since: " THEN "\r\n"),
              200);
    CHECK_INT(status_of("GET", "If-Match: \"x\"\r\nIf-Match: %s\r\n"), 200);
    ask("GET", "If-Match: \"other\"\r\n");
    check_answer("HTTP/1.1 412 Precondition Failed\r\nDate: -\r\n" PROBLEM
                 "Content-Length: 66\r\n" CLOSED
                 "{\"type\":\"about:blank\",\"title\":\"Precondition Failed\","
                 "\"status\":412}\n");
    /* What is replied to a POST is another thing than what is there. */
    CHECK_INT(status_of("POST", "If-None-Match: %s\r\n"), 200);
    CHECK_INT(status_of("POST", "Range: bytes=1-2\r\n"), 200);
    kit_close(&kit);
}

static const struct {
    const char *range;
    const char *place;
    const char *body;
} parts[] = {
    {"0-4", "0-4/20", "01234"},  {"15-", "15-19/20", "fghij"},
    {"-3", "17-19/20", "hij"},   {"0-", "0-19/20", TEXT},
    {"19-99", "19-19/20", "j"},  {"4-5,6-7", "4-7/20", "4567"},
    {"20-,3-3", "3-3/20", "3"},  {"-99", "0-19/20", TEXT},
    {"9-9,0-", "0-19/20", TEXT},
};

STORY(a_part_is_sent_as_a_part)
{
    char fields[128], place[128];
    begin("file.txt");
    take_tag();
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        snprintf(fields, sizeof fields, "Range: bytes=%s\r\n", parts[i].range);
        snprintf(place, sizeof place, "Content-Range: bytes %s\r\n",
                 parts[i].place);
        CHECK_INT(status_of("GET", fields), 206);
        CHECK(answered(place));
        CHECK(body_is(parts[i].body));
    }
    ask("GET", "If-Range: %s\r\nRange: bytes=1-2\r\n");
    check_answer("HTTP/1.1 206 Partial Content\r\nDate: -\r\n" SAID(
        "%s") "Content-Range: bytes 1-2/20\r\n"
              "Content-Length: 2\r\n" CLOSED "12");
    CHECK_INT(status_of("GET", "If-Range: \"x\"\r\nRange: bytes=1-2\r\n"), 200);
    CHECK_INT(status_of("GET", "If-Range: " THEN "\r\nRange: bytes=1-2\r\n"),
              206);
    CHECK_INT(status_of("GET", "If-None-Match: %s\r\nRange: bytes=1-2\r\n"),
              304);
    kit_close(&kit);
}

STORY(a_part_that_is_not_there_is_refused_with_the_size)
{
    begin("file.txt");
    ask("GET", "Range: bytes=20-\r\n");
    check_answer(
        "HTTP/1.1 416 Range Not Satisfiable\r\nDate: -\r\n"
        "Content-Range: bytes */20\r\n" PROBLEM "Content-Length: 68\r\n" CLOSED
        "{\"type\":\"about:blank\",\"title\":\"Range Not Satisfiable\","
        "\"status\":416}\n");
    write_file("");
    CHECK_INT(status_of("GET", "Range: bytes=0-\r\n"), 416);
    CHECK_INT(status_of("GET", "Range: bytes=-1\r\n"), 200);
    kit_close(&kit);
}

STORY(several_parts_come_as_one_body)
{
    char mark[33], wanted[1024];
    begin("file.txt");
    CHECK_INT(status_of("GET", "Range: bytes=18-,0-1, 5-5,1-2\r\n"), 206);
    CHECK(!answered("\r\nContent-Range: bytes */"));
    const char *at = strstr(scene.answer, "Content-Type: ");
    CHECK_INT(sscanf(at,
                     "Content-Type: multipart/byteranges; "
                     "boundary=%32[0-9a-f]\r\n",
                     mark),
              1);
    snprintf(wanted, sizeof wanted,
             "--%s\r\nContent-Type: text/plain; charset=utf-8\r\n"
             "Content-Range: bytes 18-19/20\r\n\r\nij\r\n"
             "--%s\r\nContent-Type: text/plain; charset=utf-8\r\n"
             "Content-Range: bytes 0-2/20\r\n\r\n012\r\n"
             "--%s\r\nContent-Type: text/plain; charset=utf-8\r\n"
             "Content-Range: bytes 5-5/20\r\n\r\n5\r\n--%s--\r\n",
             mark, mark, mark, mark);
    CHECK(body_is(wanted));
    snprintf(wanted, sizeof wanted, "Content-Length: %zu\r\n",
             strlen(body_of_answer()));
    CHECK(answered(wanted));
    kit_close(&kit);
}

/* Each byte is sent once at most, however often it is asked for. */
STORY(no_request_makes_much_of_a_small_file)
{
    begin("file.txt");
    CHECK_INT(status_of("GET", "Range: bytes=0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,"
                               "0-0\r\n"),
              200); /* nine */
    CHECK(body_is(TEXT));
    CHECK_INT(status_of("GET", "Range: bytes=0-,0-,0-,0-,0-,0-,0-,0-\r\n"),
              206);
    CHECK(body_is(TEXT));
    CHECK_INT(
        status_of("GET",
                  "Range: bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14\r\n"),
        206);
    CHECK(scene.answered < 8 * 200);
    CHECK_INT(status_of("GET", "Range: bytes=0-0\r\nRange: bytes=1-1\r\n"),
              200);
    kit_close(&kit);
}

/* ---- types --------------------------------------------------------------- */

static int set_type(fm_exchange *exchange, void *arg)
{
    CHECK_INT(fm_reply_set(exchange, "Content-Type", "a/b"), 0);
    CHECK_INT(fm_reply_set(exchange, "Cache-Control", "no-cache"), 0);
    return fm_reply_file(exchange, path, arg);
}

STORY(a_type_can_be_said)
{
    begin("file.txt");
    options.type = "a/b; c=\"d\"";
    CHECK_INT(status_of("GET", "Range: bytes=1-1,3-3\r\n"), 206);
    CHECK(strstr(body_of_answer(), "\r\nContent-Type: a/b; c=\"d\"\r\n"));
    char longest[FM_HTTP_FILE_TYPE + 2];
    memset(longest, 'a', sizeof longest);
    longest[FM_HTTP_FILE_TYPE + 1] = '\0';
    options.type = longest;
    CHECK_INT(status_of("GET", "Range: bytes=1-1,3-3\r\n"), 500);
    longest[FM_HTTP_FILE_TYPE] = '\0';
    CHECK_INT(status_of("GET", "Range: bytes=1-1,3-3\r\n"), 206);
    CHECK(answered(longest));
    options.type = "a/b\r\nX: y";
    CHECK_INT(status_of("GET", "Range: bytes=1-1,3-3\r\n"), 500);
    CHECK_INT(scene.result, -EINVAL);
    options.type = NULL;
    ask("GET", "Range: bytes=1-1,3-3\r\n");
    scene.handler = set_type;
    play(&scene);
    CHECK(answered("HTTP/1.1 200") && answered("\r\nContent-Type: a/b\r\n"));
    CHECK(answered("\r\nCache-Control: no-cache\r\n"));
    CHECK(body_is(TEXT));
    kit_close(&kit);
}

/* ---- what is not there --------------------------------------------------- */

STORY(what_is_no_regular_file_is_not_found)
{
    static const char *const names[] = {"missing", "fifo", "loop",     ".",
                                        "",        "x/",   "/dev/null"};
    begin("x");
    fm_file *at = kit_file(kit.directory, O_RDONLY | O_DIRECTORY);
    CHECK_INT(mkfifo(kit_path(&kit, "fifo"), 0600), 0);
    CHECK_INT(symlink("loop", kit_path(&kit, "loop")), 0);
    options.at = at;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        path = names[i];
        CHECK_INT(status_of("GET", ""), 404);
        CHECK_INT(scene.result, 0);
    }
    options.beneath = true;
    path = "../x";
    CHECK_INT(status_of("GET", ""), 404);
    path = kit_path(&kit, "x");
    CHECK_INT(status_of("GET", ""), 404);
    path = "x";
    CHECK_INT(status_of("GET", ""), 200);
    CHECK_INT(fm_file_close(at), 0);
    kit_close(&kit);
}

/* With no descriptor left for what is opened. */
static int reply_starved(fm_exchange *exchange, void *arg)
{
    struct rlimit before, none;
    CHECK_INT(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 3;
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &none), 0);
    int rc = fm_reply_file(exchange, path, arg);
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &before), 0);
    return rc;
}

STORY(who_comes_when_no_descriptor_is_left_may_come_again)
{
    begin("file.txt");
    CHECK_INT(status_of("GET", ""), 200); /* the threads are there */
    ask("GET", "");
    scene.handler = reply_starved;
    play(&scene);
    CHECK(answered("HTTP/1.1 503 "));
    CHECK_INT(status_of("GET", ""), 200);
    kit_close(&kit);
}

static int reply_twice(fm_exchange *exchange, void *arg)
{
    int rc = fm_reply_file(exchange, path, arg);
    CHECK_INT(fm_reply_file(exchange, path), -EALREADY);
    return rc;
}

STORY(a_second_reply_is_refused)
{
    begin("file.txt");
    ask("GET", "");
    scene.handler = reply_twice;
    play(&scene);
    CHECK(body_is(TEXT));
    kit_close(&kit);
}

/* ---- compressed already -------------------------------------------------- */

static void write_beside(const char *ending, const char *text, int64_t seconds)
{
    const char *plain = path;
    char name[32];
    snprintf(name, sizeof name, "file.txt%s", ending);
    path = kit_path(&kit, name);
    write_file(text);
    set_time(seconds);
    path = plain;
}

static void check_encoded(const char *accepted, const char *coding,
                          const char *body)
{
    char fields[128], wanted[64];
    snprintf(fields, sizeof fields, "Accept-Encoding: %s\r\n", accepted);
    snprintf(wanted, sizeof wanted, "\r\nContent-Encoding: %s\r\n", coding);
    CHECK_INT(status_of("GET", fields), 200);
    CHECK(body_is(body));
    CHECK(answered("\r\nVary: Accept-Encoding\r\n"));
    CHECK(answered("\r\nContent-Type: text/plain; charset=utf-8\r\n"));
    CHECK(answered("\r\nContent-Encoding: ") == (coding[0] != '\0'));
    CHECK(coding[0] == '\0' || answered(wanted));
}

STORY(what_lies_compressed_beside_a_file_is_sent_to_who_takes_it)
{
    begin("file.txt");
    write_beside(".gz", "GZIPPED", SECONDS);
    write_beside(".br", "BROTLI", SECONDS + 1);
    CHECK_INT(status_of("GET", "Accept-Encoding: br\r\n"), 200);
    CHECK(body_is(TEXT) && !answered("Vary")); /* not asked for */
    options.encoded = true;
    check_encoded("gzip, br, zstd", "br", "BROTLI");
    check_encoded("gzip;q=1, br;q=0", "gzip", "GZIPPED");
    check_encoded("zstd", "", TEXT);
    check_encoded("identity", "", TEXT);
    write_beside(".zst", "OLD", SECONDS - 1);
    check_encoded("zstd", "", TEXT);
    write_beside(".zst", "ZSTD", SECONDS);
    check_encoded("*, br;q=0", "zstd", "ZSTD");
    CHECK_INT(status_of("GET", "Accept-Encoding: br\r\n"
                               "Range: bytes=0-1,3-3\r\n"),
              206);
    CHECK(answered("\r\nContent-Range: bytes 0-1/6\r\n\r\nBR\r\n"));
    CHECK_INT(status_of("GET", "Accept-Encoding: br\r\n"
                               "If-None-Match: *\r\n"),
              304);
    CHECK(answered("\r\nVary: Accept-Encoding\r\n"));
    kit_close(&kit);
}

STORY(each_coding_has_a_tag_of_its_own)
{
    begin("file.txt");
    options.encoded = true;
    write_beside(".gz", TEXT, SECONDS);
    take_tag();
    CHECK_INT(status_of("GET", "Accept-Encoding: gzip\r\n"
                               "If-None-Match: %s\r\n"),
              200);
    CHECK_INT(status_of("GET", "If-None-Match: %s\r\n"), 304);
    kit_close(&kit);
}
