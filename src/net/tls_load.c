/*
 * tls_load.c - certificates and keys, from files and from memory
 *
 * Each thing comes from one of two places, and each failure names it: "the
 * key of server.pem". Nothing is ever asked of a terminal.
 */
#include "net/tls_record.h"

#include "base/sys.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

/* Where a thing comes from; both NULL: it was not asked for. */
struct load_source {
    const char *file;
    const char *text;
    const char *what; /* "roots" */
};

static bool tls_load_wanted(const struct load_source *source)
{
    return source->file != NULL || source->text != NULL;
}

static int tls_load_fail(const fm_tls_options *options,
                         const struct load_source *source, int code,
                         const char *what)
{
    char thing[224];
    snprintf(thing, sizeof thing, "%s of %.180s", source->what,
             source->file != NULL ? source->file : "a text");
    return fm__tls_fail(options->failure, code, thing, what);
}

static BIO *tls_load_open(const struct load_source *source)
{
    return source->file != NULL ? BIO_new_file(source->file, "r")
                                : BIO_new_mem_buf(source->text, -1);
}

/* Instead of a question on the terminal. */
static int tls_load_no_password(char *buf, int size, int writing, void *arg)
{
    (void)buf;
    (void)size;
    (void)writing;
    (void)arg;
    return -1;
}

/* After the last one there is no beginning of another. */
static bool tls_load_at_end(void)
{
    unsigned long error = ERR_peek_last_error();
    bool end = ERR_GET_LIB(error) == ERR_LIB_PEM &&
               ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
    if (end)
        ERR_clear_error();
    return end;
}

/* ---- Roots -------------------------------------------------------------- */

/* Each certificate of the BIO is trusted: how many, or -1. */
static int tls_load_trust(SSL_CTX *context, BIO *bio)
{
    X509_STORE *store = SSL_CTX_get_cert_store(context);
    X509 *root;
    int count = 0;
    while ((root = PEM_read_bio_X509(bio, NULL, tls_load_no_password, NULL)) !=
           NULL) {
        bool server = SSL_CTX_get_ssl_method(context) == TLS_server_method();
        bool done = X509_STORE_add_cert(store, root) == 1 &&
                    (!server || SSL_CTX_add_client_CA(context, root) == 1);
        X509_free(root);
        if (!done)
            return -1;
        count++;
    }
    return tls_load_at_end() && count > 0 ? count : -1;
}

static int tls_load_roots(fm_tls *tls, const fm_tls_options *options,
                          const struct load_source *source)
{
    BIO *bio = tls_load_open(source);
    if (bio == NULL)
        return tls_load_fail(options, source, -FM_EPEM, "cannot be read");
    int count = tls_load_trust(tls->context, bio);
    BIO_free(bio);
    if (count > 0)
        return 0;
    return tls_load_fail(options, source, -FM_EPEM, "no certificates");
}

static int tls_load_client_trust(fm_tls *tls, const fm_tls_options *options)
{
    const struct load_source roots = {options->ca_file, options->ca_text,
                                      "the roots"};
    const struct load_source path = {options->ca_path, NULL, "the roots"};
    bool given = tls_load_wanted(&roots) || tls_load_wanted(&path);
    int rc = tls_load_wanted(&roots) ? tls_load_roots(tls, options, &roots) : 0;
    if (rc == 0 && tls_load_wanted(&path) &&
        SSL_CTX_load_verify_dir(tls->context, options->ca_path) != 1)
        rc = tls_load_fail(options, &path, -FM_EPEM, "cannot be read");
    if (rc == 0 && !given && tls->verifies &&
        SSL_CTX_set_default_verify_paths(tls->context) != 1)
        rc = fm__tls_fail(options->failure, -FM_EPEM, "the system's roots",
                          "cannot be read");
    return rc;
}

static int tls_load_server_trust(fm_tls *tls, const fm_tls_options *options)
{
    const struct load_source roots = {
        options->client_ca, options->client_ca_text, "the clients' roots"};
    return tls_load_wanted(&roots) ? tls_load_roots(tls, options, &roots) : 0;
}

/* ---- One's own ---------------------------------------------------------- */

