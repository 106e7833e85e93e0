/*
 * test_udp_errors.c - what the network says comes to the call it is for
 */
#include "net/datagrams.h"

#include "base/fault.h"
#include "loop/sim.h"
#include "net/udp_record.h"

#include <poll.h>

static const fm_udp_options udp_told = {.errors = true};

STORY(a_connected_receiver_is_told_that_nobody_is_there)
{
    fm_address own, gone = udp_nowhere();
    char heard[8];
    fm_udp *udp = udp_here(&own);
    CHECK_INT(fm_udp_connect(udp, &gone), 0);
    for (int i = 0; i < 3; i++) {
        check_sends(udp, "anybody?", NULL);
        CHECK_INT(fm_udp_receive(udp, heard, sizeof heard, NULL),
                  -ECONNREFUSED);
    }
    fm_udp_close(udp);
}

/* Until the socket has an error to tell of. */
static void wait_until_told(const fm_udp *udp)
{
    struct pollfd asked = {.fd = udp->fd};
    if (!test_simulated())
        CHECK_INT(poll(&asked, 1, -1), 1);
}

STORY(a_connected_sender_is_told_at_its_next_send_once)
{
    fm_address own, gone = udp_nowhere();
    fm_udp *udp = udp_here(&own);
    CHECK_INT(fm_udp_connect(udp, &gone), 0);
    check_sends(udp, "anybody?", NULL);
    wait_until_told(udp);
    CHECK_INT(fm_udp_send(udp, "hello?", 6, NULL), -ECONNREFUSED);
    check_sends(udp, "once", NULL);
    fm_udp_close(udp);
}

/* Who waits is told when it comes. */
STORY(a_receiver_that_waits_is_told)
{
    fm_address own, gone = udp_nowhere();
    ssize_t size = 0;
    char text[32];
    fm_udp *udp = udp_here(&own);
    CHECK_INT(fm_udp_connect(udp, &gone), 0);
    fm_task *task = fm_go(hearer, udp, &size, text);
    udp_rest();
    check_sends(udp, "anybody?", NULL);
    CHECK_INT(fm_await(task), -ECONNREFUSED);
    fm_udp_close(udp);
}

STORY(a_server_is_not_told_of_clients_that_have_gone)
{
    fm_address own, gone = udp_nowhere(), other;
    fm_udp *server = udp_here(&own), *client = udp_here(&other);
    check_sends(server, "for nobody", &gone);
    check_sends(client, "question", &own);
    check_hears(server, "question");
    fm_udp_close(server);
    fm_udp_close(client);
}

STORY(a_socket_that_asks_is_told_which_one_has_gone)
{
    fm_address own, from, gone[3];
    char heard[8];
    fm_udp *udp = udp_at("127.0.0.1:0", &own, &udp_told);
    for (int i = 0; i < 3; i++)
        gone[i] = udp_nowhere();
    for (int i = 0; i < 3; i++) {
        check_sends(udp, "?", &gone[i]);
        CHECK_INT(fm_udp_receive(udp, heard, sizeof heard, &from),
                  -ECONNREFUSED);
        CHECK(udp_same(&from, &gone[i]));
    }
    fm_udp_close(udp);
}

STORY(a_send_to_another_takes_no_error_from_the_receiver)
{
    fm_address own, there, from, gone = udp_nowhere();
    char heard[8];
    fm_udp *udp = udp_at("127.0.0.1:0", &own, &udp_told);
    fm_udp *other = udp_here(&there);
    check_sends(udp, "anybody?", &gone);
    for (int i = 0; i < 3; i++)
        check_sends(udp, "you", &there);
    for (int i = 0; i < 3; i++)
        check_hears(other, "you");
    CHECK_INT(fm_udp_receive(udp, heard, sizeof heard, &from), -ECONNREFUSED);
    CHECK(udp_same(&from, &gone));
    check_sends(other, "me", &own);
    check_hears(udp, "me");
    fm_udp_close(udp);
    fm_udp_close(other);
}

STORY(a_batch_to_others_takes_no_error_from_the_receiver)
{
    fm_address own, there, from, gone = udp_nowhere();
    char heard[8];
    fm_udp *udp = udp_at("127.0.0.1:0", &own, &udp_told);
    fm_udp *other = udp_here(&there);
    const fm_datagram three[3] = {
        {.buf = "one", .size = 3, .address = there},
        {.buf = "two", .size = 3, .address = there},
        {.buf = "three", .size = 5, .address = there},
    };
    check_sends(udp, "anybody?", &gone);
    wait_until_told(udp);
    CHECK_INT(fm_udp_send_batch(udp, three, 3), 3);
    check_hears(other, "one");
    check_hears(other, "two");
    check_hears(other, "three");
    CHECK_INT(fm_udp_receive(udp, heard, sizeof heard, &from), -ECONNREFUSED);
    CHECK(udp_same(&from, &gone));
    fm_udp_close(udp);
    fm_udp_close(other);
}

STORY(a_receiver_that_waits_is_told_though_a_send_came_between)
{
    fm_address own, there, gone = udp_nowhere();
    ssize_t size = 0;
    char text[32];
    fm_udp *udp = udp_at("127.0.0.1:0", &own, &udp_told);
    fm_udp *other = udp_here(&there);
    fm_task *task = fm_go(hearer, udp, &size, text);
    udp_rest();
    check_sends(udp, "anybody?", &gone);
    check_sends(udp, "you", &there);
    CHECK_INT(fm_await(task), -ECONNREFUSED);
    fm_udp_close(udp);
    fm_udp_close(other);
}

