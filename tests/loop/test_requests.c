/*
 * test_requests.c - operations, buffers and descriptors of the public loop
 */
#include "harness.h"

#include <errno.h>
#include <fermata/loop.h>
#include <fermata/sleep.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

struct request {
    fm_op op;
    int done; /* how many times */
};

static fm_loop *open_loop(void)
{
    const fm_loop_options options = {.backend = test_backend(),
                                     .seed = test_seed(1)};
    fm_loop *loop = NULL;
    CHECK_INT(fm_loop_open(&loop, &options), 0);
    return loop;
}

static void request_done(fm_op *op)
{
    struct request *request = op->arg;
    request->done++;
}

static struct request *request_init(struct request *request, fm_op_kind kind,
                                    int fd)
{
    memset(request, 0, sizeof *request);
    request->op.kind = kind;
    request->op.fd = fd;
    request->op.done = request_done;
    request->op.arg = request;
    return request;
}

static void start(fm_loop *loop, struct request *request, void *buf,
                  size_t size)
{
    request->op.buf = buf;
    request->op.size = size;
    fm_op_start(loop, &request->op);
    CHECK_INT(request->done, 0);
}

static ssize_t finish(fm_loop *loop, struct request *request)
{
    while (request->done == 0)
        fm_loop_step(loop);
    CHECK_INT(request->done, 1);
    return request->op.result;
}

static ssize_t operate(fm_loop *loop, struct request *request, void *buf,
                       size_t size)
{
    start(loop, request, buf, size);
    return finish(loop, request);
}

static void look(fm_loop *loop)
{
    for (int i = 0; i < 5; i++)
        fm_loop_step(loop);
}

static void close_pair(fm_loop *loop, const int fds[2])
{
    CHECK_INT(fm_loop_close_fd(loop, fds[0]), 0);
    CHECK_INT(fm_loop_close_fd(loop, fds[1]), 0);
}

TEST(bytes_go_from_a_write_into_the_callers_buffer)
{
    fm_loop *loop = open_loop();
    struct request in, out;
    char text[] = "hold here", buf[32] = "";
    int fds[2];
    CHECK_INT(fm_loop_pair(loop, fds), 0);
    start(loop, request_init(&in, FM_OP_READ, fds[0]), buf, sizeof buf);
    ssize_t sent = operate(loop, request_init(&out, FM_OP_WRITE, fds[1]), text,
                           sizeof text);
    ssize_t got = finish(loop, &in);
    CHECK(sent > 0 && got > 0 && got <= sent);
    CHECK(memcmp(buf, text, (size_t)got) == 0);
    close_pair(loop, fds);
    fm_loop_close(loop);
}

TEST(received_bytes_lie_in_a_buffer_that_the_loop_lends)
{
    fm_loop *loop = open_loop();
    struct request in, out;
    char text[] = "x";
    int fds[2];
    CHECK_INT(fm_loop_pair(loop, fds), 0);
    start(loop, request_init(&in, FM_OP_RECEIVE, fds[0]), NULL, 0);
    operate(loop, request_init(&out, FM_OP_WRITE, fds[1]), text, 1);
    CHECK_INT(finish(loop, &in), 1);
    CHECK(in.op.buffer != NULL && *(char *)in.op.buf == 'x');
    fm_buffer_put(loop, in.op.buffer);
    fm_buffer_put(loop, NULL);
    CHECK_INT(fm_loop_close_fd(loop, fds[1]), 0);
    in.done = 0;
    in.op.buffer = NULL;
    CHECK_INT(operate(loop, &in, NULL, 0), 0);
    CHECK(in.op.buffer == NULL);
    CHECK_INT(fm_loop_close_fd(loop, fds[0]), 0);
    fm_loop_close(loop);
}

TEST(vectors_are_written_as_one)
{
    fm_loop *loop = open_loop();
    struct request in, out;
    char first[] = "hold ", second[] = "here", buf[16] = "";
    struct iovec parts[] = {{first, 5}, {second, 4}};
    int fds[2];
    CHECK_INT(fm_loop_pair(loop, fds), 0);
    ssize_t sent =
        operate(loop, request_init(&out, FM_OP_WRITEV, fds[1]), parts, 2);
    ssize_t got = operate(loop, request_init(&in, FM_OP_READ, fds[0]), buf, 9);
    CHECK(sent > 0 && got > 0 && got <= sent);
    CHECK(memcmp(buf, "hold here", (size_t)got) == 0);
    close_pair(loop, fds);
    fm_loop_close(loop);
}

