/*
 * test_connect.c - connections that are made, refused, and given up
 */
#include "neighbours.h"

#include "net/race.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

STORY(a_connection_carries_bytes_both_ways)
{
    fm_stream *client, *server;
    fm_listener *listener = listen_here();
    meet(listener, &client, &server);
    check_says(client, server, "ping");
    check_says(server, client, "pong");
    part(client, server);
    CHECK_INT(fm_listener_close(listener), 0);
}

STORY(a_connection_outlives_its_listener)
{
    fm_stream *client, *server;
    fm_listener *listener = listen_here();
    meet(listener, &client, &server);
    CHECK_INT(fm_listener_close(listener), 0);
    check_says(client, server, "still there");
    part(client, server);
}

STORY(a_connect_is_done_before_anybody_accepts)
{
    fm_stream *client, *server;
    fm_listener *listener = listen_here();
    CHECK_INT(fm_connect(where(listener), &client), 0);
    CHECK_INT(fm_write(client, "early", 5), 5);
    CHECK_INT(fm_close(client), 0);
    CHECK_INT(fm_accept(listener, &server), 0);
    char heard[8];
    CHECK_INT(fm_read_exactly(server, heard, 5), 5);
    CHECK_INT(fm_read(server, heard, 5), 0);
    CHECK_INT(fm_close(server), 0);
    CHECK_INT(fm_listener_close(listener), 0);
}

STORY(a_connect_where_nobody_listens_is_refused)
{
    fm_stream *stream = NULL;
    fm_listener *listener = listen_here();
    const char *gone = where(listener);
    CHECK_INT(fm_listener_close(listener), 0);
    for (int i = 0; i < 3; i++)
        CHECK_INT(fm_connect(gone, &stream), -ECONNREFUSED);
    CHECK(stream == NULL);
}

STORY(a_connect_to_what_is_neither_address_nor_name_is_einval)
{
    static const char *const texts[] = {
        "",        "localhost",  "127.0.0.1",  "::1:80",
        ":80",     "host:65536", "host:",      "http://127.0.0.1:80",
        "[a]:80",  "192.0.2:80", "0x7f.1:80",  "192.0.2.256:80",
        ".b:80",   "a\r\nb:80",  "a b:80",     "*:80",
        "0x7f:80", "host:80 ",   "unknown:/x", "2130706433.:80",
    };
    fm_stream *stream = NULL;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        CHECK_INT(fm_connect(texts[i], &stream), -EINVAL);
    CHECK_INT(fm_connect("[fe80::1%no-such-one]:80", &stream), -ENODEV);
    CHECK(stream == NULL);
}

STORY(an_ipv6_connection_is_as_good)
{
    fm_listener *listener = NULL;
    fm_stream *client, *server;
    int rc = fm_listen("[::1]:0", &listener);
    if (rc == -EADDRNOTAVAIL || rc == -EAFNOSUPPORT)
        return; /* a machine without IPv6 */
    CHECK_INT(rc, 0);
    CHECK(strncmp(where(listener), "[::1]:", 6) == 0);
    meet(listener, &client, &server);
    check_says(client, server, "six");
    part(client, server);
    CHECK_INT(fm_listener_close(listener), 0);
}

/* ---- Names of the two ends ---------------------------------------------- */

static void check_same(int rc, const fm_address *one, const fm_address *other)
{
    char texts[2][FM_ADDRESS_TEXT];
    CHECK_INT(rc, 0);
    CHECK(strcmp(fm_address_format(one, texts[0]),
                 fm_address_format(other, texts[1])) == 0);
}

STORY(each_end_knows_its_own_and_its_peers_address)
{
    fm_stream *client, *server;
    fm_address own, theirs, mine;
    fm_listener *listener = listen_here();
    meet(listener, &client, &server);
    CHECK_INT(fm_stream_local(client, &own), 0);
    CHECK(fm_address_port(&own) > 0);
    CHECK(fm_address_port(&own) !=
          fm_address_port(fm_listener_address(listener)));
    check_same(fm_stream_peer(server, &theirs), &theirs, &own);
    check_same(fm_stream_local(server, &mine), &mine,
               fm_listener_address(listener));
    check_same(fm_stream_peer(client, &theirs), &theirs, &mine);
    part(client, server);
    CHECK_INT(fm_listener_close(listener), 0);
}

