/*
 * http_files.c - a directory that is served
 *
 * A path is taken as a row of names, each of which is seen or not, before the
 * system looks for it; and that finds it under the directory or not at all. So
 * no name means anything but a name.
 */
#include "base/memory.h"
#include "http/exchange_record.h"
#include "http/file_listing.h"
#include "http/file_reply.h"
#include "http/file_type.h"

#include <errno.h>
#include <fcntl.h>
#include <fermata/path.h>
#include <fermata/problem.h>
#include <fermata/router.h>
#include <stdio.h>

struct http_files {
    fm_exchange *exchange;
    const fm_http_directory *files;
    fm_file_options options; /* of what is opened in the directory */
    bool slash;              /* a directory is asked for */
    const char *path;        /* of the exchange; or "." */
};

/* ---- the path ------------------------------------------------------------ */

/* Of a row of names only the last may be empty. */
static bool http_files_sees(const char *path, bool hidden)
{
    for (;;) {
        size_t size = strcspn(path, "/");
        bool last = path[size] == '\0';
        bool up = size <= 2 && strncmp(path, "..", size) == 0;
        if (size == 0)
            return last;
        if (up || (path[0] == '.' && !hidden))
            return false;
        if (last)
            return true;
        path += size + 1;
    }
}

/* Takes what is asked for apart: 0 or -ENOENT. */
static int http_files_take(struct http_files *self)
{
    const char *path = fm_exchange_parameter(self->exchange, "path");
    struct fm__slice sent = fm__exchange_path(self->exchange);
    if (path == NULL || *path == '\0') { /* the directory itself */
        self->slash = fm__slice_at(sent, sent.size - 1) == '/';
        path = "";
    }
    size_t size = strlen(path);
    if (!http_files_sees(path, self->files->hidden))
        return -ENOENT;
    self->slash = self->slash || (size > 0 && path[size - 1] == '/');
    self->path = size > 0 ? path : ".";
    return 0;
}

/* ---- replies ------------------------------------------------------------- */

static int http_files_fields(const struct http_files *self)
{
    char text[40] = "no-cache";
    int64_t age = self->files->max_age;
    int rc = fm_reply_set(self->exchange, "X-Content-Type-Options", "nosniff");
    if (age > 0)
        snprintf(text, sizeof text, "max-age=%lld", (long long)age);
    if (rc == 0 && age != 0)
        rc = fm_reply_set(self->exchange, "Cache-Control", text);
    return rc;
}

/* To the same name with a slash behind it, seen from where it stands: what was
 * sent can lead nowhere else. */
static int http_files_redirect(const struct http_files *self)
{
    fm_exchange *exchange = self->exchange;
    struct fm__slice path = fm__exchange_path(exchange), name = path;
    struct fm__slice sent = fm__slice_of(fm_exchange_target(exchange));
    size_t size = sent.size + sizeof "./" + sizeof "/";
    char *text = fm__memory_new(size);
    if (text == NULL)
        return -ENOMEM;
    for (size_t at; (at = fm__slice_find(name, '/')) < name.size;)
        name = fm__slice_after(name, at + 1);
    struct fm__pen pen = {text, text + size - 1, false};
    fm__pen_write(&pen, FM__SLICE("./"));
    fm__pen_write(&pen, name);
    fm__pen_write(&pen, FM__SLICE("/"));
    fm__pen_write(&pen, fm__slice_after(sent, fm__slice_find(sent, '?')));
    int rc = fm_reply_set(exchange, "Location", text);
    fm__memory_free(text);
    return rc < 0 ? rc : fm_reply_text(exchange, 301, "Moved Permanently\n");
}

/* The file at a path, which was opened. */
static int http_files_send(const struct http_files *self,
                           struct fm__found_file *found, const char *path)
{
    int rc = 0;
    if (self->files->encoded)
        rc = fm__found_encoded(found, self->exchange, path, &self->options);
    return rc < 0 ? rc
                  : fm__found_reply(found, self->exchange, fm__file_type(path));
}

