/*
 * tail_kit.h - a log that a test writes, rotates, and reads by fm_tail
 */
#ifndef TESTS_IO_TAIL_KIT_H
#define TESTS_IO_TAIL_KIT_H

#include "io/path_kit.h"

/* Adds to a file, which is made where it is missing. */
static inline void append(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    CHECK(fd >= 0);
    CHECK_INT(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static inline void moved(const char *from, const char *to)
{
    CHECK_INT(rename(at("%s", from), at("%s", to)), 0);
}

static inline fm_tail *tail_of(const char *path, const fm_tail_place *from,
                               bool stop)
{
    const fm_tail_options options = {.from = from, .stop = stop};
    fm_tail *tail = NULL;
    CHECK_INT(fm_tail_open(path, &tail, &options), 0);
    return tail;
}

#define EXPECT_LINE(tail, text) expect_line((tail), (text), __LINE__)

static inline void expect_line(fm_tail *tail, const char *text, int place)
{
    char line[256] = "";
    ssize_t rc = fm_tail_line(tail, line, sizeof line);
    if (rc != (ssize_t)strlen(text) || strcmp(line, text) != 0)
        test_fail(__FILE__, place, "%zd and \"%s\", not \"%s\"", rc, line,
                  text);
}

/* There is none now. */
static inline void expect_no_line(fm_tail *tail)
{
    char line[256] = "";
    int rc;
    FM_TIMEOUT(0.01, rc) {
        rc = (int)fm_tail_line(tail, line, sizeof line);
    }
    CHECK_INT(rc, -ETIMEDOUT);
}

#endif
