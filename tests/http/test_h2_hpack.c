/*
 * test_h2_hpack.c - fields as they are compressed (RFC 7541), by a client that
 * does it right, and one that does not
 */
#include "http/h2_play.h"

#include "harness.h"

#define IS_NO_BLOCK "\n< GOAWAY 0 COMPRESSION_ERROR"
#define IS_TAKEN "\n< reply 1 200\n< alive"

/* GET, http, "/" of the static table (appendix A); the authority "a". */
#define FIELDS                                                                 \
    "828684"                                                                   \
    "410161"

STORY(each_way_to_write_a_field_is_read)
{
    static const struct h2_row rows[] = {
        {"6.1: from the table", "> HEADERS 1 end .raw=" FIELDS IS_TAKEN},
        {"6.2.1: kept for later",
         "> HEADERS 1 end .raw=" FIELDS "400178017a" IS_TAKEN},
        {"6.2.2: not kept",
         "> HEADERS 1 end .raw=8286840101610001780179" IS_TAKEN},
        {"6.2.3: never kept",
         "> HEADERS 1 end .raw=8286841101611001780179" IS_TAKEN},
        {"6.2.1: used again", "> HEADERS 1 end .raw=" FIELDS "\n< reply 1 200\n"
                              "> HEADERS 3 end .raw=828684be\n< reply 3 200"},
        {"6.2.1: in the same block",
         "> HEADERS 1 end .raw=" FIELDS "400178017abebe" IS_TAKEN},
        {"6.3: a smaller table", "> HEADERS 1 end .raw=20" FIELDS IS_TAKEN},
        {"4.2: and a larger one again",
         "> HEADERS 1 end .raw=203fe11f" FIELDS IS_TAKEN},
        {"5.2: a value by Huffman's code",
         "> HEADERS 1 end .raw=828684418cf1e3c2e5f23a6ba0ab90f4ff" IS_TAKEN},
        {"5.2: of nothing", "> HEADERS 1 end .raw=" FIELDS "00017880" IS_TAKEN},
        {"5.1: a number in more bytes than it needs",
         "> HEADERS 1 end .raw=828684017f0100\n< error 1 "
         "PROTOCOL_ERROR|COMPRESSION_ERROR"},
    };
    H2_ROWS(rows);
}

STORY(an_index_is_one_of_the_table)
{
    static const struct h2_row rows[] = {
        {"6.1: none", "> HEADERS 1 end .raw=80" IS_NO_BLOCK},
        {"6.1: among others", "> HEADERS 1 end .raw=" FIELDS "80" IS_NO_BLOCK},
        {"2.3.3: behind the static table",
         "> HEADERS 1 end .raw=828684be" IS_NO_BLOCK},
        {"2.3.3: far behind",
         "> HEADERS 1 end .raw=" FIELDS "fff001" IS_NO_BLOCK},
        {"2.3.3: of a name", "> HEADERS 1 end .raw=" FIELDS "7fff0101"
                             "61" IS_NO_BLOCK},
        {"2.3.3: of a name that is not kept",
         "> HEADERS 1 end .raw=" FIELDS "0fff010161" IS_NO_BLOCK},
        {"2.3.3: of a name that is never kept",
         "> HEADERS 1 end .raw=" FIELDS "1fff010161" IS_NO_BLOCK},
        {"4.3: of what was put out",
         "> HEADERS 1 end .raw=" FIELDS "\n< reply 1 200\n"
         "> HEADERS 3 end .raw=20828684be" IS_NO_BLOCK},
    };
    H2_ROWS(rows);
}

STORY(a_number_has_an_end_and_a_limit)
{
    static const struct h2_row rows[] = {
        {"5.1: without an end", "> HEADERS 1 end .raw=8286ff" IS_NO_BLOCK},
        {"5.1: within it", "> HEADERS 1 end .raw=ff80" IS_NO_BLOCK},
        {"5.1: beyond all numbers",
         "> HEADERS 1 end .raw=ffffffffffffffffff7f" IS_NO_BLOCK},
        {"5.1: of many bytes that say nothing",
         "> HEADERS 1 end .raw=ff8080808080808080808080808000" IS_NO_BLOCK},
        {"5.1: a length beyond all numbers",
         "> HEADERS 1 end .raw=007fffffffffffff7f" IS_NO_BLOCK},
        {"6.3: a size beyond all numbers",
         "> HEADERS 1 end .raw=3fffffffffff7f" IS_NO_BLOCK},
    };
    H2_ROWS(rows);
}

