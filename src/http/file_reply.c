/*
 * file_reply.c - a file, or parts of it, as the reply to a request
 *
 * What a reply says of the file is what the system knew of it when it was
 * opened: one that becomes shorter breaks the reply off, and of one that grows
 * the beginning is sent.
 */
#include "http/file_reply.h"

#include "base/random.h"
#include "base/sys.h"
#include "base/sys_path.h"
#include "http/exchange_record.h"
#include "http/file_type.h"
#include "io/file_record.h"
#include "proto/conditions.h"
#include "proto/range.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/problem.h>
#include <stdio.h>

enum {
    FILE_REPLY_YOUNG = 2, /* seconds, of which the coarsest clock makes one */
    FILE_REPLY_TAG = 24,
    FILE_REPLY_MARK = 33, /* hexadecimal digits, and a NUL */
    FILE_REPLY_WORDS = FM_HTTP_FILE_TYPE + 192
};

_Static_assert((int)FM__RANGES == FM_HTTP_RANGES, "as the header says");

struct file_reply {
    fm_exchange *exchange;
    fm_file *file;
    int64_t size;
    const char *type;
    struct fm__version version;
    char tag[FILE_REPLY_TAG];
    char modified[FM__DATE_SIZE + 1];
    struct fm__ranges ranges;
    char mark[FILE_REPLY_MARK]; /* between parts; what is sent cannot know it */
};

/* ---- what it is ---------------------------------------------------------- */

/* Numbers that tell nothing of what they are made of. */
static uint64_t file_reply_digest(const struct stat *status)
{
    uint64_t seed = (uint64_t)status->st_ino;
    seed = fm__random(&seed) ^ (uint64_t)status->st_size;
    seed = fm__random(&seed) ^ (uint64_t)status->st_mtim.tv_sec;
    seed = fm__random(&seed) ^ (uint64_t)status->st_mtim.tv_nsec;
    return fm__random(&seed);
}

static void file_reply_look(struct file_reply *self, const struct stat *status)
{
    struct fm__version *version = &self->version;
    int64_t now = fm__sys_date(), modified = status->st_mtim.tv_sec;
    bool young = modified > now - FILE_REPLY_YOUNG;
    if (modified < 0) /* dates have bounds, which times of files have not */
        modified = 0;
    /* Nothing was modified in the future (RFC 9110, 8.8.2.1). */
    *version = (struct fm__version){.modified = modified < now ? modified : now,
                                    .now = now};
    fm__date_write(self->modified, version->modified);
    snprintf(self->tag, sizeof self->tag, "%s\"%016llx\"", young ? "W/" : "",
             (unsigned long long)file_reply_digest(status));
    fm__etag_read(fm__slice_of(self->tag), &version->tag);
    self->size = status->st_size;
}

/* ---- what is asked for --------------------------------------------------- */

static void file_reply_conditions(const struct file_reply *self,
                                  struct fm__conditions *conditions)
{
    const struct fm__head *head = &self->exchange->incoming.head;
    for (unsigned i = 0; i < head->count; i++) {
        const struct fm__field *field = &head->fields[i];
        fm__conditions_take(
            conditions, &self->version, field->known,
            fm__passage_in(self->exchange->incoming.text, field->value));
    }
}

/* As fm__ranges_read. A type of the whole that was set already cannot become
 * that of parts. */
static int file_reply_ranges(struct file_reply *self,
                             const struct fm__conditions *conditions)
{
    int count = fm__ranges_read(&self->ranges, fm__conditions_range(conditions),
                                self->size);
    return count > 1 && self->exchange->typed ? 0 : count;
}

/* ---- replies ------------------------------------------------------------- */

static int file_reply_version(const struct file_reply *self)
{
    fm_exchange *exchange = self->exchange;
    int rc = fm_reply_set(exchange, "Accept-Ranges", "bytes");
    if (rc == 0)
        rc = fm_reply_set(exchange, "ETag", self->tag);
    return rc;
}

