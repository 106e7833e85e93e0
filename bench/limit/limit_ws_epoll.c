/*
 * limit_ws_epoll.c - messages of WebSockets sent back, and nothing but epoll
 *
 * As limit_echo_epoll.c: registered once, read first and asked about later. A
 * frame is taken for a message, its mask comes off where it lies, and its head
 * is written in front of that. What is not all there moves to a buffer of the
 * connection's own.
 */
#include "bare_server.h"
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    EPOLL_EVENTS = 512,
    EPOLL_BUFFER = 128 * 1024
};

struct conn {
    int fd;
    bool agreed;
    char *held; /* EPOLL_BUFFER bytes, or NULL */
    size_t size;
};

static int poller, listener;
static unsigned char buffer[EPOLL_BUFFER];

static void epoll_accept(void)
{
    int fd;

    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >=
           0) {
        struct conn *conn = calloc(1, sizeof *conn);
        struct epoll_event event = {EPOLLIN | EPOLLRDHUP | EPOLLET, {conn}};
        conn->fd = fd;
        if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0)
            bare_fail("epoll_ctl");
    }
}

static void conn_close(struct conn *conn)
{
    close(conn->fd);
    free(conn->held);
    free(conn);
}

/* Clients wait for one answer before they ask again: there is room. */
static bool conn_send(struct conn *conn, const void *bytes, size_t size)
{
    return send(conn->fd, bytes, size, MSG_NOSIGNAL) == (ssize_t)size;
}

/* Bytes that it took; 0: more are to come, or it is broken. */
static size_t conn_agree(struct conn *conn, const char *bytes, size_t size)
{
    static const char name[] = "Sec-WebSocket-Key: ";
    const char *end = memmem(bytes, size, "\r\n\r\n", 4);
    const char *key = memmem(bytes, size, name, sizeof name - 1);
    unsigned char sum[SHA_DIGEST_LENGTH], text[32];
    char both[64], answer[256];

    if (end == NULL || key == NULL)
        return 0;
    snprintf(both, sizeof both, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
             key + sizeof name - 1);
    SHA1((unsigned char *)both, strlen(both), sum);
    EVP_EncodeBlock(text, sum, sizeof sum);
    int length = snprintf(answer, sizeof answer,
                          "HTTP/1.1 101 Switching Protocols\r\n"
                          "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Accept: %s\r\n\r\n",
                          (const char *)text);
    conn->agreed = conn_send(conn, answer, (size_t)length);
    return conn->agreed ? (size_t)(end + 4 - bytes) : 0;
}

static void conn_unmask(unsigned char *bytes, size_t size, uint32_t key)
{
    uint64_t mask = (uint64_t)key << 32 | key, word;

    for (; size >= 8; bytes += 8, size -= 8) {
        memcpy(&word, bytes, 8);
        word ^= mask;
        memcpy(bytes, &word, 8);
    }
    for (size_t i = 0; i < size; i++)
        bytes[i] ^= (unsigned char)(key >> 8 * i);
}

/* The same of a frame. */
static size_t conn_echo(struct conn *conn, unsigned char *frame, size_t size)
{
    size_t more = size > 1 && (frame[1] & 0x7f) == 126 ? 2 : 0;
    size_t head = 6 + more;
    uint32_t key;

    if (size < head)
        return 0;
    size_t length =
        more == 0 ? frame[1] & 0x7fU : (size_t)(frame[2] << 8 | frame[3]);
    if (size - head < length)
        return 0;
    memcpy(&key, frame + head - 4, 4);
    conn_unmask(frame + head, length, key);
    frame[1] &= 0x7f;
    memmove(frame + 4, frame, 2 + more);
    return conn_send(conn, frame + 4, head - 4 + length) ? head + length : 0;
}

static void conn_hold(struct conn *conn, const unsigned char *rest, size_t size)
{
    if (size > 0 && conn->held == NULL)
        conn->held = malloc(EPOLL_BUFFER);
    if (size > 0)
        memcpy(conn->held, rest, size);
    conn->size = size;
}

/* False when the connection has ended. */
static bool conn_ready(struct conn *conn)
{
    size_t room;
    ssize_t rc;

    do {
        size_t at = 0, taken = 1, size = conn->size;
        if (size > 0)
            memcpy(buffer, conn->held, size);
        room = sizeof buffer - size;
        rc = recv(conn->fd, buffer + size, room, 0);
        if (rc <= 0)
            return rc < 0 && errno == EAGAIN;
        size += (size_t)rc;
        while (at < size && taken > 0) {
            taken = conn->agreed
                        ? conn_echo(conn, buffer + at, size - at)
                        : conn_agree(conn, (char *)buffer + at, size - at);
            at += taken;
        }
        conn_hold(conn, buffer + at, size - at);
    } while ((size_t)rc == room);
    return true;
}

int main(void)
{
    struct epoll_event events[EPOLL_EVENTS];
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};

    listener = bare_listen();
    poller = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(poller, events, EPOLL_EVENTS, -1);
        for (int i = 0; i < count; i++) {
            struct conn *conn = events[i].data.ptr;
            if (conn == NULL)
                epoll_accept();
            else if (!conn_ready(conn))
                conn_close(conn);
        }
    }
}
