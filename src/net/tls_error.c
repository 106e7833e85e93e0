/*
 * tls_error.c - what OpenSSL says, as a code and in words
 */
#include "net/tls_record.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

struct tls_error_code {
    int reason;
    int code;
};

static int tls_error_find(const struct tls_error_code *table, int reason)
{
    while (table->code != 0 && table->reason != reason)
        table++;
    return table->code;
}

static const struct tls_error_code tls_error_certificates[] = {
    {X509_V_ERR_CERT_HAS_EXPIRED, FM_ECERT_EXPIRED},
    {X509_V_ERR_CERT_NOT_YET_VALID, FM_ECERT_EARLY},
    {X509_V_ERR_HOSTNAME_MISMATCH, FM_ECERT_NAME},
    {X509_V_ERR_IP_ADDRESS_MISMATCH, FM_ECERT_NAME},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, FM_ECERT_SELF_SIGNED},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, FM_ECERT_UNKNOWN},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, FM_ECERT_UNKNOWN},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, FM_ECERT_UNKNOWN},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, FM_ECERT_UNKNOWN},
    {X509_V_ERR_CERT_UNTRUSTED, FM_ECERT_UNKNOWN},
    {X509_V_ERR_INVALID_PURPOSE, FM_ECERT_PURPOSE},
    {X509_V_ERR_CERT_REJECTED, FM_ECERT_PURPOSE},
    {X509_V_ERR_INVALID_CA, FM_ECERT_CONSTRAINT},
    {X509_V_ERR_PATH_LENGTH_EXCEEDED, FM_ECERT_CONSTRAINT},
    {X509_V_ERR_CERT_CHAIN_TOO_LONG, FM_ECERT_CONSTRAINT},
    {X509_V_ERR_KEYUSAGE_NO_CERTSIGN, FM_ECERT_CONSTRAINT},
    {X509_V_ERR_PERMITTED_VIOLATION, FM_ECERT_CONSTRAINT},
    {X509_V_ERR_EXCLUDED_VIOLATION, FM_ECERT_CONSTRAINT},
    {X509_V_ERR_SUBTREE_MINMAX, FM_ECERT_CONSTRAINT},
    {X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE, FM_ECERT_CONSTRAINT},
    {X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX, FM_ECERT_CONSTRAINT},
    {X509_V_ERR_UNSUPPORTED_NAME_SYNTAX, FM_ECERT_CONSTRAINT},
    {X509_V_ERR_EE_KEY_TOO_SMALL, FM_ECERT_WEAK},
    {X509_V_ERR_CA_KEY_TOO_SMALL, FM_ECERT_WEAK},
    {X509_V_ERR_CA_MD_TOO_WEAK, FM_ECERT_WEAK},
    {X509_V_ERR_CERT_REVOKED, FM_ECERT_REVOKED},
    {X509_V_ERR_OUT_OF_MEM, ENOMEM},
    {0, 0},
};

int fm__tls_certificate_code(int reason)
{
    int code = tls_error_find(tls_error_certificates, reason);
    return code != 0 ? -code : -FM_ECERT_INVALID;
}

static const struct tls_error_code tls_error_reasons[] = {
    {ERR_R_MALLOC_FAILURE, ENOMEM},
    {SSL_R_UNEXPECTED_EOF_WHILE_READING, FM_ETRUNCATED},
    {SSL_R_WRONG_VERSION_NUMBER, FM_ENOTTLS},
    {SSL_R_HTTP_REQUEST, FM_ENOTTLS},
    {SSL_R_HTTPS_PROXY_REQUEST, FM_ENOTTLS},
    {SSL_R_UNSUPPORTED_PROTOCOL, FM_EVERSION},
    {SSL_R_NO_SHARED_CIPHER, FM_EVERSION},
    {SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, FM_EVERSION},
    {SSL_R_NO_SHARED_GROUPS, FM_EVERSION},
    {SSL_R_NO_SUITABLE_KEY_SHARE, FM_EVERSION},
    {SSL_R_VERSION_TOO_LOW, FM_EVERSION},
    {SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, FM_EVERSION},
    {SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY, FM_EVERSION},
    {SSL_R_NO_APPLICATION_PROTOCOL, FM_EALPN},
    {SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL, FM_EALPN},
    {SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, FM_ECERT_MISSING},
    {SSL_R_EE_KEY_TOO_SMALL, FM_ECERT_WEAK},
    {SSL_R_CA_KEY_TOO_SMALL, FM_ECERT_WEAK},
    {SSL_R_CA_MD_TOO_WEAK, FM_ECERT_WEAK},
    {SSL_R_DH_KEY_TOO_SMALL, FM_EVERSION},
    {0, 0},
};

int fm__tls_code(void)
{
    unsigned long error = ERR_peek_error();
    int reason = ERR_GET_REASON(error);
    if (ERR_GET_LIB(error) != ERR_LIB_SSL)
        return reason == ERR_R_MALLOC_FAILURE ? -ENOMEM : -FM_ETLS;
    int code = tls_error_find(tls_error_reasons, reason);
    if (code == 0)
        code = reason >= SSL_AD_REASON_OFFSET ? FM_EALERT : FM_ETLS;
    return -code;
}

/* The last of the queue is the plainest. */
static void tls_error_said(char *text, size_t size)
{
    unsigned long error = ERR_peek_last_error();
    const char *reason = ERR_reason_error_string(error);
    char number[32];
    snprintf(number, sizeof number, "error %lx", error);
    if (error == 0)
        reason = "";
    else if (ERR_SYSTEM_ERROR(error))
        reason = fm_strerror(ERR_GET_REASON(error));
    else if (reason == NULL)
        reason = number;
    snprintf(text, size, "%s%s", error != 0 ? ": " : "", reason);
}

int fm__tls_fail(fm_tls_failure *failure, int code, const char *thing,
                 const char *what)
{
    char said[128];
    if (failure != NULL) {
        tls_error_said(said, sizeof said);
        failure->code = code;
        snprintf(failure->text, sizeof failure->text, "%.200s: %s%s", thing,
                 what, said);
    }
    ERR_clear_error();
    return code;
}

void fm__tls_explain(const struct fm__tls_engine *engine, int code)
{
    const struct fm__tls_refusal *refusal = &engine->refusal;
    const char *whom =
        engine->server_name[0] != '\0' ? engine->server_name : "the peer";
    if (engine->failure == NULL || engine->failure->code != 0)
        return;
    if (refusal->code == 0) {
        fm__tls_fail(engine->failure, code, whom, fm_strerror(code));
        return;
    }
    const char *why = refusal->reason != X509_V_OK
                          ? X509_verify_cert_error_string(refusal->reason)
                          : fm_strerror(code);
    engine->failure->code = code;
    snprintf(engine->failure->text, sizeof engine->failure->text,
             "%.100s: certificate %d, %s: %s", whom, refusal->depth,
             refusal->subject, why);
}
