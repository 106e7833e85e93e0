/*
 * test_connect_tls.c - connections that are TLS when they are the caller's
 */
#include "neighbours.h"

#include "net/tls_kit.h"

#include <fermata/error.h>

/* A server of TLS, behind a proxy that lets everybody through if asked to. */
struct host {
    fm_listener *listener;
    fm_tls *tls;
    bool proxies;
};

static int host_agree(fm_stream *stream)
{
    char head[512];
    ssize_t n = fm_read_until(stream, "\r\n\r\n", head, sizeof head);
    if (n >= 0)
        n = fm_write(stream, "HTTP/1.1 200 OK\r\n\r\n", 19);
    return n < 0 ? (int)n : 0;
}

static int host(struct host *self)
{
    fm_stream *stream;
    char word[4];
    int rc = fm_accept(self->listener, &stream);
    if (rc < 0)
        return rc;
    if (self->proxies)
        rc = host_agree(stream);
    if (rc == 0)
        rc = fm_start_tls(stream, self->tls);
    if (rc == 0 && fm_read_exactly(stream, word, 4) == 4)
        fm_write(stream, word, 4);
    fm_close(stream);
    return rc;
}

static fm_tls_failure failure;

/* What fm_connect says; where it succeeds a word goes there and back. */
static int meet_securely(const char *name, bool proxies)
{
    fm_stream *stream = NULL;
    char proxy[FM_ADDRESS_TEXT + 8], word[4];
    fm_listener *listener = listen_here();
    fm_tls *client = kit_client_tls((fm_tls_options){.alpn = NULL});
    fm_tls *server = kit_server_tls((fm_tls_options){.alpn = NULL});
    fm_connect_options options = {
        .tls = client,
        .server_name = name,
        .tls_failure = &failure,
    };
    fm_task *task = fm_go(host, listener, server, proxies);
    snprintf(proxy, sizeof proxy, "http://%s", where(listener));
    if (proxies)
        options.proxy = proxy;
    int rc = fm_connect(proxies ? "example.org:443" : where(listener), &stream,
                        &options);
    CHECK((rc == 0) == (stream != NULL));
    if (rc == 0) {
        CHECK(fm_tls_version(stream) != NULL);
        CHECK_INT(fm_write(stream, "word", 4), 4);
        CHECK_INT(fm_read_exactly(stream, word, 4), 4);
    }
    fm_close(stream);
    int served = fm_await(task);
    CHECK((served == 0) == (rc == 0));
    CHECK_INT(fm_listener_close(listener), 0);
    fm_tls_free(client);
    fm_tls_free(server);
    return rc;
}

STORY(a_connection_with_tls_has_shaken_hands)
{
    CHECK_INT(meet_securely("example.org", false), 0);
}

STORY(without_a_server_name_the_host_has_to_answer)
{
    CHECK_INT(meet_securely(NULL, false), 0); /* 127.0.0.1 */
}

STORY(who_answers_for_another_name_is_refused)
{
    CHECK_INT(meet_securely("example.com", false), -FM_ECERT_NAME);
    CHECK_INT(failure.code, -FM_ECERT_NAME);
}

STORY(over_a_proxy_the_target_has_to_answer)
{
    CHECK_INT(meet_securely(NULL, true), 0);
    CHECK_INT(meet_securely("example.com", true), -FM_ECERT_NAME);
}
