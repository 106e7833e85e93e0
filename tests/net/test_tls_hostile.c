/*
 * test_tls_hostile.c - peers that break off, babble, lie, or say nothing
 *
 * One side is ours and must end with the right error, or go on; the other one
 * is a stranger, or no TLS at all.
 */
#include "io/stream_record.h"
#include "net/tls_record.h"
#include "tls_lab.h"

#include <sys/epoll.h>

/* ---- A guest of our server ---------------------------------------------- */

struct guest {
    fm_stream *stream;
    fm_task *task; /* our server's */
};

static struct guest guest_enter(const struct lab *lab, fm_tls *tls)
{
    struct guest guest;
    fm_stream *server;
    meet(lab->listener, &guest.stream, &server);
    guest.task = fm_go(ours, server, tls, NULL);
    return guest;
}

/* What our server came to, when its guest has gone. */
static int guest_leave(struct guest *guest)
{
    int rc = fm_await(guest->task);
    fm_abort(guest->stream);
    return rc;
}

static void hear_the_end(fm_stream *stream)
{
    char buf[256];
    while (fm_read(stream, buf, sizeof buf) > 0)
        ;
}

/* Our server's result for a peer that says that, and waits for an answer. */
static int server_hears(const struct lab *lab, const void *bytes, size_t size)
{
    struct guest guest = guest_enter(lab, lab->server);
    CHECK_INT(fm_write(guest.stream, bytes, size), size);
    hear_the_end(guest.stream);
    return guest_leave(&guest);
}

/* And our client's, from a server that does. */
static int client_hears(const struct lab *lab, const void *bytes, size_t size)
{
    fm_stream *client, *server;
    meet(lab->listener, &client, &server);
    fm_task *task = fm_go(ours, client, lab->client, LAB_NAME);
    CHECK_INT(fm_write(server, bytes, size), size);
    hear_the_end(server);
    int rc = fm_await(task);
    fm_abort(server);
    return rc;
}

/* ---- What is no TLS ----------------------------------------------------- */

STORY(who_speaks_http_or_anything_else_is_told_apart)
{
    static const char *const texts[] = {
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "220 mail.example.test ESMTP ready\r\n",
        "\x80\x80\x80\x80\x80\x80\x80\x80",
    };
    struct lab lab = lab_open();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size_t size = strlen(texts[i]);
        CHECK_INT(server_hears(&lab, texts[i], size), -FM_ENOTTLS);
        CHECK_INT(client_hears(&lab, texts[i], size), -FM_ENOTTLS);
    }
    lab_close(&lab);
}

STORY(garbage_is_refused_whatever_it_is)
{
    struct lab lab = lab_open();
    uint64_t state = test_seed(7);
    for (size_t i = 0; i < test_many(50); i++) {
        unsigned char bytes[600];
        for (size_t at = 0; at < sizeof bytes; at++)
            bytes[at] = (unsigned char)test_random(&state);
        int rc = server_hears(&lab, bytes, sizeof bytes);
        CHECK(rc == -FM_ENOTTLS || rc == -FM_ETLS || rc == -FM_EVERSION);
    }
    lab_close(&lab);
}

/* A record's head, and as many bytes as a record may have, and some. */
STORY(a_record_that_is_too_long_is_refused_by_its_head)
{
    static const unsigned char head[] = {22, 3, 1, 0xff, 0xff, 1, 0, 0};
    struct lab lab = lab_open();
    CHECK_INT(server_hears(&lab, head, sizeof head), -FM_ETLS);
    CHECK_INT(client_hears(&lab, head, sizeof head), -FM_ETLS);
    lab_close(&lab);
}

static int flood(const struct lab *lab, const unsigned char *record,
                 size_t size)
{
    enum {
        TIMES = 2000
    };
    char *bytes = malloc(TIMES * size);
    for (size_t i = 0; i < TIMES; i++)
        memcpy(bytes + i * size, record, size);
    struct guest guest = guest_enter(lab, lab->server);
    (void)fm_write(guest.stream, bytes, TIMES * size);
    hear_the_end(guest.stream);
    int rc = guest_leave(&guest);
    free(bytes);
    return rc;
}

