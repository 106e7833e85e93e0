/*
 * test_unix.c - who calls, and descriptors that go with bytes
 */
#include "neighbours.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

/* Two ends of a local socket that take so many descriptors. */
static void meet_local(unsigned descriptors, fm_stream *ends[2])
{
    const fm_listen_options listen = {.stream.descriptors = descriptors};
    const fm_connect_options connect = {.stream = listen.stream};
    fm_listener *listener = NULL;
    CHECK_INT(fm_listen("unix:", &listener, &listen), 0);
    if (listener == NULL)
        abort();
    CHECK_INT(fm_connect(where(listener), &ends[0], &connect), 0);
    CHECK_INT(fm_accept(listener, &ends[1]), 0);
    CHECK_INT(fm_listener_close(listener), 0);
}

/* ---- Who calls ---------------------------------------------------------- */

STORY(both_ends_know_who_the_other_is)
{
    fm_stream *ends[2];
    meet_local(0, ends);
    for (int i = 0; i < 2; i++) {
        fm_credentials who = {0, 0, 0};
        CHECK_INT(fm_stream_credentials(ends[i], &who), 0);
        CHECK_INT(who.process, getpid());
        CHECK_INT(who.user, geteuid());
        CHECK_INT(who.group, getegid());
    }
    part(ends[0], ends[1]);
}

STORY(only_local_sockets_know_who_calls)
{
    fm_listener *listener = listen_here();
    fm_stream *client, *server, *pipe[2], *pair[2];
    fm_credentials who = {1, 2, 3};
    meet(listener, &client, &server);
    CHECK_INT(fm_pipe(pipe), 0);
    CHECK_INT(fm_stream_pair(pair), 0);
    CHECK_INT(fm_stream_credentials(client, &who), -EOPNOTSUPP);
    CHECK_INT(fm_stream_credentials(server, &who), -EOPNOTSUPP);
    CHECK_INT(fm_stream_credentials(pipe[0], &who), -EOPNOTSUPP);
    CHECK_INT(fm_stream_credentials(pair[0], &who), -EOPNOTSUPP);
    CHECK(who.process == 1 && who.user == 2 && who.group == 3);
    part(client, server);
    part(pipe[0], pipe[1]);
    part(pair[0], pair[1]);
    CHECK_INT(fm_listener_close(listener), 0);
}

/* ---- Descriptors -------------------------------------------------------- */

/* A pipe: who reads its last byte sees the end when no writer is left. */
struct thing {
    int reader;
    int writer;
};

