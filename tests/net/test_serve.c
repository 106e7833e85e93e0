/*
 * test_serve.c - a server, its clients and their failures
 */
#include "servers.h"

/* ---- Clients ------------------------------------------------------------ */

struct guest {
    const char *address;
    int rounds;
};

static int guest(struct guest *self)
{
    fm_stream *client;
    int rc = fm_connect(self->address, &client);
    if (rc < 0)
        return rc;
    for (int i = 0; i < self->rounds; i++)
        check_echo(client, "hello");
    return fm_close(client);
}

STORY(each_connection_is_served_by_a_task_of_its_own)
{
    int rc;
    struct place place = place_open(echo, NULL, NULL);
    FM_GROUP(group, rc) {
        for (int i = 0; i < 50; i++)
            CHECK_INT(fm_group_go(group, guest, place.address, 5), 0);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(handled.begun, 50);
    CHECK(handled.peak > 1);
    CHECK_INT(fm_stop(place.task), -ECANCELED);
    CHECK_INT(handled.ended, 50);
}

static char task_name[64];

static int note_name(fm_stream *client, void *arg)
{
    (void)client;
    snprintf(task_name, sizeof task_name, "%s", fm_task_name(fm_self()));
    handled_begin();
    fm_serve_stop(arg);
    return handled_end(0);
}

static const fm_serve_options named = {.name = "a client"};

STORY(the_tasks_are_called_like_their_handler_unless_told_otherwise)
{
    for (int i = 0; i < 2; i++) {
        fm_listener *listener = listen_here();
        fm_stream *client;
        int rc;
        memset(&handled, 0, sizeof handled);
        CHECK_INT(fm_connect(where(listener), &client), 0);
        rc = i == 0 ? fm_serve(listener, note_name, listener)
                    : fm_serve(listener, note_name, listener, &named);
        CHECK_INT(rc, 0);
        CHECK_INT(handled.ended, 1);
        CHECK(strcmp(task_name, i == 0 ? "note_name" : "a client") == 0);
        CHECK_INT(fm_close(client), 0);
    }
}

static int say_goodbye(fm_stream *client, void *arg)
{
    (void)arg;
    return (int)fm_write(client, "goodbye", 7);
}

STORY(what_a_handler_wrote_arrives_and_then_the_end)
{
    char heard[8] = "";
    struct place place = place_open(say_goodbye, NULL, NULL);
    fm_stream *client = place_enter(&place);
    CHECK_INT(fm_read_exactly(client, heard, 7), 7);
    CHECK(strcmp(heard, "goodbye") == 0);
    CHECK_INT(fm_read(client, heard, 1), 0);
    CHECK_INT(fm_close(client), 0);
    CHECK_INT(fm_stop(place.task), -ECANCELED);
}

STORY(no_more_than_the_limit_are_served_at_once_and_all_in_the_end)
{
    int rc;
    const fm_serve_options options = {.limit = 3};
    struct place place = place_open(echo, NULL, &options);
    FM_GROUP(group, rc) {
        for (int i = 0; i < 20; i++)
            CHECK_INT(fm_group_go(group, guest, place.address, 3), 0);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(handled.begun, 20);
    CHECK(handled.peak == 3 || (handled.peak < 3 && !test_simulated()));
    CHECK_INT(fm_stop(place.task), -ECANCELED);
}

STORY(above_the_limit_connections_wait_unaccepted)
{
    const fm_serve_options options = {.limit = 1};
    struct place place = place_open(echo, NULL, &options);
    fm_stream *first = place_enter(&place), *second = place_enter(&place);
    check_echo(first, "me first");
    CHECK_INT(fm_write(second, "hello", 5), 5);
    let_them_wait();
    CHECK_INT(handled.begun, 1);
    CHECK_INT(fm_close(first), 0);
    char heard[8];
    CHECK_INT(fm_read_exactly(second, heard, 5), 5);
    CHECK_INT(fm_close(second), 0);
    CHECK_INT(fm_stop(place.task), -ECANCELED);
    CHECK_INT(handled.begun, 2);
}

STORY(who_wants_to_know_is_told_how_many_are_served)
{
    size_t count = 0;
    const fm_serve_options options = {.count = &count};
    struct place place = place_open(echo, NULL, &options);
    CHECK(count == 0);
    fm_stream *first = place_enter(&place), *second = place_enter(&place);
    check_echo(first, "one");
    check_echo(second, "two");
    CHECK(count == 2);
    CHECK_INT(fm_close(first), 0);
    while (count == 2)
        CHECK_INT(fm_sleep(0.001), 0);
    check_echo(second, "one is left");
    CHECK(count == 1);
    CHECK_INT(fm_close(second), 0);
    CHECK_INT(fm_stop(place.task), -ECANCELED);
    CHECK(count == 0);
}

/* ---- Failures ----------------------------------------------------------- */

/* A client whose handler fails, while another is served. */
static void fail_beside(const struct place *place, fm_stream *other)
{
    char c;
    fm_stream *client = place_enter(place);
    CHECK_INT(fm_write(client, "x", 1), 1);
    CHECK_INT(fm_read(client, &c, 1), 0);
    CHECK_INT(fm_close(client), 0);
    CHECK_INT(fm_write(other, "x", 1), 1);
    CHECK_INT(fm_read(other, &c, 1), 0);
}

STORY(a_handler_that_fails_is_reported_and_does_not_end_the_server)
{
    int result = -EBADMSG;
    struct place place = place_open(fail, &result, NULL);
    fm_stream *other = place_enter(&place);
    fail_beside(&place, other);
    CHECK_INT(fm_close(other), 0);
    CHECK_INT(handled.ended, 2);
    for (int i = 0; i < 2; i++) {
        const struct story_report *report =
            story_heard(FM_REPORT_HANDLER_FAILED);
        CHECK(report != NULL);
        if (report == NULL)
            break;
        CHECK_INT(report->result, -EBADMSG);
        CHECK(strcmp(report->task, "self->handler") == 0);
        CHECK(strstr(report->task_site, "servers.h:") != NULL);
        CHECK(strstr(report->message, fm_strerror(-EBADMSG)) != NULL);
    }
    CHECK_INT(fm_stop(place.task), -ECANCELED);
}

STORY(what_clients_cause_by_leaving_is_not_reported)
{
    static int results[] = {-ECONNRESET, -EPIPE, -FM_EEOF, -FM_EPEERTIMEOUT};
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
        struct place place = place_open(fail, &results[i], NULL);
        fm_stream *other = place_enter(&place);
        fail_beside(&place, other);
        CHECK_INT(fm_close(other), 0);
        CHECK_INT(fm_stop(place.task), -ECANCELED);
    }
}

static int heard_result;
static void *heard_arg;
static char heard_peer[FM_ADDRESS_TEXT];

static void hear(fm_stream *client, int result, void *arg)
{
    fm_address peer;
    CHECK_INT(fm_stream_peer(client, &peer), 0);
    fm_address_format(&peer, heard_peer);
    heard_result = result;
    heard_arg = arg;
    CHECK_INT(fm_yield(), 0);
}

STORY(on_error_hears_of_each_failure_while_the_client_is_there)
{
    char c, text[FM_ADDRESS_TEXT];
    int results[] = {-ECONNRESET, -EBADMSG};
    fm_address local;
    for (int i = 0; i < 2; i++) {
        const fm_serve_options options = {.on_error = hear};
        struct place place = place_open(fail, &results[i], &options);
        fm_stream *client = place_enter(&place);
        heard_result = 0;
        CHECK_INT(fm_write(client, "x", 1), 1);
        CHECK_INT(fm_read(client, &c, 1), 0);
        CHECK_INT(heard_result, results[i]);
        CHECK(heard_arg == &results[i]);
        CHECK_INT(fm_stream_local(client, &local), 0);
        CHECK(strcmp(heard_peer, fm_address_format(&local, text)) == 0);
        CHECK_INT(fm_close(client), 0);
        CHECK_INT(fm_stop(place.task), -ECANCELED);
    }
}

STORY(a_client_that_resets_ends_its_own_handler_and_no_other)
{
    struct place place = place_open(echo, NULL, NULL);
    fm_stream *good = place_enter(&place), *bad = place_enter(&place);
    check_echo(good, "one");
    check_echo(bad, "two");
    fm_abort(bad);
    for (int i = 0; i < 10; i++)
        check_echo(good, "still there");
    CHECK_INT(fm_close(good), 0);
    CHECK_INT(fm_stop(place.task), -ECANCELED);
    CHECK_INT(handled.ended, 2);
}

STORY(a_server_survives_a_want_of_memory)
{
    struct place place = place_open(echo, NULL, NULL);
    let_them_wait();
    for (uint64_t k = 1; k < 6; k++) {
        char c;
        struct fm__fault_plan plan = {.fail_at[FM__DOOR_MEMORY] = k};
        fm_stream *client = place_enter(&place);
        faults_begin(&plan);
        ssize_t n = fm_write(client, "x", 1);
        if (n == 1)
            n = fm_read(client, &c, 1);
        faults_end();
        CHECK(n == 1 || n == 0 || n == -ECONNRESET || n == -ENOMEM ||
              n == -EPIPE);
        fm_abort(client);
    }
    (void)story_heard(FM_REPORT_STARVED);
    while (story_heard(FM_REPORT_HANDLER_FAILED) != NULL)
        ;
    fm_stream *client = place_enter(&place);
    check_echo(client, "all is well");
    CHECK_INT(fm_close(client), 0);
    CHECK_INT(fm_stop(place.task), -ECANCELED);
}
