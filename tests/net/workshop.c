/*
 * workshop.c - see workshop.h; on libcrypto, with the default provider alone
 */
#include "workshop.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORKSHOP_PATH 512
#define WORKSHOP_DAY (24L * 60 * 60)

/* What a test cannot do without. */
static void workshop_need(int ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "no %s can be made\n", what);
    ERR_print_errors_fp(stderr);
    abort();
}

static EVP_PKEY *workshop_new_key(enum workshop_key kind)
{
    switch (kind) {
    case WORKSHOP_ED25519:
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    case WORKSHOP_RSA2048:
        return EVP_RSA_gen(2048);
    case WORKSHOP_RSA1024:
        return EVP_RSA_gen(1024);
    default:
        return EVP_EC_gen("P-256");
    }
}

static void workshop_extend(X509 *certificate, X509V3_CTX *context, int nid,
                            const char *value)
{
    if (value == NULL)
        return;
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, context, nid, value);
    workshop_need(extension != NULL, value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

static void workshop_extensions(X509 *certificate, X509 *issuer,
                                const struct workshop_order *order)
{
    X509V3_CTX context;
    const char *basic = order->basic != NULL ? order->basic : "CA:FALSE";
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509V3_set_ctx_nodb(&context);
    workshop_extend(certificate, &context, NID_basic_constraints, basic);
    if (strstr(basic, "CA:TRUE") != NULL)
        workshop_extend(certificate, &context, NID_key_usage,
                        "critical,keyCertSign,cRLSign");
    workshop_extend(certificate, &context, NID_subject_key_identifier, "hash");
    workshop_extend(certificate, &context, NID_authority_key_identifier,
                    "keyid");
    workshop_extend(certificate, &context, NID_subject_alt_name,
                    order->alternatives);
    workshop_extend(certificate, &context, NID_ext_key_usage, order->usage);
    workshop_extend(certificate, &context, NID_name_constraints,
                    order->constraints);
}

static void workshop_fill(X509 *certificate, const struct workshop_order *order)
{
    static long serial;
    int from = order->from, until = order->until;
    X509_NAME *name = X509_get_subject_name(certificate);
    if (from == 0 && until == 0) {
        from = -1;
        until = 30;
    }
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), from * WORKSHOP_DAY);
    X509_gmtime_adj(X509_getm_notAfter(certificate), until * WORKSHOP_DAY);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                               (const unsigned char *)order->name, -1, -1, 0);
}

struct work workshop_make(const struct workshop_order *order,
                          const struct work *issuer)
{
    struct work made = {X509_new(), workshop_new_key(order->key)};
    workshop_need(made.certificate != NULL && made.key != NULL, order->name);
    const struct work *signer = issuer != NULL ? issuer : &made;
    workshop_fill(made.certificate, order);
    X509_set_issuer_name(made.certificate,
                         X509_get_subject_name(signer->certificate));
    X509_set_pubkey(made.certificate, made.key);
    workshop_extensions(made.certificate, signer->certificate, order);
    const EVP_MD *digest =
        EVP_get_digestbyname(order->digest != NULL ? order->digest : "SHA256");
    if (EVP_PKEY_is_a(signer->key, "ED25519"))
        digest = NULL;
    workshop_need(X509_sign(made.certificate, signer->key, digest) > 0,
                  order->name);
    return made;
}

void workshop_free(struct work *work)
{
    X509_free(work->certificate);
    EVP_PKEY_free(work->key);
    *work = (struct work){NULL, NULL};
}

/* What was written there, as a text. */
static char *workshop_text(BIO *bio)
{
    BUF_MEM *memory;
    BIO_get_mem_ptr(bio, &memory);
    char *text = malloc(memory->length + 1);
    workshop_need(text != NULL, "text");
    memcpy(text, memory->data, memory->length);
    text[memory->length] = '\0';
    BIO_free(bio);
    return text;
}

char *workshop_chain(X509 *const *certificates)
{
    BIO *bio = BIO_new(BIO_s_mem());
    for (; *certificates != NULL; certificates++)
        workshop_need(PEM_write_bio_X509(bio, *certificates), "text");
    return workshop_text(bio);
}

char *workshop_key(const struct work *work)
{
    BIO *bio = BIO_new(BIO_s_mem());
    workshop_need(
        PEM_write_bio_PrivateKey(bio, work->key, NULL, NULL, 0, NULL, NULL),
        "text");
    return workshop_text(bio);
}

static void workshop_write(const char *directory, const char *name,
                           const char *kind, char *text)
{
    char path[WORKSHOP_PATH];
    snprintf(path, sizeof path, "%s/%s.%s", directory, name, kind);
    FILE *file = fopen(path, "w");
    workshop_need(file != NULL && fputs(text, file) >= 0, path);
    workshop_need(fclose(file) == 0, path);
    free(text);
}

void workshop_save(const char *directory, const char *name,
                   X509 *const *certificates, const struct work *work)
{
    workshop_write(directory, name, "pem", workshop_chain(certificates));
    workshop_write(directory, name, "key", workshop_key(work));
}

size_t workshop_ocsp(const struct work *work, const struct work *issuer,
                     int status, unsigned char **der)
{
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    OCSP_CERTID *id =
        OCSP_cert_to_id(EVP_sha1(), work->certificate, issuer->certificate);
    ASN1_TIME *before = X509_gmtime_adj(NULL, -WORKSHOP_DAY / 2);
    ASN1_TIME *after = X509_gmtime_adj(NULL, WORKSHOP_DAY);
    int revoked = status == V_OCSP_CERTSTATUS_REVOKED;
    OCSP_basic_add1_status(basic, id, status, OCSP_REVOKED_STATUS_KEYCOMPROMISE,
                           revoked ? before : NULL, before, after);
    workshop_need(OCSP_basic_sign(basic, issuer->certificate, issuer->key,
                                  EVP_sha256(), NULL, 0),
                  "status");
    OCSP_RESPONSE *response =
        OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    *der = NULL;
    int size = i2d_OCSP_RESPONSE(response, der);
    workshop_need(size > 0, "status");
    OCSP_RESPONSE_free(response);
    OCSP_BASICRESP_free(basic);
    OCSP_CERTID_free(id);
    ASN1_TIME_free(before);
    ASN1_TIME_free(after);
    return (size_t)size;
}
