/*
 * specimen.c - a program for others to look into
 *
 *   specimen [crash]
 *
 * Says "FD LOCAL PEER" of a connection that it has to itself, and waits until
 * its input ends; or crashes.
 */
#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>

static int specimen_hold(fm_stream *client, bool crash)
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
    if (crash)
        abort();
    return fm_wait_fd(0, FM_READABLE);
}

static int specimen(void *crash)
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
            rc = specimen_hold(client, crash != NULL);
            fm_abort(server);
        }
        fm_abort(client);
    }
    fm_listener_close(listener);
    return rc;
}

int main(int argc, char **argv)
{
    return fm_run(specimen, argc > 1 ? argv[1] : NULL) < 0;
}
