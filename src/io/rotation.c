/*
 * rotation.c - the files that a log was, and which of them comes after which
 *
 * Somebody may rename them while we look. Invariant: what is opened had its
 * name before and after, as had the file that it comes after, and no name that
 * comes between them was there afterwards; so none is left out.
 */
#include "io/rotation.h"

#include "io/entries.h"
#include "io/place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROTATION_DIGITS = 4 /* more are a date */
};

enum rotation_kind {
    ROTATION_OTHER,    /* not one of the log's files */
    ROTATION_NUMBERED, /* log.1 */
    ROTATION_DATED,    /* log-20261130 */
    ROTATION_LOG
};

struct rotation_age {
    enum rotation_kind kind;
    const char *text; /* behind the log's name */
};

struct rotation_look {
    const struct fm__rotation *wanted;
    struct fm__place log;
    struct fm__entries entries;
    char known[FM_ENTRY_SIZE];  /* what it is called now; or "" */
    char chosen[FM_ENTRY_SIZE]; /* what is to be opened; or "" */
};

uint64_t fm__rotation_mark(const char *bytes, size_t size)
{
    uint64_t mark = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (size_t i = 0; i < size; i++)
        mark = (mark ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
    return mark >> 1; /* what keeps it may know signed numbers alone */
}

/* ---- Names --------------------------------------------------------------- */

static struct rotation_age rotation_age(const struct rotation_look *look,
                                        const char *name)
{
    static const char digits[] = "0123456789";
    size_t size = strlen(look->log.name);
    struct rotation_age age = {ROTATION_OTHER, name + size};
    if (strncmp(name, look->log.name, size) != 0)
        return (struct rotation_age){ROTATION_OTHER, ""};
    size_t count = *age.text != '\0' ? strspn(age.text + 1, digits) : 0;
    if (*age.text == '\0')
        age.kind = ROTATION_LOG;
    else if (strchr(".-", *age.text) == NULL || count == 0)
        age.kind = ROTATION_OTHER;
    else if (*age.text == '.' && count <= ROTATION_DIGITS &&
             age.text[1 + count] == '\0')
        age.kind = ROTATION_NUMBERED;
    else if (age.text[strspn(age.text, "0123456789.:_-")] == '\0')
        age.kind = ROTATION_DATED;
    return age;
}

/* Two files of different schemes have no order. */
static bool rotation_older(struct rotation_age one, struct rotation_age other)
{
    if (other.kind == ROTATION_LOG)
        return one.kind != ROTATION_LOG && one.kind != ROTATION_OTHER;
    if (one.kind != other.kind)
        return false;
    if (one.kind == ROTATION_NUMBERED)
        return strtoul(one.text + 1, NULL, 10) >
               strtoul(other.text + 1, NULL, 10);
    return strcmp(one.text, other.text) < 0;
}

static struct fm__sys_place rotation_at(const struct rotation_look *look,
                                        const char *name)
{
    return (struct fm__sys_place){look->log.parent, name};
}

static bool rotation_is(const struct stat *found, uint64_t device,
                        uint64_t inode)
{
    return S_ISREG(found->st_mode) && found->st_dev == device &&
           found->st_ino == inode;
}

/* ---- A look at the directory --------------------------------------------- */

/* By the newest of its names: for a moment it may have two. */
static void rotation_know(struct rotation_look *look, const char *name)
{
    const fm_tail_place *place = look->wanted->place;
    struct rotation_age age = rotation_age(look, name);
    struct stat found;
    if (age.kind == ROTATION_OTHER ||
        (*look->known != '\0' &&
         !rotation_older(rotation_age(look, look->known), age)))
        return;
    if (fm__sys_stat_at(rotation_at(look, name), &found, 0) == 0 &&
        rotation_is(&found, place->device, place->inode))
        memcpy(look->known, name, strlen(name) + 1);
}

/* The oldest of those that are newer. */
static void rotation_choose(struct rotation_look *look, const char *name)
{
    struct rotation_age age = rotation_age(look, name);
    if (rotation_older(rotation_age(look, look->known), age) &&
        (*look->chosen == '\0' ||
         rotation_older(age, rotation_age(look, look->chosen))))
        memcpy(look->chosen, name, strlen(name) + 1);
}

static void rotation_each(struct rotation_look *look,
                          void (*fn)(struct rotation_look *, const char *))
{
    struct fm__entries each = look->entries;
    const struct dirent64 *entry;
    while ((entry = fm__entries_peek(&each)) != NULL) {
        fn(look, entry->d_name);
        fm__entries_take(&each);
    }
}

static void rotation_fini(struct rotation_look *look)
{
    fm__entries_fini(&look->entries);
    fm__place_close(&look->log);
}

static int rotation_look(struct rotation_look *look)
{
    *look = (struct rotation_look){.wanted = look->wanted};
    int rc = fm__place_open(&look->log, look->wanted->path, O_RDONLY);
    if (rc < 0)
        return rc;
    rc = fm__entries_read_sorted(&look->entries, look->log.parent);
    if (rc < 0) {
        rotation_fini(look);
        return rc;
    }
    if (look->wanted->place->inode != 0)
        rotation_each(look, rotation_know);
    if (!look->wanted->next)
        memcpy(look->chosen, look->known, sizeof look->chosen);
    else if (*look->known == '\0')
        memcpy(look->chosen, look->log.name, sizeof look->chosen);
    else
        rotation_each(look, rotation_choose);
    return 0;
}

/* ---- What is found ------------------------------------------------------- */

static int rotation_identify(struct fm__rotation *self)
{
    struct stat found;
    int rc = fm__sys_stat_fd(self->fd, &found);
    if (rc < 0)
        return rc;
    self->device = found.st_dev;
    self->inode = found.st_ino;
    self->empty = found.st_size == 0;
    if (S_ISDIR(found.st_mode))
        return -EISDIR;
    return S_ISREG(found.st_mode) ? FM__ROTATION_FOUND : -ESPIPE;
}

static int rotation_confirm(struct fm__rotation *self,
                            const struct rotation_look *before)
{
    struct rotation_look after = {.wanted = self};
    struct stat found;
    int rc = rotation_look(&after);
    if (rc < 0)
        return rc;
    rc = FM__ROTATION_MOVED;
    if (strcmp(before->known, after.known) == 0 &&
        strcmp(before->chosen, after.chosen) == 0 &&
        fm__sys_stat_at(rotation_at(&after, after.chosen), &found, 0) == 0 &&
        found.st_dev == self->device && found.st_ino == self->inode)
        rc = FM__ROTATION_FOUND;
    rotation_fini(&after);
    return rc;
}

/* Whether what is in front of the place is what was there. */
static int rotation_recognise(struct fm__rotation *self)
{
    int64_t offset = self->place->offset;
    size_t most = sizeof self->seen;
    if (self->next || offset < 0)
        return FM__ROTATION_FOUND;
    self->kept = offset < (int64_t)most ? (size_t)offset : most;
    ssize_t rc = fm__sys_read_at(self->fd, self->seen, self->kept,
                                 offset - (int64_t)self->kept);
    if (rc < 0)
        return (int)rc;
    self->same = (size_t)rc == self->kept &&
                 fm__rotation_mark(self->seen, self->kept) == self->place->mark;
    return FM__ROTATION_FOUND;
}

static int rotation_open(struct fm__rotation *self,
                         const struct rotation_look *look)
{
    self->fd = fm__sys_open_at(rotation_at(look, look->chosen),
                               O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    if (self->fd < 0)
        return self->fd == -ENOENT ? FM__ROTATION_NONE : self->fd;
    int rc = rotation_identify(self);
    if (rc == FM__ROTATION_FOUND)
        rc = rotation_confirm(self, look);
    if (rc == FM__ROTATION_FOUND)
        rc = rotation_recognise(self);
    if (rc == FM__ROTATION_FOUND && self->filled && self->empty &&
        strcmp(look->chosen, look->log.name) == 0)
        rc = FM__ROTATION_EMPTY;
    if (rc != FM__ROTATION_FOUND)
        fm__sys_close(self->fd);
    return rc;
}

int fm__rotation_find(void *arg)
{
    struct fm__rotation *self = arg;
    struct rotation_look look = {.wanted = self};
    int rc = rotation_look(&look);
    if (rc < 0)
        return rc;
    if (*look.chosen != '\0')
        rc = rotation_open(self, &look);
    rotation_fini(&look);
    return rc;
}
