/*
 * rehearsal.c - a protocol that is tried without a network
 */
#include <fermata.h>
#include <stdio.h>

/* [server] */
/* What a server would do with each client of its. */
static int greet(fm_stream *client)
{
    char name[40], answer[60];
    ssize_t n = fm_read_line(client, name, sizeof name);
    if (n < 0)
        return (int)n;
    int size = snprintf(answer, sizeof answer, "hello, %s\n", name);
    n = fm_write(client, answer, (size_t)size);
    return n < 0 ? (int)n : fm_write_eof(client);
}

struct server {
    fm_stream *client;
};

static int server(struct server *self)
{
    return greet(self->client);
}
/* [/server] */

/* [rehearse] */
/* The name comes in two pieces, with a pause between. */
static int rehearse(void *arg)
{
    fm_stream *ends[2];
    char line[60] = "";
    (void)arg;
    int rc = fm_stream_pair(ends);
    if (rc < 0)
        return rc;
    fm_task *task = fm_go(server, ends[1]);
    fm_write(ends[0], "Clara ", 6);
    fm_sleep(0.01);
    fm_write(ends[0], "Schumann\n", 9);
    rc = (int)fm_read_line(ends[0], line, sizeof line);
    printf("%s\n", line);
    int served = fm_await(task);
    fm_close(ends[0]);
    fm_close(ends[1]);
    return rc < 0 ? rc : served;
}
/* [/rehearse] */

int main(void)
{
    return fm_run(rehearse, NULL) < 0;
}
