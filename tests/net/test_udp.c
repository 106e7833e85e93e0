/*
 * test_udp.c - datagrams arrive whole, in order, and say from where
 */
#include "net/datagrams.h"

#include "io/check_kit.h"

#include <netinet/in.h>

#define UDP_SEEDS 20

STORY(a_datagram_arrives_whole_and_says_from_where)
{
    fm_address here, there, from;
    fm_udp *one = udp_here(&here), *other = udp_here(&there);
    char heard[16] = "";
    check_sends(one, "hello", &there);
    CHECK_INT(fm_udp_receive(other, heard, sizeof heard, &from), 5);
    CHECK(strcmp(heard, "hello") == 0);
    CHECK(udp_same(&from, &here));
    check_sends(other, "and you", &from);
    check_hears(one, "and you");
    fm_udp_close(one);
    fm_udp_close(other);
}

static void udp_sizes(void)
{
    static const size_t sizes[] = {0, 1, 2, 512, 1472, 1473, 9000, 65507};
    static char heard[FM_UDP_SIZE];
    fm_udp *ends[2];
    udp_pair(ends);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const char *bytes = check_pattern(i);
        CHECK_INT(fm_udp_send(ends[0], bytes, sizes[i], NULL), 0);
        CHECK_INT(fm_udp_receive(ends[1], heard, sizeof heard, NULL), sizes[i]);
        CHECK(memcmp(heard, bytes, sizes[i]) == 0);
    }
    udp_part(ends);
}

TEST(each_size_arrives_whole)
{
    check_run(udp_sizes, UDP_SEEDS);
}

STORY(one_byte_more_than_ipv4_carries_is_refused)
{
    static const char bytes[FM_UDP_SIZE + 1];
    fm_udp *ends[2];
    udp_pair(ends);
    CHECK_INT(fm_udp_send(ends[0], bytes, 65508, NULL), -EMSGSIZE);
    CHECK_INT(fm_udp_send(ends[0], bytes, FM_UDP_SIZE + 1, NULL), -EMSGSIZE);
    check_sends(ends[0], "fits", NULL);
    check_hears(ends[1], "fits");
    udp_part(ends);
}

STORY(an_empty_datagram_is_one_and_no_end)
{
    fm_udp *ends[2];
    char heard[4];
    udp_pair(ends);
    for (int i = 0; i < 3; i++)
        CHECK_INT(fm_udp_send(ends[0], NULL, 0, NULL), 0);
    check_sends(ends[0], "more", NULL);
    for (int i = 0; i < 3; i++)
        CHECK_INT(fm_udp_receive(ends[1], heard, sizeof heard, NULL), 0);
    check_hears(ends[1], "more");
    udp_part(ends);
}

STORY(what_does_not_fit_the_buffer_is_cut_and_told)
{
    fm_udp *ends[2];
    char heard[6] = "......";
    udp_pair(ends);
    check_sends(ends[0], "0123456789", NULL);
    check_sends(ends[0], "0123456789", NULL);
    check_sends(ends[0], "next", NULL);
    CHECK_INT(fm_udp_receive(ends[1], heard, 4, NULL), 10);
    CHECK(memcmp(heard, "0123..", 6) == 0);
    CHECK_INT(fm_udp_receive(ends[1], NULL, 0, NULL), 10);
    check_hears(ends[1], "next");
    udp_part(ends);
}

static void udp_ordered(void)
{
    fm_udp *ends[2];
    int heard;
    udp_pair(ends);
    for (int i = 0; i < 60; i++)
        CHECK_INT(fm_udp_send(ends[0], &i, sizeof i, NULL), 0);
    for (int i = 0; i < 60; i++) {
        CHECK_INT(fm_udp_receive(ends[1], &heard, sizeof heard, NULL),
                  sizeof heard);
        CHECK_INT(heard, i);
    }
    udp_part(ends);
}

TEST(datagrams_of_one_sender_keep_their_order)
{
    check_run(udp_ordered, UDP_SEEDS);
}

