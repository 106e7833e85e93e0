/*
 * test_h2_streams.c - what a stream of HTTP/2 is, and when (RFC 9113, 5)
 */
#include "http/h2_play.h"

#include "harness.h"

#define POST "> HEADERS 1 post\n"
#define GET "> HEADERS 1 end get\n"
#define WAITS "end :method=GET :scheme=http :path=/wait :authority=a\n"
#define IS_PROTOCOL_ERROR "\n< GOAWAY 0 PROTOCOL_ERROR"

STORY(of_a_stream_that_is_idle_only_its_beginning_is_taken)
{
    static const struct h2_row rows[] = {
        {"5.1: no data", "> DATA 1 .bytes=1" IS_PROTOCOL_ERROR},
        {"5.1: no reset", "> RST_STREAM 1 CANCEL" IS_PROTOCOL_ERROR},
        {"5.1: no window", "> WINDOW_UPDATE 1 1" IS_PROTOCOL_ERROR},
        {"5.1: no rest of a block", "> CONTINUATION 1 get" IS_PROTOCOL_ERROR},
        {"5.1: nor of a higher one that has not begun",
         GET "< reply 1 200\n> DATA 3 .bytes=1" IS_PROTOCOL_ERROR},
        {"5.1: nor of ours", "> WINDOW_UPDATE 2 1" IS_PROTOCOL_ERROR},
    };
    H2_ROWS(rows);
}

STORY(of_a_request_that_is_whole_nothing_more_is_taken)
{
    static const struct h2_row rows[] = {
        {"5.1: no data", "> HEADERS 1 " WAITS "> DATA 1 .bytes=1\n"
                         "< error 1 STREAM_CLOSED"},
        {"5.1: no head", "> HEADERS 1 " WAITS "> HEADERS 1 end get\n"
                         "< error 1 STREAM_CLOSED"},
        {"5.1: no trailers", "> HEADERS 1 " WAITS "> HEADERS 1 end a=b\n"
                             "< error 1 STREAM_CLOSED"},
        {"5.1: no rest of a block",
         "> HEADERS 1 " WAITS "> CONTINUATION 1 a=b\n"
         "< error 1 STREAM_CLOSED|PROTOCOL_ERROR"},
        {"5.1: but its window", "> HEADERS 1 " WAITS "> WINDOW_UPDATE 1 1\n"
                                "< alive"},
        {"5.1: its priority", "> HEADERS 1 " WAITS "> PRIORITY 1 .prio=0\n"
                              "< alive"},
        {"5.1: its reset", "> HEADERS 1 " WAITS "> RST_STREAM 1 CANCEL\n"
                           "< alive\n< none HEADERS 1"},
    };
    H2_ROWS(rows);
}

/* A peer that has reset a stream knows, and one whose stream was reset may have
 * sent before it knew. */
STORY(of_a_stream_that_is_closed_nothing_is_taken)
{
    static const struct h2_row rows[] = {
        {"5.1: no data behind a reset",
         POST "> RST_STREAM 1 CANCEL\n> DATA 1 .bytes=1\n"
              "< error 1 STREAM_CLOSED"},
        {"5.1: no head behind a reset",
         POST "> RST_STREAM 1 CANCEL\n> HEADERS 1 end get\n"
              "< error 1 STREAM_CLOSED|PROTOCOL_ERROR"},
        {"5.1: no rest of a block behind a reset",
         POST "> RST_STREAM 1 CANCEL\n> CONTINUATION 1 a=b" IS_PROTOCOL_ERROR},
        {"5.1: no data behind both ends",
         GET "< reply 1 200\n> DATA 1 .bytes=1\n< error 1 STREAM_CLOSED"},
        {"5.1: no head behind both ends",
         GET "< reply 1 200\n> HEADERS 1 end get\n"
             "< error 1 STREAM_CLOSED|PROTOCOL_ERROR"},
        {"5.1: no rest of a block behind both ends",
         GET "< reply 1 200\n> CONTINUATION 1 a=b\n"
             "< error 1 STREAM_CLOSED|PROTOCOL_ERROR"},
        {"5.1: but a priority", GET "< reply 1 200\n> PRIORITY 1 .prio=0\n"
                                    "< alive"},
        {"5.1: a window and a reset that were on their way",
         GET "< reply 1 200\n> WINDOW_UPDATE 1 1\n> RST_STREAM 1 CANCEL\n"
             "< alive"},
    };
    H2_ROWS(rows);
}

STORY(streams_of_clients_are_odd_and_ascend)
{
    static const struct h2_row rows[] = {
        {"5.1.1: even", "> HEADERS 2 end get" IS_PROTOCOL_ERROR},
        {"5.1.1: below the last",
         "> HEADERS 5 end get\n< reply 5 200\n> HEADERS 3 end get\n"
         "< GOAWAY 0 PROTOCOL_ERROR|STREAM_CLOSED"},
        {"5.1.1: by leaps",
         "> HEADERS 5 end get\n> HEADERS 1001 end get\n< reply 5 200\n"
         "< reply 1001 200"},
        {"5.1.1: up to the last there is",
         "> HEADERS 0x7fffffff end get\n< reply 2147483647 200\n< alive"},
    };
    H2_ROWS(rows);
}

