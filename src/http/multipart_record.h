/*
 * multipart_record.h - what a reader of parts is, and the part that it is at
 */
#ifndef FM_HTTP_MULTIPART_RECORD_H
#define FM_HTTP_MULTIPART_RECORD_H

#include "proto/multipart_text.h"

#include <fermata/multipart.h>

enum {
    FM__MULTIPART_WINDOW = 16384, /* bytes that are read at once, and */
    FM__PART_PIECE = 65536        /* that go to a file */
};

_Static_assert((int)FM__MULTIPART_FIELDS == FM_MULTIPART_FIELDS &&
                   (int)FM__MULTIPART_ROUND == FM_MULTIPART_AROUND,
               "what is promised is what is read");

/* What fm_part_load has loaded. */
struct fm__part_block {
    struct fm__part_block *next;
    size_t size;
    size_t room;
    char bytes[];
};

struct fm_part {
    fm_multipart *multipart;
    bool open;             /* more of it may come */
    struct fm__slice data; /* of it, in the window, that nobody has taken */
    uint64_t taken;        /* bytes of it that have come */
    struct fm__part_block *block; /* the first of the multipart's; or NULL */
    const char *name;             /* in `texts`, as all that follows; or NULL */
    const char *filename;
    const char *type;
    size_t fields; /* bytes of name, NUL, value, NUL, and so on */
};

struct fm_multipart {
    struct fm__multipart parser;
    struct fm_part part;
    ssize_t (*read)(void *from, void *buf, size_t size);
    void *from;
    fm_exchange *exchange;        /* which is told what was wrong; or NULL */
    fm_multipart_options options; /* all said */
    bool form;
    bool over;
    int error; /* or 0; it is the answer to all calls to come */
    unsigned parts;
    uint64_t taken; /* bytes of all parts */
    struct fm__part_block *blocks;
    size_t at; /* in the window: what the parser has not seen */
    size_t end;
    size_t room;
    char *window; /* so many bytes; behind them the texts of the part */
    char *texts;
};

/* It has failed: rc, which is told in these words. */
int fm__multipart_failed(fm_multipart *multipart, int rc, const char *why);

/* Fills in the part by the fields of its head: 0, or a failure. */
int fm__part_begin(struct fm_part *part, struct fm__slice head);

#endif
