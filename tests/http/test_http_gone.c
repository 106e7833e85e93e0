/*
 * test_http_gone.c - clients that go away before they have their reply
 */
#include "io/stream_ends.h"
#include "task/story.h"

#include "harness.h"

#include <errno.h>

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

/* A connection, its client's end, and what its handler came to. */
struct scene {
    fm_stream *ends[2];
    fm_task *task;
    fm_http_handler handler;
    fm_http_serve_options options;
    fm_event entered;
    fm_event leave;
    int cut;    /* what the handler's wait returned */
    int logged; /* exchanges */
    int gone;   /* as the log heard */
    int slept;
};

static struct scene scene;

static int serve(void *arg)
{
    struct scene *self = arg;
    return fm_http_serve_stream(self->ends[1], self->handler, self,
                                &self->options);
}

static void note(const fm_exchange *exchange, void *arg)
{
    struct scene *self = arg;
    self->logged++;
    self->gone = fm_exchange_gone(exchange);
    self->slept = fm_sleep(0.001);
}

typedef int (*carrier)(fm_stream *ends[2], const fm_stream_options *options);

static int memory(fm_stream *ends[2], const fm_stream_options *options)
{
    return fm_stream_pair(ends, options);
}

static const carrier carriers[] = {memory, stream_ends_pair, stream_ends_tcp};

enum {
    CARRIERS = sizeof carriers / sizeof carriers[0]
};

static void begin(carrier carries, fm_http_handler handler)
{
    scene = (struct scene){.handler = handler,
                           .options = {.log = note, .log_arg = &scene}};
    CHECK_INT(carries(scene.ends, NULL), 0);
}

static void ask(const char *words)
{
    scene.task = fm_start(serve, &scene);
    CHECK_INT(fm_write(scene.ends[0], words, strlen(words)), strlen(words));
    CHECK_INT(fm_event_wait(&scene.entered), 0);
}

/* The server ends with this, and then its stream. */
static void check_ends(int result)
{
    CHECK_INT(fm_await(scene.task), result);
    fm_abort(scene.ends[1]);
}

/* Of the reply: nothing is left unread, so that a close is no reset. */
static void hear_until(const char *words)
{
    char text[512];
    CHECK(fm_read_until(scene.ends[0], words, text, sizeof text) > 0);
}

static int hold(fm_exchange *exchange, void *arg)
{
    struct scene *self = arg;
    fm_event_set(&self->entered);
    self->cut = fm_event_wait(&self->leave);
    return self->cut < 0 ? self->cut : fm_reply_text(exchange, 200, "late\n");
}

STORY(a_client_that_goes_away_cuts_its_handler)
{
    for (int i = 0; i < CARRIERS; i++) {
        begin(carriers[i], hold);
        ask(GET);
        CHECK_INT(fm_close(scene.ends[0]), 0);
        check_ends(-FM_EEOF);
        CHECK_INT(scene.cut, -ECANCELED);
        CHECK_INT(scene.gone, -FM_EEOF);
        CHECK_INT(scene.logged, 1);
        CHECK_INT(scene.slept, 0); /* the cut was the handler's alone */
    }
}

STORY(a_client_that_is_reset_cuts_its_handler)
{
    for (int i = 0; i < 3; i += 2) { /* a local socket is not reset */
        begin(carriers[i], hold);
        ask(GET);
        fm_abort(scene.ends[0]);
        check_ends(-ECONNRESET);
        CHECK_INT(scene.cut, -ECANCELED);
        CHECK_INT(scene.gone, -ECONNRESET);
    }
}

static int hold_on(fm_exchange *exchange, void *arg)
{
    struct scene *self = arg;
    (void)exchange;
    int rc = fm_event_wait(&self->leave);
    self->cut = rc < 0 ? rc : 1;
    return rc;
}

static int hold_detached(void *arg)
{
    struct scene *self = arg;
    self->slept = fm_event_wait(&self->leave);
    return 0;
}

static int detach(fm_exchange *exchange, void *arg)
{
    struct scene *self = arg;
    fm_detach(fm_start(hold_detached, self));
    return hold(exchange, self);
}

STORY(what_a_handler_has_detached_goes_on)
{
    begin(memory, detach);
    scene.options.log = NULL;
    scene.slept = -1;
    ask(GET);
    CHECK_INT(fm_close(scene.ends[0]), 0);
    check_ends(-FM_EEOF);
    CHECK_INT(scene.slept, -1);
    fm_event_set(&scene.leave);
    fm_sleep(0);
    CHECK_INT(scene.slept, 0);
}

struct helper {
    int result;
};

