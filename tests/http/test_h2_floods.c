/*
 * test_h2_floods.c - clients of HTTP/2 that want a server to work for nothing,
 * and to hold what they do not take
 *
 * Whatever they send, the connection ends, or is held up alone, and its server
 * has neither more handlers at once than it allows nor memory without bound.
 */
#include "http/h2_play.h"

#include "harness.h"

#include "base/fault.h"

#include <errno.h>
#include <fermata/error.h>

enum {
    MANY = 10000,          /* of what is a nuisance */
    ROOM = 2 * 1024 * 1024 /* bytes that a connection may hold, all in all */
};

#define WAITS "end :method=GET :scheme=http :path=/wait :authority=a"
#define IS_CALMED "< GOAWAY 0 ENHANCE_YOUR_CALM"

static struct h2_play play;
static int64_t began;
static uint64_t held, most_held;

static void begin_as(const char *rule, bool deaf)
{
    memset(&play, 0, sizeof play);
    play.rule = rule;
    play.floods = true;
    play.deaf = deaf;
    /* Else the connection ends by these, and in order, where so much time goes
     * by that some of the nuisances are forgotten. */
    play.options.requests = 2 * MANY;
    began = fm_now();
    held = most_held = fm__atomic_load(&fm__ledger[FM__HELD_BYTES]);
    h2_open(&play);
}

static void begin(const char *rule)
{
    begin_as(rule, false);
}

static void look(void)
{
    uint64_t now = fm__atomic_load(&fm__ledger[FM__HELD_BYTES]);
    most_held = now > most_held ? now : most_held;
}

/* It was quick, as far as time is the simulator's, and small. */
static void end(void)
{
    look();
    CHECK(!test_simulated() || fm_now() - began < 1000000000);
    h2_close(&play);
    CHECK(most_held - held < ROOM);
    CHECK(play.most <= FM_HTTP_STREAMS);
    CHECK_INT(play.running, 0);
}

/* ---- resets -------------------------------------------------------------- */

/* A request and a frame that makes it end, again and again; NULL: a priority
 * of the stream itself. */
static void reset(const char *rule, const char *type, const char *rest)
{
    begin(rule);
    for (unsigned i = 0; i < MANY && !play.ended; i++) {
        h2_play(&play, "> HEADERS %u " WAITS, 2 * i + 1);
        if (rest != NULL)
            h2_play(&play, "> %s %u %s", type, 2 * i + 1, rest);
        else
            h2_play(&play, "> %s %u .prio=%u", type, 2 * i + 1, 2 * i + 1);
        look();
    }
    h2_play(&play, "< GOAWAY 0 ENHANCE_YOUR_CALM|PROTOCOL_ERROR|STREAM_CLOSED|"
                   "FRAME_SIZE_ERROR|FLOW_CONTROL_ERROR");
    /* 1,000, and 33 a second, which are some where time is real. */
    CHECK(play.asked < 1200 + 40 * (fm_now() - began) / 1000000000);
    end();
}

/* CVE-2023-44487 */
STORY(ten_thousand_resets_end_the_connection)
{
    reset("rapid reset", "RST_STREAM", "CANCEL");
}

/* Also where its requests come at once, before any handler has begun. */
STORY(resets_that_come_with_their_requests_start_no_handlers)
{
    begin("resets in one piece");
    for (unsigned i = 0; i < FM_HTTP_STREAMS; i++)
        h2_play(&play, "> HEADERS %u " WAITS "\n> RST_STREAM %u CANCEL",
                2 * i + 1, 2 * i + 1);
    h2_play(&play, "< alive");
    CHECK_INT(play.running, 0);
    end();
}

/* CVE-2025-8671: the server is made to reset, and not asked to. */
STORY(resets_that_a_server_is_made_to_say_are_counted)
{
    reset("a window that grows by nothing", "WINDOW_UPDATE", "0");
    reset("a window beyond its end", "WINDOW_UPDATE", "0x7fffffff");
    reset("a second head", "HEADERS", "end get");
    reset("data behind the end", "DATA", ".bytes=1");
    reset("half a priority", "PRIORITY", ".bytes=4");
    reset("a priority on itself", "PRIORITY", NULL);
}

STORY(requests_that_are_malformed_are_counted)
{
    begin("malformed");
    for (unsigned i = 0; i < MANY && !play.ended; i++)
        h2_play(&play, "> HEADERS %u end get X=1", 2 * i + 1);
    h2_play(&play, "< GOAWAY 0 ENHANCE_YOUR_CALM|PROTOCOL_ERROR");
    CHECK_INT(play.asked, 0);
    end();
}

STORY(requests_that_are_refused_are_counted)
{
    begin("above the limit");
    for (unsigned i = 0; i < MANY && !play.ended; i++)
        h2_play(&play, "> HEADERS %u " WAITS, 2 * i + 1);
    h2_play(&play, "< GOAWAY 0 ENHANCE_YOUR_CALM|PROTOCOL_ERROR");
    CHECK_INT(play.asked, FM_HTTP_STREAMS);
    end();
}

