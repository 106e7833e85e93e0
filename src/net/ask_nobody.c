/*
 * ask_nobody.c - without c-ares no name server is asked by ourselves
 */
#include "net/resolver.h"

#include <errno.h>

const bool fm__ask_possible = false;

int fm__ask(const struct fm__entry *entry, struct fm__answer **answer)
{
    (void)entry;
    (void)answer;
    return -ENOSYS;
}
