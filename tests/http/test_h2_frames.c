/*
 * test_h2_frames.c - each frame of HTTP/2, as it should be and as it should not
 * (RFC 9113, 3 to 7)
 */
#include "http/h2_play.h"

#include "harness.h"

/* A request whose body is still to come, or is all there. */
#define POST "> HEADERS 1 post\n"
#define GET "> HEADERS 1 end get\n"
#define SAYS_HELLO "\n< reply 1 200\n< body 1 6"
#define IS_PROTOCOL_ERROR "\n< GOAWAY 0 PROTOCOL_ERROR"
#define IS_A_WRONG_SIZE "\n< GOAWAY 0 FRAME_SIZE_ERROR"

/* ---- 3: how it begins ---------------------------------------------------- */

STORY(a_connection_begins_with_settings_of_both)
{
    static const struct h2_row rows[] = {
        {"3.4: the server's first frame is its settings", "< SETTINGS 0"},
        {"3.4: a request need not wait for them", GET "< reply 1 200"},
        {"6.5.3: those of the client are acknowledged", "< SETTINGS 0 ack"},
        {"6.5.3: each time",
         "< SETTINGS 0 ack\n> SETTINGS 0 INITIAL_WINDOW_SIZE=9\n"
         "< SETTINGS 0 ack\n> SETTINGS 0\n< SETTINGS 0 ack\n< alive"},
    };
    H2_ROWS(rows);
}

STORY(what_is_no_frame_behind_the_preface_ends_the_connection)
{
    static const struct h2_row rows[] = {
        {"3.4: settings come first", "> PING 0\n< GOAWAY 0 PROTOCOL_ERROR"},
        {"3.4: and no request",
         "> HEADERS 1 end get\n< GOAWAY 0 PROTOCOL_ERROR"},
        {"3.4: nor their acknowledgement",
         "> SETTINGS 0 ack\n< GOAWAY 0 PROTOCOL_ERROR"},
    };
    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        static struct h2_play play;
        memset(&play, 0, sizeof play);
        play.bare = true;
        play.piece = i % 2;
        play.rule = rows[i / 2].rule;
        h2_open(&play);
        h2_play(&play,
                "> raw 505249202a20485454502f322e300d0a0d0a534d0d0a0d0a"
                "\n%s",
                rows[i / 2].script);
        h2_close(&play);
    }
}

/* ---- 4: frames ----------------------------------------------------------- */

STORY(what_is_not_known_of_a_frame_is_passed_over)
{
    static const struct h2_row rows[] = {
        {"4.1: a type that nobody knows", "> 22 0 .bytes=8\n< alive"},
        {"4.1: on a stream as well",
         "> 255 1 .bytes=8\n< alive\n" GET "< reply 1 200"},
        {"4.1: flags without a meaning", "> PING 0 .flags=fe\n< PING 0 ack"},
        {"4.1: of a request",
         "> HEADERS 1 .flags=d2 end get\n< reply 1 200\n< alive"},
        {"4.1: the bit before the stream",
         "> PING 0x80000000\n< PING 0 ack\n> HEADERS 0x80000001 end get\n"
         "< reply 1 200"},
        {"5.5: types of extensions, between requests",
         GET "> 16 1 .bytes=100\n> 17 0\n> HEADERS 3 end get\n< reply 1 200\n"
             "< reply 3 200\n< alive"},
        {"5.5: but not within a block",
         "> HEADERS 1 end open get\n> 22 0 .bytes=8" IS_PROTOCOL_ERROR},
        {"5.5: not of that stream either",
         "> HEADERS 1 end open get\n> 22 1 .bytes=8" IS_PROTOCOL_ERROR},
    };
    H2_ROWS(rows);
}

