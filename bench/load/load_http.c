/*
 * load_http.c - what is asked by HTTP/1.1, and whether an answer is right
 *
 * An answer is taken apart once. Those after it are compared with it, but for
 * their date: that is quick, and every byte is looked at. One that differs is
 * taken apart again, and has to have the same body.
 */
#include "load.h"
#include <strings.h>

static const size_t http_date_size = 29; /* RFC 9110, 5.6.7 */

char *load_http_request(const struct load *load, size_t *size)
{
    char one[512];
    int length =
        snprintf(one, sizeof one,
                 "GET %s HTTP/1.1\r\n"
                 "Host: localhost\r\n"
                 "User-Agent: fermata-load/1.0\r\n"
                 "Accept: */*\r\n%s%s%s\r\n",
                 load->path, load->coding != NULL ? "Accept-Encoding: " : "",
                 load->coding != NULL ? load->coding : "",
                 load->coding != NULL ? "\r\n" : "");

    *size = (size_t)length * load->pipeline;
    char *all = malloc(*size);
    for (size_t i = 0; i < load->pipeline; i++)
        memcpy(all + i * (size_t)length, one, (size_t)length);
    return all;
}

bool load_http_head(int fd, const char *asks, char *head, size_t room)
{
    size_t size = 0;

    if (send(fd, asks, strlen(asks), MSG_NOSIGNAL) < 0)
        return false;
    head[0] = '\0';
    /* Byte by byte: what follows the head is no part of it. */
    while (size < room - 1 && strstr(head, "\r\n\r\n") == NULL) {
        if (recv(fd, head + size, 1, 0) <= 0)
            return false;
        head[++size] = '\0';
    }
    return size < room - 1;
}

/* What follows the name of a field in a head that ends with NUL, or NULL. */
static char *http_field(char *head, const char *name)
{
    char *found = strcasestr(head, name);

    return found != NULL ? found + strlen(name) : NULL;
}

/* One that is right: all that come after it should be like that. */
static void http_keep(struct load_answer *answer, const char *bytes,
                      size_t size, size_t date)
{
    free(answer->bytes);
    answer->bytes = malloc(size);
    memcpy(answer->bytes, bytes, size);
    answer->size = size;
    answer->date = date > 0 ? date : size;
    answer->rest = date > 0 ? date + http_date_size : size;
}

/* Where the date is in a head; 0: there is none. */
static size_t http_date(char *head)
{
    const char *date = http_field(head, "\r\nDate: ");

    if (date == NULL || strcspn(date, "\r") != http_date_size)
        return 0;
    return (size_t)(date - head);
}

/* What is wrong with a head, or NULL. */
static const char *http_wrong(char *head, size_t body)
{
    const char *length = http_field(head, "\r\nContent-Length: ");

    if (strncmp(head, "HTTP/1.1 200", 12) != 0)
        return "the status of an answer is not 200";
    if (length == NULL || strtoul(length, NULL, 10) != body)
        return "an answer has another size";
    return NULL;
}

/* Bytes of a body in chunks, with all that is between them; 0: it has not all
 * come. */
static size_t http_chunks(const char *bytes, size_t size)
{
    size_t at = 0, chunk = 1;

    while (chunk > 0) {
        const char *end = memmem(bytes + at, size - at, "\r\n", 2);
        if (end == NULL)
            return 0;
        chunk = strtoul(bytes + at, NULL, 16);
        at = (size_t)(end - bytes) + 2 + chunk + 2;
        if (at > size)
            return 0;
    }
    return at;
}

/* As http_take, of one that is coded: how much smaller it is, is its server's
 * affair. */
static size_t http_take_coded(struct load_clients *clients, const char *bytes,
                              size_t size, char *head)
{
    const struct load *load = clients->load;
    const char *length = http_field(head, "\r\nContent-Length: ");
    const char *coding = http_field(head, "\r\nContent-Encoding: ");
    size_t before = strlen(head) + 4;
    size_t body = length != NULL ? strtoul(length, NULL, 10)
                                 : http_chunks(bytes + before, size - before);

    if (strncmp(head, "HTTP/1.1 200", 12) != 0 || coding == NULL ||
        strncasecmp(coding, load->coding, strlen(load->coding)) != 0 ||
        (length != NULL && (body < 100 || body > load->size)))
        clients->failed = "an answer is not coded as it should be";
    if (clients->failed != NULL || body == 0 || size < before + body)
        return 0;
    clients->last = http_field(head, "\r\nConnection: close") != NULL;
    http_keep(&clients->answer, bytes, before + body, http_date(head));
    return before + body;
}

/* As load_http_answer, of one whose head is there, by itself. */
static size_t http_take(struct load_clients *clients, const char *bytes,
                        size_t size, char *head)
{
    struct load_answer *known = &clients->answer;
    size_t body = clients->load->size, whole = strlen(head) + 4 + body;

    clients->failed = http_wrong(head, body);
    if (clients->failed != NULL || size < whole)
        return 0;
    if (known->size > 0 && memcmp(bytes + whole - body,
                                  known->bytes + known->size - body, body) != 0)
        clients->failed = "an answer is not that of before";
    clients->last = http_field(head, "\r\nConnection: close") != NULL;
    if (!clients->last)
        http_keep(known, bytes, whole, http_date(head));
    return whole;
}

static size_t http_parse(struct load_clients *clients, const char *bytes,
                         size_t size)
{
    const char *end = memmem(bytes, size, "\r\n\r\n", 4);

    if (end == NULL)
        return 0;
    char *head = strndup(bytes, (size_t)(end - bytes));
    size_t taken = clients->load->coding != NULL
                       ? http_take_coded(clients, bytes, size, head)
                       : http_take(clients, bytes, size, head);
    free(head);
    return taken;
}

size_t load_http_answer(struct load_clients *clients, const char *bytes,
                        size_t size)
{
    const struct load_answer *known = &clients->answer;
    const char *rest = bytes + known->rest;

    if (known->size > 0 && size >= known->size &&
        memcmp(bytes, known->bytes, known->date) == 0 &&
        memcmp(rest, known->bytes + known->rest, known->size - known->rest) ==
            0)
        return known->size;
    return http_parse(clients, bytes, size);
}
