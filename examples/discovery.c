/*
 * discovery.c - who is there? A question to a group, and all who answer
 */
#include <fermata.h>
#include <stdio.h>
#include <string.h>

#define GROUP "239.255.70.77"
#define LOOPBACK "1" /* the number of the interface; NULL for the usual one */

/* [member] */
/* Joins the group at a port that all of its members share. */
static int join(int port, fm_udp **udp)
{
    static const fm_udp_options options = {
        .reuse_address = true, /* others of this machine do so too */
        .interface = LOOPBACK,
    };
    char text[FM_ADDRESS_TEXT];
    fm_address group;
    snprintf(text, sizeof text, "0.0.0.0:%d", port);
    int rc = fm_udp_open(text, udp, &options);
    if (rc < 0)
        return rc;
    snprintf(text, sizeof text, GROUP ":%d", port);
    rc = fm_address_parse(text, &group);
    if (rc == 0)
        rc = fm_udp_join(*udp, &group, LOOPBACK);
    if (rc < 0)
        fm_udp_close(*udp);
    return rc;
}
/* [/member] */

struct lamp {
    const char *name;
    fm_udp *udp;
};

static int lamp(struct lamp *self)
{
    char question[16];
    fm_address from;
    ssize_t size = fm_udp_receive(self->udp, question, sizeof question, &from);
    if (size < 0)
        return (int)size;
    return fm_udp_send(self->udp, self->name, strlen(self->name), &from);
}

/* [ask] */
/* Asks the group, and prints the first answers; they come in any order. */
static int ask(const fm_address *group, int count)
{
    static const fm_udp_options options = {.interface = LOOPBACK};
    fm_udp *udp;
    int kitchen = 0, rc = fm_udp_open("0.0.0.0:0", &udp, &options);
    if (rc < 0)
        return rc;
    rc = fm_udp_send(udp, "lamps?", 6, group);
    for (int i = 0; rc == 0 && i < count; i++) {
        char name[16];
        ssize_t size = fm_udp_receive(udp, name, sizeof name, NULL);
        rc = size < 0 ? (int)size : 0;
        kitchen += size == 7 && memcmp(name, "kitchen", 7) == 0;
    }
    if (rc == 0)
        printf("%d lamps, %d in the kitchen\n", count, kitchen);
    fm_udp_close(udp);
    return rc;
}
/* [/ask] */

/* A port that is free. */
static int choose(int *port)
{
    fm_udp *udp;
    fm_address own;
    int rc = fm_udp_open("0.0.0.0:0", &udp);
    if (rc < 0)
        return rc;
    rc = fm_udp_local(udp, &own);
    *port = fm_address_port(&own);
    fm_udp_close(udp);
    return rc;
}

static int light(const fm_address *group, fm_udp *one, fm_udp *other)
{
    int rc;
    FM_GROUP(house, rc) {
        rc = fm_group_go(house, lamp, "kitchen", one);
        if (rc == 0)
            rc = fm_group_go(house, lamp, "hall", other);
        if (rc == 0)
            rc = ask(group, 2);
    }
    return rc;
}

static int story(void *arg)
{
    fm_udp *one = NULL, *other = NULL;
    fm_address group;
    char text[FM_ADDRESS_TEXT];
    int port = 0, rc = choose(&port);
    (void)arg;
    snprintf(text, sizeof text, GROUP ":%d", port);
    if (rc == 0)
        rc = fm_address_parse(text, &group);
    if (rc == 0)
        rc = join(port, &one);
    if (rc < 0)
        return rc;
    rc = join(port, &other);
    if (rc == 0) {
        rc = light(&group, one, other);
        fm_udp_close(other);
    }
    fm_udp_close(one);
    return rc;
}

int main(void)
{
    int rc = fm_run(story, NULL);
    printf("%s\n", fm_strerror(rc));
    return rc < 0;
}
