/*
 * test_starved.c - listeners and connects when descriptors have run out
 *
 * Each story has four: all there are in the simulator, and elsewhere by the
 * limit of the process. io_uring looks at that only when an accept is asked
 * for, and may accept before anybody asks: so it is set first of all.
 */
#include "neighbours.h"

#include <sys/resource.h>
#include <unistd.h>

static const struct fm__sim_options few = {.descriptors = 4};
static struct rlimit enough;

static void starve(void)
{
    int fds[4];
    getrlimit(RLIMIT_NOFILE, &enough);
    struct rlimit four_more = enough;
    for (int i = 0; i < 4; i++)
        fds[i] = dup(0); /* the lowest that is free */
    four_more.rlim_cur = (rlim_t)fds[3] + 1;
    for (int i = 0; i < 4; i++)
        close(fds[i]);
    setrlimit(RLIMIT_NOFILE, &four_more);
}

static void feed(void)
{
    setrlimit(RLIMIT_NOFILE, &enough);
}

/* A client waits for a task to accept it, which has no descriptor for it. */
struct starving {
    fm_listener *listener;
    fm_stream *client;
    fm_stream *others[2]; /* a connection that stands */
    fm_stream *server;    /* what the task accepts in the end */
    fm_task *task;
};

static void starving_begin(struct starving *story)
{
    starve();
    *story = (struct starving){.listener = listen_here()};
    meet(story->listener, &story->others[0], &story->others[1]);
    CHECK_INT(fm_connect(where(story->listener), &story->client), 0);
    story->task = fm_go(taker, story->listener, &story->server);
    let_them_wait();
    CHECK(story->server == NULL);
}

static void starving_end(struct starving *story)
{
    feed();
    CHECK_INT(fm_listener_close(story->listener), 0);
    fm_abort(story->client);
    fm_abort(story->server);
    fm_abort(story->others[0]);
    fm_abort(story->others[1]);
}

static int starving_run(void (*body)(void))
{
    if (test_under_valgrind() && !test_simulated())
        test_skip("valgrind accepts, and closes what it then refuses");
    fm__sim_options = &few;
    int rc = story_run(body, (fm_run_options){0});
    fm__sim_options = NULL;
    return rc;
}

static void starving_told_once(void)
{
    const struct story_report *report = story_heard(FM_REPORT_STARVED);
    CHECK(report != NULL);
    CHECK(story_heard(FM_REPORT_STARVED) == NULL);
    story_silent(__FILE__, __LINE__);
    if (report == NULL)
        return;
    CHECK(strstr(report->message, strerror(EMFILE)) != NULL);
    CHECK(strstr(report->message, "127.0.0.1:") != NULL);
    CHECK(strcmp(report->task, "taker") == 0);
}

