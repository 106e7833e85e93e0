/*
 * image_lines.c - a file of /proc, line by line
 */
#include "inspect/image_lines.h"

#include "base/memory.h"
#include "base/sys.h"
#include "base/sys_path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A path, and all that is said of it. */
enum {
    LINES_ROOM = 8192
};

struct fm__lines {
    int fd;
    size_t at;
    size_t end;
    char buf[LINES_ROOM + 1];
};

const char *fm__lines_path(char path[FM__LINES_PATH], int pid, const char *name)
{
    snprintf(path, FM__LINES_PATH, "/proc/%d/%s", pid, name);
    return path;
}

int fm__lines_open(struct fm__lines **lines, const char *path)
{
    struct fm__lines *made = fm__memory_new(sizeof *made);
    if (made == NULL)
        return -ENOMEM;
    made->fd = fm__sys_open_at(fm__sys_here(path), O_RDONLY, 0);
    if (made->fd < 0) {
        int rc = made->fd;
        fm__memory_free(made);
        return rc;
    }
    *lines = made;
    return 0;
}

void fm__lines_close(struct fm__lines *lines)
{
    fm__sys_close(lines->fd);
    fm__memory_free(lines);
}

/* More behind what is there: how many bytes, or -errno. */
static ssize_t image_lines_fill(struct fm__lines *lines)
{
    memmove(lines->buf, lines->buf + lines->at, lines->end - lines->at);
    lines->end -= lines->at;
    lines->at = 0;
    if (lines->end == LINES_ROOM)
        return 0;
    ssize_t size = fm__sys_read(lines->fd, lines->buf + lines->end,
                                LINES_ROOM - lines->end);
    lines->end += size > 0 ? (size_t)size : 0;
    return size;
}

int fm__lines_next(struct fm__lines *lines, char **line)
{
    char *end;
    ssize_t size = 1;
    do {
        end = memchr(lines->buf + lines->at, '\n', lines->end - lines->at);
        if (end == NULL)
            size = image_lines_fill(lines);
    } while (end == NULL && size > 0);
    if (size < 0)
        return (int)size;
    bool whole = end != NULL;
    if (!whole) /* cut, or the last one */
        end = lines->buf + lines->end;
    *line = lines->buf + lines->at;
    lines->at = (size_t)(end - lines->buf) + whole;
    *end = '\0';
    return whole || end != *line;
}

char *fm__lines_word(char **line)
{
    char *word = *line + strspn(*line, " \t");
    char *end = word + strcspn(word, " \t");
    *line = *end != '\0' ? end + 1 : end;
    *end = '\0';
    return word;
}
