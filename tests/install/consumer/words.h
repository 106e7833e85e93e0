/*
 * words.h - what a program calls its own: names that the library has inside
 */
#ifndef WORDS_H
#define WORDS_H

struct list {
    struct list *next;
    int number;
};

void list_push(struct list **list, struct list *link);
int queue_push(int number);
int task_new(void);
int loop_run(int number);
int stream_read(int number);
int buffer_size(int number);
void die(const char *why);

#endif
