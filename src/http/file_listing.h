/*
 * file_listing.h - what is in a directory, as a page
 */
#ifndef FM_HTTP_FILE_LISTING_H
#define FM_HTTP_FILE_LISTING_H

#include <fermata/exchange.h>
#include <fermata/file.h>

/* Replies with the names of what may be in a directory that is served; hidden:
 * those too that begin with a dot. 0; or a failure, and no reply where the
 * directory cannot be read. */
int fm__file_listing(fm_exchange *exchange, const char *path,
                     const fm_file_options *options, bool hidden);

#endif