struct listener {
    fm_udp *udp;
    fm_address *from;
};

static int listener(struct listener *self)
{
    char heard[8];
    return (int)fm_udp_receive(self->udp, heard, sizeof heard, self->from);
}

STORY(who_waited_with_errors_is_told_from_where)
{
    fm_address own, there, from;
    fm_udp *udp = udp_at("127.0.0.1:0", &own, &udp_told);
    fm_udp *other = udp_here(&there);
    fm_task *task = fm_go(listener, udp, &from);
    udp_rest();
    check_sends(other, "me", &own);
    CHECK_INT(fm_await(task), 2);
    CHECK(udp_same(&from, &there));
    fm_udp_close(udp);
    fm_udp_close(other);
}

STORY(a_socket_of_both_families_is_told_of_ipv4)
{
    fm_address from, gone = udp_nowhere();
    char heard[8], text[FM_ADDRESS_TEXT], want[FM_ADDRESS_TEXT];
    fm_udp *udp = NULL;
    CHECK_INT(fm_udp_open(NULL, &udp, &udp_told), 0);
    check_sends(udp, "anybody?", &gone);
    CHECK_INT(fm_udp_receive(udp, heard, sizeof heard, &from), -ECONNREFUSED);
    snprintf(want, sizeof want, "127.0.0.1:%d", fm_address_port(&gone));
    if (from.storage.ss_family == AF_INET6)
        snprintf(want, sizeof want, "[::ffff:127.0.0.1]:%d",
                 fm_address_port(&gone));
    CHECK(strcmp(fm_address_format(&from, text), want) == 0);
    fm_udp_close(udp);
}

/* Each call that opens one fails once, with each of these. */
STORY(a_socket_that_cannot_be_opened_leaves_nothing_behind)
{
    static const int errors[] = {-EMFILE, -ENFILE, -ENOBUFS, -ENOMEM};
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        for (uint64_t k = 1; k < 20; k++) {
            fm_udp *udp = NULL;
            struct fm__fault_plan plan = {.fail_at[FM__DOOR_SYSTEM] = k,
                                          .error = errors[i],
                                          .spare_waits = true};
            fm__fault_plan = &plan;
            int rc = fm_udp_open("127.0.0.1:0", &udp, &udp_told);
            fm__fault_plan = NULL;
            CHECK(rc == 0 || rc == errors[i]);
            CHECK((udp != NULL) == (rc == 0));
            fm_udp_close(udp);
        }
    }
}

/* ---- The simulated network ----------------------------------------------- */

static unsigned udp_arrived;
static bool udp_in_order;

static void udp_storm(void)
{
    fm_udp *ends[2];
    int heard, before = -1, rc;
    udp_arrived = 0;
    udp_in_order = true;
    udp_pair(ends);
    for (int i = 0; i < 100; i++)
        CHECK_INT(fm_udp_send(ends[0], &i, sizeof i, NULL), 0);
    for (;;) {
        FM_TIMEOUT(1, rc) {
            ssize_t n = fm_udp_receive(ends[1], &heard, sizeof heard, NULL);
            rc = n < 0 ? (int)n : 0;
        }
        if (rc < 0)
            break;
        udp_in_order = udp_in_order && heard > before;
        before = heard;
        udp_arrived++;
    }
    CHECK_INT(rc, -ETIMEDOUT);
    udp_part(ends);
}

static void udp_weather(struct fm__sim_options options)
{
    fm__sim_options = &options;
    CHECK_INT(story_run(udp_storm, (fm_run_options){.seed = 7}), 0);
    fm__sim_options = NULL;
}

TEST(the_simulated_network_loses_and_doubles_only_when_asked_to)
{
    if (!test_simulated())
        return;
    udp_weather((struct fm__sim_options){.lost = 0});
    CHECK(udp_arrived == 100 && udp_in_order);
    udp_weather((struct fm__sim_options){.lost = 300});
    CHECK(udp_arrived < 100 && udp_arrived > 30 && udp_in_order);
    udp_weather((struct fm__sim_options){.twice = 300});
    CHECK(udp_arrived > 100);
    udp_weather((struct fm__sim_options){.overtaking = 300});
    CHECK(udp_arrived == 100 && !udp_in_order);
}

struct caller {
    const fm_address *to;
    const char *name;
};

static int caller(struct caller *self)
{
    fm_address own;
    fm_udp *udp = udp_here(&own);
    int rc = fm_udp_send(udp, self->name, 1, self->to);
    fm_udp_close(udp);
    return rc;
}

static unsigned udp_firsts; /* bit 0: "a" was, bit 1: "b" was */

static void udp_race(void)
{
    fm_address own;
    char first = '?', second = '?';
    fm_udp *udp = udp_here(&own);
    fm_task *one = fm_go(caller, &own, "a"), *other = fm_go(caller, &own, "b");
    CHECK_INT(fm_udp_receive(udp, &first, 1, NULL), 1);
    CHECK_INT(fm_udp_receive(udp, &second, 1, NULL), 1);
    CHECK_INT(first + second, 'a' + 'b');
    CHECK_INT(fm_gather(one, other), 0);
    udp_firsts |= first == 'a' ? 1 : 2;
    fm_udp_close(udp);
}

TEST(the_seed_decides_whose_datagram_comes_first)
{
    if (!test_simulated())
        return;
    udp_firsts = 0;
    for (uint64_t seed = 1; seed <= 40; seed++)
        CHECK_INT(story_run(udp_race, (fm_run_options){.seed = seed}), 0);
    CHECK_INT(udp_firsts, 3);
}
