/*
 * load.c - what one request costs an echo server, and how long it takes
 *
 * load BENCH CASE [SETTING...] {-- NAME SERVER [ARGUMENT...]}...
 *      connections=64 size=64 requests=0 rounds=5 slice=0.1 spin datagrams
 *      tls resume ws h2 events path=/x coding=gzip pipeline=1
 *
 * All servers run on the first processor that we may use, and say "listening
 * PORT", or of a local socket "listening PATH" or "listening @NAME"; they are
 * ended with SIGTERM. We are on the last processor. Only one
 * server is asked at a time, for a slice of seconds, then the next, in an
 * order that changes with every round: a machine that is slower now than it
 * was is so for all of them.
 *
 * Every client sends a request, waits for an answer of the same size, and
 * sends the next. With a path that is a GET by HTTP/1.1, and the size that of
 * the answer's body, before it was coded; `pipeline` are sent at once, and as
 * many answers awaited.
 * With h2 it is by HTTP/2, on so many streams, each of which is followed by
 * another one when its answer has come.
 * With events the clients GET /events, and another one GETs /tick, which is to
 * send an event of that size to all of them: each is an answer, and its time
 * is that since the tick was asked for.
 * A line is `BENCH NAME CASE/FIGURE VALUE`:
 *   server   processor time of an answer, us; one line a round
 *   machine  the same of all processors; thousands of
 *   rate     answers a second; how much of its processor the
 *   busy     server used; microseconds within which
 *   p50 p99 p99.9   that part of the answers came; and the
 *   calls    system calls for an answer, counted in a slice of their own
 *   memory   MiB of the server at the end
 */
#include "load.h"
#include <sys/resource.h>

enum {
    LOAD_SERVERS = 32
};

struct target {
    const char *name;
    pid_t server;
    struct load_clients clients;
    double answers, wall, busy, machine; /* sums of its slices */
};

static const int64_t load_lead_in = INT64_C(10000000);
static const int load_lead_ins = 10; /* at most */
static const int64_t load_warm_up = INT64_C(100000000);

static const char *bench, *which;
static struct load load = {.connections = 64, .size = 64, .pipeline = 1};
static size_t rounds = 5;
static int64_t slice = INT64_C(100000000);
static struct target *targets[LOAD_SERVERS];
static size_t count;

static _Noreturn void load_usage(const char *word)
{
    fprintf(stderr,
            "load BENCH CASE [SETTING...] {-- NAME SERVER...}...\n"
            "not: %s\n",
            word);
    exit(2);
}

static void load_setting(const char *word)
{
    const char *value = strchr(word, '=');
    size_t number = value != NULL ? strtoul(value + 1, NULL, 10) : 0;

    if (strncmp(word, "connections=", 12) == 0)
        load.connections = number;
    else if (strncmp(word, "size=", 5) == 0)
        load.size = number;
    else if (strncmp(word, "requests=", 9) == 0)
        load.requests = number;
    else if (strncmp(word, "path=", 5) == 0)
        load.path = word + 5;
    else if (strncmp(word, "coding=", 7) == 0)
        load.coding = word + 7;
    else if (strncmp(word, "pipeline=", 9) == 0)
        load.pipeline = number;
    else if (strncmp(word, "rounds=", 7) == 0)
        rounds = number;
    else if (strncmp(word, "slice=", 6) == 0)
        slice = (int64_t)(strtod(word + 6, NULL) * 1e9);
    else if (strcmp(word, "spin") == 0)
        load.spin = true;
    else if (strcmp(word, "datagrams") == 0)
        load.datagrams = true;
    else if (strcmp(word, "tls") == 0)
        load.tls = true;
    else if (strcmp(word, "h2") == 0)
        load.h2 = true;
    else if (strcmp(word, "ws") == 0)
        load.ws = true;
    else if (strcmp(word, "events") == 0)
        load.events = true;
    else if (strcmp(word, "resume") == 0)
        load.resume = true;
    else
        load_usage(word);
}

static void load_print(const struct target *target, const char *figure,
                       double value)
{
    printf("%s %s %s/%s %.4f\n", bench, target->name, which, figure, value);
}

/* Says why it is out; the others go on. */
static bool target_failed(const struct target *target, const char *why)
{
    if (why != NULL)
        printf("failed %s %s\n", target->name, why);
    return why != NULL;
}

