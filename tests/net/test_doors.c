/*
 * test_doors.c - listeners with several sockets, and sockets of others
 */
#include "neighbours.h"

#include "net/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The i-th address of a listener as text, or NULL. */
static const char *door(const fm_listener *listener, size_t i)
{
    static char texts[4][FM_ADDRESS_TEXT];
    static unsigned next;
    const fm_address *address = fm_listener_address_at(listener, i);
    return address != NULL ? fm_address_format(address, texts[next++ % 4])
                           : NULL;
}

/* A machine without IPv6 has one socket; nothing is to be seen there. */
static bool has_two(const fm_listener *listener)
{
    if (door(listener, 1) == NULL)
        return false;
    CHECK(door(listener, 2) == NULL);
    return true;
}

static const char *loopback(const fm_listener *listener, bool v6)
{
    static char text[FM_ADDRESS_TEXT];
    snprintf(text, sizeof text, v6 ? "[::1]:%d" : "127.0.0.1:%d",
             fm_address_port(fm_listener_address(listener)));
    return text;
}

static void check_met(const char *address, fm_listener *listener)
{
    fm_stream *client = NULL, *server = NULL;
    CHECK_INT(fm_connect(address, &client), 0);
    CHECK_INT(fm_accept(listener, &server), 0);
    check_says(client, server, "by this door");
    part(client, server);
}

STORY(a_name_is_listened_to_at_all_its_addresses_and_one_port)
{
    fm_listener *listener;
    CHECK_INT(fm_listen("localhost:0", &listener), 0);
    if (has_two(listener)) {
        CHECK_INT(fm_address_port(fm_listener_address_at(listener, 0)),
                  fm_address_port(fm_listener_address_at(listener, 1)));
        check_met(door(listener, 0), listener);
        check_met(door(listener, 1), listener);
    }
    CHECK(fm_listener_address(listener) == fm_listener_address_at(listener, 0));
    char address[32];
    snprintf(address, sizeof address, "localhost:%d",
             fm_address_port(fm_listener_address(listener)));
    check_met(address, listener);
    CHECK_INT(fm_listener_close(listener), 0);
}

STORY(a_star_is_all_of_the_machine_in_both_families)
{
    fm_listener *listener;
    CHECK_INT(fm_listen("*:0", &listener), 0);
    if (has_two(listener))
        check_met(loopback(listener, true), listener);
    check_met(loopback(listener, false), listener);
    CHECK_INT(fm_listener_close(listener), 0);
}

/* IPv4 clients are seen as such, and not as mapped ones. */
STORY(with_a_star_each_family_has_a_socket_of_its_own)
{
    fm_listener *listener;
    fm_stream *client, *server;
    fm_address peer;
    CHECK_INT(fm_listen("*:0", &listener), 0);
    CHECK_INT(fm_connect(loopback(listener, false), &client), 0);
    CHECK_INT(fm_accept(listener, &server), 0);
    CHECK_INT(fm_stream_peer(server, &peer), 0);
    CHECK_INT(peer.storage.ss_family, AF_INET);
    part(client, server);
    CHECK_INT(fm_listener_close(listener), 0);
}

STORY(a_name_that_is_taken_at_one_address_is_refused)
{
    fm_listener *one, *both = NULL;
    char address[32];
    CHECK_INT(fm_listen("127.0.0.1:0", &one), 0);
    snprintf(address, sizeof address, "localhost:%d",
             fm_address_port(fm_listener_address(one)));
    CHECK_INT(fm_listen(address, &both), -EADDRINUSE);
    CHECK(both == NULL);
    CHECK_INT(fm_listener_close(one), 0);
}

/* ---- Who waits ---------------------------------------------------------- */

struct visit {
    fm_listener *listener;
    int *order;
    int *place;
};

static int visit(struct visit *self)
{
    fm_stream *stream;
    int rc = fm_accept(self->listener, &stream);
    if (rc == 0)
        *self->place = ++*self->order;
    return rc < 0 ? rc : fm_close(stream);
}

#define VISITORS 6