static int stubborn(fm_exchange *exchange, void *arg)
{
    int rc = 0;
    (void)arg;
    if (++play.running > play.most)
        play.most = play.running;
    play.asked++;
    FM_SHIELD(INFINITY) { /* until the test says so, however slow it is */
        rc = fm_event_wait(&play.leave);
    }
    play.running--;
    return rc < 0 ? rc : fm_reply_text(exchange, 200, "late\n");
}

/* However often it resets, no more of its handlers run than of one that waits
 * for them. */
STORY(a_stream_that_is_reset_counts_until_its_handler_has_ended)
{
    begin("handlers that go on");
    play.handler = stubborn;
    unsigned stream = 1;
    for (; stream < 2 * FM_HTTP_STREAMS; stream += 2)
        h2_play(&play, "> HEADERS %u end get\n> RST_STREAM %u CANCEL", stream,
                stream);
    h2_play(&play, "< alive");
    unsigned running = play.running; /* the others were gone too soon */
    for (; stream < 8 * FM_HTTP_STREAMS; stream += 2)
        h2_play(&play, "> HEADERS %u end get\n< alive\n> RST_STREAM %u CANCEL",
                stream, stream);
    CHECK(play.running >= running);
    CHECK_INT(play.most, FM_HTTP_STREAMS);
    CHECK_INT(play.asked, FM_HTTP_STREAMS);
    fm_event_set(&play.leave);
    h2_play(&play, "< alive\n> HEADERS %u end get\n< reply %u 200", stream,
            stream);
    end();
}

/* ---- frames that say nothing --------------------------------------------- */