/* The first of the BIO is one's own, the others are of those above it. */
static int tls_load_chain(SSL_CTX *context, BIO *bio)
{
    X509 *own = PEM_read_bio_X509_AUX(bio, NULL, tls_load_no_password, NULL);
    int done = own != NULL ? SSL_CTX_use_certificate(context, own) : 0;
    X509_free(own);
    X509 *next;
    while (done == 1 && (next = PEM_read_bio_X509(
                             bio, NULL, tls_load_no_password, NULL)) != NULL) {
        done = SSL_CTX_add0_chain_cert(context, next) == 1;
        if (done != 1)
            X509_free(next);
    }
    return done == 1 && tls_load_at_end() ? 0 : -1;
}

static int tls_load_certificate(fm_tls *tls, const fm_tls_options *options,
                                const struct load_source *source)
{
    BIO *bio = tls_load_open(source);
    if (bio == NULL)
        return tls_load_fail(options, source, -FM_EPEM, "cannot be read");
    int rc = tls_load_chain(tls->context, bio);
    BIO_free(bio);
    if (rc == 0)
        return 0;
    bool weak = fm__tls_code() == -FM_ECERT_WEAK;
    return tls_load_fail(options, source, weak ? -FM_ECERT_WEAK : -FM_EPEM,
                         weak ? "too weak" : "no certificate");
}

static int tls_load_key(fm_tls *tls, const fm_tls_options *options,
                        const struct load_source *source)
{
    BIO *bio = tls_load_open(source);
    if (bio == NULL)
        return tls_load_fail(options, source, -FM_EPEM, "cannot be read");
    EVP_PKEY *key =
        PEM_read_bio_PrivateKey(bio, NULL, tls_load_no_password, NULL);
    BIO_free(bio);
    if (key == NULL)
        return tls_load_fail(options, source, -FM_EPEM, "no private key");
    int used = SSL_CTX_use_PrivateKey(tls->context, key);
    EVP_PKEY_free(key);
    if (used == 1 && SSL_CTX_check_private_key(tls->context) == 1)
        return 0;
    return tls_load_fail(options, source, -FM_EPEM, "not of this certificate");
}

/* Without a key of its own it is where the certificate is. */
static int tls_load_identity(fm_tls *tls, const fm_tls_options *options)
{
    const struct load_source certificate = {
        options->certificate, options->certificate_text, "the certificate"};
    bool apart = options->key != NULL || options->key_text != NULL;
    const struct load_source key = {
        apart ? options->key : options->certificate,
        apart ? options->key_text : options->certificate_text, "the key"};
    if (!tls_load_wanted(&certificate))
        return 0;
    int rc = tls_load_certificate(tls, options, &certificate);
    return rc == 0 ? tls_load_key(tls, options, &key) : rc;
}

/* ---- The key log -------------------------------------------------------- */

static void tls_load_log_line(const SSL *ssl, const char *line)
{
    fm_tls *tls = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    if (CRYPTO_THREAD_write_lock(tls->lock) != 1)
        return;
    (void)BIO_printf(tls->key_log, "%s\n", line);
    (void)BIO_flush(tls->key_log);
    CRYPTO_THREAD_unlock(tls->lock);
}

static int tls_load_key_log(fm_tls *tls, const fm_tls_options *options)
{
    const struct load_source log = {options->key_log, NULL, "the key log"};
    if (!tls_load_wanted(&log))
        return 0;
    if (fm__sys_create(options->key_log) == 0)
        tls->key_log = BIO_new_file(options->key_log, "ae");
    if (tls->key_log == NULL)
        return tls_load_fail(options, &log, -FM_EPEM, "cannot be written");
    SSL_CTX_set_keylog_callback(tls->context, tls_load_log_line);
    return 0;
}

int fm__tls_load(fm_tls *tls, const fm_tls_options *options)
{
    bool client = tls->role == FM_TLS_CLIENT;
    int rc = client ? tls_load_client_trust(tls, options)
                    : tls_load_server_trust(tls, options);
    if (rc == 0)
        rc = tls_load_identity(tls, options);
    return rc == 0 ? tls_load_key_log(tls, options) : rc;
}
