/*
 * store.c - a key-value service on all processors, without a lock
 *
 *   store [ADDRESS [COUNT]]     127.0.0.1:7000, and as many as there are
 *
 * Each loop serves those who connect to it, and owns a share of the keys. The
 * line "KEY VALUE" sets one, the line "KEY" asks for it.
 */
#include <errno.h>
#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORD = 32,
    KEYS = 256 /* of each owner */
};

/* [owner] */
struct entry {
    char key[WORD];
    char value[WORD];
};

/* What one loop owns: nobody but its tasks touches the entries. */
struct owner {
    fm_remote *remote;
    int count;
    struct entry entries[KEYS];
};

struct store {
    struct owner owners[FM_WORKERS_LIMIT];
    char address[FM_ADDRESS_TEXT];
    fm_channel *here; /* each worker says that it has come ... */
    fm_channel *all;  /* ... and is closed when all have */
};
/* [/owner] */

/* [apply] */
struct request {
    struct owner *owner;
    struct entry entry; /* no value: asks for it */
};

static struct entry *find(struct owner *owner, const char *key)
{
    for (int i = 0; i < owner->count; i++)
        if (strcmp(owner->entries[i].key, key) == 0)
            return &owner->entries[i];
    return NULL;
}

/* A task on the owner's loop. It does not pause, so it is alone here. */
static int apply(void *arg)
{
    struct request *request = arg;
    struct owner *owner = request->owner;
    struct entry *entry = find(owner, request->entry.key);
    if (request->entry.value[0] == '\0') {
        if (entry != NULL)
            request->entry = *entry;
        return entry != NULL ? 0 : -ENOENT;
    }
    if (entry == NULL && owner->count < KEYS)
        entry = &owner->entries[owner->count++];
    if (entry != NULL)
        *entry = request->entry;
    return entry != NULL ? 0 : -ENOSPC;
}
/* [/apply] */

static struct owner *owner_of(struct store *store, const char *key)
{
    unsigned hash = 5381;
    while (*key != '\0')
        hash = hash * 33 + (unsigned char)*key++;
    return &store->owners[hash % (unsigned)fm_worker_count()];
}

/* [serve] */
static ssize_t answer(fm_stream *client, struct store *store, const char *line)
{
    struct request request = {0};
    char text[64];
    if (sscanf(line, "%31s %31s", request.entry.key, request.entry.value) < 1)
        return fm_write(client, "?\n", 2);
    request.owner = owner_of(store, request.entry.key);
    int rc = fm_remote_await(request.owner->remote, apply, &request);
    if (rc == -ECANCELED || rc == -ESHUTDOWN)
        return rc;
    int size = snprintf(text, sizeof text, "%s\n",
                        rc == 0 ? request.entry.value : fm_strerror(rc));
    return fm_write(client, text, (size_t)size);
}

static int serve(fm_stream *client, void *store)
{
    char line[2 * WORD];
    ssize_t n;
    do {
        n = fm_read_line(client, line, sizeof line);
        if (n >= 0)
            n = answer(client, store, line);
    } while (n >= 0);
    return (int)n;
}
/* [/serve] */

/* [meet] */
/* Returns when every worker's remote is in its place. */
static int meet(struct store *store)
{
    void *nothing;
    int rc = fm_channel_send(store->here, NULL);
    if (fm_worker_index() == 0) {
        for (int i = 0; rc == 0 && i < fm_worker_count(); i++)
            rc = fm_channel_receive(store->here, &nothing);
        fm_channel_close(store->all);
    }
    if (rc == 0)
        rc = fm_channel_receive(store->all, &nothing);
    return rc == -ESHUTDOWN ? 0 : rc;
}
/* [/meet] */

static int listen_on(struct store *store, fm_listener **listener)
{
    return fm_listen(store->address, listener,
                     &(fm_listen_options){.reuse_port = true});
}

/* The first one's address has the port that the system chose. */
static int listen_first(struct store *store, fm_listener **listener)
{
    int rc = listen_on(store, listener);
    if (rc < 0)
        return rc;
    fm_address_format(fm_listener_address(*listener), store->address);
    printf("listening on %s\n", store->address);
    fflush(stdout);
    return 0;
}

/* [worker] */
static int worker(void *arg)
{
    struct store *store = arg;
    fm_listener *listener = NULL;
    int rc = 0, index = fm_worker_index();
    store->owners[index].remote = fm_remote_get();
    if (index == 0)
        rc = listen_first(store, &listener);
    if (rc == 0)
        rc = meet(store);
    if (rc == 0 && index > 0)
        rc = listen_on(store, &listener);
    if (rc == 0)
        return fm_serve(listener, serve, store,
                        &(fm_serve_options){.grace = 0.5});
    fm_listener_close(listener);
    return rc;
}
/* [/worker] */

/* [run] */
static int run(struct store *store, unsigned count)
{
    store->here = fm_channel_new(FM_WORKERS_LIMIT);
    store->all = fm_channel_new(1);
    int rc = fm_run_workers(count, worker, store);
    for (int i = 0; i < FM_WORKERS_LIMIT; i++)
        fm_remote_put(store->owners[i].remote);
    fm_channel_put(store->here);
    fm_channel_put(store->all);
    return rc == -ECANCELED ? 0 : rc;
}
/* [/run] */

int main(int argc, char **argv)
{
    struct store *store = calloc(1, sizeof *store);
    int rc = -ENOMEM;
    if (store != NULL) {
        snprintf(store->address, sizeof store->address, "%s",
                 argc > 1 ? argv[1] : "127.0.0.1:7000");
        rc = run(store, argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0);
    }
    free(store);
    if (rc < 0)
        fprintf(stderr, "store: %s\n", fm_strerror(rc));
    return rc < 0;
}
