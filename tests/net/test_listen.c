/*
 * test_listen.c - listeners, and connections that are accepted
 */
#include "neighbours.h"

#include <pthread.h>

STORY(the_system_chooses_a_port_where_it_is_asked_to)
{
    fm_listener *listeners[2] = {listen_here(), listen_here()};
    int ports[2];
    for (int i = 0; i < 2; i++) {
        ports[i] = fm_address_port(fm_listener_address(listeners[i]));
        CHECK(ports[i] > 0);
        CHECK(strncmp(where(listeners[i]), "127.0.0.1:", 10) == 0);
    }
    CHECK(ports[0] != ports[1]);
    for (int i = 0; i < 2; i++)
        CHECK_INT(fm_listener_close(listeners[i]), 0);
}

STORY(an_address_that_is_taken_is_refused_to_others)
{
    fm_listener *listener = listen_here(), *other = NULL;
    CHECK_INT(fm_listen(where(listener), &other), -EADDRINUSE);
    CHECK(other == NULL);
    CHECK_INT(fm_listener_close(listener), 0);
}

STORY(a_closed_listeners_address_is_free_at_once)
{
    fm_stream *client, *server;
    fm_listener *listener = listen_here();
    const char *address = where(listener);
    for (int i = 0; i < 3; i++) {
        meet(listener, &client, &server);
        /* The server closes first: its end stays in TIME_WAIT. */
        part(server, client);
        CHECK_INT(fm_listener_close(listener), 0);
        CHECK_INT(fm_listen(address, &listener), 0);
        CHECK(strcmp(where(listener), address) == 0);
    }
    CHECK_INT(fm_listener_close(listener), 0);
}

STORY(what_cannot_be_listened_on_is_refused)
{
    fm_listener *listener = NULL;
    CHECK_INT(fm_listen("127.0.0.1", &listener), -EINVAL);
    CHECK_INT(fm_listen(":0", &listener), -EINVAL);
    CHECK_INT(fm_listen("*0", &listener), -EINVAL);
    CHECK_INT(fm_listen("*:65536", &listener), -EINVAL);
    CHECK_INT(fm_listen("127.0.0.1:0", &listener,
                        &(fm_listen_options){.backlog = -1}),
              -EINVAL);
    CHECK_INT(fm_listen("[::1%no-such-one]:0", &listener), -ENODEV);
    if (!test_simulated())
        CHECK_INT(fm_listen("192.0.2.1:0", &listener), -EADDRNOTAVAIL);
    CHECK(listener == NULL);
}

STORY(listeners_that_all_say_so_share_a_port)
{
    static const fm_listen_options shared = {.reuse_port = true};
    fm_listener *one, *other, *third = NULL;
    fm_stream *client;
    CHECK_INT(fm_listen("127.0.0.1:0", &one, &shared), 0);
    CHECK_INT(fm_listen(where(one), &other, &shared), 0);
    CHECK_INT(fm_listen(where(one), &third), -EADDRINUSE);
    CHECK_INT(fm_connect(where(one), &client), 0);
    CHECK_INT(fm_close(client), 0);
    CHECK_INT(fm_listener_close(one), 0);
    CHECK_INT(fm_listener_close(other), 0);
}

STORY(all_of_the_machine_takes_both_families_unless_told_otherwise)
{
    char address[FM_ADDRESS_TEXT];
    static const fm_listen_options only = {.ipv6_only = true};
    if (test_simulated())
        return; /* families do not meet there */
    for (int i = 0; i < 2; i++) {
        fm_listener *listener;
        fm_stream *client, *server;
        int rc = fm_listen("[::]:0", &listener, i == 0 ? NULL : &only);
        if (rc == -EAFNOSUPPORT)
            return; /* a machine without IPv6 */
        CHECK_INT(rc, 0);
        snprintf(address, sizeof address, "127.0.0.1:%d",
                 fm_address_port(fm_listener_address(listener)));
        rc = fm_connect(address, &client);
        CHECK_INT(rc, i == 0 ? 0 : -ECONNREFUSED);
        if (rc == 0) {
            CHECK_INT(fm_accept(listener, &server), 0);
            part(client, server);
        }
        CHECK_INT(fm_listener_close(listener), 0);
    }
}

/* ---- Accepting ---------------------------------------------------------- */

