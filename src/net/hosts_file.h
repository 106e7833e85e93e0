/*
 * hosts_file.h - names and addresses of a file as hosts(5)
 *
 * Invariant: entries are sorted by name, and those of one name are in the
 * order of the file; the names lie in the text that was taken apart.
 */
#ifndef FM_NET_HOSTS_FILE_H
#define FM_NET_HOSTS_FILE_H

#include <fermata/address.h>

enum {
    FM__HOSTS_LIMIT = 100000 /* names; what follows them is not looked at */
};

struct fm__hosts_entry {
    const char *name; /* in lower case */
    uint32_t place;   /* in the file */
    uint32_t scope;
    int family;
    unsigned char bytes[16];
};

struct fm__hosts {
    struct fm__hosts_entry *entries;
    size_t count;
};

/* Takes the text apart, which has to stay. 0 or -ENOMEM. */
int fm__hosts_read(struct fm__hosts *hosts, char *text);
void fm__hosts_fini(struct fm__hosts *hosts);

/* The first entry of a name in lower case; those of the same follow. NULL. */
const struct fm__hosts_entry *fm__hosts_find(const struct fm__hosts *hosts,
                                             const char *name);
/* The address of an entry, with port 0. */
void fm__hosts_address(const struct fm__hosts_entry *entry,
                       fm_address *address);
/* The first name of an address in the file, or NULL. */
const char *fm__hosts_name(const struct fm__hosts *hosts,
                           const fm_address *address);

#endif
