/*
 * test_session.c - sessions: who signs them, who is believed, and for how long
 */
#include "http/http_play.h"

#include "harness.h"
#include "http/session_record.h"
#include "proto/base64.h"

#include <errno.h>
#include <fermata/error.h>
#include <time.h>

static const char one[32] = "one key, of thirty-two bytes....";
static const char two[32] = "another one, which is newer.....";
static const int64_t now = 1700000000; /* seconds since 1970 */

static fm_sessions *sessions_of(fm_session_options options)
{
    fm_sessions *sessions = NULL;
    CHECK_INT(fm_sessions_new(&sessions, &options), 0);
    return sessions;
}

/* Signed at `now`. */
static const char *signed_text(const fm_sessions *sessions, const char *bytes)
{
    static char text[FM__SESSION_TEXT + 1];
    struct fm__pen pen = {text, text + FM__SESSION_TEXT, false};
    CHECK_INT(fm__session_write(sessions, fm__slice_of(bytes), now, &pen), 0);
    *pen.at = '\0';
    return text;
}

static struct fm__session found;

static int read_at(const fm_sessions *sessions, const char *text,
                   int64_t moment)
{
    static char room[FM__SESSION_TEXT];
    found = (struct fm__session){.room = room};
    return fm__session_read(sessions, fm__slice_of(text), moment, &found);
}

TEST(what_was_signed_is_read_until_its_time_is_over)
{
    fm_sessions *sessions =
        sessions_of((fm_session_options){.keys = {{one, 32}}, .age = 60});
    const char *text = signed_text(sessions, "alice");
    CHECK_INT(read_at(sessions, text, now), 0);
    CHECK(fm__slice_is(found.bytes, FM__SLICE("alice")));
    CHECK_INT(found.left, 60);
    CHECK(!found.old);
    CHECK_INT(read_at(sessions, text, now + 59), 0);
    CHECK_INT(read_at(sessions, text, now + 60), -FM_ESESSIONOVER);
    CHECK_INT(read_at(sessions, text, now + 61), -FM_ESESSIONOVER);
    fm_sessions_free(sessions);
}

TEST(no_bit_of_a_session_can_be_changed)
{
    fm_sessions *sessions =
        sessions_of((fm_session_options){.keys = {{one, 32}}});
    char text[512];
    snprintf(text, sizeof text, "%s", signed_text(sessions, "alice"));
    CHECK_INT(read_at(sessions, text, now), 0);
    for (size_t i = 0; text[i] != '\0'; i++) {
        for (int bit = 0; bit < 8; bit++) {
            text[i] = (char)(text[i] ^ 1 << bit);
            CHECK_INT(read_at(sessions, text, now), -FM_ESESSION);
            text[i] = (char)(text[i] ^ 1 << bit);
        }
    }
    fm_sessions_free(sessions);
}

TEST(no_part_of_a_session_is_one)
{
    fm_sessions *sessions =
        sessions_of((fm_session_options){.keys = {{one, 32}}});
    char text[512], part[1024];
    snprintf(text, sizeof text, "%s", signed_text(sessions, "alice"));
    for (size_t i = 0; text[i] != '\0'; i++) {
        snprintf(part, sizeof part, "%.*s", (int)i, text);
        CHECK_INT(read_at(sessions, part, now), -FM_ESESSION);
        CHECK_INT(i > 0 ? read_at(sessions, text + i, now) : -FM_ESESSION,
                  -FM_ESESSION);
    }
    snprintf(part, sizeof part, "%sAAAA", text);
    CHECK_INT(read_at(sessions, part, now), -FM_ESESSION);
    snprintf(part, sizeof part, "%s.", text);
    CHECK_INT(read_at(sessions, part, now), -FM_ESESSION);
    CHECK_INT(read_at(sessions, ".", now), -FM_ESESSION);
    CHECK_INT(read_at(sessions, "alice", now), -FM_ESESSION);
    fm_sessions_free(sessions);
}

TEST(a_key_is_followed_by_another_one)
{
    fm_sessions *old = sessions_of((fm_session_options){.keys = {{one, 32}}});
    fm_sessions *both =
        sessions_of((fm_session_options){.keys = {{two, 32}, {one, 32}}});
    fm_sessions *new = sessions_of((fm_session_options){.keys = {{two, 32}}});
    CHECK_INT(read_at(both, signed_text(old, "a"), now), 0);
    CHECK(found.old);
    CHECK_INT(read_at(new, signed_text(old, "a"), now), -FM_ESESSION);
    CHECK_INT(read_at(new, signed_text(both, "a"), now), 0);
    CHECK(!found.old);
    CHECK_INT(read_at(old, signed_text(both, "a"), now), -FM_ESESSION);
    fm_sessions_free(old);
    fm_sessions_free(both);
    fm_sessions_free(new);
}