static struct thing thing_make(void)
{
    int fds[2];
    CHECK_INT(pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
    return (struct thing){fds[0], fds[1]};
}

/* Sends the writer, and keeps none. */
static void thing_send(struct thing *thing, fm_stream *stream, const char *text)
{
    size_t size = strlen(text);
    CHECK_INT(fm_send_descriptor(stream, thing->writer, text, size), size);
    CHECK_INT(close(thing->writer), 0);
    thing->writer = -1;
}

static bool thing_is_dropped(const struct thing *thing)
{
    char byte;
    return read(thing->reader, &byte, 1) == 0;
}

/* The descriptor is the thing's writer; closes it. */
static void check_is(const struct thing *thing, int fd)
{
    char byte = 0;
    CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    CHECK_INT(write(fd, "x", 1), 1);
    CHECK_INT(read(thing->reader, &byte, 1), 1);
    CHECK_INT(byte, 'x');
    CHECK_INT(close(fd), 0);
    CHECK(thing_is_dropped(thing));
}

static void check_nothing_left(struct thing *thing)
{
    CHECK(thing_is_dropped(thing));
    close(thing->reader);
}

static void check_reads(fm_stream *stream, const char *text)
{
    char heard[64] = "";
    size_t size = strlen(text);
    CHECK_INT(fm_read_exactly(stream, heard, size), size);
    CHECK(strcmp(heard, text) == 0);
}

STORY(a_descriptor_comes_with_its_bytes)
{
    fm_stream *ends[2];
    int fd = -1;
    if (test_simulated())
        return; /* there are none */
    struct thing thing = thing_make();
    meet_local(1, ends);
    CHECK_INT(fm_write(ends[0], "before ", 7), 7);
    thing_send(&thing, ends[0], "this");
    CHECK_INT(fm_write(ends[0], " after", 6), 6);
    CHECK_INT(fm_receive_descriptor(ends[1], &fd), 0);
    check_reads(ends[1], "before this after");
    check_is(&thing, fd);
    CHECK_INT(fm_receive_descriptor_try(ends[1], &fd), -EAGAIN);
    part(ends[0], ends[1]);
    check_nothing_left(&thing);
}

STORY(it_is_there_when_its_bytes_have_been_read)
{
    fm_stream *ends[2];
    int fd = -1;
    if (test_simulated())
        return;
    struct thing thing = thing_make();
    meet_local(1, ends);
    CHECK_INT(fm_receive_descriptor_try(ends[1], &fd), -EAGAIN);
    thing_send(&thing, ends[0], "t");
    check_reads(ends[1], "t");
    CHECK_INT(fm_receive_descriptor_try(ends[1], &fd), 0);
    check_is(&thing, fd);
    part(ends[0], ends[1]);
    check_nothing_left(&thing);
}

#define MANY 20

/* Bytes and descriptors, a few at once, in order. */
STORY(descriptors_and_bytes_keep_their_order)
{
    fm_stream *ends[2];
    struct thing things[MANY];
    if (test_simulated())
        return;
    meet_local(MANY, ends);
    for (int i = 0; i < MANY; i++)
        things[i] = thing_make();
    for (int i = 0; i < MANY; i += 4) {
        int fds[4];
        for (int k = 0; k < 4; k++)
            fds[k] = things[i + k].writer;
        CHECK_INT(fm_write(ends[0], "plain", 5), 5);
        CHECK_INT(
            fm_send_descriptors(ends[0], &(fm_descriptors){fds, 4}, "four", 4),
            4);
        for (int k = 0; k < 4; k++)
            close(fds[k]);
    }
    CHECK_INT(fm_write_eof(ends[0]), 0);
    for (int i = 0; i < MANY; i++) {
        int fd = -1;
        if (i % 4 == 0)
            check_reads(ends[1], "plainfour");
        CHECK_INT(fm_receive_descriptor(ends[1], &fd), 0);
        check_is(&things[i], fd);
        close(things[i].reader);
    }
    int none = -1;
    CHECK_INT(fm_receive_descriptor(ends[1], &none), -FM_EEOF);
    CHECK_INT(none, -1);
    part(ends[0], ends[1]);
}

/* At the limit of one message, and one past it; likewise of none. */
STORY(at_most_253_are_sent_at_once)
{
    fm_stream *ends[2];
    int fds[FM_DESCRIPTORS_LIMIT + 1], fd = -1, count = 0;
    if (test_simulated())
        return;
    struct thing thing = thing_make();
    meet_local(FM_DESCRIPTORS_LIMIT, ends);
    for (size_t i = 0; i <= FM_DESCRIPTORS_LIMIT; i++)
        fds[i] = thing.writer;
    fm_descriptors with = {fds, FM_DESCRIPTORS_LIMIT + 1};
    CHECK_INT(fm_send_descriptors(ends[0], &with, "x", 1), -EINVAL);
    with.count = 0;
    CHECK_INT(fm_send_descriptors(ends[0], &with, "x", 1), -EINVAL);
    CHECK_INT(fm_send_descriptor(ends[0], thing.writer, "", 0), -EINVAL);
    CHECK_INT(fm_send_descriptor(ends[0], 1 << 29, "x", 1), -EBADF);
    with.count = FM_DESCRIPTORS_LIMIT;
    CHECK_INT(fm_send_descriptors(ends[0], &with, "x", 1), 1);
    CHECK_INT(fm_receive_descriptor(ends[1], &fd), 0);
    do {
        close(fd);
        count++;
    } while (fm_receive_descriptor_try(ends[1], &fd) == 0);
    CHECK_INT(count, FM_DESCRIPTORS_LIMIT);
    close(thing.writer);
    part(ends[0], ends[1]);
    check_nothing_left(&thing);
}

/* As many as the stream takes, and one more. */
STORY(more_than_a_stream_takes_are_closed_and_told)
{
    fm_stream *ends[2];
    struct thing things[4];
    int fd = -1;
    if (test_simulated())
        return;
    meet_local(3, ends);
    for (int i = 0; i < 4; i++) {
        things[i] = thing_make();
        thing_send(&things[i], ends[0], "x");
    }
    check_reads(ends[1], "xxx");
    CHECK_INT(fm_read(ends[1], &(char){0}, 1), -EBADMSG);
    CHECK_INT(fm_read(ends[1], &(char){0}, 1), -EBADMSG);
    CHECK(thing_is_dropped(&things[3]));
    CHECK_INT(fm_receive_descriptor(ends[1], &fd), 0);
    check_is(&things[0], fd);
    part(ends[0], ends[1]);
    for (int i = 0; i < 4; i++)
        check_nothing_left(&things[i]);
}

/* Of those that came together none is kept where one is too many. */
STORY(a_message_of_too_many_is_refused_as_a_whole)
{
    fm_stream *ends[2];
    struct thing things[2];
    int fd = -1;
    if (test_simulated())
        return;
    meet_local(1, ends);
    for (int i = 0; i < 2; i++)
        things[i] = thing_make();
    int fds[2] = {things[0].writer, things[1].writer};
    CHECK_INT(fm_send_descriptors(ends[0], &(fm_descriptors){fds, 2}, "x", 1),
              1);
    close(fds[0]);
    close(fds[1]);
    CHECK_INT(fm_receive_descriptor(ends[1], &fd), -EBADMSG);
    for (int i = 0; i < 2; i++)
        check_nothing_left(&things[i]);
    part(ends[0], ends[1]);
}

STORY(without_a_free_descriptor_they_are_closed_and_told)
{
    struct rlimit before, none;
    fm_stream *ends[2];
    int fd = -1;
    if (test_simulated() || test_under_valgrind())
        return; /* valgrind's limit of descriptors is not the kernel's */
    struct thing thing = thing_make();
    meet_local(1, ends);
    thing_send(&thing, ends[0], "x");
    CHECK_INT(getrlimit(RLIMIT_NOFILE, &before), 0);
    int free = dup(thing.reader);
    close(free);
    none = (struct rlimit){(rlim_t)free, before.rlim_max};
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &none), 0);
    int rc = fm_receive_descriptor(ends[1], &fd);
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &before), 0);
    CHECK_INT(rc, -EBADMSG);
    part(ends[0], ends[1]);
    check_nothing_left(&thing);
}

