/*
 * fuzz_h2.c - whatever a peer of HTTP/2 says, a connection ends, in both roles,
 * and gives back all that it had
 *
 * The first byte is the world's seed; its last bit says who is fuzzed: 0 the
 * server, which has heard the preface; 1 the client, which asks twice. What
 * follows is what its peer says, in pieces that the seed chooses, before it
 * ends its side.
 */
#include "fuzz.h"

#include <fermata.h>
#include <string.h>

enum {
    H2_PATIENCE = 1000, /* seconds, that cost nothing */
    H2_BIG = 100000     /* more than a window */
};

#define H2_PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

struct h2_case {
    const uint8_t *bytes;
    size_t size;
    uint64_t chance;
    fm_stream *ends[2];
    fm_listener *listener;
};

/* Says all in pieces; false: nobody hears it any more. */
static bool h2_say(struct h2_case *self, fm_stream *stream)
{
    for (size_t at = 0; at < self->size;) {
        self->chance = self->chance * UINT64_C(6364136223846793005) + 1;
        size_t piece = 1 + (size_t)(self->chance >> 33) % 200;
        size_t left = self->size - at;
        piece = piece < left ? piece : left;
        if (fm_write(stream, self->bytes + at, piece) < 0)
            return false;
        if ((self->chance >> 50) % 4 == 0)
            (void)fm_flush(stream);
        at += piece;
    }
    return fm_write_eof(stream) == 0;
}

static void h2_hear(fm_stream *stream)
{
    char scrap[4096];
    while (fm_read(stream, scrap, sizeof scrap) > 0)
        continue;
}

/* ---- the server ---------------------------------------------------------- */

/* Says as it hears; or more than anybody has asked for. */
static int h2_answer(fm_exchange *exchange, void *arg)
{
    static char big[H2_BIG];
    char buf[512];
    ssize_t size;
    (void)arg;
    if (strcmp(fm_exchange_target(exchange), "/") != 0)
        return fm_reply(exchange, 200, big, sizeof big);
    int rc = fm_reply_begin(exchange, 200, -1);
    while (rc >= 0 && (size = fm_exchange_read(exchange, buf, sizeof buf)) != 0)
        rc = size < 0 ? (int)size
                      : (int)fm_reply_write(exchange, buf, (size_t)size);
    return rc;
}

static int h2_server(struct h2_case *self)
{
    (void)fm_http_serve_stream(self->ends[1], h2_answer, NULL);
    fm_close(self->ends[1]);
    return 0;
}

static int h2_sayer(struct h2_case *self)
{
    (void)h2_say(self, self->ends[0]);
    return 0;
}

static void h2_fuzz_server(struct h2_case *self)
{
    int rc;
    if (fm_stream_pair(self->ends) < 0)
        fuzz_fail("there is no pair");
    (void)fm_write(self->ends[0], H2_PREFACE, strlen(H2_PREFACE));
    fm_task *server = fm_start((int (*)(void *))h2_server, self);
    fm_task *sayer = fm_start((int (*)(void *))h2_sayer, self);
    FM_TIMEOUT(H2_PATIENCE, rc) {
        h2_hear(self->ends[0]);
        rc = fm_await(server);
    }
    if (rc < 0)
        fuzz_fail("a server does not end");
    (void)fm_await(sayer);
    fm_close(self->ends[0]);
}

/* ---- the client ---------------------------------------------------------- */

static int h2_peer(fm_stream *stream, void *arg)
{
    int rc;
    FM_TIMEOUT(1, rc) {
        if (h2_say(arg, stream))
            h2_hear(stream);
    }
    return 0;
}

static int h2_peers(struct h2_case *self)
{
    return fm_serve(self->listener, h2_peer, self);
}

struct h2_asks {
    fm_http_client *client;
    const char *url;
    const char *body; /* or NULL */
};

static int h2_asks(struct h2_asks *self)
{
    const fm_http_request request = {
        .body = self->body, .body_size = self->body != NULL ? H2_BIG : 0};
    fm_response *response;
    const char *bytes;
    if (fm_http_fetch(self->client, self->url, &response, &request) == 0) {
        (void)fm_response_load(response, &bytes);
        fm_response_close(response);
    }
    return 0;
}

static void h2_ask_twice(const char *url)
{
    static char big[H2_BIG];
    const fm_http_client_options options = {.http2 = true, .of_origin = 1};
    fm_http_client *client;
    int rc;
    if (fm_http_client_open(&client, &options) < 0)
        fuzz_fail("there is no client");
    FM_TIMEOUT(H2_PATIENCE, rc) {
        rc = fm_gather(fm_go(h2_asks, client, url, NULL),
                       fm_go(h2_asks, client, url, big));
        fm_http_client_close(client);
    }
    if (rc < 0)
        fuzz_fail("a client does not end");
}

static void h2_fuzz_client(struct h2_case *self)
{
    char url[FM_ADDRESS_TEXT + 8] = "http://";
    if (fm_listen("127.0.0.1:0", &self->listener) < 0)
        fuzz_fail("there is no listener");
    fm_address_format(fm_listener_address(self->listener), url + strlen(url));
    fm_task *peers = fm_start((int (*)(void *))h2_peers, self);
    h2_ask_twice(url);
    (void)fm_stop(peers);
}

static int h2_run(void *arg)
{
    struct h2_case *self = arg;
    if (self->chance % 2 == 0)
        h2_fuzz_server(self);
    else
        h2_fuzz_client(self);
    return 0;
}

/* What a run has not given back ends it with a sentence. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size < 1)
        return 0;
    struct h2_case self = {
        .bytes = bytes + 1, .size = size - 1, .chance = bytes[0]};
    const fm_run_options options = {.backend = "sim", .seed = bytes[0] + 1U};
    return fm_run(h2_run, &self, &options);
}