TEST(a_session_of_another_name_is_none)
{
    fm_sessions *mail =
        sessions_of((fm_session_options){.keys = {{one, 32}}, .name = "mail"});
    fm_sessions *shop =
        sessions_of((fm_session_options){.keys = {{one, 32}}, .name = "shop"});
    CHECK_INT(read_at(shop, signed_text(mail, "a"), now), -FM_ESESSION);
    CHECK_INT(read_at(shop, signed_text(shop, "a"), now), 0);
    fm_sessions_free(mail);
    fm_sessions_free(shop);
}

/* RFC 4231 has the numbers; this one was made by Python's hmac module. */
TEST(what_is_signed_is_what_others_would_sign)
{
    static const char key[32] = "0123456789abcdef0123456789abcdef";
    fm_sessions *sessions = sessions_of((fm_session_options){
        .keys = {{key, 32}}, .name = "session", .age = 60});
    CHECK(strcmp(signed_text(sessions, "alice"),
                 "AAAAAGVT8TxhbGljZQ==.4eK9mOhWbNALRN3oVsCWQMfb4l/"
                 "Cg1DDKCBfUuv0bnY=") == 0);
    fm_sessions_free(sessions);
}

TEST(a_session_has_2800_bytes_and_no_more)
{
    static char bytes[FM_SESSION_SIZE + 1], name[FM_SESSION_NAME + 2];
    memset(bytes, 'x', sizeof bytes);
    memset(name, 'n', sizeof name - 1);
    fm_session_options options = {.keys = {{one, 32}}, .name = name};
    fm_sessions *sessions;
    CHECK_INT(fm_sessions_new(&sessions, &options), -EINVAL);
    name[FM_SESSION_NAME] = '\0';
    CHECK_INT(fm_sessions_new(&sessions, &options), 0);
    char text[FM__SESSION_TEXT];
    struct fm__pen pen = {text, text + sizeof text, false};
    struct fm__slice whole = {bytes, FM_SESSION_SIZE};
    CHECK_INT(fm__session_write(sessions, whole, now, &pen), 0);
    CHECK(!pen.full);
    CHECK(strlen(name) + (size_t)(pen.at - text) <= FM_COOKIE_SIZE);
    whole.size++;
    CHECK_INT(fm__session_write(sessions, whole, now, &pen), -EMSGSIZE);
    fm_sessions_free(sessions);
}

TEST(what_cannot_sign_is_refused)
{
    static const fm_session_options none[] = {
        {.age = 60},
        {.keys = {{one, 31}}},
        {.keys = {{one, 0}}},
        {.keys = {{one, 32}, {two, 31}}},
        {.keys = {{one, 32}}, .age = -1},
        {.keys = {{one, 32}}, .age = FM_COOKIE_AGE + 1},
        {.keys = {{one, 32}}, .name = ""},
        {.keys = {{one, 32}}, .name = "a b"},
        {.keys = {{one, 32}}, .name = "__Host-a", .cookie.plain = true},
        {.keys = {{one, 32}}, .name = "__Host-a", .cookie.domain = "b.c"},
        {.keys = {{one, 32}}, .cookie.path = "p"},
    };
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        fm_sessions *sessions;
        CHECK_INT(fm_sessions_new(&sessions, &none[i]), -EINVAL);
    }
    fm_sessions_free(NULL);
}

/* ---- those of exchanges -------------------------------------------------- */

static struct {
    struct play play;
    fm_sessions *sessions;
    char said[FM_SESSION_SIZE + 1]; /* what the session is, as it is found */
    ssize_t result;
} scene;

static const char *ask(fm_http_handler handler, const char *fields)
{
    static char words[2 * 8192];
    snprintf(words, sizeof words, "GET / HTTP/1.1\r\nHost: a\r\n%s\r\n",
             fields);
    memset(&scene.play, 0, sizeof scene.play);
    scene.play.words = words;
    scene.play.handler = handler;
    play(&scene.play);
    return scene.play.answer;
}

static int signs_in(fm_exchange *exchange, void *arg)
{
    (void)arg;
    CHECK_INT(fm_session_set_text(scene.sessions, exchange, "alice"), 0);
    return fm_reply_text(exchange, 200, "in");
}

static int looks(fm_exchange *exchange, void *arg)
{
    (void)arg;
    scene.result =
        fm_session_get(scene.sessions, exchange, scene.said, sizeof scene.said);
    return fm_reply_text(exchange, 200, "seen");
}

static int signs_out(fm_exchange *exchange, void *arg)
{
    (void)arg;
    CHECK_INT(fm_session_end(scene.sessions, exchange), 0);
    return fm_reply_text(exchange, 200, "out");
}