static struct helper helper;

static int help(void *arg)
{
    (void)arg;
    helper.result = fm_sleep(INFINITY);
    return helper.result;
}

static int awaiting(fm_exchange *exchange, void *arg)
{
    struct scene *self = arg;
    (void)exchange;
    fm_task *task = fm_start(help, self);
    fm_event_set(&self->entered);
    self->cut = fm_await(task);
    return self->cut;
}

STORY(what_a_handler_awaits_is_cut_with_it)
{
    begin(memory, awaiting);
    helper.result = 0;
    ask(GET);
    CHECK_INT(fm_close(scene.ends[0]), 0);
    check_ends(-FM_EEOF);
    CHECK_INT(helper.result, -ECANCELED);
    CHECK_INT(scene.cut, -ECANCELED);
}

static int stubborn(fm_exchange *exchange, void *arg)
{
    struct scene *self = arg;
    (void)hold(exchange, self);
    self->cut = fm_sleep(0);
    FM_SHIELD(1) {
        self->slept = fm_sleep(0);
    }
    return self->cut;
}

/* It is level-triggered, and a shield hides it. */
STORY(a_handler_whose_client_has_gone_may_clean_up)
{
    begin(memory, stubborn);
    scene.options.log = NULL;
    scene.slept = -1;
    ask(GET);
    CHECK_INT(fm_close(scene.ends[0]), 0);
    check_ends(-FM_EEOF);
    CHECK_INT(scene.cut, -ECANCELED);
    CHECK_INT(scene.slept, 0);
}

static int reply_first(fm_exchange *exchange, void *arg)
{
    struct scene *self = arg;
    int rc = fm_reply_text(exchange, 200, "early\n");
    CHECK_INT(rc, 0);
    return hold_on(exchange, self);
}

STORY(who_has_its_whole_reply_may_go)
{
    for (int i = 0; i < CARRIERS; i++) {
        begin(carriers[i], reply_first);
        scene.task = fm_start(serve, &scene);
        CHECK_INT(fm_write(scene.ends[0], GET, strlen(GET)), strlen(GET));
        hear_until("early\n");
        CHECK_INT(fm_close(scene.ends[0]), 0);
        while (!scene.ends[1]->ended)
            fm_sleep(0.0001);
        for (int turn = 0; turn < 3; turn++)
            fm_sleep(0);
        CHECK_INT(scene.cut, 0);
        fm_event_set(&scene.leave);
        check_ends(0);
        CHECK_INT(scene.cut, 1);
        CHECK_INT(scene.gone, 0);
    }
}

static int stream_on(fm_exchange *exchange, void *arg)
{
    struct scene *self = arg;
    int rc = fm_reply_begin(exchange, 200, -1);
    CHECK_INT(rc, 0);
    CHECK_INT(fm_reply_write(exchange, "one", 3), 3);
    fm_event_set(&self->entered);
    self->cut = fm_event_wait(&self->leave);
    return self->cut;
}

STORY(a_reply_that_has_begun_is_cut_too)
{
    for (int i = 0; i < CARRIERS; i++) {
        begin(carriers[i], stream_on);
        ask(GET);
        hear_until("one\r\n");
        CHECK_INT(fm_close(scene.ends[0]), 0);
        check_ends(-FM_EEOF);
        CHECK_INT(scene.cut, -ECANCELED);
    }
}

static size_t hear(char *text, size_t room)
{
    size_t size = 0;
    ssize_t rc = 1;
    while (rc > 0) {
        rc = fm_read(scene.ends[0], text + size, room - 1 - size);
        size += rc > 0 ? (size_t)rc : 0;
    }
    text[size] = '\0';
    return size;
}

STORY(a_client_that_ends_its_side_is_kept_where_that_is_asked_for)
{
    for (int i = 0; i < CARRIERS; i++) {
        char text[512];
        begin(carriers[i], hold);
        scene.options.keep_half_closed = true;
        ask(GET);
        CHECK_INT(fm_write_eof(scene.ends[0]), 0);
        while (!scene.ends[1]->ended)
            fm_sleep(0.0001);
        fm_event_set(&scene.leave);
        CHECK_INT(fm_await(scene.task), 0);
        CHECK_INT(fm_close(scene.ends[1]), 0);
        hear(text, sizeof text);
        CHECK(strstr(text, "\r\n\r\nlate\n") != NULL);
        CHECK_INT(scene.gone, 0);
        fm_close(scene.ends[0]);
    }
}

static int hello(fm_exchange *exchange, void *arg)
{
    struct scene *self = arg;
    fm_event_set(&self->entered);
    return fm_reply_text(exchange, 200, "hello\n");
}