STORY(a_frame_has_its_limit_at_that_byte)
{
    static const struct h2_row rows[] = {
        {"4.2: 16384 bytes of a body",
         POST "> DATA 1 end .bytes=16384" SAYS_HELLO},
        {"4.2: and no more", POST "> DATA 1 end .bytes=16385" IS_A_WRONG_SIZE},
        {"4.2: by its head", POST "> DATA 1 end .length=16385" IS_A_WRONG_SIZE},
        {"4.2: 16384 bytes of fields",
         "> HEADERS 1 end get .field=16325\n< reply 1 200"},
        {"4.2: and no more",
         "> HEADERS 1 end get .field=16400" IS_A_WRONG_SIZE},
        {"4.2: of settings", "> SETTINGS 0 .bytes=16386" IS_A_WRONG_SIZE},
        {"4.2: of what nobody knows", "> 99 0 .bytes=16384\n< alive\n"
                                      "> 99 0 .bytes=16385" IS_A_WRONG_SIZE},
        {"4.2: 16777215 that are only said",
         "> 0 1 .length=16777215" IS_A_WRONG_SIZE},
    };
    H2_ROWS(rows);
}

STORY(a_block_of_fields_is_not_interrupted)
{
    static const struct h2_row rows[] = {
        {"4.3: nor by a priority",
         "> HEADERS 1 end open get\n> PRIORITY 1 .prio=0" IS_PROTOCOL_ERROR},
        {"4.3: nor by another stream",
         "> HEADERS 1 end open get\n> HEADERS 3 end get" IS_PROTOCOL_ERROR},
        {"6.2: nor by a body",
         "> HEADERS 1 open post\n> DATA 1 end .bytes=1" IS_PROTOCOL_ERROR},
        {"6.2: nor by a ping",
         "> HEADERS 1 end open get\n> PING 0" IS_PROTOCOL_ERROR},
        {"4.3: what is no block ends all",
         "> HEADERS 1 end .raw=ffffffffffff\n< GOAWAY 0 COMPRESSION_ERROR"},
        {"4.3: one that has no end, too",
         "> HEADERS 1 end .raw=828684410f\n< GOAWAY 0 COMPRESSION_ERROR"},
    };
    H2_ROWS(rows);
}

/* ---- 6.1: DATA ----------------------------------------------------------- */

STORY(data_is_of_a_stream_that_is_open)
{
    static const struct h2_row rows[] = {
        {"6.1: one frame", POST "> DATA 1 end .text=hello" SAYS_HELLO},
        {"6.1: many",
         POST "> DATA 1 .text=hello .times=20\n> DATA 1 end" SAYS_HELLO},
        {"6.1: filled up", POST "> DATA 1 end .pad=6 .text=hello" SAYS_HELLO},
        {"6.1: by nothing", POST "> DATA 1 end .pad=0 .text=hello" SAYS_HELLO},
        {"6.1: by nothing else", POST "> DATA 1 end .pad=255" SAYS_HELLO},
        {"6.1: of no stream", POST "> DATA 0 end .bytes=1" IS_PROTOCOL_ERROR},
        {"6.1: of one that is over",
         GET "< reply 1 200\n> DATA 1 .bytes=1\n< error 1 STREAM_CLOSED"},
        {"6.1: filled up by more than there is",
         POST "> DATA 1 end .flags=8 .raw=06 .bytes=5" IS_PROTOCOL_ERROR},
        {"6.1: by all that there is",
         POST "> DATA 1 end .flags=8 .raw=05 .bytes=5" SAYS_HELLO},
        {"6.1: without a length of that",
         POST "> DATA 1 end .flags=8\n"
              "< GOAWAY 0 PROTOCOL_ERROR|FRAME_SIZE_ERROR"},
    };
    H2_ROWS(rows);
}

/* ---- 6.2: HEADERS -------------------------------------------------------- */

