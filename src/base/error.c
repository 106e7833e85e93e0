/*
 * error.c - results in words
 */
#include <fermata/error.h>

#include "base/sys_libc.h"

/* From FM_ETLS on. */
static const char *const error_tls_texts[] = {
    [FM_ETLS - FM_ETLS] = "the peer broke the rules of TLS",
    [FM_ETRUNCATED - FM_ETLS] = "the TLS stream was cut off",
    [FM_ENOTTLS - FM_ETLS] = "the peer does not speak TLS",
    [FM_EVERSION - FM_ETLS] = "no version or cipher of TLS in common",
    [FM_EALPN - FM_ETLS] = "no application protocol in common",
    [FM_EALERT - FM_ETLS] = "the peer refused the TLS connection",
    [FM_EPEM - FM_ETLS] = "no certificate or key could be read",
    [FM_ECERT_EXPIRED - FM_ETLS] = "the certificate has expired",
    [FM_ECERT_EARLY - FM_ETLS] = "the certificate is not valid yet",
    [FM_ECERT_NAME - FM_ETLS] = "the certificate is of another name",
    [FM_ECERT_SELF_SIGNED - FM_ETLS] = "the certificate is self-signed",
    [FM_ECERT_UNKNOWN - FM_ETLS] = "the certificate's issuer is not trusted",
    [FM_ECERT_PURPOSE - FM_ETLS] = "the certificate is for another purpose",
    [FM_ECERT_CONSTRAINT - FM_ETLS] = "the certificate breaks a constraint",
    [FM_ECERT_WEAK - FM_ETLS] = "the certificate is too weak",
    [FM_ECERT_REVOKED - FM_ETLS] = "the certificate was revoked",
    [FM_ECERT_STAPLE - FM_ETLS] = "the stapled OCSP response is not valid",
    [FM_ECERT_MISSING - FM_ETLS] = "the peer sent no certificate",
    [FM_ECERT_INVALID - FM_ETLS] = "the certificate is not valid",
};

/* From FM_EHTTPLINE on. */
static const char *const error_http_texts[] = {
    [FM_EHTTPLINE - FM_EHTTPLINE] = "no HTTP/1.1: a bad first line",
    [FM_EHTTPVERSION - FM_EHTTPLINE] = "no HTTP/1.1: another version",
    [FM_EHTTPFIELD - FM_EHTTPLINE] = "no HTTP/1.1: a bad field",
    [FM_EHTTPFRAMING - FM_EHTTPLINE] = "the size of the body is not certain",
    [FM_EHTTPCODING - FM_EHTTPLINE] = "an unknown transfer coding",
    [FM_EHTTPHOST - FM_EHTTPLINE] = "a missing or bad Host",
    [FM_EHTTPCHUNK - FM_EHTTPLINE] = "a bad chunk of the body",
    [FM_EHTTPLONG - FM_EHTTPLINE] = "the first line is too long",
    [FM_EHTTPFIELDS - FM_EHTTPLINE] = "the fields are too long or too many",
    [FM_EHTTPBODY - FM_EHTTPLINE] = "the body is too large",
};

static const char *error_tls(unsigned code)
{
    bool known = code >= FM_ETLS && code - FM_ETLS < FM__COUNT(error_tls_texts);
    return known ? error_tls_texts[code - FM_ETLS] : NULL;
}

static const char *error_http(unsigned code)
{
    bool known = code >= FM_EHTTPLINE &&
                 code - FM_EHTTPLINE < FM__COUNT(error_http_texts);
    return known ? error_http_texts[code - FM_EHTTPLINE] : NULL;
}

const char *fm_strerror(int rc)
{
    unsigned code = rc < 0 ? 0U - (unsigned)rc : (unsigned)rc;
    switch (code) {
    case 0:
        return "success";
    case ETIMEDOUT:
        return "timed out";
    case ECANCELED:
        return "cancelled";
    case FM_EPEERTIMEOUT:
        return "the peer did not answer in time";
    case FM_EEOF:
        return "the stream ended too early";
    case FM_EBROKEN:
        return "the barrier is broken";
    case FM_ELAGGED:
        return "messages were lost";
    case FM_ENONAME:
        return "no such name";
    case FM_ENODATA:
        return "the name has no such record";
    case FM_ESERVERFAILED:
        return "the name server failed";
    case FM_ENOSERVER:
        return "no name server answered";
    case FM_ENOCHILD:
        return "somebody else took the process's end";
    case FM_EINTERPRETER:
        return "the program's interpreter is not there";
    case FM_EHELD:
        return "others kept the process's pipe open";
    case FM_EPROXY:
        return "the proxy does not speak its protocol";
    case FM_EPROXYLOGIN:
        return "the proxy wants other credentials";
    case FM_EPROXYFAILED:
        return "the proxy could not connect";
    case FM_EPROXYFORBIDS:
        return "the proxy does not allow this connection";
    case FM_EPROXYNETWORK:
        return "the proxy has no way to that network";
    case FM_EPROXYHOST:
        return "the proxy has no way to that host";
    case FM_EPROXYREFUSED:
        return "the proxy was refused by the host";
    case FM_EPROXYTIMEOUT:
        return "the host did not answer the proxy";
    case FM_EPROXYCOMMAND:
        return "the proxy makes no connections";
    case FM_EPROXYFAMILY:
        return "the proxy does not take such addresses";
    default:
        break;
    }
    const char *text = error_tls(code);
    if (text == NULL)
        text = error_http(code);
    if (text == NULL && code < 4096)
        text = fm__libc_error((int)code);
    return text != NULL ? text : "unknown error";
}

const char *fm_version(void)
{
    return FM_VERSION;
}