STORY(a_flood_of_records_that_say_nothing_ends_the_connection)
{
    static const unsigned char alert[] = {21, 3, 1, 0, 2, 1, 90};
    static const unsigned char empty[] = {22, 3, 1, 0, 0};
    static const unsigned char change[] = {20, 3, 3, 0, 1, 1};
    static const unsigned char data[] = {23, 3, 3, 0, 1, 'x'};
    struct lab lab = lab_open();
    CHECK_INT(flood(&lab, alert, sizeof alert), -FM_ETLS);
    CHECK_INT(flood(&lab, empty, sizeof empty), -FM_ETLS);
    CHECK_INT(flood(&lab, change, sizeof change), -FM_ETLS);
    CHECK_INT(flood(&lab, data, sizeof data), -FM_ETLS);
    lab_close(&lab);
}

/* ---- Afterwards --------------------------------------------------------- */

/* What arrives there until the end has none of the secret in it. */
static void check_no_secret(fm_stream *stream, const char *secret)
{
    char bytes[4096];
    size_t count = 0;
    ssize_t n;
    while ((n = fm_read(stream, bytes + count, sizeof bytes - count)) > 0)
        count += (size_t)n;
    CHECK(memmem(bytes, count, secret, strlen(secret)) == NULL);
}

STORY(after_a_handshake_that_failed_nothing_leaves_in_plain)
{
    struct lab lab = lab_open();
    fm_stream *client, *server;
    meet(lab.listener, &client, &server);
    CHECK_INT(fm_write(server, "no such thing", 13), 13);
    CHECK_INT(fm_start_tls(client, lab.client,
                           &(fm_tls_start_options){.server_name = LAB_NAME}),
              -FM_ENOTTLS);
    CHECK(fm_write(client, "the secret", 10) < 0);
    CHECK(fm_flush(client) <= 0);
    (void)fm_close(client);
    check_no_secret(server, "the secret");
    fm_abort(server);
    lab_close(&lab);
}

