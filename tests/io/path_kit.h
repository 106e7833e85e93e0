/*
 * path_kit.h - a directory for each story, and what it puts there
 *
 * SCENE(the_promise) { ... } is a STORY that has an empty directory, `scene`;
 * at() makes a path in it. What is left there is removed.
 */
#ifndef TESTS_IO_PATH_KIT_H
#define TESTS_IO_PATH_KIT_H

#include "task/story.h"

#include "base/fault.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char scene[FM_PATH_SIZE];

/* A path in the scene: eight of them at a time. */
__attribute__((format(printf, 1, 2))) static inline const char *
at(const char *format, ...)
{
    static char paths[8][FM_PATH_SIZE];
    static unsigned next;
    char *path = paths[next++ % 8];
    int size = snprintf(path, FM_PATH_SIZE, "%s/", scene);
    va_list args;
    va_start(args, format);
    vsnprintf(path + size, (size_t)(FM_PATH_SIZE - size), format, args);
    va_end(args);
    return path;
}

static inline void put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    CHECK(fd >= 0);
    CHECK_INT(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static inline bool there(const char *path)
{
    struct stat found;
    return lstat(path, &found) == 0;
}

/* Whether the file has this text and nothing else. */
static inline bool says(const char *path, const char *text)
{
    char buf[256] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd >= 0 ? read(fd, buf, sizeof buf - 1) : -1;
    if (fd >= 0)
        close(fd);
    return size == (ssize_t)strlen(text) && strcmp(buf, text) == 0;
}

/* Whether the two have the same bytes. */
static inline bool same(const char *one, const char *other)
{
    static char left[65536], right[65536];
    int from = open(one, O_RDONLY | O_CLOEXEC);
    int to = open(other, O_RDONLY | O_CLOEXEC);
    ssize_t got, had;
    do {
        got = read(from, left, sizeof left);
        had = read(to, right, sizeof right);
    } while (got > 0 && got == had && memcmp(left, right, (size_t)got) == 0);
    close(from);
    close(to);
    return got == 0 && had == 0;
}

/* How many entries a directory has. */
static inline int entries_in(const char *path)
{
    int count = 0;
    DIR *directory = opendir(path);
    if (directory == NULL)
        return -1;
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count - 2;
}

/* Descriptors: so many more than there are now. */
static inline int limit_descriptors(unsigned more, struct rlimit *before)
{
    struct rlimit limit;
    int lowest = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(lowest);
    getrlimit(RLIMIT_NOFILE, before);
    limit = *before;
    limit.rlim_cur = (rlim_t)lowest + more;
    return setrlimit(RLIMIT_NOFILE, &limit);
}

/* In memory, where there is such a file system: a disk may be slow. */
static inline void scene_begin(void)
{
    if (fm_temporary_directory("/dev/shm", scene) < 0)
        CHECK_INT(fm_temporary_directory(NULL, scene), 0);
}

static inline void scene_end(void)
{
    int rc = fm_path_remove_tree(scene);
    CHECK(rc == 0 || rc == -ENOENT);
}

#define SCENE(test_name)                                                       \
    static void test_name##_played(void);                                      \
    STORY(test_name)                                                           \
    {                                                                          \
        scene_begin();                                                         \
        test_name##_played();                                                  \
        scene_end();                                                           \
    }                                                                          \
    static void test_name##_played(void)

/* Calls what is given where a task that is cancelled does, and then as usual:
 * the first is to be refused, with nothing done. */
struct refusal {
    int (*fn)(void);
    int rc;
};

static inline int refused_main(void *arg)
{
    struct refusal *self = arg;
    self->rc = self->fn();
    return 0;
}

static inline int refused(int (*fn)(void))
{
    struct refusal self = {.fn = fn};
    fm_task *task = fm_start(refused_main, &self);
    fm_cancel(task);
    CHECK_INT(fm_await(task), 0);
    return self.rc;
}

#endif
