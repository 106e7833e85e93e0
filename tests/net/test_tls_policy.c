/*
 * test_tls_policy.c - what is agreed on, and what never is
 *
 * The other side is OpenSSL as it is, which would agree on anything.
 */
#include "servers.h"
#include "tls_lab.h"

/* ---- Two sides ---------------------------------------------------------- */

struct theirs {
    fm_stream *stream;
    SSL *ssl; /* to be freed by who started it */
    int *alert;
};

/* The other side's handshake, and its end. */
static int theirs(struct theirs *self)
{
    struct stranger peer = {.ssl = self->ssl,
                            .stream = self->stream,
                            .alert = -1,
                            .allowance = SIZE_MAX};
    int rc = stranger_shake(&peer);
    if (rc == 0)
        rc = stranger_leave(&peer);
    if (self->alert != NULL)
        *self->alert = peer.alert;
    return rc;
}

static SSL *their_ssl(SSL_CTX *context)
{
    SSL *ssl = SSL_new(context);
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    return ssl;
}

/* What both came to. */
struct outcome {
    int ours, theirs, alert;
};

/* Ours is a server; theirs is used up. */
static struct outcome serve(const struct lab *lab, fm_tls *tls, SSL *ssl)
{
    struct outcome outcome = {.alert = -1};
    fm_stream *client, *server;
    meet(lab->listener, &client, &server);
    fm_task *task = fm_go(theirs, client, ssl, &outcome.alert);
    outcome.ours = fm_start_tls(server, tls);
    outcome.theirs = fm_await(task);
    CHECK_INT(fm_close(server), 0);
    fm_abort(client);
    return outcome;
}

static struct outcome visit(const struct lab *lab, fm_tls *tls, SSL *ssl,
                            const char *name)
{
    struct outcome outcome = {.alert = -1};
    fm_stream *client, *server;
    meet(lab->listener, &client, &server);
    fm_task *task = fm_go(theirs, server, ssl, &outcome.alert);
    outcome.ours =
        fm_start_tls(client, tls, &(fm_tls_start_options){.server_name = name});
    outcome.theirs = fm_await(task);
    CHECK_INT(fm_close(client), 0);
    fm_abort(server);
    return outcome;
}

/* ---- Versions and ciphers ----------------------------------------------- */

STORY(tls_1_1_is_refused_by_either_side)
{
    struct lab lab = lab_open();
    SSL *client = their_ssl(lab.their_client);
    SSL *server = their_ssl(lab.their_server);
    SSL_set_max_proto_version(client, TLS1_1_VERSION);
    SSL_set_max_proto_version(server, TLS1_1_VERSION);
    struct outcome served = serve(&lab, lab.server, client);
    struct outcome visited = visit(&lab, lab.client, server, LAB_NAME);
    CHECK_INT(served.ours, -FM_EVERSION);
    CHECK_INT(served.alert, SSL_AD_PROTOCOL_VERSION);
    CHECK_INT(visited.ours, -FM_EVERSION);
    SSL_free(client);
    SSL_free(server);
    lab_close(&lab);
}

STORY(tls_1_2_and_1_3_are_taken)
{
    struct lab lab = lab_open();
    for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++) {
        SSL *client = their_ssl(lab.their_client);
        SSL *server = their_ssl(lab.their_server);
        SSL_set_max_proto_version(client, version);
        SSL_set_max_proto_version(server, version);
        CHECK_INT(serve(&lab, lab.server, client).ours, 0);
        CHECK_INT(visit(&lab, lab.client, server, LAB_NAME).ours, 0);
        CHECK_INT(SSL_version(client), version);
        CHECK_INT(SSL_version(server), version);
        CHECK(SSL_get_current_compression(client) == NULL);
        SSL_free(client);
        SSL_free(server);
    }
    lab_close(&lab);
}

STORY(ciphers_that_hide_nothing_or_prove_nothing_are_refused)
{
    static const char *const lists[] = {"eNULL:@SECLEVEL=0",
                                        "aNULL:@SECLEVEL=0"};
    struct lab lab = lab_open();
    for (int i = 0; i < 2; i++) {
        SSL *client = their_ssl(lab.their_client);
        SSL_set_max_proto_version(client, TLS1_2_VERSION);
        CHECK_INT(SSL_set_cipher_list(client, lists[i]), 1);
        CHECK_INT(serve(&lab, lab.server, client).ours, -FM_EVERSION);
        SSL_free(client);
    }
    lab_close(&lab);
}

