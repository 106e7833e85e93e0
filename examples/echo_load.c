/*
 * echo_load.c - many clients of an echo server at once, and how long they wait
 *
 *   echo_load ADDRESS [CLIENTS [SECONDS]]     else 1000 clients, 3 seconds
 *
 * Each client is a task: it says 64 bytes, waits for them to come back, and
 * says them again. What it counts begins when all are connected.
 */
#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum {
    MESSAGE = 64,
    /* Of the histogram: 32 slots for each doubling, from 1 ns on. */
    SLOTS = 64 * 32
};

struct load {
    const char *address;
    size_t clients;
    double seconds;
    size_t connected;
    int64_t begin; /* of what is counted; 0: not yet */
    int64_t end;
    uint64_t answers;
    uint64_t slots[SLOTS]; /* answers by how long they took */
};

/* ---- How long it took ---------------------------------------------------- */

static size_t slot_of(uint64_t nanoseconds)
{
    if (nanoseconds < 32)
        return nanoseconds;
    unsigned shift = 58 - (unsigned)__builtin_clzll(nanoseconds);
    return shift * 32 + (nanoseconds >> shift);
}

static double milliseconds_of(size_t slot)
{
    if (slot < 64)
        return (double)slot * 1e-6;
    size_t shift = slot / 32 - 1;
    return (double)((slot % 32 + 32) << shift) * 1e-6;
}

static double within(const struct load *load, double share)
{
    uint64_t wanted = (uint64_t)((double)load->answers * share);
    uint64_t seen = 0;
    size_t slot = 0;
    while (slot + 1 < SLOTS && (seen += load->slots[slot]) <= wanted)
        slot++;
    return milliseconds_of(slot);
}

/* ---- Clients ------------------------------------------------------------- */

static int ask(struct load *load, fm_stream *server)
{
    char message[MESSAGE] = "again", answer[MESSAGE];
    int64_t asked = fm_now();
    ssize_t n = fm_write(server, message, sizeof message);
    if (n >= 0)
        n = fm_read_exactly(server, answer, sizeof answer);
    if (n < 0)
        return (int)n;
    if (load->begin == 0 || asked < load->begin)
        return 0;
    load->answers++;
    load->slots[slot_of((uint64_t)(fm_now() - asked))]++;
    return 0;
}

/* [client] */
struct client {
    struct load *load;
};

static int client(struct client *self)
{
    struct load *load = self->load;
    fm_stream *server;
    int rc = fm_connect(load->address, &server);
    if (rc < 0)
        return rc;
    if (++load->connected == load->clients) {
        load->begin = fm_now();
        load->end = load->begin + (int64_t)(load->seconds * 1e9);
    }
    while (rc == 0 && (load->end == 0 || fm_now() < load->end))
        rc = ask(load, server);
    fm_abort(server); /* no connection is left to linger */
    return rc;
}
/* [/client] */

/* [crowd] */
static int crowd(void *arg)
{
    struct load *load = arg;
    int rc;
    FM_GROUP(g, rc) {
        for (size_t i = 0; rc == 0 && i < load->clients; i++)
            rc = fm_group_go(g, client, load);
    }
    return rc;
}
/* [/crowd] */

/* ---- The rest ------------------------------------------------------------ */

/* 1234567 as 1,234,567; at most 20 digits. */
static const char *commas(uint64_t number, char text[32])
{
    char digits[32];
    int count =
        snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    char *to = text;
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return text;
}

static void print(const struct load *load)
{
    char clients[32], rate[32];
    printf("%9s %13s %15s %15s\n", "clients", "answers/s", "half within",
           "99% within");
    printf("%9s %13s %12.2f ms %12.2f ms\n", commas(load->clients, clients),
           commas((uint64_t)((double)load->answers / load->seconds), rate),
           within(load, 0.5), within(load, 0.99));
}

/* A descriptor for each client: as many as the system lets us have. */
static void raise_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
    static struct load load = {.clients = 1000, .seconds = 3};
    if (argc < 2) {
        fprintf(stderr, "usage: echo_load ADDRESS [CLIENTS [SECONDS]]\n");
        return 2;
    }
    load.address = argv[1];
    if (argc > 2)
        load.clients = strtoul(argv[2], NULL, 10);
    if (argc > 3)
        load.seconds = strtod(argv[3], NULL);
    raise_limit();
    int rc = fm_run(crowd, &load);
    if (rc == -EMFILE) {
        fprintf(stderr, "no descriptors for %zu clients: see ulimit -Hn\n",
                load.clients);
        return 1;
    }
    if (rc < 0) {
        fprintf(stderr, "echo_load: %s\n", fm_strerror(rc));
        return 1;
    }
    print(&load);
    return 0;
}
