/*
 * test_udp_room.c - who sends waits while there is no room
 *
 * By local sockets: a receiver of theirs that is slow holds its senders up,
 * where one of UDP loses what it has no room for.
 */
#include "net/datagrams.h"

#include "base/fault.h"
#include "net/udp_record.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    ROOM_MANY = 2000 /* more than a queue holds: net.unix.max_dgram_qlen */
};

/* At a name that the system chooses. */
static fm_udp room_open(fm_address *own)
{
    struct fm__loop *loop = &fm__home->loop;
    fm_udp udp = {.loop = loop, .local = true};
    const struct sockaddr any = {.sa_family = AF_UNIX};
    udp.fd = loop->backend->socket(loop, AF_UNIX, SOCK_DGRAM);
    CHECK(udp.fd >= 0);
    CHECK_INT(loop->backend->bind(loop, udp.fd, &any, sizeof any.sa_family), 0);
    CHECK_INT(fm_udp_local(&udp, own), 0);
    return udp;
}

static void room_close(const fm_udp *udp)
{
    CHECK_INT(udp->loop->backend->close_fd(udp->loop, udp->fd), 0);
}

/* Sends numbers, and counts those that were sent. */
struct pusher {
    fm_udp *udp;
    int first;
    int count;
    int *sent;
};

static int pusher(struct pusher *self)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < self->count; i++) {
        int number = self->first + i;
        rc = fm_udp_send(self->udp, &number, sizeof number, NULL);
        *self->sent += rc == 0;
    }
    return rc;
}

static void room_hears(fm_udp *udp, int first, int count)
{
    for (int i = 0; i < count; i++) {
        int heard = -1;
        CHECK_INT(fm_udp_receive(udp, &heard, sizeof heard, NULL),
                  sizeof heard);
        CHECK_INT(heard, first + i);
    }
}

STORY(a_send_waits_for_room_and_loses_nothing)
{
    fm_address there, here;
    int sent = 0;
    fm_udp to = room_open(&there), from = room_open(&here);
    CHECK_INT(fm_udp_connect(&from, &there), 0);
    fm_task *task = fm_go(pusher, &from, 0, ROOM_MANY, &sent);
    udp_rest();
    CHECK(sent > 0 && sent < ROOM_MANY);
    room_hears(&to, 0, ROOM_MANY);
    CHECK_INT(fm_await(task), 0);
    room_close(&from);
    room_close(&to);
}

STORY(a_send_that_is_cut_while_it_waits_was_not_sent)
{
    fm_address there, here;
    int sent = 0, last = 0;
    fm_udp to = room_open(&there), from = room_open(&here);
    CHECK_INT(fm_udp_connect(&from, &there), 0);
    fm_task *task = fm_go(pusher, &from, 0, ROOM_MANY, &sent);
    udp_rest();
    CHECK_INT(fm_stop(task), -ECANCELED);
    room_hears(&to, 0, sent);
    task = fm_go(pusher, &from, sent, 1, &last);
    room_hears(&to, sent, 1);
    CHECK_INT(fm_await(task), 0);
    room_close(&from);
    room_close(&to);
}

STORY(senders_that_wait_are_served_in_order)
{
    fm_address there, here;
    fm_task *tasks[4];
    int sent = 0;
    fm_udp to = room_open(&there), from = room_open(&here);
    CHECK_INT(fm_udp_connect(&from, &there), 0);
    tasks[0] = fm_go(pusher, &from, 0, ROOM_MANY, &sent);
    udp_rest();
    for (int i = 1; i < 4; i++)
        tasks[i] = fm_go(pusher, &from, i * ROOM_MANY, 1, &sent);
    udp_rest();
    int before = sent; /* all of them the first one's */
    CHECK_INT(fm_stop(tasks[0]), -ECANCELED);
    room_hears(&to, 0, before);
    for (int i = 1; i < 4; i++) {
        room_hears(&to, i * ROOM_MANY, 1);
        CHECK_INT(fm_await(tasks[i]), 0);
    }
    room_close(&from);
    room_close(&to);
}

struct bulk {
    fm_udp *udp;
    ssize_t *sent;
};

static int bulk(struct bulk *self)
{
    static int numbers[ROOM_MANY];
    static fm_datagram list[ROOM_MANY];
    for (int i = 0; i < ROOM_MANY; i++) {
        numbers[i] = i;
        list[i] = (fm_datagram){.buf = &numbers[i], .size = sizeof numbers[i]};
    }
    *self->sent = fm_udp_send_batch(self->udp, list, ROOM_MANY);
    return *self->sent < 0 ? (int)*self->sent : 0;
}

