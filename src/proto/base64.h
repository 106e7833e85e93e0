/*
 * base64.h - bytes as letters (RFC 4648, 4)
 */
#ifndef FM_PROTO_BASE64_H
#define FM_PROTO_BASE64_H

#include "proto/slice.h"

#include <fermata/api.h>

/* How many letters so many bytes become. */
FM__INLINE size_t fm__base64_size(size_t size)
{
    return (size + 2) / 3 * 4;
}

FM_API void fm__base64_encode(struct fm__pen *pen, struct fm__slice bytes);

/* The bytes of letters; false, with some of them written, for what
 * fm__base64_encode would not write. */
FM_API bool fm__base64_decode(struct fm__pen *pen, struct fm__slice letters);

#endif
