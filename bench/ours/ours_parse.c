/*
 * ours_parse.c - Fermata: reads heads of HTTP/1.1
 */
#include "requests.h"

#include "proto/head.h"

static struct fm__head head;

static size_t requests_read(const char *bytes, size_t size)
{
    fm__head_init(&head, FM__HEAD_REQUEST);
    return fm__head_read(&head, bytes, size) == (ssize_t)size ? head.count : 0;
}

int main(void)
{
    requests_measure();
    return 0;
}
