/*
 * error.c - results in words
 */
#include <fermata/error.h>

#include "base/compiler.h"
#include "base/sys_libc.h"

#include <errno.h>

#define ERROR_FIRST FM_EPEERTIMEOUT /* of our own */

static const char *const error_texts[] = {
    [FM_EPEERTIMEOUT - ERROR_FIRST] = "the peer did not answer in time",
    [FM_EEOF - ERROR_FIRST] = "the stream ended too early",
    [FM_EBROKEN - ERROR_FIRST] = "the barrier is broken",
    [FM_ELAGGED - ERROR_FIRST] = "messages were lost",
    [FM_ENONAME - ERROR_FIRST] = "no such name",
    [FM_ENODATA - ERROR_FIRST] = "the name has no such record",
    [FM_ESERVERFAILED - ERROR_FIRST] = "the name server failed",
    [FM_ENOSERVER - ERROR_FIRST] = "no name server answered",
    [FM_EPROXY - ERROR_FIRST] = "the proxy does not speak its protocol",
    [FM_EPROXYLOGIN - ERROR_FIRST] = "the proxy wants other credentials",
    [FM_EPROXYFAILED - ERROR_FIRST] = "the proxy could not connect",
    [FM_EPROXYFORBIDS - ERROR_FIRST] =
        "the proxy does not allow this connection",
    [FM_EPROXYNETWORK - ERROR_FIRST] = "the proxy has no way to that network",
    [FM_EPROXYHOST - ERROR_FIRST] = "the proxy has no way to that host",
    [FM_EPROXYREFUSED - ERROR_FIRST] = "the proxy was refused by the host",
    [FM_EPROXYTIMEOUT - ERROR_FIRST] = "the host did not answer the proxy",
    [FM_EPROXYCOMMAND - ERROR_FIRST] = "the proxy makes no connections",
    [FM_EPROXYFAMILY - ERROR_FIRST] = "the proxy does not take such addresses",
    [FM_ETLS - ERROR_FIRST] = "the peer broke the rules of TLS",
    [FM_ETRUNCATED - ERROR_FIRST] = "the TLS stream was cut off",
    [FM_ENOTTLS - ERROR_FIRST] = "the peer does not speak TLS",
    [FM_EVERSION - ERROR_FIRST] = "no version or cipher of TLS in common",
    [FM_EALPN - ERROR_FIRST] = "no application protocol in common",
    [FM_EALERT - ERROR_FIRST] = "the peer refused the TLS connection",
    [FM_EPEM - ERROR_FIRST] = "no certificate or key could be read",
    [FM_ECERT_EXPIRED - ERROR_FIRST] = "the certificate has expired",
    [FM_ECERT_EARLY - ERROR_FIRST] = "the certificate is not valid yet",
    [FM_ECERT_NAME - ERROR_FIRST] = "the certificate is of another name",
    [FM_ECERT_SELF_SIGNED - ERROR_FIRST] = "the certificate is self-signed",
    [FM_ECERT_UNKNOWN - ERROR_FIRST] =
        "the certificate's issuer is not trusted",
    [FM_ECERT_PURPOSE - ERROR_FIRST] = "the certificate is for another purpose",
    [FM_ECERT_CONSTRAINT - ERROR_FIRST] = "the certificate breaks a constraint",
    [FM_ECERT_WEAK - ERROR_FIRST] = "the certificate is too weak",
    [FM_ECERT_REVOKED - ERROR_FIRST] = "the certificate was revoked",
    [FM_ECERT_STAPLE - ERROR_FIRST] = "the stapled OCSP response is not valid",
    [FM_ECERT_MISSING - ERROR_FIRST] = "the peer sent no certificate",
    [FM_ECERT_INVALID - ERROR_FIRST] = "the certificate is not valid",
    [FM_ENOCHILD - ERROR_FIRST] = "somebody else took the process's end",
    [FM_EINTERPRETER - ERROR_FIRST] = "the program's interpreter is not there",
    [FM_EHELD - ERROR_FIRST] = "others kept the process's pipe open",
    [FM_EHTTPLINE - ERROR_FIRST] = "no HTTP/1.1: a bad first line",
    [FM_EHTTPVERSION - ERROR_FIRST] = "no HTTP/1.1: another version",
    [FM_EHTTPFIELD - ERROR_FIRST] = "no HTTP/1.1: a bad field",
    [FM_EHTTPFRAMING - ERROR_FIRST] = "the size of the body is not certain",
    [FM_EHTTPCODING - ERROR_FIRST] = "an unknown transfer coding",
    [FM_EHTTPHOST - ERROR_FIRST] = "a missing or bad Host",
    [FM_EHTTPCHUNK - ERROR_FIRST] = "a bad chunk of the body",
    [FM_EHTTPLONG - ERROR_FIRST] = "the first line is too long",
    [FM_EHTTPFIELDS - ERROR_FIRST] = "the fields are too long or too many",
    [FM_EHTTPBODY - ERROR_FIRST] = "the body is too large",
    [FM_EHTTPTYPE - ERROR_FIRST] = "the body is of another type",
    [FM_EHTTPJSON - ERROR_FIRST] = "the body is no JSON",
    [FM_EHTTPVALUE - ERROR_FIRST] = "the body says something else",
    [FM_EHTTPQUERY - ERROR_FIRST] = "a parameter is missing or wrong",
    [FM_EHTTPSHORT - ERROR_FIRST] = "a file became shorter while it was sent",
    [FM_EHTTPREDIRECT - ERROR_FIRST] = "too many redirects",
    [FM_EHTTPLOCATION - ERROR_FIRST] = "a redirect to no URL of HTTP",
    [FM_EHTTPINTERIM - ERROR_FIRST] = "too many interim responses",
    [FM_EWS - ERROR_FIRST] = "no WebSocket: a bad frame",
    [FM_EWSTEXT - ERROR_FIRST] = "no WebSocket: a text that is no UTF-8",
    [FM_EWSSIZE - ERROR_FIRST] = "the message is too large",
    [FM_EWSCLOSED - ERROR_FIRST] = "the WebSocket is closed",
    [FM_ENOWS - ERROR_FIRST] = "the peer opens no WebSocket",
    [FM_EMULTIPART - ERROR_FIRST] = "no parts: a bad delimiter or field",
    [FM_EMULTIPARTEND - ERROR_FIRST] = "the body ends within a part",
    [FM_EPARTHEAD - ERROR_FIRST] = "a part's fields are too long or too many",
    [FM_EPARTS - ERROR_FIRST] = "too many parts",
    [FM_EPARTSIZE - ERROR_FIRST] = "a part is too large",
    [FM_ECOOKIE - ERROR_FIRST] = "the cookie is refused",
    [FM_ESESSION - ERROR_FIRST] = "the session was not signed here",
    [FM_ESESSIONOVER - ERROR_FIRST] = "the session is over",
    [FM_EHTTP2 - ERROR_FIRST] = "the rules of HTTP/2 are broken",
    [FM_EHTTP2REFUSED - ERROR_FIRST] = "the request was refused unseen",
    [FM_ECODED - ERROR_FIRST] = "what is coded is no data of its coding",
    [FM_ECODEDSHORT - ERROR_FIRST] = "what is coded ends too early",
    [FM_ECODEDSIZE - ERROR_FIRST] = "what is coded becomes too large",
    [FM_ECODEDKIND - ERROR_FIRST] = "the content coding is not known",
    [FM_ENOEVENTS - ERROR_FIRST] = "the server sends no events",
    [FM_EEVENTSIZE - ERROR_FIRST] = "the event is too large",
    [FM_EHTTPRANGE - ERROR_FIRST] = "the rest of the body is another's",
};

static const char *error_text(unsigned code)
{
    switch (code) {
    case 0:
        return "success";
    case ETIMEDOUT:
        return "timed out";
    case ECANCELED:
        return "cancelled";
    default:
        break;
    }
    if (code < 4096)
        return fm__libc_error((int)code);
    bool known =
        code >= ERROR_FIRST && code - ERROR_FIRST < FM__COUNT(error_texts);
    return known ? error_texts[code - ERROR_FIRST] : NULL;
}

const char *fm_strerror(int rc)
{
    unsigned code = rc < 0 ? 0U - (unsigned)rc : (unsigned)rc;
    const char *text = error_text(code);
    return text != NULL ? text : "unknown error";
}

const char *fm_version(void)
{
    return FM_VERSION;
}
