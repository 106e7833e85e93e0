/*
 * asking.c - runs a program beside a server of HTTP
 *
 *   asking PROGRAM ARGUMENT...
 *
 * The server is limit_http_epoll, which lies beside this: it answers each
 * request with 13 bytes of text, on a port that the program is told as one
 * argument more. It is on the first processor that we may use, the program on
 * the last, and it ends with the program.
 */
#include "load.h"
#include <arpa/inet.h>
#include <unistd.h>

enum {
    ASKING_WORDS = 32,
    ASKING_PATH = 4096
};

/* What lies beside this program. */
static void asking_beside(char path[ASKING_PATH], const char *name)
{
    ssize_t size = readlink("/proc/self/exe", path, ASKING_PATH - 1);

    path[size > 0 ? size : 0] = '\0';
    char *slash = strrchr(path, '/');
    size_t room = slash != NULL ? (size_t)(slash + 1 - path) : 0;
    snprintf(path + room, ASKING_PATH - room, "%s", name);
}

static bool asking_start(char *port, size_t size)
{
    char path[ASKING_PATH];
    char *command[] = {path, NULL};
    struct load_place place;

    asking_beside(path, "limit_http_epoll");
    if (load_server_start(command, &place) < 0)
        return false;
    const struct sockaddr_in *at = (const struct sockaddr_in *)&place.address;
    snprintf(port, size, "%d", ntohs(at->sin_port));
    return true;
}

int main(int argc, char **argv)
{
    char port[8];
    char *words[ASKING_WORDS] = {NULL};

    if (argc < 2 || argc > ASKING_WORDS - 1) {
        fprintf(stderr, "usage: asking PROGRAM ARGUMENT...\n");
        return 2;
    }
    load_server_pin_us();
    if (!asking_start(port, sizeof port)) {
        fprintf(stderr, "the server did not listen\n");
        return 1;
    }
    for (int i = 1; i < argc; i++)
        words[i - 1] = argv[i];
    words[argc - 1] = port;
    execvp(words[0], words);
    perror(words[0]);
    return 127;
}
