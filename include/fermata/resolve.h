/*
 * resolve.h - names of hosts and services, while the other tasks go on
 *
 *     fm_address found[8];
 *     char text[FM_ADDRESS_TEXT];
 *     int count = fm_resolve("example.org", 443, found, 8);
 *     for (int i = 0; i < count; i++)
 *         puts(fm_address_format(&found[i], text));
 *
 * No lookup blocks the loop: files are read on threads, name servers are asked
 * by datagrams, and what only the system's library can answer is asked on a
 * thread. Each can be cut at any time. Answers are kept as long as they allow.
 */
#ifndef FERMATA_RESOLVE_H
#define FERMATA_RESOLVE_H

#include <fermata/address.h>
#include <fermata/api.h>

/* Bytes in which any name of a host fits, with its NUL (RFC 1035, 2.3.4). */
#define FM_NAME_SIZE 256

/* Whom to ask, and what was answered: of one loop, made by fm_resolver_new and
 * ended by fm_resolver_free. Each loop has one of its own besides. */
typedef struct fm_resolver fm_resolver;

/*
 * Options of a resolver; zero is the default. Texts are borrowed until
 * fm_resolver_new has returned.
 *
 *   servers         "192.0.2.1:53, [2001:db8::1]:53", at most 8, asked in this
 *                   order; NULL: those of the configuration
 *   configuration   file as resolv.conf(5), looked at again once a second, when
 *                   it is needed; "": none. NULL: /etc/resolv.conf, or none
 *                   where servers are given. One that names no server means
 *                   that of the machine itself
 *   hosts           file as hosts(5), likewise; NULL: /etc/hosts
 *   switches        file as nsswitch.conf(5), likewise; NULL: as for the
 *                   configuration, /etc/nsswitch.conf. Where its line "hosts"
 *                   has sources of which Fermata knows nothing, the system's
 *                   library is asked: for what ends in ".local" where mdns is
 *                   among them, for the machine's own name where myhostname
 *                   is, and for all names where there is another than files
 *                   and dns
 *   timeout         seconds until the next server is asked: the
 *                   configuration's, else 5
 *   attempts        how often each server is asked: the configuration's, else 2
 *   cache_limit     answers that are kept: 1,000; -1: none
 *   ttl_min         seconds that an answer is kept at least, but for one that
 *                   forbids to be kept at all: 0
 *   ttl_max         seconds that an answer is kept at most: 1 day
 *   negative_max    seconds that it is kept at most that there is no such
 *                   name or record: 15 minutes (RFC 2308, 5)
 */
typedef struct fm_resolver_options {
    const char *servers;
    const char *configuration;
    const char *hosts;
    const char *switches;
    double timeout;
    int attempts;
    int cache_limit;
    int ttl_min;
    int ttl_max;
    int negative_max;
} fm_resolver_options;

/*
 * Options of a lookup; zero is the default.
 *
 *   resolver   whom to ask; NULL: the loop's own, which has the defaults
 *   family     AF_INET or AF_INET6: these addresses alone; 0: both
 */
typedef struct fm_resolve_options {
    fm_resolver *resolver;
    int family;
} fm_resolve_options;

/* Where a service is (RFC 2782); plain data, to be copied. */
typedef struct fm_service {
    char host[FM_NAME_SIZE];
    int port;
    int priority; /* the lowest comes first */
    int weight;   /* the chance among those of one priority */
} fm_service;

/*
 *     FM_SUSPENDS int fm_resolve(const char *host, int port,
 *                                fm_address *addresses, size_t count, ...);
 *
 * The addresses of a host, each with the port, into the caller's array: the
 * best to try comes first (RFC 6724, 6). A literal address is its own answer,
 * brackets and scope as fm_address_parse has them or left out; "localhost"
 * and what ends in ".localhost" is this machine (RFC 6761, 6.3). Otherwise the
 * file hosts is asked, then the name servers, in the domains that the
 * configuration says to search (resolv.conf(5): search, ndots); a name that
 * ends in a dot is complete. A fifth argument, a `const fm_resolve_options *`,
 * is optional.
 *
 * Returns how many there are, at least 1, at most `count`: more are left out;
 * -FM_ENONAME when there is no such name, -FM_ENODATA when the name has no
 * address, -FM_ENOSERVER when no name server answered in time or none is
 * known, -FM_ESERVERFAILED when one could not, or answered nonsense;
 * -ECANCELED or -ETIMEDOUT when cut; -EINVAL for what is no name of a host:
 * other than ASCII letters, digits, '-', '_' and '.', parts of more than 63
 * or in all of more than 253 bytes; a port that is none, an unknown family,
 * or a count of 0; -ENOMEM, or what else the system says.
 */
#define fm_resolve(...) FM__RESOLVE(__VA_ARGS__, NULL, )

