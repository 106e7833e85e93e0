/*
 * hosts_file.c - a file as hosts(5): an address, and names that have it
 *
 * A line that is none is passed over, and so is a name that is none: files of
 * this kind are written by people.
 */
#include "net/hosts_file.h"

#include "base/memory.h"
#include "net/host_name.h"
#include "net/text_file.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

static int hosts_compare(const void *left, const void *right)
{
    const struct fm__hosts_entry *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    return order != 0 ? order : (a->place > b->place) - (a->place < b->place);
}

static int hosts_grow(struct fm__hosts *hosts, size_t *room)
{
    size_t wanted = *room == 0 ? 16 : *room * 2;
    struct fm__hosts_entry *entries =
        fm__memory_resize(hosts->entries, wanted * sizeof *entries);
    if (entries == NULL)
        return -ENOMEM;
    hosts->entries = entries;
    *room = wanted;
    return 0;
}

static int hosts_add(struct fm__hosts *hosts, size_t *room,
                     const struct fm__hosts_entry *entry)
{
    int rc = hosts->count == *room ? hosts_grow(hosts, room) : 0;
    if (rc < 0)
        return rc;
    hosts->entries[hosts->count] = *entry;
    hosts->entries[hosts->count].place = (uint32_t)hosts->count;
    hosts->count++;
    return 0;
}

static void hosts_set(struct fm__hosts_entry *entry, const fm_address *address)
{
    size_t size;
    const void *bytes = fm__name_bytes(address, &size);
    struct sockaddr_in6 v6;
    memcpy(&v6, &address->storage, sizeof v6);
    *entry = (struct fm__hosts_entry){.family = address->storage.ss_family};
    memcpy(entry->bytes, bytes, size);
    if (entry->family == AF_INET6)
        entry->scope = v6.sin6_scope_id;
}

static int hosts_line(struct fm__hosts *hosts, size_t *room, char *line)
{
    char name[FM_NAME_SIZE];
    struct fm__hosts_entry entry;
    fm_address address;
    char *word = fm__text_word(&line);
    if (word == NULL || fm__name_literal(word, &address) < 0)
        return 0;
    hosts_set(&entry, &address);
    while ((word = fm__text_word(&line)) != NULL) {
        if (hosts->count == FM__HOSTS_LIMIT || fm__name_copy(word, name) < 0)
            continue;
        fm__name_put(word, name); /* never longer than it was */
        entry.name = word;
        int rc = hosts_add(hosts, room, &entry);
        if (rc < 0)
            return rc;
    }
    return 0;
}

int fm__hosts_read(struct fm__hosts *hosts, char *text)
{
    size_t room = 0;
    char *line;
    *hosts = (struct fm__hosts){.count = 0};
    while ((line = fm__text_line(&text, "#")) != NULL) {
        int rc = hosts_line(hosts, &room, line);
        if (rc < 0) {
            fm__hosts_fini(hosts);
            return rc;
        }
    }
    if (hosts->count > 1)
        qsort(hosts->entries, hosts->count, sizeof *hosts->entries,
              hosts_compare);
    return 0;
}

void fm__hosts_fini(struct fm__hosts *hosts)
{
    fm__memory_free(hosts->entries);
    *hosts = (struct fm__hosts){.count = 0};
}

const struct fm__hosts_entry *fm__hosts_find(const struct fm__hosts *hosts,
                                             const char *name)
{
    size_t low = 0, high = hosts->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(hosts->entries[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == hosts->count || strcmp(hosts->entries[low].name, name) != 0)
        return NULL;
    return &hosts->entries[low];
}

void fm__hosts_address(const struct fm__hosts_entry *entry, fm_address *address)
{
    struct sockaddr_in6 v6;
    fm__name_address(entry->family, entry->bytes, address);
    if (entry->family != AF_INET6)
        return;
    memcpy(&v6, &address->storage, sizeof v6);
    v6.sin6_scope_id = entry->scope;
    memcpy(&address->storage, &v6, sizeof v6);
}

const char *fm__hosts_name(const struct fm__hosts *hosts,
                           const fm_address *address)
{
    size_t size;
    const void *bytes = fm__name_bytes(address, &size);
    const struct fm__hosts_entry *first = NULL;
    for (size_t i = 0; i < hosts->count; i++) {
        const struct fm__hosts_entry *entry = &hosts->entries[i];
        if (entry->family != address->storage.ss_family ||
            memcmp(entry->bytes, bytes, size) != 0)
            continue;
        if (first == NULL || entry->place < first->place)
            first = entry;
    }
    return first != NULL ? first->name : NULL;
}
