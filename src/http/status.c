/*
 * status.c - what a status is called (RFC 9110, 15), and which one a failure
 * stands for
 */
#include "http/status.h"

#include "base/compiler.h"

#include <fermata/error.h>
#include <stddef.h>

static const struct {
    int status;
    const char *reason;
} status_reasons[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

const char *fm__http_reason(int status)
{
    for (size_t i = 0; i < FM__COUNT(status_reasons); i++)
        if (status_reasons[i].status == status)
            return status_reasons[i].reason;
    return "";
}

int fm__http_status_of(int rc)
{
    switch (-rc) {
    case FM_EHTTPLINE:
    case FM_EHTTPFIELD:
    case FM_EHTTPFRAMING:
    case FM_EHTTPHOST:
    case FM_EHTTPCHUNK:
    case FM_EHTTPJSON:
    case FM_EHTTPQUERY:
    case FM_ECODED:
    case FM_ECODEDSHORT:
    case FM_EMULTIPART:
    case FM_EMULTIPARTEND:
        return 400;
    case FM_EHTTPBODY:
    case FM_ECODEDSIZE:
    case FM_EPARTS:
    case FM_EPARTSIZE:
        return 413;
    case FM_EHTTPLONG:
        return 414;
    case FM_EHTTPTYPE:
    case FM_ECODEDKIND:
        return 415;
    case FM_EHTTPVALUE:
        return 422;
    case FM_EHTTPFIELDS:
    case FM_EPARTHEAD:
        return 431;
    case FM_EHTTPCODING:
        return 501;
    case FM_EHTTPVERSION:
        return 505;
    default:
        return 500;
    }
}