STORY(after_a_handshake_that_was_cut_nothing_leaves_in_plain)
{
    int rc;
    struct lab lab = lab_open();
    fm_stream *client, *server;
    meet(lab.listener, &client, &server);
    FM_TIMEOUT(story_span(20), rc) {
        rc = fm_start_tls(client, lab.client,
                          &(fm_tls_start_options){.server_name = LAB_NAME});
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK(fm_write(client, "the secret", 10) < 0);
    (void)fm_close(client);
    check_no_secret(server, "the secret");
    fm_abort(server);
    lab_close(&lab);
}

/* ---- Silence ------------------------------------------------------------ */

static fm_tls *impatient(const struct lab *lab, enum fm_tls_role role)
{
    fm_tls_options options = role == FM_TLS_SERVER ? lab_server_options(lab)
                                                   : lab_client_options(lab);
    options.handshake_timeout = story_span(50);
    return lab_tls(role, options);
}

STORY(who_says_nothing_in_the_handshake_is_given_up_at_its_deadline)
{
    struct lab lab = lab_open();
    fm_tls *server = impatient(&lab, FM_TLS_SERVER);
    fm_tls *client = impatient(&lab, FM_TLS_CLIENT);
    fm_stream *silent;
    struct guest guest = guest_enter(&lab, server);
    CHECK_INT(guest_leave(&guest), -FM_EPEERTIMEOUT);
    meet(lab.listener, &guest.stream, &silent);
    CHECK_INT(fm_await(fm_go(ours, guest.stream, client, LAB_NAME)),
              -FM_EPEERTIMEOUT);
    fm_abort(silent);
    fm_tls_free(server);
    fm_tls_free(client);
    lab_close(&lab);
}

/* The deadline is that of the whole, not of each byte. */
STORY(a_byte_now_and_then_does_not_move_the_deadline)
{
    struct lab lab = lab_open();
    fm_tls *server = impatient(&lab, FM_TLS_SERVER);
    struct guest guest = guest_enter(&lab, server);
    static const unsigned char head[] = {22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3};
    ssize_t n = 1;
    for (size_t i = 0; n > 0; i++) {
        n = fm_write(guest.stream, i < sizeof head ? &head[i] : head, 1);
        if (n > 0)
            n = fm_flush(guest.stream);
        if (n < 0 || fm_sleep(story_span(10)) < 0)
            break;
        n = 1;
    }
    CHECK_INT(guest_leave(&guest), -FM_EPEERTIMEOUT);
    fm_tls_free(server);
    lab_close(&lab);
}

/* ---- Bytes as they like ------------------------------------------------- */

STORY(a_peer_may_send_one_byte_at_a_time)
{
    struct lab lab = lab_open();
    struct guest guest = guest_enter(&lab, lab.server);
    struct stranger peer = stranger_make(lab.their_client, guest.stream);
    peer.crumbs = true;
    CHECK_INT(stranger_shake(&peer), 0);
    stranger_says(&peer, "crumbs");
    CHECK_INT(stranger_leave(&peer), 0);
    CHECK_INT(guest_leave(&guest), 0);
    stranger_free(&peer);
    lab_close(&lab);
}

struct breaker {
    fm_stream *stream;
    SSL_CTX *context;
    size_t allowance;
};

/* Leaves when its allowance is used up, or the handshake is done. */
static int breaker(struct breaker *self)
{
    struct stranger peer = stranger_make(self->context, self->stream);
    peer.allowance = self->allowance;
    int rc = stranger_shake(&peer);
    stranger_free(&peer);
    (void)fm_close(self->stream);
    return rc;
}

/* Our side meets a peer that leaves after so many bytes: whether those were
 * all that it had to say. */
static bool break_off(const struct lab *lab, enum fm_tls_role role,
                      size_t allowance)
{
    fm_stream *client, *server;
    bool serve = role == FM_TLS_SERVER;
    meet(lab->listener, &client, &server);
    fm_task *task = serve ? fm_go(ours, server, lab->server, NULL)
                          : fm_go(ours, client, lab->client, LAB_NAME);
    int broke =
        fm_await(serve ? fm_go(breaker, client, lab->their_client, allowance)
                       : fm_go(breaker, server, lab->their_server, allowance));
    int rc = fm_await(task);
    CHECK(rc == -FM_ETRUNCATED || rc == -ECONNRESET || rc == -EPIPE);
    CHECK(broke == 0 || broke == -ECANCELED);
    return broke == 0;
}

STORY(a_peer_that_leaves_at_any_byte_of_the_handshake_is_a_truncated_end)
{
    struct lab lab = lab_open();
    size_t step = test_many(20) == 20 ? 7 : 61;
    for (int role = FM_TLS_CLIENT; role <= FM_TLS_SERVER; role++)
        for (size_t i = 1; !break_off(&lab, (enum fm_tls_role)role, i);)
            i += step;
    lab_close(&lab);
}

/* ---- After the handshake ------------------------------------------------ */

static struct stranger guest_shake(const struct lab *lab, struct guest *guest,
                                   int version)
{
    *guest = guest_enter(lab, lab->server);
    struct stranger peer = stranger_make(lab->their_client, guest->stream);
    SSL_set_max_proto_version(peer.ssl, version);
    CHECK_INT(stranger_shake(&peer), 0);
    stranger_says(&peer, "hello");
    return peer;
}

STORY(a_record_that_was_tampered_with_is_an_error)
{
    struct lab lab = lab_open();
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    for (int i = 0; i < 2; i++) {
        struct guest guest;
        struct stranger peer = guest_shake(&lab, &guest, versions[i]);
        peer.spoil = true;
        CHECK_INT(stranger_write(&peer, "secret", 6), 6);
        CHECK_INT(guest_leave(&guest), -FM_ETLS);
        stranger_free(&peer);
    }
    lab_close(&lab);
}

STORY(an_end_without_close_notify_is_no_end)
{
    struct lab lab = lab_open();
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    for (int i = 0; i < 2; i++) {
        struct guest guest;
        struct stranger peer = guest_shake(&lab, &guest, versions[i]);
        CHECK_INT(fm_write_eof(guest.stream), 0);
        CHECK_INT(guest_leave(&guest), -FM_ETRUNCATED);
        stranger_free(&peer);
    }
    lab_close(&lab);
}

STORY(an_end_with_close_notify_is_one)
{
    struct lab lab = lab_open();
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    for (int i = 0; i < 2; i++) {
        struct guest guest;
        struct stranger peer = guest_shake(&lab, &guest, versions[i]);
        CHECK_INT(stranger_leave(&peer), 0);
        CHECK_INT(fm_write_eof(guest.stream), 0);
        CHECK_INT(guest_leave(&guest), 0);
        stranger_free(&peer);
    }
    lab_close(&lab);
}

STORY(a_renegotiation_is_refused)
{
    struct lab lab = lab_open();
    struct guest guest;
    struct stranger peer = guest_shake(&lab, &guest, TLS1_2_VERSION);
    CHECK_INT(SSL_renegotiate(peer.ssl), 1);
    CHECK_INT(stranger_shake(&peer), -EPROTO);
    CHECK_INT(peer.reason, SSL_R_NO_RENEGOTIATION);
    CHECK_INT(guest_leave(&guest), -FM_EALERT);
    stranger_free(&peer);
    lab_close(&lab);
}

/* Each asks for one of ours, too. */
STORY(a_flood_of_new_keys_does_no_harm)
{
    struct lab lab = lab_open();
    struct guest guest;
    struct stranger peer = guest_shake(&lab, &guest, TLS1_3_VERSION);
    for (size_t i = 0; i < test_many(1000); i++) {
        CHECK_INT(SSL_key_update(peer.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
        CHECK_INT(stranger_shake(&peer), 0);
    }
    stranger_says(&peer, "hello again");
    CHECK_INT(stranger_leave(&peer), 0);
    CHECK_INT(guest_leave(&guest), 0);
    stranger_free(&peer);
    lab_close(&lab);
}

STORY(new_keys_now_and_then_are_taken)
{
    struct lab lab = lab_open();
    struct guest guest;
    struct stranger peer = guest_shake(&lab, &guest, TLS1_3_VERSION);
    for (int i = 0; i < 100; i++) {
        SSL_key_update(peer.ssl, SSL_KEY_UPDATE_REQUESTED);
        stranger_says(&peer, "hello again");
    }
    CHECK_INT(stranger_leave(&peer), 0);
    CHECK_INT(guest_leave(&guest), 0);
    stranger_free(&peer);
    lab_close(&lab);
}

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

/* ---- Too much ----------------------------------------------------------- */

STORY(a_chain_of_too_many_bytes_is_refused)
{
    struct lab lab = lab_open();
    fm_stream *client, *server;
    SSL_CTX *heavy = stranger_server(&lab.leaf, NULL);
    for (int i = 0; i < 400; i++)
        SSL_CTX_add1_chain_cert(heavy, lab.root.certificate);
    meet(lab.listener, &client, &server);
    fm_task *task = fm_go(ours, client, lab.client, LAB_NAME);
    struct stranger peer = stranger_make(heavy, server);
    CHECK(stranger_shake(&peer) < 0);
    CHECK_INT(fm_await(task), -FM_ETLS);
    stranger_free(&peer);
    fm_abort(server);
    SSL_CTX_free(heavy);
    lab_close(&lab);
}
