/*
 * tls_kit.c - certificates that are made in the test, and streams with them
 */
#include "net/tls_kit.h"

#include "harness.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void kit_same(const char *file, int line, const char *left, const char *right)
{
    left = left != NULL ? left : "(none)";
    right = right != NULL ? right : "(none)";
    if (strcmp(left, right) != 0)
        test_fail(file, line, "\"%s\" is not \"%s\"", left, right);
}

static void kit_must(bool done)
{
    if (!done) {
        ERR_print_errors_fp(stderr);
        abort();
    }
}

static void kit_write(BIO *bio, char *text, size_t size)
{
    int count = BIO_read(bio, text, (int)size - 1);
    kit_must(count > 0);
    text[count] = '\0';
    BIO_free(bio);
}

static void kit_extend(X509 *certificate, X509 *issuer, int nid,
                       const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    kit_must(extension != NULL);
    kit_must(X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

static void kit_fill(X509 *certificate, const struct kit_wish *wish)
{
    static long serial = 1000;
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
    X509_gmtime_adj(X509_getm_notBefore(certificate), wish->from - 60);
    X509_gmtime_adj(X509_getm_notAfter(certificate),
                    wish->until != 0 ? wish->until : 3600);
    kit_must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                        (const unsigned char *)wish->name, -1,
                                        -1, 0) == 1);
}

static X509 *kit_certificate(const struct kit_identity *identity)
{
    BIO *bio = BIO_new_mem_buf(identity->certificate, -1);
    X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    kit_must(certificate != NULL);
    return certificate;
}

static EVP_PKEY *kit_key(const struct kit_identity *identity)
{
    BIO *bio = BIO_new_mem_buf(identity->key, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    kit_must(key != NULL);
    return key;
}

static void kit_sign(X509 *certificate, EVP_PKEY *own,
                     const struct kit_wish *wish)
{
    X509 *issuer = wish->issuer != NULL ? kit_certificate(wish->issuer) : NULL;
    EVP_PKEY *key = wish->issuer != NULL ? kit_key(wish->issuer) : NULL;
    X509 *above = issuer != NULL ? issuer : certificate;
    X509_set_issuer_name(certificate, X509_get_subject_name(above));
    kit_extend(certificate, above, NID_basic_constraints,
               wish->authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (wish->alternatives != NULL)
        kit_extend(certificate, above, NID_subject_alt_name,
                   wish->alternatives);
    kit_must(X509_sign(certificate, key != NULL ? key : own, EVP_sha256()) > 0);
    X509_free(issuer);
    EVP_PKEY_free(key);
}

void kit_make(struct kit_identity *identity, const struct kit_wish *wish)
{
    X509 *certificate = X509_new();
    EVP_PKEY *key = EVP_EC_gen("P-256");
    kit_must(certificate != NULL && key != NULL);
    kit_fill(certificate, wish);
    kit_must(X509_set_pubkey(certificate, key) == 1);
    kit_sign(certificate, key, wish);
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, certificate);
    kit_write(bio, identity->certificate, sizeof identity->certificate);
    bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
    kit_write(bio, identity->key, sizeof identity->key);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static const struct kit_identity *kit_once(struct kit_identity *identity,
                                           struct kit_wish wish)
{
    if (identity->key[0] == '\0')
        kit_make(identity, &wish);
    return identity;
}

const struct kit_identity *kit_root(void)
{
    static struct kit_identity root;
    return kit_once(
        &root, (struct kit_wish){.name = "the test's root", .authority = true});
}

const struct kit_identity *kit_server(void)
{
    static struct kit_identity server;
    return kit_once(&server,
                    (struct kit_wish){.name = "example.org",
                                      .alternatives =
                                          "DNS:example.org,DNS:*.example.net,"
                                          "IP:127.0.0.1,IP:::1",
                                      .issuer = kit_root()});
}

const struct kit_identity *kit_alice(void)
{
    static struct kit_identity alice;
    return kit_once(&alice,
                    (struct kit_wish){.name = "alice", .issuer = kit_root()});
}

static fm_tls *kit_tls(enum fm_tls_role role, fm_tls_options options)
{
    fm_tls *tls = NULL;
    fm_tls_failure failure;
    options.failure = &failure;
    int rc = fm_tls_new(&tls, role, &options);
    if (rc < 0)
        test_fail(__FILE__, __LINE__, "%s", failure.text);
    return tls;
}

fm_tls *kit_client_tls(fm_tls_options options)
{
    if (options.ca_text == NULL && !options.insecure_no_verification)
        options.ca_text = kit_root()->certificate;
    return kit_tls(FM_TLS_CLIENT, options);
}

fm_tls *kit_server_tls(fm_tls_options options)
{
    if (options.certificate_text == NULL) {
        options.certificate_text = kit_server()->certificate;
        options.key_text = kit_server()->key;
    }
    return kit_tls(FM_TLS_SERVER, options);
}

struct kit_serve {
    fm_stream *stream;
    fm_tls *tls;
    fm_tls_failure *failure;
};

static int kit_serve(struct kit_serve *self)
{
    return fm_start_tls(self->stream, self->tls,
                        &(fm_tls_start_options){.failure = self->failure});
}

void kit_shake(fm_stream *ends[2], fm_tls *client, fm_tls *server,
               struct kit_shake *result)
{
    fm_task *task = fm_go(kit_serve, ends[1], server, &result->server_said);
    result->client =
        fm_start_tls(ends[0], client,
                     &(fm_tls_start_options){.server_name = "example.org",
                                             .failure = &result->said});
    result->server = fm_await(task);
}