/* "Cookie: NAME=VALUE" of what was set, or "". */
static const char *kept(void)
{
    static char field[8192];
    const char *at = strstr(scene.play.answer, "Set-Cookie: ");
    if (at == NULL)
        return "";
    at += strlen("Set-Cookie: ");
    snprintf(field, sizeof field, "Cookie: %.*s\r\n", (int)strcspn(at, ";"),
             at);
    return field;
}

STORY(who_signs_in_is_known_from_then_on)
{
    scene.sessions = sessions_of((fm_session_options){.keys = {{one, 32}}});
    ask(signs_in, "");
    CHECK(strstr(scene.play.answer, "Set-Cookie: __Host-session=") != NULL);
    CHECK(strstr(scene.play.answer, "; Max-Age=1209600; Path=/; Secure; "
                                    "HttpOnly; SameSite=Lax\r\n") != NULL);
    ask(looks, kept());
    CHECK_INT(scene.result, 5);
    CHECK(strcmp(scene.said, "alice") == 0);
    CHECK(strcmp(kept(), "") == 0); /* it is young */
    ask(signs_out, "");
    CHECK(strstr(scene.play.answer, "Set-Cookie: __Host-session=; Max-Age=0; "
                                    "Path=/; Secure; ") != NULL);
    fm_sessions_free(scene.sessions);
}

STORY(who_has_no_session_is_nobody)
{
    scene.sessions = sessions_of((fm_session_options){.keys = {{one, 32}}});
    ask(looks, "");
    CHECK_INT(scene.result, -ENOENT);
    ask(looks, "Cookie: session=x\r\n");
    CHECK_INT(scene.result, -ENOENT);
    ask(looks, "Cookie: __Host-session=alice\r\n");
    CHECK_INT(scene.result, -FM_ESESSION);
    ask(looks, "Cookie: __Host-session=\r\n");
    CHECK_INT(scene.result, -FM_ESESSION);
    fm_sessions_free(scene.sessions);
}

/* The cookie of a session that was signed so many seconds ago. */
static const char *field_of(const fm_sessions *sessions, int64_t ago)
{
    static char field[8192];
    char text[FM__SESSION_TEXT + 1];
    struct fm__pen pen = {text, text + FM__SESSION_TEXT, false};
    CHECK_INT(
        fm__session_write(sessions, FM__SLICE("alice"), time(NULL) - ago, &pen),
        0);
    snprintf(field, sizeof field, "Cookie: __Host-session=%.*s\r\n",
             (int)(pen.at - text), text);
    return field;
}

STORY(a_session_begins_anew_in_the_second_half_of_its_time)
{
    fm_session_options options = {.keys = {{one, 32}}, .age = 20000};
    scene.sessions = sessions_of(options);
    ask(looks, field_of(scene.sessions, 5000));
    CHECK_INT(scene.result, 5);
    CHECK(strcmp(kept(), "") == 0);
    ask(looks, field_of(scene.sessions, 15000));
    CHECK_INT(scene.result, 5);
    ask(looks, kept());
    CHECK_INT(scene.result, 5);
    CHECK(strcmp(kept(), "") == 0); /* it is young again */
    ask(looks, field_of(scene.sessions, 20001));
    CHECK_INT(scene.result, -FM_ESESSIONOVER);
    CHECK(strcmp(kept(), "") == 0);
    fm_sessions_free(scene.sessions);
    options.fixed = true;
    scene.sessions = sessions_of(options);
    ask(looks, field_of(scene.sessions, 15000));
    CHECK_INT(scene.result, 5);
    CHECK(strcmp(kept(), "") == 0);
    fm_sessions_free(scene.sessions);
}

static int looks_and_signs_out(fm_exchange *exchange, void *arg)
{
    (void)arg;
    CHECK_INT(
        fm_session_get(scene.sessions, exchange, scene.said, sizeof scene.said),
        5);
    CHECK_INT(fm_session_end(scene.sessions, exchange), 0);
    return fm_reply_text(exchange, 200, "out");
}

STORY(a_session_that_is_ended_does_not_begin_anew)
{
    scene.sessions =
        sessions_of((fm_session_options){.keys = {{one, 32}}, .age = 20000});
    ask(looks_and_signs_out, field_of(scene.sessions, 15000));
    const char *set = strstr(scene.play.answer, "Set-Cookie: ");
    CHECK(set != NULL && strstr(set, "session=; Max-Age=0;") != NULL);
    CHECK(set != NULL && strstr(set + 1, "Set-Cookie: ") == NULL);
    fm_sessions_free(scene.sessions);
}