STORY(a_batch_waits_for_room_and_says_how_far_it_came)
{
    fm_address there, here;
    ssize_t sent = 0;
    fm_udp to = room_open(&there), from = room_open(&here);
    CHECK_INT(fm_udp_connect(&from, &there), 0);
    fm_task *task = fm_go(bulk, &from, &sent);
    room_hears(&to, 0, ROOM_MANY);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(sent, ROOM_MANY);
    task = fm_go(bulk, &from, &sent);
    udp_rest();
    CHECK_INT(fm_stop(task), 0); /* some were sent: no failure */
    CHECK(sent > 0 && sent < ROOM_MANY);
    room_hears(&to, 0, (int)sent);
    room_close(&from);
    room_close(&to);
}

STORY(who_is_not_connected_is_told_that_there_is_no_room)
{
    fm_address there, here;
    int sent = 0, rc = 0;
    fm_udp to = room_open(&there), from = room_open(&here);
    while (rc == 0 && sent < ROOM_MANY) {
        rc = fm_udp_send(&from, &sent, sizeof sent, &there);
        sent += rc == 0;
    }
    CHECK_INT(rc, -EAGAIN);
    room_hears(&to, 0, sent);
    CHECK_INT(fm_udp_send(&from, &sent, sizeof sent, &there), 0);
    room_hears(&to, sent, 1);
    room_close(&from);
    room_close(&to);
}

STORY(a_send_that_waits_is_told_that_the_receiver_has_ended)
{
    fm_address there, here;
    int sent = 0;
    fm_udp *to = udp_at("unix:", &there, NULL);
    fm_udp *from = udp_at("unix:", &here, NULL);
    CHECK_INT(fm_udp_connect(from, &there), 0);
    fm_task *task = fm_go(pusher, from, 0, ROOM_MANY, &sent);
    udp_rest();
    CHECK(sent > 0 && sent < ROOM_MANY);
    fm_udp_close(to);
    CHECK_INT(fm_await(task), -ECONNREFUSED);
    fm_udp_close(from);
}

/* ---- Names, and files --------------------------------------------------- */

static char folder[] = "/tmp/fermata-XXXXXX";
static char path[sizeof folder + 8];
static char place[sizeof path + 5];