static void target_start(const char *name, char **command)
{
    struct target *target = calloc(1, sizeof *target);
    struct load_place place;

    if (target == NULL || count == LOAD_SERVERS)
        load_usage(name);
    target->name = name;
    target->server = load_server_start(command, &place);
    if (target->server < 0) {
        target_failed(target, "it did not listen");
        free(target);
        return;
    }
    targets[count++] = target;
    target->clients.since = INT64_MAX;
    load_clients_open(&target->clients, &load, &place);
    load_clients_run(&target->clients, measure_now() + load_warm_up);
}

/* Each "--" becomes the NULL at the end of the command before it. */
static void load_arguments(int argc, char **argv)
{
    int i = 3;

    if (argc < 6)
        load_usage("nothing");
    bench = argv[1];
    which = argv[2];
    for (; i < argc && strcmp(argv[i], "--") != 0; i++)
        load_setting(argv[i]);
    load_server_pin_us();
    while (i + 2 < argc) {
        char **begin = &argv[i + 1];
        for (i++; i < argc && strcmp(argv[i], "--") != 0;)
            i++;
        argv[i] = NULL;
        target_start(begin[0], begin + 1);
    }
}

/* Does not count: answers that have waited for us since we asked last. */
static void target_lead_in(struct target *target)
{
    struct load_clients *clients = &target->clients;
    size_t enough = clients->answers + 2 * load.connections;

    clients->since = INT64_MAX;
    for (int i = 0; i < load_lead_ins && clients->answers < enough; i++)
        load_clients_run(clients, measure_now() + load_lead_in);
}

static void target_measure(struct target *target)
{
    struct load_clients *clients = &target->clients;

    if (clients->failed != NULL)
        return;
    target_lead_in(target);
    size_t answers = clients->answers;
    int64_t begin = clients->since = measure_now();
    int64_t machine = load_machine_time();
    int64_t busy = load_server_time(target->server);
    load_clients_run(clients, begin + slice);
    double used = (double)(load_server_time(target->server) - busy);
    double given = (double)(clients->answers - answers);

    target->machine += (double)(load_machine_time() - machine);
    target->wall += (double)(measure_now() - begin);
    target->answers += given;
    target->busy += used;
    if (clients->failed == NULL && given > 0)
        load_print(target, "server", used / given / 1e3);
}

static void target_report(struct target *target)
{
    const struct load_clients *clients = &target->clients;
    double answers = target->answers;

    if (target_failed(target, clients->failed) || answers < 1)
        return;
    load_print(target, "machine", target->machine / answers / 1e3);
    load_print(target, "rate", answers / target->wall * 1e6);
    load_print(target, "busy", target->busy / target->wall * 100);
    load_print(target, "p50", load_times_within(clients->times, 0.5) / 1e3);
    load_print(target, "p99", load_times_within(clients->times, 0.99) / 1e3);
    load_print(target, "p99.9", load_times_within(clients->times, 0.999) / 1e3);
    load_print(target, "memory", load_server_memory(target->server) / 1048576);
}

static void target_count(struct target *target)
{
    struct load_clients *clients = &target->clients;

    target_lead_in(target);
    size_t before = clients->answers;
    if (clients->failed != NULL)
        return;
    int64_t window = load_calls_start(target->server);
    if (window == 0)
        return;
    load_clients_run(clients, measure_now() + window);
    double calls = load_calls_stop();
    double answers = (double)(clients->answers - before);
    if (answers > 0)
        load_print(target, "calls", calls / answers);
}

static void load_shuffle(void)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = measure_number() % i;
        struct target *target = targets[other];
        targets[other] = targets[i - 1];
        targets[i - 1] = target;
    }
}

/* Ours, and by it the servers': all that we may have. */
static void load_raise_limit(void)
{
    struct rlimit descriptors;

    getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    setrlimit(RLIMIT_NOFILE, &descriptors);
}

int main(int argc, char **argv)
{
    for (int64_t i = measure_now() % 64; i > 0; i--)
        measure_number(); /* the sequence is fixed: begin it somewhere */
    load_raise_limit();
    load_arguments(argc, argv);

    for (size_t round = 0; round < rounds; round++) {
        load_shuffle();
        for (size_t i = 0; i < count; i++)
            target_measure(targets[i]);
    }
    for (size_t i = 0; i < count; i++) {
        target_report(targets[i]);
        target_count(targets[i]);
    }
    for (size_t i = 0; i < count; i++)
        load_server_stop(targets[i]->server);
    return 0;
}