static int signs_out_and_looks(fm_exchange *exchange, void *arg)
{
    (void)arg;
    CHECK_INT(fm_session_end(scene.sessions, exchange), 0);
    return looks(exchange, NULL);
}

static int signs_in_and_looks(fm_exchange *exchange, void *arg)
{
    (void)arg;
    CHECK_INT(fm_session_set_text(scene.sessions, exchange, "bob"), 0);
    return looks(exchange, NULL);
}

/* What is looked at is still what the client has sent. */
STORY(what_was_set_is_not_undone_by_who_looks)
{
    scene.sessions =
        sessions_of((fm_session_options){.keys = {{one, 32}}, .age = 20000});
    ask(signs_out_and_looks, field_of(scene.sessions, 15000));
    CHECK_INT(scene.result, 5);
    CHECK(strstr(scene.play.answer, "session=; Max-Age=0;") != NULL);
    ask(signs_in_and_looks, field_of(scene.sessions, 15000));
    CHECK_INT(scene.result, 5);
    ask(looks, kept());
    CHECK(strcmp(scene.said, "bob") == 0);
    fm_sessions_free(scene.sessions);
}

STORY(a_session_of_an_older_key_is_signed_by_the_new_one)
{
    fm_sessions *old = sessions_of((fm_session_options){.keys = {{one, 32}}});
    scene.sessions =
        sessions_of((fm_session_options){.keys = {{two, 32}, {one, 32}}});
    ask(looks, field_of(old, 0));
    CHECK_INT(scene.result, 5);
    CHECK(strcmp(kept(), "") != 0);
    fm_sessions_free(scene.sessions);
    scene.sessions = sessions_of((fm_session_options){.keys = {{two, 32}}});
    ask(looks, kept());
    CHECK_INT(scene.result, 5);
    fm_sessions_free(scene.sessions);
    fm_sessions_free(old);
}

STORY(one_cookie_that_is_good_is_enough)
{
    char fields[8192];
    scene.sessions = sessions_of((fm_session_options){.keys = {{one, 32}}});
    const char *good = field_of(scene.sessions, 0) + strlen("Cookie: ");
    snprintf(fields, sizeof fields,
             "Cookie: __Host-session=planted; other=1; %.*s; "
             "__Host-session=x\r\n",
             (int)strcspn(good, "\r"), good);
    ask(looks, fields);
    CHECK_INT(scene.result, 5);
    fm_sessions_free(scene.sessions);
}

static int looks_with_room(fm_exchange *exchange, void *arg)
{
    char text[6];
    (void)arg;
    CHECK_INT(fm_session_get(scene.sessions, exchange, NULL, 0), -ENOBUFS);
    CHECK_INT(fm_session_get(scene.sessions, exchange, text, 5), -ENOBUFS);
    CHECK_INT(fm_session_get(scene.sessions, exchange, text, 6), 5);
    int rc = fm_reply_text(exchange, 200, "seen");
    CHECK_INT(fm_session_get(scene.sessions, exchange, text, 6), 5);
    CHECK_INT(fm_session_set_text(scene.sessions, exchange, "x"), -EALREADY);
    CHECK_INT(fm_session_end(scene.sessions, exchange), -EALREADY);
    return rc;
}

STORY(a_session_takes_its_size_and_a_nul)
{
    scene.sessions =
        sessions_of((fm_session_options){.keys = {{one, 32}}, .age = 20000});
    ask(looks_with_room, field_of(scene.sessions, 15000));
    fm_sessions_free(scene.sessions);
}

static int sets_bytes(fm_exchange *exchange, void *arg)
{
    static const char bytes[] = "a\0b\xff";
    (void)arg;
    CHECK_INT(fm_session_set(scene.sessions, exchange, bytes, sizeof bytes), 0);
    return fm_reply_text(exchange, 200, "set");
}

static int sets_nothing(fm_exchange *exchange, void *arg)
{
    (void)arg;
    CHECK_INT(fm_session_set(scene.sessions, exchange, NULL, 0), 0);
    return fm_reply_text(exchange, 200, "set");
}

STORY(a_session_is_any_bytes_and_also_none)
{
    scene.sessions = sessions_of((fm_session_options){
        .keys = {{one, 32}}, .cookie.plain = true, .cookie.path = "/p"});
    ask(sets_bytes, "");
    CHECK(strstr(scene.play.answer, "Set-Cookie: session=") != NULL);
    ask(looks, kept());
    CHECK_INT(scene.result, 5);
    CHECK(memcmp(scene.said, "a\0b\xff", 5) == 0);
    ask(sets_nothing, "");
    ask(looks, kept());
    CHECK_INT(scene.result, 0);
    fm_sessions_free(scene.sessions);
}
