/*
 * test_ws_deflate_sizes.c - both sides compress, whatever they have agreed on
 *
 * What Autobahn asks of permessage-deflate in its sections 12 and 13: messages
 * of many sizes and kinds, whole and in parts, under all parameters.
 */
#include "http/ws_scene.h"

#include <errno.h>

enum {
    SIZES_MOST = FM_WS_MESSAGE_LIMIT,
    SIZES_PARTS = 7
};

static char sizes_bytes[SIZES_MOST];

/* ---- what is sent -------------------------------------------------------- */

static void fill_with_words(void)
{
    static const char *const words[] = {"{\"id\": ", "\xce\xba\xe1\xbd\xb9",
                                        "null",      ", ",
                                        "\"name\"",  ": ",
                                        "true",      "}\n"};
    uint32_t chance = 7;
    size_t at = 0;
    while (at < SIZES_MOST) {
        const char *word =
            words[(chance = chance * 1664525 + 1013904223) >> 29];
        size_t size = strlen(word);
        if (size > SIZES_MOST - at)
            size = 1, word = ".";
        memcpy(sizes_bytes + at, word, size);
        at += size;
    }
}

static void fill_with_chance(void)
{
    uint32_t chance = 11;
    for (size_t i = 0; i < SIZES_MOST; i++)
        sizes_bytes[i] = (char)((chance = chance * 1664525 + 1013904223) >> 24);
}

static void check_parts(size_t size, size_t part)
{
    fm_ws_message message;
    for (size_t at = 0; at < size; at += part) {
        size_t some = size - at < part ? size - at : part;
        struct iovec bytes = {sizes_bytes + at, some};
        CHECK_INT(
            fm_ws_send_part(scene.ws, FM_WS_BINARY, bytes, at + some == size),
            0);
    }
    CHECK_INT(fm_ws_receive(scene.ws, &message), 1);
    CHECK_INT(message.size, size);
    CHECK(memcmp(message.bytes, sizes_bytes, size) == 0);
}

static void end(void)
{
    CHECK_INT(fm_ws_close(scene.ws, 0, NULL), 0);
    fm_http_client_close(scene.client);
    CHECK_INT(scene.received, 0);
    CHECK_INT(scene.code, FM_WS_NORMAL);
}

static void start(const fm_ws_options *client, const fm_ws_options *server)
{
    begin();
    scene.server = *server;
    open_ws(client);
    CHECK_INT(fm_ws_compresses(scene.ws), client->compress && server->compress);
}

/* ---- the promises -------------------------------------------------------- */

static void check_sizes(const fm_ws_options *client,
                        const fm_ws_options *server)
{
    static const size_t sizes[] = {0, 1, 16, 64, 255, 256, 1024, 4096, 20000};
    start(client, server);
    for (size_t i = 0; i < FM__COUNT(sizes); i++) {
        check_echo(FM_WS_BINARY, sizes_bytes, sizes[i]);
        if (sizes[i] > 0)
            check_parts(sizes[i], sizes[i] / SIZES_PARTS + 1);
    }
    end();
}

STORY(messages_of_all_sizes_are_echoed_under_all_parameters)
{
    static const unsigned bits[] = {0, 9, 12, 15};
    fill_with_words();
    for (unsigned i = 0; i < 4 * FM__COUNT(bits); i++) {
        const fm_ws_options client = {.compress = true,
                                      .compress_from = 1,
                                      .context = (i & 1) != 0,
                                      .window_bits = bits[i / 4]};
        fm_ws_options server = client;
        server.context = (i & 2) != 0;
        server.window_bits = bits[(i + 1) % 4];
        check_sizes(&client, &server);
    }
}

STORY(large_messages_are_echoed)
{
    const fm_ws_options options = {.compress = true};
    const fm_ws_options keeps = {.compress = true, .context = true};
    fill_with_words();
    start(&options, &options);
    check_echo(FM_WS_BINARY, sizes_bytes, 65535);
    check_echo(FM_WS_BINARY, sizes_bytes, 65536);
    check_parts(131072, 16384);
    check_echo(FM_WS_BINARY, sizes_bytes, SIZES_MOST);
    end();
    start(&keeps, &keeps);
    check_parts(131072, 65537);
    check_echo(FM_WS_BINARY, sizes_bytes, 70000);
    fill_with_chance(); /* a little larger, packed */
    check_echo(FM_WS_BINARY, sizes_bytes, SIZES_MOST);
    check_parts(SIZES_MOST, 1500);
    end();
}

STORY(many_messages_refer_to_each_other)
{
    const fm_ws_options options = {
        .compress = true, .context = true, .compress_from = 1};
    fill_with_words();
    start(&options, &options);
    for (size_t i = 0; i < test_many(300); i++)
        check_echo(FM_WS_BINARY, sizes_bytes + i * 100, (size_t)16 << i % 8);
    end();
}

STORY(one_side_alone_does_not_compress)
{
    const fm_ws_options yes = {.compress = true}, no = {.compress = false};
    fill_with_words();
    start(&yes, &no);
    check_echo(FM_WS_BINARY, sizes_bytes, 5000);
    end();
    start(&no, &yes);
    check_echo(FM_WS_BINARY, sizes_bytes, 5000);
    end();
}

