/*
 * test_h2_messages.c - what a request of HTTP/2 is (RFC 9113, 8)
 */
#include "http/h2_play.h"

#include "harness.h"

#include <errno.h>
#include <fermata/error.h>
#include <stdlib.h>

#define POST "> HEADERS 1 post\n"
#define GET "> HEADERS 1 end get\n"
#define SAYS_HELLO "\n< reply 1 200\n< body 1 6"
/* The stream's alone: the next one is answered. */
#define IS_MALFORMED                                                           \
    "\n< RST_STREAM 1 PROTOCOL_ERROR\n> HEADERS 3 end get\n< reply 3 200"

/* ---- 8.1: frames of a message -------------------------------------------- */

STORY(a_request_is_a_head_a_body_and_trailers)
{
    static const struct h2_row rows[] = {
        {"8.1: a head", GET "< reply 1 200\n< body 1 6"},
        {"8.1: a body",
         POST "> DATA 1 .text=ab\n> DATA 1 end .text=c" SAYS_HELLO},
        {"8.1: that is empty", POST "> DATA 1 end" SAYS_HELLO},
        {"8.1: trailers",
         POST "> DATA 1 .text=ab\n> HEADERS 1 end x-sum=1" SAYS_HELLO},
        {"8.1: trailers without a body",
         POST "> HEADERS 1 end x-sum=1" SAYS_HELLO},
        {"8.1: trailers in pieces",
         POST "> HEADERS 1 end open x-sum=1\n> CONTINUATION 1 x=2" SAYS_HELLO},
        {"8.1: a second head that ends nothing",
         POST "> HEADERS 1 x-sum=1" IS_MALFORMED},
        {"8.1: nor a second request", POST "> HEADERS 1 post" IS_MALFORMED},
        {"8.1: a reply that comes before the whole request",
         "> HEADERS 1 :method=POST :scheme=http :path=/late :authority=a\n"
         "< HEADERS 1 200\n> DATA 1 end .text=x\n< DATA 1 end"},
    };
    H2_ROWS(rows);
}

STORY(a_reply_has_no_body_where_none_belongs)
{
    static struct h2_play play;
    memset(&play, 0, sizeof play);
    h2_open(&play);
    h2_play(&play, "> HEADERS 1 end :method=HEAD :scheme=http :path=/ "
                   ":authority=a\n< HEADERS 1 200 end\n< alive");
    CHECK_INT(h2_heard_body(&play, 1), 0);
    h2_close(&play);
}

/* ---- 8.2: fields --------------------------------------------------------- */

STORY(a_name_of_a_field_is_a_token_in_lower_case)
{
    static const struct h2_row rows[] = {
        {"8.2: in lower case", GET "< reply 1 200"},
        {"8.2.1: in upper case", "> HEADERS 1 end get X-Test=1" IS_MALFORMED},
        {"8.2.1: one letter of it",
         "> HEADERS 1 end get x-tesT=1" IS_MALFORMED},
        {"8.2.1: with a blank", "> HEADERS 1 end get x%20y=1" IS_MALFORMED},
        {"8.2.1: with a line end",
         "> HEADERS 1 end get x%0d%0ay=1" IS_MALFORMED},
        {"8.2.1: with a nul", "> HEADERS 1 end get x%00y=1" IS_MALFORMED},
        {"8.2.1: beyond ascii", "> HEADERS 1 end get x%ff=1" IS_MALFORMED},
        {"8.2.1: with a colon", "> HEADERS 1 end get x:y=1" IS_MALFORMED},
        {"8.2.1: of nothing", "> HEADERS 1 end get .raw=000001"
                              "78" IS_MALFORMED},
        {"8.2.1: of a trailer", POST "> HEADERS 1 end X-Sum=1" IS_MALFORMED},
    };
    H2_ROWS(rows);
}

