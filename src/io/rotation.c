/*
 * rotation.c - the files that a log was, and which of them comes after which
 *
 * Somebody may rename them while we look, and a file that gets its next name
 * then may be seen at neither. Invariant: what is opened, and that a file is
 * gone, is told only where two looks, before and after, have found the same
 * files under the same names. A log's files move on and none returns: then
 * nothing has moved in between, and none is left out; unless each name got a
 * new file of the same number that a file before it had.
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
    uint64_t seen;              /* a sum of all names, and what they lead to */
};

/* A step of FNV-1a. */
static uint64_t rotation_add(uint64_t sum, uint64_t value)
{
    return (sum ^ value) * UINT64_C(0x100000001b3);
}

uint64_t fm__rotation_mark(const char *bytes, size_t size)
{
    uint64_t mark = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < size; i++)
        mark = rotation_add(mark, (unsigned char)bytes[i]);
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

/* Known by the newest of its names: for a moment it may have two. */
static void rotation_see(struct rotation_look *look, const char *name)
{
    const fm_tail_place *place = look->wanted->place;
    struct rotation_age age = rotation_age(look, name);
    struct stat found = {0};
    if (age.kind == ROTATION_OTHER)
        return;
    bool there = fm__sys_stat_at(rotation_at(look, name), &found, 0) == 0;
    look->seen =
        rotation_add(look->seen, fm__rotation_mark(name, strlen(name)));
    look->seen = rotation_add(look->seen, there);
    look->seen = rotation_add(look->seen, found.st_dev);
    look->seen = rotation_add(look->seen, found.st_ino);
    if (there && rotation_is(&found, place->device, place->inode) &&
        (*look->known == '\0' ||
         rotation_older(rotation_age(look, look->known), age)))
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
    rotation_each(look, rotation_see);
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

static bool rotation_is_open(const struct fm__rotation *self,
                             const struct rotation_look *look)
{
    struct stat found;
    return fm__sys_stat_at(rotation_at(look, look->chosen), &found, 0) == 0 &&
           rotation_is(&found, self->device, self->inode);
}

/* `found` where nothing has moved since. */
static int rotation_confirm(struct fm__rotation *self,
                            const struct rotation_look *before, int found)
{
    struct rotation_look after = {.wanted = self};
    int rc = rotation_look(&after);
    if (rc < 0)
        return rc;
    rc = FM__ROTATION_MOVED;
    if (before->seen == after.seen &&
        (found != FM__ROTATION_FOUND || rotation_is_open(self, &after)))
        rc = found;
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
    if (self->fd == -ENOENT)
        return rotation_confirm(self, look, FM__ROTATION_NONE);
    if (self->fd < 0)
        return self->fd;
    int rc = rotation_identify(self);
    if (rc == FM__ROTATION_FOUND)
        rc = rotation_confirm(self, look, FM__ROTATION_FOUND);
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
    else if (*look.known == '\0')
        rc = rotation_confirm(self, &look, FM__ROTATION_NONE);
    rotation_fini(&look);
    return rc;
}
