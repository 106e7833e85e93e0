/*
 * ours_lines.c - Fermata: reads lines out of a pipe
 */
#include "feed.h"
#include <fermata.h>

static int lines_main(void *arg)
{
    char line[128];
    fm_stream *stream;
    struct feed feed = {0};

    int rc = fm_stream_adopt(*(int *)arg, &stream);
    if (rc < 0)
        return rc;
    while (feed_goes_on(&feed)) {
        for (int i = 0; i < FEED_BATCH; i++)
            feed_took((size_t)fm_read_line(stream, line, sizeof line));
    }
    feed_print(&feed);
    fm_abort(stream);
    return 0;
}

int main(int argc, char **argv)
{
    const fm_run_options options = {.backend = argc > 1 ? argv[1] : NULL};
    int fd = feed_open();

    return fm_run(lines_main, &fd, &options) < 0;
}
