/*
 * test_serve_end.c - how a server ends, and what becomes of its clients
 */
#include "servers.h"

#include <signal.h>

static const fm_serve_options patient = {.grace = 1000};

/* A kernel may take a moment to close a listener. */
static void wait_until_refused(const char *address)
{
    fm_stream *late = NULL;
    int rc = fm_connect(address, &late);
    while (rc != -ECONNREFUSED && !test_simulated()) {
        fm_abort(late);
        late = NULL;
        CHECK_INT(fm_sleep(0.001), 0);
        rc = fm_connect(address, &late);
    }
    CHECK_INT(rc, -ECONNREFUSED);
}

/* Handlers that need `units`, under a grace; how many were cut, or -1. */
static int ends_with(double units, double grace, bool cancel)
{
    const fm_serve_options options = {.grace = grace};
    struct place place = place_open(linger, &units, &options);
    fm_stream *clients[3];
    for (int i = 0; i < 3; i++)
        clients[i] = place_enter(&place);
    wait_for_handlers(3);
    int64_t began = fm_now();
    if (cancel)
        CHECK_INT(fm_cancel(place.task), 0);
    else
        fm_serve_stop(place.listener);
    CHECK_INT(fm_sleep(story_span(0.5)), 0);
    wait_until_refused(place.address);
    CHECK_INT(fm_await(place.task), cancel ? -ECANCELED : 0);
    CHECK(!test_simulated() || grace < 0 || handled.cut == 0 ||
          fm_now() - began >= (int64_t)(story_span(grace) * 1e9));
    CHECK_INT(handled.ended, 3);
    for (int i = 0; i < 3; i++)
        fm_abort(clients[i]);
    return handled.cut;
}

STORY(a_server_that_ends_lets_handlers_end_by_themselves)
{
    CHECK_INT(ends_with(20, 1000, true), 0);
    CHECK_INT(ends_with(20, 1000, false), 0);
}

STORY(handlers_that_do_not_end_within_the_grace_are_cancelled)
{
    CHECK_INT(ends_with(1000000, story_span(30), true), 3);
    CHECK_INT(ends_with(1000000, story_span(30), false), 3);
}

STORY(without_a_grace_handlers_are_cancelled_at_once)
{
    CHECK_INT(ends_with(1000000, -1, true), 3);
    CHECK_INT(ends_with(1000000, -1, false), 3);
}

STORY(the_grace_is_five_seconds_unless_told_otherwise)
{
    double units = 1000000;
    if (!test_simulated())
        return; /* time is the subject */
    struct place place = place_open(linger, &units, NULL);
    fm_stream *client = place_enter(&place);
    wait_for_handlers(1);
    int64_t began = fm_now();
    CHECK_INT(fm_stop(place.task), -ECANCELED);
    int64_t took = fm_now() - began;
    CHECK(took >= FM_SERVE_GRACE * FM_SECOND);
    CHECK(took < FM_SERVE_GRACE * FM_SECOND + FM_SECOND / 10);
    CHECK_INT(handled.cut, 1);
    CHECK_INT(fm_close(client), 0);
}