/* Others have their turn meanwhile, and a small message its own. */
static int sizes_send(void *arg)
{
    (void)arg;
    return fm_ws_send(scene.ws, FM_WS_BINARY, sizes_bytes, SIZES_MOST);
}

STORY(others_send_while_a_large_message_is_compressed)
{
    const fm_ws_options options = {.compress = true};
    fm_ws_message message;
    bool small = false, large = false;
    fill_with_words();
    start(&options, &options);
    fm_task *sends = fm_start(sizes_send, NULL);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_ws_send(scene.ws, FM_WS_TEXT, "small", 5), 0);
    for (int i = 0; i < 2; i++) {
        CHECK_INT(fm_ws_receive(scene.ws, &message), 1);
        small = small || message.size == 5;
        large = large || (message.size == SIZES_MOST && small);
    }
    CHECK(small && large);
    CHECK_INT(fm_await(sends), 0);
    end();
}

STORY(who_starts_parts_meanwhile_has_them_alone)
{
    const fm_ws_options options = {.compress = true};
    const struct iovec part = {sizes_bytes, 1000};
    fm_ws_message message;
    fill_with_words();
    start(&options, &options);
    fm_task *sends = fm_start(sizes_send, NULL);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_ws_send_part(scene.ws, FM_WS_BINARY, part, false), 0);
    CHECK_INT(fm_await(sends), -EBUSY);
    CHECK_INT(fm_ws_send(scene.ws, FM_WS_TEXT, "x", 1), -EBUSY);
    CHECK_INT(fm_ws_send_part(scene.ws, FM_WS_BINARY, part, true), 0);
    CHECK_INT(fm_ws_receive(scene.ws, &message), 1);
    CHECK_INT(message.size, 2000);
    end();
}

/* Nothing that is said later refers to it. */
STORY(what_was_compressed_and_not_sent_is_forgotten)
{
    const fm_ws_options options = {.compress = true, .context = true};
    const struct iovec part = {sizes_bytes + SIZES_MOST - 1000, 1000};
    fm_ws_message message;
    fill_with_chance();
    start(&options, &options);
    fm_task *sends = fm_start(sizes_send, NULL);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_ws_send_part(scene.ws, FM_WS_BINARY, part, false), 0);
    CHECK_INT(fm_await(sends), -EBUSY);
    CHECK_INT(fm_ws_send_part(scene.ws, FM_WS_BINARY, part, true), 0);
    CHECK_INT(fm_ws_receive(scene.ws, &message), 1);
    CHECK_INT(message.size, 2000);
    CHECK(memcmp(message.bytes, part.iov_base, 1000) == 0);
    end();
}

STORY(a_send_that_is_cut_while_it_compresses_has_sent_nothing)
{
    const fm_ws_options options = {.compress = true};
    fill_with_words();
    start(&options, &options);
    fm_task *sends = fm_start(sizes_send, NULL);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(sends), -ECANCELED);
    check_echo(FM_WS_BINARY, sizes_bytes, 5000);
    end();
}

enum {
    SIZES_STEP = 1000, /* bytes from one message to the next */
    SIZES_PIECE = 20000
};

static int sizes_send_some(void *from)
{
    int rc = 0;
    for (size_t i = *(size_t *)from; rc == 0 && i < 40; i += 2)
        rc = fm_ws_send(scene.ws, FM_WS_BINARY,
                        sizes_bytes + i * 7 % 40 * SIZES_STEP, SIZES_PIECE);
    return rc;
}

STORY(messages_of_two_tasks_refer_to_what_was_said_before)
{
    const fm_ws_options options = {.compress = true, .context = true};
    size_t from[2] = {0, 1};
    bool heard[40] = {false};
    fm_ws_message message;
    fill_with_chance();
    start(&options, &options);
    fm_task *one = fm_start(sizes_send_some, &from[0]);
    fm_task *other = fm_start(sizes_send_some, &from[1]);
    for (size_t count = 0; count < 40; count++) {
        size_t i = 0;
        CHECK_INT(fm_ws_receive(scene.ws, &message), 1);
        CHECK_INT(message.size, SIZES_PIECE);
        while (i < 40 && memcmp(message.bytes, sizes_bytes + i * SIZES_STEP,
                                SIZES_PIECE) != 0)
            i++;
        CHECK(i < 40 && !heard[i]);
        heard[i < 40 ? i : 0] = true;
    }
    CHECK_INT(fm_gather(one, other), 0);
    end();
}

/* ---- memory -------------------------------------------------------------- */

STORY(who_waits_keeps_nothing_of_zlibs)
{
    const fm_ws_options options = {.compress = true};
    fill_with_words();
    start(&options, &options);
    check_echo(FM_WS_BINARY, sizes_bytes, 100000);
    CHECK(scene.ws->deflate.in == NULL && scene.ws->deflate.out == NULL);
    CHECK(scene.ws->deflate.packed == NULL);
    end();
}

STORY(a_window_that_is_none_is_refused)
{
    static const unsigned bits[] = {1, 8, 16, 256 + 9, 1U << 31};
    begin();
    CHECK_INT(fm_http_client_open(&scene.client, &scene.options), 0);
    for (size_t i = 0; i < FM__COUNT(bits); i++)
        CHECK_INT(fm_ws_connect(scene.client, URL, &scene.ws,
                                &(fm_ws_options){.window_bits = bits[i]}),
                  -EINVAL);
    fm_http_client_close(scene.client);
}
