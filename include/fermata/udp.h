/*
 * udp.h - datagrams: messages that arrive whole, or not at all
 *
 *     fm_udp *udp;
 *     fm_address from;
 *     static char buf[FM_UDP_SIZE];
 *     int rc = fm_udp_open("127.0.0.1:7000", &udp);
 *     while (rc == 0) {
 *         ssize_t size = fm_udp_receive(udp, buf, sizeof buf, &from);
 *         rc = size < 0 ? (int)size
 *                       : fm_udp_send(udp, buf, (size_t)size, &from);
 *     }
 */
#ifndef FERMATA_UDP_H
#define FERMATA_UDP_H

#include <fermata/address.h>
#include <fermata/api.h>
#include <stdbool.h>

/* Bytes of the largest datagram there is (RFC 768: the length counts 8 of its
 * header); over IPv4 20 bytes fewer. That is too much for the stack of a
 * task, unless it is a large one: see stack_size. */
#define FM_UDP_SIZE 65527

/* Datagrams that a call receives at once, at most. */
#define FM_UDP_BATCH 32

/* A datagram socket of one loop; made by fm_udp_open, ended by fm_udp_close.
 * One that a program leaves open is reported when its loop ends. */
typedef struct fm_udp fm_udp;

/*
 * Options of fm_udp_open; zero is the default.
 *
 *   reuse_address   others of this machine may have the same address, and say
 *                   so too; each gets what is sent to a group (SO_REUSEADDR
 *                   of socket(7))
 *   reuse_port      the same, and the system shares out what is sent to the
 *                   address (SO_REUSEPORT)
 *   ipv6_only       an IPv6 socket speaks no IPv4 (IPV6_V6ONLY of ipv6(7));
 *                   by default one of [::] does, and IPv4 addresses look like
 *                   [::ffff:192.0.2.1]
 *   broadcast       may send to a broadcast address (SO_BROADCAST)
 *   errors          receives what the network says of what was sent to
 *                   somebody (IP_RECVERR of ip(7)): see fm_udp_receive
 *   not_looped      this machine does not hear what is sent to a group
 *                   (IP_MULTICAST_LOOP)
 *   interface       the interface, by name or number, by which datagrams to
 *                   groups leave; by default as the system's routes say
 *   ttl             hops that a datagram may take, 1 to 255 (IP_TTL)
 *   group_ttl       the same to a group (IP_MULTICAST_TTL); by default 1
 *   receive_buffer  the system's buffers, in bytes (SO_RCVBUF, SO_SNDBUF); by
 *   send_buffer     default as large as the system likes
 *   mode            of the file of a local address with a path: who may send
 *                   to it, as 0600; 0: what the process's umask leaves
 */
typedef struct fm_udp_options {
    bool reuse_address;
    bool reuse_port;
    bool ipv6_only;
    bool broadcast;
    bool errors;
    bool not_looped;
    const char *interface;
    int ttl;
    int group_ttl;
    int receive_buffer;
    int send_buffer;
    unsigned mode;
} fm_udp_options;

/*
 * One datagram of several.
 *
 *   buf      its bytes; may be NULL where there are none
 *   size     how many it has; received, possibly more than room: the bytes
 *            behind those are lost
 *   room     to receive: how many bytes fit into buf
 *   address  who it is for, or from whom; to send with a size of 0: for whom
 *            the socket is connected to
 */
typedef struct fm_datagram {
    void *buf;
    size_t size;
    size_t room;
    fm_address address;
} fm_datagram;

/*
 *     int fm_udp_open(const char *address, fm_udp **udp, ...);
 *
 * Opens a socket that receives at a literal address as fm_address_parse reads
 * it; port 0: at one that the system chooses, see fm_udp_local. NULL: at none
 * before it sends or is connected; then the system chooses, and it speaks
 * IPv6, where the machine does, and IPv4. A local address (unix(7)) with a
 * path is a file, that the end of the socket removes; one that a socket of
 * before has left is replaced, never that of one that is open, nor what is no
 * socket. A third argument, a `const fm_udp_options *`, is optional.
 *
 * Returns 0, and *udp is the caller's; or, with *udp as it was: -EADDRINUSE,
 * -EADDRNOTAVAIL when the address is none of this machine's, -EACCES when the
 * port is a privileged one, -EINVAL or -ENODEV as fm_address_parse or when
 * there is no such interface, -EINVAL when the system takes no such number,
 * -ENOENT or -EROFS where a local address's path can have no file,
 * -EAFNOSUPPORT, also for any local one in the simulated world, -EMFILE or
 * -ENFILE without a free descriptor, -ENOMEM, or what else the system says.
 */
#define fm_udp_open(...) FM__UDP_OPEN(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/*
 * From now on datagrams go to this address where none is said, and only those
 * from there are received; ones that have arrived already stay. NULL ends
 * that. Nothing is sent: nobody need be there.
 *
 * Returns 0, -EAFNOSUPPORT when the socket does not speak the address's
 * family, -ENETUNREACH without a way to it, -EACCES for a broadcast address
 * without .broadcast, -ENOENT or -ECONNREFUSED where a local address is no
 * socket's, or what else the system says.
 */
