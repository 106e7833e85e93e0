/*
 * limit_post.c - functions posted to a thread that has nothing but a mailbox
 */
#include "bare_mail.h"
#include "posting.h"

static struct bare_mail mail;
static struct bare_letter letters[POSTING_BATCH]; /* used in turn */
static size_t next;
static int stopped;

static void limit_post(void (*fn)(void *arg), void *arg)
{
    struct bare_letter *letter = &letters[next++ % POSTING_BATCH];

    letter->fn = fn;
    letter->arg = arg;
    bare_mail_push(&mail, letter);
}

static void limit_stop(void *arg)
{
    (void)arg;
    stopped = 1;
}

int main(void)
{
    bare_mail_open(&mail);
    posting_start(limit_post, limit_stop);
    while (!stopped) {
        struct bare_letter *letter = bare_mail_take(&mail);
        while (letter != NULL) {
            struct bare_letter *after = letter->next;
            letter->fn(letter->arg);
            letter = after;
        }
    }
    return 0;
}
