/*
 * socket_file.c - the file of a local socket that has a path
 *
 * A process that is killed leaves its file behind, and bind(2) then says that
 * the address is in use. No socket is bound to it: so it is stale. Of several
 * who find that at once one removes it, holding a lock on the directory until
 * its own is there; the others then find it alive.
 */
#include "net/socket_file.h"

#include <errno.h>
#include <fermata/sleep.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

/* How long others may have the lock: whoever makes a listener needs it for no
 * time at all, and who keeps it is not waited for. */
#define SOCKET_PAUSE 0.01 /* seconds */
#define SOCKET_TRIES 20

/* The path, ended by a NUL, or "" for an address without one. */
static void socket_path(const fm_address *address, struct sockaddr_un *local)
{
    memcpy(local, &address->storage, sizeof *local);
    if (local->sun_family != AF_UNIX)
        local->sun_path[0] = '\0';
}

static bool socket_is_stale(const fm_address *address, const char *path)
{
    struct fm__sys_file file;
    int rc = fm__sys_look(path, &file);
    if (rc < 0 || !S_ISSOCK(file.mode))
        return false;
    const void *name = &address->storage;
    rc = fm__sys_probe_local(name, address->size);
    return rc == -ECONNREFUSED;
}

/* Locks the directory that the path is in; without leave to read it, nothing:
 * a negative descriptor. -EAGAIN: another keeps it. */
static int socket_lock(const char *path)
{
    char directory[FM_ADDRESS_PATH + 1];
    const char *slash = strrchr(path, '/');
    size_t size = slash != NULL ? (size_t)(slash - path) : 0;
    memcpy(directory, path, size);
    directory[size] = '\0';
    if (slash == path)
        return fm__sys_lock_directory("/");
    return fm__sys_lock_directory(size > 0 ? directory : ".");
}

/* The same, when others have let go of it: 0, or why not. Datagram sockets open
 * without waiting. */
static int socket_lock_in_turn(const char *path, bool waits, int *lock)
{
    for (int i = 0; i < SOCKET_TRIES; i++) {
        *lock = socket_lock(path);
        if (*lock != -EAGAIN)
            return 0;
        int rc = waits ? fm_sleep(SOCKET_PAUSE) : -EADDRINUSE;
        if (rc < 0)
            return rc;
    }
    return -EADDRINUSE;
}

static int socket_name(struct fm__loop *loop, int fd, const fm_address *address,
                       const struct fm__socket_file *file)
{
    const struct fm__backend *backend = loop->backend;
    const void *name = &address->storage;
    return file->datagrams ? backend->bind(loop, fd, name, address->size)
                           : backend->listen(loop, fd, name, address->size);
}

/* The address was in use: takes it, if nobody else has it. */
static int socket_take_over(struct fm__loop *loop, int fd,
                            const fm_address *address,
                            const struct fm__socket_file *file)
{
    struct sockaddr_un local;
    const char *path = local.sun_path;
    socket_path(address, &local);
    if (!socket_is_stale(address, path))
        return -EADDRINUSE;
    int lock, rc = socket_lock_in_turn(path, !file->datagrams, &lock);
    if (rc < 0)
        return rc;
    rc = -EADDRINUSE;
    if (socket_is_stale(address, path)) {
        rc = fm__sys_unlink(path);
        if (rc == 0)
            rc = socket_name(loop, fd, address, file);
    }
    if (lock >= 0)
        fm__sys_close(lock);
    return rc;
}

/* Its permissions, and what identifies it. */
static int socket_finish(const char *path, struct fm__socket_file *file)
{
    int rc = fm__sys_look(path, &file->made);
    unsigned mode = file->made.mode & 07777;
    if (rc == 0 && file->mode != 0 && mode != file->mode)
        rc = fm__sys_allow(path, file->mode);
    if (rc < 0)
        fm__sys_unlink(path);
    return rc;
}

int fm__socket_file_open(struct fm__loop *loop, int fd,
                         const fm_address *address,
                         struct fm__socket_file *file)
{
    struct sockaddr_un local;
    socket_path(address, &local);
    bool none = local.sun_path[0] == '\0' || !loop->backend->files;
    int rc = none || file->mode == 0 ? 0 : fm__sys_allow_fd(fd, file->mode);
    if (rc == 0)
        rc = socket_name(loop, fd, address, file);
    if (none)
        return rc;
    if (rc == -EADDRINUSE)
        rc = socket_take_over(loop, fd, address, file);
    return rc == 0 ? socket_finish(local.sun_path, file) : rc;
}

void fm__socket_file_remove(const fm_address *address,
                            const struct fm__socket_file *file)
{
    struct sockaddr_un local;
    struct fm__sys_file found;
    if (file->made.number == 0)
        return;
    socket_path(address, &local);
    if (fm__sys_look(local.sun_path, &found) == 0 &&
        found.device == file->made.device && found.number == file->made.number)
        fm__sys_unlink(local.sun_path);
}
