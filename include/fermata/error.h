/*
 * error.h - what a negative result means
 *
 * Every function returns 0 or a count, or a negative code: -errno of the
 * system, or one of the codes below, negated. `errno` itself is neither set
 * nor to be read after a suspension, because other tasks ran meanwhile.
 *
 *     int rc = fm_sleep(1);
 *     if (rc < 0)
 *         fprintf(stderr, "sleep: %s\n", fm_strerror(rc));
 */
#ifndef FERMATA_ERROR_H
#define FERMATA_ERROR_H

#include <errno.h>
#include <fermata/api.h>

/*
 * The kernel's own ETIMEDOUT: the peer of a connection did not answer. Kept
 * apart from -ETIMEDOUT, which always means that an FM_TIMEOUT block expired.
 */
#define FM_EPEERTIMEOUT 10001

/* A stream ended before what was asked for was complete. */
#define FM_EEOF 10002

/* A barrier was reset or aborted: those who wait at it do so in vain. */
#define FM_EBROKEN 10003

/* Messages of a broadcast were lost, for who receives them was too slow. */
#define FM_ELAGGED 10004

/* No such name: the name servers and the file hosts know of none. */
#define FM_ENONAME 10010

/* The name is there, and has no record of the kind that was asked for. */
#define FM_ENODATA 10011

/* A name server could not answer, or answered what makes no sense. */
#define FM_ESERVERFAILED 10012

/* No name server has answered in time, or none is known. */
#define FM_ENOSERVER 10013

/* What a proxy answers is none of its protocol, or too long, or ends early. */
#define FM_EPROXY 10020
/* It wants credentials, or others: no method of SOCKS 5 suits; HTTP's 407. */
#define FM_EPROXYLOGIN 10021
/* It could not, and does not say more: SOCKS 5's reply 1; HTTP's other ones. */
#define FM_EPROXYFAILED 10022
/* Its rules do not allow this connection: reply 2; HTTP's 403. */
#define FM_EPROXYFORBIDS 10023
/* It has no way to that network: reply 3. */
#define FM_EPROXYNETWORK 10024
/* It has no way to that host, or does not know it: reply 4. */
#define FM_EPROXYHOST 10025
/* Nobody listens there, it says: reply 5. */
#define FM_EPROXYREFUSED 10026
/* Nobody answers there, it says: reply 6 (a TTL expired); HTTP's 504. */
#define FM_EPROXYTIMEOUT 10027
/* It makes no connections for others: reply 7. */
#define FM_EPROXYCOMMAND 10028
/* It does not take names, or addresses of this family: reply 8. */
#define FM_EPROXYFAMILY 10029

/* TLS: the peer broke the protocol, or its records were tampered with. */
#define FM_ETLS 10030
/* The connection ended without the close_notify that ends a TLS stream: what
 * came may be not all there was (RFC 8446, 6.1). */
#define FM_ETRUNCATED 10031
/* The peer does not speak TLS. */
#define FM_ENOTTLS 10032
/* No version or cipher of TLS in common. */
#define FM_EVERSION 10033
/* No application protocol in common (RFC 7301). */
#define FM_EALPN 10034
/* The peer refused us, by an alert (RFC 8446, 6.2). */
#define FM_EALERT 10035
/* A file or text of certificates or keys is not one, or cannot be read. */
#define FM_EPEM 10036

/* The peer's certificate, or one above it, is refused (RFC 5280, 6): its
 * validity is over, */
#define FM_ECERT_EXPIRED 10040
/* or has not begun; */
#define FM_ECERT_EARLY 10041
/* it is not of the name or address that was asked for; */
#define FM_ECERT_NAME 10042
/* it is signed by itself, and not among those trusted; */
#define FM_ECERT_SELF_SIGNED 10043
/* nobody who is trusted has signed it; */
#define FM_ECERT_UNKNOWN 10044
/* it is for another purpose; */
#define FM_ECERT_PURPOSE 10045
/* a constraint of one above it forbids it; */
#define FM_ECERT_CONSTRAINT 10046
/* its key or signature is too weak; */
#define FM_ECERT_WEAK 10047
/* it was revoked; */
#define FM_ECERT_REVOKED 10048
/* what it has stapled proves nothing (RFC 6960); */
#define FM_ECERT_STAPLE 10049
/* there is none, where one is required; */
#define FM_ECERT_MISSING 10050
/* or it is wrong in another way: its signature, its form. */
#define FM_ECERT_INVALID 10051

/* How a process ended was taken by somebody else: a library that waits for any
 * child, or the system, where SIGCHLD is ignored. */