STORY(a_value_of_a_field_ends_no_line)
{
    static const struct h2_row rows[] = {
        {"8.2.1: all that can be printed",
         "> HEADERS 1 end get x=%21%22%7e%09a\n< reply 1 200"},
        {"8.2.1: and beyond ascii",
         "> HEADERS 1 end get x=%80%ff\n< reply 1 200"},
        {"8.2.1: a nul", "> HEADERS 1 end get x=a%00b" IS_MALFORMED},
        {"8.2.1: a cr", "> HEADERS 1 end get x=a%0db" IS_MALFORMED},
        {"8.2.1: an lf", "> HEADERS 1 end get x=a%0ab" IS_MALFORMED},
        {"8.2.1: another field",
         "> HEADERS 1 end get x=a%0d%0acookie:%20b" IS_MALFORMED},
        {"8.2.1: in a path",
         "> HEADERS 1 end :method=GET :scheme=http :authority=a "
         ":path=/%0d%0ax" IS_MALFORMED},
        {"8.2.1: a blank in a path",
         "> HEADERS 1 end :method=GET :scheme=http :authority=a "
         ":path=/%20HTTP/1.1" IS_MALFORMED},
        {"8.2.1: in a method",
         "> HEADERS 1 end :method=G%0aT :scheme=http :authority=a "
         ":path=/" IS_MALFORMED},
        {"8.2.1: in an authority",
         "> HEADERS 1 end :method=GET :scheme=http :authority=a%0db "
         ":path=/" IS_MALFORMED},
    };
    H2_ROWS(rows);
}

STORY(what_tells_of_the_connection_is_no_field)
{
    static const struct h2_row rows[] = {
        {"8.2.2: Connection",
         "> HEADERS 1 end get connection=keep-alive" IS_MALFORMED},
        {"8.2.2: Keep-Alive", "> HEADERS 1 end get keep-alive=1" IS_MALFORMED},
        {"8.2.2: Proxy-Connection",
         "> HEADERS 1 end get proxy-connection=close" IS_MALFORMED},
        {"8.2.2: Transfer-Encoding",
         "> HEADERS 1 post transfer-encoding=chunked" IS_MALFORMED},
        {"8.2.2: Upgrade", "> HEADERS 1 end get upgrade=h2c" IS_MALFORMED},
        {"8.2.2: TE of anything", "> HEADERS 1 end get te=gzip" IS_MALFORMED},
        {"8.2.2: TE of trailers and more",
         "> HEADERS 1 end get te=trailers,%20deflate" IS_MALFORMED},
        {"8.2.2: but of trailers",
         "> HEADERS 1 end get te=trailers\n< reply 1 200"},
    };
    H2_ROWS(rows);
}

/* ---- 8.3: pseudo-fields -------------------------------------------------- */

#define ASKS "> HEADERS 1 end :scheme=http :authority=a "

STORY(pseudo_fields_are_those_of_a_request_and_come_first)
{
    static const struct h2_row rows[] = {
        {"8.3: one that nobody knows",
         "> HEADERS 1 end get :test=1" IS_MALFORMED},
        {"8.3: one of a reply", "> HEADERS 1 end get :status=200" IS_MALFORMED},
        {"8.3: in trailers", POST "> HEADERS 1 end :method=GET" IS_MALFORMED},
        {"8.3: in trailers, even a path",
         POST "> DATA 1 .text=x\n> HEADERS 1 end x=1 :path=/" IS_MALFORMED},
        {"8.3: behind a field", ASKS ":method=GET x=1 :path=/" IS_MALFORMED},
        {"8.3: behind a field in the next frame",
         "> HEADERS 1 end open :method=GET :scheme=http x=1\n"
         "> CONTINUATION 1 :path=/ :authority=a" IS_MALFORMED},
        {"8.3: in any order",
         "> HEADERS 1 end :path=/ :authority=a :method=GET :scheme=http\n"
         "< reply 1 200"},
    };
    H2_ROWS(rows);
}

