/*
 * address_order.c - which address of a host to try first: RFC 6724
 *
 * What this machine's own address would be is learned by connecting a datagram
 * socket, which sends nothing. The rules that ask for more than that (3, 4 and
 * 7) are left to the kernel, and 9 says nothing of IPv4, whose servers want
 * their addresses in turn.
 */
#include "net/address_order.h"

#include "base/memory.h"
#include "net/host_name.h"

#include <fermata/udp.h>
#include <netinet/in.h>
#include <string.h>

enum {
    ORDER_LINK = 2, /* scopes: RFC 4291, 2.7 */
    ORDER_SITE = 5,
    ORDER_GLOBAL = 14,
    ORDER_PREFIX = 64 /* bits that are compared; the rest is a machine's own */
};

/* RFC 6724, 2.1; the longest prefix that fits counts, and comes first. */
struct order_policy {
    unsigned char prefix[16];
    int bits;
    int precedence;
    int label;
};

static const struct order_policy address_policies[] = {
    {{[15] = 1}, 128, 50, 0},                /* this machine */
    {{[10] = 0xff, [11] = 0xff}, 96, 35, 4}, /* IPv4 */
    {{0}, 96, 1, 3},
    {{0x20, 0x01}, 32, 5, 5},
    {{0x20, 0x02}, 16, 30, 2},
    {{0x3f, 0xfe}, 16, 1, 12},
    {{0xfe, 0xc0}, 10, 1, 11},
    {{0xfc}, 7, 3, 13},
    {{0}, 0, 40, 1},
};

/* As 16 bytes, IPv4 mapped (RFC 4291, 2.5.5.2). */
static void address_wide(const fm_address *address, unsigned char *wide)
{
    size_t size = 0;
    const void *bytes = fm__name_bytes(address, &size);
    memset(wide, 0, 16);
    if (size == 4)
        wide[10] = wide[11] = 0xff;
    if (size > 0)
        memcpy(wide + 16 - size, bytes, size);
}

/* How many bits two addresses have in common from their start, at most. */
static int address_common(const unsigned char *a, const unsigned char *b,
                          int most)
{
    int bits = 0;
    while (bits < most &&
           ((a[bits / 8] ^ b[bits / 8]) & (0x80 >> bits % 8)) == 0)
        bits++;
    return bits;
}

static const struct order_policy *address_policy(const fm_address *address)
{
    const struct order_policy *policy = address_policies;
    unsigned char wide[16];
    address_wide(address, wide);
    while (address_common(wide, policy->prefix, policy->bits) < policy->bits)
        policy++;
    return policy;
}

/* RFC 6724, 3.1 and 3.2. */
static int address_order_scope(const fm_address *address)
{
    unsigned char wide[16];
    address_wide(address, wide);
    if (address->storage.ss_family == AF_INET) {
        bool near = wide[12] == 127 || (wide[12] == 169 && wide[13] == 254);
        return near ? ORDER_LINK : ORDER_GLOBAL;
    }
    if (wide[0] == 0xff)
        return wide[1] & 15;
    if (wide[0] == 0xfe && (wide[1] & 0xc0) == 0x80)
        return ORDER_LINK;
    if (wide[0] == 0xfe && (wide[1] & 0xc0) == 0xc0)
        return ORDER_SITE;
    return address_policy(address)->bits == 128 ? ORDER_LINK : ORDER_GLOBAL;
}

static int address_prefix(const struct fm__candidate *one)
{
    unsigned char to[16], from[16];
    if (one->address.storage.ss_family != AF_INET6)
        return 0;
    address_wide(&one->address, to);
    address_wide(&one->source, from);
    return address_common(to, from, ORDER_PREFIX);
}

static bool address_same_scope(const struct fm__candidate *one)
{
    return address_order_scope(&one->address) ==
           address_order_scope(&one->source);
}

static bool address_same_label(const struct fm__candidate *one)
{
    return address_policy(&one->address)->label ==
           address_policy(&one->source)->label;
}

int fm__candidate_order(const struct fm__candidate *a,
                        const struct fm__candidate *b)
{
    int order = b->usable - a->usable; /* rule 1 */
    if (order == 0 && a->usable)
        order = address_same_scope(b) - address_same_scope(a); /* 2 */
    if (order == 0 && a->usable)
        order = address_same_label(b) - address_same_label(a); /* 5 */
    if (order == 0)
        order = address_policy(&b->address)->precedence -
                address_policy(&a->address)->precedence; /* 6 */
    if (order == 0)
        order = address_order_scope(&a->address) -
                address_order_scope(&b->address); /* 8 */
    if (order == 0 && a->usable &&
        a->address.storage.ss_family == b->address.storage.ss_family)
        order = address_prefix(b) - address_prefix(a); /* 9 */
    return order;
}

static bool address_is_unspecified(const fm_address *address)
{
    static const unsigned char zero[16];
    size_t size = 0;
    const void *bytes = fm__name_bytes(address, &size);
    return bytes == NULL || memcmp(bytes, zero, size) == 0;
}

/* The port does not matter, but has to be one. */
static fm_address address_any_port(fm_address address)
{
    struct sockaddr_in6 v6;
    memcpy(&v6, &address.storage, sizeof v6);
    v6.sin6_port = htons(9); /* discard: RFC 863 */
    memcpy(&address.storage, &v6, sizeof v6);
    return address;
}

/* A world that does not tell our own address gives no reason to prefer one. */
static void address_learn(struct fm__candidate *one)
{
    fm_address to = address_any_port(one->address);
    bool v4 = to.storage.ss_family == AF_INET;
    fm_udp *udp;
    one->source = one->address;
    one->usable = false;
    if (fm_udp_open(v4 ? "0.0.0.0:0" : "[::]:0", &udp) < 0)
        return;
    fm_address own;
    one->usable = fm_udp_connect(udp, &to) == 0;
    if (one->usable && fm_udp_local(udp, &own) == 0 &&
        !address_is_unspecified(&own))
        one->source = own;
    fm_udp_close(udp);
}

void fm__found_add(struct fm__found *found, const fm_address *address)
{
    for (size_t i = 0; i < found->count; i++) {
        const fm_address *other = &found->addresses[i];
        if (memcmp(&other->storage, &address->storage, sizeof other->storage) ==
            0)
            return;
    }
    if (found->count < FM__FOUND_LIMIT)
        found->addresses[found->count++] = *address;
}

void fm__found_order(struct fm__found *found)
{
    struct fm__candidate *sorted =
        fm__memory_new(found->count * sizeof *sorted);
    if (sorted == NULL) /* any order is as right, if not as good */
        return;
    for (size_t i = 0; i < found->count; i++) {
        struct fm__candidate one = {.address = found->addresses[i]};
        address_learn(&one);
        size_t place = i;
        for (; place > 0; place--) { /* equals stay in their order */
            if (fm__candidate_order(&one, &sorted[place - 1]) >= 0)
                break;
            sorted[place] = sorted[place - 1];
        }
        sorted[place] = one;
    }
    for (size_t i = 0; i < found->count; i++)
        found->addresses[i] = sorted[i].address;
    fm__memory_free(sorted);
}
