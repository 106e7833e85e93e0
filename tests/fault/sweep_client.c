/*
 * sweep_client.c - scenarios: requests, in memory and by the network
 *
 * A body that a client has is the one that was sent, whole, or there is an
 * error: whatever fails, half of it never passes for all of it.
 */
#include "fault/sweep.h"

#include "base/fault.h"

#include <string.h>

enum {
    CLIENT_BODY = 40000 /* more than leaves with a head */
};

static char client_body[CLIENT_BODY];

/* A peer that gave up shows in one of these ways. */
static int client_told(int rc)
{
    switch (-rc) {
    case EPIPE:
    case FM_EEOF:
    case FM_EHTTPRANGE:
        return -ECONNRESET;
    default:
        return rc;
    }
}

/* Back goes what has come; "/go" leads to "/". */
static int client_echo(fm_exchange *exchange, void *arg)
{
    const char *body;
    (void)arg;
    if (strcmp(fm_exchange_target(exchange), "/go") == 0) {
        int rc = fm_reply_set(exchange, "Location", "/");
        return rc < 0 ? rc : fm_reply_text(exchange, 307, "there");
    }
    ssize_t size = fm_exchange_load(exchange, &body);
    if (size < 0)
        return (int)size;
    return fm_reply(exchange, 200, body, (size_t)size);
}

/* ---- in memory ----------------------------------------------------------- */

static int client_upload(fm_upload *upload, void *arg)
{
    void *block;
    (void)arg;
    ssize_t rc = sweep_begin(&block);
    for (size_t at = 0; rc >= 0 && at < CLIENT_BODY; at += 8000)
        rc = fm_upload_write(upload, client_body + at, 8000);
    return sweep_end(block, rc < 0 ? (int)rc : 0);
}

/* A server in need answers 500. */
static int client_hear(fm_response *response, const char *wanted, size_t size)
{
    const char *bytes;
    int status = fm_response_status(response);
    ssize_t n = fm_response_load(response, &bytes);
    if (n >= 0 && status == 200)
        sweep_state.noted +=
            (size_t)n != size || memcmp(bytes, wanted, size) != 0;
    fm_response_close(response);
    if (n < 0)
        return (int)n;
    return status == 200 ? 0 : -ECONNRESET;
}

static int client_ask(fm_http_client *client, const char *url,
                      const fm_http_request *request, size_t size)
{
    fm_response *response;
    int rc = fm_http_fetch(client, url, &response, request);
    return rc < 0 ? rc : client_hear(response, client_body, size);
}

struct client_asks {
    fm_http_client *client;
    const char *url;
    bool writes;
};

static int client_asks(struct client_asks *self)
{
    static const fm_http_request whole = {.body = client_body,
                                          .body_size = CLIENT_BODY};
    static const fm_http_request pieces = {.upload = client_upload};
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = client_ask(self->client, self->url,
                        self->writes ? &pieces : &whole, CLIENT_BODY);
    return sweep_end(block, client_told(rc));
}

/* Two share a connection, or would. */
static int client_talks(fm_http_client *client, const char *url)
{
    memset(client_body, 'x', sizeof client_body);
    int rc = fm_gather(fm_go(client_asks, client, url, true),
                       fm_go(client_asks, client, url, false));
    if (rc == 0)
        rc = client_ask(client, url, NULL, 0);
    return client_told(rc);
}

static int client_in_memory(void *arg)
{
    const fm_http_client_options options = {.of_origin = 1,
                                            .handler = client_echo};
    fm_http_client *client;
    (void)arg;
    int rc = fm_http_client_open(&client, &options);
    if (rc < 0)
        return rc;
    rc = client_talks(client, "http://user:word@a/go");
    fm_http_client_close(client);
    return rc;
}

/* ---- by the network ------------------------------------------------------ */

static int client_by_network(const char *url, bool relayed)
{
    const fm_http_client_options options = {.of_origin = 1,
                                            .answer_timeout = sweep_silence(),
                                            .proxy = relayed ? url : NULL};
    fm_http_client *client;
    int rc = fm_http_client_open(&client, &options);
    if (rc < 0)
        return rc;
    rc = client_talks(client, relayed ? "http://a/" : url);
    fm_http_client_close(client);
    return rc;
}

struct client_host {
    fm_listener *listener;
    fm_serve_handler handler; /* NULL: client_echo */
};

static int client_host(struct client_host *self)
{
    return self->handler != NULL
               ? fm_serve(self->listener, self->handler, NULL)
               : fm_http_serve(self->listener, client_echo, NULL);
}

