/*
 * error.c - results in words
 */
#include <fermata/error.h>

#include "base/compiler.h"

#include <string.h>

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
    const char *text = code < 4096 ? strerrordesc_np((int)code) : NULL;
    return text != NULL ? text : "unknown error";
}

const char *fm_version(void)
{
    return FM_VERSION;
}
