/*
 * settings.h - whom to ask for names, and how: resolv.conf, nsswitch.conf
 */
#ifndef FM_NET_SETTINGS_H
#define FM_NET_SETTINGS_H

#include <fermata/resolve.h>
#include <stdbool.h>

enum {
    FM__SERVERS_LIMIT = 8,
    FM__SEARCH_LIMIT = 6, /* domains; and the bounds of resolv.conf(5): */
    FM__NDOTS_MAX = 15,
    FM__TIMEOUT_MAX = 30, /* s */
    FM__ATTEMPTS_MAX = 5
};

struct fm__settings {
    fm_address servers[FM__SERVERS_LIMIT];
    size_t server_count;
    bool given; /* the servers are, and no file adds to them */
    char search[FM__SEARCH_LIMIT][FM_NAME_SIZE];
    size_t search_count;
    int ndots;
    int attempts;
    int timeout;    /* s */
    bool rotate;    /* begin each question at another server */
    bool streams;   /* ask by TCP alone */
    bool system;    /* all is asked of the system's library */
    bool multicast; /* what lies in "local" is */
    bool own_name;  /* the machine's own name is */
};

/* What holds without a file: the server of the machine itself. */
void fm__settings_init(struct fm__settings *settings);
/* Takes the text of a file as resolv.conf(5) apart. */
void fm__settings_read(struct fm__settings *settings, char *text);
/* The same, as nsswitch.conf(5). */
void fm__settings_switch(struct fm__settings *settings, char *text);

/* "192.0.2.1:53, [2001:db8::1]:53": 0, -EINVAL or -ENODEV. */
int fm__settings_servers(struct fm__settings *settings, const char *text);

#endif
