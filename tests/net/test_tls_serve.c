/*
 * test_tls_serve.c - contexts, what they are made of, and servers with them
 */
#include "io/stream_ends.h"
#include "net/tls_kit.h"
#include "net/tls_record.h"
#include "task/story.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static fm_tls *serve_client(void)
{
    return kit_client_tls((fm_tls_options){0});
}

static fm_tls *serve_server(void)
{
    return kit_server_tls((fm_tls_options){0});
}

static const fm_tls_start_options serve_name = {.server_name = "example.org"};

/* ---- Options ------------------------------------------------------------ */

static int serve_new(enum fm_tls_role role, fm_tls_options options,
                     const char *said)
{
    fm_tls *tls = NULL;
    fm_tls_failure failure;
    options.failure = &failure;
    int rc = fm_tls_new(&tls, role, &options);
    CHECK(rc < 0 ? tls == NULL : tls != NULL);
    CHECK_INT(failure.code, rc);
    if (strstr(failure.text, said) == NULL)
        test_fail(__FILE__, __LINE__, "\"%s\" lacks \"%s\"", failure.text,
                  said);
    fm_tls_free(tls);
    return rc;
}

#define SERVE_NEW(role, said, ...)                                             \
    serve_new((role), (fm_tls_options){__VA_ARGS__}, (said))

TEST(a_file_that_cannot_be_used_is_named)
{
    const char *pem = kit_server()->certificate, *key = kit_server()->key;
    const char *other = kit_alice()->key;
    CHECK_INT(SERVE_NEW(FM_TLS_CLIENT,
                        "the roots of /nowhere/ca.pem: cannot "
                        "be read: no such file",
                        .ca_file = "/nowhere/ca.pem"),
              -FM_EPEM);
    CHECK_INT(SERVE_NEW(FM_TLS_CLIENT, "the roots of a text: no certificates",
                        .ca_text = "nothing"),
              -FM_EPEM);
    CHECK_INT(SERVE_NEW(FM_TLS_CLIENT, "the roots of /: ", .ca_file = "/"),
              -FM_EPEM);
    CHECK_INT(SERVE_NEW(FM_TLS_SERVER, "the certificate of a text: no ",
                        .certificate_text = key),
              -FM_EPEM);
    CHECK_INT(SERVE_NEW(FM_TLS_SERVER, "the key of a text: no private key",
                        .certificate_text = pem, .key_text = pem),
              -FM_EPEM);
    CHECK_INT(SERVE_NEW(FM_TLS_SERVER, "the key of a text: not of this",
                        .certificate_text = pem, .key_text = other),
              -FM_EPEM);
    CHECK_INT(SERVE_NEW(FM_TLS_SERVER, "/nowhere/staple: no OCSP response",
                        .certificate_text = pem, .key_text = key,
                        .staple = "/nowhere/staple"),
              -FM_EPEM);
    CHECK_INT(SERVE_NEW(FM_TLS_CLIENT, "the key log of /nowhere/log: cannot",
                        .key_log = "/nowhere/log"),
              -FM_EPEM);
}

TEST(options_that_contradict_each_other_are_refused)
{
    const char *pem = kit_server()->certificate, *key = kit_server()->key;
    CHECK_INT(SERVE_NEW(FM_TLS_SERVER, "needs a certificate", 0), -EINVAL);
    CHECK_INT(SERVE_NEW(FM_TLS_SERVER, "of a client", .ca_text = pem), -EINVAL);
    CHECK_INT(SERVE_NEW(FM_TLS_SERVER, "need each other",
                        .certificate_text = pem, .key_text = key,
                        .verify_client = FM_TLS_ASK),
              -EINVAL);
    CHECK_INT(SERVE_NEW(FM_TLS_CLIENT, "of a server", .client_ca = pem),
              -EINVAL);
    CHECK_INT(SERVE_NEW(FM_TLS_CLIENT, "no verification", .ca_text = pem,
                        .insecure_no_verification = true),
              -EINVAL);
    CHECK_INT(SERVE_NEW(FM_TLS_CLIENT, "for one thing", .ca_text = pem,
                        .ca_file = pem),
              -EINVAL);
    CHECK_INT(
        SERVE_NEW(FM_TLS_CLIENT, "without a certificate", .key_text = key),
        -EINVAL);
    CHECK_INT(
        SERVE_NEW(FM_TLS_CLIENT, "timeout", .handshake_timeout = (double)NAN),
        -EINVAL);
    CHECK_INT(SERVE_NEW(FM_TLS_CLIENT, "alpn", .alpn = "h2,,http/1.1"),
              -EINVAL);
    CHECK_INT(SERVE_NEW(FM_TLS_CLIENT, "alpn", .alpn = ""), -EINVAL);
}

TEST(a_list_of_protocols_has_a_limit)
{
    char list[FM__TLS_ALPN + 1];
    memset(list, 'x', sizeof list);
    list[FM__TLS_ALPN] = '\0';
    CHECK_INT(SERVE_NEW(FM_TLS_CLIENT, "alpn", .alpn = list), -EINVAL);
    list[FM__TLS_ALPN - 1] = '\0';
    CHECK_INT(SERVE_NEW(FM_TLS_CLIENT, "", .alpn = list), 0);
}

/* Whether a descriptor of that file would live on in a program that is
 * executed. */