STORY(headers_are_of_a_stream)
{
    static const struct h2_row rows[] = {
        {"6.2: filled up", "> HEADERS 1 end .pad=9 get\n< reply 1 200"},
        {"6.2: with a priority", "> HEADERS 1 end .prio=0 get\n< reply 1 200"},
        {"6.2: with both", "> HEADERS 1 end .pad=200 .prio=3 get\n"
                           "< reply 1 200"},
        {"6.2: of no stream", "> HEADERS 0 end get" IS_PROTOCOL_ERROR},
        {"6.2: filled up by more than there is",
         "> HEADERS 1 end .flags=8 .raw=ff get\n< GOAWAY 0 PROTOCOL_ERROR"},
        {"6.2: with half a priority",
         "> HEADERS 1 end .flags=20 .raw=0000\n< GOAWAY 0 "
         "FRAME_SIZE_ERROR|PROTOCOL_ERROR"},
    };
    H2_ROWS(rows);
}

/* ---- 6.3: PRIORITY ------------------------------------------------------- */

STORY(priorities_are_taken_at_any_time)
{
    static const struct h2_row rows[] = {
        {"6.3: before a stream", "> PRIORITY 1 .prio=0\n" GET "< reply 1 200"},
        {"6.3: on another", "> PRIORITY 3 .prio=1\n" GET "< reply 1 200"},
        {"6.3: alone on another",
         "> PRIORITY 3 .prio=0x80000001\n" GET "< reply 1 200"},
        {"6.3: the least weight",
         "> PRIORITY 1 .raw=0000000000\n" GET "< reply 1 200"},
        {"6.3: the most", "> PRIORITY 1 .raw=00000000ff\n" GET "< reply 1 200"},
        {"6.3: during a stream",
         POST "> PRIORITY 1 .prio=0\n> DATA 1 end" SAYS_HELLO},
        {"6.3: behind the request",
         GET "> PRIORITY 1 .prio=0\n< reply 1 200\n< alive"},
        {"6.3: behind the reply",
         GET "< reply 1 200\n> PRIORITY 1 .prio=3\n< alive"},
        {"6.3: of no stream", "> PRIORITY 0 .prio=1" IS_PROTOCOL_ERROR},
        {"6.3: of four bytes",
         "> HEADERS 1 post\n> PRIORITY 1 .bytes=4\n< error 1 "
         "FRAME_SIZE_ERROR"},
        {"6.3: of six", POST "> PRIORITY 1 .bytes=6\n< error 1 "
                             "FRAME_SIZE_ERROR"},
    };
    H2_ROWS(rows);
}

/* ---- 6.4: RST_STREAM ----------------------------------------------------- */

STORY(a_reset_ends_a_stream_alone)
{
    static const struct h2_row rows[] = {
        {"6.4: during a request",
         POST "> RST_STREAM 1 CANCEL\n< alive\n> HEADERS 3 end get\n"
              "< reply 3 200"},
        {"6.4: of what waits for its reply",
         "> HEADERS 1 end :method=GET :scheme=http :path=/wait :authority=a\n"
         "> RST_STREAM 1 CANCEL\n< alive\n< none HEADERS 1"},
        {"6.4: of one that is over",
         GET "< reply 1 200\n> RST_STREAM 1 NO_ERROR\n< alive"},
        {"7: an error that nobody knows",
         POST "> RST_STREAM 1 0xff\n< alive\n> HEADERS 3 end get\n"
              "< reply 3 200"},
        {"6.4: of no stream", "> RST_STREAM 0 CANCEL" IS_PROTOCOL_ERROR},
        {"6.4: of one that has not begun",
         "> RST_STREAM 1 CANCEL" IS_PROTOCOL_ERROR},
        {"6.4: of three bytes", POST "> RST_STREAM 1 .bytes=3" IS_A_WRONG_SIZE},
        {"6.4: of five", POST "> RST_STREAM 1 .bytes=5" IS_A_WRONG_SIZE},
    };
    H2_ROWS(rows);
}

/* ---- 6.5: SETTINGS ------------------------------------------------------- */