STORY(who_waits_longest_is_served_first_by_whatever_door)
{
    int order = 0, places[VISITORS] = {0};
    fm_task *tasks[VISITORS];
    fm_listener *listener;
    fm_stream *clients[VISITORS];
    CHECK_INT(fm_listen("*:0", &listener), 0);
    bool two = has_two(listener);
    for (int i = 0; i < VISITORS; i++)
        tasks[i] = fm_go(visit, listener, &order, &places[i]);
    let_them_wait();
    for (int i = 0; i < VISITORS; i++) {
        CHECK_INT(fm_connect(loopback(listener, two && i % 2), &clients[i]), 0);
        CHECK_INT(fm_await(tasks[i]), 0);
        CHECK_INT(places[i], i + 1);
    }
    for (int i = 0; i < VISITORS; i++)
        CHECK_INT(fm_close(clients[i]), 0);
    CHECK_INT(fm_listener_close(listener), 0);
}

STORY(what_comes_after_the_last_was_cut_is_for_the_next)
{
    fm_listener *listener;
    fm_stream *none = NULL, *clients[2], *servers[2];
    int rc;
    CHECK_INT(fm_listen("*:0", &listener), 0);
    bool two = has_two(listener);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_accept(listener, &none);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_connect(loopback(listener, two), &clients[0]), 0);
    CHECK_INT(fm_connect(loopback(listener, false), &clients[1]), 0);
    let_them_wait();
    for (int i = 0; i < 2; i++)
        CHECK_INT(fm_accept(listener, &servers[i]), 0);
    for (int i = 0; i < 2; i++)
        part(clients[i], servers[i]);
    CHECK(none == NULL);
    CHECK_INT(fm_listener_close(listener), 0);
}

STORY(connections_that_nobody_took_are_reset_at_the_close)
{
    fm_listener *listener;
    fm_stream *none = NULL, *client;
    char byte;
    int rc;
    CHECK_INT(fm_listen("*:0", &listener), 0);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_accept(listener, &none);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_connect(loopback(listener, false), &client), 0);
    let_them_wait();
    CHECK_INT(fm_listener_close(listener), 0);
    CHECK_INT(fm_read(client, &byte, 1), -ECONNRESET);
    fm_abort(client);
}

static void left_open(void)
{
    fm_listener *listener;
    fm_stream *none;
    int rc;
    CHECK_INT(fm_listen("*:0", &listener), 0);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_accept(listener, &none);
    }
    CHECK_INT(rc, -ETIMEDOUT);
}

TEST(a_listener_that_is_left_open_with_accepts_in_flight_is_ended)
{
    CHECK_INT(story_run(left_open, (fm_run_options){0}), 0);
    CHECK(story_heard(FM_REPORT_LEFT_OPEN) != NULL);
    story_silent(__FILE__, __LINE__);
}

/* ---- Backlogs ----------------------------------------------------------- */

/* Of a socket that listens Linux tells its backlog so (ss(8) shows it). */
static unsigned backlog_of(const fm_listener *listener)
{
    struct tcp_info info;
    socklen_t size = sizeof info;
    memset(&info, 0, sizeof info);
    CHECK_INT(getsockopt(listener->entrances[0].fd, IPPROTO_TCP, TCP_INFO,
                         &info, &size),
              0);
    return info.tcpi_sacked;
}

STORY(a_backlog_bounds_who_waits_to_be_accepted)
{
    static const fm_listen_options narrow = {.backlog = 2};
    fm_listener *listener;
    fm_stream *clients[3] = {NULL}, *server;
    int rc = 0;
    CHECK_INT(fm_listen("127.0.0.1:0", &listener, &narrow), 0);
    if (!test_simulated())
        CHECK_INT(backlog_of(listener), 2);
    for (int i = 0; i < 2; i++)
        CHECK_INT(fm_connect(where(listener), &clients[i]), 0);
    if (test_simulated()) {
        FM_TIMEOUT(1, rc) {
            rc = fm_connect(where(listener), &clients[2]);
        }
        CHECK_INT(rc, -ETIMEDOUT);
    }
    CHECK_INT(fm_accept(listener, &server), 0);
    part(clients[0], server);
    fm_abort(clients[1]);
    CHECK_INT(fm_listener_close(listener), 0);
}