static bool serve_inherits(const char *path)
{
    char link[32], target[64];
    for (int fd = 0; fd < 100; fd++) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t n = readlink(link, target, sizeof target - 1);
        target[n > 0 ? n : 0] = '\0';
        if (strcmp(target, path) == 0)
            return (fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0;
    }
    test_fail(__FILE__, __LINE__, "%s is not open", path);
    return true;
}

STORY(a_key_log_is_written_on_request_alone)
{
    char path[] = "/tmp/fermata-keys-XXXXXX", line[64] = "";
    fm_stream *ends[2];
    struct kit_shake shake;
    close(mkstemp(path));
    fm_tls *client = kit_client_tls((fm_tls_options){.key_log = path});
    fm_tls *server = serve_server();
    CHECK(!serve_inherits(path));
    CHECK_INT(stream_ends_pair(ends, NULL), 0);
    kit_shake(ends, client, server, &shake);
    CHECK_INT(shake.client, 0);
    CHECK_INT(fm_close(ends[0]), 0);
    CHECK_INT(fm_close(ends[1]), 0);
    fm_tls_free(client);
    fm_tls_free(server);
    FILE *log = fopen(path, "r");
    CHECK(log != NULL && fgets(line, sizeof line, log) != NULL);
    CHECK(strstr(line, "_TRAFFIC_SECRET ") != NULL);
    fclose(log);
    unlink(path);
}

/* ---- Servers ------------------------------------------------------------ */

static unsigned serve_handled, serve_failed, serve_at_once, serve_most;

static int serve_handler(fm_stream *client, void *arg)
{
    char heard[8];
    (void)arg;
    serve_handled++;
    CHECK_TEXT(fm_tls_version(client), "TLSv1.3");
    ssize_t n = fm_read(client, heard, sizeof heard);
    return n > 0 ? (int)fm_write(client, heard, (size_t)n) : (int)n;
}

static void serve_error(fm_stream *client, int result, void *arg)
{
    (void)client;
    (void)arg;
    serve_failed++;
    CHECK_INT(result, -FM_ENOTTLS);
}

struct serve_runs {
    fm_listener *listener;
    const fm_serve_options *options;
};

static int serve_runs(struct serve_runs *self)
{
    return fm_serve(self->listener, serve_handler, NULL, self->options);
}

/* Connects and says a word: 0, or what came of it. */
static int serve_call(const char *address, fm_tls *tls)
{
    fm_stream *stream;
    char heard[8];
    int rc = fm_connect(address, &stream);
    if (rc < 0)
        return rc;
    if (tls != NULL)
        rc = fm_start_tls(stream, tls, &serve_name);
    if (rc == 0)
        rc = (int)fm_write(stream, "hello...", 8);
    if (rc > 0)
        rc = (int)fm_read_exactly(stream, heard, 8);
    (void)fm_close(stream);
    return rc;
}

STORY(a_server_shakes_hands_before_it_handles)
{
    fm_listener *listener;
    char address[FM_ADDRESS_TEXT];
    fm_tls *client = serve_client();
    const fm_serve_options options = {.tls = serve_server(),
                                      .on_error = serve_error};
    serve_handled = serve_failed = 0;
    CHECK_INT(fm_listen("127.0.0.1:0", &listener), 0);
    fm_address_format(fm_listener_address(listener), address);
    fm_task *task = fm_go(serve_runs, listener, &options);
    CHECK_INT(serve_call(address, client), 8);
    CHECK(serve_call(address, NULL) < 0);
    CHECK_INT(serve_call(address, client), 8);
    fm_serve_stop(listener);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(serve_handled, 2);
    CHECK_INT(serve_failed, 1);
    fm_tls_free(client);
    fm_tls_free(options.tls);
}

/* A table that counts who shakes hands, before the one that does. */
static int serve_start(fm_stream *stream, fm_tls *tls,
                       const fm_tls_start_options *options)
{
    serve_at_once++;
    serve_most = serve_most > serve_at_once ? serve_most : serve_at_once;
    int rc = fm__start_tls(stream, tls, options);
    serve_at_once--;
    return rc;
}

static unsigned serve_handshakes(const fm_tls *tls)
{
    return tls->handshakes;
}

struct serve_caller {
    const char *address;
    fm_tls *tls;
};

static int serve_caller(struct serve_caller *self)
{
    return serve_call(self->address, self->tls);
}

STORY(handshakes_at_once_are_bounded)
{
    static const struct fm__secure counting = {serve_start, serve_handshakes};
    fm_listener *listener;
    char address[FM_ADDRESS_TEXT];
    fm_tls *client = serve_client();
    fm_tls *server = kit_server_tls((fm_tls_options){.handshakes = 2});
    const fm_serve_options options = {.tls = server};
    fm_task *callers[8];
    server->secure = &counting;
    serve_handled = serve_most = 0;
    CHECK_INT(fm_listen("127.0.0.1:0", &listener), 0);
    fm_address_format(fm_listener_address(listener), address);
    fm_task *task = fm_go(serve_runs, listener, &options);
    for (int i = 0; i < 8; i++)
        callers[i] = fm_go(serve_caller, address, client);
    for (int i = 0; i < 8; i++)
        CHECK_INT(fm_await(callers[i]), 8);
    fm_serve_stop(listener);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(serve_handled, 8);
    CHECK_INT(serve_most, 2);
    fm_tls_free(client);
    fm_tls_free(server);
}