STORY(no_ticket_allows_early_data)
{
    struct lab lab = lab_open();
    fm_stream *client, *server;
    meet(lab.listener, &client, &server);
    fm_task *task = fm_go(ours, server, lab.server, NULL);
    struct stranger peer = stranger_make(lab.their_client, client);
    CHECK_INT(stranger_shake(&peer), 0);
    stranger_says(&peer, "a ticket, please");
    SSL_SESSION *session = SSL_get_session(peer.ssl);
    CHECK(SSL_SESSION_is_resumable(session));
    CHECK_INT(SSL_SESSION_get_max_early_data(session), 0);
    CHECK_INT(stranger_leave(&peer), 0);
    CHECK_INT(fm_await(task), 0);
    stranger_free(&peer);
    fm_abort(client);
    lab_close(&lab);
}

/* ---- Names -------------------------------------------------------------- */

STORY(a_name_is_sent_and_an_address_never_is)
{
    struct lab lab = lab_open();
    SSL *named = their_ssl(lab.their_server);
    SSL *addressed = their_ssl(lab.their_server);
    CHECK_INT(visit(&lab, lab.client, named, LAB_NAME).ours, 0);
    CHECK_INT(visit(&lab, lab.client, addressed, "127.0.0.1").ours, 0);
    const char *name = SSL_get_servername(named, TLSEXT_NAMETYPE_host_name);
    CHECK(name != NULL && strcmp(name, LAB_NAME) == 0);
    CHECK(SSL_get_servername(addressed, TLSEXT_NAMETYPE_host_name) == NULL);
    SSL_free(named);
    SSL_free(addressed);
    lab_close(&lab);
}

STORY(who_verifies_has_to_say_for_whom)
{
    struct lab lab = lab_open();
    fm_stream *client, *server;
    meet(lab.listener, &client, &server);
    CHECK_INT(fm_start_tls(client, lab.client), -EINVAL);
    part(client, server);
    lab_close(&lab);
}

STORY(insecure_is_a_word_that_has_to_be_said)
{
    struct lab lab = lab_open();
    fm_tls_options options = {.handshake_timeout = LAB_PATIENCE};
    SSL *unknown = their_ssl(lab.their_server);
    fm_tls *tls = lab_tls(FM_TLS_CLIENT, options);
    CHECK_INT(visit(&lab, tls, unknown, LAB_NAME).ours, -FM_ECERT_UNKNOWN);
    fm_tls_free(tls);
    SSL_free(unknown);
    options.insecure_no_verification = true;
    unknown = their_ssl(lab.their_server);
    tls = lab_tls(FM_TLS_CLIENT, options);
    CHECK_INT(visit(&lab, tls, unknown, "b.example.test").ours, 0);
    fm_tls_free(tls);
    SSL_free(unknown);
    lab_close(&lab);
}

/* ---- Protocols ---------------------------------------------------------- */

static SSL *their_client_of(const struct lab *lab, const char *protocols)
{
    SSL *ssl = their_ssl(lab->their_client);
    SSL_set_alpn_protos(ssl, (const unsigned char *)protocols,
                        (unsigned)strlen(protocols));
    return ssl;
}

STORY(the_servers_first_protocol_that_the_client_knows_is_taken)
{
    struct lab lab = lab_open();
    fm_tls_options options = lab_server_options(&lab);
    options.alpn = "h2,http/1.1";
    fm_tls *tls = lab_tls(FM_TLS_SERVER, options);
    SSL *client = their_client_of(&lab, "\010http/1.1\002h2");
    const unsigned char *taken;
    unsigned size;
    CHECK_INT(serve(&lab, tls, client).ours, 0);
    SSL_get0_alpn_selected(client, &taken, &size);
    CHECK(size == 2 && memcmp(taken, "h2", 2) == 0);
    SSL_free(client);
    fm_tls_free(tls);
    lab_close(&lab);
}