static int file_reply_fields(const struct file_reply *self, const char *type)
{
    fm_exchange *exchange = self->exchange;
    int rc = file_reply_version(self);
    if (rc == 0)
        rc = fm_reply_set(exchange, "Last-Modified", self->modified);
    if (rc == 0 && !exchange->typed)
        rc = fm_reply_set(exchange, "Content-Type", type);
    return rc;
}

static int file_reply_unchanged(const struct file_reply *self)
{
    int rc = file_reply_version(self);
    return rc < 0 ? rc : fm_reply(self->exchange, 304, NULL, 0);
}

static int file_reply_whole(const struct file_reply *self)
{
    fm_exchange *exchange = self->exchange;
    int rc = file_reply_fields(self, self->type);
    if (rc == 0)
        rc = fm_reply_begin(exchange, 200, self->size);
    return rc < 0 ? rc
                  : fm__reply_send_file(exchange, self->file, 0, self->size);
}

/* "bytes 5-9/20" */
static int file_reply_place(const struct file_reply *self,
                            const struct fm__range *range, char *text,
                            size_t size)
{
    return snprintf(text, size, "bytes %lld-%lld/%lld", (long long)range->at,
                    (long long)(range->at + range->size - 1),
                    (long long)self->size);
}

static int file_reply_part(const struct file_reply *self)
{
    const struct fm__range *range = &self->ranges.each[0];
    fm_exchange *exchange = self->exchange;
    char place[80];
    file_reply_place(self, range, place, sizeof place);
    int rc = file_reply_fields(self, self->type);
    if (rc == 0)
        rc = fm_reply_set(exchange, "Content-Range", place);
    if (rc == 0)
        rc = fm_reply_begin(exchange, 206, range->size);
    return rc < 0 ? rc
                  : fm__reply_send_file(exchange, self->file, range->at,
                                        range->size);
}

static int file_reply_nothing(const struct file_reply *self)
{
    fm_exchange *exchange = self->exchange;
    char place[40];
    fm__reply_forget(exchange);
    snprintf(place, sizeof place, "bytes */%lld", (long long)self->size);
    int rc = fm_reply_set(exchange, "Content-Range", place);
    return rc < 0 ? rc : fm_reply_problem(exchange, 416);
}

/* ---- several parts ------------------------------------------------------- */

/* What stands before a part (RFC 9110, 14.6); its size. */
static size_t file_reply_words(const struct file_reply *self, unsigned index,
                               char words[FILE_REPLY_WORDS])
{
    char place[80];
    file_reply_place(self, &self->ranges.each[index], place, sizeof place);
    int size = snprintf(words, FILE_REPLY_WORDS,
                        "%s--%s\r\nContent-Type: %s\r\nContent-Range: %s"
                        "\r\n\r\n",
                        index > 0 ? "\r\n" : "", self->mark, self->type, place);
    return (size_t)size;
}

static size_t file_reply_last_words(const struct file_reply *self,
                                    char words[FILE_REPLY_WORDS])
{
    return (size_t)snprintf(words, FILE_REPLY_WORDS, "\r\n--%s--\r\n",
                            self->mark);
}

static int64_t file_reply_parts_size(const struct file_reply *self)
{
    char words[FILE_REPLY_WORDS];
    int64_t size = (int64_t)file_reply_last_words(self, words);
    for (unsigned i = 0; i < self->ranges.count; i++)
        size += (int64_t)file_reply_words(self, i, words) +
                self->ranges.each[i].size;
    return size;
}

static int file_reply_send_parts(const struct file_reply *self)
{
    fm_exchange *exchange = self->exchange;
    char words[FILE_REPLY_WORDS];
    ssize_t rc = 0;
    for (unsigned i = 0; rc >= 0 && i < self->ranges.count; i++) {
        const struct fm__range *range = &self->ranges.each[i];
        rc = fm_reply_write(exchange, words, file_reply_words(self, i, words));
        if (rc >= 0)
            rc = fm__reply_send_file(exchange, self->file, range->at,
                                     range->size);
    }
    if (rc >= 0)
        rc =
            fm_reply_write(exchange, words, file_reply_last_words(self, words));
    return rc < 0 ? (int)rc : 0;
}

