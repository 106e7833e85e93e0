/*
 * peer_serve.c - a server for peers that others wrote
 *
 *     peer_serve echo|chat|web|slam [ADDRESS]
 *
 * Says "listening on ADDRESS". echo: says again what it is told. chat: so too,
 * line by line, up to "bye". web: answers each request of a connection with
 * the path. slam: reads a line and leaves, with the rest unread.
 */
#include <errno.h>
#include <fermata.h>
#include <stdio.h>
#include <string.h>

static int peer_echo(fm_stream *client, void *arg)
{
    char bytes[10000];
    ssize_t n;
    (void)arg;
    do {
        n = fm_read(client, bytes, sizeof bytes);
        if (n > 0)
            n = fm_write(client, bytes, (size_t)n);
    } while (n > 0);
    return (int)n;
}

static int peer_chat(fm_stream *client, void *arg)
{
    char line[100];
    ssize_t n = 1;
    (void)arg;
    while (n >= 0) {
        n = fm_read_line(client, line, sizeof line - 1);
        if (n < 0 || strcmp(line, "bye") == 0)
            break;
        line[n] = '\n';
        n = fm_write(client, line, (size_t)n + 1);
    }
    return n < 0 ? (int)n : 0;
}

/* One request, whose head it is. */
static int peer_answer(fm_stream *client, char *head)
{
    char answer[512], path[256] = "?";
    sscanf(head, "GET %255s HTTP/1.1", path);
    int size = snprintf(answer, sizeof answer,
                        "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s\n",
                        strlen(path) + 1, path);
    ssize_t n = fm_write(client, answer, (size_t)size);
    return n < 0 ? (int)n : 0;
}

static int peer_web(fm_stream *client, void *arg)
{
    char head[4096];
    int rc = 0;
    (void)arg;
    while (rc == 0) {
        ssize_t n = fm_read_until(client, "\r\n\r\n", head, sizeof head - 1);
        if (n == -FM_EEOF)
            return 0;
        if (n < 0)
            return (int)n;
        head[n] = '\0';
        rc = peer_answer(client, head);
    }
    return rc;
}

static int peer_slam(fm_stream *client, void *arg)
{
    char line[100];
    ssize_t n = fm_read_line(client, line, sizeof line);
    (void)arg;
    return n < 0 ? (int)n : -ECANCELED;
}

static fm_serve_handler peer_handler(const char *name)
{
    if (strcmp(name, "chat") == 0)
        return peer_chat;
    if (strcmp(name, "web") == 0)
        return peer_web;
    return strcmp(name, "slam") == 0 ? peer_slam : peer_echo;
}

static int peer_serve(void *arg)
{
    char **words = arg;
    char text[FM_ADDRESS_TEXT];
    fm_listener *listener;
    int rc = fm_listen(words[1], &listener);
    if (rc < 0)
        return rc;
    printf("listening on %s\n",
           fm_address_format(fm_listener_address(listener), text));
    fflush(stdout);
    return fm_serve(listener, peer_handler(words[0]), NULL);
}

int main(int argc, char **argv)
{
    char echo[] = "echo", here[] = "127.0.0.1:0";
    char *words[] = {argc > 1 ? argv[1] : echo, argc > 2 ? argv[2] : here};
    int rc = fm_run(peer_serve, words);
    if (rc < 0 && rc != -ECANCELED)
        fprintf(stderr, "peer_serve: %s\n", fm_strerror(rc));
    return rc < 0 && rc != -ECANCELED;
}
