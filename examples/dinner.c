/*
 * dinner.c - an evening with a bit of everything, for those who look in
 *
 *     dinner &
 *     fermata ps $!
 *
 * Each philosopher has the fork that the other one waits for; so this evening
 * never ends, and nobody else at it minds.
 */
#include <errno.h>
#include <fermata.h>
#include <stdio.h>
#include <unistd.h>

#define HOUR 3600.0 /* s */

static fm_lock salad_fork, fish_fork;
static fm_listener *door;
static fm_queue *orders;

/* [philosopher] */
struct philosopher {
    fm_lock *left, *right;
};

static int eat(struct philosopher *self)
{
    int rc;
    FM_LOCKED(self->right, rc) {
        rc = fm_sleep(1);
    }
    return rc;
}

static int philosopher(struct philosopher *self)
{
    int rc;
    FM_LOCKED(self->left, rc) {
        rc = fm_yield(); /* after you */
        if (rc == 0)
            rc = eat(self);
    }
    return rc;
}
/* [/philosopher] */

static int guest(fm_stream *stream, void *arg)
{
    char wish[80];
    int rc;
    (void)arg;
    FM_TIMEOUT(HOUR, rc) {
        rc = (int)fm_read(stream, wish, sizeof wish);
    }
    return rc;
}

static int host(void)
{
    return fm_serve(door, guest, NULL);
}

/* Has come in, and does not know yet what to wish for. */
static int visitor(void)
{
    char text[FM_ADDRESS_TEXT], answer;
    fm_stream *stream;
    int rc =
        fm_connect(fm_address_format(fm_listener_address(door), text), &stream);
    if (rc < 0)
        return rc;
    rc = (int)fm_read(stream, &answer, 1);
    fm_close(stream);
    return rc;
}

static int cook(void)
{
    void *order;
    int rc = 0;
    while (rc == 0)
        rc = fm_queue_get(orders, &order);
    return rc;
}

static int sleeper(void)
{
    return fm_sleep(HOUR);
}

static int crowd(void)
{
    int rc;
    FM_GROUP(group, rc) {
        for (int i = 0; rc == 0 && i < 1000; i++)
            rc = fm_group_go(group, sleeper);
    }
    return rc;
}

/* [table] */
static int table(void)
{
    fm_task *tasks[] = {
        fm_go(philosopher, &salad_fork, &fish_fork),
        fm_go(philosopher, &fish_fork, &salad_fork),
        fm_go(host),
        fm_go(visitor),
        fm_go(cook),
        fm_go(crowd),
    };
    return fm_gather_array(tasks, sizeof tasks / sizeof tasks[0], NULL);
}
/* [/table] */

static int dinner(void *arg)
{
    (void)arg;
    orders = fm_queue_new(16);
    int rc = orders != NULL ? fm_listen("127.0.0.1:0", &door) : -ENOMEM;
    if (rc == 0) {
        printf("ready: fermata ps %d\n", (int)getpid());
        fflush(stdout);
        rc = table();
    }
    fm_queue_free(orders);
    return rc;
}

int main(void)
{
    return fm_run(dinner, NULL) < 0;
}
