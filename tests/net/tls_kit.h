/*
 * tls_kit.h - certificates that are made in the test, and streams with them
 */
#ifndef TESTS_NET_TLS_KIT_H
#define TESTS_NET_TLS_KIT_H

#include <fermata.h>

/* Two texts are the same; NULL is none. */
#define CHECK_TEXT(left, right) kit_same(__FILE__, __LINE__, (left), (right))
void kit_same(const char *file, int line, const char *left, const char *right);

/* Who one is: PEM texts, and where they came from. */
struct kit_identity {
    char certificate[4096];
    char key[1024];
};

/* What a certificate shall say; zero is the default. */
struct kit_wish {
    const char *name;                  /* the subject's common name */
    const char *alternatives;          /* "DNS:example.org,IP:127.0.0.1" */
    const struct kit_identity *issuer; /* NULL: itself */
    bool authority;
    long from;  /* seconds from now */
    long until; /* 0: an hour */
};

/* Fills the identity, and aborts where OpenSSL cannot. */
void kit_make(struct kit_identity *identity, const struct kit_wish *wish);

/* A root, and a server of it that is example.org, *.example.net, 127.0.0.1
 * and ::1, and a client of it that is alice; made once. */
const struct kit_identity *kit_root(void);
const struct kit_identity *kit_server(void);
const struct kit_identity *kit_alice(void);

/* Contexts of these; more options may be given. */
fm_tls *kit_client_tls(fm_tls_options options);
fm_tls *kit_server_tls(fm_tls_options options);

/* Shakes hands on both ends at once, [0] as a client of that name, and says
 * what came of it on either. */
struct kit_shake {
    int client;
    int server;
    fm_tls_failure said;
    fm_tls_failure server_said;
};
void kit_shake(fm_stream *ends[2], fm_tls *client, fm_tls *server,
               struct kit_shake *result);

#endif