static fm_address loopback(void)
{
    fm_address address = {.size = sizeof(struct sockaddr_in)};
    struct sockaddr_in *in = (struct sockaddr_in *)&address.storage;
    in->sin_family = AF_INET;
    in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

TEST(a_listener_accepts_who_connects)
{
    fm_loop *loop = open_loop();
    struct request incoming, outgoing;
    fm_address address = loopback(), own, peer;
    int listener = fm_loop_listen(loop, &address);
    CHECK(listener >= 0);
    CHECK_INT(fm_loop_address(loop, listener, &address), 0);
    int client = fm_loop_socket(loop, AF_INET);
    start(loop, request_init(&incoming, FM_OP_ACCEPT, listener), NULL, 0);
    CHECK_INT(operate(loop, request_init(&outgoing, FM_OP_CONNECT, client),
                      &address.storage, address.size),
              0);
    int served = (int)finish(loop, &incoming);
    CHECK(served >= 0);
    CHECK_INT(fm_loop_address(loop, client, &own), 0);
    CHECK_INT(fm_loop_peer(loop, served, &peer), 0);
    CHECK(own.size == peer.size &&
          memcmp(&own.storage, &peer.storage, own.size) == 0);
    CHECK_INT(fm_loop_shutdown(loop, client), 0);
    char byte;
    CHECK_INT(
        operate(loop, request_init(&incoming, FM_OP_READ, served), &byte, 1),
        0);
    CHECK_INT(fm_loop_close_fd(loop, served), 0);
    CHECK_INT(fm_loop_close_fd(loop, client), 0);
    CHECK_INT(fm_loop_close_fd(loop, listener), 0);
    fm_loop_close(loop);
}

TEST(an_address_that_is_taken_is_refused_and_nothing_stays_open)
{
    fm_loop *loop = open_loop();
    fm_address address = loopback();
    int listener = fm_loop_listen(loop, &address);
    CHECK_INT(fm_loop_address(loop, listener, &address), 0);
    CHECK_INT(fm_loop_listen(loop, &address), -EADDRINUSE);
    CHECK_INT(fm_loop_close_fd(loop, listener), 0);
    fm_loop_close(loop);
}

TEST(a_failure_is_the_result_and_done_is_called_later)
{
    fm_loop *loop = open_loop();
    struct request in;
    char byte;
    CHECK_INT(operate(loop, request_init(&in, FM_OP_READ, 9999), &byte, 1),
              -EBADF);
    fm_loop_close(loop);
}

TEST(a_cancelled_operation_still_ends_once)
{
    fm_loop *loop = open_loop();
    struct request in;
    char byte;
    int fds[2];
    CHECK_INT(fm_loop_pair(loop, fds), 0);
    start(loop, request_init(&in, FM_OP_READ, fds[0]), &byte, 1);
    look(loop);
    CHECK_INT(in.done, 0);
    fm_op_cancel(&in.op);
    fm_op_cancel(&in.op);
    CHECK_INT(in.done, 0);
    CHECK_INT(finish(loop, &in), -ECANCELED);
    fm_op_cancel(&in.op);
    look(loop);
    CHECK_INT(in.done, 1);
    close_pair(loop, fds);
    fm_loop_close(loop);
}

TEST(a_cancel_does_no_harm_to_a_record_that_was_never_started)
{
    struct request in;
    request_init(&in, FM_OP_READ, -1);
    fm_op_cancel(&in.op);
    CHECK_INT(in.done, 0);
}

TEST(what_had_succeeded_wins_over_a_cancel)
{
    fm_loop *loop = open_loop();
    struct request in, out;
    char byte = 'x', got = 0;
    int fds[2];
    CHECK_INT(fm_loop_pair(loop, fds), 0);
    operate(loop, request_init(&out, FM_OP_WRITE, fds[1]), &byte, 1);
    look(loop);
    start(loop, request_init(&in, FM_OP_READ, fds[0]), &got, 1);
    fm_op_cancel(&in.op);
    ssize_t rc = finish(loop, &in);
    CHECK(rc == -ECANCELED || (rc == 1 && got == 'x'));
    if (rc < 0)
        CHECK_INT(operate(loop, request_init(&in, FM_OP_READ, fds[0]), &got, 1),
                  1);
    CHECK_INT(got, 'x');
    close_pair(loop, fds);
    fm_loop_close(loop);
}

/* Reads all there is, one byte after the other, from its own `done`. */
struct reader {
    fm_op op;
    fm_loop *loop;
    char text[8];
    int count;
};

static void reader_read(fm_op *op)
{
    struct reader *reader = op->arg;
    reader->count += op->result > 0;
    if (op->result <= 0 || reader->count == 4) {
        fm_loop_stop(reader->loop);
        return;
    }
    op->buf = reader->text + reader->count;
    fm_op_start(reader->loop, op);
}

TEST(done_may_start_its_operation_again)
{
    struct reader reader = {.loop = open_loop()};
    struct request out;
    int fds[2];
    CHECK_INT(fm_loop_pair(reader.loop, fds), 0);
    reader.op = (fm_op){.kind = FM_OP_READ,
                        .fd = fds[0],
                        .buf = reader.text,
                        .size = 1,
                        .done = reader_read,
                        .arg = &reader};
    fm_op_start(reader.loop, &reader.op);
    char text[] = "hold";
    size_t sent = 0;
    while (sent < 4)
        sent += (size_t)operate(reader.loop,
                                request_init(&out, FM_OP_WRITE, fds[1]),
                                text + sent, 4 - sent);
    if (reader.count < 4)
        fm_loop_run(reader.loop);
    CHECK(memcmp(reader.text, "hold", 4) == 0);
    close_pair(reader.loop, fds);
    fm_loop_close(reader.loop);
}

/* Its record and its descriptor go with its end. */
struct resident {
    fm_op op;
    fm_loop *loop;
    int *left;
    char byte;
};

static void resident_leave(fm_op *op)
{
    struct resident *resident = op->arg;
    CHECK(op->result == -ECANCELED || op->result == 0);
    CHECK_INT(fm_loop_close_fd(resident->loop, op->fd), 0);
    --*resident->left;
    free(resident);
}

static void settle(fm_loop *loop, int fd, int *left)
{
    struct resident *resident = calloc(1, sizeof *resident);
    resident->loop = loop;
    resident->left = left;
    resident->op = (fm_op){.kind = FM_OP_READ,
                           .fd = fd,
                           .buf = &resident->byte,
                           .size = 1,
                           .done = resident_leave,
                           .arg = resident};
    fm_op_start(loop, &resident->op);
    ++*left;
}

TEST(a_close_cancels_what_is_in_flight_and_tells_it)
{
    fm_loop *loop = open_loop();
    int left = 0;
    for (int i = 0; i < 3; i++) {
        int fds[2];
        CHECK_INT(fm_loop_pair(loop, fds), 0);
        settle(loop, fds[0], &left);
        settle(loop, fds[1], &left);
    }
    look(loop);
    CHECK_INT(left, 6);
    fm_loop_close(loop);
    CHECK_INT(left, 0);
}

/* Starts again whatever happens, until it hears that the loop closes. */
static void insist(fm_op *op)
{
    struct resident *resident = op->arg;
    if (++*resident->left < 3)
        fm_op_start(resident->loop, op);
}

TEST(what_is_started_while_the_loop_closes_is_cancelled_at_once)
{
    fm_loop *loop = open_loop();
    int ends = 0, fds[2];
    struct resident resident = {.loop = loop, .left = &ends};
    CHECK_INT(fm_loop_pair(loop, fds), 0);
    CHECK_INT(fm_loop_close_fd(loop, fds[1]), 0);
    resident.op = (fm_op){
        .kind = FM_OP_ACCEPT, .fd = 9999, .done = insist, .arg = &resident};
    fm_op_start(loop, &resident.op);
    CHECK_INT(fm_loop_close_fd(loop, fds[0]), 0);
    fm_loop_close(loop);
    CHECK_INT(ends, 3);
    CHECK_INT(resident.op.result, -ECANCELED);
}

TEST(a_foreign_descriptor_is_adopted_and_given_back)
{
    fm_loop *loop = open_loop(), *other = open_loop();
    struct request in, out;
    char byte = 'x', got = 0;
    int fds[2];
    if (test_simulated()) {
        CHECK(fm_loop_adopt(loop, 0) < 0);
    } else {
        CHECK_INT(fm_loop_pair(loop, fds), 0);
        fm_loop_forget(loop, fds[1]);
        CHECK_INT(fm_loop_adopt(other, fds[1]), 0);
        operate(other, request_init(&out, FM_OP_WRITE, fds[1]), &byte, 1);
        operate(loop, request_init(&in, FM_OP_READ, fds[0]), &got, 1);
        CHECK_INT(got, 'x');
        CHECK_INT(fm_loop_close_fd(loop, fds[0]), 0);
        CHECK_INT(fm_loop_close_fd(other, fds[1]), 0);
        CHECK_INT(fm_loop_adopt(loop, 9999), -EBADF);
    }
    fm_loop_close(other);
    fm_loop_close(loop);
}

/* ---- Misuse ------------------------------------------------------------- */

static void start_twice(void *arg)
{
    struct request in;
    fm_loop *loop = open_loop();
    char byte;
    int fds[2];
    (void)arg;
    fm_loop_pair(loop, fds);
    start(loop, request_init(&in, FM_OP_READ, fds[0]), &byte, 1);
    fm_op_start(loop, &in.op);
}

TEST(an_operation_in_flight_cannot_be_started_again)
{
    CHECK_DIES(start_twice, NULL, "the operation is in flight already");
}

static void start_nothing(void *arg)
{
    fm_op op = {.done = request_done};
    (void)arg;
    fm_op_start(open_loop(), &op);
}

TEST(an_operation_without_a_kind_is_refused_with_a_sentence)
{
    CHECK_DIES(start_nothing, NULL, "no operation is called 0");
}

static void keep_a_buffer(void *arg)
{
    struct request in, out;
    fm_loop *loop = open_loop();
    char byte = 'x';
    int fds[2];
    (void)arg;
    fm_loop_pair(loop, fds);
    operate(loop, request_init(&out, FM_OP_WRITE, fds[1]), &byte, 1);
    operate(loop, request_init(&in, FM_OP_RECEIVE, fds[0]), NULL, 0);
    close_pair(loop, fds);
    fm_loop_close(loop);
}

TEST(a_loop_is_not_closed_while_a_buffer_is_lent)
{
    CHECK_DIES(keep_a_buffer, NULL, "closed with 1 buffers lent");
}
