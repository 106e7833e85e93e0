/*
 * ask_nobody.c - without c-ares no name server is asked by ourselves
 */
#include "net/resolver.h"

#include <errno.h>

const bool fm__ask_possible = false;

void fm__ask_fini(fm_resolver *resolver)
{
    (void)resolver;
}

int fm__ask(const struct fm__entry *entry, struct fm__answer **answer)
{
    (void)entry;
    (void)answer;
    return -ENOSYS;
}
