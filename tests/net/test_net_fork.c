/*
 * test_net_fork.c - connections and forked children
 */
#include "neighbours.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static fm_listener *fork_listener;
static fm_stream *fork_stream;
static void (*fork_touch)(void);

static void fork_connect(void)
{
    fm_connect("127.0.0.1:1", &fork_stream);
}

static void fork_listen(void)
{
    fm_listen("127.0.0.1:0", &fork_listener);
}

static void fork_accept(void)
{
    fm_accept(fork_listener, &fork_stream);
}

static void fork_listener_close(void)
{
    fm_listener_close(fork_listener);
}

static int fork_handler(fm_stream *client, void *arg)
{
    (void)client;
    (void)arg;
    return 0;
}

static void fork_serve(void)
{
    fm_serve(fork_listener, fork_handler, NULL);
}

static void fork_serve_stop(void)
{
    fm_serve_stop(fork_listener);
}

static void fork_adopt(void)
{
    fm_stream_adopt(0, &fork_stream);
}

static void fork_wait_fd(void)
{
    fm_wait_fd(0, FM_READABLE);
}

static void fork_peer(void)
{
    fm_address address;
    fm_stream_peer(fork_stream, &address);
}

static void fork_read(void)
{
    char c;
    fm_read(fork_stream, &c, 1);
}

static void fork_close(void)
{
    fm_close(fork_stream);
}

/* In the child of a task; what it writes and how it ends is looked at. */
static void fork_in_a_task(void)
{
    fm_stream *server;
    fork_listener = listen_here();
    meet(fork_listener, &fork_stream, &server);
    pid_t child = fork();
    if (child == 0) {
        fork_touch();
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT)
        abort();
}

TEST(a_forked_child_that_touches_a_connection_aborts_with_a_sentence)
{
    void (*touches[])(void) = {
        fork_connect, fork_listen,     fork_accept, fork_listener_close,
        fork_serve,   fork_serve_stop, fork_adopt,  fork_wait_fd,
        fork_peer,    fork_read,       fork_close};
    for (size_t i = 0; i < sizeof touches / sizeof touches[0]; i++) {
        fork_touch = touches[i];
        CHECK_DOOMED(fork_in_a_task,
                     "was called in a forked child: the loop belongs to the "
                     "parent");
    }
}

/* While an accept and a read are in flight, and what is armed with them. */
STORY(the_parents_connections_survive_a_fork)
{
    fm_stream *client, *server, *late = NULL, *taken = NULL;
    fm_listener *listener = listen_here();
    meet(listener, &client, &server);
    fm_task *task = fm_go(taker, listener, &taken);
    let_them_wait();
    for (int i = 0; i < 3; i++) {
        int status = 0;
        pid_t child = fork();
        if (child == 0)
            _exit(7);
        CHECK_INT(waitpid(child, &status, 0), child);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
        check_says(client, server, "after the fork");
        check_says(server, client, "and back");
    }
    CHECK_INT(fm_connect(where(listener), &late), 0);
    CHECK_INT(fm_await(task), 0);
    check_says(late, taken, "and a new one");
    part(late, taken);
    part(client, server);
    CHECK_INT(fm_listener_close(listener), 0);
}

/* The child of exec has none of them: they are closed by then. */
STORY(a_program_that_is_executed_holds_no_connection_open)
{
    char c;
    fm_stream *client, *server;
    if (test_simulated())
        return; /* nobody else could hold one */
    fm_listener *listener = listen_here();
    meet(listener, &client, &server);
    pid_t child = fork();
    if (child == 0) {
        execl("/bin/sleep", "sleep", "1000", (char *)NULL);
        _exit(1);
    }
    CHECK_INT(fm_close(server), 0);
    CHECK_INT(fm_read(client, &c, 1), 0);
    CHECK_INT(fm_close(client), 0);
    const char *address = where(listener);
    CHECK_INT(fm_listener_close(listener), 0);
    /* Both take a moment: the kernel to close one, the child to begin. */
    while (fm_listen(address, &listener) == -EADDRINUSE)
        CHECK_INT(fm_sleep(0.001), 0);
    CHECK_INT(fm_listener_close(listener), 0);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}
