/*
 * receive_files.c - keeps in a directory the files that browsers send
 *
 *   receive_files [DIRECTORY [ADDRESS]]
 *
 *   curl -F title='The sea' -F photo=@sea.jpg localhost:8080/
 *
 * Says where it listens, and ends in order on SIGINT.
 */
#include <errno.h>
#include <fermata.h>
#include <stdio.h>
#include <string.h>

#define LARGEST (64 * 1024 * 1024) /* of all that is sent at once */

static const char page[] =
    "<!doctype html><title>Upload</title>\n"
    "<form method=post enctype=multipart/form-data>\n"
    "<input name=title> <input name=photo type=file multiple> <button>Send\n"
    "</form>\n";

struct received {
    char title[100];
    int files;
    int64_t bytes;
};

/* [keep] */
static int keep(fm_part *part, const char *directory, struct received *received)
{
    char path[FM_PATH_SIZE];
    const char *name = fm_part_basename(part); /* no path, whatever was sent */
    if (fm_part_filename(part)[0] == '\0')
        return 0; /* a browser, where no file was chosen */
    if (name == NULL)
        return -EINVAL;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    int64_t size =
        fm_part_save(part, path, &(fm_replace_options){.keep = true});
    if (size < 0)
        return (int)size;
    received->files++;
    received->bytes += size;
    return 0;
}
/* [/keep] */

/* [take] */
static int read_part(fm_part *part, const char *directory,
                     struct received *received)
{
    const char *text;
    if (fm_part_filename(part) != NULL)
        return keep(part, directory, received);
    if (strcmp(fm_part_name(part), "title") != 0)
        return 0; /* it is passed over */
    ssize_t size = fm_part_load(part, &text, sizeof received->title - 1);
    if (size >= 0)
        snprintf(received->title, sizeof received->title, "%s", text);
    return size < 0 ? (int)size : 0;
}

static int read_form(fm_exchange *exchange, const char *directory,
                     struct received *received)
{
    fm_multipart *multipart;
    fm_part *part;
    int rc = fm_multipart_open(exchange, &multipart);
    if (rc < 0)
        return rc;
    while (rc >= 0 && (rc = fm_multipart_next(multipart, &part)) > 0)
        rc = read_part(part, directory, received);
    fm_multipart_close(multipart);
    return rc;
}

static int take(fm_exchange *exchange, void *directory)
{
    struct received received = {.title = "untitled"};
    char text[200];
    int rc = read_form(exchange, directory, &received);
    if (rc == -EEXIST)
        return fm_reply_problem(
            exchange, 409,
            &(fm_problem_options){.detail = "that name is taken"});
    if (rc == -EINVAL)
        return fm_reply_problem(
            exchange, 422,
            &(fm_problem_options){.detail = "that is no name of a file"});
    if (rc < 0)
        return rc; /* 400, 413, 415, 431: it says what is wrong */
    snprintf(text, sizeof text, "%s: %d files, %lld bytes\n", received.title,
             received.files, (long long)received.bytes);
    return fm_reply_text(exchange, 201, text);
}
/* [/take] */

static int show(fm_exchange *exchange, void *arg)
{
    (void)arg;
    int rc = fm_reply_set(exchange, "Content-Type", "text/html; charset=utf-8");
    return rc < 0 ? rc : fm_reply(exchange, 200, page, sizeof page - 1);
}

static int serve(fm_listener *listener, char *directory)
{
    fm_router *router = fm_router_new();
    int rc = fm_route(router, "GET", "/", FM_ROUTE(show, NULL));
    if (rc == 0)
        rc = fm_route(router, "POST", "/", FM_ROUTE(take, directory));
    if (rc == 0)
        rc = fm_http_serve(listener, fm_router_handle, router,
                           &(fm_http_serve_options){.body_limit = LARGEST});
    else
        fm_listener_close(listener);
    fm_router_free(router);
    return rc;
}

struct server {
    char *directory;
    const char *address;
};

static int server(void *arg)
{
    const struct server *self = arg;
    fm_listener *listener;
    char text[FM_ADDRESS_TEXT];
    int rc = fm_listen(self->address, &listener);
    if (rc < 0) {
        fprintf(stderr, "%s: %s\n", self->address, fm_strerror(rc));
        return rc;
    }
    printf("listening on %s\n",
           fm_address_format(fm_listener_address(listener), text));
    fflush(stdout);
    return serve(listener, self->directory);
}

int main(int argc, char **argv)
{
    char here[] = ".";
    struct server self = {.directory = argc > 1 ? argv[1] : here,
                          .address = argc > 2 ? argv[2] : "127.0.0.1:8080"};
    int rc = fm_run(server, &self);
    return rc < 0 && rc != -ECANCELED;
}
