/*
 * file_reply.h - a file as the reply to a request
 */
#ifndef FM_HTTP_FILE_REPLY_H
#define FM_HTTP_FILE_REPLY_H

#include "base/sys.h"

#include <fermata/http_files.h>

/* A file that was found, and what the system knows of it. */
struct fm__found_file {
    fm_file *file; /* to be closed */
    struct stat status;
};

/* Opens a file or a directory to be read, and looks at it: 0, or -errno. */
int fm__found_open(struct fm__found_file *found, const char *path,
                   const fm_file_options *options);

/* Takes in its place what lies beside it, compressed as the client lets it be,
 * and says so: 0, or -errno. */
int fm__found_encoded(struct fm__found_file *found, fm_exchange *exchange,
                      const char *path, const fm_file_options *options);

/* Replies with what was found: -ENOENT, and no reply, where that is no regular
 * file. */
int fm__found_reply(const struct fm__found_file *found, fm_exchange *exchange,
                    const char *type);

/* Replies to who cannot have a file, and why; or returns that, where it is
 * nothing that a client is told. */
int fm__found_none(fm_exchange *exchange, int rc);

#endif
