/*
 * test_http_files.c - a directory that is served, and what is not to be seen
 */
#include "http/http_play.h"
#include "io/file_kit.h"

#include "harness.h"

#include <errno.h>

static struct play scene;
static struct kit kit;
static fm_router *router;
static fm_http_directory files;

static void write_file(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", kit.directory, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    CHECK_INT(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void make_directory(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", kit.directory, name);
    CHECK_INT(mkdir(path, 0700), 0);
}

static void make_link(const char *name, const char *to)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", kit.directory, name);
    CHECK_INT(symlink(to, path), 0);
}

/* What is served is "public"; beside it lies what must not be seen. */
static void begin(void)
{
    static char path[128];
    memset(&kit, 0, sizeof kit);
    memset(&files, 0, sizeof files);
    kit_open(&kit);
    write_file("secret", "SECRET");
    make_directory("public");
    write_file("public/index.html", "<p>front");
    write_file("public/a b", "space");
    write_file("public/back\\slash", "back");
    write_file("public/.hidden", "hidden");
    write_file("public/\xc3\xa4", "umlaut");
    make_directory("public/.git");
    write_file("public/.git/config", "config");
    make_directory("public/sub");
    write_file("public/sub/index.html", "<p>sub");
    write_file("public/sub/page.txt", "page");
    make_directory("public/bare");
    write_file("public/bare/<b>&\"c", "odd");
    make_directory("public/bare/in");
    make_link("public/inside", "sub/page.txt");
    make_link("public/outside", "../secret");
    make_link("public/up", "..");
    make_link("public/far", kit.directory);
    snprintf(path, sizeof path, "%s/public", kit.directory);
    files.path = path;
    router = fm_router_new();
    CHECK_INT(fm_route(router, "GET", "/files/{path...}",
                       FM_ROUTE(fm_http_files, &files)),
              0);
    CHECK_INT(fm_route(router, NULL, "/files", FM_ROUTE(fm_http_files, &files)),
              0);
}

static void end(void)
{
    fm_router_free(router);
    CHECK_INT(fm_path_remove_tree(kit.directory), 0);
}

static void ask(const char *line)
{
    static char words[16384];
    memset(&scene, 0, sizeof scene);
    snprintf(words, sizeof words,
             "%s HTTP/1.1\r\nHost: a\r\n%sConnection: close\r\n\r\n", line,
             files.encoded ? "Accept-Encoding: gzip\r\n" : "");
    scene.words = words;
    scene.handler = fm_router_handle;
    scene.arg = router;
    play(&scene);
}

static bool answered(const char *text)
{
    return strstr(scene.answer, text) != NULL;
}

static void check_status(const char *line, int wanted)
{
    int status = 0;
    ask(line);
    if (sscanf(scene.answer, "HTTP/1.1 %d", &status) != 1 || status != wanted)
        test_fail(__FILE__, __LINE__, "%s: %s", line, scene.answer);
    CHECK(!answered("SECRET"));
}

static void check_body(const char *line, const char *wanted)
{
    check_status(line, 200);
    const char *body = strstr(scene.answer, "\r\n\r\n");
    if (body == NULL || strcmp(body + strlen("\r\n\r\n"), wanted) != 0)
        test_fail(__FILE__, __LINE__, "%s: %s", line, scene.answer);
}

STORY(a_directory_serves_what_lies_below_it)
{
    begin();
    check_body("GET /files/", "<p>front");
    CHECK(answered("\r\nContent-Type: text/html; charset=utf-8\r\n"));
    CHECK(answered("\r\nX-Content-Type-Options: nosniff\r\n"));
    check_body("GET /files/index.html", "<p>front");
    check_body("GET /files/sub/", "<p>sub");
    check_body("GET /files/sub/page.txt?version=1", "page");
    check_body("GET /files/%73ub/page%2etxt", "page");
    check_body("GET http://a/files/sub/page.txt", "page");
    check_body("GET /files/a%20b", "space");
    CHECK(answered("\r\nContent-Type: application/octet-stream\r\n"));
    check_body("GET /files/%C3%A4", "umlaut");
    check_body("GET /files/back%5cslash", "back");
    check_body("HEAD /files/sub/page.txt", "");
    check_status("GET /files/missing", 404);
    check_status("GET /files/sub/page.txt/", 404);
    check_status("GET /files/sub/page.txt/x", 404);
    check_status("GET /files/bare/", 404);
    check_status("GET /files/bare", 404);
    end();
}