FM_API int fm_udp_connect(fm_udp *udp, const fm_address *address);

/*
 * Sends a datagram, as a whole, of 0 bytes too; to NULL: to whom the socket is
 * connected to. Waits while the system has no room for it; any number of tasks
 * may, they are served in order. That it was sent does not say that it arrives.
 *
 * Returns 0; or, and then it was not sent: -ECANCELED or -ETIMEDOUT when cut,
 * -EMSGSIZE when it is too large for any way, or for this one, -EDESTADDRREQ
 * to NULL without a connection, -ECONNREFUSED, -EHOSTUNREACH, ... when the
 * network has said so of an earlier datagram of a connected socket, each once;
 * -EACCES for a broadcast address without .broadcast, -EAFNOSUPPORT,
 * -ENETUNREACH, -ENOBUFS, -ENOENT or -ECONNREFUSED when no socket is at a
 * local address, -EAGAIN when a local receiver has no room and the
 * socket is not connected to it, for only then it is told of room; or what
 * else the system says.
 */
FM_API FM_SUSPENDS int fm_udp_send(fm_udp *udp, const void *buf, size_t size,
                                   const fm_address *to);

/*
 * Receives the next datagram, and waits for it; any number of tasks may, they
 * are served in order. *from, unless from is NULL, is the sender's address; of
 * size 0, and "unix:" as text, for a local sender without a name.
 * A cut loses none: what it came too late for is returned, the rest stays.
 *
 * Returns the size of the datagram, 0 for an empty one. Where that is more
 * than `size` the first bytes are in buf, and the others lost. Or, with buf as
 * it was: -ECANCELED or -ETIMEDOUT when cut; what the network said of a
 * datagram that was sent, once (icmp(7)): -ECONNREFUSED when nobody receives
 * there, -EHOSTUNREACH, -ENETUNREACH, -EMSGSIZE, ...: on a connected socket,
 * or with .errors, where *from is the address it had been sent to (of size 0
 * where the system does not tell); or what else the system says. *from is else
 * as it was.
 */
FM_API FM_SUSPENDS ssize_t fm_udp_receive(fm_udp *udp, void *buf, size_t size,
                                          fm_address *from);

/*
 * Sends so many datagrams in this order, by one system call for up to
 * FM_UDP_BATCH of them, and waits as fm_udp_send does.
 *
 * Returns how many were sent: fewer where it was cut or one could not be
 * sent, which then is the next; -errno as fm_udp_send where that is the first.
 */
FM_API FM_SUSPENDS ssize_t fm_udp_send_batch(fm_udp *udp,
                                             const fm_datagram *datagrams,
                                             size_t count);

/*
 * Receives those datagrams that are there, at most `count` and at most
 * FM_UDP_BATCH, and waits for the first, as fm_udp_receive does. `size` and
 * `address` of each are filled in; those behind them are as they were.
 *
 * Returns how many, at least one; 0 where count is 0; or -errno as
 * fm_udp_receive, and the address is the first one's.
 */
FM_API FM_SUSPENDS ssize_t fm_udp_receive_batch(fm_udp *udp,
                                                fm_datagram *datagrams,
                                                size_t count);

/*
 * Receives also what is sent to a multicast group and the socket's port.
 * interface is the one to hear it by, by name or number; NULL: as the
 * system's routes say. The port of the group counts for nothing. The end of
 * the socket leaves all.
 *
 * Returns 0, -EINVAL when it is no group, -ENODEV when there is no such
 * interface, -EADDRINUSE when it was joined already, -ENOBUFS beyond the
 * system's limit (net.ipv4.igmp_max_memberships of ip(7)), -ENOMEM, or what
 * else the system says.
 */
FM_API int fm_udp_join(fm_udp *udp, const fm_address *group,
                       const char *interface);

/*
 * Receives no more what is sent to a group that was joined, by the same
 * interface.
 *
 * Returns 0, -EADDRNOTAVAIL when it was not joined, or as fm_udp_join.
 */
FM_API int fm_udp_leave(fm_udp *udp, const fm_address *group,
                        const char *interface);

/*
 * The address of this socket, with the port that the system chose.
 *
 * Returns 0, or what the system says; then *address is as it was.
 */
FM_API int fm_udp_local(const fm_udp *udp, fm_address *address);

/*
 * The address of whom it is connected to.
 *
 * Returns 0, -ENOTCONN where it is not connected, or what else the system
 * says; then *address is as it was.
 */
FM_API int fm_udp_peer(const fm_udp *udp, fm_address *address);

/*
 * Ends the socket; what nobody has received is dropped, what was sent is on
 * its way. NULL is fine. Aborts with a sentence where another task sends or
 * receives by it.
 */
FM_API void fm_udp_close(fm_udp *udp);

/* Private: what the macro above calls. */
FM_API int fm__udp_open(const char *address, fm_udp **udp,
                        const fm_udp_options *options);

#ifdef __cplusplus
}
#endif

#define FM__UDP_OPEN(address, udp, ...)                                        \
    fm__udp_open((address), (udp), FM__OPTIONS(fm_udp_options, __VA_ARGS__))

#endif