STORY(settings_are_of_the_connection)
{
    static const struct h2_row rows[] = {
        {"6.5: an acknowledgement has nothing in it",
         "> SETTINGS 0 ack .bytes=1" IS_A_WRONG_SIZE},
        {"6.5: nor a setting",
         "> SETTINGS 0 ack ENABLE_PUSH=0" IS_A_WRONG_SIZE},
        {"6.5: of a stream", "> SETTINGS 1 ENABLE_PUSH=0" IS_PROTOCOL_ERROR},
        {"6.5: three bytes", "> SETTINGS 0 .bytes=3" IS_A_WRONG_SIZE},
        {"6.5: seven", "> SETTINGS 0 .bytes=7" IS_A_WRONG_SIZE},
        {"6.5: each may be said twice",
         "> SETTINGS 0 ENABLE_PUSH=1 ENABLE_PUSH=0\n< SETTINGS 0 ack\n" GET
         "< reply 1 200"},
    };
    H2_ROWS(rows);
}

STORY(a_setting_has_its_bounds)
{
    static const struct h2_row rows[] = {
        {"6.5.2: a push is no or yes",
         "> SETTINGS 0 ENABLE_PUSH=2" IS_PROTOCOL_ERROR},
        {"6.5.2: a window ends at 2^31 - 1",
         "> SETTINGS 0 INITIAL_WINDOW_SIZE=0x7fffffff\n< alive"},
        {"6.5.2: and not behind it",
         "> SETTINGS 0 INITIAL_WINDOW_SIZE=0x80000000\n< GOAWAY 0 "
         "FLOW_CONTROL_ERROR"},
        {"6.5.2: a frame's limit is never below 16384",
         "> SETTINGS 0 MAX_FRAME_SIZE=16383" IS_PROTOCOL_ERROR},
        {"6.5.2: and at most 2^24 - 1",
         "> SETTINGS 0 MAX_FRAME_SIZE=16384 MAX_FRAME_SIZE=0xffffff\n< alive"},
        {"6.5.2: and not above",
         "> SETTINGS 0 MAX_FRAME_SIZE=0x1000000" IS_PROTOCOL_ERROR},
        {"6.5.2: what is not known is passed over",
         "> SETTINGS 0 0xff=1 0=7 0xffff=0xffffffff\n< alive"},
        {"6.5.2: streams of ours may be none, and lists short",
         "> SETTINGS 0 MAX_CONCURRENT_STREAMS=0 HEADER_TABLE_SIZE=0\n" GET
         "< reply 1 200"},
    };
    H2_ROWS(rows);
}

/* ---- 6.6 to 6.8: PUSH_PROMISE, PING, GOAWAY ------------------------------ */

STORY(a_client_promises_nothing)
{
    static const struct h2_row rows[] = {
        {"8.4: on a request", POST "> PUSH_PROMISE 1 2 get" IS_PROTOCOL_ERROR},
        {"6.6: on none", "> PUSH_PROMISE 0 2 get" IS_PROTOCOL_ERROR},
    };
    H2_ROWS(rows);
}

STORY(a_ping_is_answered_and_an_answer_is_not)
{
    static const struct h2_row rows[] = {
        {"6.7: a ping", "> PING 0 .text=12345678\n< PING 0 ack"},
        {"6.7: an answer", "> PING 0 ack .text=12345678\n< none PING 0\n"
                           "< alive\n< none PING 0"},
        {"6.7: of a stream", "> PING 1" IS_PROTOCOL_ERROR},
        {"6.7: of seven bytes", "> PING 0 .bytes=7" IS_A_WRONG_SIZE},
        {"6.7: of nine", "> PING 0 .bytes=9" IS_A_WRONG_SIZE},
        {"6.7: of none", "> 6 0" IS_A_WRONG_SIZE},
    };
    H2_ROWS(rows);
}

