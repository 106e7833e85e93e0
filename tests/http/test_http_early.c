/*
 * test_http_early.c - who has its answer does not wait for the rest
 *
 * The server says what it is told to, and reads nothing more until the client
 * has left.
 */
#include "harness.h"

#include "task/story.h"

enum {
    HUGE_BODY = 16 * 1024 * 1024, /* more than any socket holds */
    PIECE = 65536
};

#define FINE "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine"

static struct early {
    const char *says;
    char heard[8192];
    fm_listener *listener;
    fm_task *server;
    fm_http_client *client;
    fm_response *response;
    char url[FM_ADDRESS_TEXT + 16];
    int connections;
} early;

/* Nothing is read behind the head. */
static int early_serve(fm_stream *stream, void *arg)
{
    fm_event never = {0};
    (void)arg;
    early.connections++;
    if (fm_read_until(stream, "\r\n\r\n", early.heard, sizeof early.heard) >
            0 &&
        fm_write(stream, early.says, strlen(early.says)) > 0)
        return fm_event_wait(&never);
    return 0;
}

static int early_run(void *arg)
{
    const fm_serve_options options = {.grace = 0.01};
    (void)arg;
    return fm_serve(early.listener, early_serve, NULL, &options);
}

static void early_open(const char *says)
{
    char address[FM_ADDRESS_TEXT];
    memset(&early, 0, sizeof early);
    early.says = says;
    CHECK_INT(fm_listen("127.0.0.1:0", &early.listener), 0);
    fm_address_format(fm_listener_address(early.listener), address);
    snprintf(early.url, sizeof early.url, "http://%s/", address);
    early.server = fm_start(early_run, NULL);
    CHECK_INT(fm_http_client_open(&early.client), 0);
}

static void early_close(void)
{
    fm_http_client_close(early.client);
    fm_stop(early.server);
}

/* In pieces of *arg bytes. */
static int write_huge(fm_upload *upload, void *arg)
{
    static char buf[PIECE];
    const size_t *piece = arg;
    for (size_t sent = 0; sent < HUGE_BODY; sent += *piece) {
        ssize_t rc = fm_upload_write(upload, buf, *piece);
        if (rc < 0)
            return (int)rc;
    }
    return 0;
}

static size_t pieces[] = {PIECE, 1000};
static const fm_http_request huge[] = {
    {.upload = write_huge, .upload_arg = &pieces[0]},
    {.upload = write_huge, .upload_arg = &pieces[1]},
};

/* Until nothing more goes. */
static void early_settle(void)
{
    for (int i = 0; i < 100; i++)
        CHECK_INT(fm_sleep(story_span(1)), 0);
}

/* ---- a body that nobody takes -------------------------------------------- */

STORY(a_close_does_not_wait_for_a_server_that_takes_no_more)
{
    static const char *const rows[] = {
        FINE, "HTTP/1.1 413 No\r\nConnection: close\r\nContent-Length: 0\r\n"
              "\r\n"};
    for (size_t i = 0; i < 4; i++) {
        early_open(rows[i / 2]);
        CHECK_INT(fm_http_fetch(early.client, early.url, &early.response,
                                &huge[i % 2]),
                  0);
        early_settle();
        fm_response_close(early.response);
        CHECK_INT((int)fm_http_client_connections(early.client), 0);
        early_close();
    }
}

STORY(a_single_request_has_no_connection_when_it_has_its_answer)
{
    early_open(FINE);
    CHECK_INT(fm_http_get(early.url, &early.response, &huge[0]), 0);
    CHECK_INT(fm_response_status(early.response), 200);
    CHECK(strcmp(fm_response_text(early.response), "fine") == 0);
    fm_response_close(early.response);
    early_close();
}

/* ---- an answer that nobody reads ----------------------------------------- */

STORY(a_close_does_not_wait_for_the_rest_of_an_answer)
{
    static const char *const rows[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfine",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n0",
        "HTTP/1.1 200 OK\r\n\r\nfine",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        early_open(rows[i]);
        CHECK_INT(fm_http_fetch(early.client, early.url, &early.response), 0);
        fm_response_close(early.response);
        CHECK_INT((int)fm_http_client_connections(early.client), 0);
        early_close();
    }
}