STORY(a_string_has_all_its_bytes)
{
    static const struct h2_row rows[] = {
        {"5.2: a name without one", "> HEADERS 1 end .raw=0005" IS_NO_BLOCK},
        {"5.2: half a name", "> HEADERS 1 end .raw=00056162" IS_NO_BLOCK},
        {"5.2: no value", "> HEADERS 1 end .raw=000161" IS_NO_BLOCK},
        {"5.2: half a value", "> HEADERS 1 end .raw=0001610562" IS_NO_BLOCK},
        {"5.2: a literal without anything",
         "> HEADERS 1 end .raw=" FIELDS "40" IS_NO_BLOCK},
        {"5.2: an end that does not come with the next frame",
         "> HEADERS 1 end open .raw=00056162\n> CONTINUATION 1" IS_NO_BLOCK},
    };
    H2_ROWS(rows);
}

STORY(what_huffmans_code_leaves_is_short_and_all_ones)
{
    static const struct h2_row rows[] = {
        {"5.2: eight bits of it",
         "> HEADERS 1 end .raw=" FIELDS "000178821fff" IS_NO_BLOCK},
        {"5.2: sixteen",
         "> HEADERS 1 end .raw=" FIELDS "000178831fffff" IS_NO_BLOCK},
        {"5.2: zeros", "> HEADERS 1 end .raw=" FIELDS "0001788118" IS_NO_BLOCK},
        {"5.2: the end of a string itself",
         "> HEADERS 1 end .raw=" FIELDS "00017885"
         "3fffffffff" IS_NO_BLOCK},
        {"5.2: half a letter",
         "> HEADERS 1 end .raw=" FIELDS "00017881fe" IS_NO_BLOCK},
    };
    H2_ROWS(rows);
}

STORY(the_size_of_a_table_is_said_first_and_within_what_was_allowed)
{
    static const struct h2_row rows[] = {
        {"6.3: up to it", "> HEADERS 1 end .raw=3fe11f" FIELDS IS_TAKEN},
        {"6.3: and not above",
         "> HEADERS 1 end .raw=3fe21f" FIELDS IS_NO_BLOCK},
        {"6.3: far above",
         "> HEADERS 1 end .raw=3fe1ffff7f" FIELDS IS_NO_BLOCK},
        {"4.2: at the end of a block",
         "> HEADERS 1 end .raw=" FIELDS "20" IS_NO_BLOCK},
        {"4.2: between fields", "> HEADERS 1 end .raw=8220"
                                "8684410161" IS_NO_BLOCK},
        {"4.2: in the next block",
         "> HEADERS 1 end .raw=" FIELDS "\n< reply 1 200\n"
         "> HEADERS 3 end .raw=20" FIELDS "\n< reply 3 200"},
    };
    H2_ROWS(rows);
}

/* What a client allows us in its settings is what we keep to: its decoder is
 * nghttp2's, which refuses all else. */
STORY(what_is_said_to_a_client_fits_the_table_that_it_has)
{
    static struct h2_play play;
    static const unsigned sizes[] = {4096, 0, 64, 100, 65536};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        memset(&play, 0, sizeof play);
        h2_open(&play);
        h2_play(&play, "< SETTINGS 0 ack");
        CHECK_INT(nghttp2_hd_inflate_change_table_size(play.inflater, sizes[i]),
                  0);
        h2_play(&play, "> SETTINGS 0 HEADER_TABLE_SIZE=%u\n< SETTINGS 0 ack",
                sizes[i]);
        for (unsigned stream = 1; stream < 20; stream += 2)
            h2_play(&play, "> HEADERS %u end get\n< reply %u 200", stream,
                    stream);
        h2_close(&play);
    }
}

/* The dynamic table is what all streams have in common: a block of a stream
 * that is refused counts as well (RFC 9113, 4.3). */
STORY(the_fields_of_what_is_refused_are_kept_all_the_same)
{
    static const struct h2_row rows[] = {
        {"4.3: of a request that is malformed",
         "> HEADERS 1 end .raw=8286"
         "84"
         "410161"
         "400158017a\n"
         "< RST_STREAM 1 PROTOCOL_ERROR\n> HEADERS 3 end .raw=828684bf\n"
         "< reply 3 200"},
        {"4.3: of trailers that nobody reads",
         "> HEADERS 1 .raw=838684410161\n> HEADERS 1 end .raw=400178017a\n"
         "< reply 1 200\n> HEADERS 3 end .raw=828684bfbe\n< reply 3 200"},
    };
    H2_ROWS(rows);
}
