/*
 * test_certificates.c - whom a client believes, and whom a server does
 *
 * Each row is a chain with one thing wrong with it, or nothing. OpenSSL, which
 * is told to mind nothing, shows it; we have to refuse it with its own error.
 */
#include "neighbours.h"
#include "stranger.h"

#include <fermata/tls.h>
#include <openssl/ocsp.h>

#define NAME "a.example.test"
#define ALTERNATIVE "DNS:" NAME
#define DEEPEST (FM_TLS_DEPTH + 1)

enum staple {
    NO_STAPLE,
    STAPLE_GOOD,
    STAPLE_REVOKED,
    STAPLE_FORGED /* by somebody who is not the issuer */
};

struct row {
    const char *what;
    int expected;
    const char *asked;                  /* for whom; NULL: NAME */
    struct workshop_order leaf, middle; /* without a name: ordinary; none */
    enum staple staple;
    unsigned depth; /* so many like the one in the middle, 0: one */
    bool unsent;    /* the one in the middle stays at home */
    bool alone;     /* the leaf signs itself */
    bool strangers; /* the root is none that we know */
    bool complete;  /* the root is sent as well */
    bool forged;    /* the leaf was signed by another key */
};

#define LEAF(...) {.name = "leaf", __VA_ARGS__}
#define NAMED(...) {.name = "leaf", .alternatives = ALTERNATIVE, __VA_ARGS__}
#define MIDDLE(...) {.name = "middle", .basic = WORKSHOP_AUTHORITY, __VA_ARGS__}

/* ---- The tables --------------------------------------------------------- */

static const struct row good[] = {
    {"an ECDSA key", 0, .asked = NAME},
    {"an Ed25519 key", 0, .leaf = NAMED(.key = WORKSHOP_ED25519)},
    {"an RSA key", 0, .leaf = NAMED(.key = WORKSHOP_RSA2048)},
    {"one in the middle", 0, .middle = MIDDLE(.key = WORKSHOP_P256)},
    {"as deep as may be", 0, .middle = MIDDLE(.from = -1, .until = 9),
     .depth = FM_TLS_DEPTH},
    {"the root sent as well", 0, .complete = true},
    {"the usage of a server", 0, .leaf = NAMED(.usage = "serverAuth")},
    {"one name of several", 0,
     .leaf = LEAF(.alternatives = "DNS:b.test," ALTERNATIVE)},
    {"a name in capitals", 0, .asked = "A.Example.TEST"},
    {"a wildcard", 0, .leaf = LEAF(.alternatives = "DNS:*.example.test")},
    {"an IPv4 address", 0, .asked = "192.0.2.1",
     .leaf = LEAF(.alternatives = "IP:192.0.2.1")},
    {"an IPv6 address", 0, .asked = "2001:db8::1",
     .leaf = LEAF(.alternatives = "IP:2001:db8:0::1")},
    {"a name that is permitted", 0,
     .middle = MIDDLE(.constraints = "critical,permitted;DNS:example.test")},
    {"a staple that says good", 0, .staple = STAPLE_GOOD},
};

static const struct row times[] = {
    {"expired", -FM_ECERT_EXPIRED, .leaf = NAMED(.from = -9, .until = -1)},
    {"the one in the middle expired", -FM_ECERT_EXPIRED,
     .middle = MIDDLE(.from = -9, .until = -1)},
    {"not yet valid", -FM_ECERT_EARLY, .leaf = NAMED(.from = 1, .until = 9)},
};