static void serve_with_a_timeout(void)
{
    int rc;
    double units = 30;
    fm_listener *listener = listen_here();
    fm_stream *client;
    memset(&handled, 0, sizeof handled);
    CHECK_INT(fm_connect(where(listener), &client), 0);
    FM_TIMEOUT(story_span(20), rc) {
        rc = fm_serve(listener, linger, &units, &patient);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(handled.ended, handled.begun);
    CHECK_INT(handled.cut, 0);
    fm_abort(client);
}

/* On a slow machine the time may be over before anybody was served. */
STORY(a_timeout_around_a_server_ends_it_in_order)
{
    serve_with_a_timeout();
    while (handled.begun == 0 && !test_simulated())
        serve_with_a_timeout();
    CHECK_INT(handled.ended, 1);
}

static int stop_server(fm_stream *client, void *arg)
{
    fm_listener *listener = *(fm_listener **)arg;
    char c;
    handled_begin();
    int rc = (int)fm_read(client, &c, 1);
    fm_serve_stop(listener);
    fm_serve_stop(listener);
    if (rc == 1)
        rc = fm_sleep(story_span(5));
    return handled_end(rc);
}

STORY(a_handler_may_stop_its_server_and_goes_on_until_its_end)
{
    fm_listener *listener = listen_here();
    fm_stream *client;
    memset(&handled, 0, sizeof handled);
    CHECK_INT(fm_connect(where(listener), &client), 0);
    CHECK_INT(fm_write(client, "x", 1), 1);
    CHECK_INT(fm_serve(listener, stop_server, &listener), 0);
    CHECK_INT(handled.ended, 1);
    CHECK_INT(handled.cut, 0);
    CHECK_INT(fm_close(client), 0);
}

STORY(a_server_may_be_stopped_before_it_serves)
{
    fm_listener *listener = listen_here();
    fm_serve_stop(listener);
    CHECK_INT(fm_serve(listener, echo, NULL), 0);
}

STORY(a_server_that_waits_for_a_place_can_be_stopped_and_cut)
{
    double units = 1000000;
    const fm_serve_options options = {.limit = 1, .grace = -1};
    for (int cancel = 0; cancel < 2; cancel++) {
        struct place place = place_open(linger, &units, &options);
        fm_stream *first = place_enter(&place), *second = place_enter(&place);
        wait_for_handlers(1);
        let_them_wait();
        CHECK_INT(handled.begun, 1);
        if (cancel)
            CHECK_INT(fm_cancel(place.task), 0);
        else
            fm_serve_stop(place.listener);
        CHECK_INT(fm_await(place.task), cancel ? -ECANCELED : 0);
        CHECK_INT(handled.cut, 1);
        fm_abort(first);
        fm_abort(second);
    }
}

STORY(a_grace_that_is_not_a_number_is_einval_and_the_listener_is_taken)
{
    const fm_serve_options options = {.grace = NAN};
    fm_listener *listener = listen_here();
    const char *address = where(listener);
    CHECK_INT(fm_serve(listener, echo, NULL, &options), -EINVAL);
    CHECK_INT(fm_listen(address, &listener), 0);
    CHECK_INT(fm_listener_close(listener), 0);
}

STORY(a_cancelled_task_that_serves_ends_at_once)
{
    struct place place = place_open(echo, NULL, NULL);
    CHECK_INT(fm_stop(place.task), -ECANCELED);
    fm_stream *client = NULL;
    CHECK_INT(fm_connect(place.address, &client), -ECONNREFUSED);
}

/* What only the listener itself can have. */
STORY(a_listener_that_fails_ends_its_server_in_order)
{
    double units = 20;
    struct place place = place_open(linger, &units, &patient);
    fm_stream *client = place_enter(&place), *other;
    wait_for_handlers(1);
    let_them_wait();
    struct fm__fault_plan plan = {.fail_at[FM__DOOR_OPERATION] = 2,
                                  .error = -EIO};
    faults_begin(&plan);
    CHECK_INT(fm_connect(place.address, &other), 0);
    CHECK_INT(fm_await(place.task), -EIO);
    faults_end();
    CHECK_INT(handled.cut, 0);
    fm_abort(client);
    fm_abort(other);
}

STORY(a_cancel_does_not_shorten_a_grace_that_is_running)
{
    double units = 20;
    struct place place = place_open(linger, &units, &patient);
    fm_stream *client = place_enter(&place);
    wait_for_handlers(1);
    fm_serve_stop(place.listener);
    CHECK_INT(fm_sleep(story_span(1)), 0);
    CHECK_INT(fm_stop(place.task), 0);
    CHECK_INT(handled.ended, 1);
    CHECK_INT(handled.cut, 0);
    CHECK_INT(fm_close(client), 0);
}

/* Its own cleanup may wait as long as its shield says. */
static int clean_up(fm_stream *client, void *arg)
{
    (void)arg;
    handled_begin();
    int rc = fm_sleep(INFINITY);
    FM_SHIELD(story_span(100000)) {
        CHECK_INT(fm_sleep(story_span(5)), 0);
        CHECK_INT(fm_write(client, "bye", 3), 3);
        CHECK_INT(fm_flush(client), 0);
    }
    return handled_end(rc);
}

STORY(a_cancelled_handler_may_clean_up_in_a_shield)
{
    char heard[4] = "";
    const fm_serve_options options = {.grace = -1};
    struct place place = place_open(clean_up, NULL, &options);
    fm_stream *client = place_enter(&place);
    wait_for_handlers(1);
    CHECK_INT(fm_stop(place.task), -ECANCELED);
    CHECK_INT(handled.cut, 1);
    CHECK_INT(fm_read_exactly(client, heard, 3), 3);
    CHECK(strcmp(heard, "bye") == 0);
    CHECK_INT(fm_read(client, heard, 1), 0);
    CHECK_INT(fm_close(client), 0);
}

STORY(a_server_that_is_starved_can_be_stopped_and_cut)
{
    for (int cancel = 0; cancel < 2; cancel++) {
        struct fm__fault_plan plan = {.fail_at[FM__DOOR_OPERATION] = 1,
                                      .from_then_on = true,
                                      .error = -EMFILE};
        faults_begin(&plan);
        struct place place = place_open(echo, NULL, NULL);
        CHECK_INT(fm_sleep(0.01), 0);
        if (cancel)
            CHECK_INT(fm_cancel(place.task), 0);
        else
            fm_serve_stop(place.listener);
        CHECK_INT(fm_await(place.task), cancel ? -ECANCELED : 0);
        faults_end();
        CHECK(story_heard(FM_REPORT_STARVED) != NULL);
    }
}

struct interrupter {
    double units;
};

/* Once somebody is served. */
static int interrupter(struct interrupter *self)
{
    int rc = 0;
    while (rc == 0 && handled.begun == 0)
        rc = fm_sleep(story_span(1));
    rc = rc == 0 ? fm_sleep(story_span(self->units)) : rc;
    raise(SIGINT);
    return rc;
}

static void serve_until_interrupted(void)
{
    double units = 30;
    fm_listener *listener = listen_here();
    fm_stream *client;
    memset(&handled, 0, sizeof handled);
    CHECK_INT(fm_connect(where(listener), &client), 0);
    FM_TASK interrupt = fm_go(interrupter, 20);
    CHECK(interrupt != NULL);
    CHECK_INT(fm_serve(listener, linger, &units, &patient), -ECANCELED);
    CHECK_INT(handled.ended, 1);
    CHECK_INT(handled.cut, 0);
    fm_abort(client);
}

TEST(sigint_ends_a_server_in_order)
{
    CHECK_INT(story_run(serve_until_interrupted, (fm_run_options){0}), 0);
    story_silent(__FILE__, __LINE__);
}

static void close_a_served_listener(void)
{
    struct place place = place_open(echo, NULL, NULL);
    CHECK_INT(fm_yield(), 0);
    fm_listener_close(place.listener);
}

static void serve_a_listener_twice(void)
{
    struct place place = place_open(echo, NULL, NULL);
    CHECK_INT(fm_yield(), 0);
    fm_serve(place.listener, echo, NULL);
}

TEST(a_listener_that_is_served_is_nobody_elses)
{
    CHECK_DOOMED(close_a_served_listener,
                 "fm_listener_close: fm_serve has this listener");
    CHECK_DOOMED(serve_a_listener_twice,
                 "fm_serve: another fm_serve has this listener");
}
