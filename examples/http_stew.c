/*
 * http_stew.c - a handler that takes its time, and a guest who does not
 *
 * The two talk in memory, so it needs no network.
 */
#include <fermata.h>
#include <stdio.h>
#include <string.h>

/* [stew] */
static int stew(fm_exchange *exchange, void *arg)
{
    (void)arg;
    puts("cook: the stew is on the stove");
    int rc = fm_sleep(3600);
    if (fm_exchange_gone(exchange) < 0)
        puts("cook: the guest has left, off the stove");
    return rc < 0 ? rc : fm_reply_text(exchange, 200, "stew\n");
}
/* [/stew] */

struct guest {
    fm_stream *kitchen;
};

static int guest(struct guest *self)
{
    const char *order = "GET /stew HTTP/1.1\r\nHost: kitchen\r\n\r\n";
    ssize_t rc = fm_write(self->kitchen, order, strlen(order));
    if (rc >= 0)
        rc = fm_sleep(0.1);
    puts("guest: this takes too long");
    int closed = fm_close(self->kitchen);
    return rc < 0 ? (int)rc : closed;
}

static int evening(void *arg)
{
    fm_stream *ends[2];
    (void)arg;
    int rc = fm_stream_pair(ends);
    if (rc < 0)
        return rc;
    fm_task *task = fm_go(guest, ends[0]);
    rc = fm_http_serve_stream(ends[1], stew, NULL);
    printf("kitchen: %s\n", fm_strerror(rc));
    fm_close(ends[1]);
    return fm_await(task);
}

int main(void)
{
    return fm_run(evening, NULL) < 0;
}
