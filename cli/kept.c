/*
 * kept.c - programs that were compiled before
 *
 * Each is a folder of its own: the program, ".key", which says all that it was
 * made of, and ".needs", the headers that its compiler has read. It is made
 * aside and gets its name, which is a hash of the key, when it is whole: who
 * runs another at the same time, or is killed, leaves nothing half. What was
 * left aside is removed an hour later.
 */
#include "kept.h"

#include "oldest.h"
#include "verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define KEPT_TEXT ".main.c"
#define KEPT_NEEDS ((size_t)1024 * 1024) /* bytes of a list of headers */

static int kept_path(char path[FM_PATH_SIZE], const char *folder,
                     const char *name)
{
    int size = snprintf(path, FM_PATH_SIZE, "%s/%s", folder, name);
    return size < FM_PATH_SIZE ? 0 : -ENAMETOOLONG;
}

/* ---- where --------------------------------------------------------------- */

static int kept_home(char folder[FM_PATH_SIZE])
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (cache != NULL && cache[0] == '/')
        return kept_path(folder, cache, "fermata");
    if (home != NULL && home[0] == '/')
        return kept_path(folder, home, ".cache/fermata");
    return -ENOENT;
}

/* What is run from there is to be nobody else's, and may be run. */
static int kept_own(const char *folder)
{
    struct stat found;
    struct statvfs system;
    int rc = fm_path_stat(folder, &found);
    if (rc == 0 && (found.st_uid != geteuid() ||
                    (found.st_mode & (S_IWGRP | S_IWOTH)) != 0))
        rc = -EPERM;
    if (rc == 0 && statvfs(folder, &system) == 0 &&
        (system.f_flag & ST_NOEXEC) != 0)
        rc = -EACCES;
    return rc;
}

static int kept_choose(struct kept *self)
{
    const fm_mkdir_options options = {.mode = S_IRWXU, .parents = true};
    int rc = kept_home(self->folder);
    if (rc == 0)
        rc = fm_path_mkdir(self->folder, &options);
    if (rc == 0)
        rc = kept_own(self->folder);
    if (rc == 0 || rc == -ECANCELED)
        return rc;
    self->folder[0] = '\0';
    return 0;
}

/* ---- the key ------------------------------------------------------------- */

static int kept_note_file(FILE *out, const char *path)
{
    struct stat found;
    int rc = fm_path_stat(path, &found);
    if (rc < 0)
        return tell_failure(path, rc);
    fprintf(out, "%s %jd %jd.%09ld %ju\n", path, (intmax_t)found.st_size,
            (intmax_t)found.st_mtim.tv_sec, found.st_mtim.tv_nsec,
            (uintmax_t)found.st_ino);
    return 0;
}

/* Relative paths may stand in each of these. */
static int kept_note_environment(FILE *out)
{
    static const char *const names[] = {"CFLAGS",         "LDFLAGS",
                                        "LDLIBS",         "CPATH",
                                        "C_INCLUDE_PATH", "LIBRARY_PATH"};
    char here[FM_PATH_SIZE] = "";
    int rc = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value == NULL || *value == '\0')
            continue;
        fprintf(out, "%s=%s\n", names[i], value);
        if (rc == 0 && here[0] == '\0')
            rc = tell_failure(".", fm_path_real(".", here));
    }
    fprintf(out, "%s\n", here);
    return rc;
}

static int kept_note(FILE *out, const struct script *script,
                     const struct cc *cc, const struct installed *installed)
{
    fprintf(out, "fermata %s\n", fm_version());
    int rc = kept_note_file(out, cc->path);
    for (size_t i = 0; rc == 0 && i < installed->count; i++)
        rc = kept_note_file(out, installed->files[i]);
    if (rc == 0)
        rc = kept_note_environment(out);
    for (size_t i = 0; i < cc->count; i++)
        fprintf(out, "%s\n", cc->words[i]);
    fprintf(out, "%s\n%s\n", script->path, script->name);
    fwrite(script->text, 1, script->size, out);
    return rc;
}

/* FNV-1a. Two keys of one hash take each other's place, and no more. */
static uint64_t kept_hash(const char *bytes, size_t size)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001b3;
    return hash;
}

int kept_open(struct kept *self, const struct script *script,
              const struct cc *cc, const struct installed *installed)
{
    char name[20];
    *self = (struct kept){.fd = -1, .script = script};
    FILE *out = open_memstream(&self->key, &self->size);
    if (out == NULL)
        return tell_failure(script->path, -ENOMEM);
    int rc = kept_note(out, script, cc, installed);
    if (fclose(out) != 0 && rc == 0)
        rc = tell_failure(script->path, -ENOMEM);
    if (rc == 0)
        rc = kept_choose(self);
    if (rc < 0 || self->folder[0] == '\0')
        return rc;
    snprintf(name, sizeof name, "%016" PRIx64,
             kept_hash(self->key, self->size));
    if (kept_path(self->entry, self->folder, name) < 0 ||
        kept_path(self->program, self->entry, script->name) < 0)
        self->folder[0] = '\0';
    return 0;
}

/* ---- what is there ------------------------------------------------------- */

static bool kept_later(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec
                                  : a->tv_nsec > b->tv_nsec;
}

/* The next path of what make would be told; in its place, without the
 * backslashes. NULL: no more. */
static char *kept_need(char **text)
{
    char *from = *text + strspn(*text, " \t\n\\"), *path = from, *to = from;
    for (; *from != '\0' && strchr(" \t\n", *from) == NULL; from++) {
        bool quoted = *from == '\\' && strchr(" #\\", from[1]) != NULL;
        if ((quoted && from[1] != '\0') || (from[0] == '$' && from[1] == '$'))
            from++;
        *to++ = *from;
    }
    *text = from + (*from != '\0');
    *to = '\0';
    return to > path ? path : NULL;
}

