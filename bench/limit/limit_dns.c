/*
 * limit_dns.c - questions and answers by one socket, COUNT under way at a time
 *
 * limit_dns COUNT PORT
 */
#include "measure.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    DNS_ANSWERS = 10000,
    DNS_PACKET = 512
};

static int fd;
static size_t count;
static unsigned serial;

static void limit_ask(void)
{
    unsigned char packet[DNS_PACKET] = {0};
    char name[32];
    size_t size = (size_t)snprintf(name, sizeof name, "n%u", serial);

    packet[0] = (unsigned char)(serial >> 8);
    packet[1] = (unsigned char)serial++;
    packet[2] = packet[5] = 1;
    packet[12] = (unsigned char)size;
    memcpy(packet + 13, name, size);
    memcpy(packet + 13 + size, "\7example\0\0\1\0\1", 13);
    if (send(fd, packet, 26 + size, 0) < 0)
        exit(1);
}

static void limit_answers(void)
{
    unsigned char packet[DNS_PACKET];
    size_t sent = 0;

    while (sent < count && sent++ < DNS_ANSWERS)
        limit_ask();
    for (size_t seen = 0; seen < DNS_ANSWERS; seen++) {
        if (recv(fd, packet, sizeof packet, 0) < 16)
            exit(1);
        if (sent++ < DNS_ANSWERS)
            limit_ask();
    }
}

int main(int argc, char **argv)
{
    struct sockaddr_in server = {.sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char name[32];

    count = measure_argument(argc, argv, 1, 1);
    server.sin_port = htons((uint16_t)measure_argument(argc, argv, 2, 53));
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&server, sizeof server) < 0)
        return 1;
    snprintf(name, sizeof name, "%zu", count);
    measure("dns", name, DNS_ANSWERS, limit_answers);
    return 0;
}
