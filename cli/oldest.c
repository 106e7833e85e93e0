/*
 * oldest.c - room for programs that were compiled
 *
 * Two of these may be at it at the same time: what is gone already is no
 * failure. Who is about to run a program that is removed compiles it again.
 */
#include "oldest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define OLDEST_SEEN 1000 /* of more, the others have their turn next time */
#define OLDEST_HALF 3600 /* seconds after which nobody is making it any more */

struct oldest_entry {
    char name[20];
    uint64_t bytes;
    time_t used;
};

struct oldest {
    struct oldest_entry entries[OLDEST_SEEN];
    size_t count;
    uint64_t bytes; /* of all */
};

static bool oldest_is_program(const char *name)
{
    return strlen(name) == 16 && strspn(name, "0123456789abcdef") == 16;
}

static bool oldest_is_half(const char *name)
{
    return strncmp(name, "fermata-", 8) == 0 && oldest_is_program(name + 8);
}

/* What is right in the folder. Whoever uses that for something else has it. */
static void oldest_meet(struct oldest *self, fm_walk *walk,
                        const fm_walk_entry *entry)
{
    struct stat found;
    bool ours = S_ISDIR(entry->kind) && fm_path_stat(entry->path, &found) == 0;
    if (ours && oldest_is_program(entry->name) && self->count < OLDEST_SEEN) {
        struct oldest_entry *seen = &self->entries[self->count++];
        *seen = (struct oldest_entry){.used = found.st_mtime};
        snprintf(seen->name, sizeof seen->name, "%s", entry->name);
        return;
    }
    if (ours && oldest_is_half(entry->name) &&
        time(NULL) - found.st_mtime > OLDEST_HALF)
        fm_path_remove_tree(entry->path);
    fm_walk_skip(walk);
}

static int oldest_look(struct oldest *self, const char *folder)
{
    const fm_walk_options options = {.depth = 2};
    fm_walk_entry entry;
    struct stat found;
    fm_walk *walk;
    self->count = 0;
    self->bytes = 0;
    int rc = fm_walk_open(folder, &walk, &options);
    if (rc < 0)
        return rc;
    while ((rc = fm_walk_next(walk, &entry)) > 0) {
        if (entry.depth == 1) {
            oldest_meet(self, walk, &entry);
        } else if (fm_path_stat(entry.path, &found) == 0) {
            self->entries[self->count - 1].bytes += (uint64_t)found.st_size;
            self->bytes += (uint64_t)found.st_size;
        }
    }
    fm_walk_close(walk);
    return rc;
}

static struct oldest_entry *oldest_find(struct oldest *self, const char *keep)
{
    struct oldest_entry *oldest = NULL;
    for (size_t i = 0; i < self->count; i++) {
        struct oldest_entry *entry = &self->entries[i];
        if (strcmp(entry->name, keep) != 0 &&
            (oldest == NULL || entry->used < oldest->used))
            oldest = entry;
    }
    return oldest;
}

int oldest_remove(const char *folder, const char *keep)
{
    static struct oldest all;
    char path[FM_PATH_SIZE];
    int rc = oldest_look(&all, folder);
    while (rc == 0 && (all.count > OLDEST_MOST || all.bytes > OLDEST_BYTES)) {
        struct oldest_entry *oldest = oldest_find(&all, keep);
        if (oldest == NULL)
            break;
        if (snprintf(path, sizeof path, "%s/%s", folder, oldest->name) <
            FM_PATH_SIZE)
            rc = fm_path_remove_tree(path);
        all.bytes -= oldest->bytes;
        *oldest = all.entries[--all.count];
        rc = rc == -ECANCELED ? rc : 0;
    }
    return rc == -ECANCELED ? rc : 0;
}
