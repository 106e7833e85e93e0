/*
 * test_crowd.c - very many connections, and very many one after the other
 *
 * The clients of the crowd are plain sockets in a forked process, so that
 * each process has its own descriptors. A short run in ./go test; in ./go soak
 * 19,000 connections, as far as the limit of descriptors allows, and an hour
 * of churn, or FERMATA_SOAK seconds.
 */
#include "harness.h"

#include "base/fault.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fermata.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CROWD_FULL 19000
#define CROWD_SHORT 1000
#define CROWD_SPARE 200   /* descriptors for all else */
#define CROWD_BYTES 12288 /* resident, that a connection may cost */
#define CHURN_HOUR 3600
#define CHURN_SHORT 2 /* seconds */
#define CHURN_WARM 4  /* of the rounds are not compared */
#define CHURN_CLIENTS 50
#define CHURN_PATIENCE 1500 /* looks, in half a minute */
#define CHURN_GROWTH 4096   /* KiB that the process may grow after that */

static bool soaking(void)
{
    return getenv("FERMATA_SOAK") != NULL;
}

/* A tool keeps what was freed for a while, and more beside it. */
static bool memory_is_ours(void)
{
    return !test_under_asan() && !test_under_tsan() && !test_under_valgrind();
}

static long resident(void)
{
    long size = 0, pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%ld %ld", &size, &pages) != 2)
        pages = 0;
    if (file != NULL)
        fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

static int echo(fm_stream *client, void *count)
{
    char bytes[100];
    ssize_t n;
    ++*(size_t *)count;
    while ((n = fm_read(client, bytes, sizeof bytes)) > 0) {
        n = fm_write(client, bytes, (size_t)n);
        if (n < 0)
            break;
    }
    return (int)n;
}

/* ---- The crowd ----------------------------------------------------------- */

/* Two pipes: what to do, and that it was done. */
struct crowd {
    size_t size;
    int orders[2];
    int answers[2];
    pid_t clients;
    size_t served;
};

static void crowd_answer(const struct crowd *crowd, bool good)
{
    char answer = good ? 'y' : 'n';
    if (write(crowd->answers[1], &answer, 1) != 1)
        _exit(1);
}

/* From one of several addresses: a search for a free port takes long where
 * most are taken. */
static int crowd_socket(size_t index)
{
    struct sockaddr_in from = {.sin_family = AF_INET};
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + (in_addr_t)index % 16);
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&from, sizeof from) < 0)
        return -1;
    return fd;
}

static bool crowd_connect(int *fds, size_t size, uint16_t port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (size_t i = 0; i < size; i++) {
        fds[i] = crowd_socket(i);
        if (fds[i] < 0 ||
            connect(fds[i], (struct sockaddr *)&at, sizeof at) < 0)
            return false;
    }
    return true;
}

static bool crowd_speak(const int *fds, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char said = (char)i, heard = 0;
        if (write(fds[i], &said, 1) != 1 || read(fds[i], &heard, 1) != 1 ||
            heard != said)
            return false;
    }
    return true;
}

/* The other process: connects, waits, speaks once each, and leaves. */
static void crowd_be_clients(const struct crowd *crowd)
{
    uint16_t port;
    char order;
    int *fds = calloc(crowd->size, sizeof *fds);
    if (fds == NULL ||
        read(crowd->orders[0], &port, sizeof port) != sizeof port)
        _exit(1);
    crowd_answer(crowd, crowd_connect(fds, crowd->size, port));
    if (read(crowd->orders[0], &order, 1) != 1)
        _exit(1);
    crowd_answer(crowd, crowd_speak(fds, crowd->size));
    _exit(0);
}

/* Until the clients have answered; others run meanwhile. */
static bool crowd_answered(const struct crowd *crowd)
{
    char answer = 'n';
    if (fm_wait_fd(crowd->answers[0], FM_READABLE) < 0 ||
        read(crowd->answers[0], &answer, 1) != 1)
        return false;
    return answer == 'y';
}

struct crowd_serve {
    fm_listener *listener;
    size_t *served;
};

static int crowd_serve(struct crowd_serve *self)
{
    const fm_serve_options options = {.limit = CROWD_FULL};
    return fm_serve(self->listener, echo, self->served, &options);
}

static void crowd_measure(const struct crowd *crowd, long before,
                          uint64_t heap_before)
{
    uint64_t heap = fm__atomic_load(&fm__ledger[FM__HELD_BYTES]) - heap_before;
    long each = (resident() - before) / (long)crowd->size;
    printf("# %zu connections: %ld bytes resident for each, %llu of them of "
           "the heap\n",
           crowd->size, each, (unsigned long long)heap / crowd->size);
    CHECK(each < CROWD_BYTES || !memory_is_ours());
}

static int crowd_run(void *arg)
{
    struct crowd *crowd = arg;
    fm_listener *listener;
    long before = resident();
    uint64_t heap = fm__atomic_load(&fm__ledger[FM__HELD_BYTES]);
    int rc = fm_listen("127.0.0.1:0", &listener);
    CHECK_INT(rc, 0);
    uint16_t port = (uint16_t)fm_address_port(fm_listener_address(listener));
    fm_task *server = fm_go(crowd_serve, listener, &crowd->served);
    CHECK(write(crowd->orders[1], &port, sizeof port) == sizeof port);
    CHECK(crowd_answered(crowd));
    while (crowd->served < crowd->size && rc == 0)
        rc = fm_sleep(0.01);
    crowd_measure(crowd, before, heap);
    CHECK(write(crowd->orders[1], "!", 1) == 1);
    CHECK(crowd_answered(crowd));
    fm_serve_stop(listener);
    return fm_await(server);
}

