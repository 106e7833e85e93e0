/*
 * test_ws_deflate.c - what a peer may compress, and what it may not (RFC 7692)
 */
#include "http/ws_talk.h"

#include <stdlib.h>
#include <zlib.h>

#define OFFER "Sec-WebSocket-Extensions: permessage-deflate\r\n"

static const char hello[] = "\xf2\x48\xcd\xc9\xc9\x07"; /* and its NUL */
static char packed[CASES_ROOM];
static size_t packed_size;

/* Both agree; what was said before may be referred to. */
static void begin_packed(bool client)
{
    begin(client);
    talk.options.compress = true;
    talk.options.context = true;
    talk.peer = talk.options;
    talk.offer = OFFER;
}

/* Into `packed`, by the level that ours has. */
static void pack(const void *bytes, size_t size)
{
    z_stream stream = {0};
    CHECK_INT(deflateInit2(&stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY),
              Z_OK);
    stream.next_in = (Bytef *)(uintptr_t)bytes;
    stream.avail_in = (uInt)size;
    stream.next_out = (Bytef *)packed;
    stream.avail_out = sizeof packed;
    CHECK_INT(deflate(&stream, Z_SYNC_FLUSH), Z_OK);
    packed_size = sizeof packed - stream.avail_out - 4;
    deflateEnd(&stream);
}

static void say_hello(void)
{
    say(0xc1, hello, 7);
    want(0x81, "Hello", 5); /* not worth it */
}

/* ---- what comes ---------------------------------------------------------- */

STORY(examples_of_the_standard_are_inflated)
{
    BOTH_ROLES
    {
        begin_packed(client);
        say_hello();
        say(0xc1, "\xf2\x00\x11\x00\x00", 5); /* refers to the last one */
        want(0x81, "Hello", 5);
        say(0xc1, "\x00\x05\x00\xfa\xffHello\x00", 11); /* as it is */
        want(0x81, "Hello", 5);
        say(0xc1, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8); /* "the last" */
        want(0x81, "Hello", 5);
        say(0xc1, "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", 13);
        want(0x81, "Hello", 5);
        say(0x41, hello, 3);
        say(0x80, hello + 3, 4);
        want(0x81, "Hello", 5);
        check_closed("Hello");
    }
}

STORY(plain_messages_may_come_between)
{
    BOTH_ROLES
    {
        begin_packed(client);
        say_hello();
        say(0x81, "plain", 5);
        want(0x81, "plain", 5);
        say(0xc2, "\xf2\x00\x11\x00\x00", 5);
        want(0x82, "Hello", 5);
        check_closed("between");
    }
}

STORY(a_block_that_calls_itself_the_last_is_referred_to)
{
    BOTH_ROLES
    {
        begin_packed(client);
        say(0xc1, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8);
        want(0x81, "Hello", 5);
        say(0xc1, "\xf2\x00\x11\x00\x00", 5);
        want(0x81, "Hello", 5);
        check_closed("the last");
    }
}

STORY(parts_of_a_compressed_message_are_cut_anywhere)
{
    BOTH_ROLES for (size_t at = 0; at <= 7; at++)
    {
        begin_packed(client);
        say(0x41, hello, at);
        say(0x89, "p", 1);
        say(0x00, "", 0);
        say(0x80, hello + at, 7 - at);
        want(0x8a, "p", 1);
        want(0x81, "Hello", 5);
        check_closed("a cut");
    }
}

STORY(an_empty_message_is_a_byte_or_none)
{
    BOTH_ROLES
    {
        begin_packed(client);
        say(0xc1, "\x00", 1);
        want(0x81, "", 0);
        say(0xc2, "", 0);
        want(0x82, "", 0);
        say(0x42, "", 0);
        say(0x80, "\x00", 1);
        want(0x82, "", 0);
        say_hello();
        check_closed("nothing");
    }
}

STORY(only_the_first_frame_of_a_message_says_compressed)
{
    BOTH_ROLES
    {
        for (unsigned first = 0xc8; first <= 0xca; first++) {
            begin_packed(client);
            say(first, "", 0);
            check_fails("a control frame", -FM_EWS, FM_WS_PROTOCOL);
        }
        for (unsigned start = 0x02; start <= 0x42; start += 0x40) {
            begin_packed(client);
            say(start, hello, 3);
            say(0xc0, hello + 3, 4);
            check_fails("a continuation", -FM_EWS, FM_WS_PROTOCOL);
        }
        begin(client); /* nothing was agreed on */
        talk.peer.compress = true;
        say(0xc1, hello, 7);
        check_fails("unasked", -FM_EWS, FM_WS_PROTOCOL);
    }
}

