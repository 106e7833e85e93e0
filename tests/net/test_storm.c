/*
 * test_storm.c - clients and servers that are cut, reset, timed out and left
 *
 * A conductor starts clients of an echo server at random, cancels and stops
 * them at random, and forks now and then; both sides do to each other what
 * peers do. Meanwhile memory is refused, system calls and operations fail or
 * are short, and on io_uring requests find the queue full and cancels come
 * late. What a client reads must be what it has written, and in the end
 * nothing may be left.
 *
 * A short one in ./go test, FERMATA_SOAK seconds of it, or a minute, in ./go
 * soak. Seeds are for the choices; in the simulated world for everything.
 */
#include "harness.h"

#include "base/fault.h"
#include "loop/sim.h"

#include <errno.h>
#include <fermata.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STORM_CLIENTS 48
#define STORM_PATTERN 100003
#define STORM_UNREAD 50000 /* bytes that a client leaves on their way */
#define STORM_MINUTE 60
#define STORM_PATIENCE 3600 /* seconds: only what hangs takes so long */

struct storm {
    uint64_t chance;
    long rounds;
    long seconds; /* 0: only rounds count */
    bool ending;
    bool flushes;          /* and so hears at once of a write that fails */
    fm_listener *listener; /* NULL: there is none now */
    char address[FM_ADDRESS_TEXT];
    fm_task *clients[STORM_CLIENTS];
    bool over[STORM_CLIENTS]; /* they have ended */
    unsigned long connected, echoed, reset, timed_out, cancelled, servers;
    unsigned long stuck; /* calls that took all of the patience */
};

static struct storm storm;
static struct fm__fault_plan storm_plan;
static char storm_bytes[2 * STORM_PATTERN];

static uint64_t storm_draw(uint64_t below)
{
    return (test_random(&storm.chance) >> 8) % below;
}

/* Short enough to come between anything; sometimes none. */
static double storm_span(void)
{
    static const double spans[] = {0, 1e-6, 1e-5, 1e-4, 1e-3};
    return spans[storm_draw(5)] * (test_simulated() ? 10 : 1);
}

/* ---- A client ----------------------------------------------------------- */

struct storm_talk {
    fm_stream *stream;
    uint64_t sent;
    uint64_t got;
};

static ssize_t storm_write(struct storm_talk *talk)
{
    uint64_t unread = talk->sent - talk->got;
    if (unread >= STORM_UNREAD)
        return 0;
    size_t size = 1 + storm_draw(storm_draw(4) > 0 ? 200 : 40000);
    if (size > STORM_UNREAD - unread)
        size = STORM_UNREAD - unread;
    ssize_t n =
        fm_write(talk->stream, storm_bytes + talk->sent % STORM_PATTERN, size);
    talk->sent += n > 0 ? (uint64_t)n : 0;
    return n;
}

static int storm_flush(fm_stream *stream)
{
    return storm.flushes ? fm_flush(stream) : 0;
}

static void storm_heard(struct storm_talk *talk, const void *bytes, size_t size)
{
    CHECK(size <= talk->sent - talk->got);
    CHECK(memcmp(bytes, storm_bytes + talk->got % STORM_PATTERN, size) == 0);
    talk->got += size;
    storm.echoed += size;
}

static ssize_t storm_peek(struct storm_talk *talk, size_t size)
{
    const void *there;
    ssize_t n = fm_peek(talk->stream, size, &there);
    if (n > 0) {
        storm_heard(talk, there, (size_t)n);
        fm_consume(talk->stream, (size_t)n);
    }
    return n;
}

static ssize_t storm_read(struct storm_talk *talk)
{
    char bytes[3000];
    uint64_t unread = talk->sent - talk->got;
    size_t size = unread < sizeof bytes ? (size_t)unread : sizeof bytes;
    if (size == 0)
        return 1;
    size = 1 + storm_draw(size);
    uint64_t how = storm_draw(3);
    if (how == 0)
        return storm_peek(talk, size);
    ssize_t n = how == 1 ? fm_read(talk->stream, bytes, size)
                         : fm_read_exactly(talk->stream, bytes, size);
    if (n > 0)
        storm_heard(talk, bytes, (size_t)n);
    return n;
}

/* Something, with little time for it now and then. */
static int storm_say(struct storm_talk *talk)
{
    ssize_t n = 0;
    int rc = 0;
    bool hasty = storm_draw(4) == 0;
    double span = hasty ? storm_span() : STORM_PATIENCE;
    bool writes = storm_draw(2) == 0;
    FM_TIMEOUT(span, rc) {
        n = writes ? storm_write(talk) : storm_flush(talk->stream);
        if (!writes && n == 0)
            n = storm_read(talk);
        rc = n < 0 ? (int)n : 0;
    }
    if (rc == -ETIMEDOUT) {
        storm.timed_out++;
        storm.stuck += !hasty;
        return 0;
    }
    return n == 0 && !writes ? -FM_EEOF : rc;
}