static const struct row names[] = {
    {"another name", -FM_ECERT_NAME,
     .leaf = LEAF(.alternatives = "DNS:b.example.test")},
    {"no name", -FM_ECERT_NAME, .leaf = LEAF(.alternatives = NULL)},
    {"the common name alone", -FM_ECERT_NAME, .leaf = {.name = NAME}},
    {"the name and more", -FM_ECERT_NAME,
     .leaf = LEAF(.alternatives = ALTERNATIVE ".org")},
    {"a wildcard, two labels deep", -FM_ECERT_NAME, .asked = "a.b.example.test",
     .leaf = LEAF(.alternatives = "DNS:*.example.test")},
    {"a wildcard without a label", -FM_ECERT_NAME, .asked = "example.test",
     .leaf = LEAF(.alternatives = "DNS:*.example.test")},
    {"a wildcard in the middle", -FM_ECERT_NAME, .asked = "a.b.example.test",
     .leaf = LEAF(.alternatives = "DNS:a.*.example.test")},
    {"half a wildcard", -FM_ECERT_NAME, .asked = "ab.example.test",
     .leaf = LEAF(.alternatives = "DNS:a*.example.test")},
    {"a wildcard for all", -FM_ECERT_NAME,
     .leaf = LEAF(.alternatives = "DNS:*")},
    {"another address", -FM_ECERT_NAME, .asked = "192.0.2.1",
     .leaf = LEAF(.alternatives = "IP:192.0.2.2")},
    {"an address as a name", -FM_ECERT_NAME, .asked = "192.0.2.1",
     .leaf = LEAF(.alternatives = "DNS:192.0.2.1")},
    {"an address as the common name", -FM_ECERT_NAME, .asked = "192.0.2.1",
     .leaf = {.name = "192.0.2.1"}},
    {"a name for an address", -FM_ECERT_NAME, .asked = "192.0.2.1"},
};

static const struct row signers[] = {
    {"signed by itself", -FM_ECERT_SELF_SIGNED, .alone = true},
    {"an unknown root", -FM_ECERT_UNKNOWN, .strangers = true},
    {"an unknown root, sent as well", -FM_ECERT_UNKNOWN, .strangers = true,
     .complete = true},
    {"the one in the middle is missing", -FM_ECERT_UNKNOWN,
     .middle = MIDDLE(.key = WORKSHOP_P256), .unsent = true},
    {"another key has signed", -FM_ECERT_INVALID,
     .middle = MIDDLE(.key = WORKSHOP_P256), .forged = true},
};

static const struct row purposes[] = {
    {"for clients alone", -FM_ECERT_PURPOSE,
     .leaf = NAMED(.usage = "clientAuth")},
    {"the one in the middle is for clients", -FM_ECERT_PURPOSE,
     .middle = MIDDLE(.usage = "clientAuth")},
    {"the one in the middle must not sign", -FM_ECERT_CONSTRAINT,
     .middle = {.name = "middle", .basic = "critical,CA:FALSE"}},
    {"deeper than the one above allows", -FM_ECERT_CONSTRAINT,
     .middle = {.name = "middle", .basic = "critical,CA:TRUE,pathlen:0"},
     .depth = 2},
    {"a name that is not permitted", -FM_ECERT_CONSTRAINT,
     .middle = MIDDLE(.constraints = "critical,permitted;DNS:other.test")},
    {"a name that is excluded", -FM_ECERT_CONSTRAINT,
     .middle = MIDDLE(.constraints = "critical,excluded;DNS:example.test")},
    {"deeper than may be", -FM_ECERT_CONSTRAINT,
     .middle = MIDDLE(.from = -1, .until = 9), .depth = FM_TLS_DEPTH + 1},
};

static const struct row strengths[] = {
    {"a weak key", -FM_ECERT_WEAK, .leaf = NAMED(.key = WORKSHOP_RSA1024)},
    {"the one in the middle has a weak key", -FM_ECERT_WEAK,
     .middle = MIDDLE(.key = WORKSHOP_RSA1024)},
    {"a signature by SHA-1", -FM_ECERT_WEAK, .leaf = NAMED(.digest = "SHA1")},
    {"a signature by MD5", -FM_ECERT_WEAK, .leaf = NAMED(.digest = "MD5"),
     .middle = MIDDLE(.key = WORKSHOP_RSA2048)},
    {"the one in the middle is signed by SHA-1", -FM_ECERT_WEAK,
     .middle = MIDDLE(.digest = "SHA1")},
};

static const struct row revocations[] = {
    {"a staple that says revoked", -FM_ECERT_REVOKED, .staple = STAPLE_REVOKED},
    {"a staple by somebody else", -FM_ECERT_STAPLE, .staple = STAPLE_FORGED},
};

