/*
 * test_ws_cases.c - what a peer may say, and what it may not (RFC 6455, 5 to 8)
 *
 * All that Autobahn asks in its sections 1 to 7 and 10. What it asks in 9 is in
 * test_ws_client.c, and in 12 and 13 in test_ws_deflate.c and
 * test_ws_deflate_sizes.c.
 */
#include "http/ws_talk.h"

/* ---- framing ------------------------------------------------------------- */

STORY(frames_of_every_size_are_echoed)
{
    static const size_t sizes[] = {0,   1,   124,   125,   126,
                                   127, 128, 65535, 65536, 100000};
    BOTH_ROLES for (size_t i = 0; i < FM__COUNT(sizes); i++)
    {
        begin(client);
        say(0x81, filler, sizes[i]);
        say(0x82, filler, sizes[i]);
        want(0x81, filler, sizes[i]);
        want(0x82, filler, sizes[i]);
        check_closed("a size");
    }
}

STORY(pings_of_up_to_125_bytes_are_answered_and_longer_ones_refused)
{
    static const size_t sizes[] = {0, 1, 8, 124, 125};
    BOTH_ROLES
    {
        begin(client);
        for (size_t i = 0; i < FM__COUNT(sizes); i++) {
            say(0x8a, filler, sizes[i]); /* nobody has asked */
            say(0x89, filler, sizes[i]);
            want(0x8a, filler, sizes[i]);
        }
        check_closed("pings");
        for (unsigned opcode = 0x88; opcode <= 0x8a; opcode++) {
            begin(client);
            say(opcode, filler, 126);
            check_fails("a long one", -FM_EWS, FM_WS_PROTOCOL);
        }
    }
}

STORY(pings_are_answered_in_their_order)
{
    static const char digits[] = "0123456789";
    BOTH_ROLES
    {
        begin(client);
        for (size_t i = 0; i < 10; i++) {
            say(0x89, digits + i, 1);
            want(0x8a, digits + i, 1);
        }
        check_closed("ten pings");
    }
}

STORY(reserved_bits_and_opcodes_are_refused)
{
    BOTH_ROLES for (unsigned first = 0; first < 128; first++)
    {
        bool good = first == 1 || first == 2 || (first >= 8 && first <= 10);
        for (size_t size = 0; !good && first != 0 && size < 2; size++) {
            begin(client);
            say(0x81, "before", 6);
            want(0x81, "before", 6);
            say(0x80 | first, filler, size);
            check_fails("a first byte", -FM_EWS, FM_WS_PROTOCOL);
        }
    }
}

STORY(who_masks_and_who_does_not_is_told_apart)
{
    BOTH_ROLES
    {
        begin(client);
        talk.client = !client;
        say(0x81, "x", 1);
        talk.client = client;
        check_fails("a mask", -FM_EWS, FM_WS_PROTOCOL);
    }
}

/* ---- fragments ----------------------------------------------------------- */

STORY(parts_come_in_order_and_control_frames_between_them)
{
    BOTH_ROLES
    {
        begin(client);
        say(0x01, "one", 3);
        say(0x89, "p", 1);
        say(0x00, "", 0);
        say(0x8a, "q", 1);
        say(0x00, "two", 3);
        say(0x89, "r", 1);
        say(0x80, "", 0);
        want(0x8a, "p", 1);
        want(0x8a, "r", 1);
        want(0x81, "onetwo", 6);
        say(0x02, "", 0);
        say(0x80, "", 0);
        want(0x82, "", 0);
        check_closed("parts");
    }
}

