/*
 * idna.h - names that are not ASCII (Unicode Technical Standard 46)
 */
#ifndef FM_HTTP_IDNA_H
#define FM_HTTP_IDNA_H

#include "proto/slice.h"

/* What struct fm__url_desk asks for; NULL where libidn2 is not there. */
extern int (*const fm__idna_to_ascii)(struct fm__pen *pen,
                                      struct fm__slice domain);

#endif
