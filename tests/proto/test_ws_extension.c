/*
 * test_ws_extension.c - offers of permessage-deflate and their answers, which
 * are none where a letter is wrong (RFC 7692, 7.1)
 */
#include "harness.h"

#include "proto/ws_extension.h"

#include <fermata/error.h>
#include <stdio.h>

#define NAME "permessage-deflate"

static int next(const char *text, bool answer, struct fm__ws_terms *terms)
{
    struct fm__slice list = fm__slice_of(text);
    return fm__ws_extension_next(&list, answer, terms);
}

static void check_written(const char *text, const struct fm__ws_terms *terms,
                          const char *wanted)
{
    char out[FM__WS_TERMS];
    struct fm__pen pen = {out, out + sizeof out, false};
    fm__ws_extension_write(&pen, terms);
    CHECK(!pen.full);
    if (!fm__slice_is(fm__pen_since(&pen, out), fm__slice_of(wanted)))
        test_fail(__FILE__, __LINE__, "%s: %.*s", text, (int)(pen.at - out),
                  out);
}

TEST(terms_are_read_in_any_order_and_written_in_one)
{
    static const char *const rows[][2] = {
        {NAME, NAME},
        {" ,\t, " NAME " , foo", NAME},
        {"PerMessage-Deflate;Server_No_Context_Takeover",
         NAME "; server_no_context_takeover"},
        {NAME " ; client_no_context_takeover;server_no_context_takeover",
         NAME "; server_no_context_takeover; client_no_context_takeover"},
        {NAME "; client_max_window_bits", NAME "; client_max_window_bits"},
        {NAME "; client_max_window_bits=8", NAME "; client_max_window_bits=8"},
        {NAME "; client_max_window_bits = \"15\"; server_max_window_bits=10",
         NAME "; server_max_window_bits=10; client_max_window_bits=15"},
    };
    struct fm__ws_terms terms;
    for (size_t i = 0; i < FM__COUNT(rows); i++) {
        CHECK_INT(next(rows[i][0], false, &terms), FM__WS_DEFLATE);
        check_written(rows[i][0], &terms, rows[i][1]);
    }
}

TEST(terms_that_are_none_are_passed_over)
{
    static const char *const rows[] = {
        "permessage-bzip2",
        "x-webkit-deflate-frame; no_context_takeover",
        NAME "; unknown",
        NAME "; server_no_context_takeover=1",
        NAME "; client_no_context_takeover=\"true\"",
        NAME "; server_no_context_takeover; server_no_context_takeover",
        NAME "; client_no_context_takeover; client_no_context_takeover",
        NAME "; server_max_window_bits",
        NAME "; server_max_window_bits=7",
        NAME "; server_max_window_bits=16",
        NAME "; server_max_window_bits=08",
        NAME "; server_max_window_bits=0",
        NAME "; server_max_window_bits=+9",
        NAME "; server_max_window_bits=9x",
        NAME "; server_max_window_bits=10; server_max_window_bits=10",
        NAME "; client_max_window_bits=100",
        NAME "; client_max_window_bits=-8",
        NAME "; client_max_window_bits; client_max_window_bits",
        NAME "; client_max_window_bits; client_max_window_bits=9",
        NAME "; client_max_window_bits=9; client_max_window_bits",
    };
    struct fm__ws_terms terms;
    for (size_t i = 0; i < FM__COUNT(rows); i++)
        for (int answer = 0; answer < 2; answer++)
            if (next(rows[i], answer, &terms) != FM__WS_TERMS_OF_OTHERS)
                test_fail(__FILE__, __LINE__, "%s", rows[i]);
    CHECK_INT(next(NAME "; client_max_window_bits", true, &terms),
              FM__WS_TERMS_OF_OTHERS);
}

TEST(what_is_no_list_is_refused)
{
    static const char *const rows[] = {
        ";",
        "=",
        "\"a\"",
        NAME ";",
        NAME "; ;a",
        NAME "; =1",
        NAME "; a=",
        NAME "; a=\"\"",
        NAME "; a=\"",
        NAME "; a=\"b",
        NAME "; a=\"b c\"",
        NAME " a",
        NAME "; a b",
        NAME "; a=b c",
        NAME "; a=\"b\"c",
        NAME "/",
        NAME "; a=\"\\1\"",
    };
    struct fm__ws_terms terms;
    for (size_t i = 0; i < FM__COUNT(rows); i++)
        if (next(rows[i], false, &terms) != -FM_EWS)
            test_fail(__FILE__, __LINE__, "%s", rows[i]);
}