STORY(what_is_no_deflate_is_refused)
{
    static const struct {
        const char *bytes;
        size_t size;
    } rows[] = {
        {"\xff", 1},                         /* a block of no kind */
        {"\x07", 1},                         /* the same, the last */
        {"\x00\x05\x00\x00\x00Hello", 10},   /* sizes that differ */
        {"\xf2\x00\x11\x00\x00", 5},         /* before the beginning */
        {"\xf2\x48\xcd", 3},                 /* half a block */
        {"\x00\x05\x00\xfa\xffHel", 8},      /* half of one as it is */
        {"\xf3\x48\xcd\xc9\xc9\x07\x00", 7}, /* without a byte behind it */
        {"\x04", 1},                         /* no codes */
    };
    BOTH_ROLES for (size_t i = 0; i < FM__COUNT(rows); i++)
    {
        begin_packed(client);
        say(0xc2, rows[i].bytes, rows[i].size);
        check_fails("no deflate", -FM_EWS, FM_WS_PROTOCOL);
    }
}

STORY(a_compressed_text_is_utf8)
{
    static const char *const texts[] = {"\xff", "ok\xed\xa0\x80", "\xe2\x82"};
    BOTH_ROLES for (size_t i = 0; i < FM__COUNT(texts); i++)
    {
        begin_packed(client);
        pack(texts[i], strlen(texts[i]));
        say(0xc2, packed, packed_size);
        want(0x82, texts[i], strlen(texts[i]));
        say(0xc1, packed, packed_size);
        check_fails("a text", -FM_EWSTEXT, FM_WS_BAD_DATA);
    }
}

/* ---- limits -------------------------------------------------------------- */

STORY(a_message_has_its_limit_when_it_is_inflated)
{
    BOTH_ROLES
    {
        begin_packed(client);
        talk.options.message_limit = 100;
        pack(filler, 100);
        say(0xc2, packed, packed_size);
        want(0x82, filler, 100);
        check_closed("the limit");
        begin_packed(client);
        talk.options.message_limit = 100;
        pack(filler, 101);
        say(0xc2, packed, packed_size);
        check_fails("one more", -FM_EWSSIZE, FM_WS_TOO_LARGE);
    }
}

STORY(a_packed_message_is_refused_by_the_head_of_its_frame)
{
    size_t most = 1600 + 100 + 8192;
    BOTH_ROLES for (size_t more = 0; more < 2; more++)
    {
        begin_packed(client);
        talk.options.message_limit = 1600;
        filler[0] = (char)0xff;
        say(0x42, filler, 100);
        say(0x80, filler, most - 100 + more);
        if (more == 0) {
            check_fails("a block of no kind", -FM_EWS, FM_WS_PROTOCOL);
            continue;
        }
        talk.size -= 400; /* nobody waits for the rest */
        want_close(FM_WS_TOO_LARGE);
        check("a size", -FM_EWSSIZE);
    }
}

/* Of zeros, which deflate makes a thousand times smaller. */
static void bomb(size_t size)
{
    char *zeros = calloc(1, size);
    CHECK(zeros != NULL);
    pack(zeros, size);
    free(zeros);
}

STORY(what_grows_a_thousand_times_is_refused_before_it_has)
{
    BOTH_ROLES
    {
        begin_packed(client);
        bomb(16 * FM_WS_MESSAGE_LIMIT);
        talk.options.message_limit = 64 * FM_WS_MESSAGE_LIMIT;
        say(0xc2, packed, packed_size);
        check_fails("a bomb", -FM_EWSSIZE, FM_WS_TOO_LARGE);
        begin_packed(client);
        bomb(FM_WS_MESSAGE_LIMIT + 1);
        say(0xc2, packed, packed_size);
        check_fails("a byte", -FM_EWSSIZE, FM_WS_TOO_LARGE);
    }
}

/* ---- what goes ----------------------------------------------------------- */

STORY(messages_that_are_worth_it_go_compressed)
{
    BOTH_ROLES
    {
        begin_packed(client);
        talk.options.context = false;
        say(0x81, filler, FM_WS_COMPRESS_FROM - 1);
        want(0x81, filler, FM_WS_COMPRESS_FROM - 1);
        pack(filler, FM_WS_COMPRESS_FROM);
        for (int i = 0; i < 2; i++) {
            say(0x81, filler, FM_WS_COMPRESS_FROM);
            want(0xc1, packed, packed_size);
        }
        check_closed("worth it");
    }
}

STORY(messages_refer_to_those_before_where_that_is_wanted)
{
    BOTH_ROLES
    {
        begin_packed(client);
        talk.options.compress_from = 1;
        say_hello();
        talk.wanted_size = 0;
        want(0xc1, hello, 7);
        say(0x81, "Hello", 5);
        want(0xc1, "\xf2\x00\x11\x00\x00", 5);
        say(0x82, "", 0);
        want(0x82, "", 0);
        check_closed("context");
    }
}

STORY(what_would_not_be_smaller_goes_as_it_is)
{
    uint32_t chance = 1;
    BOTH_ROLES
    {
        begin_packed(client);
        talk.options.context = false;
        for (size_t i = 0; i < 1000; i++)
            filler[i] = (char)((chance = chance * 1664525 + 1013904223) >> 24);
        say(0x82, filler, 1000);
        want(0x82, filler, 1000);
        memset(filler, '*', 1000);
        pack(filler, 1000);
        say(0x82, filler, 1000);
        want(0xc2, packed, packed_size);
        check_closed("chance");
    }
}