STORY(a_directory_is_asked_for_with_a_slash)
{
    begin();
    check_status("GET /files/sub?a=/b", 301);
    CHECK(answered("\r\nLocation: ./sub/?a=/b\r\n"));
    check_status("GET /files/s%75b", 301);
    CHECK(answered("\r\nLocation: ./s%75b/\r\n"));
    check_status("GET /files", 301);
    CHECK(answered("\r\nLocation: ./files/\r\n"));
    check_status("GET http://a/files", 301);
    CHECK(answered("\r\nLocation: ./files/\r\n"));
    /* What is no name of the directory is sent nowhere. */
    check_status("GET //b/sub", 404);
    check_status("GET /files//sub", 404);
    end();
}

STORY(no_path_leads_out_of_the_directory)
{
    static const char *const bad[] = {
        "/files/../secret",
        "/files/sub/../../secret",
        "/files/%2e%2e/secret",
        "/files/.%2e/secret",
        "/files/%2E%2E/secret",
        "/files/./index.html",
        "/files/sub/..",
        "/files/index.html%00",
        "/files/%00",
        "/files/sub%00/page.txt",
        "/files/%2",
        "/files/%",
    };
    begin();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char line[128];
        snprintf(line, sizeof line, "GET %s", bad[i]);
        check_status(line, 400);
    }
    end();
}

STORY(what_looks_like_a_way_out_is_a_name_that_is_not_there)
{
    static const char *const bad[] = {
        "..%2fsecret",
        "..%2Fsecret",
        "sub%2f..%2f..%2fsecret",
        "sub%2fpage.txt",
        "%2fetc%2fpasswd",
        "/etc/passwd",
        "//etc/passwd",
        "..%5csecret",
        "..%5Csecret",
        "..%c0%afsecret",
        "%c0%ae%c0%ae/secret",
        "%e0%80%ae%e0%80%ae/secret",
        "..%252fsecret",
        "%252e%252e/secret",
        "..;/secret",
        ".../secret",
        "sub//page.txt",
        "sub/page.txt//",
        "index.html%20",
        "index.html.",
        "index.html::$DATA",
        "..%ef%bc%8fsecret",
        "~root/",
        "outside",
        "up/secret",
        "far/secret",
        "far/public/sub/page.txt",
        "up/",
        "up",
    };
    begin();
    files.hidden = true;
    files.listing = true;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char line[128];
        snprintf(line, sizeof line, "GET /files/%s", bad[i]);
        check_status(line, 404);
    }
    end();
}

/* A parameter of one segment may have a '/' that was encoded. */
STORY(a_route_of_one_segment_leads_out_no_more_than_another)
{
    begin();
    CHECK_INT(
        fm_route(router, "GET", "/one/{path}", FM_ROUTE(fm_http_files, &files)),
        0);
    check_body("GET /one/index.html", "<p>front");
    check_body("GET /one/sub%2fpage.txt", "page");
    check_status("GET /one/..%2fsecret", 404);
    check_status("GET /one/sub%2f..%2f..%2fsecret", 404);
    check_status("GET /one/%2fetc%2fpasswd", 404);
    check_status("GET /one/sub%2f.%2fpage.txt", 404);
    check_status("GET /one/sub%2f", 200);
    end();
}

