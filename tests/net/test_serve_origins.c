/*
 * test_serve_origins.c - how many connections an address may have
 */
#include "servers.h"

#include "net/origins.h"
#include "task/record.h"

#include <errno.h>

#define MANY 3

/* What a client that has been let in hears back. */
static bool is_served(fm_stream *client)
{
    char heard;
    return fm_write(client, "x", 1) == 1 && fm_read(client, &heard, 1) == 1;
}

static fm_stream *enter_from(const struct place *place, const char *source)
{
    const fm_connect_options options = {.source = source};
    fm_stream *client = NULL;
    CHECK_INT(fm_connect(place->address, &client, &options), 0);
    return client;
}

STORY(an_address_has_so_many_connections)
{
    const fm_serve_options options = {.per_address = MANY};
    struct place place = place_open(echo, NULL, &options);
    fm_stream *clients[MANY];
    for (int i = 0; i < MANY; i++) {
        clients[i] = place_enter(&place);
        CHECK(is_served(clients[i]));
    }
    fm_stream *more = place_enter(&place);
    CHECK(!is_served(more));
    fm_abort(more);
    /* Whoever comes from elsewhere is not kept out by them. */
    fm_stream *other = enter_from(&place, "127.0.0.2:0");
    CHECK(is_served(other));
    CHECK_INT(fm_close(other), 0);
    /* A place that is free again is. */
    CHECK_INT(fm_close(clients[0]), 0);
    while (!is_served(clients[0] = place_enter(&place)))
        fm_abort(clients[0]);
    for (int i = 0; i < MANY; i++)
        CHECK_INT(fm_close(clients[i]), 0);
    CHECK_INT(fm_stop(place.task), -ECANCELED);
    CHECK_INT(handled.begun, MANY + 2);
}

/* Twice as many as there is room for: nobody waits, and the others are
 * served. */
STORY(a_crowd_from_one_address_takes_no_place_of_another)
{
    const fm_serve_options options = {.limit = MANY + 1, .per_address = MANY};
    struct place place = place_open(echo, NULL, &options);
    fm_stream *crowd[2 * MANY];
    int served = 0;
    for (int i = 0; i < 2 * MANY; i++) {
        crowd[i] = place_enter(&place);
        served += is_served(crowd[i]);
    }
    CHECK_INT(served, MANY);
    fm_stream *other = enter_from(&place, "127.0.0.2:0");
    CHECK(is_served(other));
    CHECK_INT(fm_close(other), 0);
    for (int i = 0; i < 2 * MANY; i++)
        fm_abort(crowd[i]);
    CHECK_INT(fm_stop(place.task), -ECANCELED);
}

static int enter(struct fm__origins *origins, const char *text,
                 struct fm__crowd **origin)
{
    fm_address address;
    CHECK_INT(fm_address_parse(text, &address), 0);
    return fm__origins_enter(origins, &address, origin);
}

STORY(a_network_of_ipv6_is_one_address)
{
    struct fm__origins origins;
    struct fm__crowd *one, *two, *three;
    struct fm__loop *loop = &fm__current->home->loop;
    CHECK_INT(fm__origins_init(&origins, loop, 1), 0);
    CHECK_INT(enter(&origins, "[2001:db8:0:1::1]:1", &one), 0);
    CHECK_INT(enter(&origins, "[2001:db8:0:1:ffff::]:2", &two), -EDQUOT);
    CHECK_INT(enter(&origins, "[2001:db8:0:2::1]:1", &two), 0);
    fm__origins_leave(&origins, one);
    CHECK_INT(enter(&origins, "[2001:db8:0:1:ffff::]:2", &one), 0);
    /* IPv4 in IPv6 is IPv4. */
    CHECK_INT(enter(&origins, "192.0.2.1:1", &three), 0);
    struct fm__crowd *four;
    CHECK_INT(enter(&origins, "[::ffff:192.0.2.1]:1", &four), -EDQUOT);
    CHECK_INT(enter(&origins, "[::ffff:192.0.2.2]:1", &four), 0);
    /* No network of IPv6 that is in use is taken for IPv4. */
    struct fm__crowd *five;
    CHECK_INT(enter(&origins, "[c000:201:ffff::1]:1", &five), 0);
    fm__origins_leave(&origins, one);
    fm__origins_leave(&origins, two);
    fm__origins_leave(&origins, five);
    fm__origins_leave(&origins, three);
    fm__origins_leave(&origins, four);
    /* Local sockets are from nowhere, without any limit. */
    for (int i = 0; i < 3; i++) {
        CHECK_INT(enter(&origins, "unix:@somebody", &one), 0);
        CHECK(one == NULL);
    }
    fm__origins_fini(&origins);
}

STORY(ten_thousand_addresses_are_kept_apart)
{
    enum {
        ADDRESSES = 10000
    };
    static struct fm__crowd *found[ADDRESSES];
    struct fm__origins origins;
    struct fm__loop *loop = &fm__current->home->loop;
    CHECK_INT(fm__origins_init(&origins, loop, 2), 0);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < ADDRESSES; i++) {
            char text[FM_ADDRESS_TEXT];
            snprintf(text, sizeof text, "10.0.%d.%d:1", i / 256, i % 256);
            CHECK_INT(enter(&origins, text, &found[i]), 0);
        }
    }
    for (int i = 0; i < 2 * ADDRESSES; i++)
        fm__origins_leave(&origins, found[i / 2]);
    for (int i = 0; i < 4096; i++)
        CHECK(origins.table[i] == NULL);
    fm__origins_fini(&origins);
}
