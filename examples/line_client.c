/*
 * line_client.c - says one line after the other, and prints what comes back
 *
 *   line_client ADDRESS LINE...
 */
#include <fermata.h>
#include <stdio.h>
#include <string.h>

/* [ask] */
/* One line there, one line back, in two seconds. */
static int ask(fm_stream *server, const char *line)
{
    char answer[256];
    ssize_t n = -1;
    int rc;
    FM_TIMEOUT(2, rc) {
        n = fm_write(server, line, strlen(line));
        if (n >= 0)
            n = fm_write(server, "\n", 1);
        if (n >= 0)
            n = fm_read_line(server, answer, sizeof answer);
        rc = n < 0 ? (int)n : 0;
    }
    if (rc == 0)
        puts(answer);
    return rc;
}
/* [/ask] */

/* [talk] */
static int talk(void *arg)
{
    char **words = arg;
    fm_stream *server;
    int rc;
    FM_TIMEOUT(5, rc) {
        rc = fm_connect(words[1], &server);
    }
    if (rc < 0)
        return rc;
    for (int i = 2; rc == 0 && words[i] != NULL; i++)
        rc = ask(server, words[i]);
    int closed = fm_close(server);
    return rc < 0 ? rc : closed;
}
/* [/talk] */

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: line_client ADDRESS LINE...\n");
        return 2;
    }
    int rc = fm_run(talk, argv);
    if (rc < 0)
        fprintf(stderr, "line_client: %s\n", fm_strerror(rc));
    return rc < 0;
}
