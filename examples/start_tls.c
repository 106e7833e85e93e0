/*
 * start_tls.c - a conversation that becomes a private one
 *
 * Both ends are in this program; they agree in plain text that they go on in
 * TLS, on the same stream.
 */
#include <fermata.h>
#include <stdio.h>
#include <string.h>

/* [client] */
struct client {
    fm_stream *stream;
    fm_tls *tls;
};

static int client(struct client *self)
{
    char line[80];
    int rc = (int)fm_write(self->stream, "STARTTLS\n", 9);
    if (rc >= 0)
        rc = (int)fm_read_line(self->stream, line, sizeof line);
    if (rc >= 0 && strcmp(line, "go ahead") != 0)
        rc = -FM_ENOTTLS;
    if (rc >= 0)
        rc = fm_start_tls(self->stream, self->tls,
                          &(fm_tls_start_options){.server_name = "localhost"});
    if (rc >= 0)
        rc = (int)fm_write(self->stream, "the password\n", 13);
    return rc < 0 ? rc : fm_write_eof(self->stream);
}
/* [/client] */

struct server {
    fm_stream *stream;
    fm_tls *tls;
};

static int server(struct server *self)
{
    char line[80];
    int rc = (int)fm_read_line(self->stream, line, sizeof line);
    if (rc >= 0)
        rc = (int)fm_write(self->stream, "go ahead\n", 9);
    if (rc >= 0)
        rc = fm_start_tls(self->stream, self->tls);
    if (rc >= 0)
        rc = (int)fm_read_line(self->stream, line, sizeof line);
    if (rc >= 0)
        printf("by %s: %s\n", fm_tls_version(self->stream), line);
    return rc < 0 ? rc : 0;
}

static int converse(fm_tls *trusting, fm_tls *served)
{
    fm_stream *ends[2];
    int rc = fm_stream_pair(ends);
    if (rc < 0)
        return rc;
    rc = fm_gather(fm_go(client, ends[0], trusting),
                   fm_go(server, ends[1], served));
    int one = fm_close(ends[0]), other = fm_close(ends[1]);
    if (rc == 0)
        rc = one;
    return rc < 0 ? rc : other;
}

/* The files are made by openssl(1). */
static int start_tls(void *arg)
{
    char **files = arg;
    fm_tls *trusting = NULL, *served = NULL;
    fm_tls_failure failure = {0};
    int rc = fm_tls_new(&served, FM_TLS_SERVER,
                        &(fm_tls_options){.certificate = files[1],
                                          .key = files[2],
                                          .failure = &failure});
    if (rc == 0)
        rc = fm_tls_new(
            &trusting, FM_TLS_CLIENT,
            &(fm_tls_options){.ca_file = files[1], .failure = &failure});
    if (rc == 0)
        rc = converse(trusting, served);
    if (rc < 0)
        fprintf(stderr, "start_tls: %s %s\n", fm_strerror(rc), failure.text);
    fm_tls_free(trusting);
    fm_tls_free(served);
    return rc;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: start_tls CERTIFICATE KEY\n");
        return 2;
    }
    return fm_run(start_tls, argv) < 0;
}
