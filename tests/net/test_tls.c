/*
 * test_tls.c - what TLS promises beyond a stream
 */
#include "io/stream_ends.h"
#include "net/tls_kit.h"
#include "net/tls_record.h"
#include "task/story.h"

/* Two ends, and the contexts that they shake hands by. */
struct tls_scene {
    fm_stream *ends[2];
    fm_tls *client;
    fm_tls *server;
    struct kit_shake shake;
};

static void tls_open(struct tls_scene *scene, fm_tls_options client,
                     fm_tls_options server)
{
    *scene = (struct tls_scene){0};
    CHECK_INT(stream_ends_pair(scene->ends, NULL), 0);
    scene->client = kit_client_tls(client);
    scene->server = kit_server_tls(server);
}

static void tls_shake(struct tls_scene *scene)
{
    kit_shake(scene->ends, scene->client, scene->server, &scene->shake);
}

/* Both ends shake hands as they are asked to. */
static void tls_agree(struct tls_scene *scene)
{
    tls_shake(scene);
    CHECK_INT(scene->shake.client, 0);
    CHECK_INT(scene->shake.server, 0);
}

/* Neither end is of any more use. */
static void tls_refuse(struct tls_scene *scene, int client, int server)
{
    tls_shake(scene);
    CHECK_INT(scene->shake.client, client);
    CHECK_INT(scene->shake.server, server);
    CHECK_INT(scene->shake.said.code, client);
    CHECK_INT(scene->shake.server_said.code, server);
}

static void tls_close_ends(struct tls_scene *scene)
{
    for (int i = 0; i < 2; i++)
        CHECK_INT(fm_close(scene->ends[i]), 0);
}

static void tls_end(struct tls_scene *scene)
{
    tls_close_ends(scene);
    fm_tls_free(scene->client);
    fm_tls_free(scene->server);
}

/* The same contexts, and another connection. */
static void tls_again(struct tls_scene *scene)
{
    tls_close_ends(scene);
    CHECK_INT(stream_ends_pair(scene->ends, NULL), 0);
    tls_agree(scene);
}

/* One says it, the other hears it: [0] or [1] speaks. */
static void tls_say(struct tls_scene *scene, int from, const char *text)
{
    char heard[64] = "";
    size_t size = strlen(text);
    CHECK_INT(fm_write(scene->ends[from], text, size), size);
    CHECK_INT(fm_read_exactly(scene->ends[!from], heard, size), size);
    CHECK_TEXT(heard, text);
}

STORY(a_client_and_a_server_agree)
{
    struct tls_scene scene;
    tls_open(&scene, (fm_tls_options){.alpn = "h2,http/1.1"},
             (fm_tls_options){.alpn = "http/1.1"});
    tls_agree(&scene);
    for (int i = 0; i < 2; i++) {
        CHECK_TEXT(fm_tls_version(scene.ends[i]), "TLSv1.3");
        CHECK_TEXT(fm_tls_cipher(scene.ends[i]), "TLS_AES_256_GCM_SHA384");
        CHECK_TEXT(fm_tls_alpn(scene.ends[i]), "http/1.1");
        CHECK_TEXT(fm_tls_server_name(scene.ends[i]), "example.org");
        CHECK(!fm_tls_resumed(scene.ends[i]));
    }
    tls_say(&scene, 0, "hello");
    tls_say(&scene, 1, "good day");
    tls_end(&scene);
}

STORY(an_older_version_is_spoken_where_it_must_be)
{
    struct tls_scene scene;
    tls_open(&scene, (fm_tls_options){0}, (fm_tls_options){0});
    SSL_CTX_set_max_proto_version(scene.server->context, TLS1_2_VERSION);
    tls_agree(&scene);
    CHECK_TEXT(fm_tls_version(scene.ends[0]), "TLSv1.2");
    tls_say(&scene, 0, "hello");
    tls_again(&scene);
    CHECK(fm_tls_resumed(scene.ends[0]));
    tls_end(&scene);
}