STORY(parts_out_of_order_are_refused)
{
    static const unsigned rows[][2] = {{0x80, 0},    {0x00, 0},   {0x01, 0x81},
                                       {0x01, 0x82}, {0x02, 1},   {0x02, 0x81},
                                       {0x09, 0},    {0x0a, 0},   {0x08, 0},
                                       {0x01, 0x09}, {0x01, 0x08}};
    BOTH_ROLES for (size_t i = 0; i < FM__COUNT(rows); i++)
    {
        begin(client);
        say(rows[i][0], "a", 1);
        if (rows[i][1] != 0)
            say(rows[i][1], "b", 1);
        check_fails("parts", -FM_EWS, FM_WS_PROTOCOL);
    }
}

STORY(a_message_that_another_follows_begins_anew)
{
    BOTH_ROLES
    {
        begin(client);
        say(0x01, "\xce", 1);
        say(0x80, "\xba", 1);
        say(0x82, "\xff\xfe", 2);
        say(0x81, "x", 1);
        want(0x81, "\xce\xba", 2);
        want(0x82, "\xff\xfe", 2);
        want(0x81, "x", 1);
        check_closed("messages");
    }
}

/* ---- UTF-8 --------------------------------------------------------------- */

STORY(a_text_may_be_of_nothing_whole_or_in_parts)
{
    BOTH_ROLES
    {
        begin(client);
        say(0x81, "", 0);
        want(0x81, "", 0);
        say(0x01, "", 0);
        say(0x00, "", 0);
        say(0x80, "", 0);
        want(0x81, "", 0);
        say(0x01, "", 0);
        say(0x00, "middle", 6);
        say(0x80, "", 0);
        want(0x81, "middle", 6);
        check_closed("nothing");
    }
}

STORY(letters_that_are_none_yet_are_text)
{
    static const char *const texts[] = {
        "\xef\xbf\xbe",     "\xef\xbf\xbf", "\xef\xbf\xbd", "\xf0\x9f\xbf\xbe",
        "\xf4\x8f\xbf\xbf", "\xef\xb7\x90", "\x7f",         "\xc2\x80",
        "\xef\xbb\xbf"};
    BOTH_ROLES
    {
        begin(client);
        for (size_t i = 0; i < FM__COUNT(texts); i++) {
            say(0x81, texts[i], strlen(texts[i]));
            want(0x81, texts[i], strlen(texts[i]));
        }
        check_closed("letters");
    }
}

STORY(a_text_may_be_split_at_every_byte)
{
    static const char text[] = "\xce\xba\xe1\xbd\xb9\xf0\x9f\x98\x80\xed\x9f"
                               "\xbf\xee\x80\x80\xf4\x8f\xbf\xbf.";
    size_t size = sizeof text - 1;
    BOTH_ROLES for (size_t at = 0; at <= size; at++)
    {
        begin(client);
        say(0x01, text, at);
        say(0x89, "", 0);
        say(0x80, text + at, size - at);
        want(0x8a, "", 0);
        want(0x81, text, size);
        check_closed("a split");
    }
}

/* Each is told by the last byte that is there. */
STORY(a_text_is_refused_at_its_first_wrong_byte)
{
    static const char *const texts[] = {
        "\x80",         "\xc1",     "\xc3(",     "\xe0\x9f",      "\xed\xa0",
        "\xe1\x80(",    "\xf0\x8f", "\xf4\x90",  "\xf1\x80\x80(", "\xf5",
        "\xff",         "\xfe",     "ok\xbf",    "\xf8\x88",      "\xc0\x80",
        "abcdefgh\xff", "\xce\xce", "\xe2\x82 ", "\xed\xbf"};
    BOTH_ROLES for (size_t i = 0; i < FM__COUNT(texts); i++)
    {
        begin(client);
        say(0x01, texts[i], strlen(texts[i]));
        check_fails("a part", -FM_EWSTEXT, FM_WS_BAD_DATA);
        begin(client);
        say(0x81, texts[i], strlen(texts[i]));
        check_fails("a text", -FM_EWSTEXT, FM_WS_BAD_DATA);
    }
}

