/*
 * squares.c - a server that counts for its clients, and how it is stopped
 */
#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* [handler] */
/* Numbers come, a line each; their squares go back. What is no number ends
 * this client's connection, and nobody else's. */
static int answer(fm_stream *client, void *listener)
{
    char line[32];
    ssize_t n;
    while ((n = fm_read_line(client, line, sizeof line)) >= 0) {
        if (strcmp(line, "stop") == 0) {
            fm_serve_stop(listener);
            continue;
        }
        char *end;
        long number = strtol(line, &end, 10);
        if (end == line || *end != '\0' || labs(number) > 10000)
            return -EINVAL;
        int size = snprintf(line, sizeof line, "%ld\n", number * number);
        n = fm_write(client, line, (size_t)size);
        if (n < 0)
            return (int)n;
    }
    return n == -FM_EEOF ? 0 : (int)n;
}
/* [/handler] */

/* [failure] */
/* In the handler's task, while its client is still there. */
static void print_failure(fm_stream *client, int result, void *arg)
{
    char text[FM_ADDRESS_TEXT];
    fm_address from;
    (void)arg;
    if (fm_stream_peer(client, &from) == 0)
        fprintf(stderr, "from %s\n", fm_address_format(&from, text));
    printf("a client failed: %s\n", fm_strerror(result));
}
/* [/failure] */

/* [serve] */
struct server {
    fm_listener *listener;
};

static int server(struct server *args)
{
    static const fm_serve_options options = {
        .limit = 100,
        .grace = 2,
        .on_error = print_failure,
    };
    return fm_serve(args->listener, answer, args->listener, &options);
}
/* [/serve] */

/* Says a line and prints what comes back. */
static int ask(const char *address, const char *line)
{
    char heard[32];
    fm_stream *stream;
    int rc = fm_connect(address, &stream);
    if (rc < 0) {
        printf("%s? %s\n", line, fm_strerror(rc));
        return rc;
    }
    ssize_t n = fm_write(stream, line, strlen(line));
    if (n >= 0)
        n = fm_write(stream, "\n", 1);
    if (n >= 0)
        n = fm_write_eof(stream);
    if (n >= 0)
        n = fm_read_line(stream, heard, sizeof heard);
    printf("%s? %s\n", line, n >= 0 ? heard : fm_strerror((int)n));
    return fm_close(stream);
}

/* [story] */
static int story(void *arg)
{
    char address[FM_ADDRESS_TEXT];
    fm_listener *listener;
    (void)arg;
    int rc = fm_listen("127.0.0.1:0", &listener);
    if (rc < 0)
        return rc;
    fm_address_format(fm_listener_address(listener), address);
    fm_task *serving = fm_go(server, listener);
    ask(address, "12");
    ask(address, "seven");
    ask(address, "7");
    ask(address, "stop");
    rc = fm_await(serving);
    printf("the server has ended: %s\n", fm_strerror(rc));
    ask(address, "8");
    return rc;
}
/* [/story] */

int main(void)
{
    return fm_run(story, NULL) < 0;
}