/*
 *     FM_SUSPENDS int fm_resolve_name(const fm_address *address, char *name,
 *                                     size_t size, ...);
 *
 * The name of an IPv4 or IPv6 address, into the caller's memory: as the file
 * hosts says, else as the name servers do (PTR; RFC 1035, 3.5). FM_NAME_SIZE
 * is always enough. A fourth argument, a `const fm_resolve_options *`, is
 * optional.
 *
 * Returns the length; -EMSGSIZE when it needs more than `size`, -EINVAL for an
 * address of another family, or as fm_resolve.
 */
#define fm_resolve_name(...) FM__RESOLVE_NAME(__VA_ARGS__, NULL, )

/*
 *     FM_SUSPENDS int fm_resolve_service(const char *name,
 *                                        fm_service *services,
 *                                        size_t count, ...);
 *
 * Where the service "_xmpp._tcp.example.org" is, into the caller's array, in
 * the order in which to try: by priority, and by lot among equals, weights
 * considered (SRV, RFC 2782). The name is complete; nothing is searched. A
 * fourth argument, a `const fm_resolve_options *`, is optional.
 *
 * Returns how many, at least 1, at most `count`; -FM_ENODATA also where the
 * service is decidedly not there (a host "."); -ENOSYS where Fermata was
 * built without c-ares; or as fm_resolve.
 */
#define fm_resolve_service(...) FM__RESOLVE_SERVICE(__VA_ARGS__, NULL, )

/*
 *     FM_SUSPENDS int fm_resolve_text(const char *name, char *texts,
 *                                     size_t size, ...);
 *
 * The texts of a name (TXT; RFC 1035, 3.3.14), into the caller's memory: one
 * after the other, a NUL behind each; the strings of one text are joined. A
 * text with a NUL of its own is left out. The name is complete. A fourth
 * argument, a `const fm_resolve_options *`, is optional.
 *
 * Returns how many texts; -EMSGSIZE when they need more than `size`, -EINVAL
 * where that is 0; or as fm_resolve_service.
 */
#define fm_resolve_text(...) FM__RESOLVE_TEXT(__VA_ARGS__, NULL, )

/*
 *     FM_MUST_USE int fm_resolver_new(fm_resolver **resolver, ...);
 *
 * A resolver for the running loop. A second argument, a
 * `const fm_resolver_options *`, is optional.
 *
 * Returns 0, and *resolver is the caller's; or, with *resolver as it was:
 * -EINVAL for servers that are no addresses, for more than 8, and for numbers
 * out of range, -ENAMETOOLONG for a path, -ENOMEM; -ENOSYS for servers where
 * Fermata was built without c-ares, so that the system's library is asked for
 * all that the file hosts does not know.
 */
#define fm_resolver_new(...) FM__RESOLVER_NEW(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/* Ends a resolver, with all that it keeps. Aborts with a sentence while a task
 * waits for an answer of it. NULL is nothing. */
FM_API void fm_resolver_free(fm_resolver *resolver);

/* Private: what the macros above call. */
FM_API int fm__resolver_new(fm_resolver **resolver,
                            const fm_resolver_options *options);
/* A host and its port: what fm_resolve looks up. */
struct fm__host {
    const char *name;
    int port;
};
FM_API FM_SUSPENDS int fm__resolve(struct fm__host host, fm_address *addresses,
                                   size_t count,
                                   const fm_resolve_options *options);
FM_API FM_SUSPENDS int fm__resolve_name(const fm_address *address, char *name,
                                        size_t size,
                                        const fm_resolve_options *options);
FM_API FM_SUSPENDS int fm__resolve_service(const char *name,
                                           fm_service *services, size_t count,
                                           const fm_resolve_options *options);
FM_API FM_SUSPENDS int fm__resolve_text(const char *name, char *texts,
                                        size_t size,
                                        const fm_resolve_options *options);

FM__VERB struct fm__host fm__host_of(const char *name, int port)
{
    struct fm__host host = {name, port};
    return host;
}

#ifdef __cplusplus
}
#endif

#define FM__RESOLVE(host, port, addresses, count, ...)                         \
    fm__resolve(fm__host_of((host), (port)), (addresses), (count),             \
                FM__OPTIONS(fm_resolve_options, __VA_ARGS__))
#define FM__RESOLVE_NAME(address, name, size, ...)                             \
    fm__resolve_name((address), (name), (size),                                \
                     FM__OPTIONS(fm_resolve_options, __VA_ARGS__))
#define FM__RESOLVE_SERVICE(name, services, count, ...)                        \
    fm__resolve_service((name), (services), (count),                           \
                        FM__OPTIONS(fm_resolve_options, __VA_ARGS__))
#define FM__RESOLVE_TEXT(name, texts, size, ...)                               \
    fm__resolve_text((name), (texts), (size),                                  \
                     FM__OPTIONS(fm_resolve_options, __VA_ARGS__))
#define FM__RESOLVER_NEW(resolver, ...)                                        \
    fm__resolver_new((resolver), FM__OPTIONS(fm_resolver_options, __VA_ARGS__))

#endif
