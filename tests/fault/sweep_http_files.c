/*
 * sweep_http_files.c - scenarios: a directory that is served
 *
 * Whatever fails, no file is said not to be there, and what comes is right.
 */
#include "fault/sweep_talk.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_TEXT "0123456789"
#define FILES_GET(path, fields)                                                \
    "GET /" path " HTTP/1.1\r\nHost: a\r\n" fields "\r\n"

static const char files_words[] =
    FILES_GET("in/file", "Range: bytes=1-3,5-7\r\n")
        FILES_GET("in/file", "Range: bytes=-2\r\nAccept-Encoding: gzip\r\n")
            FILES_GET("in", "") FILES_GET("in/", "Connection: close\r\n");

static char files_directory[64];

static const char *files_path(const char *name)
{
    static char path[96];
    snprintf(path, sizeof path, "%s%s", files_directory, name);
    return path;
}

static void files_write(const char *name)
{
    int fd =
        open(files_path(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    sweep_state.noted += write(fd, FILES_TEXT, 10) != 10;
    close(fd);
}

static void files_make(void)
{
    snprintf(files_directory, sizeof files_directory, "/tmp/fermata-served-%d",
             (int)getpid());
    mkdir(files_directory, 0700);
    mkdir(files_path("/in"), 0700);
    files_write("/in/file");
    files_write("/in/file.gz");
}

static void files_remove(void)
{
    unlink(files_path("/in/file"));
    unlink(files_path("/in/file.gz"));
    rmdir(files_path("/in"));
    rmdir(files_directory);
}

/* All replies whole: 0. */
static int files_judge(const char *heard)
{
    static const char *const parts[] = {
        " 206 ",
        "\r\n\r\n123\r\n--",
        "\r\n\r\n567\r\n--",
        "/10\r\nContent-Length: 2\r\n",
        "\r\n\r\n89HTTP/1.1 ",
        " 301 ",
        "Location: ./in/\r\n",
        " 200 ",
        ">file</a>",
        "</ul>\n\r\n0\r\n\r\n",
    };
    sweep_state.noted += strstr(heard, "HTTP/1.1 404") != NULL;
    if (strstr(heard, "HTTP/1.1 5") != NULL)
        return -EIO;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        heard = strstr(heard, parts[i]);
        if (heard == NULL)
            return -ECONNRESET;
    }
    return 0;
}

static int files_ask(fm_stream *stream)
{
    char heard[4096];
    ssize_t size = sweep_say_and_hear(stream, files_words, heard, sizeof heard);
    return size < 0 ? (int)size : files_judge(heard);
}

static int files_served(void *arg)
{
    fm_http_directory files = {
        .path = files_directory, .listing = true, .encoded = true};
    (void)arg;
    files_make();
    fm_router *router = fm_router_new();
    int rc =
        fm_route(router, "GET", "/{path...}", FM_ROUTE(fm_http_files, &files));
    if (rc == 0)
        rc = sweep_talk(&(struct sweep_talk){
            .ask = files_ask, .handler = fm_router_handle, .arg = router});
    fm_router_free(router);
    files_remove();
    return rc;
}

static const char *files_right(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "a file was said not to be there" : NULL;
}

const struct scenario sweep_http_files[] = {
    {"http-files", files_served, .also = {-ECONNRESET, -ECANCELED, -EIO},
     .wrong = files_right},
    {.name = NULL},
};
