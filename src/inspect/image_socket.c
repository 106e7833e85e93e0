/*
 * image_socket.c - what the descriptors of a process are, as /proc has it
 *
 * A link names a socket by its inode. What addresses that has stands in lists
 * of all sockets of its network, which are long: they are read when the first
 * socket is asked for. While one is read, the kernel passes over some whose
 * neighbours go; so for one that is missing they are read again, a few times
 * for all. What cannot be read or kept is not known.
 */
#include "inspect/image_socket.h"

#include "base/memory.h"
#include "base/sys_path.h"
#include "inspect/image_kind.h"
#include "inspect/image_lines.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOCKET_FIRST_ROOM 256
#define SOCKET_READS 3    /* of all lists, for those that are missing */
#define SOCKET_ADDRESS 64 /* of an address as text */

struct fm__socket {
    uint64_t inode; /* 0: free */
    const char *local;
    const char *peer;
};

struct fm__socket_text {
    struct fm__socket_text *next;
    size_t used;
    char bytes[32768]; /* more than the longest path */
};

void fm__sockets_init(struct fm__sockets *sockets, int pid)
{
    sockets->pid = pid;
    sockets->reads = 0;
    sockets->missing = 0;
    sockets->table = (struct fm__socket_table){.room = 0};
    sockets->texts = NULL;
}

void fm__sockets_forget(struct fm__sockets *sockets)
{
    struct fm__socket_text *next;
    for (struct fm__socket_text *text = sockets->texts; text != NULL;
         text = next) {
        next = text->next;
        fm__memory_free(text);
    }
    fm__memory_free(sockets->table.slots);
    fm__sockets_init(sockets, sockets->pid);
}

/* Kept until all is forgotten; NULL: there is no room. */
static const char *image_socket_keep(struct fm__sockets *sockets,
                                     const char *text)
{
    struct fm__socket_text *last = sockets->texts;
    size_t size = strlen(text) + 1;
    if (size > sizeof last->bytes)
        return NULL;
    if (last == NULL || sizeof last->bytes - last->used < size) {
        last = fm__memory_new(sizeof *last);
        if (last == NULL)
            return NULL;
        last->next = sockets->texts;
        sockets->texts = last;
    }
    char *kept = last->bytes + last->used;
    memcpy(kept, text, size);
    fm__image_clean(kept);
    last->used += size;
    return kept;
}

/* ---- By inode ------------------------------------------------------------ */

/* Its slot, or the free one where it would be. */
static struct fm__socket *
image_socket_slot(const struct fm__socket_table *table, uint64_t inode)
{
    size_t at = (size_t)(inode * 0x9e3779b97f4a7c15U >> 32);
    struct fm__socket *slot;
    do
        slot = &table->slots[at++ & (table->room - 1)];
    while (slot->inode != 0 && slot->inode != inode);
    return slot;
}

static const struct fm__socket *
image_socket_find(const struct fm__socket_table *table, uint64_t inode)
{
    if (inode == 0 || table->room == 0)
        return NULL;
    const struct fm__socket *slot = image_socket_slot(table, inode);
    return slot->inode == inode ? slot : NULL;
}

/* Whether a line of this inode has nothing new. */
static bool image_socket_known(const struct fm__sockets *sockets,
                               uint64_t inode)
{
    return inode == 0 || image_socket_find(&sockets->table, inode) != NULL;
}

static bool image_socket_grow(struct fm__socket_table *table)
{
    struct fm__socket_table grown = *table;
    grown.room = table->room > 0 ? table->room * 2 : SOCKET_FIRST_ROOM;
    grown.slots = fm__memory_new(grown.room * sizeof *grown.slots);
    if (grown.slots == NULL)
        return false;
    for (size_t i = 0; i < table->room; i++) {
        if (table->slots[i].inode != 0)
            *image_socket_slot(&grown, table->slots[i].inode) = table->slots[i];
    }
    fm__memory_free(table->slots);
    *table = grown;
    return true;
}

static void image_socket_put(struct fm__socket_table *table,
                             const struct fm__socket *socket)
{
    if (table->count * 2 >= table->room && !image_socket_grow(table))
        return;
    struct fm__socket *slot = image_socket_slot(table, socket->inode);
    table->count += slot->inode == 0;
    *slot = *socket;
}

/* ---- Lists --------------------------------------------------------------- */

/* "0100007F:1F90": words of the machine, and the port; NULL where it is not
 * bound. */
