/*
 * tls.h - a stream that nobody else can read or change: TLS 1.3 and 1.2
 *
 *     rc = fm_tls_new(&tls, FM_TLS_CLIENT);
 *     if (rc == 0)
 *         rc = fm_start_tls(stream, tls, &(fm_tls_start_options){
 *                               .server_name = "example.org"});
 *
 * Then it is a stream like any other. A client believes only a certificate
 * of that name. In libfermata-tls (-lfermata-tls), on OpenSSL 3.
 */
#ifndef FERMATA_TLS_H
#define FERMATA_TLS_H

#include <fermata/api.h>
#include <fermata/error.h>
#include <fermata/stream.h>
#include <stdbool.h>
#include <sys/types.h>

/* Seconds that a handshake may take, and how many of one server's clients
 * are in it at once, where the options do not say. */
#define FM_TLS_HANDSHAKE_TIMEOUT 10
#define FM_TLS_HANDSHAKES 256

/* Sessions that an fm_tls keeps for its clients: in all, and of one name. */
#define FM_TLS_SESSIONS 256
#define FM_TLS_SESSIONS_OF_NAME 8

/* Certificates between that of a peer and the root that is trusted. */
#define FM_TLS_DEPTH 10

/* Seconds for which a server seals tickets by one key; it opens those of the
 * key before, too. */
#define FM_TLS_TICKET_KEY_AGE 3600

/* Bytes of a failure's text, and of a server's name, with their NUL. */
#define FM_TLS_TEXT 384
#define FM_TLS_NAME 256

/* Whom one believes, who one is, and the sessions to resume: for any number
 * of streams, of one role. Loops may share it. */
typedef struct fm_tls fm_tls;

/* Who speaks first, and who shows a certificate. */
enum fm_tls_role {
    FM_TLS_CLIENT,
    FM_TLS_SERVER
};

/* Whether a server asks its clients for certificates. One that is sent is
 * always verified. */
enum fm_tls_client {
    FM_TLS_ANYBODY,
    FM_TLS_ASK,
    FM_TLS_REQUIRE
};

/* What went wrong, in words: which file, which certificate or which part of
 * the handshake, and what OpenSSL said. */
typedef struct fm_tls_failure {
    int code; /* as returned; 0: nothing has */
    char text[FM_TLS_TEXT];
} fm_tls_failure;

/*
 * Options of fm_tls_new; zero is the default. Files are PEM and read at once;
 * a text is the same, of the caller's memory, and not needed any more when
 * fm_tls_new returns. A key that asks for a password is refused.
 *
 *   ca_file           client: the roots that are trusted, and no others;
 *   ca_path           a directory of them as openssl-rehash(1) makes it;
 *   ca_text           default: those of the system; where it has none, nobody
 *                     is believed (-FM_ECERT_UNKNOWN)
 *   certificate       one's own, and after it those up to the root; a server
 *   certificate_text  has to have one
 *   key               its private key
 *   key_text
 *   alpn              protocols, the best first: "h2,http/1.1" (RFC 7301).
 *                     A server that has none in common with its client
 *                     refuses it by no_application_protocol
 *   verify_client     server: FM_TLS_ANYBODY, FM_TLS_ASK or FM_TLS_REQUIRE
 *   client_ca         server: a file of the roots of its clients; there is no
 *                     default
 *   client_ca_text
 *   staple            server: a file with an OCSP response, DER, which it
 *                     sends to who asks (RFC 6066, 8)
 *   key_log           a file to which the secrets of each connection are
 *                     appended, for Wireshark (RFC 9850): who has it can
 *                     read everything. A new one is for its owner alone
 *   handshake_timeout seconds, 0: FM_TLS_HANDSHAKE_TIMEOUT
 *   handshakes        of one fm_serve at once, 0: FM_TLS_HANDSHAKES; those
 *                     above it wait
 *   insecure_no_verification
 *                     client: believes whoever answers. For tests alone
 *   failure           filled when fm_tls_new fails; or NULL
 */
typedef struct fm_tls_options {
    const char *ca_file;
    const char *ca_path;
    const char *ca_text;
    const char *certificate;
    const char *certificate_text;
    const char *key;
    const char *key_text;
    const char *alpn;
    enum fm_tls_client verify_client;
    const char *client_ca;
    const char *client_ca_text;
    const char *staple;
    const char *key_log;
    double handshake_timeout;
    unsigned handshakes;
    bool insecure_no_verification;
    fm_tls_failure *failure;
} fm_tls_options;

/*
 * Options of fm_start_tls; zero is the default.
 *
 *   server_name  client: who shall answer, a name or a literal IP address;
 *                the certificate has to have it among its alternative names
 *                (RFC 9525); a name is also sent (SNI, RFC 6066, 3), an
 *                address never is. Only who does not verify may leave it out
 *   alpn         client: protocols for this connection, in the place of the
 *                context's
 *   failure      filled when it fails; or NULL
 */
typedef struct fm_tls_start_options {
    const char *server_name;
    const char *alpn;
    fm_tls_failure *failure;
} fm_tls_start_options;

