/*
 * callbacks.c - the echo server again, of callbacks and without tasks
 *
 *   callbacks [ADDRESS]     127.0.0.1:7000; with port 0 the system chooses one
 */
#include <fermata.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static fm_loop *loop;

/* [client] */
static void received(fm_op *client);

static void start(fm_op *op, fm_op_kind kind, void (*done)(fm_op *op))
{
    op->kind = kind;
    op->done = done;
    fm_op_start(loop, op);
}

static void leave(fm_op *client)
{
    fm_loop_close_fd(loop, client->fd);
    free(client);
}

static void written(fm_op *client)
{
    if (client->result > 0 && (size_t)client->result < client->size) {
        client->buf = (char *)client->buf + client->result;
        client->size -= (size_t)client->result;
        start(client, FM_OP_WRITE, written);
        return;
    }
    fm_buffer_put(loop, client->buffer);
    if (client->result < 0)
        leave(client);
    else
        start(client, FM_OP_RECEIVE, received);
}

/* The bytes lie in a buffer that the loop lends, and leave from there. */
static void received(fm_op *client)
{
    if (client->result <= 0) {
        leave(client);
        return;
    }
    client->size = (size_t)client->result;
    start(client, FM_OP_WRITE, written);
}
/* [/client] */

/* [server] */
static void accepted(fm_op *listener);

static void accept_again(void *listener)
{
    start(listener, FM_OP_ACCEPT, accepted);
}

static void accepted(fm_op *listener)
{
    static fm_call later = {.fn = accept_again};
    int fd = (int)listener->result;
    fm_op *client = fd >= 0 ? calloc(1, sizeof *client) : NULL;
    if (client != NULL) {
        client->fd = fd;
        start(client, FM_OP_RECEIVE, received);
    } else if (fd >= 0) {
        fm_loop_close_fd(loop, fd);
    }
    if (fd >= 0) {
        accept_again(listener);
    } else if (fd == -ECANCELED) {
        fm_loop_close_fd(loop, listener->fd);
    } else { /* there are too many: perhaps some leave */
        later.arg = listener;
        fm_loop_later(loop, &later, 0.1);
    }
}

static void stop(void *arg, int number)
{
    (void)arg;
    (void)number;
    fm_loop_stop(loop);
}

static int serve(fm_address *address)
{
    char text[FM_ADDRESS_TEXT];
    static fm_op listener;
    static fm_trap term = {.number = SIGTERM, .fn = stop};
    listener.fd = fm_loop_listen(loop, address);
    int rc = listener.fd < 0 ? listener.fd : fm_trap_open(loop, &term);
    if (rc < 0)
        return rc;
    fm_loop_address(loop, listener.fd, address);
    printf("listening on %s\n", fm_address_format(address, text));
    fflush(stdout);
    accept_again(&listener);
    fm_loop_run(loop);
    return 0;
}
/* [/server] */

int main(int argc, char **argv)
{
    fm_address address;
    int rc = fm_address_parse(argc > 1 ? argv[1] : "127.0.0.1:7000", &address);
    if (rc == 0)
        rc = fm_loop_open(&loop, NULL);
    if (rc == 0)
        rc = serve(&address);
    fm_loop_close(loop);
    if (rc < 0)
        fprintf(stderr, "callbacks: %s\n", fm_strerror(rc));
    return rc < 0;
}
