/*
 * numbering.c - numbers the lines that come in; a link in a chain of programs
 *
 *   ls | numbering | head
 */
#include <errno.h>
#include <fermata.h>
#include <stdio.h>

/* [filter] */
/* In one stream and out of the other, for as long as there are lines. */
static int number(fm_stream *in, fm_stream *out)
{
    char line[1000], numbered[1020];
    int count = 0;
    ssize_t n;
    while ((n = fm_read_line(in, line, sizeof line)) >= 0) {
        int size =
            snprintf(numbered, sizeof numbered, "%6d  %s\n", ++count, line);
        n = fm_write(out, numbered, (size_t)size);
        if (n < 0)
            break;
    }
    return n == -FM_EEOF ? 0 : (int)n;
}

static int filter(void *arg)
{
    fm_stream *in = NULL, *out = NULL;
    (void)arg;
    int rc = fm_stdin(&in);
    if (rc == 0)
        rc = fm_stdout(&out);
    if (rc == 0)
        rc = number(in, out);
    int closed = fm_close(out); /* what is not yet written is, now */
    fm_close(in);
    return rc < 0 ? rc : closed;
}
/* [/filter] */

int main(void)
{
    int rc = fm_run(filter, NULL);
    if (rc < 0 && rc != -EPIPE) /* the next program has had enough */
        fprintf(stderr, "numbering: %s\n", fm_strerror(rc));
    return rc < 0;
}
