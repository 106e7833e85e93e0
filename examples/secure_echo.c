/*
 * secure_echo.c - an echo server whose clients nobody else can hear
 *
 * Asks a client of its own, in the same program: it trusts the one root that
 * the server's certificate is of.
 */
#include <fermata.h>
#include <stdio.h>

static int echo(fm_stream *client, void *arg)
{
    char buf[4096];
    ssize_t n = 1;
    (void)arg;
    while (n > 0 && (n = fm_read(client, buf, sizeof buf)) > 0)
        n = fm_write(client, buf, (size_t)n);
    return (int)n;
}

/* [server] */
struct server {
    fm_listener *listener;
    fm_tls *tls;
};

static int server(struct server *self)
{
    return fm_serve(self->listener, echo, NULL,
                    &(fm_serve_options){.tls = self->tls});
}
/* [/server] */

/* [client] */
static int ask(const char *address, fm_tls *tls)
{
    fm_stream *stream;
    fm_tls_failure failure = {0};
    char answer[64];
    int rc = fm_connect(address, &stream);
    if (rc < 0)
        return rc;
    rc = fm_start_tls(stream, tls,
                      &(fm_tls_start_options){.server_name = "localhost",
                                              .failure = &failure});
    if (rc == 0)
        rc = (int)fm_write(stream, "hello\n", 6);
    if (rc > 0)
        rc = (int)fm_read_line(stream, answer, sizeof answer);
    if (rc > 0)
        printf("%s, by %s\n", answer, fm_tls_version(stream));
    else
        printf("failed: %s\n", failure.text);
    int closed = fm_close(stream);
    return rc < 0 ? rc : closed;
}
/* [/client] */

static int serve_and_ask(fm_tls *served, fm_tls *trusting)
{
    fm_listener *listener;
    char address[FM_ADDRESS_TEXT];
    int rc = fm_listen("127.0.0.1:0", &listener);
    if (rc < 0)
        return rc;
    fm_address_format(fm_listener_address(listener), address);
    fm_task *task = fm_go(server, listener, served);
    rc = ask(address, trusting);
    fm_serve_stop(listener);
    int ended = fm_await(task);
    return rc < 0 ? rc : ended;
}

/* The files are made by openssl(1). */
/* [contexts] */
static int secure_echo(void *arg)
{
    char **files = arg;
    fm_tls *served = NULL, *trusting = NULL;
    fm_tls_failure failure;
    int rc = fm_tls_new(&served, FM_TLS_SERVER,
                        &(fm_tls_options){.certificate = files[1],
                                          .key = files[2],
                                          .failure = &failure});
    if (rc == 0)
        rc = fm_tls_new(
            &trusting, FM_TLS_CLIENT,
            &(fm_tls_options){.ca_file = files[1], .failure = &failure});
    if (rc == 0)
        rc = serve_and_ask(served, trusting);
    else
        fprintf(stderr, "secure_echo: %s\n", failure.text);
    fm_tls_free(served);
    fm_tls_free(trusting);
    return rc;
}
/* [/contexts] */

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: secure_echo CERTIFICATE KEY\n");
        return 2;
    }
    return fm_run(secure_echo, argv) < 0;
}