STORY(who_did_not_ask_for_descriptors_gets_none)
{
    fm_stream *ends[2];
    int fd = -1;
    if (test_simulated())
        return;
    struct thing thing = thing_make();
    meet_local(0, ends);
    thing_send(&thing, ends[0], "bytes");
    check_reads(ends[1], "bytes");
    CHECK(thing_is_dropped(&thing));
    CHECK_INT(fm_receive_descriptor(ends[1], &fd), -EOPNOTSUPP);
    CHECK_INT(fm_receive_descriptor_try(ends[1], &fd), -EOPNOTSUPP);
    CHECK_INT(fd, -1);
    part(ends[0], ends[1]);
    check_nothing_left(&thing);
}

struct listen_for {
    fm_stream *stream;
    const char *text;
};

static int listen_for(struct listen_for *self)
{
    check_reads(self->stream, self->text);
    return 0;
}

/* A read ends where they were, and more has arrived behind. */
STORY(descriptors_that_nobody_asked_for_hold_no_byte_up)
{
    fm_stream *ends[2];
    struct thing things[2];
    if (test_simulated())
        return;
    meet_local(0, ends);
    fm_task *waits = fm_go(listen_for, ends[1], "zero");
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_write(ends[0], "zero", 4), 4);
    CHECK_INT(fm_await(waits), 0);
    for (int i = 0; i < 2; i++) {
        things[i] = thing_make();
        thing_send(&things[i], ends[0], "one");
    }
    CHECK_INT(fm_write(ends[0], "two", 3), 3);
    CHECK_INT(fm_flush(ends[0]), 0);
    check_reads(ends[1], "oneonetwo");
    part(ends[0], ends[1]);
    for (int i = 0; i < 2; i++)
        check_nothing_left(&things[i]);
}

STORY(what_nobody_took_is_closed_with_the_stream)
{
    fm_stream *ends[2];
    if (test_simulated())
        return;
    for (int i = 0; i < 3; i++) {
        struct thing thing = thing_make();
        meet_local(2, ends);
        thing_send(&thing, ends[0], "x");
        if (i > 0)
            check_reads(ends[1], "x");
        if (i > 1)
            fm_abort(ends[1]);
        else
            CHECK_INT(fm_close(ends[1]), 0);
        CHECK_INT(fm_close(ends[0]), 0);
        check_nothing_left(&thing);
    }
}

