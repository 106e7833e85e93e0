/*
 * test_proxy.c - connections that a proxy makes
 */
#include "proxies.h"

/* ---- SOCKS 5: RFC 1928 -------------------------------------------------- */

STORY(a_socks_proxy_is_asked_by_name_and_looks_it_up_itself)
{
    check_play((struct play){.scheme = "socks5://",
                             .target = "far.example.:443",
                             .lines = {GREETING, LINE(ASKED, STANDS)}},
               0);
    check_play((struct play){.scheme = "socks5h://",
                             .target = "far.example.:443",
                             .lines = {GREETING, LINE(ASKED, STANDS)}},
               0);
}

STORY(a_socks_proxy_is_asked_for_literal_addresses_as_such)
{
    check_play(
        (struct play){
            .scheme = "socks5://",
            .target = "192.0.2.1:258",
            .lines = {GREETING, LINE("\x05\x01\x00\x01\xc0\x00\x02\x01\x01\x02",
                                     STANDS)}},
        0);
    check_play(
        (struct play){
            .scheme = "socks5://",
            .target = "[2001:db8::1]:80",
            .lines = {GREETING,
                      LINE("\x05\x01\x00\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0"
                           "\0\0\0\x01\0\x50",
                           STANDS)}},
        0);
}

STORY(a_socks_proxy_may_say_where_it_is_in_any_way)
{
    check_play((struct play){.scheme = "socks5://",
                             .target = "far.example.:443",
                             .lines = {GREETING, LINE(ASKED, "\x05\0\0\x03\x03"
                                                             "abc\0\0")}},
               0);
    check_play(
        (struct play){.scheme = "socks5://",
                      .target = "far.example.:443",
                      .lines = {GREETING, LINE(ASKED, "\x05\0\0\x03\0\0\0")}},
        0);
    check_play(
        (struct play){.scheme = "socks5://",
                      .target = "far.example.:443",
                      .lines = {GREETING, LINE(ASKED, "\x05\0\0\x04"
                                                      "0123456789abcdef\0\0")}},
        0);
}

#define OFFER "\x05\x02\x00\x02"
#define LOGIN                                                                  \
    "\x01\x05"                                                                 \
    "alice"                                                                    \
    "\x06"                                                                     \
    "s:c@e/"

STORY(a_socks_proxy_hears_the_user_and_the_password_if_it_asks)
{
    check_play(
        (struct play){.scheme = "socks5://alice:s%3ac%40e/@",
                      .target = "far.example.:443",
                      .lines = {LINE(OFFER, "\x05\x02"),
                                LINE(LOGIN, "\x01\x00"), LINE(ASKED, STANDS)}},
        0);
    check_play(
        (struct play){.scheme = "socks5://alice:s%3ac%40e/@",
                      .target = "far.example.:443",
                      .lines = {LINE(OFFER, "\x05\x00"), LINE(ASKED, STANDS)}},
        0);
}

STORY(a_login_that_is_refused_is_its_own_error)
{
    check_play((struct play){.scheme = "socks5://alice:s%3ac%40e/@",
                             .target = "far.example.:443",
                             .lines = {LINE(OFFER, "\x05\x02"),
                                       LINE(LOGIN, "\x01\x01")},
                             .leaves = true},
               -FM_EPROXYLOGIN);
    check_play((struct play){.scheme = "socks5://",
                             .target = "far.example.:443",
                             .lines = {LINE("\x05\x01\x00", "\x05\xff")},
                             .leaves = true},
               -FM_EPROXYLOGIN);
}

STORY(a_method_that_was_not_offered_is_no_answer)
{
    check_play((struct play){.scheme = "socks5://",
                             .target = "far.example.:443",
                             .lines = {LINE("\x05\x01\x00", "\x05\x02")},
                             .leaves = true},
               -FM_EPROXY);
    check_play((struct play){.scheme = "socks5://",
                             .target = "far.example.:443",
                             .lines = {LINE("\x05\x01\x00", "\x05\x01")},
                             .leaves = true},
               -FM_EPROXY);
}