#define FM_ENOCHILD 10060
/* What the first line of a program names, or its loader, is not there
 * (execve(2)). */
#define FM_EINTERPRETER 10061
/* A process has ended, and others kept its pipe open. */
#define FM_EHELD 10062

/* What a peer said is no HTTP/1.1 (RFC 9112): the first line, */
#define FM_EHTTPLINE 10070
/* its version, which is neither 1.0 nor 1.1, */
#define FM_EHTTPVERSION 10071
/* a field, or a line that should be one, */
#define FM_EHTTPFIELD 10072
/* the size of the body, of which two things are said, or nothing certain, */
#define FM_EHTTPFRAMING 10073
/* the coding of its transfer, which is not "chunked", */
#define FM_EHTTPCODING 10074
/* the host, which is missing, or not one, or said twice, */
#define FM_EHTTPHOST 10075
/* a chunk of the body; */
#define FM_EHTTPCHUNK 10076
/* the first line is longer than its limit, */
#define FM_EHTTPLONG 10077
/* or the fields are, or they are too many, */
#define FM_EHTTPFIELDS 10078
/* or the body is. */
#define FM_EHTTPBODY 10079
/* The body of a request is of another type than what is asked for, */
#define FM_EHTTPTYPE 10080
/* or it is no JSON (RFC 8259), has a name twice, or is too deep, */
#define FM_EHTTPJSON 10081
/* or what is in it is not what is asked for. */
#define FM_EHTTPVALUE 10082
/* A parameter of the query or the form is missing or wrong, or there are too
 * many. */
#define FM_EHTTPQUERY 10083
/* A file became shorter while it was sent. */
#define FM_EHTTPSHORT 10084

/* Of a client of HTTP: a redirect after more than it follows, */
#define FM_EHTTPREDIRECT 10088
/* or to what is no URL of HTTP; */
#define FM_EHTTPLOCATION 10089
/* answers that are not the one (RFC 9110, 15.2), and more of them than there
 * may be, or one that nobody has asked for; */
#define FM_EHTTPINTERIM 10090
/* the rest of a body, asked for once more, is not that of the same body. */
#define FM_EHTTPRANGE 10091

/* The peer broke the protocol of WebSockets (RFC 6455): a frame that is none,
 * or not where it may be; */
#define FM_EWS 10100
/* a text that is no UTF-8; */
#define FM_EWSTEXT 10101
/* a message that is larger than its limit. */
#define FM_EWSSIZE 10102
/* It has closed the WebSocket, or was told to: nothing more can be sent. */
#define FM_EWSCLOSED 10103
/* It does not speak WebSocket, or refuses to. */
#define FM_ENOWS 10104

/* What came in a content coding (RFC 9110, 8.4) is no data of it, */
#define FM_ECODED 10110
/* or it ends too early, */
#define FM_ECODEDSHORT 10111
/* or more comes of it than may, or it asks for more memory. */
#define FM_ECODEDSIZE 10112
/* The content coding is not known, or they are too many. */
#define FM_ECODEDKIND 10113

/* A cookie is none, or not one that this server may set (RFC 6265bis). */
#define FM_ECOOKIE 10115
/* A session was not signed here, or was changed; */
#define FM_ESESSION 10116
/* or its time is over. */
#define FM_ESESSIONOVER 10117

/* A body in parts is none (RFC 2046, 5.1), or a part of it is not what a form
 * has (RFC 7578); */
#define FM_EMULTIPART 10120
/* it ends before its last part has; */
#define FM_EMULTIPARTEND 10121
/* the fields of a part are too long or too many, */
#define FM_EPARTHEAD 10122
/* or the parts are too many, */
#define FM_EPARTS 10123
/* or one is too large, or all of them are. */
#define FM_EPARTSIZE 10124

/* Of a client of server-sent events: the server has none, or says so in another
 * type than theirs; */
#define FM_ENOEVENTS 10125
/* one is larger than its limit. */
#define FM_EEVENTSIZE 10126

/* The peer broke the rules of HTTP/2 (RFC 9113), or says that we did; */
#define FM_EHTTP2 10130
/* it has not looked at the request, and would take it another time. */
#define FM_EHTTP2REFUSED 10131

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Says in words what a result means; takes negative codes as functions
 * return them (a positive one means the same as its negative).
 * Returns a static string, never NULL; unknown codes give "unknown error".
 */
FM_API const char *fm_strerror(int rc);

#ifdef __cplusplus
}
#endif

#endif
