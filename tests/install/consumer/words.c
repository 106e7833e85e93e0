/*
 * words.c - a program's own functions, named as anybody would
 */
#include "words.h"

#include "fermata.h"
#include <stdio.h>
#include <stdlib.h>

void list_push(struct list **list, struct list *link)
{
    link->next = *list;
    *list = link;
}

int queue_push(int number)
{
    return number + 1;
}

int task_new(void)
{
    return fm_sleep(0);
}

int loop_run(int number)
{
    return number * 2;
}

int stream_read(int number)
{
    return number;
}

int buffer_size(int number)
{
    return stream_read(number) - 1;
}

void die(const char *why)
{
    fprintf(stderr, "%s\n", why);
    exit(1);
}
