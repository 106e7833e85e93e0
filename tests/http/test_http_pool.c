/*
 * test_http_pool.c - the connections of a client: how many, for whom, how long
 */
#include "http/http_stage.h"

#include "harness.h"

#include <errno.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#define FINE "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine"

static struct stage stage;

/* ---- in memory ---------------------------------------------------------- */

/* Requests that a server has, in the order in which they came. */
struct hall {
    fm_http_client *client;
    fm_http_client_options options;
    char order[256];
    fm_semaphore leave; /* a permit for each that may */
    int inside;
    int most;
};

static struct hall hall;

static int admit(fm_exchange *exchange, void *arg)
{
    size_t size = strlen(hall.order);
    (void)arg;
    snprintf(hall.order + size, sizeof hall.order - size, "%s ",
             fm_exchange_target(exchange) + 1);
    hall.most = ++hall.inside > hall.most ? hall.inside : hall.most;
    int rc = fm_semaphore_acquire(&hall.leave);
    hall.inside--;
    return rc < 0 ? rc : fm_reply_text(exchange, 200, "fine");
}

static void hall_open(unsigned connections, unsigned of_origin)
{
    memset(&hall, 0, sizeof hall);
    fm_semaphore_init(&hall.leave, 0, 0);
    hall.options = (fm_http_client_options){
        .connections = connections, .of_origin = of_origin, .handler = admit};
    CHECK_INT(fm_http_client_open(&hall.client, &hall.options), 0);
}

static void hall_close(void)
{
    fm_http_client_close(hall.client);
}

struct visit {
    int host;
    int number;
};

static int visit(struct visit *self)
{
    char url[64];
    fm_response *response;
    const char *bytes;
    snprintf(url, sizeof url, "http://h%d.example/%d", self->host,
             self->number);
    int rc = fm_http_fetch(hall.client, url, &response);
    if (rc < 0)
        return rc;
    rc = (int)fm_response_load(response, &bytes);
    fm_response_close(response);
    return rc;
}

/* Until all that can be done without anybody's leave is done. */
static void settle(void)
{
    for (int i = 0; i < 100; i++)
        fm_yield();
}

