/*
 * test_tls_hostile.c - peers that break off, babble, lie, or say nothing
 *
 * One side is ours and must end with the right error, or go on; the other one
 * is a stranger, or no TLS at all.
 */
#include "tls_lab.h"

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
