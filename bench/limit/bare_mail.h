/*
 * bare_mail.h - from thread to thread: a stack, and a bell for a sleeper
 *
 * The least that wakes a thread: a letter is one compare-and-swap, and only
 * to one that may be asleep also a write to the eventfd in whose read it is.
 * The letters are the sender's own.
 */
#ifndef BENCH_BARE_MAIL_H
#define BENCH_BARE_MAIL_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct bare_letter {
    struct bare_letter *next;
    void (*fn)(void *arg);
    void *arg;
};

struct bare_mail {
    struct bare_letter *newest;
    int asleep; /* or about to be: ring */
    int bell;
};

static inline void bare_mail_open(struct bare_mail *mail)
{
    mail->newest = NULL;
    mail->asleep = 0;
    mail->bell = eventfd(0, EFD_CLOEXEC);
}

static inline void bare_mail_push(struct bare_mail *mail,
                                  struct bare_letter *letter)
{
    struct bare_letter *before =
        __atomic_load_n(&mail->newest, __ATOMIC_RELAXED);

    do
        letter->next = before;
    while (!__atomic_compare_exchange_n(&mail->newest, &before, letter, 1,
                                        __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
    if (__atomic_load_n(&mail->asleep, __ATOMIC_SEQ_CST) &&
        __atomic_exchange_n(&mail->asleep, 0, __ATOMIC_SEQ_CST) &&
        eventfd_write(mail->bell, 1) < 0)
        exit(1);
}

/* Sleeps until there are letters; the newest first. */
static inline struct bare_letter *bare_mail_wait(struct bare_mail *mail)
{
    struct bare_letter *newest;
    eventfd_t rings;

    while ((newest = __atomic_exchange_n(&mail->newest, NULL,
                                         __ATOMIC_ACQUIRE)) == NULL) {
        __atomic_store_n(&mail->asleep, 1, __ATOMIC_SEQ_CST);
        if (__atomic_load_n(&mail->newest, __ATOMIC_SEQ_CST) == NULL &&
            eventfd_read(mail->bell, &rings) < 0)
            exit(1);
        __atomic_store_n(&mail->asleep, 0, __ATOMIC_SEQ_CST);
    }
    return newest;
}

/* All letters, the oldest first; sleeps until there are any. */
static inline struct bare_letter *bare_mail_take(struct bare_mail *mail)
{
    struct bare_letter *letter = bare_mail_wait(mail), *oldest = NULL;

    while (letter != NULL) {
        struct bare_letter *next = letter->next;
        letter->next = oldest;
        oldest = letter;
        letter = next;
    }
    return oldest;
}

#endif
