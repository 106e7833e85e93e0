/*
 * load_ws.c - messages of WebSockets, each one frame
 */
#include "load.h"

static const char ws_asks[] = "GET / HTTP/1.1\r\n"
                              "Host: localhost\r\n"
                              "Upgrade: websocket\r\n"
                              "Connection: Upgrade\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                              "Sec-WebSocket-Version: 13\r\n\r\n";

bool load_ws_open(int fd)
{
    char head[2048];

    return load_http_head(fd, ws_asks, head, sizeof head) &&
           strncmp(head, "HTTP/1.1 101 ", 13) == 0;
}

/* Binary, and masked as the standard wants it of clients. */
char *load_ws_request(const struct load *load, size_t *size, size_t *answer)
{
    static const unsigned char mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    size_t more = load->size < 126 ? 0 : load->size < 65536 ? 2 : 8;
    size_t head = 2 + more + sizeof mask;
    size_t said = more == 0 ? load->size : more == 2 ? 126 : 127;
    char *frame = malloc(head + load->size);

    frame[0] = (char)0x82;
    frame[1] = (char)(0x80 | said);
    for (size_t i = 0; i < more; i++)
        frame[2 + i] = (char)(load->size >> (8 * (more - 1 - i)));
    memcpy(frame + 2 + more, mask, sizeof mask);
    for (size_t i = 0; i < load->size; i++)
        frame[head + i] = (char)('f' ^ mask[i % sizeof mask]);
    *size = head + load->size;
    *answer = *size - sizeof mask;
    return frame;
}
