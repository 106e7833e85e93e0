/*
 * idna_none.c - no names that are not ASCII, where libidn2 is not there
 */
#include "http/idna.h"

int (*const fm__idna_to_ascii)(struct fm__pen *pen,
                               struct fm__slice domain) = NULL;