STORY(a_connected_socket_hears_its_peer_alone)
{
    fm_address here, there, stranger, peer;
    fm_udp *one = udp_here(&here), *other = udp_here(&there);
    fm_udp *third = udp_here(&stranger);
    CHECK_INT(fm_udp_peer(one, &peer), -ENOTCONN);
    CHECK_INT(fm_udp_connect(one, &there), 0);
    CHECK_INT(fm_udp_peer(one, &peer), 0);
    CHECK(udp_same(&peer, &there));
    check_sends(third, "not for you", &here);
    check_sends(other, "for you", &here);
    check_hears(one, "for you");
    CHECK_INT(fm_udp_connect(one, NULL), 0);
    CHECK_INT(fm_udp_peer(one, &peer), -ENOTCONN);
    CHECK_INT(fm_udp_local(one, &here), 0);
    check_sends(one, "from", &stranger);
    CHECK_INT(fm_udp_receive(third, &(char[8]){0}, 8, &here), 4);
    check_sends(third, "open again", &here);
    check_hears(one, "open again");
    fm_udp_close(one);
    fm_udp_close(other);
    fm_udp_close(third);
}

STORY(a_connected_socket_still_sends_to_whom_it_is_told)
{
    fm_address own;
    fm_udp *ends[2], *third = udp_here(&own);
    udp_pair(ends);
    check_sends(ends[0], "aside", &own);
    check_hears(third, "aside");
    udp_part(ends);
    fm_udp_close(third);
}

STORY(a_send_to_nobody_in_particular_needs_a_connection)
{
    fm_address own;
    fm_udp *udp = udp_here(&own);
    CHECK_INT(fm_udp_send(udp, "?", 1, NULL), -EDESTADDRREQ);
    fm_udp_close(udp);
}

STORY(a_socket_of_no_address_gets_one_when_it_sends)
{
    fm_address there, from;
    fm_udp *other = udp_here(&there), *one = NULL;
    char heard[8];
    CHECK_INT(fm_udp_open(NULL, &one), 0);
    check_sends(one, "ping", &there);
    CHECK_INT(fm_udp_receive(other, heard, sizeof heard, &from), 4);
    CHECK(fm_address_port(&from) != 0);
    check_sends(other, "pong", &from);
    check_hears(one, "pong");
    CHECK_INT(fm_udp_connect(one, &there), 0);
    check_sends(one, "again", NULL);
    check_hears(other, "again");
    fm_udp_close(one);
    fm_udp_close(other);
}

static bool udp_has_ipv6(void)
{
    fm_udp *udp = NULL;
    int rc = fm_udp_open("[::1]:0", &udp);
    fm_udp_close(udp);
    return rc == 0;
}

STORY(an_ipv6_socket_is_as_good)
{
    fm_address here, there, from;
    char heard[8] = "";
    if (!udp_has_ipv6())
        return; /* a machine without IPv6 */
    fm_udp *one = udp_at("[::1]:0", &here, NULL);
    fm_udp *other = udp_at("[::1]:0", &there, NULL);
    check_sends(one, "six", &there);
    CHECK_INT(fm_udp_receive(other, heard, sizeof heard, &from), 3);
    CHECK(strcmp(heard, "six") == 0 && udp_same(&from, &here));
    fm_udp_close(one);
    fm_udp_close(other);
}

STORY(families_mix_where_the_socket_speaks_both)
{
    fm_address four, six, all, from, to;
    char heard[8], text[FM_ADDRESS_TEXT], want[FM_ADDRESS_TEXT];
    if (!udp_has_ipv6())
        return;
    fm_udp *v4 = udp_here(&four), *v6 = udp_at("[::1]:0", &six, NULL);
    fm_udp *both = udp_at("[::]:0", &all, NULL);
    CHECK_INT(fm_udp_send(v4, "x", 1, &six), -EAFNOSUPPORT);
    CHECK_INT(fm_udp_send(v6, "x", 1, &four), -ENETUNREACH);
    check_sends(both, "to four", &four);
    check_hears(v4, "to four");
    snprintf(text, sizeof text, "127.0.0.1:%d", fm_address_port(&all));
    CHECK_INT(fm_address_parse(text, &to), 0);
    check_sends(v4, "to all", &to);
    CHECK_INT(fm_udp_receive(both, heard, sizeof heard, &from), 6);
    snprintf(want, sizeof want, "[::ffff:127.0.0.1]:%d",
             fm_address_port(&four));
    CHECK(strcmp(fm_address_format(&from, text), want) == 0);
    check_sends(both, "back", &from);
    check_hears(v4, "back");
    fm_udp_close(v4);
    fm_udp_close(v6);
    fm_udp_close(both);
}