TEST(a_list_is_read_to_its_end)
{
    struct fm__slice list = FM__SLICE(
        "foo; a=\"b\", " NAME "; server_max_window_bits=16 ," NAME ",, bar,");
    struct fm__ws_terms terms;
    static const int wanted[] = {FM__WS_TERMS_OF_OTHERS, FM__WS_TERMS_OF_OTHERS,
                                 FM__WS_DEFLATE,         FM__WS_TERMS_OF_OTHERS,
                                 FM__WS_NO_MORE,         FM__WS_NO_MORE};
    for (size_t i = 0; i < FM__COUNT(wanted); i++)
        CHECK_INT(fm__ws_extension_next(&list, false, &terms), wanted[i]);
}

TEST(an_offer_is_answered_by_what_was_asked_for_and_wished)
{
    static const struct {
        const char *offer, *wish, *answer;
    } rows[] = {
        {NAME, NAME, NAME},
        {NAME, NAME "; server_no_context_takeover; client_no_context_takeover",
         NAME "; server_no_context_takeover; client_no_context_takeover"},
        {NAME "; server_no_context_takeover", NAME,
         NAME "; server_no_context_takeover"},
        {NAME "; client_max_window_bits", NAME, NAME},
        {NAME "; client_max_window_bits", NAME "; client_max_window_bits=9",
         NAME "; client_max_window_bits=9"},
        {NAME "; client_max_window_bits=12", NAME "; client_max_window_bits=14",
         NAME "; client_max_window_bits=12"},
        {NAME, NAME "; client_max_window_bits=9", NAME},
        {NAME "; server_max_window_bits=8", NAME "; server_max_window_bits=10",
         NAME "; server_max_window_bits=8"},
        {NAME "; server_max_window_bits=15", NAME "; server_max_window_bits=10",
         NAME "; server_max_window_bits=10"},
    };
    struct fm__ws_terms offer, wish, answer;
    for (size_t i = 0; i < FM__COUNT(rows); i++) {
        CHECK_INT(next(rows[i].offer, false, &offer), FM__WS_DEFLATE);
        CHECK_INT(next(rows[i].wish, false, &wish), FM__WS_DEFLATE);
        fm__ws_extension_agree(&offer, &wish, &answer);
        check_written(rows[i].offer, &answer, rows[i].answer);
        CHECK(fm__ws_extension_suits(&answer, &offer));
    }
}

TEST(an_answer_to_something_else_is_none)
{
    static const struct {
        const char *offer, *answer;
        bool suits;
    } rows[] = {
        {NAME, NAME "; client_max_window_bits=15", false},
        {NAME "; client_max_window_bits=10", NAME "; client_max_window_bits=11",
         false},
        {NAME "; client_max_window_bits=10", NAME "; client_max_window_bits=10",
         true},
        {NAME "; client_max_window_bits=10", NAME, true},
        {NAME "; server_max_window_bits=10", NAME, false},
        {NAME "; server_max_window_bits=10", NAME "; server_max_window_bits=11",
         false},
        {NAME "; server_max_window_bits=10", NAME "; server_max_window_bits=9",
         true},
        {NAME, NAME "; server_max_window_bits=9", true},
        {NAME, NAME "; server_no_context_takeover; client_no_context_takeover",
         true},
        {NAME "; server_no_context_takeover", NAME, true},
    };
    struct fm__ws_terms offer, answer;
    for (size_t i = 0; i < FM__COUNT(rows); i++) {
        CHECK_INT(next(rows[i].offer, false, &offer), FM__WS_DEFLATE);
        CHECK_INT(next(rows[i].answer, true, &answer), FM__WS_DEFLATE);
        if (fm__ws_extension_suits(&answer, &offer) != rows[i].suits)
            test_fail(__FILE__, __LINE__, "%s", rows[i].answer);
    }
}
