/*
 * specimen.c - a program for others to look into
 *
 *   specimen [crash|again]
 *
 * Says "FD LOCAL PEER" of a connection that it has to itself, and waits until
 * its input ends; or crashes; or becomes another specimen at the first byte.
 */
#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int specimen_hold(fm_stream *client, const char *then)
{
    char local[FM_ADDRESS_TEXT], peer[FM_ADDRESS_TEXT];
    fm_address here, there;
    int rc = fm_stream_local(client, &here);
    if (rc == 0)
        rc = fm_stream_peer(client, &there);
    if (rc < 0)
        return rc;
    printf("%d %s %s\n", fm_stream_fd(client), fm_address_format(&here, local),
           fm_address_format(&there, peer));
    fflush(stdout);
    if (strcmp(then, "crash") == 0)
        abort();
    rc = fm_wait_fd(0, FM_READABLE);
    if (strcmp(then, "again") == 0 && read(0, local, 1) == 1)
        execl("/proc/self/exe", "specimen", (char *)NULL);
    return rc;
}

static int specimen(void *then)
{
    char address[FM_ADDRESS_TEXT];
    fm_listener *listener;
    fm_stream *client, *server;
    int rc = fm_listen("127.0.0.1:0", &listener);
    if (rc < 0)
        return rc;
    fm_address_format(fm_listener_address(listener), address);
    rc = fm_connect(address, &client);
    if (rc == 0) {
        rc = fm_accept(listener, &server);
        if (rc == 0) {
            rc = specimen_hold(client, then);
            fm_abort(server);
        }
        fm_abort(client);
    }
    fm_listener_close(listener);
    return rc;
}

int main(int argc, char **argv)
{
    return fm_run(specimen, argc > 1 ? argv[1] : "") < 0;
}
