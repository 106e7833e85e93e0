/*
 * limit_lines.c - a loop that reads, looks for the end of each line and copies
 * it out
 */
#include "feed.h"

enum {
    LIMIT_ROOM = 16384
};

static char bytes[LIMIT_ROOM];
static size_t start, end;

/* What is left goes to the front, and more behind it. */
static int limit_fill(int fd)
{
    memmove(bytes, bytes + start, end - start);
    end -= start;
    start = 0;
    ssize_t n = read(fd, bytes + end, sizeof bytes - end);
    end += n > 0 ? (size_t)n : 0;
    return n > 0;
}

static size_t limit_line(int fd, char *line, size_t size)
{
    const char *found;
    while ((found = memchr(bytes + start, '\n', end - start)) == NULL) {
        if (!limit_fill(fd))
            return 0;
    }
    size_t length = (size_t)(found - (bytes + start));
    if (length >= size)
        return 0;
    memcpy(line, bytes + start, length);
    line[length] = '\0';
    start += length + 1;
    return length;
}

int main(void)
{
    char line[128];
    int fd = feed_open();
    struct feed feed = {0};

    while (feed_goes_on(&feed)) {
        for (int i = 0; i < FEED_BATCH; i++)
            feed_took(limit_line(fd, line, sizeof line));
    }
    feed_print(&feed);
    return 0;
}