/* ---- Options ------------------------------------------------------------ */

static int option_of(const fm_stream *stream, int level, int name)
{
    int value = -1;
    socklen_t size = sizeof value;
    CHECK_INT(getsockopt(fm_stream_fd(stream), level, name, &value, &size), 0);
    return value;
}

/* Linux doubles what was asked for: socket(7). */
static void check_tuned(const fm_stream *stream, bool tuned)
{
    CHECK_INT(option_of(stream, IPPROTO_TCP, TCP_NODELAY) != 0, !tuned);
    CHECK_INT(option_of(stream, SOL_SOCKET, SO_KEEPALIVE) != 0, tuned);
    CHECK_INT(option_of(stream, SOL_SOCKET, SO_RCVBUF) == 2 * 30000, tuned);
    CHECK_INT(option_of(stream, SOL_SOCKET, SO_SNDBUF) == 2 * 40000, tuned);
}

STORY(both_ends_have_the_options_they_were_given)
{
    static const fm_stream_options all = {
        .nagle = true,
        .keepalive = true,
        .receive_buffer = 30000,
        .send_buffer = 40000,
    };
    const fm_listen_options options[2] = {{.reuse_port = false},
                                          {.stream = all}};
    const fm_connect_options tuning = {.stream = all};
    fm_stream *client, *server;
    for (int tuned = 0; tuned < 2; tuned++) {
        fm_listener *listener;
        CHECK_INT(fm_listen("127.0.0.1:0", &listener, &options[tuned]), 0);
        CHECK_INT(fm_connect(where(listener), &client, tuned ? &tuning : NULL),
                  0);
        CHECK_INT(fm_accept(listener, &server), 0);
        if (!test_simulated()) {
            check_tuned(client, tuned);
            check_tuned(server, tuned);
        }
        part(client, server);
        CHECK_INT(fm_listener_close(listener), 0);
    }
}

/* ---- From where, and by name -------------------------------------------- */

static void check_comes_from(fm_listener *listener, const char *source,
                             const char *begin)
{
    fm_stream *client = NULL, *server;
    fm_address peer;
    char text[FM_ADDRESS_TEXT];
    CHECK_INT(fm_connect(where(listener), &client,
                         &(fm_connect_options){.source = source}),
              0);
    CHECK_INT(fm_accept(listener, &server), 0);
    CHECK_INT(fm_stream_peer(server, &peer), 0);
    fm_address_format(&peer, text);
    CHECK(strncmp(text, begin, strlen(begin)) == 0);
    CHECK(fm_address_port(&peer) > 0);
    part(client, server);
}

STORY(a_connection_comes_from_where_it_was_asked_to)
{
    fm_listener *listener = listen_here();
    check_comes_from(listener, "127.0.0.9:0", "127.0.0.9:");
    check_comes_from(listener, "127.0.0.1:0", "127.0.0.1:");
    /* A port that nobody has at this address: the listener's own. */
    char source[32];
    snprintf(source, sizeof source, "127.0.0.9:%d",
             fm_address_port(fm_listener_address(listener)));
    check_comes_from(listener, source, source);
    CHECK_INT(fm_listener_close(listener), 0);
}

STORY(a_source_that_is_none_of_this_machine_is_refused)
{
    fm_stream *stream = NULL;
    fm_listener *listener = listen_here();
    if (!test_simulated())
        CHECK_INT(fm_connect(where(listener), &stream,
                             &(fm_connect_options){.source = "192.0.2.1:0"}),
                  -EADDRNOTAVAIL);
    CHECK_INT(fm_connect(where(listener), &stream,
                         &(fm_connect_options){.source = "nowhere"}),
              -EINVAL);
    CHECK(stream == NULL);
    CHECK_INT(fm_listener_close(listener), 0);
}

