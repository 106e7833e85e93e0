/*
 * half_close.c - a question without a known end, and an answer to all of it
 *
 * The client says everything it has to say, then that this was all; only then
 * does the server answer. The other direction is open until then.
 */
#include <fermata.h>
#include <stdio.h>
#include <string.h>

/* [server] */
/* Counts what comes until the client says that it was all. */
static int count(fm_stream *client, void *arg)
{
    char line[80], answer[80];
    int lines = 0;
    ssize_t n, bytes = 0;
    while ((n = fm_read_line(client, line, sizeof line)) >= 0) {
        bytes += n;
        lines++;
    }
    if (n != -FM_EEOF)
        return (int)n;
    int size = snprintf(answer, sizeof answer, "%d lines, %zd letters\n", lines,
                        bytes);
    n = fm_write(client, answer, (size_t)size);
    fm_serve_stop(arg);
    return n < 0 ? (int)n : 0;
}
/* [/server] */

/* [client] */
static int ask(fm_stream *server)
{
    static const char *const poem[] = {"hold here\n", "until the conductor\n",
                                       "goes on\n"};
    char answer[80];
    ssize_t n = 0;
    for (int i = 0; n >= 0 && i < 3; i++)
        n = fm_write(server, poem[i], strlen(poem[i]));
    if (n >= 0)
        n = fm_write_eof(server); /* reading goes on */
    if (n >= 0)
        n = fm_read_line(server, answer, sizeof answer);
    if (n >= 0)
        puts(answer);
    return n < 0 ? (int)n : 0;
}
/* [/client] */

struct serve {
    fm_listener *listener;
};

static int serve(struct serve *self)
{
    return fm_serve(self->listener, count, self->listener);
}

static int story(void *arg)
{
    char address[FM_ADDRESS_TEXT];
    fm_listener *listener;
    fm_stream *server;
    (void)arg;
    int rc = fm_listen("127.0.0.1:0", &listener);
    if (rc < 0)
        return rc;
    fm_address_format(fm_listener_address(listener), address);
    FM_TASK serving = fm_go(serve, listener);
    rc = fm_connect(address, &server);
    if (rc < 0)
        return rc;
    rc = ask(server);
    fm_close(server);
    int served = fm_await(serving);
    return rc < 0 ? rc : served;
}

int main(void)
{
    return fm_run(story, NULL) < 0;
}