/* ---- A chain ------------------------------------------------------------ */

/* One that clients know, and one that they do not. */
static struct work root, other;

struct chain {
    struct work leaf;
    struct work middle[DEEPEST];
    unsigned depth;
    X509 *sent[DEEPEST + 2]; /* after the leaf, up to a NULL */
    unsigned char *staple;
    size_t staple_size;
};

static void roots_make(void)
{
    struct workshop_order order = {.basic = WORKSHOP_AUTHORITY};
    order.name = "root";
    root = workshop_make(&order, NULL);
    order.name = "other";
    other = workshop_make(&order, NULL);
}

static void roots_free(void)
{
    workshop_free(&root);
    workshop_free(&other);
}

static void chain_make_middle(struct chain *chain, const struct row *row)
{
    const struct work *issuer = &root;
    chain->depth =
        row->middle.name == NULL ? 0 : row->depth + (row->depth == 0);
    for (unsigned i = 0; i < chain->depth; i++) {
        char name[32];
        struct workshop_order order = row->middle;
        snprintf(name, sizeof name, "middle %u", i);
        order.name = name;
        chain->middle[i] = workshop_make(&order, issuer);
        issuer = &chain->middle[i];
    }
}

static const struct work *chain_issuer(const struct chain *chain)
{
    return chain->depth > 0 ? &chain->middle[chain->depth - 1] : &root;
}

static void chain_make_leaf(struct chain *chain, const struct row *row)
{
    static const struct workshop_order ordinary = NAMED(.basic = NULL);
    const struct workshop_order *order =
        row->leaf.name != NULL ? &row->leaf : &ordinary;
    struct work issuer = *chain_issuer(chain);
    if (row->forged)
        issuer.key = other.key;
    chain->leaf = workshop_make(order, row->alone ? NULL : &issuer);
}

static void chain_gather(struct chain *chain, const struct row *row)
{
    unsigned count = 0;
    for (unsigned i = chain->depth; i > 0 && !row->unsent; i--)
        chain->sent[count++] = chain->middle[i - 1].certificate;
    if (row->complete)
        chain->sent[count] = root.certificate;
}

static void chain_make_staple(struct chain *chain, const struct row *row)
{
    int status = row->staple == STAPLE_REVOKED ? V_OCSP_CERTSTATUS_REVOKED
                                               : V_OCSP_CERTSTATUS_GOOD;
    struct work issuer = *chain_issuer(chain);
    if (row->staple == NO_STAPLE)
        return;
    if (row->staple == STAPLE_FORGED)
        issuer = other;
    chain->staple_size =
        workshop_ocsp(&chain->leaf, &issuer, status, &chain->staple);
}

static struct chain chain_make(const struct row *row)
{
    struct chain chain = {.depth = 0};
    chain_make_middle(&chain, row);
    chain_make_leaf(&chain, row);
    chain_gather(&chain, row);
    chain_make_staple(&chain, row);
    return chain;
}

static void chain_free(struct chain *chain)
{
    for (unsigned i = 0; i < chain->depth; i++)
        workshop_free(&chain->middle[i]);
    workshop_free(&chain->leaf);
    OPENSSL_free(chain->staple);
}

static fm_tls *client_of(const struct work *known)
{
    fm_tls *tls = NULL;
    char *text = workshop_chain((X509 *[]){known->certificate, NULL});
    CHECK_INT(
        fm_tls_new(&tls, FM_TLS_CLIENT, &(fm_tls_options){.ca_text = text}), 0);
    free(text);
    return tls;
}

/* ---- The server --------------------------------------------------------- */