/* ---- Sockets of others -------------------------------------------------- */

/* A descriptor of the kernel that listens on loopback, or only a socket. */
static int foreign_socket(int type, bool listens)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    int fd = socket(AF_INET, type, 0);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listens &&
        (bind(fd, (struct sockaddr *)&at, sizeof at) < 0 || listen(fd, 9) < 0))
        _exit(99);
    return fd;
}

STORY(a_socket_that_listens_is_adopted)
{
    fm_listener *listener = NULL;
    if (test_simulated())
        return; /* another world */
    int fd = foreign_socket(SOCK_STREAM, true);
    CHECK_INT(fm_listener_adopt(fd, &listener), 0);
    CHECK(fm_address_port(fm_listener_address(listener)) > 0);
    check_met(where(listener), listener);
    CHECK_INT(fm_listener_close(listener), 0);
}

/* As a service manager does, who hands it to the next. */
STORY(an_adopted_socket_listens_on_where_others_have_it_too)
{
    fm_listener *listener = NULL;
    fm_stream *client;
    if (test_simulated())
        return;
    int kept = foreign_socket(SOCK_STREAM, true);
    int fd = dup(kept);
    CHECK_INT(fm_listener_adopt(fd, &listener), 0);
    const char *address = where(listener);
    check_met(address, listener);
    CHECK_INT(fm_listener_close(listener), 0);
    CHECK_INT(fm_connect(address, &client), 0);
    CHECK_INT(fm_listener_adopt(kept, &listener), 0);
    fm_stream *server;
    CHECK_INT(fm_accept(listener, &server), 0);
    part(client, server);
    CHECK_INT(fm_listener_close(listener), 0);
}

STORY(what_does_not_listen_is_not_adopted_and_stays_the_caller_s)
{
    fm_listener *listener = NULL;
    int pipes[2];
    CHECK_INT(fm_listener_adopt(1 << 29, &listener), -EBADF);
    CHECK_INT(fm_listener_adopt(-1, &listener), -EBADF);
    if (test_simulated())
        return;
    int stream = foreign_socket(SOCK_STREAM, false);
    int datagram = foreign_socket(SOCK_DGRAM, false);
    CHECK_INT(pipe(pipes), 0);
    CHECK_INT(fm_listener_adopt(stream, &listener), -EINVAL);
    CHECK_INT(fm_listener_adopt(datagram, &listener), -EINVAL);
    CHECK_INT(fm_listener_adopt(pipes[0], &listener), -ENOTSOCK);
    CHECK(listener == NULL);
    CHECK_INT(close(stream), 0);
    CHECK_INT(close(datagram), 0);
    CHECK_INT(close(pipes[0]), 0);
    CHECK_INT(close(pipes[1]), 0);
}

/* ---- Sockets that a service manager hands over -------------------------- */

/* The program that is started: descriptors 3 and 4 are what it is given. */
struct gift {
    const char *names;
    bool second_listens;
    bool for_another;
    int (*body)(void *arg);
};

static void gift_set(const struct gift *gift)
{
    char pid[16];
    int fds[2] = {foreign_socket(SOCK_STREAM, true),
                  foreign_socket(SOCK_STREAM, gift->second_listens)};
    for (int i = 0; i < 2; i++)
        fds[i] = fcntl(fds[i], F_DUPFD, 100);
    for (int i = 0; i < 2; i++)
        dup2(fds[i], 3 + i);
    snprintf(pid, sizeof pid, "%d", getpid() + gift->for_another);
    setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", "2", 1);
    if (gift->names != NULL)
        setenv("LISTEN_FDNAMES", gift->names, 1);
}