/* What dependencies say is not asked for; what they must not say is refused, or
 * passed over as RFC 9113 lets a server do. */
STORY(a_dependency_is_passed_over)
{
    static const struct h2_row rows[] = {
        {"5.3.1: on what is not there",
         "> HEADERS 1 end .prio=77 get\n< reply 1 200"},
        {"5.3.1: in a ring", "> PRIORITY 3 .prio=5\n> PRIORITY 5 .prio=3\n"
                             "> HEADERS 3 end get\n< reply 3 200\n< alive"},
    };
    H2_ROWS(rows);
}

STORY(a_stream_does_not_depend_on_itself)
{
    static const struct h2_row rows[] = {
        {"5.3.1: by a head",
         "> HEADERS 1 end .prio=1 get\n< error 1 PROTOCOL_ERROR"},
        {"5.3.1: by a priority",
         POST "> PRIORITY 1 .prio=1\n< error 1 PROTOCOL_ERROR"},
    };
    H2_ROWS(rows);
}

STORY(an_error_of_the_connection_is_said_and_ends_it)
{
    static const struct h2_row rows[] = {
        {"5.4.1: before a request",
         "> PING 0 .bytes=6\n< GOAWAY 0 FRAME_SIZE_ERROR"},
        {"5.4.1: while one is answered",
         "> HEADERS 1 " WAITS "> PING 0 .bytes=6\n"
         "< GOAWAY 0 FRAME_SIZE_ERROR"},
        {"5.4.1: behind its reply",
         GET "< reply 1 200\n> PING 0 .bytes=6\n< GOAWAY 0 FRAME_SIZE_ERROR"},
        {"5.4.1: what comes behind it is not answered",
         "> PING 0 .bytes=6\n> HEADERS 1 end get\n> PING 0\n"
         "< GOAWAY 0 FRAME_SIZE_ERROR\n< none HEADERS 1\n< none PING 0"},
    };
    H2_ROWS(rows);
}

/* "the last peer-initiated stream that was or might be processed" */
STORY(a_goodbye_names_the_last_stream_that_was_taken)
{
    static struct h2_play play;
    static const uint32_t streams[] = {0, 1, 7};
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        memset(&play, 0, sizeof play);
        h2_open(&play);
        for (uint32_t stream = 1; stream <= streams[i]; stream += 2)
            h2_play(&play, "> HEADERS %u end get\n< reply %u 200", stream,
                    stream);
        h2_play(&play, "> PING 0 .bytes=6\n< GOAWAY 0 FRAME_SIZE_ERROR");
        h2_close(&play);
        CHECK_INT(play.frames[play.frames_count - 1].type, H2_GOAWAY);
        CHECK_INT(play.frames[play.frames_count - 1].last, streams[i]);
    }
}

/* Streams that are reset by the server are no requests that it has heard. */
STORY(an_error_of_a_stream_leaves_the_others_alone)
{
    static struct h2_play play;
    memset(&play, 0, sizeof play);
    h2_open(&play);
    h2_play(&play, "> HEADERS 1 " WAITS "> HEADERS 3 post\n"
                   "> HEADERS 5 end get :path=/\n"
                   "< RST_STREAM 5 PROTOCOL_ERROR\n"
                   "> DATA 3 end .text=x\n< reply 3 200\n< alive");
    CHECK_INT(play.running, 1);
    fm_event_set(&play.leave);
    h2_play(&play, "< reply 1 200");
    h2_close(&play);
}

static unsigned said_streams(struct h2_play *play)
{
    h2_play(play, "< SETTINGS 0\n< alive");
    return play->limit;
}

/* One more is refused, not handled, and may be asked for again. */
STORY(there_are_so_many_streams_at_once_and_no_more)
{
    static struct h2_play play;
    memset(&play, 0, sizeof play);
    h2_open(&play);
    unsigned most = said_streams(&play);
    CHECK(most >= 100 && most <= 1000); /* 6.5.2 recommends 100 at least */
    for (unsigned i = 0; i < most; i++)
        h2_play(&play, "> HEADERS %u " WAITS, 2 * i + 1);
    h2_play(&play, "< alive");
    CHECK_INT(play.running, most);
    h2_play(&play,
            "> HEADERS %u end get\n< error %u REFUSED_STREAM|PROTOCOL_ERROR",
            2 * most + 1, 2 * most + 1);
    CHECK_INT(play.asked, most);
    if (!play.ended) {
        fm_event_set(&play.leave);
        h2_play(&play, "< reply 1 200\n> HEADERS %u end get\n< reply %u 200",
                2 * most + 3, 2 * most + 3);
    }
    h2_close(&play);
}
