/*
 * test_tls_tickets.c - what a server sends when a client expects nothing
 *
 * A stranger's tickets: in halves, and unread.
 */
#include "io/stream_record.h"
#include "net/tls_record.h"
#include "tls_lab.h"

#include <sys/epoll.h>

/* ---- In halves ---------------------------------------------------------- */

static int half_ticket(SSL *ssl, void *arg)
{
    static const char much[600];
    (void)arg;
    return SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl), much,
                                           sizeof much);
}

/* A ticket in several records, into bytes: its size. */
static int half_make(struct stranger *peer, char *bytes, int size)
{
    CHECK_INT(SSL_set_max_send_fragment(peer->ssl, 512), 1);
    CHECK_INT(SSL_new_session_ticket(peer->ssl), 1);
    CHECK_INT(SSL_do_handshake(peer->ssl), 1);
    return BIO_read(SSL_get_wbio(peer->ssl), bytes, size);
}

/* Ours, whose one task reads while the other writes. */
struct half_ours {
    fm_stream *stream;
    fm_tls *tls;
    size_t size; /* to be written */
};

static char half_much[100000];

static int half_reader(void *stream)
{
    char heard[8];
    return (int)fm_read(stream, heard, sizeof heard);
}

static int half_ours(struct half_ours *self)
{
    CHECK_INT(fm_start_tls(self->stream, self->tls,
                           &(fm_tls_start_options){.server_name = LAB_NAME}),
              0);
    fm_task *reader = fm_start(half_reader, self->stream);
    while (SSL_in_init(fm__tls_engine(self->stream)->ssl) == 0)
        CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_write(self->stream, half_much, self->size), self->size);
    CHECK_INT(fm_flush(self->stream), 0);
    CHECK_INT(fm_await(reader), 6);
    return fm_close(self->stream);
}

/* The other half follows when the write is under way. */
static void half_write(struct lab *lab, size_t size)
{
    char bytes[4096];
    fm_stream *client, *server;
    meet(lab->listener, &client, &server);
    struct stranger peer = stranger_make(lab->their_server, server);
    fm_task *task = fm_go(half_ours, client, lab->client, size);
    SSL_set_accept_state(peer.ssl);
    CHECK_INT(stranger_shake(&peer), 0);
    int made = half_make(&peer, bytes, sizeof bytes);
    CHECK(made > 534);
    CHECK_INT(fm_write(server, bytes, 534), 534);
    while (client->queued == 0)
        CHECK_INT(fm_yield(), 0);
    for (int i = 0; i < 5; i++)
        CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_write(server, bytes + 534, (size_t)made - 534), made - 534);
    for (size_t heard = 0; heard < size;) {
        ssize_t n = stranger_read(&peer, bytes, sizeof bytes);
        CHECK(n > 0);
        heard += n > 0 ? (size_t)n : size;
    }
    CHECK_INT(stranger_write(&peer, "thanks", 6), 6);
    CHECK_INT(fm_await(task), 0);
    stranger_free(&peer);
    fm_abort(server);
}

STORY(between_the_halves_of_a_ticket_one_may_write)
{
    struct lab lab = lab_open();
    SSL_CTX_set_num_tickets(lab.their_server, 0);
    SSL_CTX_set_session_ticket_cb(lab.their_server, half_ticket, NULL, NULL);
    half_write(&lab, 1);
    half_write(&lab, 20000);
    half_write(&lab, sizeof half_much);
    lab_close(&lab);
}

/* ---- Tickets ------------------------------------------------------------ */

/* More than the server's system takes at once. */
static char last_words[30000];

struct last_ours {
    fm_stream *stream;
    fm_tls *tls;
    bool *tickets; /* have left */
};

/* A backend may have taken them from the system before they are asked for. */
static bool last_readable(const fm_stream *stream)
{
    struct fm__loop *loop = stream->loop;
    return loop->backend->events(loop, stream->fd, EPOLLIN) > 0;
}

static int last_ours(struct last_ours *self)
{
    CHECK_INT(fm_start_tls(self->stream, self->tls,
                           &(fm_tls_start_options){.server_name = LAB_NAME}),
              0);
    while (!*self->tickets)
        CHECK_INT(fm_yield(), 0);
    for (int i = 0; i < 100 && !last_readable(self->stream); i++)
        CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_write(self->stream, last_words, sizeof last_words),
              sizeof last_words);
    CHECK_INT(fm_write_eof(self->stream), 0);
    return fm_close(self->stream);
}

/* Unread, they would make the system reset the connection. */
STORY(what_was_said_before_an_end_is_not_lost_for_tickets)
{
    char heard[4096];
    ssize_t n;
    size_t all = 0;
    bool tickets = false;
    fm_stream *client, *server;
    struct lab lab = lab_open();
    const fm_listen_options small = {.stream.receive_buffer = 4096};
    const fm_connect_options large = {.stream.send_buffer = 1 << 20,
                                      .stream.high_water = 1 << 20};
    fm_listener *listener;
    CHECK_INT(fm_listen("127.0.0.1:0", &listener, &small), 0);
    CHECK_INT(fm_connect(where(listener), &client, &large), 0);
    CHECK_INT(fm_accept(listener, &server), 0);
    fm_task *task = fm_go(last_ours, client, lab.client, &tickets);
    struct stranger peer = stranger_make(lab.their_server, server);
    SSL_set_accept_state(peer.ssl);
    CHECK_INT(stranger_shake(&peer), 0);
    CHECK_INT(fm_flush(server), 0);
    tickets = true;
    CHECK_INT(fm_await(task), 0);
    while ((n = stranger_read(&peer, heard, sizeof heard)) > 0)
        all += (size_t)n;
    CHECK_INT(n, 0);
    CHECK_INT(all, sizeof last_words);
    stranger_free(&peer);
    fm_abort(server);
    CHECK_INT(fm_listener_close(listener), 0);
    lab_close(&lab);
}