static int host_staple(SSL *ssl, void *arg)
{
    const struct chain *chain = arg;
    SSL_set_tlsext_status_ocsp_resp(
        ssl, OPENSSL_memdup(chain->staple, chain->staple_size),
        (long)chain->staple_size);
    return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *host_context(struct chain *chain)
{
    SSL_CTX *context = stranger_server(&chain->leaf, chain->sent);
    if (chain->staple != NULL) {
        SSL_CTX_set_tlsext_status_cb(context, host_staple);
        SSL_CTX_set_tlsext_status_arg(context, chain);
    }
    return context;
}

/* Echoes once to whom it can talk to. */
struct host {
    SSL_CTX *context;
    fm_stream *stream;
    int *alert;
};

static int host(struct host *self)
{
    char heard[8];
    struct stranger peer = stranger_make(self->context, self->stream);
    int rc = stranger_shake(&peer);
    ssize_t n = rc < 0 ? rc : stranger_read(&peer, heard, sizeof heard);
    if (n > 0)
        n = stranger_write(&peer, heard, (size_t)n);
    if (n > 0)
        n = stranger_leave(&peer);
    *self->alert = peer.alert;
    stranger_free(&peer);
    return (int)n;
}

/* ---- The matrix --------------------------------------------------------- */

static void row_talk(fm_stream *client)
{
    char heard[8] = "";
    CHECK_INT(fm_write(client, "hello", 5), 5);
    CHECK_INT(fm_read_exactly(client, heard, 5), 5);
    CHECK(strcmp(heard, "hello") == 0);
    CHECK_INT(fm_read(client, heard, 1), 0);
}

static void row_check(const struct row *row, int rc,
                      const fm_tls_failure *failure)
{
    if (rc != row->expected)
        test_fail(__FILE__, __LINE__, "%s: %d (%s: %s), not %d", row->what, rc,
                  fm_strerror(rc), failure->text, row->expected);
    if (rc < 0 && failure->text[0] == '\0')
        test_fail(__FILE__, __LINE__, "%s: no words", row->what);
    CHECK_INT(failure->code, rc);
}

static void row_shake(const struct row *row, struct chain *chain,
                      fm_listener *listener)
{
    int alert = -1;
    fm_stream *client, *server;
    fm_tls_failure failure = {.code = 0};
    SSL_CTX *context = host_context(chain);
    fm_tls *tls = client_of(row->strangers ? &other : &root);
    meet(listener, &client, &server);
    fm_task *task = fm_go(host, context, server, &alert);
    int rc =
        fm_start_tls(client, tls,
                     &(fm_tls_start_options){
                         .server_name = row->asked != NULL ? row->asked : NAME,
                         .failure = &failure});
    row_check(row, rc, &failure);
    if (rc == 0)
        row_talk(client);
    (void)fm_close(client);
    CHECK_INT(fm_await(task) < 0, rc < 0);
    if ((alert >= 0) != (rc < 0))
        test_fail(__FILE__, __LINE__, "%s: alert %d", row->what, alert);
    fm_abort(server);
    fm_tls_free(tls);
    SSL_CTX_free(context);
}

static void rows_shake(const struct row *rows, size_t count)
{
    fm_listener *listener = listen_here();
    roots_make();
    for (size_t i = 0; i < count; i++) {
        struct chain chain = chain_make(&rows[i]);
        row_shake(&rows[i], &chain, listener);
        chain_free(&chain);
    }
    roots_free();
    CHECK_INT(fm_listener_close(listener), 0);
}

#define CHECK_ROWS(rows) rows_shake((rows), sizeof(rows) / sizeof *(rows))

STORY(a_good_chain_of_the_right_name_is_believed)
{
    CHECK_ROWS(good);
}

STORY(what_has_expired_or_is_not_valid_yet_is_refused)
{
    CHECK_ROWS(times);
}

STORY(what_is_of_another_name_or_address_is_refused)
{
    CHECK_ROWS(names);
}

STORY(what_nobody_who_is_trusted_has_signed_is_refused)
{
    CHECK_ROWS(signers);
}

STORY(what_is_for_another_purpose_or_breaks_a_constraint_is_refused)
{
    CHECK_ROWS(purposes);
}

STORY(what_has_a_weak_key_or_signature_is_refused)
{
    CHECK_ROWS(strengths);
}

STORY(what_a_staple_says_is_revoked_or_does_not_prove_is_refused)
{
    CHECK_ROWS(revocations);
}
