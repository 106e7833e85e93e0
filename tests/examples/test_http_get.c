/*
 * test_http_get.c - examples/http_get and http_download, and a server for them
 */
#include "task/story.h"

#include "harness.h"

#include <unistd.h>

enum {
    PAGE = 300000
};

static char page[PAGE];
static char address[FM_ADDRESS_TEXT];

/* "/go" leads to "/page". */
static int reply_with_page(fm_exchange *exchange, void *arg)
{
    (void)arg;
    if (strcmp(fm_exchange_target(exchange), "/go") == 0) {
        fm_reply_set(exchange, "Location", "/page");
        return fm_reply_text(exchange, 302, "there\n");
    }
    return fm_reply(exchange, 200, page, sizeof page);
}

static int serve(void *listener)
{
    return fm_http_serve(listener, reply_with_page, NULL);
}

static fm_task *open_the_server(void)
{
    fm_listener *listener;
    memset(page, 'x', sizeof page);
    CHECK_INT(fm_listen("127.0.0.1:0", &listener), 0);
    fm_address_format(fm_listener_address(listener), address);
    return fm_start(serve, listener);
}

/* An example, beside this test. */
static void find(const char *example, char *path, size_t size)
{
    char self[4096];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    CHECK(length > 0);
    self[length] = '\0';
    *strrchr(self, '/') = '\0';
    snprintf(path, size, "%s/../examples/%s", self, example);
}

STORY(http_get_prints_what_is_there)
{
    char program[4200], url[FM_ADDRESS_TEXT + 16];
    fm_process_talk talk = {0};
    fm_task *server = open_the_server();
    find("http_get", program, sizeof program);
    snprintf(url, sizeof url, "http://%s/go", address);
    CHECK_INT(fm_process_run(FM_ARGV(program, url), &talk), 0);
    CHECK_INT(talk.output_size, PAGE);
    CHECK(talk.output_size == PAGE && memcmp(talk.output, page, PAGE) == 0);
    fm_process_talk_clear(&talk);
    fm_stop(server);
}

STORY(http_get_says_what_failed)
{
    char program[4200], url[FM_ADDRESS_TEXT + 16];
    fm_stop(open_the_server()); /* nobody listens there now */
    find("http_get", program, sizeof program);
    snprintf(url, sizeof url, "http://%s/", address);
    CHECK_INT(fm_process_run(FM_ARGV(program, url), NULL), 1);
}

STORY(http_download_saves_files)
{
    char program[4200], url[FM_ADDRESS_TEXT + 16], folder[FM_PATH_SIZE];
    char files[2][FM_PATH_SIZE + 16];
    fm_task *server = open_the_server();
    find("http_download", program, sizeof program);
    snprintf(url, sizeof url, "http://%s/page", address);
    CHECK_INT(fm_temporary_directory(NULL, folder), 0);
    for (int i = 0; i < 2; i++)
        snprintf(files[i], sizeof files[i], "%s/%d", folder, i);
    CHECK_INT(
        fm_process_run(FM_ARGV(program, url, files[0], url, files[1]), NULL),
        0);
    for (int i = 0; i < 2; i++) {
        void *bytes = NULL;
        ssize_t size = fm_file_load(files[i], &bytes, 2 * PAGE);
        CHECK_INT((int)size, PAGE);
        CHECK(size == PAGE && memcmp(bytes, page, PAGE) == 0);
        fm_file_free(bytes);
    }
    fm_path_remove_tree(folder);
    fm_stop(server);
}