static const char *image_socket_address(struct fm__sockets *sockets,
                                        const char *hex)
{
    uint32_t words[4] = {0};
    char text[SOCKET_ADDRESS], host[INET6_ADDRSTRLEN] = "", digits[9];
    size_t size = strcspn(hex, ":") / 8;
    for (size_t i = 0; i < size && i < FM__COUNT(words); i++) {
        snprintf(digits, sizeof digits, "%.8s", hex + i * 8);
        words[i] = (uint32_t)strtoul(digits, NULL, 16);
    }
    hex += strcspn(hex, ":");
    unsigned long port = *hex == ':' ? strtoul(hex + 1, NULL, 16) : 0;
    if (port == 0)
        return NULL;
    bool v6 = size > 1;
    inet_ntop(v6 ? AF_INET6 : AF_INET, words, host, sizeof host);
    snprintf(text, sizeof text, v6 ? "[%s]:%lu" : "%s:%lu", host, port);
    return image_socket_keep(sockets, text);
}

/* "sl: local remote state queues timer retransmits user timeout inode". */
static void image_socket_internet(struct fm__sockets *sockets, char *line)
{
    fm__lines_word(&line);
    const char *local = fm__lines_word(&line);
    const char *peer = fm__lines_word(&line);
    for (int i = 0; i < 6; i++)
        fm__lines_word(&line);
    struct fm__socket socket = {
        .inode = strtoull(fm__lines_word(&line), NULL, 10),
    };
    if (image_socket_known(sockets, socket.inode))
        return;
    socket.local = image_socket_address(sockets, local);
    socket.peer = image_socket_address(sockets, peer);
    image_socket_put(&sockets->table, &socket);
}

/* "number: references protocol flags type state inode path". */
static void image_socket_local(struct fm__sockets *sockets, char *line)
{
    char text[SOCKET_ADDRESS + 108];
    for (int i = 0; i < 6; i++)
        fm__lines_word(&line);
    struct fm__socket socket = {
        .inode = strtoull(fm__lines_word(&line), NULL, 10),
    };
    if (image_socket_known(sockets, socket.inode))
        return;
    snprintf(text, sizeof text, "unix:%s", line);
    socket.local = image_socket_keep(sockets, text);
    image_socket_put(&sockets->table, &socket);
}

static void image_socket_list(struct fm__sockets *sockets, const char *name,
                              void (*take)(struct fm__sockets *sockets,
                                           char *line))
{
    char path[FM__LINES_PATH];
    struct fm__lines *lines;
    char *line;
    if (fm__lines_open(&lines, fm__lines_path(path, sockets->pid, name)) < 0)
        return;
    while (fm__lines_next(lines, &line) > 0)
        take(sockets, line);
    fm__lines_close(lines);
}

static void image_socket_read(struct fm__sockets *sockets)
{
    static const char *const names[] = {"net/tcp", "net/tcp6", "net/udp",
                                        "net/udp6"};
    for (size_t i = 0; i < FM__COUNT(names); i++)
        image_socket_list(sockets, names[i], image_socket_internet);
    image_socket_list(sockets, "net/unix", image_socket_local);
    sockets->reads++;
}

/* ---- Descriptors --------------------------------------------------------- */

static const struct fm__socket *image_socket_look(struct fm__sockets *sockets,
                                                  uint64_t inode)
{
    const struct fm__socket *socket = image_socket_find(&sockets->table, inode);
    while (socket == NULL && sockets->reads < SOCKET_READS &&
           (sockets->reads == 0 || inode != sockets->missing)) {
        image_socket_read(sockets);
        socket = image_socket_find(&sockets->table, inode);
    }
    if (socket == NULL)
        sockets->missing = inode;
    return socket;
}

/* "pipe:[4]", "anon_inode:[eventfd]", "/var/log/syslog" */
static const char *image_socket_other(struct fm__sockets *sockets, char *link)
{
    static const char anonymous[] = "anon_inode:";
    if (strncmp(link, "pipe:", 5) == 0)
        return "pipe";
    if (strncmp(link, anonymous, sizeof anonymous - 1) == 0) {
        link += sizeof anonymous - 1;
        link += *link == '[';
        link[strcspn(link, "]")] = '\0';
    }
    return image_socket_keep(sockets, link);
}

static void image_socket_of(struct fm__sockets *sockets, char *link,
                            const char **local, const char **peer)
{
    static const char prefix[] = "socket:[";
    if (strncmp(link, prefix, sizeof prefix - 1) != 0) {
        *local = image_socket_other(sockets, link);
        return;
    }
    const struct fm__socket *socket = image_socket_look(
        sockets, strtoull(link + sizeof prefix - 1, NULL, 10));
    if (socket == NULL)
        return;
    *local = socket->local;
    *peer = socket->peer;
}

void fm__sockets_find(struct fm__sockets *sockets, int fd, const char **local,
                      const char **peer)
{
    char name[16], path[FM__LINES_PATH];
    snprintf(name, sizeof name, "fd/%d", fd);
    fm__lines_path(path, sockets->pid, name);
    ssize_t size = fm__sys_read_link(path, sockets->link, PATH_MAX - 1);
    if (size <= 0)
        return;
    sockets->link[size] = '\0';
    image_socket_of(sockets, sockets->link, local, peer);
}