/*
 *     FM_MUST_USE int fm_tls_new(fm_tls **tls, enum fm_tls_role role, ...);
 *
 * Makes a context of one role. It speaks TLS 1.3 and 1.2, with no compression,
 * no renegotiation, no early data (RFC 8446, 8), and with keys and signatures
 * of 112 bits of security at least (SSL_CTX_set_security_level(3), level 2).
 * This reads files and so blocks the loop for a moment; it needs no task. A
 * third argument, a `const fm_tls_options *`, is optional.
 *
 * Returns 0, and *tls is the caller's, to be ended by fm_tls_free; or, with
 * *tls as it was: -EINVAL for options that contradict each other or are not
 * of this role, -FM_EPEM when a file or text is not what it should be, or
 * cannot be read, -FM_ECERT_WEAK when one's own certificate is too weak,
 * -ENOMEM.
 */
#define fm_tls_new(...) FM__TLS_NEW(__VA_ARGS__, NULL, )

/*
 *     FM_SUSPENDS int fm_start_tls(fm_stream *stream, fm_tls *tls, ...);
 *
 * Shakes hands, in the role of tls, and makes the stream a TLS one, in its
 * place. What was written before leaves before, as it is; bytes of the peer
 * that are there and were not read are taken for TLS. Reads or writes of
 * other tasks must not be under way: the former abort with a sentence, the
 * latter are waited for. A third argument, a `const fm_tls_start_options *`,
 * is optional. tls may be freed while the stream goes on.
 *
 * Returns 0. After a failure the stream can only be closed or aborted:
 * -ECANCELED or -ETIMEDOUT when cut; -FM_EPEERTIMEOUT when the handshake took
 * longer than its timeout; one of the -FM_ECERT codes of error.h when the
 * peer's certificate is refused, -FM_EALPN without a protocol in common,
 * -FM_EVERSION without a version or cipher in common, -FM_EALERT when the peer
 * refuses, -FM_ENOTTLS when it does not speak TLS, -FM_ETLS when it breaks its
 * rules, -FM_ETRUNCATED when it ends the connection; -ENOMEM; or as fm_read
 * and fm_write. Only where nothing has changed: -EINVAL when a client gives no
 * server_name or one that is too long or begins with a dot, -EALREADY when it
 * is a TLS stream.
 */
#define fm_start_tls(...) FM__START_TLS(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/* Gives up the context; streams that stand on it go on. NULL is nothing. */
FM_API void fm_tls_free(fm_tls *tls);

/*
 * What follows is about a stream on which fm_start_tls has succeeded; of
 * another one it says nothing: NULL, false, -ENODATA.
 */

/* Returns the protocol that both have chosen, or NULL; valid as long as the
 * stream. */
FM_API const char *fm_tls_alpn(const fm_stream *stream);

/* The version of TLS, "TLSv1.3" or "TLSv1.2". Returns a static string, or
 * NULL. */
FM_API const char *fm_tls_version(const fm_stream *stream);

/* The cipher by its name in RFC 8446, B.4 or RFC 5246, A.5. Returns a static
 * string, or NULL. */
FM_API const char *fm_tls_cipher(const fm_stream *stream);

/*
 * Returns whether an earlier session was resumed, so that nobody had to prove
 * who he is once more. A client keeps the sessions that it was given, by server
 * name, and resumes the last one; a ticket of TLS 1.3 is used once (RFC 8446,
 * C.4). A server keeps nothing: its tickets carry all (RFC 5077).
 */
FM_API bool fm_tls_resumed(const fm_stream *stream);

/* Returns the name that the client asked for (SNI), on either side; or NULL.
 * Valid as long as the stream. */
FM_API const char *fm_tls_server_name(const fm_stream *stream);

/*
 * The subject of the peer's certificate, as RFC 4514 writes it, for example
 * "CN=alice,O=Example", into the caller's name, with a NUL. What was not
 * verified proves nothing: see insecure_no_verification.
 *
 * Returns the length; -ENODATA when it sent none, -EMSGSIZE when it has more
 * than size - 1 bytes, -ENOMEM.
 */
FM_API ssize_t fm_tls_peer_name(const fm_stream *stream, char *name,
                                size_t size);

/* Private: what the macros above call. */
FM_API FM_MUST_USE int fm__tls_new(fm_tls **tls, enum fm_tls_role role,
                                   const fm_tls_options *options);
FM_API FM_SUSPENDS int fm__start_tls(fm_stream *stream, fm_tls *tls,
                                     const fm_tls_start_options *options);

#ifdef __cplusplus
}
#endif

#define FM__TLS_NEW(tls, role, ...)                                            \
    fm__tls_new((tls), (role), FM__OPTIONS(fm_tls_options, __VA_ARGS__))
#define FM__START_TLS(stream, tls, ...)                                        \
    fm__start_tls((stream), (tls),                                             \
                  FM__OPTIONS(fm_tls_start_options, __VA_ARGS__))

#endif
