/*
 * bare_http.h - a fixed answer of HTTP, for whatever ends with an empty line
 *
 * No head is taken apart: requests are counted, by CR LF CR LF. Answers lie
 * one behind the other, so that those to several requests leave at once.
 */
#ifndef BENCH_BARE_HTTP_H
#define BENCH_BARE_HTTP_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BARE_HTTP_ANSWERS = 64,
    BARE_HTTP_FILE = 4096,
    BARE_HTTP_JOINT = 3 /* bytes that an empty line may have begun with */
};

static char *bare_http_answers;
static size_t bare_http_size; /* of one */

/* The answer that the last argument names: plaintext, json or file. */
static inline void bare_http_answer(int argc, char **argv)
{
    static char file[BARE_HTTP_FILE + 1];
    const char *named = argc > 1 ? argv[argc - 1] : "";
    const char *type = "text/plain; charset=utf-8", *body = "Hello, World!";
    char one[BARE_HTTP_FILE + 256];

    if (strcmp(named, "json") == 0) {
        type = "application/json";
        body = "{\"message\":\"Hello, World!\"}";
    } else if (strcmp(named, "file") == 0) {
        type = "application/octet-stream";
        body = memset(file, 'f', BARE_HTTP_FILE);
    }
    bare_http_size = (size_t)snprintf(one, sizeof one,
                                      "HTTP/1.1 200 OK\r\n"
                                      "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
                                      "Content-Type: %s\r\n"
                                      "Content-Length: %zu\r\n\r\n%s",
                                      type, strlen(body), body);
    bare_http_answers = malloc(BARE_HTTP_ANSWERS * bare_http_size);
    for (size_t i = 0; i < BARE_HTTP_ANSWERS; i++)
        memcpy(bare_http_answers + i * bare_http_size, one, bare_http_size);
}

/* Where the bytes are that are owed: what is sent of them at once. */
static inline const char *bare_http_owed(size_t owed, size_t *size)
{
    size_t sent = (bare_http_size - owed % bare_http_size) % bare_http_size;
    size_t whole = BARE_HTTP_ANSWERS * bare_http_size - sent;

    *size = owed < whole ? owed : whole;
    return bare_http_answers + sent;
}

/* Empty lines in so many bytes: by every fourth, mostly. */
static inline size_t bare_http_count(const char *bytes, size_t size)
{
    size_t count = 0, i = 3;

    while (i < size) {
        if (bytes[i] != '\n' && bytes[i] != '\r') {
            i += 4;
        } else if (memcmp(bytes + i - 3, "\r\n\r\n", 4) == 0) {
            count++;
            i += 4;
        } else {
            i++;
        }
    }
    return count;
}

/* The same where one may have begun in what came before, the end of which is
 * in joint; it becomes the end of this. */
static inline size_t bare_http_heads(const char *bytes, size_t size,
                                     char joint[BARE_HTTP_JOINT])
{
    char both[2 * BARE_HTTP_JOINT];
    size_t first = size < BARE_HTTP_JOINT ? size : BARE_HTTP_JOINT;

    if (size >= 4 && memcmp(bytes + size - 4, "\r\n\r\n", 4) == 0 &&
        joint[0] == '\0')
        return bare_http_count(bytes, size);
    memcpy(both, joint, BARE_HTTP_JOINT);
    memcpy(both + BARE_HTTP_JOINT, bytes, first);
    size_t count = bare_http_count(both, BARE_HTTP_JOINT + first) +
                   bare_http_count(bytes, size);
    memcpy(joint, both + first, BARE_HTTP_JOINT);
    if (size >= BARE_HTTP_JOINT)
        memcpy(joint, bytes + size - BARE_HTTP_JOINT, BARE_HTTP_JOINT);
    if (memcmp(joint, "\n\r\n", 3) == 0)
        memset(joint, 0, BARE_HTTP_JOINT);
    return count;
}

#endif
