/*
 * passing.c - one program opens a file, another reads it
 */
#include <errno.h>
#include <fcntl.h>
#include <fermata.h>
#include <stdio.h>
#include <unistd.h>

/* [give] */
/* Who may open it does, and gives away what it has opened. */
static int give(fm_stream *stream, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t n = fm_send_descriptor(stream, fd, "your file\n", 10);
    close(fd); /* ours; the other has its own */
    return n < 0 ? (int)n : 0;
}
/* [/give] */

/* [take] */
static int take(fm_stream *stream)
{
    char line[40], byte;
    int fd;
    int rc = fm_receive_descriptor(stream, &fd);
    if (rc < 0)
        return rc;
    ssize_t n = fm_read_line(stream, line, sizeof line);
    if (n >= 0)
        printf("%s: %s\n", line, read(fd, &byte, 1) == 0 ? "empty" : "full");
    close(fd);
    return n < 0 ? (int)n : 0;
}
/* [/take] */

/* [meet] */
static int meet(void *arg)
{
    static const fm_listen_options taking = {.stream.descriptors = 1};
    char address[FM_ADDRESS_TEXT];
    fm_listener *listener;
    fm_stream *giver, *taker;
    int rc = fm_listen("unix:", &listener, &taking);
    if (rc < 0)
        return rc;
    fm_address_format(fm_listener_address(listener), address);
    rc = fm_connect(address, &giver);
    if (rc == 0) {
        rc = fm_accept(listener, &taker);
        if (rc == 0) {
            rc = give(giver, arg);
            if (rc == 0)
                rc = take(taker);
            fm_close(taker);
        }
        fm_close(giver);
    }
    fm_listener_close(listener);
    return rc;
}
/* [/meet] */

int main(void)
{
    int rc = fm_run(meet, (char[]){"/dev/null"});
    if (rc < 0)
        fprintf(stderr, "passing: %s\n", fm_strerror(rc));
    return rc < 0;
}
