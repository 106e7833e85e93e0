/*
 * file_listing.c - what is in a directory, as a page
 *
 * Names are read to their end before the page begins, so that it can be in
 * order and a failure is none of a half page.
 */
#include "http/file_listing.h"

#include "base/memory.h"
#include "http/file_reply.h"
#include "proto/percent.h"

#include <errno.h>
#include <fermata/directory.h>
#include <stdlib.h>

enum {
    FILE_LISTING_FIRST = 4096,                 /* bytes of names, which grow */
    FILE_LISTING_PIECE = 8192,                 /* of the page */
    FILE_LISTING_LINE = 9 * FM_ENTRY_SIZE + 64 /* at most */
};

/* Names with their NULs, a slash behind that of a directory. */
struct file_listing {
    fm_exchange *exchange;
    char *names;
    size_t size;
    size_t room;
    size_t count;
    const char **order;
    bool more; /* than FM_HTTP_LISTED */
    struct fm__pen pen;
    char piece[FILE_LISTING_PIECE];
};

/* ---- names --------------------------------------------------------------- */

static int file_listing_room(struct file_listing *self, size_t size)
{
    if (self->size + size <= self->room)
        return 0;
    size_t room = self->room > 0 ? 2 * self->room : FILE_LISTING_FIRST;
    char *names = fm__memory_resize(self->names, room);
    if (names == NULL)
        return -ENOMEM;
    self->names = names;
    self->room = room;
    return 0;
}

static int file_listing_add(struct file_listing *self,
                            const fm_directory_entry *entry)
{
    size_t size = strlen(entry->name);
    int rc = file_listing_room(self, size + sizeof "/");
    if (rc < 0)
        return rc;
    memcpy(self->names + self->size, entry->name, size);
    self->size += size;
    if (S_ISDIR(entry->kind))
        self->names[self->size++] = '/';
    self->names[self->size++] = '\0';
    self->count++;
    return 0;
}

static bool file_listing_shows(const fm_directory_entry *entry, bool hidden)
{
    return (hidden || entry->name[0] != '.') &&
           (S_ISREG(entry->kind) || S_ISDIR(entry->kind) ||
            S_ISLNK(entry->kind));
}

static int file_listing_read(struct file_listing *self, fm_directory *directory,
                             bool hidden)
{
    fm_directory_entry entry;
    int rc;
    while ((rc = fm_directory_next(directory, &entry)) > 0) {
        if (!file_listing_shows(&entry, hidden))
            continue;
        self->more = self->count == FM_HTTP_LISTED;
        if (self->more)
            return 0;
        rc = file_listing_add(self, &entry);
        if (rc < 0)
            return rc;
    }
    return rc;
}

static int file_listing_compare(const void *left, const void *right)
{
    const char *const *one = left, *const *other = right;
    return strcmp(*one, *other);
}

static int file_listing_sort(struct file_listing *self)
{
    self->order = fm__memory_new((self->count + 1) * sizeof *self->order);
    if (self->order == NULL)
        return -ENOMEM;
    const char *name = self->names;
    for (size_t i = 0; i < self->count; i++) {
        self->order[i] = name;
        name += strlen(name) + 1;
    }
    qsort(self->order, self->count, sizeof *self->order, file_listing_compare);
    return 0;
}

/* ---- the page ------------------------------------------------------------ */

/* A character that means something to HTML means itself. */
static void file_listing_text(struct fm__pen *pen, struct fm__slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        switch (text.at[i]) {
        case '&':
            fm__pen_write(pen, FM__SLICE("&amp;"));
            break;
        case '<':
            fm__pen_write(pen, FM__SLICE("&lt;"));
            break;
        case '>':
            fm__pen_write(pen, FM__SLICE("&gt;"));
            break;
        default:
            fm__pen_put(pen, text.at[i]);
            break;
        }
    }
}

/* "./" says that no name is a scheme. */
static void file_listing_line(struct fm__pen *pen, const char *name)
{
    struct fm__slice text = fm__slice_of(name);
    bool directory = text.at[text.size - 1] == '/';
    fm__pen_write(pen, FM__SLICE("<li><a href=\"./"));
    fm__percent_encode(pen,
                       fm__slice_until(text, text.size - (directory ? 1 : 0)),
                       FM__PERCENT_COMPONENT);
    fm__pen_write(pen, directory ? FM__SLICE("/\">") : FM__SLICE("\">"));
    file_listing_text(pen, text);
    fm__pen_write(pen, FM__SLICE("</a></li>\n"));
}

static ssize_t file_listing_flush(struct file_listing *self)
{
    struct fm__slice done = fm__pen_since(&self->pen, self->piece);
    self->pen.at = self->piece;
    return fm_reply_write(self->exchange, done.at, done.size);
}

static int file_listing_page(struct file_listing *self)
{
    struct fm__pen *pen = &self->pen;
    ssize_t rc = 0;
    *pen =
        (struct fm__pen){self->piece, self->piece + sizeof self->piece, false};
    fm__pen_write(pen, FM__SLICE("<!DOCTYPE html>\n<meta charset=\"utf-8\">\n"
                                 "<title>Files</title>\n<ul>\n"));
    for (size_t i = 0; rc >= 0 && i < self->count; i++) {
        if (pen->end - pen->at < FILE_LISTING_LINE)
            rc = file_listing_flush(self);
        file_listing_line(pen, self->order[i]);
    }
    if (rc >= 0 && pen->end - pen->at < FILE_LISTING_LINE)
        rc = file_listing_flush(self);
    fm__pen_write(pen, FM__SLICE("</ul>\n"));
    if (self->more)
        fm__pen_write(pen, FM__SLICE("<p>There are more.</p>\n"));
    if (rc >= 0)
        rc = file_listing_flush(self);
    return rc < 0 ? (int)rc : 0;
}

static int file_listing_reply(struct file_listing *self)
{
    int rc = file_listing_sort(self);
    if (rc == 0)
        rc = fm_reply_set(self->exchange, "Content-Type",
                          "text/html; charset=utf-8");
    if (rc == 0)
        rc = fm_reply_begin(self->exchange, 200, -1);
    return rc < 0 ? rc : file_listing_page(self);
}

int fm__file_listing(fm_exchange *exchange, const char *path,
                     const fm_file_options *options, bool hidden)
{
    fm_directory *directory;
    int rc = fm_directory_open(path, &directory, options);
    if (rc < 0)
        return rc;
    struct file_listing *self = fm__memory_new(sizeof *self);
    if (self != NULL) {
        self->exchange = exchange;
        rc = file_listing_read(self, directory, hidden);
    } else {
        rc = -ENOMEM;
    }
    fm_directory_close(directory);
    if (rc == 0)
        rc = file_listing_reply(self);
    if (self != NULL) {
        fm__memory_free(self->order);
        fm__memory_free(self->names);
    }
    fm__memory_free(self);
    return rc;
}