STORY(a_goodbye_lets_end_what_has_begun)
{
    static const struct h2_row rows[] = {
        {"6.8: in order", POST "> GOAWAY 0 0 NO_ERROR\n> DATA 1 end"
                               "\n< reply 1 200"},
        {"7: with an error that nobody knows",
         POST "> GOAWAY 0 0 0xff\n> DATA 1 end\n< reply 1 200"},
        {"6.8: of a stream", "> GOAWAY 1 0 NO_ERROR" IS_PROTOCOL_ERROR},
        {"6.8: of seven bytes", "> GOAWAY 0 .bytes=7" IS_A_WRONG_SIZE},
        {"6.8: with words of its own",
         POST "> GOAWAY 0 0 NO_ERROR .text=bye\n> DATA 1 end\n< reply 1 200"},
    };
    H2_ROWS(rows);
}

/* ---- 6.9: WINDOW_UPDATE -------------------------------------------------- */

#define BIG "> HEADERS 1 end :method=GET :scheme=http :path=/big :authority=a\n"

STORY(a_window_grows_by_something)
{
    static const struct h2_row rows[] = {
        {"6.9: of the connection", "> WINDOW_UPDATE 0 1\n" GET "< reply 1 200"},
        {"6.9: of a stream",
         POST "> WINDOW_UPDATE 1 1\n> DATA 1 end" SAYS_HELLO},
        {"5.1: behind the request",
         GET "> WINDOW_UPDATE 1 1\n< reply 1 200\n< alive"},
        {"5.1: behind the reply",
         GET "< reply 1 200\n> WINDOW_UPDATE 1 1\n< alive"},
        {"6.9: by nothing", "> WINDOW_UPDATE 0 0" IS_PROTOCOL_ERROR},
        {"6.9: of a stream by nothing",
         POST "> WINDOW_UPDATE 1 0\n< error 1 PROTOCOL_ERROR"},
        {"6.9: by three bytes", "> WINDOW_UPDATE 0 .bytes=3" IS_A_WRONG_SIZE},
        {"6.9: by five", POST "> WINDOW_UPDATE 1 .bytes=5" IS_A_WRONG_SIZE},
        {"6.9.1: up to 2^31 - 1",
         "> WINDOW_UPDATE 0 0x7fff0000\n" POST
         "> WINDOW_UPDATE 1 0x7fff0000\n> DATA 1 end" SAYS_HELLO},
        {"6.9.1: and no more",
         "> WINDOW_UPDATE 0 0x7fff0001\n< GOAWAY 0 FLOW_CONTROL_ERROR"},
        {"6.9.1: in two steps",
         "> WINDOW_UPDATE 0 0x7fff0000 .times=2\n< GOAWAY 0 "
         "FLOW_CONTROL_ERROR"},
        {"6.9.1: of a stream",
         POST "> WINDOW_UPDATE 1 0x7fff0001\n< error 1 FLOW_CONTROL_ERROR"},
    };
    H2_ROWS(rows);
}

STORY(no_more_is_sent_than_a_window_has_room_for)
{
    static const struct h2_row rows[] = {
        {"6.9.1: 65535 bytes", BIG "< HEADERS 1 200\n< body 1 65535"},
        {"6.9.1: of the stream",
         "> WINDOW_UPDATE 0 1000000\n" BIG "< HEADERS 1 200\n< body 1 65535\n"
         "> WINDOW_UPDATE 1 5\n< body 1 65540\n> WINDOW_UPDATE 1 134460\n"
         "< body 1 200000\n< DATA 1 end"},
        {"6.9.2: of the connection",
         "> SETTINGS 0 INITIAL_WINDOW_SIZE=1000000\n" BIG
         "< HEADERS 1 200\n< body 1 65535\n> WINDOW_UPDATE 0 1\n"
         "< body 1 65536\n> WINDOW_UPDATE 0 134464\n< body 1 200000\n"
         "< DATA 1 end"},
        {"6.9.1: a byte",
         "> SETTINGS 0 INITIAL_WINDOW_SIZE=1\n" GET "< HEADERS 1 200\n"
         "< body 1 1\n> WINDOW_UPDATE 1 1\n< body 1 2\n> WINDOW_UPDATE 1 4\n"
         "< body 1 6\n< DATA 1 end"},
        {"6.9.1: none", "> SETTINGS 0 INITIAL_WINDOW_SIZE=0\n" GET
                        "< HEADERS 1 200\n< body 1 0\n> WINDOW_UPDATE 1 6\n"
                        "< body 1 6\n< DATA 1 end"},
    };
    H2_ROWS(rows);
}