STORY(a_version_that_is_too_old_is_refused)
{
    struct tls_scene scene;
    tls_open(&scene, (fm_tls_options){0}, (fm_tls_options){0});
    SSL_CTX_set_min_proto_version(scene.client->context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(scene.client->context, TLS1_1_VERSION);
    SSL_CTX_set_security_level(scene.client->context, 0);
    SSL_CTX_set_cipher_list(scene.client->context, "ALL:@SECLEVEL=0");
    tls_refuse(&scene, -FM_EVERSION, -FM_EVERSION);
    tls_end(&scene);
}

STORY(a_context_may_go_before_its_streams)
{
    struct tls_scene scene;
    tls_open(&scene, (fm_tls_options){0}, (fm_tls_options){0});
    tls_agree(&scene);
    fm_tls_free(scene.client);
    fm_tls_free(scene.server);
    scene.client = scene.server = NULL;
    tls_say(&scene, 0, "hello");
    tls_end(&scene);
    fm_tls_free(NULL);
}

STORY(a_stream_without_tls_says_nothing_of_it)
{
    struct tls_scene scene;
    char name[8];
    tls_open(&scene, (fm_tls_options){0}, (fm_tls_options){0});
    CHECK_TEXT(fm_tls_version(scene.ends[0]), NULL);
    CHECK_TEXT(fm_tls_cipher(scene.ends[0]), NULL);
    CHECK_TEXT(fm_tls_alpn(scene.ends[0]), NULL);
    CHECK_TEXT(fm_tls_server_name(scene.ends[0]), NULL);
    CHECK(!fm_tls_resumed(scene.ends[0]));
    CHECK_INT(fm_tls_peer_name(scene.ends[0], name, sizeof name), -ENODATA);
    tls_end(&scene);
}

/* ---- Who is believed ---------------------------------------------------- */

struct tls_client {
    fm_stream *stream;
    fm_tls *tls;
    const char *name;
    fm_tls_failure *said;
};

static int tls_client(struct tls_client *self)
{
    return fm_start_tls(self->stream, self->tls,
                        &(fm_tls_start_options){.server_name = self->name,
                                                .failure = self->said});
}

/* Asks for that name: what came of it on the client's side. */
static int tls_ask(struct tls_scene *scene, const char *name)
{
    fm_task *task = fm_go(tls_client, scene->ends[0], scene->client, name,
                          &scene->shake.said);
    scene->shake.server = fm_start_tls(
        scene->ends[1], scene->server,
        &(fm_tls_start_options){.failure = &scene->shake.server_said});
    return fm_await(task);
}

static int tls_asks(const char *name, const char *server_name)
{
    struct tls_scene scene;
    tls_open(&scene, (fm_tls_options){0}, (fm_tls_options){0});
    int rc = tls_ask(&scene, name);
    if (rc == 0)
        CHECK_TEXT(fm_tls_server_name(scene.ends[1]), server_name);
    else
        CHECK_INT(scene.shake.server, -FM_EALERT);
    tls_end(&scene);
    return rc;
}

STORY(only_a_certificate_of_that_name_is_believed)
{
    CHECK_INT(tls_asks("example.org", "example.org"), 0);
    CHECK_INT(tls_asks("example.org.", "example.org"), 0);
    CHECK_INT(tls_asks("www.example.net", "www.example.net"), 0);
    CHECK_INT(tls_asks("example.net", NULL), -FM_ECERT_NAME);
    CHECK_INT(tls_asks("a.www.example.net", NULL), -FM_ECERT_NAME);
    CHECK_INT(tls_asks("www.example.org", NULL), -FM_ECERT_NAME);
}

STORY(an_address_is_verified_and_never_sent_as_a_name)
{
    CHECK_INT(tls_asks("127.0.0.1", NULL), 0);
    CHECK_INT(tls_asks("::1", NULL), 0);
    CHECK_INT(tls_asks("127.0.0.2", NULL), -FM_ECERT_NAME);
}

STORY(a_failure_names_the_peer_and_its_certificate)
{
    struct tls_scene scene;
    tls_open(&scene, (fm_tls_options){0}, (fm_tls_options){0});
    CHECK_INT(tls_ask(&scene, "elsewhere.org"), -FM_ECERT_NAME);
    CHECK_TEXT(scene.shake.said.text,
               "elsewhere.org: certificate 0, /CN=example.org: hostname "
               "mismatch");
    CHECK_INT(fm_write(scene.ends[0], "x", 1), -EPIPE);
    CHECK_INT(fm_read(scene.ends[0], &(char){0}, 1), -FM_ECERT_NAME);
    tls_end(&scene);
}

STORY(a_root_that_is_not_trusted_is_refused)
{
    struct tls_scene scene;
    struct kit_identity other;
    kit_make(&other,
             &(struct kit_wish){.name = "another root", .authority = true});
    tls_open(&scene, (fm_tls_options){.ca_text = other.certificate},
             (fm_tls_options){0});
    tls_refuse(&scene, -FM_ECERT_UNKNOWN, -FM_EALERT);
    tls_end(&scene);
}

STORY(the_systems_roots_do_not_know_the_tests)
{
    struct tls_scene scene;
    tls_open(&scene, (fm_tls_options){0}, (fm_tls_options){0});
    fm_tls_free(scene.client);
    CHECK_INT(fm_tls_new(&scene.client, FM_TLS_CLIENT), 0);
    tls_refuse(&scene, -FM_ECERT_UNKNOWN, -FM_EALERT);
    tls_end(&scene);
}

STORY(only_who_says_insecure_believes_anybody)
{
    struct tls_scene scene;
    tls_open(&scene, (fm_tls_options){.insecure_no_verification = true},
             (fm_tls_options){0});
    CHECK_INT(tls_ask(&scene, NULL), 0);
    CHECK_TEXT(fm_tls_server_name(scene.ends[1]), NULL);
    tls_say(&scene, 1, "anybody");
    tls_end(&scene);
}

STORY(a_client_has_to_say_whom_it_wants)
{
    struct tls_scene scene;
    char name[300];
    memset(name, 'a', sizeof name);
    tls_open(&scene, (fm_tls_options){0}, (fm_tls_options){0});
    for (int length = 256; length >= 0; length -= 256) {
        name[length] = '\0';
        CHECK_INT(fm_start_tls(scene.ends[0], scene.client,
                               &(fm_tls_start_options){.server_name = name}),
                  -EINVAL);
    }
    CHECK_INT(fm_start_tls(scene.ends[0], scene.client), -EINVAL);
    tls_say(&scene, 0, "still as it was");
    tls_agree(&scene);
    CHECK_INT(fm_start_tls(scene.ends[1], scene.server), -EALREADY);
    tls_say(&scene, 0, "and now");
    tls_end(&scene);
}

/* ---- Protocols ---------------------------------------------------------- */

STORY(without_a_protocol_in_common_both_are_told)
{
    struct tls_scene scene;
    tls_open(&scene, (fm_tls_options){.alpn = "h2"},
             (fm_tls_options){.alpn = "http/1.1,http/1.0"});
    tls_refuse(&scene, -FM_EALPN, -FM_EALPN);
    tls_end(&scene);
}

STORY(who_offers_no_protocol_is_served)
{
    struct tls_scene scene;
    tls_open(&scene, (fm_tls_options){0}, (fm_tls_options){.alpn = "h2"});
    tls_agree(&scene);
    CHECK_TEXT(fm_tls_alpn(scene.ends[0]), NULL);
    CHECK_TEXT(fm_tls_alpn(scene.ends[1]), NULL);
    tls_end(&scene);
}

/* A client must not end up with what it never spoke.
 * wide: what OpenSSL calls */
static int tls_choose_badly(SSL *ssl, const unsigned char **out,
                            unsigned char *size, const unsigned char *offered,
                            unsigned offered_size, void *arg)
{
    (void)ssl;
    (void)offered;
    (void)offered_size;
    (void)arg;
    *out = (const unsigned char *)"gopher";
    *size = 6;
    return SSL_TLSEXT_ERR_OK;
}

STORY(a_protocol_that_was_not_offered_is_refused)
{
    struct tls_scene scene;
    tls_open(&scene, (fm_tls_options){.alpn = "h2"},
             (fm_tls_options){.alpn = "h2"});
    SSL_CTX_set_alpn_select_cb(scene.server->context, tls_choose_badly, NULL);
    tls_shake(&scene);
    CHECK_INT(scene.shake.client, -FM_ETLS);
    (void)fm_close(scene.ends[0]);
    (void)fm_close(scene.ends[1]);
    fm_tls_free(scene.client);
    fm_tls_free(scene.server);
}

/* ---- Sessions ----------------------------------------------------------- */

STORY(a_session_is_resumed_and_a_ticket_used_once)
{
    struct tls_scene scene;
    tls_open(&scene, (fm_tls_options){0}, (fm_tls_options){0});
    tls_agree(&scene);
    tls_say(&scene, 1, "two tickets, and this");
    CHECK_INT(scene.client->session_count, 2);
    tls_again(&scene);
    CHECK(fm_tls_resumed(scene.ends[0]) && fm_tls_resumed(scene.ends[1]));
    CHECK_INT(scene.client->session_count, 1);
    tls_again(&scene);
    CHECK(fm_tls_resumed(scene.ends[0]));
    tls_again(&scene);
    CHECK(!fm_tls_resumed(scene.ends[0]) && !fm_tls_resumed(scene.ends[1]));
    tls_end(&scene);
}

STORY(a_session_is_of_one_name)
{
    struct tls_scene scene;
    tls_open(&scene, (fm_tls_options){0}, (fm_tls_options){0});
    tls_agree(&scene);
    tls_say(&scene, 1, "tickets");
    tls_close_ends(&scene);
    CHECK_INT(stream_ends_pair(scene.ends, NULL), 0);
    CHECK_INT(tls_ask(&scene, "www.example.net"), 0);
    CHECK(!fm_tls_resumed(scene.ends[0]));
    tls_end(&scene);
}

STORY(sessions_of_a_name_are_bounded)
{
    struct tls_scene scene;
    tls_open(&scene, (fm_tls_options){0}, (fm_tls_options){0});
    tls_agree(&scene);
    for (int i = 0; i < FM_TLS_SESSIONS_OF_NAME; i++) {
        tls_say(&scene, 1, "tickets");
        tls_again(&scene);
    }
    CHECK(scene.client->session_count <= FM_TLS_SESSIONS_OF_NAME);
    tls_end(&scene);
}

STORY(keys_of_tickets_grow_old)
{
    struct tls_scene scene;
    int hours[] = {1, 2};
    for (int i = 0; i < 2 && test_simulated(); i++) {
        tls_open(&scene, (fm_tls_options){0}, (fm_tls_options){0});
        tls_agree(&scene);
        tls_say(&scene, 1, "tickets");
        fm_sleep(hours[i] * FM_TLS_TICKET_KEY_AGE);
        tls_again(&scene);
        CHECK(fm_tls_resumed(scene.ends[0]) == (i == 0));
        tls_end(&scene);
    }
}

/* ---- Certificates of clients -------------------------------------------- */

static fm_tls_options tls_wants_client(enum fm_tls_client verify)
{
    return (fm_tls_options){.verify_client = verify,
                            .client_ca_text = kit_root()->certificate};
}

static fm_tls_options tls_is_alice(void)
{
    return (fm_tls_options){.certificate_text = kit_alice()->certificate,
                            .key_text = kit_alice()->key};
}

STORY(a_client_proves_who_it_is)
{
    struct tls_scene scene;
    char name[64];
    tls_open(&scene, tls_is_alice(), tls_wants_client(FM_TLS_REQUIRE));
    tls_agree(&scene);
    CHECK_INT(fm_tls_peer_name(scene.ends[1], name, sizeof name), 8);
    CHECK_TEXT(name, "CN=alice");
    CHECK_INT(fm_tls_peer_name(scene.ends[1], name, 9), 8);
    CHECK_INT(fm_tls_peer_name(scene.ends[1], name, 8), -EMSGSIZE);
    tls_say(&scene, 1, "hello, alice");
    tls_again(&scene);
    CHECK(fm_tls_resumed(scene.ends[1]));
    CHECK_INT(fm_tls_peer_name(scene.ends[1], name, sizeof name), 8);
    tls_end(&scene);
}

STORY(a_client_may_be_asked_and_say_nothing)
{
    struct tls_scene scene;
    char name[64];
    tls_open(&scene, (fm_tls_options){0}, tls_wants_client(FM_TLS_ASK));
    tls_agree(&scene);
    CHECK_INT(fm_tls_peer_name(scene.ends[1], name, sizeof name), -ENODATA);
    tls_end(&scene);
}

/* In TLS 1.3 a client has done its part before the server judges it. */
STORY(a_client_without_a_certificate_is_refused)
{
    struct tls_scene scene;
    tls_open(&scene, (fm_tls_options){0}, tls_wants_client(FM_TLS_REQUIRE));
    tls_shake(&scene);
    CHECK_INT(scene.shake.server, -FM_ECERT_MISSING);
    CHECK_INT(scene.shake.client, 0);
    CHECK_INT(fm_read(scene.ends[0], &(char){0}, 1), -FM_EALERT);
    CHECK_INT(fm_read(scene.ends[0], &(char){0}, 1), -FM_EALERT);
    tls_end(&scene);
}

STORY(a_client_of_an_unknown_root_is_refused)
{
    struct tls_scene scene;
    struct kit_identity mallory;
    kit_make(&mallory, &(struct kit_wish){.name = "mallory"});
    tls_open(&scene,
             (fm_tls_options){.certificate_text = mallory.certificate,
                              .key_text = mallory.key},
             tls_wants_client(FM_TLS_ASK));
    tls_shake(&scene);
    CHECK_INT(scene.shake.server, -FM_ECERT_SELF_SIGNED);
    CHECK_INT(fm_read(scene.ends[0], &(char){0}, 1), -FM_EALERT);
    tls_end(&scene);
}
