/*
 * test_sigpipe.c - a pipe that nobody reads does not end the program
 */
#include "story.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void (*sigpipe_now(void))(int)
{
    struct sigaction now;
    sigaction(SIGPIPE, NULL, &now);
    return now.sa_handler;
}

static int sigpipe_write(void *arg)
{
    int fds[2];
    int *code = arg;
    if (pipe(fds) < 0)
        return -errno;
    close(fds[0]);
    *code = write(fds[1], "x", 1) < 0 ? errno : 0;
    close(fds[1]);
    return 0;
}

TEST(a_write_to_a_pipe_that_nobody_reads_is_an_error)
{
    int code = 0;
    CHECK(sigpipe_now() == SIG_DFL);
    for (int i = 0; i < 2; i++) {
        CHECK_INT(fm_run(sigpipe_write, &code), 0);
        CHECK_INT(code, EPIPE);
        CHECK(sigpipe_now() == SIG_DFL);
        code = 0;
    }
}

static unsigned sigpipe_seen;

static void sigpipe_handler(int number)
{
    (void)number;
    sigpipe_seen++;
}

TEST(a_handler_of_the_programs_own_is_left_in_place)
{
    struct sigaction own = {.sa_handler = sigpipe_handler}, before;
    int code = 0;
    sigpipe_seen = 0;
    sigaction(SIGPIPE, &own, &before);
    CHECK_INT(fm_run(sigpipe_write, &code), 0);
    CHECK_INT(code, EPIPE);
    CHECK_INT(sigpipe_seen, 1);
    CHECK(sigpipe_now() == sigpipe_handler);
    sigaction(SIGPIPE, &before, NULL);
}

static int sigpipe_install(void *arg)
{
    struct sigaction own = {.sa_handler = sigpipe_handler};
    (void)arg;
    return sigaction(SIGPIPE, &own, NULL);
}

TEST(a_handler_that_is_installed_meanwhile_stays)
{
    CHECK_INT(fm_run(sigpipe_install, NULL), 0);
    CHECK(sigpipe_now() == sigpipe_handler);
    signal(SIGPIPE, SIG_DFL);
}

static int sigpipe_fork(void *arg)
{
    (void)arg;
    CHECK(sigpipe_now() == SIG_IGN);
    int status = 0;
    pid_t pid = fork();
    if (pid == 0)
        _exit(sigpipe_now() == SIG_DFL ? 7 : 8);
    CHECK_INT(waitpid(pid, &status, 0), pid);
    CHECK(WIFEXITED(status));
    CHECK_INT(WEXITSTATUS(status), 7);
    CHECK(sigpipe_now() == SIG_IGN);
    return 0;
}

TEST(a_forked_child_has_the_programs_disposition)
{
    CHECK_INT(fm_run(sigpipe_fork, NULL), 0);
}

/* Two threads, two loops; whoever ends first takes nothing from the other. */
static pthread_barrier_t sigpipe_barrier;

static int sigpipe_first(void *arg)
{
    (void)arg;
    pthread_barrier_wait(&sigpipe_barrier);
    pthread_barrier_wait(&sigpipe_barrier);
    return 0;
}

static void *sigpipe_thread(void *arg)
{
    fm_run(sigpipe_first, arg);
    pthread_barrier_wait(&sigpipe_barrier);
    return NULL;
}

static int sigpipe_second(void *arg)
{
    pthread_barrier_wait(&sigpipe_barrier);
    pthread_barrier_wait(&sigpipe_barrier);
    pthread_barrier_wait(&sigpipe_barrier);
    return sigpipe_write(arg);
}

TEST(the_last_of_several_runs_gives_it_back)
{
    pthread_t thread;
    int code = 0;
    pthread_barrier_init(&sigpipe_barrier, NULL, 2);
    pthread_create(&thread, NULL, sigpipe_thread, NULL);
    CHECK_INT(fm_run(sigpipe_second, &code), 0);
    CHECK_INT(code, EPIPE);
    CHECK(sigpipe_now() == SIG_DFL);
    pthread_join(thread, NULL);
    pthread_barrier_destroy(&sigpipe_barrier);
}
