/*
 * sweep_multipart.c - scenario: a form with a file, which the server keeps
 *
 * Whatever fails, the file is kept whole or not at all, and nothing else is
 * left in its directory.
 */
#include "fault/sweep.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FORM_FILE = 20000 /* more than a window of the body */
};

static char form_directory[64];
static char form_bytes[FORM_FILE];

static const char *form_path(const char *name)
{
    static char path[96];
    snprintf(path, sizeof path, "%s%s", form_directory, name);
    return path;
}

static void form_make(void)
{
    snprintf(form_directory, sizeof form_directory, "/tmp/fermata-form-%d",
             (int)getpid());
    mkdir(form_directory, 0700);
    memset(form_bytes, 'x', sizeof form_bytes);
    int fd = open(form_path("/sent"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                  0600);
    sweep_state.noted += write(fd, form_bytes, FORM_FILE) != FORM_FILE;
    close(fd);
}

static bool form_is_whole(void)
{
    static char bytes[FORM_FILE + 1];
    int fd = open(form_path("/kept"), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return true;
    ssize_t size = read(fd, bytes, sizeof bytes);
    close(fd);
    return size == FORM_FILE && memcmp(bytes, form_bytes, FORM_FILE) == 0;
}

/* A directory with anything else in it stays, and is noted. */
static void form_remove(void)
{
    sweep_state.noted += !form_is_whole();
    unlink(form_path("/kept"));
    unlink(form_path("/sent"));
    sweep_state.noted += rmdir(form_directory) < 0;
}

/* ---- the server --------------------------------------------------------- */

static int form_part(fm_part *part)
{
    const char *text;
    if (fm_part_filename(part) == NULL) {
        ssize_t size = fm_part_load(part, &text, 100);
        return size < 0 ? (int)size : strcmp(text, "the sea");
    }
    int64_t size = fm_part_save(part, form_path("/kept"),
                                &(fm_replace_options){.no_sync = true});
    return size < 0 ? (int)size : 0;
}

static int form_take(fm_exchange *exchange, void *arg)
{
    fm_multipart *multipart = NULL;
    fm_part *part = NULL;
    (void)arg;
    int rc = fm_multipart_open(exchange, &multipart);
    if (rc < 0)
        return rc;
    while (rc >= 0 && (rc = fm_multipart_next(multipart, &part)) > 0)
        rc = form_part(part);
    fm_multipart_close(multipart);
    return rc < 0 ? rc : fm_reply_text(exchange, 200, "kept");
}

/* ---- the client --------------------------------------------------------- */

static int form_ask(fm_http_client *client, const fm_http_request *request)
{
    fm_response *response = NULL;
    int rc = fm_http_fetch(client, "http://a/", &response, request);
    if (rc < 0)
        return rc;
    int status = fm_response_status(response);
    fm_response_close(response);
    return status == 200 ? 0 : -ECONNRESET;
}

static int form_send(fm_multipart_form *form)
{
    const fm_http_client_options options = {.handler = form_take};
    fm_http_request request = {.method = NULL};
    fm_http_client *client = NULL;
    fm_multipart_form_text(form, "title", "the sea");
    fm_multipart_form_file(form, "photo", form_path("/sent"));
    int rc = fm_multipart_form_put(form, &request);
    if (rc == 0)
        rc = fm_http_client_open(&client, &options);
    if (rc < 0)
        return rc;
    rc = form_ask(client, &request);
    fm_http_client_close(client);
    return rc;
}

static int form_sent(void *arg)
{
    (void)arg;
    form_make();
    fm_multipart_form *form = fm_multipart_form_new();
    int rc = form_send(form);
    fm_multipart_form_free(form);
    form_remove();
    return rc == -EPIPE || rc == -FM_EEOF ? -ECONNRESET : rc;
}

static const char *form_kept_right(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "a file was kept that is not whole" : NULL;
}

const struct scenario sweep_multipart[] = {
    {"http-multipart", form_sent, .also = {-ECONNRESET, -ECANCELED},
     .wrong = form_kept_right},
    {.name = NULL},
};