STORY(a_hundred_connections_are_all_accepted)
{
    enum {
        COUNT = 100
    };
    fm_stream *clients[COUNT], *servers[COUNT];
    fm_listener *listener = listen_here();
    for (int i = 0; i < COUNT; i++)
        CHECK_INT(fm_connect(where(listener), &clients[i]), 0);
    for (int i = 0; i < COUNT; i++)
        CHECK_INT(fm_accept(listener, &servers[i]), 0);
    for (int i = 0; i < COUNT; i++)
        part(clients[i], servers[i]);
    CHECK_INT(fm_listener_close(listener), 0);
}

STORY(tasks_that_accept_are_served_in_order)
{
    fm_stream *clients[3], *servers[3] = {NULL, NULL, NULL};
    fm_task *tasks[3];
    fm_listener *listener = listen_here();
    for (int i = 0; i < 3; i++)
        tasks[i] = fm_go(taker, listener, &servers[i]);
    for (int i = 0; i < 3; i++) {
        let_them_wait();
        CHECK_INT(fm_connect(where(listener), &clients[i]), 0);
        CHECK_INT(fm_await(tasks[i]), 0);
        for (int j = 0; j < 3; j++)
            CHECK_INT(servers[j] != NULL, j <= i);
    }
    for (int i = 0; i < 3; i++)
        part(clients[i], servers[i]);
    CHECK_INT(fm_listener_close(listener), 0);
}

STORY(an_accept_that_is_cut_takes_no_connection_with_it)
{
    int rc;
    fm_stream *client, *server = NULL;
    fm_listener *listener = listen_here();
    FM_TIMEOUT(story_span(2), rc) {
        rc = fm_accept(listener, &server);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    fm_task *task = fm_go(taker, listener, &server);
    CHECK_INT(fm_stop(task), -ECANCELED);
    task = fm_go(taker, listener, &server);
    let_them_wait();
    CHECK_INT(fm_stop(task), -ECANCELED);
    CHECK(server == NULL);
    meet(listener, &client, &server);
    check_says(client, server, "for the next");
    part(client, server);
    CHECK_INT(fm_listener_close(listener), 0);
}

STORY(an_accept_that_wins_against_its_cut_has_a_connection)
{
    int taken = 0;
    fm_stream *clients[50], *server;
    fm_listener *listener = listen_here();
    for (int i = 0; i < 50; i++) {
        fm_task *task = fm_go(taker, listener, &server);
        server = NULL;
        CHECK_INT(fm_yield(), 0);
        CHECK_INT(fm_connect(where(listener), &clients[i]), 0);
        int rc = fm_stop(task);
        CHECK_INT(server != NULL, rc == 0);
        CHECK(rc == 0 || rc == -ECANCELED);
        taken += rc == 0;
        fm_abort(server);
    }
    for (; taken < 50; taken++) {
        CHECK_INT(fm_accept(listener, &server), 0);
        fm_abort(server);
    }
    for (int i = 0; i < 50; i++)
        fm_abort(clients[i]);
    CHECK_INT(fm_listener_close(listener), 0);
}

/* ---- Connections that are gone ------------------------------------------ */

STORY(a_connection_that_is_gone_before_it_is_accepted_is_passed_over)
{
    static const int errors[] = {-ECONNABORTED, -EPROTO, -EPERM,
                                 -ENETDOWN,     -ENONET, -EHOSTUNREACH};
    fm_stream *client, *server;
    fm_listener *listener = listen_here();
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        struct fm__fault_plan plan = {.fail_at[FM__DOOR_OPERATION] = 1,
                                      .error = errors[i]};
        CHECK_INT(fm_connect(where(listener), &client), 0);
        faults_begin(&plan);
        CHECK_INT(fm_accept(listener, &server), 0);
        faults_end();
        CHECK_INT(plan.passed[FM__DOOR_OPERATION], 2);
        part(client, server);
    }
    CHECK_INT(fm_listener_close(listener), 0);
}

/* However many there are, the task can be cut. */
STORY(a_flood_of_such_connections_does_not_hold_up_the_others)
{
    int rc;
    fm_stream *server;
    fm_listener *listener = listen_here();
    struct fm__fault_plan plan = {.fail_at[FM__DOOR_OPERATION] = 1,
                                  .from_then_on = true,
                                  .error = -ECONNABORTED};
    faults_begin(&plan);
    FM_TIMEOUT(0.003, rc) {
        rc = fm_accept(listener, &server);
    }
    faults_end();
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_listener_close(listener), 0);
}

STORY(what_is_wrong_with_the_listener_itself_is_told)
{
    fm_stream *server;
    fm_listener *listener = listen_here();
    struct fm__fault_plan plan = {.fail_at[FM__DOOR_OPERATION] = 1,
                                  .error = -EIO};
    faults_begin(&plan);
    CHECK_INT(fm_accept(listener, &server), -EIO);
    faults_end();
    CHECK_INT(fm_listener_close(listener), 0);
}