/* Reads to the end; all that was written must have come, if it ends well. */
static int storm_half_close(struct storm_talk *talk)
{
    char bytes[5000];
    ssize_t n = fm_write_eof(talk->stream);
    while (n >= 0 && (n = fm_read(talk->stream, bytes, sizeof bytes)) > 0)
        storm_heard(talk, bytes, (size_t)n);
    return (int)n;
}

static int storm_part(struct storm_talk *talk, int rc)
{
    storm.reset += rc == -ECONNRESET || rc == -EPIPE || rc == -FM_EEOF;
    storm.cancelled += rc == -ECANCELED;
    switch (storm_draw(4)) {
    case 0:
        fm_abort(talk->stream);
        return rc;
    case 1:
        if (rc == 0)
            rc = storm_half_close(talk);
        break;
    case 2:
        FM_SHIELD(0.001) {
            (void)fm_sleep(storm_span());
        }
        break;
    default:
        break;
    }
    (void)fm_close(talk->stream);
    return rc;
}

static int storm_converse(void)
{
    struct storm_talk talk = {0};
    int rc = 0;
    bool hasty = storm_draw(8) == 0;
    FM_TIMEOUT(hasty ? storm_span() : STORM_PATIENCE, rc) {
        rc = storm.listener != NULL ? fm_connect(storm.address, &talk.stream)
                                    : -ECONNREFUSED;
    }
    storm.stuck += rc == -ETIMEDOUT && !hasty;
    if (rc < 0)
        return rc;
    storm.connected++;
    for (uint64_t i = storm_draw(30); rc == 0 && i > 0; i--)
        rc = storm_say(&talk);
    return storm_part(&talk, rc);
}

struct storm_client {
    unsigned index;
};

static int storm_client(struct storm_client *self)
{
    unsigned index = self->index;
    int rc = storm_converse();
    storm.over[index] = true;
    return rc;
}

/* ---- The server --------------------------------------------------------- */

static int storm_echo(fm_stream *client, void *arg)
{
    char bytes[4000];
    ssize_t n = 1;
    (void)arg;
    while (n > 0) {
        int rc = 0;
        FM_TIMEOUT(storm_draw(16) == 0 ? storm_span() : INFINITY, rc) {
            n = fm_read(client, bytes, 1 + storm_draw(sizeof bytes));
            rc = n < 0 ? (int)n : 0;
        }
        if (rc == -ETIMEDOUT && n != -ECANCELED)
            n = 1;
        else if (n > 0)
            n = fm_write(client, bytes, (size_t)n);
        if (n > 0 && storm_flush(client) < 0)
            return -EPIPE;
        if (storm_draw(200) == 0)
            return -ECANCELED;
    }
    return (int)n;
}

static void storm_forget(fm_stream *client, int result, void *arg)
{
    (void)client;
    (void)result;
    (void)arg;
}

static int storm_serve(void)
{
    const fm_serve_options options = {
        .limit = STORM_CLIENTS / 2, .grace = 0.05, .on_error = storm_forget};
    fm_listener *listener;
    int rc = fm_listen("127.0.0.1:0", &listener);
    if (rc < 0)
        return rc;
    fm_address_format(fm_listener_address(listener), storm.address);
    storm.listener = listener;
    storm.servers++;
    rc = fm_serve(listener, storm_echo, NULL, &options);
    storm.listener = NULL;
    return rc;
}

/* An accept that fails for good ends a server: there is a next one. */
static int storm_servers(void)
{
    while (!storm.ending) {
        int rc = storm_serve();
        if (rc == -ECANCELED)
            return rc;
        (void)fm_sleep(storm_span());
    }
    return 0;
}

/* ---- The conductor ------------------------------------------------------ */

/* What goes wrong from now on, besides. Who does not flush waits for an answer
 * to what was lost: then nothing may be. */
static void storm_turn_weather(void)
{
    static const int errors[] = {-ECONNRESET, -EPIPE, -ENOBUFS, -ENOMEM};
    storm_plan.error = errors[storm_draw(4)];
    storm_plan.shorten = storm_draw(2) == 0;
    unsigned failures = storm.flushes ? 5 : 1;
    storm_plan.often[FM__DOOR_OPERATION] =
        (unsigned)storm_draw(storm_plan.shorten ? 300 : failures);
    storm_plan.often[FM__DOOR_MEMORY] = (unsigned)storm_draw(failures);
    storm_plan.often[FM__DOOR_SYSTEM] = (unsigned)storm_draw(failures);
    storm_plan.often[FM__DOOR_REQUEST] = (unsigned)storm_draw(200);
    storm_plan.often[FM__DOOR_CANCEL] = (unsigned)storm_draw(800);
}