STORY(a_text_that_ends_within_a_letter_is_refused)
{
    static const char letter[] = "\xf0\x9f\x98\x80";
    BOTH_ROLES for (size_t size = 1; size < 4; size++)
    {
        begin(client);
        say(0x01, letter, size);
        say(0x80, "", 0);
        check_fails("an end", -FM_EWSTEXT, FM_WS_BAD_DATA);
    }
}

/* ---- the close ----------------------------------------------------------- */

static bool may_be_said(unsigned code)
{
    return (code >= 3000 && code < 5000) ||
           (code >= 1000 && code < 1015 && code != 1004 && code != 1005 &&
            code != 1006);
}

STORY(a_close_is_answered_by_its_code_or_refused)
{
    static const unsigned codes[] = {0,    1,    999,  1015, 1016, 1100, 2000,
                                     2999, 3000, 3999, 4000, 4999, 5000, 65535};
    BOTH_ROLES for (unsigned i = 0; i < 15 + FM__COUNT(codes); i++)
    {
        unsigned code = i < 15 ? 1000 + i : codes[i - 15];
        begin(client);
        say_close(code);
        if (!may_be_said(code)) {
            check_fails("a code", -FM_EWS, FM_WS_PROTOCOL);
            continue;
        }
        want_close(code);
        check("a code", 0);
        CHECK_INT(talk.code, code);
    }
}

STORY(a_close_has_a_payload_of_none_or_two_and_up_to_125_bytes)
{
    static const size_t sizes[] = {0, 2, 3, 124, 125};
    memset(filler, '*', sizeof filler);
    BOTH_ROLES
    {
        for (size_t i = 0; i < FM__COUNT(sizes); i++) {
            begin(client);
            memcpy(filler, "\x03\xe9", 2);
            say(0x88, filler, sizes[i]);
            want(0x88, filler, sizes[i] > 0 ? 2 : 0);
            say(0x81, "late", 4);
            say(0x89, "late", 4);
            say_close(1000);
            check("a payload", 0);
            CHECK_INT(talk.code, sizes[i] > 0 ? 1001 : FM_WS_NO_CODE);
        }
        begin(client);
        say(0x88, "\x03", 1);
        check_fails("half a code", -FM_EWS, FM_WS_PROTOCOL);
        begin(client);
        say(0x88, "\x03\xe8\xce", 3);
        check_fails("a reason", -FM_EWSTEXT, FM_WS_BAD_DATA);
    }
}

STORY(a_close_is_answered_behind_much)
{
    BOTH_ROLES
    {
        begin(client);
        say(0x81, filler, 200000);
        want(0x81, filler, 200000);
        say_close(1000);
        want_close(1000);
        say(0x89, "late", 4);
        check("much", 0);
    }
}

STORY(a_close_between_parts_ends_it)
{
    BOTH_ROLES
    {
        begin(client);
        say(0x01, "half", 4);
        check_closed("half a message");
    }
}

/* ---- limits -------------------------------------------------------------- */

STORY(a_size_is_refused_by_the_head_of_its_frame)
{
    BOTH_ROLES
    {
        for (int parts = 0; parts < 2; parts++) {
            begin(client);
            talk.options.message_limit = 1000;
            if (parts)
                say(0x02, filler, 500);
            say(parts ? 0x80 : 0x82, filler, parts ? 501 : 1001);
            talk.size -= 400; /* nobody waits for the rest */
            want_close(FM_WS_TOO_LARGE);
            check("a size", -FM_EWSSIZE);
        }
        begin(client);
        talk.options.message_limit = 1000;
        say(0x02, filler, 500);
        say(0x80, filler, 500);
        want(0x82, filler, 1000);
        check_closed("the limit");
    }
}

STORY(an_end_within_a_frame_is_no_close)
{
    BOTH_ROLES for (size_t cut = 1; cut < 12; cut++)
    {
        begin(client);
        say(0x82, filler, 200);
        talk.size = cut;
        want_close(1000); /* of fm_ws_close */
        check("an end", -FM_EEOF);
    }
}