/* The listener is the server's, so its end is awaited before all else. */
static int client_hosts(fm_serve_handler handler,
                        int (*visit)(const char *url, bool relayed),
                        bool relayed)
{
    char url[SWEEP_URL];
    fm_listener *listener;
    int rc = sweep_host("http://", &listener, url);
    if (rc < 0)
        return rc;
    fm_task *server = fm_go(client_host, listener, handler);
    if (server == NULL) {
        fm_listener_close(listener);
        return -ENOMEM;
    }
    FM_TIMEOUT(sweep_patience(), rc) {
        rc = visit(url, relayed);
    }
    int ended = fm_stop(server);
    return rc < 0 || ended == -ECANCELED ? rc : ended;
}

static int client_asks_servers(void *arg)
{
    (void)arg;
    return client_hosts(NULL, client_by_network, false);
}

static int client_asks_proxies(void *arg)
{
    (void)arg;
    return client_hosts(NULL, client_by_network, true);
}

/* ---- a body that breaks off ---------------------------------------------- */

/* Half of it, whatever is asked for, and the other half to who asks for it. */
static int client_breaks(fm_stream *stream, void *arg)
{
    static const char half[] = "HTTP/1.1 200 OK\r\nETag: \"a\"\r\n"
                               "Content-Length: 10\r\n\r\n01234";
    static const char rest[] =
        "HTTP/1.1 206 OK\r\nETag: \"a\"\r\nContent-Length: 5\r\n"
        "Content-Range: bytes 5-9/10\r\n\r\n56789";
    char head[1024];
    (void)arg;
    ssize_t n = fm_read_until(stream, "\r\n\r\n", head, sizeof head - 1);
    if (n <= 0)
        return (int)n;
    head[n] = '\0';
    const char *says = strstr(head, "Range: bytes=5-9\r\n") ? rest : half;
    n = fm_write(stream, says, strlen(says));
    return n < 0 ? (int)n : 0;
}

static int client_goes_on(const char *url, bool relayed)
{
    fm_http_client *client;
    fm_response *response;
    (void)relayed;
    int rc = fm_http_client_open(
        &client, &(fm_http_client_options){.answer_timeout = sweep_silence()});
    if (rc < 0)
        return rc;
    rc = fm_http_fetch(client, url, &response,
                       &(fm_http_request){.retries = 1, .resumes = 1});
    if (rc == 0)
        rc = client_hear(response, "0123456789", 10);
    fm_http_client_close(client);
    return client_told(rc);
}

static int client_resumes(void *arg)
{
    (void)arg;
    return client_hosts(client_breaks, client_goes_on, false);
}

/* ---- what a site asks for ------------------------------------------------ */

static int client_rules(fm_exchange *exchange, void *arg)
{
    (void)arg;
    return fm_reply_text(exchange, 200, "user-agent: *\ndisallow: /a\n");
}

static int client_looks(const fm_robots *robots)
{
    fm_url *url;
    int rc = fm_url_parse("http://a/%62", NULL, &url);
    if (rc < 0)
        return rc;
    rc = fm_url_normalize(url);
    sweep_state.noted += fm_robots_allowed(robots, "/a");
    if (rc == 0 && !fm_robots_allowed(robots, fm_url_get(url, FM_URL_PATHNAME)))
        rc = -ENOMEM;
    fm_url_free(url);
    return rc;
}

static int client_obeys(void *arg)
{
    const fm_http_client_options options = {.handler = client_rules};
    fm_http_client *client;
    fm_robots *robots;
    (void)arg;
    int rc = fm_http_client_open(&client, &options);
    if (rc < 0)
        return rc;
    rc = fm_robots_fetch(client, "http://a/b", "c", &robots);
    if (rc == 0) {
        rc = client_looks(robots);
        fm_robots_free(robots);
    }
    fm_http_client_close(client);
    return client_told(rc);
}

static const char *client_heard_right(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "something was not as it was sent" : NULL;
}

const struct scenario sweep_client[] = {
    {"client", client_in_memory, .also = {-ECONNRESET, -ECANCELED},
     .wrong = client_heard_right},
    {"client-robots", client_obeys, .also = {-ECONNRESET, -EACCES},
     .wrong = client_heard_right},
    {"client-network", client_asks_servers,
     .also = {-ECONNRESET, -ECONNREFUSED, -ETIMEDOUT},
     .wrong = client_heard_right},
    {"client-proxy", client_asks_proxies,
     .also = {-ECONNRESET, -ECONNREFUSED, -ETIMEDOUT}, .dear = true,
     .wrong = client_heard_right},
    {"client-resumes", client_resumes,
     .also = {-ECONNRESET, -ECONNREFUSED, -ETIMEDOUT}, .dear = true,
     .wrong = client_heard_right},
    {.name = NULL},
};
