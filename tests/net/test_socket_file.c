/*
 * test_socket_file.c - local sockets, and the files that they are
 */
#include "neighbours.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* A path of this test's own, as an address; the files are real, but in the
 * simulator. */
static char folder[] = "/tmp/fermata-XXXXXX";
static char path[sizeof folder + 8];
static char address[sizeof path + 5];

static void folder_make(void)
{
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    CHECK(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/socket", folder);
    snprintf(address, sizeof address, "unix:%s", path);
}

static void folder_remove(void)
{
    CHECK_INT(rmdir(folder), 0); /* it is empty */
}

static fm_listener *listen_local(void)
{
    fm_listener *listener = NULL;
    CHECK_INT(fm_listen(address, &listener), 0);
    if (listener == NULL)
        abort();
    return listener;
}

static bool there(void)
{
    struct stat found;
    return lstat(path, &found) == 0;
}

static unsigned mode_of(void)
{
    struct stat found = {.st_mode = 0};
    CHECK_INT(lstat(path, &found), 0);
    return found.st_mode & 07777;
}

static void check_meets(fm_listener *listener)
{
    fm_stream *client, *server;
    CHECK_INT(fm_connect(address, &client), 0);
    CHECK_INT(fm_accept(listener, &server), 0);
    check_says(client, server, "from the client");
    check_says(server, client, "from the server");
    part(client, server);
}

STORY(a_local_socket_connects_by_its_path)
{
    folder_make();
    fm_listener *listener = listen_local();
    CHECK(strcmp(where(listener), address) == 0);
    check_meets(listener);
    CHECK_INT(fm_listener_close(listener), 0);
    folder_remove();
}

STORY(a_local_socket_knows_its_ends)
{
    fm_listener *listener;
    fm_stream *client, *server;
    fm_address end;
    char text[FM_ADDRESS_TEXT];
    CHECK_INT(fm_listen("unix:", &listener), 0);
    CHECK(strncmp(where(listener), "unix:@", 6) == 0);
    meet(listener, &client, &server);
    CHECK_INT(fm_stream_peer(client, &end), 0);
    CHECK(strcmp(fm_address_format(&end, text), where(listener)) == 0);
    CHECK_INT(fm_stream_local(server, &end), 0);
    CHECK(strcmp(fm_address_format(&end, text), where(listener)) == 0);
    CHECK_INT(fm_stream_local(client, &end), 0);
    CHECK(strcmp(fm_address_format(&end, text), "unix:") == 0);
    CHECK_INT(fm_stream_peer(server, &end), 0);
    CHECK(strcmp(fm_address_format(&end, text), "unix:") == 0);
    part(client, server);
    CHECK_INT(fm_listener_close(listener), 0);
}

STORY(an_abstract_name_is_free_when_its_listener_has_ended)
{
    fm_listener *listener, *other = NULL;
    char name[FM_ADDRESS_TEXT];
    CHECK_INT(fm_listen("unix:", &listener), 0);
    snprintf(name, sizeof name, "%s", where(listener));
    CHECK_INT(fm_listen(name, &other), -EADDRINUSE);
    CHECK_INT(fm_listener_close(listener), 0);
    fm_stream *client = NULL;
    CHECK_INT(fm_connect(name, &client), -ECONNREFUSED);
    CHECK_INT(fm_listen(name, &other), 0);
    CHECK_INT(fm_listener_close(other), 0);
    CHECK(client == NULL);
}

STORY(names_of_one_beginning_are_different_names)
{
    fm_listener *one, *other;
    char name[FM_ADDRESS_TEXT];
    CHECK_INT(fm_listen("unix:", &one), 0);
    snprintf(name, sizeof name, "%s-", where(one));
    CHECK_INT(fm_listen(name, &other), 0);
    CHECK_INT(fm_listener_close(one), 0);
    CHECK_INT(fm_listener_close(other), 0);
}

STORY(a_path_where_nothing_lies_is_enoent)
{
    fm_stream *client = NULL;
    folder_make();
    CHECK_INT(fm_connect(address, &client), -ENOENT);
    CHECK_INT(fm_listener_close(listen_local()), 0);
    CHECK_INT(fm_connect(address, &client), -ENOENT);
    CHECK(client == NULL);
    folder_remove();
}

STORY(the_file_of_a_listener_is_removed_with_it)
{
    if (test_simulated())
        return; /* no files there */
    folder_make();
    fm_listener *listener = listen_local();
    CHECK(there());
    CHECK_INT(fm_listener_close(listener), 0);
    CHECK(!there());
    folder_remove();
}

static void listener_left(void)
{
    listen_local();
}

TEST(a_listener_that_is_left_open_leaves_no_file)
{
    folder_make();
    CHECK_INT(story_run(listener_left, (fm_run_options){0}), 0);
    CHECK(story_heard(FM_REPORT_LEFT_OPEN) != NULL);
    CHECK(!there());
    folder_remove();
}

static void serve_once(void)
{
    fm_listener *listener = listen_local();
    fm_serve_stop(listener);
    CHECK_INT(fm_serve(listener, NULL, NULL), 0);
}

STORY(a_server_that_has_ended_leaves_no_file)
{
    folder_make();
    serve_once();
    CHECK(!there());
    folder_remove();
}

/* A socket whose process was killed: bound, and nobody listens. */
static void leave_a_stale_one(void)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    memcpy(local.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_INT(bind(fd, (struct sockaddr *)&local, sizeof local), 0);
    CHECK_INT(listen(fd, 1), 0);
    close(fd);
    CHECK(there());
}

STORY(a_file_that_a_dead_server_has_left_is_replaced)
{
    if (test_simulated())
        return;
    folder_make();
    leave_a_stale_one();
    fm_listener *listener = listen_local();
    check_meets(listener);
    CHECK_INT(fm_listener_close(listener), 0);
    CHECK(!there());
    folder_remove();
}

/* Whoever may read a directory may lock it, and keep it so. */
STORY(a_lock_on_the_folder_does_not_hold_the_loop_up)
{
    fm_listener *listener = NULL;
    if (test_simulated())
        return;
    folder_make();
    leave_a_stale_one();
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CHECK_INT(flock(fd, LOCK_EX), 0);
    CHECK_INT(fm_listen(address, &listener), -EADDRINUSE);
    CHECK(there());
    close(fd);
    CHECK_INT(fm_listen(address, &listener), 0);
    CHECK_INT(fm_listener_close(listener), 0);
    folder_remove();
}

struct unlocker {
    int lock;
};

static int unlocker(struct unlocker *self)
{
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(close(self->lock), 0);
    return 0;
}

/* Another process is making its listener there just now. */
STORY(who_waits_for_a_folder_holds_no_other_task_up)
{
    if (test_simulated())
        return;
    folder_make();
    leave_a_stale_one();
    int lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CHECK_INT(flock(lock, LOCK_EX), 0);
    fm_task *task = fm_go(unlocker, lock);
    fm_listener *listener = listen_local();
    CHECK_INT(fm_await(task), 0);
    check_meets(listener);
    CHECK_INT(fm_listener_close(listener), 0);
    folder_remove();
}

STORY(who_waits_for_a_folder_may_be_cut)
{
    fm_listener *listener = NULL;
    int rc, listened = 0;
    if (test_simulated())
        return;
    folder_make();
    leave_a_stale_one();
    int lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CHECK_INT(flock(lock, LOCK_EX), 0);
    FM_TIMEOUT(0.001, rc) {
        listened = fm_listen(address, &listener);
    }
    CHECK_INT(listened, -ETIMEDOUT);
    CHECK(there() && listener == NULL);
    close(lock);
    CHECK_INT(unlink(path), 0);
    folder_remove();
}

STORY(the_file_of_a_living_server_is_never_replaced)
{
    folder_make();
    fm_listener *listener = listen_local(), *other = NULL;
    CHECK_INT(fm_listen(address, &other), -EADDRINUSE);
    check_meets(listener);
    CHECK_INT(fm_listener_close(listener), 0);
    CHECK(other == NULL);
    folder_remove();
}

STORY(what_is_no_socket_is_never_replaced)
{
    fm_listener *listener = NULL;
    if (test_simulated())
        return;
    folder_make();
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    CHECK_INT(write(fd, "kept", 4), 4);
    close(fd);
    CHECK_INT(fm_listen(address, &listener), -EADDRINUSE);
    CHECK(there());
    CHECK_INT(unlink(path), 0);
    CHECK_INT(symlink("nowhere", path), 0);
    CHECK_INT(fm_listen(address, &listener), -EADDRINUSE);
    CHECK(there());
    CHECK_INT(unlink(path), 0);
    CHECK(listener == NULL);
    folder_remove();
}

STORY(a_listener_does_not_remove_what_has_taken_its_place)
{
    if (test_simulated())
        return;
    folder_make();
    fm_listener *listener = listen_local();
    CHECK_INT(unlink(path), 0);
    fm_listener *other = listen_local();
    CHECK_INT(fm_listener_close(listener), 0);
    CHECK(there());
    check_meets(other);
    CHECK_INT(fm_listener_close(other), 0);
    CHECK(!there());
    folder_remove();
}

STORY(who_may_connect_is_what_the_mode_says)
{
    static const unsigned modes[] = {0600, 0660, 0666, 0777, 0700};
    if (test_simulated())
        return;
    folder_make();
    mode_t before = umask(027);
    CHECK_INT(fm_listener_close(listen_local()), 0);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        const fm_listen_options options = {.mode = modes[i]};
        fm_listener *listener = NULL;
        CHECK_INT(fm_listen(address, &listener, &options), 0);
        CHECK_INT(mode_of(), modes[i]);
        CHECK_INT(fm_listener_close(listener), 0);
    }
    fm_listener *listener = listen_local();
    CHECK_INT(mode_of(), 0750);
    CHECK_INT(fm_listener_close(listener), 0);
    umask(before);
    folder_remove();
}