/* The path of the directory's index: 0, or -ENOENT where it has none. */
static int http_files_name_index(const struct http_files *self,
                                 char path[FM_PATH_SIZE])
{
    const char *index = self->files->index;
    if (index == NULL)
        index = "index.html";
    size_t end = strlen(self->path);
    const char *slash = self->path[end - 1] == '/' ? "" : "/";
    int size = snprintf(path, FM_PATH_SIZE, "%s%s%s", self->path, slash, index);
    return *index == '\0' || size >= FM_PATH_SIZE ? -ENOENT : 0;
}

static int http_files_list(const struct http_files *self)
{
    return fm__file_listing(self->exchange, self->path, &self->options,
                            self->files->hidden);
}

/* Opens the directory's index; -EISDIR where that is no regular file: there is
 * one, so nothing is listed in its place. */
static int http_files_open_index(const struct http_files *self,
                                 struct fm__found_file *found,
                                 char path[FM_PATH_SIZE])
{
    int rc = http_files_name_index(self, path);
    if (rc == 0)
        rc = fm__found_open(found, path, &self->options);
    if (rc == 0 && !S_ISREG(found->status.st_mode)) {
        fm_file_close(found->file);
        rc = -EISDIR;
    }
    return rc;
}

/* One in which there is nothing to be seen is not there. */
static int http_files_directory(const struct http_files *self)
{
    FM__UNINITIALIZED char path[FM_PATH_SIZE];
    struct fm__found_file found;
    int rc = http_files_open_index(self, &found, path);
    bool indexed = rc == 0;
    if (!indexed && (rc != -ENOENT || !self->files->listing))
        return rc;
    if (!self->slash)
        rc = http_files_redirect(self);
    else if (indexed)
        rc = http_files_send(self, &found, path);
    else
        rc = http_files_list(self);
    if (indexed)
        fm_file_close(found.file);
    return rc;
}

static int http_files_answer(const struct http_files *self)
{
    struct fm__found_file found;
    int rc = http_files_fields(self);
    if (rc < 0)
        return rc;
    if (self->slash)
        return http_files_directory(self);
    rc = fm__found_open(&found, self->path, &self->options);
    if (rc < 0)
        return rc;
    bool directory = S_ISDIR(found.status.st_mode);
    if (!directory)
        rc = http_files_send(self, &found, self->path);
    fm_file_close(found.file);
    return directory ? http_files_directory(self) : rc;
}

/* ---- the handler --------------------------------------------------------- */

static int http_files_answer_in(struct http_files *self)
{
    const fm_http_directory *files = self->files;
    fm_file *root = NULL;
    const fm_file_options options = {.flags = O_DIRECTORY, .at = files->at};
    self->options.beneath = true;
    self->options.at = files->at;
    int rc = http_files_take(self);
    if (rc == 0 && files->path != NULL) {
        rc = fm_file_open(files->path, &root, &options);
        self->options.at = root;
    }
    if (rc == 0)
        rc = http_files_answer(self);
    fm_file_close(root);
    return rc;
}

int fm_http_files(fm_exchange *exchange, void *arg)
{
    struct http_files self = {.exchange = exchange, .files = arg};
    const char *method = fm_exchange_method(exchange);
    if (exchange->state != FM__REPLY_NONE)
        return -EALREADY;
    if (self.files->path == NULL && self.files->at == NULL)
        return -EINVAL;
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
        int rc = fm_reply_set(exchange, "Allow", "GET, HEAD");
        return rc < 0 ? rc : fm_reply_problem(exchange, 405);
    }
    int rc = http_files_answer_in(&self);
    bool none_yet = exchange->state == FM__REPLY_NONE;
    return rc < 0 && none_yet ? fm__found_none(exchange, rc) : rc;
}
