/*
 * address.h - where a socket is, as text and as bytes
 *
 *     char text[FM_ADDRESS_TEXT];
 *     fm_address peer;
 *     if (fm_stream_peer(client, &peer) == 0)
 *         printf("from %s\n", fm_address_format(&peer, text));
 *
 * Addresses are literal: names are not looked up. The host is always said,
 * so nothing listens on all of a machine because something was left out.
 */
#ifndef FERMATA_ADDRESS_H
#define FERMATA_ADDRESS_H

#include <fermata/api.h>
#include <fermata/stream.h>
#include <sys/socket.h>

/* Bytes in which any address fits as text, with its NUL. */
#define FM_ADDRESS_TEXT 128

/* Bytes of the longest path of a local socket, and of the longest abstract
 * name without its '@': unix(7). */
#define FM_ADDRESS_PATH 107

/* A socket address as the system has it; plain data, to be copied. */
typedef struct fm_address {
    struct sockaddr_storage storage;
    socklen_t size; /* of what the system filled in or looks at */
} fm_address;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Reads an address. May be called anywhere, also outside tasks.
 *
 *   192.0.2.1:80        IPv4: four decimal numbers without leading zeros
 *   [2001:db8::1]:80    IPv6 (RFC 4291, 2.2), in brackets (RFC 3986, 3.2.2)
 *   [fe80::1%eth0]:80   with a scope: the name or number of an interface
 *   0.0.0.0:80          to listen on: every IPv4 address of the machine
 *   [::]:80             to listen on: every address of the machine
 *   unix:/run/socket    a local socket by its path, which may be relative
 *   unix:@name          one by its name in the abstract namespace of unix(7)
 *   unix:               to listen on: an abstract name the system chooses
 *
 * The port is 1 to 5 digits, at most 65535, and never left out; to listen on,
 * 0 lets the system choose one. A path or name has FM_ADDRESS_PATH bytes at
 * most.
 *
 * Returns 0; -EINVAL when the text is no such address, -ENODEV when there is
 * no interface of that name; then *address is as it was.
 */
FM_API int fm_address_parse(const char *text, fm_address *address);

/*
 * Writes an address into the caller's text, as fm_address_parse reads it;
 * scopes as numbers. A local socket (unix(7)) is "unix:" and its path, with
 * '@' for each NUL of an abstract one; any other family is "family" and its
 * number.
 *
 * Returns text.
 */
FM_API char *fm_address_format(const fm_address *address, char *text);

/* Returns the port of an IPv4 or IPv6 address, of any other 0. */
FM_API int fm_address_port(const fm_address *address);

/*
 * The address of the other end of a stream, as the system knows it.
 *
 * Returns 0; -ENOTCONN when the peer is gone, -ENOTSOCK when the stream is no
 * socket, or what else the system says; then *address is as it was.
 */
FM_API int fm_stream_peer(const fm_stream *stream, fm_address *address);

/*
 * The address of this end of a stream.
 *
 * Returns 0, or as fm_stream_peer.
 */
FM_API int fm_stream_local(const fm_stream *stream, fm_address *address);

#ifdef __cplusplus
}
#endif

#endif
