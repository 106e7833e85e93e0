/*
 * zlib_none.c - neither gzip nor deflate: zlib is not there
 */
#include "http/coder.h"

const struct fm__coder fm__coder_gzip = {.name = "gzip"};
const struct fm__coder fm__coder_deflate = {.name = "deflate"};