STORY(only_local_sockets_send_descriptors)
{
    fm_listener *listener = listen_here();
    fm_stream *client, *server, *pair[2];
    meet(listener, &client, &server);
    CHECK_INT(fm_stream_pair(pair), 0);
    CHECK_INT(fm_send_descriptor(client, 0, "x", 1), -EOPNOTSUPP);
    CHECK_INT(fm_send_descriptor(pair[0], 0, "x", 1), -EOPNOTSUPP);
    CHECK_INT(fm_write_eof(client), 0);
    CHECK_INT(fm_send_descriptor(client, 0, "x", 1), -EPIPE);
    part(client, server);
    part(pair[0], pair[1]);
    CHECK_INT(fm_listener_close(listener), 0);
}

struct leaver {
    fm_stream *stream;
};

/* Hears the beginning, and resets. */
static int leaver(struct leaver *self)
{
    char byte;
    CHECK_INT(fm_read(self->stream, &byte, 1), 1);
    fm_abort(self->stream);
    return 0;
}

STORY(a_sender_whose_peer_leaves_in_the_middle_is_told)
{
    static char bytes[4 << 20];
    fm_stream *ends[2];
    if (test_simulated())
        return;
    meet_local(1, ends);
    fm_task *task = fm_go(leaver, ends[1]);
    ssize_t rc = fm_send_descriptor(ends[0], 0, bytes, sizeof bytes);
    CHECK(rc == -EPIPE || rc == -ECONNRESET);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(fm_close(ends[0]), 0);
}

/* ---- Cuts --------------------------------------------------------------- */

STORY(a_sender_that_is_cut_has_sent_none)
{
    static char bytes[16384], heard[16384];
    fm_stream *ends[2];
    int rc, fd = -1;
    ssize_t n = 0;
    if (test_simulated())
        return;
    struct thing thing = thing_make();
    meet_local(1, ends);
    while (n >= 0) {
        FM_TIMEOUT(story_span(2), rc) {
            n = fm_write(ends[0], bytes, sizeof bytes);
            n = n < 0 ? n : fm_flush(ends[0]);
        }
    }
    CHECK_INT(n, -ETIMEDOUT);
    FM_TIMEOUT(story_span(2), rc) {
        rc = (int)fm_send_descriptor(ends[0], thing.writer, "x", 1);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    close(thing.writer);
    CHECK(thing_is_dropped(&thing));
    fm_abort(ends[0]);
    while (fm_read(ends[1], heard, sizeof heard) > 0)
        ;
    CHECK_INT(fm_receive_descriptor_try(ends[1], &fd), -EAGAIN);
    CHECK_INT(fm_close(ends[1]), 0);
    close(thing.reader);
}

/* One receives, and is cancelled and begun again all the time. */
struct collector {
    fm_stream *stream;
    int *fds;
    int *count;
};

static int collector(struct collector *self)
{
    int rc = 0;
    while (rc == 0) {
        rc = fm_receive_descriptor(self->stream, &self->fds[*self->count]);
        *self->count += rc == 0;
    }
    return rc;
}

#define CUTS 60

STORY(a_receiver_cancelled_anywhere_loses_no_descriptor)
{
    fm_stream *ends[2];
    struct thing things[CUTS];
    int fds[CUTS + 1], count = 0, sent = 0;
    if (test_simulated())
        return;
    meet_local(CUTS, ends);
    for (int i = 0; sent < CUTS; i++) {
        fm_task *task = fm_go(collector, ends[1], fds, &count);
        for (int k = i % 4; k > 0; k--)
            CHECK_INT(fm_yield(), 0);
        things[sent] = thing_make();
        thing_send(&things[sent++], ends[0], "some bytes");
        for (int k = i % 3; k > 0; k--)
            CHECK_INT(fm_yield(), 0);
        CHECK_INT(fm_stop(task), -ECANCELED);
    }
    CHECK_INT(fm_write_eof(ends[0]), 0);
    CHECK_INT(fm_await(fm_go(collector, ends[1], fds, &count)), -FM_EEOF);
    CHECK_INT(count, CUTS);
    for (int i = 0; i < count; i++)
        check_is(&things[i], fds[i]);
    for (int i = 0; i < CUTS; i++)
        close(things[i].reader);
    for (int i = 0; i < CUTS; i++)
        check_reads(ends[1], "some bytes");
    part(ends[0], ends[1]);
}