STORY(without_a_protocol_in_common_the_alert_is_no_application_protocol)
{
    struct lab lab = lab_open();
    fm_tls_options options = lab_server_options(&lab);
    options.alpn = "h2,http/1.1";
    fm_tls *tls = lab_tls(FM_TLS_SERVER, options);
    SSL *client = their_client_of(&lab, "\003foo");
    struct outcome outcome = serve(&lab, tls, client);
    CHECK_INT(outcome.ours, -FM_EALPN);
    CHECK_INT(outcome.alert, SSL_AD_NO_APPLICATION_PROTOCOL);
    SSL_free(client);
    fm_tls_free(tls);
    lab_close(&lab);
}

/* ---- Clients ------------------------------------------------------------ */

struct badge {
    int expected;
    bool none, alone, strangers;
    const char *usage;
};

/* A client's certificate; none without a key. */
static struct work badge_make(const struct lab *lab, const struct badge *badge)
{
    struct work other = workshop_make(
        &(struct workshop_order){.name = "other", .basic = WORKSHOP_AUTHORITY},
        NULL);
    struct workshop_order order = {.name = "alice", .usage = badge->usage};
    const struct work *issuer = badge->strangers ? &other : &lab->root;
    struct work made = workshop_make(&order, badge->alone ? NULL : issuer);
    workshop_free(&other);
    return made;
}

static void badge_try(const struct lab *lab, fm_tls *tls,
                      const struct badge *badge)
{
    struct work work = badge_make(lab, badge);
    SSL *client = their_ssl(lab->their_client);
    if (!badge->none) {
        SSL_use_certificate(client, work.certificate);
        SSL_use_PrivateKey(client, work.key);
    }
    CHECK_INT(serve(lab, tls, client).ours, badge->expected);
    SSL_free(client);
    workshop_free(&work);
}

STORY(a_client_that_has_to_prove_who_it_is_does_or_is_refused)
{
    static const struct badge badges[] = {
        {0, .usage = "clientAuth"},
        {0, .usage = NULL},
        {-FM_ECERT_MISSING, .none = true},
        {-FM_ECERT_PURPOSE, .usage = "serverAuth"},
        {-FM_ECERT_SELF_SIGNED, .alone = true},
        {-FM_ECERT_UNKNOWN, .strangers = true},
    };
    struct lab lab = lab_open();
    fm_tls_options options = lab_server_options(&lab);
    options.verify_client = FM_TLS_REQUIRE;
    options.client_ca_text = lab.root_text;
    fm_tls *tls = lab_tls(FM_TLS_SERVER, options);
    for (size_t i = 0; i < sizeof badges / sizeof *badges; i++)
        badge_try(&lab, tls, &badges[i]);
    fm_tls_free(tls);
    lab_close(&lab);
}

/* ---- The seam ----------------------------------------------------------- */

/* A line, then TLS, both in one segment. */
STORY(what_came_behind_the_line_before_tls_is_taken_for_tls)
{
    char line[32], hello[1024];
    struct lab lab = lab_open();
    fm_stream *client, *server;
    struct stranger peer;
    meet(lab.listener, &client, &server);
    peer = stranger_make(lab.their_client, client);
    (void)SSL_connect(peer.ssl);
    int size = BIO_read(SSL_get_wbio(peer.ssl), hello, sizeof hello);
    CHECK(size > 0);
    CHECK_INT(fm_write(client, "STARTTLS\n", 9), 9);
    CHECK_INT(fm_write(client, hello, (size_t)size), size);
    CHECK_INT(fm_read_line(server, line, sizeof line), 8);
    fm_task *task = fm_go(ours, server, lab.server, NULL);
    CHECK_INT(stranger_shake(&peer), 0);
    stranger_says(&peer, "under cover");
    CHECK_INT(stranger_leave(&peer), 0);
    CHECK_INT(fm_await(task), 0);
    stranger_free(&peer);
    fm_abort(client);
    lab_close(&lab);
}

/* What a man in the middle put behind the line does not come out of it. */
STORY(plain_text_behind_the_line_does_not_come_out_under_cover)
{
    char line[32];
    struct lab lab = lab_open();
    fm_stream *client, *server;
    meet(lab.listener, &client, &server);
    CHECK_INT(fm_write(client, "STARTTLS\nDELETE ALL\n", 20), 20);
    CHECK_INT(fm_read_line(server, line, sizeof line), 8);
    CHECK_INT(fm_start_tls(server, lab.server), -FM_ENOTTLS);
    CHECK(fm_read(server, line, sizeof line) < 0);
    fm_abort(server);
    fm_abort(client);
    lab_close(&lab);
}

