/*
 * words_main.c - another source of the same program, with the same header
 */
#include "words.h"

#include "fermata.h"
#include <stdio.h>

static int event(void *arg)
{
    struct list *list = NULL, one = {NULL, 20}, *queue = arg;
    (void)queue;
    if (task_new() < 0)
        die("no sleep");
    list_push(&list, &one);
    return loop_run(queue_push(list->number));
}

int main(void)
{
    int lock = fm_run(event, NULL);
    printf("%s %d\n", fm_version(), buffer_size(lock + 1));
    return 0;
}