/* As many as the limit allows, which is raised as far as it may be. */
static size_t crowd_size(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    size_t size = soaking() ? CROWD_FULL : test_many(CROWD_SHORT);
    if (limit.rlim_cur < size + CROWD_SPARE)
        size = (size_t)limit.rlim_cur - CROWD_SPARE;
    return size;
}

TEST(idle_connections_cost_little_and_all_are_served)
{
    struct crowd crowd = {.size = crowd_size()};
    int status = -1;
    CHECK(pipe(crowd.orders) == 0 && pipe(crowd.answers) == 0);
    crowd.clients = fork();
    if (crowd.clients == 0)
        crowd_be_clients(&crowd);
    CHECK_INT(fm_run(crowd_run, &crowd), 0);
    waitpid(crowd.clients, &status, 0);
    CHECK_INT(status, 0);
    CHECK_INT(crowd.served, crowd.size);
    for (int i = 0; i < 2; i++) {
        close(crowd.orders[i]);
        close(crowd.answers[i]);
    }
}

/* ---- Churn --------------------------------------------------------------- */

struct churn {
    long seconds;
    char address[FM_ADDRESS_TEXT];
    size_t served;
    unsigned long rounds;
    long memory; /* KiB, once warm */
    uint64_t held[FM__HELD_KINDS];
};

struct churn_client {
    const struct churn *churn;
    unsigned kind;
};

static int churn_client(struct churn_client *self)
{
    fm_stream *server;
    char said[300] = "hold here", heard[300];
    ssize_t n = 0;
    int rc = fm_connect(self->churn->address, &server);
    if (rc < 0)
        return rc;
    for (int i = 0; n >= 0 && i < 5; i++) {
        n = fm_write(server, said, sizeof said);
        if (n >= 0)
            n = fm_read_exactly(server, heard, sizeof heard);
    }
    CHECK_INT(n, sizeof heard);
    if (self->kind % 3 > 0)
        return fm_close(server);
    fm_abort(server);
    return 0;
}

static int churn_round(const struct churn *churn)
{
    int rc;
    FM_GROUP(group, rc) {
        for (unsigned i = 0; rc == 0 && i < CHURN_CLIENTS; i++)
            rc = fm_group_go(group, churn_client, churn, i);
    }
    return rc;
}

/* Nothing is held but what was after the first rounds. */
static void churn_compare(const struct churn *churn)
{
    for (unsigned kind = 0; kind < FM__HELD_KINDS; kind++) {
        uint64_t held = fm__atomic_load(&fm__ledger[kind]);
        if (held > churn->held[kind])
            test_fail(__FILE__, __LINE__, "%s have grown by %llu",
                      fm__held_name((enum fm__held)kind),
                      (unsigned long long)(held - churn->held[kind]));
    }
}

static void churn_note(struct churn *churn)
{
    churn->memory = resident() / 1024;
    for (unsigned kind = 0; kind < FM__HELD_KINDS; kind++)
        churn->held[kind] = fm__atomic_load(&fm__ledger[kind]);
}

static bool churn_has_grown(const struct churn *churn)
{
    for (unsigned kind = 0; kind < FM__HELD_KINDS; kind++) {
        if (fm__atomic_load(&fm__ledger[kind]) > churn->held[kind])
            return true;
    }
    return false;
}

/* Those who were served leave a little later, however slow the machine is. */
static int churn_look(struct churn *churn)
{
    int rc = fm_sleep(0.02);
    if (churn->rounds == CHURN_WARM)
        churn_note(churn);
    if (churn->rounds <= CHURN_WARM)
        return rc;
    for (int i = 0; rc == 0 && i < CHURN_PATIENCE && churn_has_grown(churn);
         i++)
        rc = fm_sleep(0.02);
    churn_compare(churn);
    return rc;
}

static int churn_run(void *arg)
{
    struct churn *churn = arg;
    fm_listener *listener;
    time_t began = time(NULL);
    int rc = fm_listen("127.0.0.1:0", &listener);
    CHECK_INT(rc, 0);
    fm_address_format(fm_listener_address(listener), churn->address);
    fm_task *server = fm_go(crowd_serve, listener, &churn->served);
    while (rc == 0 && (churn->rounds <= CHURN_WARM ||
                       time(NULL) - began < churn->seconds)) {
        for (int i = 0; rc == 0 && i < 5; i++)
            rc = churn_round(churn);
        churn->rounds++;
        if (rc == 0)
            rc = churn_look(churn);
    }
    CHECK(resident() / 1024 - churn->memory <= CHURN_GROWTH ||
          !memory_is_ours());
    fm_serve_stop(listener);
    int ended = fm_await(server);
    return rc < 0 ? rc : ended;
}

TEST(connections_that_come_and_go_leave_memory_and_descriptors_flat)
{
    struct churn churn = {.seconds = CHURN_SHORT};
    const char *asked = getenv("FERMATA_SOAK");
    if (asked != NULL)
        churn.seconds =
            strcmp(asked, "full") == 0 ? CHURN_HOUR : strtol(asked, NULL, 10);
    CHECK_INT(fm_run(churn_run, &churn), 0);
    printf("# %zu connections, %ld KiB resident when warm, %ld at the end\n",
           churn.served, churn.memory, resident() / 1024);
}
