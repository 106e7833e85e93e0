/*
 * tls_lab.h - what a story about TLS needs: contexts, and who is on the other
 * side
 *
 * A lab has both sides of ours and both of the stranger's, all with the same
 * root. No deadline of it can expire but one that a story sets.
 */
#ifndef TESTS_NET_TLS_LAB_H
#define TESTS_NET_TLS_LAB_H

#include "neighbours.h"
#include "stranger.h"

#include <fermata/tls.h>

#define LAB_NAME "a.example.test"
#define LAB_PATIENCE 3600.0 /* seconds */

struct lab {
    struct work root, leaf;
    char *root_text, *leaf_text, *key_text;
    fm_tls *client, *server;
    SSL_CTX *their_client, *their_server;
    fm_listener *listener;
};

/* Options of a server, to which more may be added. */
static inline fm_tls_options lab_server_options(const struct lab *lab)
{
    return (fm_tls_options){.certificate_text = lab->leaf_text,
                            .key_text = lab->key_text,
                            .handshake_timeout = LAB_PATIENCE};
}

static inline fm_tls_options lab_client_options(const struct lab *lab)
{
    return (fm_tls_options){.ca_text = lab->root_text,
                            .handshake_timeout = LAB_PATIENCE};
}

static inline fm_tls *lab_tls(enum fm_tls_role role, fm_tls_options options)
{
    fm_tls *tls = NULL;
    CHECK_INT(fm_tls_new(&tls, role, &options), 0);
    if (tls == NULL)
        abort();
    return tls;
}

static inline struct lab lab_open(void)
{
    struct lab lab = {.listener = listen_here()};
    lab.root = workshop_make(
        &(struct workshop_order){.name = "root", .basic = WORKSHOP_AUTHORITY},
        NULL);
    lab.leaf = workshop_make(
        &(struct workshop_order){
            .name = "leaf", .alternatives = "DNS:" LAB_NAME ",IP:127.0.0.1"},
        &lab.root);
    lab.root_text = workshop_chain((X509 *[]){lab.root.certificate, NULL});
    lab.leaf_text = workshop_chain((X509 *[]){lab.leaf.certificate, NULL});
    lab.key_text = workshop_key(&lab.leaf);
    lab.client = lab_tls(FM_TLS_CLIENT, lab_client_options(&lab));
    lab.server = lab_tls(FM_TLS_SERVER, lab_server_options(&lab));
    lab.their_client = stranger_client();
    lab.their_server = stranger_server(&lab.leaf, NULL);
    return lab;
}

static inline void lab_close(struct lab *lab)
{
    CHECK_INT(fm_listener_close(lab->listener), 0);
    SSL_CTX_free(lab->their_server);
    SSL_CTX_free(lab->their_client);
    fm_tls_free(lab->server);
    fm_tls_free(lab->client);
    free(lab->key_text);
    free(lab->leaf_text);
    free(lab->root_text);
    workshop_free(&lab->leaf);
    workshop_free(&lab->root);
}

/* ---- Our side, in a task ------------------------------------------------ */

/* Shakes hands as the context says; then says again what it is told, to the
 * end. */
struct ours {
    fm_stream *stream;
    fm_tls *tls;
    const char *name; /* of the server; NULL for a server */
};

static inline int ours_echo(fm_stream *stream)
{
    char buf[256];
    ssize_t n = 1;
    while (n > 0 && (n = fm_read(stream, buf, sizeof buf)) > 0)
        n = fm_write(stream, buf, (size_t)n);
    return (int)n;
}

/* Ends the stream, whatever happens. */
static inline int ours(struct ours *self)
{
    int rc = fm_start_tls(self->stream, self->tls,
                          &(fm_tls_start_options){.server_name = self->name});
    if (rc == 0)
        rc = ours_echo(self->stream);
    int closed = fm_close(self->stream);
    return rc < 0 ? rc : closed;
}

/* ---- Them --------------------------------------------------------------- */

static inline void stranger_says(struct stranger *stranger, const char *text)
{
    char heard[64] = "";
    CHECK_INT(stranger_write(stranger, text, strlen(text)), strlen(text));
    CHECK_INT(stranger_read(stranger, heard, sizeof heard - 1), strlen(text));
    CHECK(strcmp(heard, text) == 0);
}

#endif