STORY(an_address_that_is_taken_is_told_unless_it_is_shared)
{
    static const fm_udp_options shared = {.reuse_port = true};
    fm_address own;
    char text[FM_ADDRESS_TEXT];
    fm_udp *one = udp_here(&own), *other = NULL;
    CHECK_INT(fm_udp_open(fm_address_format(&own, text), &other), -EADDRINUSE);
    CHECK(other == NULL);
    fm_udp_close(one);
    one = udp_at(text, &own, &shared);
    other = udp_at(text, &own, &shared);
    fm_udp_close(one);
    fm_udp_close(other);
}

STORY(what_is_no_address_is_einval)
{
    fm_udp *udp = NULL;
    CHECK_INT(fm_udp_open("localhost:1", &udp), -EINVAL);
    CHECK_INT(fm_udp_open("127.0.0.1", &udp), -EINVAL);
    CHECK_INT(fm_udp_open("192.0.2.1:x", &udp), -EINVAL);
    CHECK(udp == NULL);
}

STORY(a_broadcast_needs_leave)
{
    static const fm_udp_options loud = {.broadcast = true};
    fm_address own, all;
    CHECK_INT(fm_address_parse("255.255.255.255:9", &all), 0);
    fm_udp *udp = udp_here(&own);
    CHECK_INT(fm_udp_send(udp, "hey", 3, &all), -EACCES);
    CHECK_INT(fm_udp_connect(udp, &all), -EACCES);
    fm_udp_close(udp);
    udp = udp_at("127.0.0.1:0", &own, &loud);
    int rc = fm_udp_send(udp, "hey", 3, &all);
    CHECK(rc == 0 || rc == -ENETUNREACH); /* by a machine's routes */
    fm_udp_close(udp);
}

STORY(options_that_the_system_takes_are_set)
{
    static const fm_udp_options options = {.ttl = 3,
                                           .group_ttl = 2,
                                           .receive_buffer = 65536,
                                           .send_buffer = 65536,
                                           .not_looped = true,
                                           .errors = true};
    fm_address own;
    fm_udp_close(udp_at("127.0.0.1:0", &own, &options));
    fm_udp *udp = NULL;
    CHECK_INT(fm_udp_open(NULL, &udp, &options), 0);
    fm_udp_close(udp);
    CHECK_INT(fm_udp_open(NULL, &udp, &(fm_udp_options){.interface = "no-one"}),
              -ENODEV);
    if (!test_simulated())
        CHECK_INT(fm_udp_open(NULL, &udp, &(fm_udp_options){.ttl = 256}),
                  -EINVAL);
}

STORY(no_socket_is_closed_as_well)
{
    fm_udp_close(NULL);
}

static int udp_forgets(void *arg)
{
    fm_address own;
    (void)arg;
    (void)udp_here(&own);
    return 0;
}

TEST(a_socket_that_is_left_open_is_reported_and_closed)
{
    const fm_run_options options = {.on_report = story_report};
    story_reported = 0;
    CHECK_INT(fm_run(udp_forgets, NULL, &options), 0);
    const struct story_report *left = story_heard(FM_REPORT_LEFT_OPEN);
    CHECK(left != NULL &&
          strstr(left->message, "a datagram socket (descriptor ") != NULL);
    CHECK_INT(story_reported, 1);
}

static int udp_waits(void *udp)
{
    char buf[4];
    return (int)fm_udp_receive(udp, buf, sizeof buf, NULL);
}

static void udp_close_under_a_receiver(void)
{
    fm_address own;
    fm_udp *udp = udp_here(&own);
    fm_task *task = fm_start(udp_waits, udp);
    udp_rest();
    fm_udp_close(udp);
    (void)fm_await(task);
}

TEST(a_close_under_a_receiver_dies_with_a_sentence)
{
    CHECK_DOOMED(udp_close_under_a_receiver,
                 "fm_udp_close: another task sends or receives by this socket");
}
