/*
 * load_http.c - what is asked by HTTP/1.1, and whether an answer is right
 *
 * An answer is taken apart once. Those after it are compared with it, but for
 * their date: a few bytes a nanosecond, and every byte is looked at. One that
 * differs is taken apart again.
 */
#include "load.h"
#include <strings.h>

static const size_t http_date_size = 29; /* RFC 9110, 5.6.7 */

char *load_http_request(const struct load *load, size_t *size)
{
    char one[512];
    int length = snprintf(one, sizeof one,
                          "GET %s HTTP/1.1\r\n"
                          "Host: localhost\r\n"
                          "User-Agent: fermata-load/1.0\r\n"
                          "Accept: */*\r\n\r\n",
                          load->path);

    *size = (size_t)length * load->pipeline;
    char *all = malloc(*size);
    for (size_t i = 0; i < load->pipeline; i++)
        memcpy(all + i * (size_t)length, one, (size_t)length);
    return all;
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

/* As load_http_answer, of one whose head is there, by itself. */
static size_t http_take(struct load_clients *clients, const char *bytes,
                        size_t size, char *head)
{
    size_t whole = strlen(head) + 4;
    const char *length = http_field(head, "\r\nContent-Length: ");
    const char *date = http_field(head, "\r\nDate: ");
    const char *end = http_field(head, "\r\nConnection: close");

    if (strncmp(head, "HTTP/1.1 200", 12) != 0)
        clients->failed = "the status of an answer is not 200";
    else if (length == NULL || strtoul(length, NULL, 10) != clients->load->size)
        clients->failed = "an answer has another size";
    whole += clients->load->size;
    if (clients->failed != NULL || size < whole)
        return 0;
    clients->last = end != NULL;
    if (end == NULL)
        http_keep(&clients->answer, bytes, whole,
                  date != NULL ? (size_t)(date - head) : 0);
    return whole;
}

static size_t http_parse(struct load_clients *clients, const char *bytes,
                         size_t size)
{
    const char *end = memmem(bytes, size, "\r\n\r\n", 4);

    if (end == NULL)
        return 0;
    char *head = strndup(bytes, (size_t)(end - bytes));
    size_t taken = http_take(clients, bytes, size, head);
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