/* ---- A crowd ------------------------------------------------------------ */

static fm_stream *crowd_enters(const struct place *place, const struct lab *lab)
{
    fm_stream *stream = place_enter(place);
    CHECK_INT(fm_start_tls(stream, lab->client,
                           &(fm_tls_start_options){.server_name = LAB_NAME}),
              0);
    check_echo(stream, "hello");
    return stream;
}

STORY(at_the_cap_of_handshakes_the_next_waits_until_one_has_ended)
{
    struct lab lab = lab_open();
    fm_tls_options options = lab_server_options(&lab);
    options.handshakes = 2;
    fm_tls *tls = lab_tls(FM_TLS_SERVER, options);
    struct place place =
        place_open(echo, NULL, &(fm_serve_options){.tls = tls});
    CHECK_INT(fm_close(crowd_enters(&place, &lab)), 0);
    fm_stream *silent[] = {place_enter(&place), place_enter(&place)};
    let_them_wait();
    fm_stream *third = place_enter(&place);
    fm_task *task = fm_go(ours, third, lab.client, LAB_NAME);
    let_them_wait();
    CHECK_INT(handled.begun, 1);
    fm_abort(silent[0]);
    wait_for_handlers(2);
    CHECK_INT(fm_stop(task), -ECANCELED);
    fm_abort(silent[1]);
    CHECK_INT(fm_stop(place.task), -ECANCELED);
    fm_tls_free(tls);
    lab_close(&lab);
}

STORY(those_whose_handshake_is_done_do_not_count_for_the_cap)
{
    struct lab lab = lab_open();
    fm_tls_options options = lab_server_options(&lab);
    options.handshakes = 1;
    fm_tls *tls = lab_tls(FM_TLS_SERVER, options);
    struct place place =
        place_open(echo, NULL, &(fm_serve_options){.tls = tls});
    fm_stream *guests[3];
    for (int i = 0; i < 3; i++)
        guests[i] = crowd_enters(&place, &lab);
    CHECK_INT(handled.alive, 3);
    for (int i = 0; i < 3; i++)
        CHECK_INT(fm_close(guests[i]), 0);
    CHECK_INT(fm_stop(place.task), -ECANCELED);
    fm_tls_free(tls);
    lab_close(&lab);
}

STORY(at_the_cap_those_who_say_nothing_are_given_up_for_the_next)
{
    struct lab lab = lab_open();
    fm_tls_options options = lab_server_options(&lab);
    options.handshakes = 2;
    options.handshake_timeout = story_span(50);
    fm_tls *tls = lab_tls(FM_TLS_SERVER, options);
    struct place place =
        place_open(echo, NULL, &(fm_serve_options){.tls = tls});
    fm_stream *silent[4];
    for (int i = 0; i < 4; i++)
        silent[i] = place_enter(&place);
    for (int i = 0; i < 4; i++) {
        char c;
        CHECK(fm_read(silent[i], &c, 1) <= 0);
        fm_abort(silent[i]);
    }
    CHECK_INT(handled.begun, 0);
    CHECK_INT(fm_stop(place.task), -ECANCELED);
    fm_tls_free(tls);
    lab_close(&lab);
}

struct visitor {
    const struct place *place;
    const struct lab *lab;
};

static int visitor(struct visitor *self)
{
    return fm_close(crowd_enters(self->place, self->lab));
}

STORY(a_storm_of_handshakes_above_the_cap_is_served_in_the_end)
{
    int rc, count = test_many(100) < 100 ? 10 : 50;
    struct lab lab = lab_open();
    fm_tls_options options = lab_server_options(&lab);
    options.handshakes = 3;
    fm_tls *tls = lab_tls(FM_TLS_SERVER, options);
    struct place place =
        place_open(echo, NULL, &(fm_serve_options){.tls = tls});
    FM_GROUP(group, rc) {
        for (int i = 0; i < count; i++)
            CHECK_INT(fm_group_go(group, visitor, &place, &lab), 0);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(handled.begun, count);
    CHECK_INT(fm_stop(place.task), -ECANCELED);
    CHECK_INT(handled.ended, count);
    fm_tls_free(tls);
    lab_close(&lab);
}