STORY(a_setting_moves_the_windows_that_are_open)
{
    static const struct h2_row rows[] = {
        {"6.9.2: further",
         "> SETTINGS 0 INITIAL_WINDOW_SIZE=0\n" GET "< HEADERS 1 200\n"
         "< body 1 0\n> SETTINGS 0 INITIAL_WINDOW_SIZE=1\n< body 1 1\n"
         "> SETTINGS 0 INITIAL_WINDOW_SIZE=6\n< body 1 6\n< DATA 1 end"},
        {"6.9.2: also below zero",
         "> SETTINGS 0 INITIAL_WINDOW_SIZE=3\n" GET "< HEADERS 1 200\n"
         "< body 1 3\n> SETTINGS 0 INITIAL_WINDOW_SIZE=1\n< alive\n"
         "> WINDOW_UPDATE 1 2\n< body 1 3\n> WINDOW_UPDATE 1 1\n"
         "< body 1 4\n> WINDOW_UPDATE 1 2\n< body 1 6\n< DATA 1 end"},
        {"6.9.2: and not above 2^31 - 1",
         POST "> WINDOW_UPDATE 1 0x7fff0000\n"
              "> SETTINGS 0 INITIAL_WINDOW_SIZE=65536\n< error 1 "
              "FLOW_CONTROL_ERROR"},
        {"6.5.3: the last of two counts",
         "> SETTINGS 0 INITIAL_WINDOW_SIZE=100 INITIAL_WINDOW_SIZE=1\n" GET
         "< HEADERS 1 200\n< body 1 1\n> WINDOW_UPDATE 1 5\n< DATA 1 end"},
    };
    H2_ROWS(rows);
}

/* ---- 6.10: CONTINUATION -------------------------------------------------- */

STORY(a_block_goes_on_until_it_says_so)
{
    static const struct h2_row rows[] = {
        {"6.10: once", "> HEADERS 1 end open get\n> CONTINUATION 1 a=b\n"
                       "< reply 1 200"},
        {"6.10: often",
         "> HEADERS 1 end open get\n> CONTINUATION 1 open a=b .times=5\n"
         "> CONTINUATION 1\n< reply 1 200"},
        {"6.10: with nothing at first",
         "> HEADERS 1 end open\n> CONTINUATION 1 get\n< reply 1 200"},
        {"6.10: of no stream",
         "> HEADERS 1 end open get\n> CONTINUATION 0 a=b" IS_PROTOCOL_ERROR},
        {"6.10: of another",
         "> HEADERS 1 end open get\n> CONTINUATION 3 a=b" IS_PROTOCOL_ERROR},
        {"6.10: behind an end", GET "> CONTINUATION 1 a=b" IS_PROTOCOL_ERROR},
        {"6.10: behind its own",
         "> HEADERS 1 end open get\n> CONTINUATION 1 a=b\n"
         "> CONTINUATION 1 c=d" IS_PROTOCOL_ERROR},
        {"6.10: behind data",
         POST "> DATA 1 .bytes=1\n> CONTINUATION 1 a=b" IS_PROTOCOL_ERROR},
        {"6.10: behind nothing", "> CONTINUATION 1 get" IS_PROTOCOL_ERROR},
        {"6.10: interrupted by data",
         "> HEADERS 1 open post\n> CONTINUATION 1 open a=b\n"
         "> DATA 1 end" IS_PROTOCOL_ERROR},
    };
    H2_ROWS(rows);
}
