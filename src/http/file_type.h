/*
 * file_type.h - what kind of thing a file is, by the ending of its name
 */
#ifndef FM_HTTP_FILE_TYPE_H
#define FM_HTTP_FILE_TYPE_H

/* A media type: "application/octet-stream" where the ending tells nothing. */
const char *fm__file_type(const char *path);

#endif
