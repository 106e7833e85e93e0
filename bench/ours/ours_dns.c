/*
 * ours_dns.c - Fermata: COUNT tasks that look up names, each another one
 *
 * ours_dns BACKEND COUNT PORT
 */
#include "measure.h"
#include <fermata.h>

enum {
    DNS_ANSWERS = 10000
};

struct lookups {
    size_t mine;
};

static size_t count;
static const char *port;
static fm_task **tasks;
static unsigned serial;
static fm_resolver *resolver;

static int lookups(struct lookups *args)
{
    const fm_resolve_options options = {resolver, AF_INET};
    char name[32];
    fm_address found;
    int rc = 1;

    for (size_t i = 0; i < args->mine && rc == 1; i++) {
        snprintf(name, sizeof name, "n%u.example.", serial++);
        rc = fm_resolve(name, 80, &found, 1, &options);
    }
    return rc == 1 ? 0 : rc < 0 ? rc : -EIO;
}

static void dns_answers(void)
{
    for (size_t i = 0; i < count; i++)
        tasks[i] = fm_go(lookups, (DNS_ANSWERS + i) / count);
    if (fm_gather_array(tasks, count, NULL) != 0)
        exit(1);
}

static int dns_main(void *arg)
{
    char name[32], server[32];

    (void)arg;
    snprintf(server, sizeof server, "127.0.0.1:%s", port);
    const fm_resolver_options options = {
        .servers = server, .hosts = "", .cache_limit = -1};
    int rc = fm_resolver_new(&resolver, &options);
    if (rc < 0)
        return rc;
    snprintf(name, sizeof name, "%zu", count);
    measure("dns", name, DNS_ANSWERS, dns_answers);
    fm_resolver_free(resolver);
    return 0;
}

int main(int argc, char **argv)
{
    fm_run_options options = {.backend = argc > 1 ? argv[1] : NULL};

    if (argc < 4)
        return 2;
    count = measure_argument(argc, argv, 2, 1);
    port = argv[3];
    tasks = calloc(count, sizeof(fm_task *));
    int rc = fm_run(dns_main, NULL, &options);
    free(tasks);
    return rc < 0;
}