STORY(without_memory_for_the_stream_a_connection_is_reset)
{
    char c;
    fm_stream *client, *server = NULL;
    fm_listener *listener = listen_here();
    CHECK_INT(fm_connect(where(listener), &client), 0);
    let_them_wait();
    struct fm__fault_plan plan = {.fail_at[FM__DOOR_MEMORY] = 1,
                                  .from_then_on = true};
    faults_begin(&plan);
    int rc = fm_accept(listener, &server);
    faults_end();
    CHECK_INT(rc, -ENOMEM);
    CHECK(server == NULL);
    CHECK_INT(fm_read(client, &c, 1), -ECONNRESET);
    CHECK_INT(fm_close(client), 0);
    CHECK_INT(fm_listener_close(listener), 0);
}

/* ---- The end of a listener ---------------------------------------------- */

STORY(a_listener_that_closes_sends_away_all_who_accept)
{
    fm_task *tasks[3];
    fm_stream *servers[3] = {NULL, NULL, NULL};
    int results[3];
    fm_listener *listener = listen_here();
    const char *address = where(listener);
    for (int i = 0; i < 3; i++)
        tasks[i] = fm_go(taker, listener, &servers[i]);
    let_them_wait();
    CHECK_INT(fm_listener_close(listener), 0);
    CHECK_INT(fm_listen(address, &listener), 0);
    CHECK_INT(fm_settle(tasks, 3, results), 3);
    for (int i = 0; i < 3; i++) {
        CHECK_INT(results[i], -ESHUTDOWN);
        CHECK(servers[i] == NULL);
    }
    CHECK_INT(fm_listener_close(listener), 0);
}

struct closer {
    fm_listener *listener;
};

static int closer(struct closer *self)
{
    return fm_listener_close(self->listener);
}

STORY(a_listener_closes_also_when_its_closer_is_cancelled)
{
    fm_stream *server = NULL;
    for (int early = 0; early < 2; early++) {
        fm_listener *listener = listen_here();
        fm_task *task = fm_go(taker, listener, &server);
        let_them_wait();
        fm_task *closing = fm_go(closer, listener);
        if (!early)
            CHECK_INT(fm_yield(), 0);
        CHECK_INT(fm_stop(closing), 0);
        CHECK_INT(fm_await(task), -ESHUTDOWN);
        CHECK(server == NULL);
    }
}

STORY(who_is_cancelled_while_the_listener_closes_hears_of_the_cancel)
{
    fm_stream *server = NULL;
    fm_listener *listener = listen_here();
    fm_task *task = fm_go(taker, listener, &server);
    let_them_wait();
    CHECK_INT(fm_cancel(task), 0);
    CHECK_INT(fm_listener_close(listener), 0);
    CHECK_INT(fm_await(task), -ECANCELED);
}

STORY(connections_that_nobody_accepted_are_reset)
{
    char c;
    fm_stream *client;
    fm_listener *listener = listen_here();
    CHECK_INT(fm_connect(where(listener), &client), 0);
    CHECK_INT(fm_listener_close(listener), 0);
    CHECK_INT(fm_read(client, &c, 1), -ECONNRESET);
    CHECK_INT(fm_close(client), 0);
}

STORY(closing_no_listener_is_nothing)
{
    CHECK_INT(fm_listener_close(NULL), 0);
}

static void listen_and_leave(void)
{
    listen_here();
}

TEST(a_listener_that_is_left_open_is_reported)
{
    CHECK_INT(story_run(listen_and_leave, (fm_run_options){0}), 0);
    const struct story_report *report = story_heard(FM_REPORT_LEFT_OPEN);
    CHECK(report != NULL && strstr(report->message, "127.0.0.1:") != NULL);
    story_silent(__FILE__, __LINE__);
}

static int accept_elsewhere(void *listener)
{
    fm_stream *stream;
    return fm_accept(listener, &stream);
}

static void *run_elsewhere(void *listener)
{
    fm_run(accept_elsewhere, listener);
    return NULL;
}

static void share_a_listener(void)
{
    pthread_t thread;
    fm_listener *listener = listen_here();
    pthread_create(&thread, NULL, run_elsewhere, listener);
    pthread_join(thread, NULL);
}

TEST(a_listener_of_another_loop_aborts_with_a_sentence)
{
    CHECK_DOOMED(share_a_listener,
                 "fm_accept: this listener belongs to another loop");
}