/* It is none of zlib's, which would use a larger one. */
STORY(a_window_of_256_bytes_is_agreed_to_and_not_used)
{
    begin_packed(false);
    talk.offer = "Sec-WebSocket-Extensions: permessage-deflate; "
                 "server_max_window_bits=8\r\n";
    say_hello();
    say(0x81, filler, 5000);
    want(0x81, filler, 5000);
    check_closed("8");
}

/* ---- how it is agreed on ------------------------------------------------- */

#define DEFLATE "permessage-deflate"
#define FORGET "; server_no_context_takeover; client_no_context_takeover"
#define LINE "Sec-WebSocket-Extensions: "

static int refused; /* what fm_ws_accept has returned */

static int agree(fm_exchange *exchange, void *arg)
{
    fm_ws *ws;
    (void)arg;
    refused = fm_ws_accept(exchange, &ws, &talk.options);
    if (refused < 0)
        return 0;
    fm_ws_message message;
    CHECK_INT(fm_ws_receive(ws, &message), 0);
    return fm_ws_close(ws, 0, NULL);
}

static int agree_server(void *arg)
{
    fm_stream *stream = arg;
    CHECK_INT(fm_http_serve_stream(stream, agree, NULL), 0);
    fm_close(stream);
    return 0;
}

/* The line that answers, or "", and then nothing more. */
static void check_answer(const char *offer, const char *wanted)
{
    fm_stream *ends[2];
    CHECK_INT(fm_stream_pair(ends), 0);
    fm_task *serves = fm_start(agree_server, ends[1]);
    say_close(1000);
    ask(ends[0], offer);
    ssize_t size =
        fm_read_until(ends[0], "\r\n\r\n", talk.heard, CASES_ROOM - 1);
    CHECK(size > 0);
    talk.heard[size] = '\0';
    const char *line = strstr(talk.heard, LINE);
    if (line == NULL ? wanted[0] != '\0'
                     : strncmp(line, wanted, strlen(wanted)) != 0)
        test_fail(__FILE__, __LINE__, "%s: %s", offer, talk.heard);
    CHECK(fm_write(ends[0], talk.said, talk.size) > 0);
    fm_close(ends[0]);
    CHECK_INT(fm_await(serves), 0);
}

STORY(a_server_answers_the_first_offer_that_is_one)
{
    static const char *const rows[][2] = {
        {"", ""},
        {LINE "foo, bar; a=\"b\"\r\n", ""},
        {LINE DEFLATE "; server_max_window_bits=7\r\n", ""},
        {LINE DEFLATE "\r\n", LINE DEFLATE FORGET "\r\n"},
        {LINE DEFLATE "; client_max_window_bits\r\n",
         LINE DEFLATE FORGET "\r\n"},
        {LINE DEFLATE "; server_max_window_bits=8, " DEFLATE "\r\n",
         LINE DEFLATE FORGET "; server_max_window_bits=8\r\n"},
        {LINE "foo\r\n" LINE DEFLATE "; what\r\n" LINE DEFLATE
              "; client_max_window_bits=10\r\n",
         LINE DEFLATE FORGET "; client_max_window_bits=10\r\n"},
    };
    for (size_t i = 0; i < FM__COUNT(rows); i++) {
        begin(false);
        talk.options.compress = true;
        check_answer(rows[i][0], rows[i][1]);
        CHECK_INT(refused, 0);
    }
    begin(false); /* it does not want to */
    check_answer(LINE DEFLATE "\r\n", "");
    CHECK_INT(refused, 0);
}

STORY(a_server_has_wishes_of_its_own)
{
    begin(false);
    talk.options =
        (fm_ws_options){.compress = true, .context = true, .window_bits = 10};
    check_answer(LINE DEFLATE "\r\n",
                 LINE DEFLATE "; server_max_window_bits=10\r\n");
    begin(false);
    talk.options =
        (fm_ws_options){.compress = true, .context = true, .window_bits = 10};
    check_answer(LINE DEFLATE "; client_no_context_takeover; "
                              "client_max_window_bits\r\n",
                 LINE DEFLATE "; client_no_context_takeover; "
                              "server_max_window_bits=10; "
                              "client_max_window_bits=10\r\n");
}

STORY(offers_that_are_no_list_are_refused)
{
    begin(false);
    talk.options.compress = true;
    check_answer(LINE DEFLATE ";\r\n", "");
    CHECK_INT(refused, -FM_ENOWS);
    CHECK(strncmp(talk.heard, "HTTP/1.1 400 ", 13) == 0);
    begin(false);
    talk.options.compress = true;
    check_answer(LINE DEFLATE "\r\n" LINE "\"\r\n", "");
    CHECK_INT(refused, -FM_ENOWS);
}
