/*
 * suffix_none.c - no list of public suffixes, where libpsl is not there
 */
#include "http/suffix.h"

#include <string.h>

enum fm__suffix fm__suffix_of(const char *domain)
{
    return strchr(domain, '.') == NULL ? FM__SUFFIX_PUBLIC : FM__SUFFIX_UNKNOWN;
}