static bool finds_beneath(void)
{
    fm_file *at = kit_file(files.path, O_RDONLY | O_DIRECTORY), *file;
    int rc = fm_file_open("inside", &file,
                          &(fm_file_options){.at = at, .beneath = true});
    if (rc == 0)
        fm_file_close(file);
    fm_file_close(at);
    return rc == 0;
}

STORY(a_link_is_followed_as_long_as_it_stays_below)
{
    begin();
    if (finds_beneath()) /* before Linux 5.6 over none */
        check_body("GET /files/inside", "page");
    check_status("GET /files/outside", 404);
    check_status("GET /files/up/public/sub/page.txt", 404);
    end();
}

STORY(names_that_begin_with_a_dot_are_not_seen_unless_asked_for)
{
    begin();
    check_status("GET /files/.hidden", 404);
    check_status("GET /files/.git/config", 404);
    check_status("GET /files/%2egit/config", 404);
    check_status("GET /files/.git/", 404);
    files.hidden = true;
    check_body("GET /files/.hidden", "hidden");
    check_body("GET /files/.git/config", "config");
    check_status("GET /files/../secret", 400);
    end();
}

STORY(nothing_is_listed_unless_asked_for)
{
    begin();
    check_status("GET /files/bare/", 404);
    files.listing = true;
    check_body("GET /files/", "<p>front");
    check_status("GET /files/bare", 301);
    check_status("GET /files/bare/", 200);
    CHECK(answered("\r\nContent-Type: text/html; charset=utf-8\r\n"));
    CHECK(answered("<ul>\n<li><a href=\"./%3Cb%3E%26%22c\">"
                   "&lt;b&gt;&amp;\"c</a></li>\n"
                   "<li><a href=\"./in/\">in/</a></li>\n</ul>\n"));
    check_status("HEAD /files/bare/", 200);
    CHECK(!answered("<ul>"));
    files.index = "";
    check_status("GET /files/", 200);
    CHECK(answered(">sub/</a>") && !answered("hidden") && !answered(".git"));
    files.hidden = true;
    check_status("GET /files/", 200);
    CHECK(answered(">.hidden</a>") && answered(">.git/</a>"));
    end();
}

/* How many times a reply has a text, however long it is. */
struct count {
    fm_stream *stream;
    const char *text;
    int result;
};

static int count(struct count *self)
{
    char line[1024];
    ssize_t size;
    const char request[] = "GET /files/bare/ HTTP/1.0\r\n\r\n";
    CHECK(fm_write(self->stream, request, sizeof request - 1) > 0);
    while ((size = fm_read_line(self->stream, line, sizeof line)) >= 0)
        self->result += strstr(line, self->text) != NULL;
    return size == -FM_EEOF ? self->result : (int)size;
}

static int counted(const char *text)
{
    fm_stream *ends[2];
    CHECK_INT(fm_stream_pair(ends), 0);
    fm_task *counting = fm_go(count, ends[0], text, 0);
    CHECK_INT(fm_http_serve_stream(ends[1], fm_router_handle, router), 0);
    CHECK_INT(fm_close(ends[1]), 0);
    int found = fm_await(counting);
    fm_close(ends[0]);
    return found;
}

STORY(a_listing_has_a_limit)
{
    char name[64];
    begin();
    files.listing = true;
    for (int i = 2; i < FM_HTTP_LISTED; i++) { /* two are there */
        snprintf(name, sizeof name, "public/bare/%d", i);
        write_file(name, "");
    }
    CHECK_INT(counted("<li>"), FM_HTTP_LISTED);
    CHECK_INT(counted("There are more"), 0);
    write_file("public/bare/more", "");
    CHECK_INT(counted("<li>"), FM_HTTP_LISTED);
    CHECK_INT(counted("There are more"), 1);
    end();
}

STORY(what_is_no_regular_file_is_not_served)
{
    char path[128];
    begin();
    snprintf(path, sizeof path, "%s/public/fifo", kit.directory);
    CHECK_INT(mkfifo(path, 0600), 0);
    check_status("GET /files/fifo", 404);
    make_directory("public/odd");
    make_directory("public/odd/index.html");
    files.listing = true;
    check_status("GET /files/odd/", 404);
    files.path = "/dev";
    check_status("GET /files/null", 404);
    end();
}

