/*
 * sys_offer.h - which system calls there are, asked without doing anything
 */
#ifndef FM_BASE_SYS_OFFER_H
#define FM_BASE_SYS_OFFER_H

#include "base/compiler.h"

/* A call that the library would rather not be without. */
struct fm__sys_offer {
    const char *name;
    const char *since;   /* the first Linux that has what is used of it */
    const char *without; /* what is done where it is missing */
};

enum {
    FM__SYS_OFFERS = 10
};

const struct fm__sys_offer *fm__sys_offer(unsigned index);
/* 0; -ENOSYS: the kernel has no such call; -EPERM: a filter refuses it. */
int fm__sys_offered(unsigned index);

#endif