/* Without the option, as long as nobody waits. */
STORY(a_handler_that_does_not_wait_is_never_cut)
{
    for (int i = 0; i < CARRIERS; i++) {
        char text[512];
        begin(carriers[i], hello);
        CHECK_INT(fm_write(scene.ends[0], GET, strlen(GET)), strlen(GET));
        CHECK_INT(fm_write_eof(scene.ends[0]), 0);
        ask("");
        CHECK_INT(fm_await(scene.task), 0);
        CHECK_INT(fm_close(scene.ends[1]), 0);
        hear(text, sizeof text);
        CHECK(strstr(text, "\r\n\r\nhello\n") != NULL);
        fm_close(scene.ends[0]);
    }
}

static int yielding(fm_exchange *exchange, void *arg)
{
    struct scene *self = arg;
    (void)exchange;
    fm_event_set(&self->entered);
    while (self->cut == 0)
        self->cut = fm_yield();
    return self->cut;
}

STORY(a_handler_that_only_yields_is_cut_in_the_end)
{
    begin(stream_ends_pair, yielding);
    ask(GET);
    CHECK_INT(fm_close(scene.ends[0]), 0);
    check_ends(-FM_EEOF);
    CHECK_INT(scene.cut, -ECANCELED);
}

static int load(fm_exchange *exchange, void *arg)
{
    const char *body;
    struct scene *self = arg;
    fm_event_set(&self->entered);
    self->cut = (int)fm_exchange_load(exchange, &body);
    return self->cut;
}

STORY(who_reads_the_body_is_told_by_its_own_call)
{
    for (int i = 0; i < CARRIERS; i++) {
        begin(carriers[i], load);
        ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab");
        CHECK_INT(fm_write_eof(scene.ends[0]), 0);
        check_ends(0);
        CHECK_INT(scene.cut, -FM_EEOF);
        CHECK_INT(scene.gone, 0);
        fm_close(scene.ends[0]);
    }
}

static int read_and_hold(fm_exchange *exchange, void *arg)
{
    char byte;
    CHECK_INT(fm_exchange_read(exchange, &byte, 1), 1);
    return hold(exchange, arg);
}

/* Between two reads of it the watch goes on, and takes nothing away. */
STORY(a_client_may_go_in_the_middle_of_its_body)
{
    for (int i = 0; i < CARRIERS; i++) {
        begin(carriers[i], read_and_hold);
        ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab");
        CHECK_INT(fm_write(scene.ends[0], "cd", 2), 2);
        CHECK_INT(fm_close(scene.ends[0]), 0);
        check_ends(-FM_EEOF);
        CHECK_INT(scene.cut, -ECANCELED);
    }
}

/* The next request, and more than the one after it, wait meanwhile. */
STORY(what_a_client_sends_meanwhile_is_answered_in_order)
{
    for (int i = 0; i < CARRIERS; i++) {
        char text[1024];
        begin(carriers[i], hold);
        scene.options.keep_half_closed = true;
        ask(GET);
        CHECK_INT(fm_write(scene.ends[0], GET "GET", strlen(GET) + 3),
                  strlen(GET) + 3);
        fm_sleep(0.001);
        CHECK_INT(fm_write(scene.ends[0], &GET[3], strlen(GET) - 3),
                  strlen(GET) - 3);
        CHECK_INT(fm_write_eof(scene.ends[0]), 0);
        while (!scene.ends[1]->ended)
            fm_sleep(0.0001);
        fm_event_set(&scene.leave);
        CHECK_INT(fm_await(scene.task), 0);
        CHECK_INT(fm_close(scene.ends[1]), 0);
        hear(text, sizeof text);
        const char *at = text;
        for (int reply = 0; reply < 3; reply++) {
            at = strstr(at, "\r\n\r\nlate\n");
            CHECK(at != NULL);
            at = at != NULL ? at + 1 : "";
        }
        CHECK_INT(scene.logged, 3);
        fm_close(scene.ends[0]);
    }
}

static int hurry(fm_exchange *exchange, void *arg)
{
    int rc;
    FM_TIMEOUT(1000, rc) {
        rc = hold(exchange, arg);
    }
    return rc;
}

/* Neither its own limits nor the server's take it for theirs. */
STORY(a_client_that_goes_is_no_timeout)
{
    begin(memory, hurry);
    scene.options.deadline = 1000;
    ask(GET);
    CHECK_INT(fm_close(scene.ends[0]), 0);
    check_ends(-FM_EEOF);
    CHECK_INT(scene.cut, -ECANCELED);
}