STORY(floods_of_what_says_nothing_are_calmed)
{
    static const char *const rows[][2] = {
        {"pings", "> PING 0 .times=10000"},
        {"settings", "> SETTINGS 0 .times=10000"},
        {"settings of a window",
         "> HEADERS 1 post\n> SETTINGS 0 INITIAL_WINDOW_SIZE=1 .times=10000"},
        {"data without any", "> HEADERS 1 post\n> DATA 1 .times=10000"},
        {"priorities", "> PRIORITY 1 .prio=3 .times=10000"},
        {"priorities of a stream",
         "> HEADERS 1 post\n> PRIORITY 1 .prio=0 .times=10000"},
        {"resets of what is over", "> HEADERS 1 end get\n< reply 1 200\n"
                                   "> RST_STREAM 1 CANCEL .times=10000"},
        {"windows that grow by nothing",
         "> HEADERS 1 post\n> WINDOW_UPDATE 1 0 .times=10000"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin(rows[i][0]);
        h2_play(&play, "%s", rows[i][1]);
        h2_play(&play, "< GOAWAY 0 ENHANCE_YOUR_CALM|PROTOCOL_ERROR");
        end();
    }
}

/* What one of them is allowed. */
STORY(what_says_nothing_now_and_then_is_borne)
{
    begin("some of each");
    h2_play(&play, "> PING 0 .times=200\n> SETTINGS 0 .times=100\n"
                   "> PRIORITY 1 .prio=0 .times=100\n"
                   "> HEADERS 1 post\n> DATA 1 .times=100\n> DATA 1 end\n"
                   "< reply 1 200\n< alive");
    CHECK_INT(h2_heard_count(&play, H2_GOAWAY), 0);
    end();
}

STORY(what_nobody_knows_is_passed_over_however_often)
{
    begin("unknown frames");
    h2_play(&play, "> 99 0 .bytes=100 .times=10000\n> HEADERS 1 end get\n"
                   "< reply 1 200");
    end();
}

STORY(settings_have_32_entries_and_no_more)
{
    for (int count = 32; count <= 33; count++) {
        char entries[33 * 12 + 1] = "";
        begin("a long list");
        for (int i = 0; i < count; i++)
            memcpy(entries + (size_t)i * 12, "00ff00000001", 13);
        h2_play(&play, "> SETTINGS 0 .raw=%s", entries);
        h2_play(&play, count == 32 ? "< alive" : IS_CALMED);
        end();
    }
}

/* ---- heads --------------------------------------------------------------- */

STORY(a_head_that_does_not_end_is_given_up)
{
    static const char *const rows[][2] = {
        {"by frames without anything", "> CONTINUATION 1 open .times=10000"},
        {"by small ones", "> CONTINUATION 1 open a=b .times=10000"},
        {"by large ones", "> CONTINUATION 1 open .field=16000 .times=10000"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin(rows[i][0]);
        h2_play(&play, "> HEADERS 1 end open get\n%s\n" IS_CALMED, rows[i][1]);
        CHECK_INT(play.asked, 0);
        end();
    }
}

STORY(a_head_that_is_too_large_is_refused_with_431)
{
    static const char *const rows[][2] = {
        {"a field of 40000 bytes in pieces",
         "> HEADERS 1 end open get .field=16000\n"
         "> CONTINUATION 1 open .field=16000\n> CONTINUATION 1 .field=8000"},
        {"more than we say that we take",
         "> HEADERS 1 end open get .field=16000\n"
         "> CONTINUATION 1 open .field=16000 .times=5\n"
         "> CONTINUATION 1 .field=8000"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin(rows[i][0]);
        h2_play(&play, "%s\n< reply 1 431\n> HEADERS 3 end get\n< reply 3 200",
                rows[i][1]);
        CHECK_INT(play.asked, 1);
        end();
    }
}

STORY(a_head_has_100_fields_and_no_more)
{
    for (unsigned count = 99; count <= 100; count++) { /* and its Host */
        begin("many fields");
        h2_play(&play,
                "> HEADERS 1 end get .raw=400178017a .again=%u\n"
                "< reply 1 %u\n< alive",
                count - 1, count < 100 ? 200 : 431);
        end();
    }
}

/* A byte of it is a field of 4000: 65 megabytes in a frame. Above one of them
 * there is no reply. */
STORY(a_bomb_of_fields_takes_no_memory)
{
    static const char *const rows[] = {
        "> CONTINUATION 1 .again=200\n< reply 1 431\n< alive",
        "> CONTINUATION 1 .again=16000\n" IS_CALMED,
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin("a bomb");
        h2_play(&play,
                "> HEADERS 1 end open get .raw=4001787fa11e .bytes=4000\n%s",
                rows[i]);
        CHECK_INT(play.asked, 0);
        end();
    }
}

/* Where nobody would have read them. */
STORY(a_bomb_of_trailers_is_calmed)
{
    begin("a bomb");
    h2_play(&play, "> HEADERS 1 post .raw=4001787fa11e .bytes=4000\n"
                   "> HEADERS 1 end .again=16000\n" IS_CALMED);
    end();
}

/* ---- windows ------------------------------------------------------------- */

#define BIG "end :method=GET :scheme=http :path=/big :authority=a"

/* Each reply has a room that is bounded, and waits no longer than it may. */
STORY(who_opens_no_window_holds_little_and_not_for_ever)
{
    if (!test_simulated())
        return; /* it takes half a minute */
    begin("no window");
    h2_play(&play, "> SETTINGS 0 INITIAL_WINDOW_SIZE=0");
    for (unsigned i = 0; i < FM_HTTP_STREAMS; i++)
        h2_play(&play, "> HEADERS %u " BIG, 2 * i + 1);
    h2_play(&play, "< alive");
    CHECK_INT(play.running, FM_HTTP_STREAMS);
    look();
    CHECK(most_held - held < (FM_HTTP_STREAMS + 1) * 80 * 1024);
    fm_sleep(FM_HTTP_WRITE_TIMEOUT + 1);
    CHECK_INT(play.running, 0);
    h2_play(&play,
            "< RST_STREAM 1\n> SETTINGS 0 INITIAL_WINDOW_SIZE=1000\n"
            "> HEADERS %u end get\n< reply %u 200",
            2 * FM_HTTP_STREAMS + 1, 2 * FM_HTTP_STREAMS + 1);
    h2_close(&play);
}

/* Not a byte more than its window of a body that nobody reads is taken. */
STORY(a_body_that_nobody_reads_is_not_held)
{
    begin("more than a window");
    h2_play(&play,
            "> HEADERS 1 :method=POST :scheme=http :path=/deaf :authority=a\n"
            "> DATA 1 .bytes=16384 .times=3\n> DATA 1 .bytes=16383\n< alive\n"
            "< none WINDOW_UPDATE 1\n> DATA 1 .bytes=1\n"
            "< error 1 FLOW_CONTROL_ERROR");
    end();
}

STORY(who_takes_nothing_at_all_is_given_up)
{
    if (!test_simulated())
        return; /* it takes half a minute */
    static const char *const rows[][2] = {
        {"pings", "> PING 0 .times=30000"},
        {"replies",
         "> SETTINGS 0 INITIAL_WINDOW_SIZE=0x7fffffff\n"
         "> WINDOW_UPDATE 0 0x7fff0000\n> HEADERS 1 " BIG "\n> HEADERS 3 " BIG},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin_as(rows[i][0], true);
        h2_play(&play, "%s", rows[i][1]);
        look();
        fm_sleep(FM_HTTP_WRITE_TIMEOUT + 2);
        CHECK_INT(play.over, true);
        CHECK_INT(play.result, i == 0 ? 0 : -FM_EPEERTIMEOUT);
        CHECK(most_held - held < ROOM);
        h2_close(&play);
        CHECK_INT(play.running, 0);
    }
}