STORY(each_server_has_so_many_at_once)
{
    int rc;
    hall_open(100, 2);
    FM_GROUP(group, rc) {
        for (int i = 0; i < 9; i++)
            fm_group_go(group, visit, i % 3, i);
        settle();
        CHECK_INT(hall.inside, 6);
        CHECK_INT((int)fm_http_client_connections(hall.client), 6);
        for (int i = 0; i < 9; i++)
            fm_semaphore_release(&hall.leave);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(hall.most, 6);
    CHECK_INT((int)fm_http_client_connections(hall.client), 6);
    hall_close();
}

STORY(all_servers_have_so_many_at_once)
{
    int rc;
    hall_open(3, 2);
    FM_GROUP(group, rc) {
        for (int i = 0; i < 10; i++)
            fm_group_go(group, visit, i, i);
        for (int i = 0; i < 10; i++) {
            settle();
            CHECK_INT(hall.inside, i < 8 ? 3 : 10 - i);
            CHECK((int)fm_http_client_connections(hall.client) <= 3);
            fm_semaphore_release(&hall.leave);
        }
    }
    CHECK_INT(rc, 0);
    CHECK_INT(hall.most, 3);
    hall_close();
}

STORY(who_came_first_is_first)
{
    int rc;
    hall_open(100, 1);
    FM_GROUP(group, rc) {
        for (int i = 0; i < 9; i++) {
            fm_group_go(group, visit, 0, i);
            settle();
        }
        for (int i = 0; i < 9; i++)
            fm_semaphore_release(&hall.leave);
    }
    CHECK_INT(rc, 0);
    CHECK_SAID(hall.order, "0 1 2 3 4 5 6 7 8 ");
    CHECK_INT((int)fm_http_client_connections(hall.client), 1);
    hall_close();
}

STORY(who_is_cut_while_it_waits_gives_its_place_to_the_next)
{
    int rc;
    hall_open(1, 1);
    FM_GROUP(group, rc) {
        fm_group_go(group, visit, 0, 0);
        settle();
        fm_task *same = fm_go(visit, 0, 1), *other = fm_go(visit, 1, 2);
        settle();
        fm_group_go(group, visit, 1, 3);
        fm_group_go(group, visit, 0, 4);
        settle();
        CHECK_INT(fm_stop(same), -ECANCELED);
        CHECK_INT(fm_stop(other), -ECANCELED);
        for (int i = 0; i < 3; i++)
            fm_semaphore_release(&hall.leave);
    }
    CHECK_INT(rc, 0);
    CHECK_SAID(hall.order, "0 3 4 ");
    hall_close();
}

STORY(the_oldest_that_is_kept_makes_room)
{
    hall_open(3, 2);
    for (int i = 0; i < 20; i++)
        fm_semaphore_release(&hall.leave);
    for (int i = 0; i < 3; i++)
        CHECK_INT(visit(&(struct visit){i, i}), 4);
    CHECK_INT((int)fm_http_client_connections(hall.client), 3);
    for (int i = 3; i < 10; i++) {
        CHECK_INT(visit(&(struct visit){i, i}), 4);
        CHECK_INT((int)fm_http_client_connections(hall.client), 3);
    }
    hall_close();
}

STORY(a_cut_costs_the_connection_and_nothing_else)
{
    hall_open(2, 2);
    for (int i = 0; i < 20; i++) {
        fm_task *task = fm_go(visit, 0, i);
        for (int k = 0; k < i; k++)
            fm_yield();
        int rc = fm_stop(task);
        CHECK_INT(rc, -ECANCELED);
        settle();
        CHECK_INT((int)fm_http_client_connections(hall.client), 0);
    }
    fm_semaphore_release(&hall.leave);
    CHECK_INT(visit(&(struct visit){0, 0}), 4);
    hall_close();
}

STORY(ten_thousand_requests_take_no_more_than_one)
{
    hall_open(8, 8);
    for (int i = 0; i < 10000; i++) {
        fm_semaphore_release(&hall.leave);
        hall.order[0] = '\0';
        CHECK_INT(visit(&(struct visit){i % 3, 0}), 4);
    }
    CHECK_INT((int)fm_http_client_connections(hall.client), 3);
    hall_close();
}

/* ---- over the network --------------------------------------------------- */

static fm_http_client *client;

static int get(const char *url, const char *text)
{
    fm_response *response;
    const char *bytes;
    int rc = fm_http_fetch(client, url, &response);
    if (rc < 0)
        return rc;
    CHECK_INT((int)fm_response_load(response, &bytes), (int)strlen(text));
    CHECK_SAID(bytes, text);
    fm_response_close(response);
    return 0;
}

static void wait_for_none(void)
{
    while (fm_http_client_connections(client) > 0)
        fm_sleep(story_span(1));
}

STORY(one_that_its_server_closes_is_closed_at_once)
{
    static const struct stage_act acts[] = {
        {FINE, STAGE_CLOSES}, {FINE, STAGE_CLOSES}, {0}};
    stage_open(&stage, acts);
    CHECK_INT(fm_http_client_open(&client), 0);
    for (int i = 0; i < 2; i++) {
        CHECK_INT(get(stage.url, "fine"), 0);
        wait_for_none();
    }
    CHECK_INT(stage.connections, 2);
    fm_http_client_close(client);
    stage_close(&stage);
}

STORY(one_that_speaks_without_being_asked_is_closed)
{
    static const struct stage_act acts[] = {
        {FINE "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", STAGE_WAITS},
        {FINE "H", STAGE_WAITS},
        {FINE, STAGE_STAYS},
        {0}};
    stage_open(&stage, acts);
    CHECK_INT(fm_http_client_open(&client), 0);
    for (int i = 0; i < 2; i++) {
        CHECK_INT(get(stage.url, "fine"), 0);
        wait_for_none();
    }
    CHECK_INT(get(stage.url, "fine"), 0);
    CHECK_INT(stage.connections, 3);
    fm_http_client_close(client);
    stage_close(&stage);
}

STORY(what_may_be_repeated_survives_a_dead_connection)
{
    static const struct stage_act acts[] = {
        {FINE, STAGE_STAYS}, {"", STAGE_CLOSES}, {FINE, STAGE_STAYS}, {0}};
    stage_open(&stage, acts);
    CHECK_INT(fm_http_client_open(&client), 0);
    CHECK_INT(get(stage.url, "fine"), 0);
    CHECK_INT(get(stage.url, "fine"), 0);
    CHECK_INT(stage.requests, 3);
    CHECK_INT(stage.connections, 2);
    fm_http_client_close(client);
    stage_close(&stage);
}

STORY(what_may_not_be_repeated_does_not)
{
    static const struct stage_act acts[] = {
        {FINE, STAGE_STAYS}, {"", STAGE_CLOSES}, {0}};
    fm_response *response;
    stage_open(&stage, acts);
    CHECK_INT(fm_http_client_open(&client), 0);
    CHECK_INT(get(stage.url, "fine"), 0);
    CHECK_INT(fm_http_fetch(client, stage.url, &response,
                            &(fm_http_request){.method = "POST"}),
              -FM_EEOF);
    CHECK_INT(stage.requests, 2);
    fm_http_client_close(client);
    stage_close(&stage);
}

STORY(what_is_not_http_1_1_is_kept_only_where_it_says_so)
{
    static const struct {
        const char *says;
        int kept;
    } rows[] = {
        {FINE, 1},
        {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
         0},
        {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", 0},
        {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n"
         "\r\n",
         1},
        {"HTTP/1.1 204 No\r\n\r\n", 1},
        {"HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n", 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct stage_act acts[] = {{rows[i].says, STAGE_STAYS}, {0}};
        fm_response *response;
        const char *bytes;
        stage_open(&stage, acts);
        CHECK_INT(fm_http_client_open(&client), 0);
        CHECK_INT(fm_http_fetch(client, stage.url, &response), 0);
        CHECK(fm_response_load(response, &bytes) >= 0);
        CHECK_INT((int)fm_http_client_connections(client), rows[i].kept);
        fm_response_close(response);
        fm_http_client_close(client);
        stage_close(&stage);
    }
}

STORY(a_request_that_says_so_is_the_last_of_its_connection)
{
    static const struct stage_act acts[] = {{FINE, STAGE_WAITS}, {0}};
    static const fm_http_field fields[] = {{"Connection", "close"},
                                           {NULL, NULL}};
    fm_response *response;
    const char *bytes;
    stage_open(&stage, acts);
    CHECK_INT(fm_http_client_open(&client), 0);
    CHECK_INT(fm_http_fetch(client, stage.url, &response,
                            &(fm_http_request){.fields = fields}),
              0);
    CHECK_INT((int)fm_response_load(response, &bytes), 4);
    CHECK_INT((int)fm_http_client_connections(client), 0);
    fm_response_close(response);
    fm_http_client_close(client);
    stage_close(&stage);
}

STORY(a_client_closes_what_it_keeps)
{
    static const struct stage_act acts[] = {{FINE, STAGE_STAYS}, {0}};
    stage_open(&stage, acts);
    CHECK_INT(fm_http_client_open(&client), 0);
    CHECK_INT(get(stage.url, "fine"), 0);
    CHECK_INT((int)fm_http_client_connections(client), 1);
    fm_http_client_close(client);
    stage_close(&stage);
}

static int use_foreign(void *arg)
{
    fm_response *response;
    return fm_http_fetch(arg, "http://a/", &response);
}

static void *other_loop(void *arg)
{
    fm_run(use_foreign, arg);
    return NULL;
}

static void use_from_another_loop(void)
{
    pthread_t thread;
    CHECK_INT(fm_http_client_open(&client), 0);
    CHECK_INT(pthread_create(&thread, NULL, other_loop, client), 0);
    pthread_join(thread, NULL);
}

TEST(a_client_belongs_to_one_loop)
{
    CHECK_DOOMED(use_from_another_loop,
                 "fm_http_fetch: the client belongs to another loop");
}

STORY(no_descriptor_is_an_error_and_no_end)
{
    static const struct stage_act acts[] = {{FINE, STAGE_STAYS}, {0}};
    int fds[2048], count = 0;
    if (test_simulated())
        return;
    stage_open(&stage, acts);
    CHECK_INT(fm_http_client_open(&client), 0);
    struct rlimit before, few = {64, 64};
    CHECK_INT(getrlimit(RLIMIT_NOFILE, &before), 0);
    few.rlim_max = before.rlim_max;
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &few), 0);
    while (count < 2048 && (fds[count] = dup(STDERR_FILENO)) >= 0)
        count++;
    CHECK_INT(get(stage.url, "fine"), -EMFILE);
    while (count > 0)
        close(fds[--count]);
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &before), 0);
    CHECK_INT(get(stage.url, "fine"), 0);
    fm_http_client_close(client);
    stage_close(&stage);
}
