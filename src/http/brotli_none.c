/*
 * brotli_none.c - no br: the library is not there
 */
#include "http/coder.h"

const struct fm__coder fm__coder_br = {.name = "br"};
