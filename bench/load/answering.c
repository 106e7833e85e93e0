/*
 * answering.c - runs a program beside a name server
 *
 *   answering PROGRAM ARGUMENT...
 *
 * The server answers each question with one address, at once, on a port that
 * the program is told as one argument more. It ends with the program.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    PACKET = 512,
    WORDS = 32
};

/* The name that was asked for, type A, class IN, an hour, 192.0.2.1. */
static const unsigned char record[] = {0xc0, 12,   0, 1, 0,   1, 0, 0,
                                       0x0e, 0x10, 0, 4, 192, 0, 2, 1};

static size_t answer(unsigned char *packet, size_t size)
{
    size_t end = 12;

    if (size < 17 || size > PACKET - sizeof record)
        return 0;
    while (end < size - 5 && packet[end] != 0)
        end += (size_t)packet[end] + 1;
    end += 5;
    packet[2] = 0x81;
    packet[3] = 0x80;
    memset(packet + 6, 0, 6);
    packet[7] = 1;
    memcpy(packet + end, record, sizeof record);
    return end + sizeof record;
}

static void serve(int fd)
{
    unsigned char packet[PACKET];
    struct sockaddr_in from;

    for (;;) {
        socklen_t length = sizeof from;
        ssize_t size = recvfrom(fd, packet, sizeof packet, 0,
                                (struct sockaddr *)&from, &length);
        if (size < 0 && errno != EINTR && errno != ECONNREFUSED)
            exit(1);
        size_t reply = size < 0 ? 0 : answer(packet, (size_t)size);
        if (reply > 0)
            (void)!sendto(fd, packet, reply, 0, (struct sockaddr *)&from,
                          length);
    }
}

static int server_open(char *port, size_t size)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof at;
    int buffer = 4 << 20;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) < 0 ||
        getsockname(fd, (struct sockaddr *)&at, &length) < 0) {
        perror("answering");
        exit(1);
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    snprintf(port, size, "%d", ntohs(at.sin_port));
    return fd;
}

int main(int argc, char **argv)
{
    char port[8];
    char *words[WORDS] = {NULL};

    if (argc < 2 || argc > WORDS - 2) {
        fprintf(stderr, "usage: answering PROGRAM ARGUMENT...\n");
        return 2;
    }
    int fd = server_open(port, sizeof port);
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        serve(fd);
    }
    for (int i = 1; i < argc; i++)
        words[i - 1] = argv[i];
    words[argc - 1] = port;
    execv(words[0], words);
    perror(words[0]);
    return 127;
}
