/*
 * limit_thread.c - calls handed to one thread by a mailbox, and back by another
 *
 * limit_thread COUNT: that many calls are under way at a time.
 */
#include "bare_mail.h"
#include "measure.h"
#include <pthread.h>

enum {
    THREAD_CALLS = 2000
};

static struct bare_mail there, back;
static struct bare_letter *letters;
static size_t count;

static void limit_call(void *arg)
{
    ++*(size_t *)arg;
}

static void *limit_worker(void *arg)
{
    for (;;) {
        struct bare_letter *letter = bare_mail_take(&there);
        while (letter != NULL) {
            struct bare_letter *next = letter->next;
            letter->fn(letter->arg);
            bare_mail_push(&back, letter);
            letter = next;
        }
    }
    return arg;
}

/* Whatever comes back is sent again, until that is enough. */
static void limit_round_trips(void)
{
    size_t sent = count, seen = 0;

    for (size_t i = 0; i < count; i++)
        bare_mail_push(&there, &letters[i]);
    while (seen < THREAD_CALLS) {
        struct bare_letter *letter = bare_mail_take(&back);
        while (letter != NULL) {
            struct bare_letter *next = letter->next;
            seen++;
            if (sent++ < THREAD_CALLS)
                bare_mail_push(&there, letter);
            letter = next;
        }
    }
}

int main(int argc, char **argv)
{
    size_t calls = 0;
    pthread_t worker;
    char name[32];

    count = measure_argument(argc, argv, 1, 1);
    letters = calloc(count, sizeof *letters);
    for (size_t i = 0; i < count; i++)
        letters[i] = (struct bare_letter){.fn = limit_call, .arg = &calls};
    bare_mail_open(&there);
    bare_mail_open(&back);
    if (pthread_create(&worker, NULL, limit_worker, NULL) != 0)
        return 1;
    snprintf(name, sizeof name, "%zu", count);
    measure("thread", name, THREAD_CALLS, limit_round_trips);
    return 0;
}
