/*
 * test_proxy_hostile.c - proxies that are wrong, slow, or never stop
 */
#include "proxies.h"

#include "proto/tunnel.h"

STORY(what_is_no_answer_is_refused_at_its_first_wrong_byte)
{
    static const char *const greetings[] = {"\x04\x00", "HTTP/1.1 400", "\xff",
                                            "SSH-2.0-x\r\n"};
    static const char *const heads[] = {
        "\x05",         "HTTP/2.0 200",  "HTTP/1.1  200",
        "HTTP/1.1 20x", "HTTP/1.1 2000", "http/1.1 200",
        "<html>",       "HTTP/1.1\r\n",  "HTTP/1.1 0"};
    for (size_t i = 0; i < sizeof greetings / sizeof greetings[0]; i++) {
        const struct line line = {"\x05\x01\x00", 3, greetings[i],
                                  strlen(greetings[i])};
        check_play((struct play){.scheme = "socks5://",
                                 .target = "far.example:1",
                                 .lines = {line}},
                   -FM_EPROXY);
    }
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        const struct line line = {CONNECT, sizeof CONNECT - 1, heads[i],
                                  strlen(heads[i])};
        check_play((struct play){.scheme = "http://",
                                 .target = "far.example:443",
                                 .lines = {line}},
                   -FM_EPROXY);
    }
}

STORY(an_answer_that_ends_anywhere_is_none)
{
    for (size_t size = 0; size < sizeof STANDS - 1; size++) {
        const struct play play = {
            .scheme = "socks5://",
            .target = "far.example.:443",
            .lines = {GREETING, {ASKED, sizeof ASKED - 1, STANDS, size}},
            .leaves = true};
        CHECK_INT(play_run(&play), -FM_EPROXY);
    }
    for (size_t size = 0; size < sizeof TUNNEL - 1; size++) {
        const struct play play = {
            .scheme = "http://",
            .target = "far.example:443",
            .lines = {{CONNECT, sizeof CONNECT - 1, TUNNEL, size}},
            .leaves = true};
        CHECK_INT(play_run(&play), -FM_EPROXY);
    }
}

static char long_head[FM__TUNNEL_LIMIT + 2];

/* As long as asked for, with its empty line. */
static void check_head(size_t size, int result)
{
    static const char start[] = "HTTP/1.1 200 OK\r\nX: ";
    memset(long_head, 'x', sizeof long_head);
    memcpy(long_head, start, sizeof start - 1);
    memcpy(long_head + size - 4, "\r\n\r\n", 4);
    const struct play play = {
        .scheme = "http://",
        .target = "far.example:443",
        .lines = {{CONNECT, sizeof CONNECT - 1, long_head, size}},
        .leaves = true};
    CHECK_INT(play_run(&play), result);
}

STORY(a_head_may_have_8192_bytes_and_no_more)
{
    check_head(FM__TUNNEL_LIMIT, 0);
    check_head(FM__TUNNEL_LIMIT + 1, -FM_EPROXY);
}

/* A proxy that never stops talking. */
struct talker {
    fm_listener *listener;
};

static int talker(struct talker *self)
{
    fm_stream *client;
    int rc = fm_accept(self->listener, &client);
    ssize_t n = rc;
    if (rc == 0)
        n = fm_write(client, "HTTP/1.1 200 OK\r\n", 17);
    while (n >= 0)
        n = fm_write(client, "More: and more\r\n", 16);
    fm_abort(client);
    return n == -EPIPE || n == -ECONNRESET ? 0 : (int)n;
}

STORY(a_head_without_an_end_is_refused)
{
    fm_stream *stream = NULL;
    const struct play play = {
        .scheme = "http://", .target = "far.example:443", .lines = {{0}}};
    fm_listener *listener = listen_here();
    fm_task *task = fm_go(talker, listener);
    CHECK_INT(play_connect(&play, where(listener), &stream), -FM_EPROXY);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(fm_listener_close(listener), 0);
}
