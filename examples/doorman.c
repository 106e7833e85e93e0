/*
 * doorman.c - a daemon behind a local socket, which knows who calls
 *
 *   doorman unix:/run/doorman
 *   line_client unix:/run/doorman hello
 */
#include <errno.h>
#include <fermata.h>
#include <stdio.h>
#include <unistd.h>

/* [doorman] */
/* Whoever has the same user may ask; the system says who it is. */
static int doorman(fm_stream *client, void *arg)
{
    fm_credentials who;
    char line[100], answer[200];
    (void)arg;
    int rc = fm_stream_credentials(client, &who);
    if (rc < 0 || who.user != geteuid())
        return rc;
    ssize_t n;
    while ((n = fm_read_line(client, line, sizeof line)) >= 0) {
        int size =
            snprintf(answer, sizeof answer, "%s, user %u\n", line, who.user);
        n = fm_write(client, answer, (size_t)size);
        if (n < 0)
            break;
    }
    return n == -FM_EEOF ? 0 : (int)n;
}

static int keep_the_door(void *arg)
{
    static const fm_listen_options ours = {.mode = 0600};
    char text[FM_ADDRESS_TEXT];
    fm_listener *listener;
    int rc = fm_listen(arg, &listener, &ours);
    if (rc < 0)
        return rc;
    printf("listening on %s\n",
           fm_address_format(fm_listener_address(listener), text));
    fflush(stdout);
    return fm_serve(listener, doorman, NULL);
}
/* [/doorman] */

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: doorman ADDRESS\n");
        return 2;
    }
    int rc = fm_run(keep_the_door, argv[1]);
    if (rc < 0 && rc != -ECANCELED)
        fprintf(stderr, "doorman: %s\n", fm_strerror(rc));
    return rc < 0 && rc != -ECANCELED;
}