STORY(each_reply_of_a_socks_proxy_is_its_own_error)
{
    static const int errors[] = {
        0,
        -FM_EPROXYFAILED,
        -FM_EPROXYFORBIDS,
        -FM_EPROXYNETWORK,
        -FM_EPROXYHOST,
        -FM_EPROXYREFUSED,
        -FM_EPROXYTIMEOUT,
        -FM_EPROXYCOMMAND,
        -FM_EPROXYFAMILY,
        -FM_EPROXYFAILED,
    };
    char reply[] = "\x05\x01\x00\x01\0\0\0\0\0\0";
    struct play play = {
        .scheme = "socks5://",
        .target = "far.example.:443",
        .lines = {GREETING, {ASKED, sizeof ASKED - 1, reply, 10}},
        .leaves = true};
    for (int i = 1; i < 10; i++) {
        reply[1] = (char)i;
        check_play(play, errors[i]);
        CHECK_INT(play_failures.reply, i);
        CHECK(strcmp(fm_strerror(errors[i]), "unknown error") != 0);
    }
}

STORY(what_comes_right_behind_the_reply_is_the_other_end_s)
{
    fm_stream *stream;
    const struct line lines[] = {GREETING, LINE(ASKED, STANDS "early"), {0}};
    const struct play play = {
        .scheme = "socks5://", .target = "far.example.:443", .lines = {{0}}};
    fm_listener *listener = listen_here();
    fm_task *task = fm_go(actor, .listener = listener, .lines = lines);
    char heard[8] = "";
    CHECK_INT(play_connect(&play, where(listener), &stream), 0);
    CHECK_INT(fm_read_exactly(stream, heard, 5), 5);
    CHECK(strcmp(heard, "early") == 0);
    check_says(stream, stream, "later");
    CHECK_INT(fm_close(stream), 0);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(fm_listener_close(listener), 0);
}

/* ---- HTTP: RFC 9110, 9.3.6 ---------------------------------------------- */

STORY(an_http_proxy_is_asked_for_a_tunnel)
{
    check_play((struct play){.scheme = "http://",
                             .target = "far.example:443",
                             .lines = {LINE(CONNECT, TUNNEL)}},
               0);
    check_play((struct play){.scheme = "http://",
                             .target = "far.example:443",
                             .lines = {LINE(CONNECT, "HTTP/1.0 204 \n"
                                                     "Content-Length: 7\n\n")}},
               0);
    check_play(
        (struct play){.scheme = "http://",
                      .target = "[2001:db8::1]:80",
                      .lines = {LINE("CONNECT [2001:db8::1]:80 HTTP/1.1\r\n"
                                     "Host: [2001:db8::1]:80\r\n\r\n",
                                     TUNNEL)}},
        0);
}

/* RFC 7617, 2: its own example. */
STORY(an_http_proxy_hears_the_user_and_the_password)
{
    check_play(
        (struct play){.scheme = "http://Aladdin:open%20sesame@",
                      .target = "far.example:443",
                      .lines = {LINE("CONNECT far.example:443 HTTP/1.1\r\n"
                                     "Host: far.example:443\r\n"
                                     "Proxy-Authorization: Basic "
                                     "QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n",
                                     TUNNEL)}},
        0);
}

STORY(what_an_http_proxy_refuses_by_is_told)
{
    static const struct {
        const char *says;
        int status;
        int error;
    } all[] = {
        {"HTTP/1.1 407 Who?\r\n\r\n", 407, -FM_EPROXYLOGIN},
        {"HTTP/1.1 403 No\r\nA: b\r\n\r\n<html>", 403, -FM_EPROXYFORBIDS},
        {"HTTP/1.1 502 Bad Gateway\r\n\r\n", 502, -FM_EPROXYFAILED},
        {"HTTP/1.1 504 Gateway Timeout\r\n\r\n", 504, -FM_EPROXYTIMEOUT},
        {"HTTP/1.1 302 Found\r\n\r\n", 302, -FM_EPROXYFAILED},
        {"HTTP/1.1 000 \r\n\r\n", 0, -FM_EPROXY},
        {"HTTP/1.1 999\r\n\r\n", 999, -FM_EPROXYFAILED},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        const struct line line = {CONNECT, sizeof CONNECT - 1, all[i].says,
                                  strlen(all[i].says)};
        check_play((struct play){.scheme = "http://",
                                 .target = "far.example:443",
                                 .lines = {line},
                                 .leaves = true},
                   all[i].error);
        CHECK_INT(play_failures.reply, all[i].status);
    }
}

STORY(bytes_behind_the_head_of_the_answer_are_the_other_end_s)
{
    fm_stream *stream;
    const struct line lines[] = {LINE(CONNECT, TUNNEL "\r\n\r\nearly"), {0}};
    const struct play play = {
        .scheme = "http://", .target = "far.example:443", .lines = {{0}}};
    fm_listener *listener = listen_here();
    fm_task *task = fm_go(actor, .listener = listener, .lines = lines);
    char heard[16] = "";
    CHECK_INT(play_connect(&play, where(listener), &stream), 0);
    CHECK_INT(fm_read_exactly(stream, heard, 9), 9);
    CHECK(strcmp(heard, "\r\n\r\nearly") == 0);
    CHECK_INT(fm_close(stream), 0);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(fm_listener_close(listener), 0);
}