/* At the port of the listener nobody is at the other addresses. */
static int two_of_three_refuse(const char *host, int family,
                               struct fm__found *found)
{
    static const char *const all[] = {"127.0.0.2:0", "127.0.0.3:0",
                                      "127.0.0.1:0"};
    (void)host;
    if (family != AF_INET)
        return -FM_ENODATA;
    found->count = 3;
    for (int i = 0; i < 3; i++)
        CHECK_INT(fm_address_parse(all[i], &found->addresses[i]), 0);
    return 0;
}

STORY(of_many_addresses_the_one_that_answers_is_connected_to)
{
    fm_connect_failures failures;
    const fm_connect_options options = {.failures = &failures};
    fm_stream *client = NULL, *server;
    fm_listener *listener = listen_here();
    char address[32];
    snprintf(address, sizeof address, "some.example:%d",
             fm_address_port(fm_listener_address(listener)));
    fm__race_names = two_of_three_refuse;
    CHECK_INT(fm_connect(address, &client, &options), 0);
    CHECK_INT(failures.count, 2);
    for (int i = 0; i < 2; i++)
        CHECK_INT(failures.first[i].error, -ECONNREFUSED);
    CHECK_INT(fm_accept(listener, &server), 0);
    check_says(client, server, "the third");
    part(client, server);
    CHECK_INT(fm_listener_close(listener), 0);
    fm__race_names = NULL;
}

/* ---- Cuts --------------------------------------------------------------- */

/* A port whose queue of connections is full: who connects waits. */
struct busy {
    fm_listener *listener;
    int count;
    fm_stream *streams[200];
    int fds[3];
    char address[FM_ADDRESS_TEXT];
};

/* The kernel drops what comes when its queue is full, here after one. */
static void busy_open_real(struct busy *busy)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t size = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < 3; i++)
        busy->fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CHECK_INT(bind(busy->fds[0], (struct sockaddr *)&at, size), 0);
    CHECK_INT(listen(busy->fds[0], 0), 0);
    getsockname(busy->fds[0], (struct sockaddr *)&at, &size);
    for (int i = 1; i < 3; i++) {
        CHECK(connect(busy->fds[i], (struct sockaddr *)&at, size) == 0 ||
              errno == EINPROGRESS);
        if (i == 1)
            poll(&(struct pollfd){busy->fds[i], POLLOUT, 0}, 1, -1);
    }
    snprintf(busy->address, sizeof busy->address, "127.0.0.1:%d",
             ntohs(at.sin_port));
}

static void busy_open(struct busy *busy)
{
    *busy = (struct busy){.fds = {-1, -1, -1}};
    if (!test_simulated()) {
        busy_open_real(busy);
        return;
    }
    int rc = 0;
    busy->listener = listen_here();
    snprintf(busy->address, sizeof busy->address, "%s", where(busy->listener));
    while (rc == 0 && busy->count < 200) {
        FM_TIMEOUT(1, rc) {
            rc = fm_connect(busy->address, &busy->streams[busy->count]);
        }
        busy->count += rc == 0;
    }
    CHECK_INT(rc, -ETIMEDOUT);
}

static void busy_close(struct busy *busy)
{
    for (int i = 0; i < busy->count; i++)
        CHECK_INT(fm_close(busy->streams[i]), 0);
    for (int i = 0; i < 3; i++) {
        if (busy->fds[i] >= 0)
            close(busy->fds[i]);
    }
    CHECK_INT(fm_listener_close(busy->listener), 0);
}