STORY(a_request_has_a_method_a_scheme_and_a_path_once)
{
    static const struct h2_row rows[] = {
        {"8.3.1: nothing at all", "> HEADERS 1 end x=1" IS_MALFORMED},
        {"8.3.1: no method",
         "> HEADERS 1 end :scheme=http :path=/ :authority=a" IS_MALFORMED},
        {"8.3.1: no scheme",
         "> HEADERS 1 end :method=GET :path=/ :authority=a" IS_MALFORMED},
        {"8.3.1: no path", ASKS ":method=GET" IS_MALFORMED},
        {"8.3.1: an empty path", ASKS ":method=GET :path=" IS_MALFORMED},
        {"8.3.1: a path that is none",
         ASKS ":method=GET :path=elsewhere" IS_MALFORMED},
        {"8.3.1: an asterisk for a GET",
         ASKS ":method=GET :path=*" IS_MALFORMED},
        {"8.3.1: an empty method",
         "> HEADERS 1 end :method= :scheme=http :path=/ "
         ":authority=a" IS_MALFORMED},
        {"8.3.1: two methods",
         ASKS ":method=GET :method=GET :path=/" IS_MALFORMED},
        {"8.3.1: two schemes",
         ASKS ":scheme=http :method=GET :path=/" IS_MALFORMED},
        {"8.3.1: two paths", ASKS ":method=GET :path=/ :path=/" IS_MALFORMED},
        {"8.3.1: two authorities",
         ASKS ":authority=a :method=GET :path=/" IS_MALFORMED},
        {"8.3.1: an asterisk of a whole server",
         ASKS ":method=OPTIONS :path=*\n< reply 1 200"},
    };
    H2_ROWS(rows);
}

/* ---- 8.1.1: lengths ------------------------------------------------------ */

STORY(a_body_has_the_length_that_was_said)
{
    static const struct h2_row rows[] = {
        {"8.1.1: as said", "> HEADERS 1 post content-length=5\n"
                           "> DATA 1 end .text=hello" SAYS_HELLO},
        {"8.1.1: in parts", "> HEADERS 1 post content-length=5\n"
                            "> DATA 1 .pad=9 .text=hel\n"
                            "> DATA 1 end .text=lo" SAYS_HELLO},
        {"8.1.1: less", "> HEADERS 1 post content-length=6\n"
                        "> DATA 1 end .text=hello" IS_MALFORMED},
        {"8.1.1: more", "> HEADERS 1 post content-length=4\n"
                        "> DATA 1 end .text=hello" IS_MALFORMED},
        {"8.1.1: more in parts",
         "> HEADERS 1 post content-length=4\n> DATA 1 .text=hell\n"
         "> DATA 1 end .text=o" IS_MALFORMED},
        {"8.1.1: less in parts",
         "> HEADERS 1 post content-length=4\n> DATA 1 .text=h\n"
         "> DATA 1 end .text=e" IS_MALFORMED},
        {"8.1.1: less before trailers",
         "> HEADERS 1 post content-length=4\n> DATA 1 .text=h\n"
         "> HEADERS 1 end x=1" IS_MALFORMED},
        {"8.1.1: of no body at all",
         "> HEADERS 1 end post content-length=1" IS_MALFORMED},
        {"8.1.1: none of none", "> HEADERS 1 end post content-length=0"
                                "\n< reply 1 200"},
    };
    H2_ROWS(rows);
}

STORY(a_length_is_a_number_and_said_once)
{
    static const struct h2_row rows[] = {
        {"RFC 9110, 8.6: letters",
         "> HEADERS 1 post content-length=x" IS_MALFORMED},
        {"RFC 9110, 8.6: a sign",
         "> HEADERS 1 post content-length=+5" IS_MALFORMED},
        {"RFC 9110, 8.6: below zero",
         "> HEADERS 1 post content-length=-1" IS_MALFORMED},
        {"RFC 9110, 8.6: nothing",
         "> HEADERS 1 post content-length=" IS_MALFORMED},
        {"RFC 9110, 8.6: a list",
         "> HEADERS 1 post content-length=5,5" IS_MALFORMED},
        {"RFC 9110, 8.6: 2^63",
         "> HEADERS 1 post content-length=9223372036854775808" IS_MALFORMED},
        {"RFC 9110, 8.6: two",
         "> HEADERS 1 post content-length=5 content-length=5" IS_MALFORMED},
    };
    H2_ROWS(rows);
}

/* ---- what a handler sees ------------------------------------------------- */

struct seen {
    char method[16];
    char target[64];
    char host[64];
    char protocol[16];
    char cookie[64];
    int64_t length;
    ssize_t read;
};

static struct seen seen;
static struct h2_play play;

static void copy(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%s", text != NULL ? text : "-");
}