#define WAIT "HTTP/1.1 100 Continue\r\n\r\n"
#define WAIT_4 WAIT WAIT WAIT WAIT

STORY(eight_interim_answers_are_passed_over_and_no_more)
{
    check_play((struct play){.scheme = "http://",
                             .target = "far.example:443",
                             .lines = {LINE(CONNECT, WAIT_4 WAIT_4 TUNNEL)}},
               0);
    check_play(
        (struct play){.scheme = "http://",
                      .target = "far.example:443",
                      .lines = {LINE(CONNECT, WAIT_4 WAIT_4 WAIT TUNNEL)},
                      .leaves = true},
        -FM_EPROXY);
}

/* ---- Which one, and whereto --------------------------------------------- */

STORY(what_is_no_proxy_is_einval)
{
    static const char *const texts[] = {
        "",
        "127.0.0.1:1080",
        "socks4://127.0.0.1:1080",
        "https://127.0.0.1:1080",
        "socks5://127.0.0.1",
        "socks5://127.0.0.1:1080/",
        "socks5://alice@127.0.0.1:1080",
        "socks5://:b@127.0.0.1:1080",
        "socks5://a:@127.0.0.1:1080",
        "socks5://a:b%0@127.0.0.1:1080",
        "socks5://a:b%@127.0.0.1:1080",
        "socks5://a:b%00@127.0.0.1:1080",
        "http://a:%zz@127.0.0.1:1080",
        "http://127.0.0.1:99999",
    };
    fm_stream *stream = NULL;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const fm_connect_options options = {.proxy = texts[i]};
        CHECK_INT(fm_connect("far.example:1", &stream, &options), -EINVAL);
    }
    CHECK(stream == NULL);
}

static void check_word(size_t size, int result)
{
    char text[512] = "socks5://a:", hears[600];
    size_t at = strlen(text);
    memset(text + at, 'w', size);
    memcpy(text + at + size, "@", 2);
    memcpy(hears,
           "\x01\x01"
           "a",
           3);
    hears[3] = (char)size;
    memset(hears + 4, 'w', size);
    check_play((struct play){.scheme = text,
                             .target = "far.example.:443",
                             .lines = {LINE(OFFER, "\x05\x02"),
                                       {hears, size + 4, "\x01\x00", 2},
                                       LINE(ASKED, STANDS)}},
               result);
}

STORY(a_password_may_have_255_bytes)
{
    fm_stream *stream = NULL;
    char text[512] = "socks5://a:";
    check_word(255, 0);
    memset(text + 11, 'w', 256);
    memcpy(text + 11 + 256, "@127.0.0.1:1", 13);
    CHECK_INT(fm_connect("far.example:1", &stream,
                         &(fm_connect_options){.proxy = text}),
              -EINVAL);
}

STORY(a_proxy_where_nobody_listens_refuses_as_anybody_does)
{
    fm_stream *stream = NULL;
    fm_listener *listener = listen_here();
    const struct play play = {
        .scheme = "socks5://", .target = "far.example:1", .lines = {{0}}};
    const char *gone = where(listener);
    CHECK_INT(fm_listener_close(listener), 0);
    CHECK_INT(play_connect(&play, gone, &stream), -ECONNREFUSED);
    CHECK_INT(play_failures.count, 1);
    CHECK_INT(play_failures.reply, 0);
}

/* It accepts and says nothing. */
STORY(a_silent_proxy_is_left_when_time_is_up)
{
    fm_stream *stream = NULL, *client;
    fm_listener *listener = listen_here();
    const struct play play = {
        .scheme = "http://", .target = "far.example:443", .lines = {{0}}};
    int rc;
    FM_TIMEOUT(story_span(20), rc) {
        rc = play_connect(&play, where(listener), &stream);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK(stream == NULL);
    /* On a slow machine time may be up before it was called. */
    FM_TIMEOUT(story_span(20), rc) {
        rc = fm_accept(listener, &client);
    }
    CHECK(rc == 0 || !test_simulated());
    if (rc == 0)
        CHECK_INT(fm_close(client), 0);
    CHECK_INT(fm_listener_close(listener), 0);
}
