/*
 * zstd_none.c - no zstd: the library is not there
 */
#include "http/coder.h"

const struct fm__coder fm__coder_zstd = {.name = "zstd"};