STORY(a_connect_that_takes_too_long_is_cut)
{
    int rc;
    struct busy busy;
    fm_stream *stream = NULL;
    busy_open(&busy);
    FM_TIMEOUT(story_span(20), rc) {
        rc = fm_connect(busy.address, &stream);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK(stream == NULL);
    busy_close(&busy);
}

struct caller {
    const char *address;
    fm_stream **stream;
};

static int caller(struct caller *self)
{
    return fm_connect(self->address, self->stream);
}

STORY(a_connect_may_be_cancelled_before_it_runs_and_while_it_waits)
{
    struct busy busy;
    fm_stream *stream = NULL;
    busy_open(&busy);
    fm_task *task = fm_go(caller, busy.address, &stream);
    CHECK_INT(fm_stop(task), -ECANCELED);
    task = fm_go(caller, busy.address, &stream);
    let_them_wait();
    CHECK_INT(fm_stop(task), -ECANCELED);
    CHECK(stream == NULL);
    busy_close(&busy);
}

STORY(a_connect_that_wins_against_its_cut_is_connected)
{
    fm_listener *listener = listen_here();
    for (int i = 0; i < 50; i++) {
        int rc;
        fm_stream *stream = NULL;
        FM_TIMEOUT(story_span(0.002 * i), rc) {
            rc = fm_connect(where(listener), &stream);
        }
        CHECK(rc == 0 || rc == -ETIMEDOUT);
        CHECK_INT(stream != NULL, rc == 0);
        fm_abort(stream);
    }
    CHECK_INT(fm_listener_close(listener), 0);
}

STORY(an_expired_timeout_refuses_a_connect_at_once)
{
    int rc;
    fm_stream *stream = NULL;
    fm_listener *listener = listen_here();
    FM_TIMEOUT(0, rc) {
        rc = fm_connect(where(listener), &stream);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK(stream == NULL);
    CHECK_INT(fm_listener_close(listener), 0);
}

static void connect_with_little_memory(void)
{
    fm_listener *listener = listen_here();
    for (uint64_t k = 1; k < 8; k++) {
        fm_stream *stream = NULL;
        struct fm__fault_plan plan = {.fail_at[FM__DOOR_MEMORY] = k};
        faults_begin(&plan);
        int rc = fm_connect(where(listener), &stream);
        faults_end();
        CHECK(rc == 0 || rc == -ENOMEM);
        CHECK_INT(stream != NULL, rc == 0);
        fm_abort(stream);
    }
    CHECK_INT(fm_listener_close(listener), 0);
}

STORY(a_connect_without_memory_says_so_and_keeps_nothing)
{
    connect_with_little_memory();
}

static void connect_outside(void *arg)
{
    fm_stream *stream;
    (void)arg;
    fm_connect("127.0.0.1:80", &stream);
}

TEST(a_connect_outside_a_task_aborts_with_a_sentence)
{
    CHECK_DIES(connect_outside, NULL, "fm_connect was called outside a task");
}

/* Found out without listening: the same test on another backend, which calls
 * this port just then, would be answered. */
static bool port_is_free(int port)
{
    const struct sockaddr_in at = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int yes = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    bool is_free = bind(fd, (const struct sockaddr *)&at, sizeof at) == 0;
    close(fd);
    return is_free;
}

/* The lowest port that the system gives out by itself and nobody has; even,
 * because Linux tries those first for who connects, and last for who listens.
 * 0: there is none. */
static int free_port(char *address)
{
    int low = 0;
    FILE *range = fopen("/proc/sys/net/ipv4/ip_local_port_range", "r");
    if (range == NULL || fscanf(range, "%d", &low) != 1)
        low = 0;
    if (range != NULL)
        fclose(range);
    for (int port = low + low % 2; port < low + 1000 && low > 0; port += 2) {
        snprintf(address, FM_ADDRESS_TEXT, "127.0.0.1:%d", port);
        if (port_is_free(port))
            return port;
    }
    return 0;
}

/* The system gives each new client the next port: in time the one that it
 * calls, and a client that calls itself is answered (RFC 9293, 3.5). */
STORY(a_connect_never_finds_itself)
{
    char address[FM_ADDRESS_TEXT];
    if (test_simulated() || free_port(address) == 0)
        return; /* there ports are never used again */
    for (size_t i = 0; i < test_many(30000); i++) {
        fm_stream *stream = NULL;
        int rc = fm_connect(address, &stream);
        if (rc != -ECONNREFUSED) {
            CHECK_INT(rc, -ECONNREFUSED);
            fm_abort(stream);
            break;
        }
    }
}