STORY(a_directory_whose_index_is_no_file_is_not_there)
{
    begin();
    make_directory("public/odd");
    make_directory("public/odd/index.html");
    check_status("GET /files/odd", 404);
    files.listing = true;
    check_status("GET /files/odd", 404);
    check_status("GET /files/odd/", 404);
    end();
}

STORY(what_may_not_be_read_is_not_there)
{
    char path[128];
    begin();
    snprintf(path, sizeof path, "%s/public/sub/page.txt", kit.directory);
    CHECK_INT(chmod(path, 0), 0);
    /* Who may read everything gets it. */
    check_status("GET /files/sub/page.txt", geteuid() == 0 ? 200 : 404);
    end();
}

STORY(a_directory_is_only_read)
{
    begin();
    check_status("POST /files", 405);
    CHECK(answered("\r\nAllow: GET, HEAD\r\n"));
    check_status("DELETE /files/index.html", 405);
    CHECK(answered("\r\nAllow: GET, HEAD, OPTIONS\r\n"));
    end();
}

STORY(a_path_has_the_limit_of_the_system)
{
    static char line[8000];
    begin();
    memset(line, 'a', sizeof line - 1);
    memcpy(line, "GET /files/", strlen("GET /files/"));
    for (size_t i = 200; i < 4200; i += 200)
        line[i] = '/';
    for (size_t size = 4080; size < 4120; size++) {
        char last = line[size];
        line[size] = '\0';
        check_status(line, 404);
        line[size] = last;
    }
    end();
}

STORY(a_directory_may_be_open_already_or_turned_meanwhile)
{
    char path[128];
    begin();
    fm_file *at = kit_file(files.path, O_RDONLY | O_DIRECTORY);
    files.path = NULL;
    files.at = at;
    check_body("GET /files/sub/page.txt", "page");
    check_body("GET /files/", "<p>front");
    files.path = "sub";
    check_body("GET /files/page.txt", "page");
    check_status("GET /files/sub/page.txt", 404);
    CHECK_INT(fm_file_close(at), 0);
    files.path = NULL;
    files.at = NULL;
    check_status("GET /files/", 500); /* nobody has said what to serve */
    make_link("now", "public/sub");
    snprintf(path, sizeof path, "%s/now", kit.directory);
    files.path = path;
    check_body("GET /files/", "<p>sub");
    CHECK_INT(unlink(path), 0);
    check_status("GET /files/", 404);
    make_link("now", "public");
    check_body("GET /files/", "<p>front");
    end();
}

STORY(what_may_be_kept_is_said)
{
    begin();
    files.max_age = 3600;
    check_status("GET /files/", 200);
    CHECK(answered("\r\nCache-Control: max-age=3600\r\n"));
    check_status("GET /files/missing", 404);
    CHECK(!answered("Cache-Control"));
    files.max_age = -1;
    check_status("GET /files/", 200);
    CHECK(answered("\r\nCache-Control: no-cache\r\n"));
    end();
}

static int ask_for_all(void *arg)
{
    (void)arg;
    check_body("GET /files/", "coded");
    check_body("GET /files/sub/", "<p>sub");
    check_body("GET /files/sub/page.txt", "page");
    check_status("GET /files/sub", 301);
    check_status("GET /files/bare/", 200);
    check_status("GET /files/none", 404);
    return 0;
}

/* Where frames are as small as they are in a program that is made to run, and
 * as gcc makes them. */
STORY(a_directory_is_served_from_a_small_stack)
{
    const fm_task_options small = {.stack_size = play_small_stack()};
    begin();
    files.listing = true;
    files.encoded = true;
    write_file("public/index.html.gz", "coded");
    CHECK_INT(fm_await(fm_start(ask_for_all, NULL, &small)), 0);
    end();
}