static void check_gift(const struct gift *gift)
{
    int status = -1;
    if (test_simulated())
        return;
    pid_t child = fork();
    if (child == 0) {
        gift_set(gift);
        _exit(-fm_run(gift->body, NULL) & 127);
    }
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK(WIFEXITED(status));
    CHECK_INT(WEXITSTATUS(status), 0);
}

/* A failure is told by a number, for checks do not cross processes. */
#define GIFT_CHECK(condition)                                                  \
    do {                                                                       \
        if (!(condition))                                                      \
            return -(__LINE__ % 120 + 1);                                      \
    } while (0)

static int takes_both(void *arg)
{
    fm_handed handed[2];
    fm_stream *client, *server;
    (void)arg;
    GIFT_CHECK(fm_listen_handed(handed, 1) == -EMSGSIZE);
    GIFT_CHECK(fm_listen_handed(handed, 2) == 2);
    GIFT_CHECK(strcmp(handed[0].name, "http") == 0);
    GIFT_CHECK(strcmp(handed[1].name, "admin") == 0);
    GIFT_CHECK(getenv("LISTEN_FDS") == NULL);
    GIFT_CHECK(getenv("LISTEN_PID") == NULL);
    GIFT_CHECK(getenv("LISTEN_FDNAMES") == NULL);
    for (int i = 0; i < 2; i++) {
        GIFT_CHECK(fcntl(3 + i, F_GETFD) == FD_CLOEXEC);
        GIFT_CHECK(fm_connect(where(handed[i].listener), &client) == 0);
        GIFT_CHECK(fm_accept(handed[i].listener, &server) == 0);
        GIFT_CHECK(fm_close(client) == 0 && fm_close(server) == 0);
        GIFT_CHECK(fm_listener_close(handed[i].listener) == 0);
    }
    GIFT_CHECK(fm_listen_handed(handed, 2) == 0);
    return 0;
}

TEST(sockets_of_a_service_manager_are_taken_with_their_names)
{
    check_gift(&(struct gift){"http:admin", true, false, takes_both});
}

static int takes_nameless(void *arg)
{
    fm_handed handed[2];
    (void)arg;
    GIFT_CHECK(fm_listen_handed(handed, 2) == 2);
    for (int i = 0; i < 2; i++) {
        GIFT_CHECK(handed[i].name[0] == '\0');
        GIFT_CHECK(fm_listener_close(handed[i].listener) == 0);
    }
    return 0;
}

TEST(sockets_without_names_have_none)
{
    check_gift(&(struct gift){NULL, true, false, takes_nameless});
    check_gift(&(struct gift){":", true, false, takes_nameless});
}

static int takes_nothing(void *arg)
{
    fm_handed handed[2];
    (void)arg;
    GIFT_CHECK(fm_listen_handed(handed, 2) == 0);
    GIFT_CHECK(getenv("LISTEN_FDS") != NULL);
    return 0;
}

TEST(sockets_for_another_process_are_left_alone)
{
    check_gift(&(struct gift){"http:admin", true, true, takes_nothing});
}

static int takes_none_of_two(void *arg)
{
    fm_handed handed[2];
    (void)arg;
    GIFT_CHECK(fm_listen_handed(handed, 2) == -EINVAL);
    GIFT_CHECK(getenv("LISTEN_FDS") != NULL);
    GIFT_CHECK(fcntl(3, F_GETFD) == 0);
    GIFT_CHECK(fcntl(3, F_GETFL) == O_RDWR);
    return 0;
}

TEST(of_sockets_of_which_one_does_not_listen_none_is_taken)
{
    check_gift(&(struct gift){"http:admin", false, false, takes_none_of_two});
}

TEST(without_a_service_manager_nothing_is_handed_over)
{
    static const char *const counts[] = {"", "x", "-1", "2x", "9999999999"};
    unsetenv("LISTEN_FDS");
    char pid[16];
    snprintf(pid, sizeof pid, "%d", getpid());
    setenv("LISTEN_PID", pid, 1);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        setenv("LISTEN_FDS", counts[i], 1);
        CHECK_INT(fm_run(takes_nothing, NULL), 0);
    }
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_PID");
}
