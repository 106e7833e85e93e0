/*
 * file_encoded.c - a file that lies beside another, compressed already
 *
 * It is a thing of its own: its size, its tag and its parts are those that are
 * told. One that is older than its file is of another version.
 */
#include "base/memory.h"
#include "http/exchange_record.h"
#include "http/file_reply.h"
#include "proto/codings.h"

#include <errno.h>
#include <stdio.h>

/* The smallest first. */
static const char *const file_encoded_endings[FM__CODINGS] = {
    [FM__CODING_BR] = ".br",
    [FM__CODING_ZSTD] = ".zst",
    [FM__CODING_GZIP] = ".gz",
};

static bool file_encoded_is_of(const struct stat *coded,
                               const struct stat *plain)
{
    const struct timespec *one = &coded->st_mtim, *other = &plain->st_mtim;
    return S_ISREG(coded->st_mode) &&
           (one->tv_sec > other->tv_sec ||
            (one->tv_sec == other->tv_sec && one->tv_nsec >= other->tv_nsec));
}

/* In place of the plain one: 1; 0: there is none, or it cannot be had; or why
 * the task was cut. */
static int file_encoded_take(struct fm__found_file *found, const char *path,
                             enum fm__coding coding,
                             const fm_file_options *options)
{
    struct fm__found_file coded;
    const char *ending = file_encoded_endings[coding];
    size_t size = strlen(path) + strlen(ending) + 1;
    char *name = fm__memory_resize(NULL, size);
    if (name == NULL)
        return 0;
    snprintf(name, size, "%s%s", path, ending);
    int rc = fm__found_open(&coded, name, options);
    fm__memory_free(name);
    if (rc < 0)
        return rc == -ECANCELED || rc == -ETIMEDOUT ? rc : 0;
    bool taken = file_encoded_is_of(&coded.status, &found->status);
    fm_file_close(taken ? found->file : coded.file);
    if (taken)
        *found = coded;
    return taken;
}

int fm__found_encoded(struct fm__found_file *found, fm_exchange *exchange,
                      const char *path, const fm_file_options *options)
{
    struct fm__codings accepted = fm__exchange_codings(exchange);
    int rc = fm_reply_set(exchange, "Vary", "Accept-Encoding");
    if (rc < 0 || !S_ISREG(found->status.st_mode))
        return rc;
    for (unsigned i = 0; i < FM__CODINGS; i++) {
        enum fm__coding coding = (enum fm__coding)i;
        if (!fm__codings_has(&accepted, coding))
            continue;
        rc = file_encoded_take(found, path, coding, options);
        if (rc > 0)
            return fm_reply_set(exchange, "Content-Encoding",
                                fm__coding_name(coding));
        if (rc < 0)
            return rc;
    }
    return 0;
}