STORY(a_folder_that_is_not_there_is_enoent)
{
    fm_listener *listener = NULL;
    if (test_simulated())
        return;
    CHECK_INT(fm_listen("unix:/nowhere/at/all", &listener), -ENOENT);
    CHECK(listener == NULL);
}

STORY(a_local_socket_is_not_shared)
{
    static const fm_listen_options shared = {.reuse_port = true};
    fm_listener *listener = NULL;
    CHECK_INT(fm_listen("unix:", &listener, &shared), -EOPNOTSUPP);
    CHECK(listener == NULL);
}

STORY(the_descriptors_of_local_sockets_end_with_an_exec)
{
    fm_listener *listener;
    fm_stream *client, *server;
    CHECK_INT(fm_listen("unix:", &listener), 0);
    meet(listener, &client, &server);
    if (!test_simulated()) {
        CHECK(fcntl(fm_stream_fd(client), F_GETFD) & FD_CLOEXEC);
        CHECK(fcntl(fm_stream_fd(server), F_GETFD) & FD_CLOEXEC);
    }
    part(client, server);
    CHECK_INT(fm_listener_close(listener), 0);
}

static int echo_once(fm_stream *client, void *arg)
{
    char byte;
    (void)arg;
    ssize_t n = fm_read(client, &byte, 1);
    return (int)(n > 0 ? fm_write(client, &byte, 1) : n);
}

