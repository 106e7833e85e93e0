/*
 * file_kit.h - files for tests, in a directory of the test's own
 */
#ifndef TESTS_IO_FILE_KIT_H
#define TESTS_IO_FILE_KIT_H

#include "task/story.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define KIT_FILES 8

/* The directory, and the paths in it that are removed at the end. */
struct kit {
    char directory[64];
    char *paths[KIT_FILES];
    unsigned count;
};

static inline void kit_open(struct kit *kit)
{
    memset(kit, 0, sizeof *kit);
    snprintf(kit->directory, sizeof kit->directory, "/tmp/fermata-file-XXXXXX");
    CHECK(mkdtemp(kit->directory) != NULL);
}

/* The same name is the same path. */
static inline const char *kit_path(struct kit *kit, const char *name)
{
    char *path = NULL;
    CHECK(asprintf(&path, "%s/%s", kit->directory, name) > 0);
    for (unsigned i = 0; i < kit->count; i++) {
        if (strcmp(kit->paths[i], path) == 0) {
            free(path);
            return kit->paths[i];
        }
    }
    CHECK(kit->count < KIT_FILES);
    kit->paths[kit->count++] = path;
    return path;
}

/* The last ones first: what is in a directory before it. */
static inline void kit_close(struct kit *kit)
{
    while (kit->count > 0) {
        char *path = kit->paths[--kit->count];
        (void)remove(path);
        free(path);
    }
    CHECK_INT(rmdir(kit->directory), 0);
}

static inline char kit_byte(size_t at)
{
    return (char)(at * 7 + at / 251);
}

static inline void kit_fill(char *bytes, size_t size, size_t at)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = kit_byte(at + i);
}

static inline bool kit_is_right(const char *bytes, size_t size, size_t at)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != kit_byte(at + i))
            return false;
    }
    return true;
}

/* A file of so many bytes; its path. */
static inline const char *kit_make(struct kit *kit, const char *name,
                                   size_t size)
{
    const char *path = kit_path(kit, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    char bytes[4096];
    CHECK(fd >= 0);
    for (size_t at = 0; at < size; at += sizeof bytes) {
        size_t count = size - at < sizeof bytes ? size - at : sizeof bytes;
        kit_fill(bytes, count, at);
        CHECK_INT(write(fd, bytes, count), count);
    }
    close(fd);
    return path;
}

/* Nothing of it is in memory any more, as far as the file's system obeys. */
static inline void kit_forget(int fd)
{
    CHECK_INT(fsync(fd), 0);
    CHECK_INT(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
}

static inline fm_file *kit_file(const char *path, int flags)
{
    fm_file *file = NULL;
    CHECK_INT(fm_file_open(path, &file, &(fm_file_options){.flags = flags}), 0);
    return file;
}

#endif
