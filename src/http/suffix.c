/*
 * suffix.c - the list of public suffixes, by libpsl, which has one built in
 */
#include "http/suffix.h"

#include <libpsl.h>
#include <string.h>

enum fm__suffix fm__suffix_of(const char *domain)
{
    const psl_ctx_t *list = psl_builtin();
    if (strchr(domain, '.') == NULL)
        return FM__SUFFIX_PUBLIC;
    if (list == NULL)
        return FM__SUFFIX_UNKNOWN;
    return psl_is_public_suffix(list, domain) ? FM__SUFFIX_PUBLIC
                                              : FM__SUFFIX_NOT;
}