static int file_reply_parts(struct file_reply *self)
{
    char type[80];
    snprintf(self->mark, sizeof self->mark, "%016llx%016llx",
             (unsigned long long)fm__sys_chance(),
             (unsigned long long)fm__sys_chance());
    snprintf(type, sizeof type, "multipart/byteranges; boundary=%s",
             self->mark);
    int rc = file_reply_fields(self, type);
    if (rc == 0)
        rc = fm_reply_begin(self->exchange, 206, file_reply_parts_size(self));
    return rc < 0 ? rc : file_reply_send_parts(self);
}

/* ---- which of them ------------------------------------------------------- */

static int file_reply_get(struct file_reply *self)
{
    self->exchange->as_is = true; /* files are coded beforehand */
    const char *method = fm_exchange_method(self->exchange);
    bool gets = strcmp(method, "GET") == 0;
    struct fm__conditions conditions = {0};
    if (gets || strcmp(method, "HEAD") == 0)
        file_reply_conditions(self, &conditions);
    switch (fm__conditions_verdict(&conditions)) {
    case FM__VERDICT_NOT_MODIFIED:
        return file_reply_unchanged(self);
    case FM__VERDICT_FAILED:
        return fm__reply_for(self->exchange, 412);
    default:
        break;
    }
    int parts = gets ? file_reply_ranges(self, &conditions) : 0;
    if (parts < 0)
        return file_reply_nothing(self);
    if (parts > 1)
        return file_reply_parts(self);
    return parts == 1 ? file_reply_part(self) : file_reply_whole(self);
}

int fm__found_open(struct fm__found_file *found, const char *path,
                   const fm_file_options *options)
{
    return fm__file_open_look(path, &found->file, options, &found->status);
}

int fm__found_reply(const struct fm__found_file *found, fm_exchange *exchange,
                    const char *type)
{
    struct file_reply self = {
        .exchange = exchange, .file = found->file, .type = type};
    if (!S_ISREG(found->status.st_mode))
        return -ENOENT;
    file_reply_look(&self, &found->status);
    return file_reply_get(&self);
}

int fm__found_none(fm_exchange *exchange, int rc)
{
    switch (-rc) {
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case EACCES:
    case EPERM:
    case ELOOP:
    case EXDEV:
    case ENAMETOOLONG:
    case ENXIO:
    case ENODEV:
    case ESPIPE:
    case EINVAL: /* no file system has such a name */
    case EILSEQ:
        return fm__reply_for(exchange, 404);
    case EMFILE:
    case ENFILE:
    case EAGAIN:
        return fm__reply_for(exchange, 503);
    default:
        return rc;
    }
}

static bool file_reply_is_type(const char *type)
{
    struct fm__slice text = fm__slice_of(type);
    return text.size <= FM_HTTP_FILE_TYPE && fm__field_value_is(text);
}

int fm__reply_file(fm_exchange *exchange, const char *path,
                   const fm_reply_file_options *options)
{
    static const fm_reply_file_options none;
    struct fm__found_file found;
    if (options == NULL)
        options = &none;
    const char *type =
        options->type != NULL ? options->type : fm__file_type(path);
    if (exchange->state != FM__REPLY_NONE)
        return -EALREADY;
    if (!file_reply_is_type(type))
        return -EINVAL;
    const fm_file_options place = {.at = options->at,
                                   .beneath = options->beneath};
    int rc = fm__found_open(&found, path, &place);
    if (rc == 0) {
        if (options->encoded)
            rc = fm__found_encoded(&found, exchange, path, &place);
        if (rc == 0)
            rc = fm__found_reply(&found, exchange, type);
        fm_file_close(found.file);
    }
    bool none_yet = exchange->state == FM__REPLY_NONE;
    return rc < 0 && none_yet ? fm__found_none(exchange, rc) : rc;
}