struct server {
    fm_listener *listener;
};

static int server(struct server *self)
{
    return fm_serve(self->listener, echo_once, NULL);
}

struct caller {
    const char *at;
};

static int caller(struct caller *self)
{
    fm_stream *stream;
    char byte = 0;
    int rc = fm_connect(self->at, &stream);
    if (rc < 0)
        return rc;
    CHECK_INT(fm_write(stream, "x", 1), 1);
    CHECK_INT(fm_read(stream, &byte, 1), 1);
    CHECK_INT(byte, 'x');
    return fm_close(stream);
}

STORY(many_are_served_at_a_path)
{
    fm_listener *listener;
    int rc;
    CHECK_INT(fm_listen("unix:", &listener), 0);
    const char *at = where(listener);
    fm_task *host = fm_go(server, listener);
    FM_GROUP(group, rc) {
        for (int i = 0; rc == 0 && i < 50; i++)
            rc = fm_group_go(group, caller, at);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(fm_stop(host), -ECANCELED);
}

/* More than wait in a backlog of 1; nobody is refused, all wait. */
STORY(who_finds_a_full_backlog_waits_for_room)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    socklen_t size = sizeof local;
    fm_address at;
    int rc, served = 0;
    if (test_simulated())
        return; /* there a connect waits by itself */
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_INT(bind(fd, (struct sockaddr *)&local, sizeof(sa_family_t)), 0);
    CHECK_INT(listen(fd, 0), 0);
    CHECK_INT(getsockname(fd, (struct sockaddr *)&local, &size), 0);
    memset(&at, 0, sizeof at);
    memcpy(&at.storage, &local, size);
    at.size = size;
    char text[FM_ADDRESS_TEXT];
    fm_address_format(&at, text);
    FM_GROUP(group, rc) {
        for (int i = 0; rc == 0 && i < 5; i++)
            rc = fm_group_go(group, caller, text);
        for (; rc >= 0 && served < 5; served++) {
            rc = fm_wait_fd(fd, FM_READABLE);
            int peer = accept(fd, NULL, NULL);
            char byte;
            CHECK_INT(fm_wait_fd(peer, FM_READABLE), FM_READABLE);
            CHECK_INT(read(peer, &byte, 1), 1);
            CHECK_INT(write(peer, &byte, 1), 1);
            close(peer);
        }
        rc = rc < 0 ? rc : 0;
    }
    CHECK_INT(rc, 0);
    CHECK_INT(served, 5);
    close(fd);
}
