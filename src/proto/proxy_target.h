/*
 * proxy_target.h - whom a proxy is asked to connect to, and as whom
 */
#ifndef FM_PROTO_PROXY_TARGET_H
#define FM_PROTO_PROXY_TARGET_H

#include "base/compiler.h"

enum {
    FM__PROXY_HOST = 255, /* bytes of a name: RFC 1928, 5 */
    FM__PROXY_WORD = 255  /* bytes of a user or a password: RFC 1929, 2 */
};

/* The family of what is asked for. */
enum fm__proxy_family {
    FM__PROXY_NAME,
    FM__PROXY_V4,
    FM__PROXY_V6
};

/* What is wanted of it; texts are borrowed, without a NUL of theirs inside. */
struct fm__proxy_target {
    enum fm__proxy_family family;
    uint8_t bytes[16]; /* V4: 4 of them, V6: all, in network order */
    const char *host;  /* as text, also of an address; V6 without brackets */
    int port;
    const char *user; /* NULL: nobody */
    const char *password;
};

#endif
