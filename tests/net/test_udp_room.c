/*
 * test_udp_room.c - who sends waits while there is no room
 *
 * By local sockets: a receiver of theirs that is slow holds its senders up,
 * where one of UDP loses what it has no room for.
 */
#include "net/datagrams.h"

#include "net/udp_record.h"

#include <sys/un.h>

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

STORY(a_local_socket_has_a_name_and_no_file)
{
    static const fm_udp_options defaults;
    struct fm__loop *loop = &fm__home->loop;
    struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "here"};
    fm_address address = {.storage.ss_family = AF_UNIX,
                          .size = sizeof(sa_family_t)};
    int fd = fm__udp_socket(loop, &address, &defaults);
    CHECK(fd >= 0);
    CHECK_INT(fm__loop_close_fd(loop, fd), 0);
    memcpy(&address.storage, &local, sizeof local);
    address.size = sizeof local;
    CHECK_INT(fm__udp_socket(loop, &address, &defaults), -EOPNOTSUPP);
}
