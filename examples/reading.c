/*
 * reading.c - five ways to read a stream: some, exactly, until, line, peek
 */
#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* [exactly] */
/* All or nothing: four letters, or a code. */
static int read_greeting(fm_stream *stream)
{
    char greeting[4];
    ssize_t n = fm_read_exactly(stream, greeting, sizeof greeting);
    if (n > 0)
        printf("exactly: %.4s\n", greeting);
    return n < 0 ? (int)n : 0;
}
/* [/exactly] */

/* [until] */
/* Up to a text, and the text with it. */
static int read_pairs(fm_stream *stream)
{
    char pair[40];
    ssize_t n = 0;
    for (int i = 0; n >= 0 && i < 2; i++) {
        n = fm_read_until(stream, "; ", pair, sizeof pair);
        if (n >= 0)
            printf("until: \"%.*s\"\n", (int)n, pair);
    }
    return n < 0 ? (int)n : 0;
}
/* [/until] */

/* [line] */
/* Without its end, "\n" or "\r\n", and with a NUL behind it. */
static int read_a_line(fm_stream *stream)
{
    char line[80];
    ssize_t n = fm_read_line(stream, line, sizeof line);
    if (n >= 0)
        printf("line: %s\n", line);
    return n < 0 ? (int)n : 0;
}
/* [/line] */

/* [peek] */
/* A digit in front says how much belongs together: look at it, and take
 * nothing before all of it is there. */
static int read_framed(fm_stream *stream)
{
    const void *bytes;
    ssize_t n = fm_peek(stream, 1, &bytes);
    if (n <= 0)
        return n < 0 ? (int)n : -FM_EEOF;
    char digit = *(const char *)bytes;
    if (digit < '0' || digit > '9')
        return -EPROTO;
    int size = 1 + digit - '0';
    n = fm_peek(stream, (size_t)size, &bytes);
    if (n < size)
        return n < 0 ? (int)n : -FM_EEOF;
    printf("framed: %.*s\n", size - 1, (const char *)bytes + 1);
    fm_consume(stream, (size_t)size);
    return 0;
}
/* [/peek] */

/* [some] */
/* What is there, at least a byte; 0 is the end. */
static int read_the_rest(fm_stream *stream)
{
    char buf[16];
    ssize_t n, all = 0;
    while ((n = fm_read(stream, buf, sizeof buf)) > 0)
        all += n;
    if (n == 0)
        printf("some: %zd bytes more\n", all);
    return (int)n;
}
/* [/some] */

static int read_all(fm_stream *stream)
{
    int rc = read_greeting(stream);
    if (rc == 0)
        rc = read_pairs(stream);
    if (rc == 0)
        rc = read_a_line(stream);
    if (rc == 0)
        rc = read_framed(stream);
    if (rc == 0)
        rc = read_the_rest(stream);
    return rc;
}

static int speak(fm_stream *client, void *arg)
{
    static const char text[] = "HELO"
                               "a=1; b=2; "
                               "a line of its own\r\n"
                               "5maybe"
                               "and a rest that nobody counted before";
    ssize_t n = fm_write(client, text, sizeof text - 1);
    fm_serve_stop(arg);
    return n < 0 ? (int)n : 0;
}

struct serve {
    fm_listener *listener;
};

static int serve(struct serve *self)
{
    return fm_serve(self->listener, speak, self->listener);
}

static int story(void *arg)
{
    char address[FM_ADDRESS_TEXT];
    fm_listener *listener;
    fm_stream *stream;
    (void)arg;
    int rc = fm_listen("127.0.0.1:0", &listener);
    if (rc < 0)
        return rc;
    fm_address_format(fm_listener_address(listener), address);
    FM_TASK serving = fm_go(serve, listener);
    rc = fm_connect(address, &stream);
    if (rc < 0)
        return rc;
    rc = read_all(stream);
    fm_close(stream);
    int served = fm_await(serving);
    return rc < 0 ? rc : served;
}

int main(void)
{
    return fm_run(story, NULL) < 0;
}