#define STARVING(test_name)                                                    \
    static void test_name##_told(void);                                        \
    TEST(test_name)                                                            \
    {                                                                          \
        CHECK_INT(starving_run(test_name##_told), 0);                          \
        starving_told_once();                                                  \
    }                                                                          \
    static void test_name##_told(void)

STARVING(without_a_descriptor_an_accept_waits_until_one_is_closed)
{
    struct starving story;
    starving_begin(&story);
    fm_abort(story.others[0]);
    story.others[0] = NULL;
    int64_t closed = fm_now();
    CHECK_INT(fm_await(story.task), 0);
    CHECK(story.server != NULL);
    CHECK(!test_simulated() || fm_now() - closed < 50 * FM_MILLISECOND);
    starving_end(&story);
}

/* At once, and every 100 ms from then on; a slow machine takes longer. */
static bool tried_rarely(const struct fm__fault_plan *plan, int64_t began)
{
    int64_t most = 1 + (fm_now() - began) / (100 * FM_MILLISECOND);
    return plan->passed[FM__DOOR_OPERATION] <= (uint64_t)most;
}

/* What others of the process close is not heard of. */
STORY(without_a_descriptor_an_accept_tries_again_every_100_ms)
{
    fm_stream *client, *server;
    fm_listener *listener = listen_here();
    struct fm__fault_plan plan = {.fail_at[FM__DOOR_OPERATION] = 1,
                                  .from_then_on = true,
                                  .error = -EMFILE};
    CHECK_INT(fm_connect(where(listener), &client), 0);
    fm_task *task = fm_go(taker, listener, &server);
    int64_t began = fm_now();
    faults_begin(&plan);
    CHECK_INT(fm_sleep(0.35), 0);
    faults_end();
    CHECK(plan.passed[FM__DOOR_OPERATION] >= 1);
    CHECK(tried_rarely(&plan, began));
    CHECK_INT(fm_await(task), 0);
    CHECK(!test_simulated() || fm_now() - began < 450 * FM_MILLISECOND);
    CHECK(story_heard(FM_REPORT_STARVED) != NULL);
    part(client, server);
    CHECK_INT(fm_listener_close(listener), 0);
}

STARVING(without_a_descriptor_an_accept_does_not_spin)
{
    struct fm__fault_plan plan = {.error = 0};
    struct starving story;
    starving_begin(&story);
    int64_t began = fm_now();
    faults_begin(&plan);
    CHECK_INT(fm_sleep(0.35), 0);
    faults_end();
    CHECK(tried_rarely(&plan, began));
    CHECK(story.server == NULL);
    CHECK_INT(fm_stop(story.task), -ECANCELED);
    starving_end(&story);
}

STARVING(a_starved_accept_can_be_cut_and_the_connection_is_for_the_next)
{
    struct starving story;
    starving_begin(&story);
    CHECK_INT(fm_stop(story.task), -ECANCELED);
    CHECK(story.server == NULL);
    int rc;
    FM_TIMEOUT(0.15, rc) {
        rc = fm_await(fm_go(taker, story.listener, &story.server));
    }
    CHECK_INT(rc, -ETIMEDOUT);
    fm_abort(story.others[0]);
    story.others[0] = NULL;
    CHECK_INT(fm_accept(story.listener, &story.server), 0);
    starving_end(&story);
}

STARVING(a_starved_accept_leaves_when_the_listener_closes)
{
    struct starving story;
    starving_begin(&story);
    CHECK_INT(fm_listener_close(story.listener), 0);
    CHECK_INT(fm_await(story.task), -ESHUTDOWN);
    story.listener = NULL;
    starving_end(&story);
}

static void refuse_a_connect(void)
{
    struct starving story;
    fm_stream *stream = NULL;
    starving_begin(&story);
    CHECK_INT(fm_connect(where(story.listener), &stream), -EMFILE);
    CHECK(stream == NULL);
    fm_listener *listener = NULL;
    CHECK_INT(fm_listen("127.0.0.1:0", &listener), -EMFILE);
    CHECK(listener == NULL);
    CHECK_INT(fm_stop(story.task), -ECANCELED);
    starving_end(&story);
}

TEST(without_a_descriptor_a_connect_and_a_listen_say_so)
{
    CHECK_INT(starving_run(refuse_a_connect), 0);
    starving_told_once();
}

/* ---- A want of other things --------------------------------------------- */

static void starve_once(int error)
{
    fm_stream *client, *server;
    fm_listener *listener = listen_here();
    struct fm__fault_plan plan = {.fail_at[FM__DOOR_OPERATION] = 1,
                                  .error = error};
    CHECK_INT(fm_connect(where(listener), &client), 0);
    faults_begin(&plan);
    CHECK_INT(fm_accept(listener, &server), 0);
    faults_end();
    CHECK_INT(plan.passed[FM__DOOR_OPERATION], 2);
    part(client, server);
    CHECK_INT(fm_listener_close(listener), 0);
    CHECK(story_heard(FM_REPORT_STARVED) != NULL);
}

STORY(an_accept_waits_also_for_the_systems_descriptors_and_for_memory)
{
    static const int errors[] = {-ENFILE, -ENOBUFS, -ENOMEM};
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        starve_once(errors[i]);
}

struct canceller {
    fm_task **task;
    double span;
};

static int canceller(struct canceller *self)
{
    int rc = fm_sleep(self->span);
    CHECK_INT(fm_cancel(*self->task), 0);
    return rc;
}

/* In the turn in which the pause ends, in either order, and around it. */
STORY(a_starved_accept_hears_of_a_cut_whenever_it_comes)
{
    static const double spans[] = {0.0, 0.099999, 0.1, 0.100001, 0.1002, 0.2};
    fm_stream *server = NULL;
    fm_listener *listener = listen_here();
    for (size_t i = 0; i < 2 * sizeof spans / sizeof spans[0]; i++) {
        struct fm__fault_plan plan = {.fail_at[FM__DOOR_OPERATION] = 1,
                                      .from_then_on = true,
                                      .error = -EMFILE};
        fm_task *task = NULL, *early = NULL, *late = NULL;
        faults_begin(&plan);
        if (i % 2 == 0)
            early = fm_go(canceller, &task, spans[i / 2]);
        task = fm_go(taker, listener, &server);
        if (i % 2 == 1)
            late = fm_go(canceller, &task, spans[i / 2]);
        CHECK_INT(fm_await(early != NULL ? early : late), 0);
        CHECK_INT(fm_await(task), -ECANCELED);
        faults_end();
    }
    CHECK(story_heard(FM_REPORT_STARVED) != NULL);
    CHECK_INT(fm_listener_close(listener), 0);
}

/* The oldest one first, one for each descriptor that is closed. */
STORY(those_who_are_starved_are_fed_in_order)
{
    fm_stream *clients[2], *servers[2] = {NULL, NULL}, *other;
    fm_task *tasks[2];
    fm_listener *listener = listen_here();
    struct fm__fault_plan plan = {.fail_at[FM__DOOR_OPERATION] = 1,
                                  .from_then_on = true,
                                  .error = -EMFILE};
    for (int i = 0; i < 2; i++)
        CHECK_INT(fm_connect(where(listener), &clients[i]), 0);
    CHECK_INT(fm_connect(where(listener), &other), 0);
    faults_begin(&plan);
    for (int i = 0; i < 2; i++)
        tasks[i] = fm_go(taker, listener, &servers[i]);
    CHECK_INT(fm_sleep(0.01), 0);
    faults_end();
    fm_abort(other);
    CHECK_INT(fm_await(tasks[0]), 0);
    CHECK(servers[0] != NULL);
    /* Where time is real the second may have tried again by itself. */
    CHECK(servers[1] == NULL || !test_simulated());
    CHECK_INT(fm_await(tasks[1]), 0);
    for (int i = 0; i < 2; i++) {
        check_says(clients[i], servers[i], "in order");
        part(clients[i], servers[i]);
    }
    CHECK_INT(fm_listener_close(listener), 0);
    CHECK(story_heard(FM_REPORT_STARVED) != NULL);
}