static void folder_make(void)
{
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    CHECK(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/socket", folder);
    snprintf(place, sizeof place, "unix:%s", path);
}

static void folder_remove(void)
{
    CHECK_INT(rmdir(folder), 0); /* it is empty */
}

static bool there(void)
{
    struct stat found;
    return lstat(path, &found) == 0;
}

/* It answers where it was called from. */
static void check_local(const char *one, const char *other)
{
    fm_address here, there_, from;
    char heard[16] = "", text[FM_ADDRESS_TEXT];
    fm_udp *server = udp_at(one, &here, NULL);
    fm_udp *client = udp_at(other, &there_, NULL);
    check_sends(client, "question", &here);
    CHECK_INT(fm_udp_receive(server, heard, sizeof heard, &from), 8);
    CHECK(udp_same(&from, &there_));
    check_sends(server, "answer", &from);
    check_hears(client, "answer");
    CHECK_INT(fm_udp_connect(client, &here), 0);
    CHECK_INT(fm_udp_peer(client, &from), 0);
    CHECK(udp_same(&from, &here));
    check_sends(client, "more", NULL);
    check_hears(server, "more");
    if (one == place)
        CHECK(strcmp(fm_address_format(&here, text), place) == 0);
    fm_udp_close(client);
    fm_udp_close(server);
}

STORY(local_sockets_of_a_path_and_of_a_name_talk)
{
    folder_make();
    check_local(place, "unix:");
    check_local("unix:", place);
    check_local("unix:", "unix:");
    folder_remove();
}

STORY(the_file_of_a_datagram_socket_is_removed_with_it)
{
    fm_udp *udp = NULL;
    fm_address own, gone;
    folder_make();
    udp = udp_at(place, &gone, NULL);
    CHECK(there());
    fm_udp_close(udp);
    CHECK(!there());
    udp = udp_at("unix:", &own, NULL);
    CHECK_INT(fm_udp_send(udp, "?", 1, &gone), -ENOENT);
    CHECK_INT(fm_udp_connect(udp, &gone), -ENOENT);
    fm_udp_close(udp);
    folder_remove();
}

static void leave_a_stale_one(int kind)
{
    fm_address own;
    CHECK_INT(fm_address_parse(place, &own), 0);
    int fd = socket(AF_UNIX, kind | SOCK_CLOEXEC, 0);
    const void *name = &own.storage;
    CHECK_INT(bind(fd, name, own.size), 0);
    close(fd);
    CHECK(there());
}

STORY(a_file_that_a_dead_datagram_socket_has_left_is_replaced)
{
    folder_make();
    for (int kind = SOCK_STREAM; kind <= SOCK_DGRAM; kind++) {
        leave_a_stale_one(kind);
        check_local(place, "unix:");
        CHECK(!there());
    }
    folder_remove();
}

STORY(the_file_of_a_living_socket_is_never_replaced)
{
    fm_address own;
    fm_udp *other = NULL;
    fm_listener *listener;
    folder_make();
    fm_udp *udp = udp_at(place, &own, NULL);
    CHECK_INT(fm_udp_open(place, &other), -EADDRINUSE);
    CHECK_INT(fm_listen(place, &listener), -EADDRINUSE);
    CHECK(there());
    fm_udp_close(udp);
    CHECK_INT(fm_listen(place, &listener), 0);
    CHECK_INT(fm_udp_open(place, &other), -EADDRINUSE);
    CHECK(there());
    CHECK_INT(fm_listener_close(listener), 0);
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    close(fd);
    CHECK_INT(fm_udp_open(place, &other), -EADDRINUSE);
    CHECK_INT(unlink(path), 0);
    CHECK(other == NULL);
    folder_remove();
    CHECK_INT(fm_udp_open(place, &other), -ENOENT);
}

/* The system forgets whom it was connected to. */
STORY(who_is_gone_stays_gone_and_nobody_is_no_address)
{
    fm_address there, here, again;
    fm_datagram batch = {.buf = "?", .size = 1};
    fm_udp *to = udp_at("unix:", &there, NULL);
    fm_udp *from = udp_at("unix:", &here, NULL);
    CHECK_INT(fm_udp_send(from, "?", 1, NULL), -EDESTADDRREQ);
    CHECK_INT(fm_udp_send_batch(from, &batch, 1), -EDESTADDRREQ);
    CHECK_INT(fm_udp_connect(from, &there), 0);
    fm_udp_close(to);
    for (int i = 0; i < 3; i++)
        CHECK_INT(fm_udp_send(from, "?", 1, NULL), -ECONNREFUSED);
    to = udp_at("unix:", &again, NULL);
    CHECK_INT(fm_udp_connect(from, &again), 0);
    check_sends(from, "hello", NULL);
    check_hears(to, "hello");
    CHECK_INT(fm_udp_connect(from, NULL), 0);
    CHECK_INT(fm_udp_send(from, "?", 1, NULL), -EDESTADDRREQ);
    fm_udp_close(from);
    fm_udp_close(to);
}

/* Each call that opens one fails once, at a free path and at a stale file. */
STORY(a_socket_that_cannot_have_its_path_leaves_no_file)
{
    const fm_udp_options options = {.mode = 0600};
    folder_make();
    for (uint64_t k = 1; k < 40; k++) {
        bool stale = k % 2 == 0;
        fm_udp *udp = NULL;
        struct fm__fault_plan plan = {.fail_at[FM__DOOR_SYSTEM] = (k + 1) / 2,
                                      .error = -ENFILE,
                                      .spare_waits = true};
        if (stale)
            leave_a_stale_one(SOCK_DGRAM);
        fm__fault_plan = &plan;
        int rc = fm_udp_open(place, &udp, &options);
        fm__fault_plan = NULL;
        CHECK(rc == 0 || rc == -ENFILE || (stale && rc == -EADDRINUSE));
        CHECK((udp != NULL) == (rc == 0));
        CHECK(rc == 0 ? there() : stale || !there());
        fm_udp_close(udp);
        CHECK(rc < 0 || !there());
        unlink(path);
    }
    folder_remove();
}

STORY(who_may_send_is_what_the_mode_says)
{
    const fm_udp_options options = {.mode = 0620};
    fm_address own;
    struct stat found = {.st_mode = 0};
    folder_make();
    fm_udp *udp = udp_at(place, &own, &options);
    CHECK_INT(lstat(path, &found), 0);
    CHECK_INT(found.st_mode & 07777, 0620);
    fm_udp_close(udp);
    folder_remove();
}

STORY(a_local_sender_without_a_name_is_told_as_such)
{
    fm_address own, from;
    fm_datagram batch = {.address.size = 7};
    char heard[8], text[FM_ADDRESS_TEXT];
    fm_udp *udp = udp_at("unix:", &own, &(fm_udp_options){.errors = true});
    const void *name = &own.storage;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    memset(&from, 0xff, sizeof from);
    for (int i = 0; i < 2; i++)
        CHECK_INT(sendto(fd, "hello", 5, 0, name, own.size), 5);
    close(fd);
    CHECK_INT(fm_udp_receive(udp, heard, sizeof heard, &from), 5);
    CHECK_INT(from.size, 0);
    CHECK(strcmp(fm_address_format(&from, text), "unix:") == 0);
    CHECK_INT(fm_udp_receive_batch(udp, &batch, 1), 1);
    CHECK_INT(batch.size, 5);
    CHECK_INT(batch.address.size, 0);
    fm_udp_close(udp);
}

static void left_open(void)
{
    fm_address own;
    (void)udp_at(place, &own, NULL);
}

TEST(a_datagram_socket_that_is_left_open_leaves_no_file)
{
    folder_make();
    CHECK_INT(story_run(left_open, (fm_run_options){0}), 0);
    CHECK(story_heard(FM_REPORT_LEFT_OPEN) != NULL);
    CHECK(!there());
    folder_remove();
}
