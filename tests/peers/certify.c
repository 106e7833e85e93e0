/*
 * certify.c - the certificates of tests with programs of others
 *
 *     certify DIRECTORY
 *
 * Writes NAME.pem and NAME.key there: root; server, of a.example.test and
 * 127.0.0.1; alice, a client; these by the root. And other, a root too.
 */
#include "net/workshop.h"

#include <stdio.h>

static void certify_save(const char *directory, const char *name,
                         const struct work *work)
{
    X509 *chain[] = {work->certificate, NULL};
    workshop_save(directory, name, chain, work);
}

int main(int argc, char **argv)
{
    static const struct workshop_order orders[] = {
        {.name = "root", .basic = WORKSHOP_AUTHORITY},
        {.name = "server",
         .usage = "serverAuth",
         .alternatives = "DNS:a.example.test,IP:127.0.0.1"},
        {.name = "alice", .usage = "clientAuth"},
    };
    struct work works[3] = {{NULL, NULL}};
    if (argc != 2) {
        fprintf(stderr, "usage: certify DIRECTORY\n");
        return 2;
    }
    for (int i = 0; i < 3; i++) {
        works[i] = workshop_make(&orders[i], i > 0 ? &works[0] : NULL);
        certify_save(argv[1], orders[i].name, &works[i]);
    }
    struct work other = workshop_make(
        &(struct workshop_order){.name = "other", .basic = WORKSHOP_AUTHORITY},
        NULL);
    certify_save(argv[1], "other", &other);
    workshop_free(&other);
    for (int i = 0; i < 3; i++)
        workshop_free(&works[i]);
    return 0;
}
