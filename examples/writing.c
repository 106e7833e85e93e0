/*
 * writing.c - a turn's writes leave together; and three ways to stop
 */
#include <fermata.h>
#include <stdio.h>
#include <string.h>

/* [cork] */
/* Three writes in one turn are one packet, and one system call. */
static int write_parts(fm_stream *stream)
{
    ssize_t n = fm_write(stream, "head ", 5);
    if (n >= 0)
        n = fm_write(stream, "body ", 5);
    if (n >= 0)
        n = fm_write(stream, "tail\n", 5);
    return n < 0 ? (int)n : 0;
}
/* [/cork] */

/* [much] */
/* More than may be on its way at once: the write waits for the reader. */
static int write_much(fm_stream *stream)
{
    static char page[4096];
    ssize_t n = 0;
    memset(page, '.', sizeof page);
    for (int i = 0; n >= 0 && i < 2000; i++)
        n = fm_write(stream, page, sizeof page);
    return n < 0 ? (int)n : 0;
}
/* [/much] */

/* [flush] */
/* Goes on when the system has all of it: as far as one can know. */
static int write_and_flush(fm_stream *stream)
{
    ssize_t n = fm_write(stream, "now\n", 4);
    return n < 0 ? (int)n : fm_flush(stream);
}
/* [/flush] */

static int write_all(fm_stream *stream)
{
    int rc = write_parts(stream);
    if (rc == 0)
        rc = write_much(stream);
    if (rc == 0)
        rc = write_and_flush(stream);
    return rc;
}

/* The other side takes its time. */
static int read_slowly(fm_stream *client, void *arg)
{
    char buf[16384];
    ssize_t n, all = 0;
    int pauses = 0, rc = 0;
    (void)arg;
    while (rc == 0 && (n = fm_read(client, buf, sizeof buf)) > 0) {
        all += n;
        if (all / 1000000 > pauses) {
            pauses++;
            rc = fm_sleep(0.01);
        }
    }
    if (rc == 0 && n == 0)
        printf("it read %zd bytes, and the end\n", all);
    else if (rc == 0)
        printf("it was told: %s\n", fm_strerror((int)n));
    return rc;
}

struct serve {
    fm_listener *listener;
};

static int serve(struct serve *self)
{
    return fm_serve(self->listener, read_slowly, NULL);
}

/* [close] */
/* fm_close flushes, and the other side finds all bytes and then the end. */
static int ends_by_close(const char *address)
{
    fm_stream *stream;
    int rc = fm_connect(address, &stream);
    if (rc < 0)
        return rc;
    rc = write_all(stream);
    int closed = fm_close(stream);
    return rc < 0 ? rc : closed;
}
/* [/close] */

/* [abort] */
/* fm_abort waits for nothing, and the other side is told. */
static int ends_by_abort(const char *address)
{
    fm_stream *stream;
    int rc = fm_connect(address, &stream);
    if (rc < 0)
        return rc;
    rc = write_parts(stream);
    if (rc == 0)
        rc = fm_sleep(0.2);
    fm_abort(stream);
    return rc;
}
/* [/abort] */

static int tell(int (*end)(const char *address))
{
    char address[FM_ADDRESS_TEXT];
    fm_listener *listener;
    int rc = fm_listen("127.0.0.1:0", &listener);
    if (rc < 0)
        return rc;
    fm_address_format(fm_listener_address(listener), address);
    FM_TASK serving = fm_go(serve, listener);
    rc = end(address);
    fm_serve_stop(listener);
    int served = fm_await(serving);
    return rc < 0 ? rc : served;
}

static int story(void *arg)
{
    (void)arg;
    int rc = tell(ends_by_close);
    return rc < 0 ? rc : tell(ends_by_abort);
}

int main(void)
{
    return fm_run(story, NULL) < 0;
}