/* Whether a header is as it was; the first of all is the text. */
static int kept_is_as_it_was(const char *path, const struct timespec *when)
{
    struct stat found;
    const char *name = strrchr(path, '/');
    if (name != NULL && strcmp(name + 1, KEPT_TEXT) == 0)
        return 1;
    int rc = fm_path_stat(path, &found);
    if (rc < 0)
        return rc == -ECANCELED ? rc : 0;
    return kept_later(when, &found.st_mtim) && kept_later(when, &found.st_ctim);
}

static int kept_are_as_they_were(const struct kept *self,
                                 const struct timespec *when)
{
    char path[FM_PATH_SIZE], *need;
    void *needs;
    int rc = kept_path(path, self->entry, ".needs");
    ssize_t size = rc < 0 ? rc : fm_file_load(path, &needs, KEPT_NEEDS);
    if (size < 0)
        return size == -ECANCELED ? (int)size : 0;
    char *text = strstr(needs, ": ");
    if (text != NULL)
        text++;
    rc = text != NULL;
    while (rc > 0 && (need = kept_need(&text)) != NULL)
        rc = kept_is_as_it_was(need, when);
    fm_file_free(needs);
    return rc;
}

/* Whether it is of the same key, and since when. */
static int kept_has_key(const struct kept *self, struct timespec *when)
{
    char path[FM_PATH_SIZE];
    struct stat found;
    void *key;
    int rc = kept_path(path, self->entry, ".key");
    if (rc == 0)
        rc = fm_path_stat(path, &found);
    ssize_t size = rc < 0 ? rc : fm_file_load(path, &key, self->size);
    if (size < 0)
        return size == -ECANCELED ? (int)size : 0;
    bool same =
        (size_t)size == self->size && memcmp(key, self->key, self->size) == 0;
    fm_file_free(key);
    *when = found.st_mtim;
    return same;
}

/* A machine that lost its power may have left a program of no bytes. */
static int kept_has_program(const struct kept *self)
{
    struct stat found;
    int rc = fm_path_stat(self->program, &found);
    return rc == 0 ? found.st_size > 0 : rc;
}

int kept_find(const struct kept *self)
{
    struct timespec when;
    if (self->folder[0] == '\0')
        return 0;
    int rc = kept_has_key(self, &when);
    if (rc > 0)
        rc = kept_are_as_they_were(self, &when);
    if (rc > 0)
        rc = kept_has_program(self);
    if (rc > 0 && fm_path_utimes(self->entry, NULL) == -ECANCELED)
        return -ECANCELED; /* else it only looks older than it is */
    return rc < 0 && rc != -ECANCELED ? 0 : rc;
}

/* ---- what is made -------------------------------------------------------- */

/* All that a compiler takes, in a folder of that one's. */
static int kept_fill(struct kept *self, struct cc *cc, const char *folder)
{
    char path[FM_PATH_SIZE];
    int rc = fm_temporary_directory(folder, self->scratch);
    if (rc == 0)
        rc = kept_path(path, self->scratch, ".key");
    if (rc == 0)
        rc = fm_file_save(path, self->key, self->size);
    if (rc == 0)
        rc = kept_path(cc->input, self->scratch, KEPT_TEXT);
    if (rc == 0)
        rc = kept_path(cc->needs, self->scratch, ".needs");
    if (rc == 0)
        rc = kept_path(cc->output, self->scratch, self->script->name);
    return rc == 0 ? script_save(self->script, cc->input) : rc;
}

int kept_begin(struct kept *self, struct cc *cc)
{
    int rc = -ENOENT;
    if (self->folder[0] != '\0')
        rc = kept_fill(self, cc, self->folder);
    if (rc < 0 && rc != -ECANCELED) {
        kept_drop(self);
        self->folder[0] = '\0';
        rc = kept_fill(self, cc, NULL);
    }
    snprintf(cc->map, sizeof cc->map, "-fdebug-prefix-map=%s=%s", cc->input,
             script_shown(self->script));
    return tell_failure("a temporary folder", rc);
}

/* Where there is one already, of another key or with older headers, the two
 * change places. */
static int kept_place(struct kept *self)
{
    const fm_rename_options exchange = {.exchange = true};
    int rc = -EEXIST;
    for (int i = 0; i < 4 && rc < 0 && rc != -ECANCELED; i++) {
        rc = fm_path_rename(self->scratch, self->entry);
        if (rc == -EEXIST || rc == -ENOTEMPTY)
            rc = fm_path_rename(self->scratch, self->entry, &exchange);
        if (rc == -EINVAL) /* which this file system does not know */
            rc = fm_path_remove_tree(self->entry) == 0 ? -EAGAIN : rc;
    }
    return rc;
}

int kept_end(struct kept *self, const struct cc *cc)
{
    if (self->folder[0] == '\0') {
        self->fd = open(cc->output, O_RDONLY | O_CLOEXEC);
        return tell_failure(cc->output, self->fd < 0 ? -errno : 0);
    }
    (void)fm_path_unlink(cc->input); /* it has done its work */
    int rc = tell_failure(self->entry, kept_place(self));
    return rc < 0 ? rc
                  : oldest_remove(self->folder, strrchr(self->entry, '/') + 1);
}

void kept_drop(struct kept *self)
{
    if (self->scratch[0] == '\0')
        return;
    FM_SHIELD(5) {
        (void)fm_path_remove_tree(self->scratch); /* it may have its place */
    }
}