/* The child has none of the loop: it only ends. */
static void storm_fork(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    int status = -1;
    waitpid(pid, &status, 0);
    CHECK_INT(status, 0);
}

static void storm_stop(unsigned index)
{
    if (storm.clients[index] != NULL)
        (void)fm_stop(storm.clients[index]);
    storm.clients[index] = NULL;
}

static void storm_start(unsigned index)
{
    storm_stop(index);
    storm.over[index] = false;
    storm.clients[index] = fm_go(storm_client, index);
}

static void storm_stir(void)
{
    unsigned index = (unsigned)storm_draw(STORM_CLIENTS);
    bool idle = storm.clients[index] == NULL || storm.over[index];
    switch (idle ? 0 : storm_draw(8)) {
    case 0:
        storm_start(index);
        break;
    case 1:
        (void)fm_cancel(storm.clients[index]);
        break;
    default:
        break;
    }
}

static bool storm_goes_on(long round, time_t began)
{
    if (storm.seconds == 0)
        return round < storm.rounds;
    return time(NULL) - began < storm.seconds;
}

/* Nothing goes wrong any more: whoever is left comes to an end by himself. */
static void storm_clear(void)
{
    memset(storm_plan.often, 0, sizeof storm_plan.often);
    for (unsigned i = 0; i < STORM_CLIENTS; i++) {
        if (storm.clients[i] != NULL)
            (void)fm_await(storm.clients[i]);
    }
    CHECK_INT(storm.stuck, 0);
}

static int storm_conduct(void *arg)
{
    (void)arg;
    time_t began = time(NULL);
    fm_task *servers = fm_go(storm_servers);
    for (long round = 0; storm_goes_on(round, began); round++) {
        if (round % 64 == 0)
            storm_turn_weather();
        if (round % 4096 == 4000)
            storm_fork();
        storm_stir();
        if (storm_draw(3) == 0)
            (void)fm_sleep(storm_span());
    }
    storm_clear();
    storm.ending = true;
    if (storm.listener != NULL)
        fm_serve_stop(storm.listener);
    return fm_await(servers);
}

/* What comes of all this is reported, and nobody has to hear it. */
static void storm_reported(const fm_report *report, void *arg)
{
    (void)arg;
    CHECK(report->kind != FM_REPORT_LEFT_OPEN);
}

static void storm_run(uint64_t seed, long rounds, long seconds)
{
    static const struct fm__sim_options unkind = {.errors = 10};
    const fm_run_options options = {.seed = seed, .on_report = storm_reported};
    storm = (struct storm){.chance = seed,
                           .rounds = rounds,
                           .seconds = seconds,
                           .flushes = seed % 2 == 1};
    storm_plan = (struct fm__fault_plan){
        .spare_waits = true, .chance = seed, .small_ring = seed / 2 % 2 == 0};
    fm__sim_options = &unkind;
    fm__fault_plan = &storm_plan;
    int rc = fm_run(storm_conduct, NULL, &options);
    fm__fault_plan = NULL;
    fm__sim_options = NULL;
    CHECK_INT(rc, 0);
}

static void storm_compose(void)
{
    uint64_t state = 7;
    for (size_t i = 0; i < STORM_PATTERN; i++)
        storm_bytes[i] = storm_bytes[i + STORM_PATTERN] =
            (char)test_random(&state);
}

static void storm_tell(uint64_t seed)
{
    printf("# seed %llu: %lu connections of %lu servers, %lu bytes echoed, "
           "%lu resets, %lu timeouts, %lu cancels\n",
           (unsigned long long)seed, storm.connected, storm.servers,
           storm.echoed, storm.reset, storm.timed_out, storm.cancelled);
}

static long storm_seconds(void)
{
    const char *asked = getenv("FERMATA_SOAK");
    if (asked == NULL)
        return 0;
    return strcmp(asked, "full") == 0 ? STORM_MINUTE : strtol(asked, NULL, 10);
}

/* Some with small queues, some with large ones. */
TEST(a_storm_of_cuts_and_resets_leaves_nothing_behind)
{
    long seconds = storm_seconds();
    uint64_t first = test_seed(1), seeds = test_simulated() ? 8 : 4;
    long rounds = (long)test_many(2000);
    unsigned long echoed = 0;
    storm_compose();
    seeds = getenv("FERMATA_SEED") != NULL ? 1 : seeds;
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        printf("# replay: FERMATA_BACKEND=%s FERMATA_SEED=%llu %s\n",
               test_backend(), (unsigned long long)seed,
               program_invocation_name);
        storm_run(seed, rounds, seconds / (long)seeds);
        storm_tell(seed);
        echoed += storm.echoed;
    }
    CHECK(echoed > 0);
}