static int look(fm_exchange *exchange, void *arg)
{
    const char *body;
    (void)arg;
    copy(seen.method, sizeof seen.method, fm_exchange_method(exchange));
    copy(seen.target, sizeof seen.target, fm_exchange_target(exchange));
    copy(seen.host, sizeof seen.host, fm_exchange_host(exchange));
    copy(seen.protocol, sizeof seen.protocol, fm_exchange_protocol(exchange));
    copy(seen.cookie, sizeof seen.cookie,
         fm_exchange_field(exchange, "Cookie"));
    seen.length = fm_exchange_length(exchange);
    seen.read = fm_exchange_load(exchange, &body);
    return seen.read < 0 ? (int)seen.read : fm_reply(exchange, 204, "", 0);
}

static void ask(const char *script)
{
    memset(&play, 0, sizeof play);
    memset(&seen, 0, sizeof seen);
    play.handler = look;
    h2_open(&play);
    h2_play(&play, "%s", script);
    h2_close(&play);
}

#define CHECK_TEXT(left, right) CHECK(strcmp((left), (right)) == 0)

STORY(a_handler_sees_what_it_sees_of_http_1)
{
    ask("> HEADERS 1 :method=PUT :scheme=https :path=/a%3fb "
        ":authority=x.test:81 content-length=3\n> DATA 1 end .text=abc\n"
        "< HEADERS 1 204 end");
    CHECK_TEXT(seen.method, "PUT");
    CHECK_TEXT(seen.target, "/a?b");
    CHECK_TEXT(seen.host, "x.test:81");
    CHECK_TEXT(seen.protocol, "HTTP/2");
    CHECK_INT(seen.length, 3);
    CHECK_INT(seen.read, 3);
}

STORY(a_length_that_was_not_said_is_not_known)
{
    ask("> HEADERS 1 post\n> DATA 1 end .text=abc\n< HEADERS 1 204 end");
    CHECK_INT(seen.length, -1);
    CHECK_INT(seen.read, 3);
    ask("> HEADERS 1 end post\n< HEADERS 1 204 end");
    CHECK_INT(seen.length, 0);
    CHECK_INT(seen.read, 0);
}

/* 8.2.3: "these MUST be concatenated into a single octet string" */
STORY(cookies_that_come_apart_are_one_field)
{
    ask("> HEADERS 1 end get cookie=a=b cookie=c=d x=y cookie=e=f\n"
        "< HEADERS 1 204 end");
    CHECK_TEXT(seen.cookie, "a=b; c=d; e=f");
}

/* 8.3.1: a Host may stand for the authority, and says the same beside it. */
STORY(a_host_is_the_authority)
{
    ask("> HEADERS 1 end :method=GET :scheme=http :path=/ host=b\n"
        "< HEADERS 1 204 end");
    CHECK_TEXT(seen.host, "b");
    ask("> HEADERS 1 end get host=a\n< HEADERS 1 204 end");
    CHECK_TEXT(seen.host, "a");
}

STORY(a_host_that_is_none_is_refused)
{
    static const struct h2_row rows[] = {
        {"8.3.1: another than the authority",
         "> HEADERS 1 end get host=b\n< reply 1 400\n< alive"},
        {"RFC 9110, 4.2.4: with a user",
         "> HEADERS 1 end :method=GET :scheme=http :path=/ :authority=u@a\n"
         "< reply 1 400\n< alive"},
        {"RFC 9110, 7.2: none at all",
         "> HEADERS 1 end :method=GET :scheme=http :path=/" IS_MALFORMED},
        {"RFC 9110, 7.2: two",
         "> HEADERS 1 end :method=GET :scheme=http :path=/ host=a "
         "host=a" IS_MALFORMED},
    };
    H2_ROWS(rows);
}

/* ---- CONNECT (8.5) ------------------------------------------------------- */

STORY(a_tunnel_is_refused_over_http_2_too)
{
    static const struct h2_row rows[] = {
        {"8.5: a tunnel",
         "> HEADERS 1 :method=CONNECT :authority=b:443\n< reply 1 501\n"
         "< alive"},
        {"8.5: with a path",
         "> HEADERS 1 end :method=CONNECT :authority=b:443 :path=/"
         ":scheme=http" IS_MALFORMED},
        {"RFC 8441, 3: another protocol, which nobody has offered",
         "> HEADERS 1 :method=CONNECT :protocol=websocket :scheme=http "
         ":path=/ :authority=a" IS_MALFORMED},
    };
    H2_ROWS(rows);
}
