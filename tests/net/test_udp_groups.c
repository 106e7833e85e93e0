/*
 * test_udp_groups.c - multicast on this machine
 */
#include "net/datagrams.h"

#include "loop/sim_world.h"

/* By the loopback interface, which each machine has. */
static const fm_udp_options groups_shared = {.reuse_address = true,
                                             .interface = "1"};

static fm_address groups_address(const char *host, int port)
{
    char text[FM_ADDRESS_TEXT];
    fm_address address;
    snprintf(text, sizeof text, "%s:%d", host, port);
    CHECK_INT(fm_address_parse(text, &address), 0);
    return address;
}

/* What is sent to the group comes to members, and to nobody else. */
static void groups_meet(const char *any, const char *host)
{
    char text[FM_ADDRESS_TEXT];
    fm_address own, ignored;
    snprintf(text, sizeof text, "%s:0", any);
    fm_udp *one = udp_at(text, &own, &groups_shared);
    snprintf(text, sizeof text, "%s:%d", any, fm_address_port(&own));
    fm_udp *two = udp_at(text, &ignored, &groups_shared);
    fm_address group = groups_address(host, fm_address_port(&own));
    CHECK_INT(fm_udp_join(one, &group, "1"), 0);
    CHECK_INT(fm_udp_join(two, &group, "1"), 0);
    CHECK_INT(fm_udp_join(two, &group, "1"), -EADDRINUSE);
    bool routed = fm_udp_send(one, "to all", 6, &group) != -ENETUNREACH;
    if (routed) { /* Linux has no route for IPv6 groups by loopback */
        check_hears(one, "to all");
        check_hears(two, "to all");
    }
    CHECK_INT(fm_udp_leave(one, &group, "1"), 0);
    CHECK_INT(fm_udp_leave(one, &group, "1"), -EADDRNOTAVAIL);
    if (routed) {
        check_sends(one, "to one", &group);
        check_hears(two, "to one");
    }
    fm_udp_close(one);
    fm_udp_close(two);
}

STORY(an_ipv4_group_is_joined_and_left)
{
    groups_meet("0.0.0.0", "239.255.77.1");
}

STORY(an_ipv6_group_is_joined_and_left)
{
    fm_udp *udp = NULL;
    int rc = fm_udp_open("[::1]:0", &udp);
    fm_udp_close(udp);
    if (rc == 0) /* else a machine without IPv6 */
        groups_meet("[::]", "[ff12::77:1]");
}

STORY(what_is_not_looped_is_not_heard_here)
{
    static const fm_udp_options quiet = {.not_looped = true, .interface = "1"};
    fm_address own;
    if (!test_simulated())
        return; /* what leaves by loopback itself comes back */
    fm_udp *udp = udp_at("0.0.0.0:0", &own, &quiet);
    fm_address group = groups_address("239.255.77.2", fm_address_port(&own));
    fm_address here = groups_address("127.0.0.1", fm_address_port(&own));
    CHECK_INT(fm_udp_join(udp, &group, "1"), 0);
    check_sends(udp, "to nobody", &group);
    check_sends(udp, "to me", &here);
    check_hears(udp, "to me");
    fm_udp_close(udp);
}

STORY(what_is_no_group_or_interface_is_told)
{
    fm_address own, local;
    fm_udp *udp = udp_at("0.0.0.0:0", &own, NULL);
    fm_address group = groups_address("239.255.77.3", 1);
    fm_address host = groups_address("192.0.2.1", 1);
    CHECK_INT(fm_udp_join(udp, &host, "1"), -EINVAL);
    CHECK_INT(fm_udp_join(udp, &group, "no-such-one"), -ENODEV);
    CHECK_INT(fm_udp_join(udp, &group, "0"), -ENODEV);
    CHECK_INT(fm_udp_join(udp, &group, "99999999999999999999"), -ENODEV);
    CHECK_INT(fm_udp_leave(udp, &group, "1"), -EADDRNOTAVAIL);
    local = (fm_address){.storage.ss_family = AF_UNIX, .size = 2};
    CHECK_INT(fm_udp_join(udp, &local, NULL), -EINVAL);
    fm_udp_close(udp);
}

STORY(one_group_more_than_a_socket_may_join_is_enobufs)
{
    fm_address own;
    if (!test_simulated())
        return; /* a kernel's limit may be set to anything */
    fm_udp *udp = udp_at("0.0.0.0:0", &own, NULL);
    for (int i = 0; i <= FM__SIM_GROUPS; i++) {
        char host[32];
        snprintf(host, sizeof host, "239.255.78.%d", i);
        fm_address group = groups_address(host, 1);
        CHECK_INT(fm_udp_join(udp, &group, NULL),
                  i < FM__SIM_GROUPS ? 0 : -ENOBUFS);
    }
    fm_udp_close(udp);
}
