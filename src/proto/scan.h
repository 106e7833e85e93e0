/*
 * scan.h - how far a text goes on without a byte that ends or forbids it
 *
 * The hot loop of every head. One of two files implements it: scan_sse2.c
 * where the machine has such registers, scan_plain.c elsewhere; both give the
 * same for all bytes.
 */
#ifndef FM_PROTO_SCAN_H
#define FM_PROTO_SCAN_H

#include "base/compiler.h"

/* The size of a token (RFC 9110, 5.6.2), as names and methods are. */
size_t fm__scan_token(const char *bytes, size_t size);

/* The size of what may stand in a field's value (RFC 9110, 5.5): visible
 * characters, space, tab, and bytes from 0x80. */
size_t fm__scan_value(const char *bytes, size_t size);

/* The size of what may stand in a request's target: 0x21 to 0x7e. */
size_t fm__scan_target(const char *bytes, size_t size);

#endif
