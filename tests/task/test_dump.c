/*
 * test_dump.c - what all tasks do, by fm_dump and by SIGQUIT
 *
 * Whoever waits for a dump reads it where it is written to, in the loop's own
 * thread: a loop that is held is no hindrance.
 */
#include "story.h"

#include <fermata/dump.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int dump_sleeper(void)
{
    return fm_sleep(INFINITY);
}

/* What fm_dump has written; freed by the caller. */
static char *dumped(void)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    CHECK_INT(fm_dump(out), 0);
    fclose(out);
    return text;
}

static void check_dumped(const char *self)
{
    char *text = dumped(), words[80];
    snprintf(words, sizeof words, "`- %s  running", self);
    CHECK(strstr(text, words) != NULL);
    CHECK(strstr(text, "   `- dump_sleeper  sleep") != NULL);
    CHECK(strstr(text, "STARTED AT") != NULL);
    CHECK(strstr(text, "test_dump.c:") != NULL);
    if (strstr(text, words) == NULL)
        puts(text);
    free(text);
}

static int dump_in_a_task(void *arg)
{
    FM_TASK sleeper = fm_go(dump_sleeper);
    (void)arg;
    CHECK_INT(fm_yield(), 0);
    check_dumped("dump_in_a_task");
    return 0;
}

TEST(a_dump_in_a_task_has_the_tree_and_the_table)
{
    setenv("LC_ALL", "C", 1);
    CHECK_INT(fm_run(dump_in_a_task, NULL), 0);
}

TEST(a_dump_without_a_loop_says_so)
{
    char *text = dumped();
    CHECK(strstr(text, "no loop") != NULL);
    free(text);
}

static void *dump_thread(void *arg)
{
    (void)arg;
    check_dumped("dump_by_a_thread");
    return NULL;
}

static int dump_by_a_thread(void *arg)
{
    FM_TASK sleeper = fm_go(dump_sleeper);
    pthread_t thread;
    (void)arg;
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(pthread_create(&thread, NULL, dump_thread, NULL), 0);
    pthread_join(thread, NULL);
    return 0;
}

TEST(a_dump_of_another_thread_has_the_tasks_of_a_loop_that_is_held)
{
    setenv("LC_ALL", "C", 1);
    CHECK_INT(fm_run(dump_by_a_thread, NULL), 0);
}

static int dump_to_a_full_disk(void *arg)
{
    FILE *out = fopen("/dev/full", "w");
    (void)arg;
    setvbuf(out, NULL, _IONBF, 0);
    CHECK_INT(fm_dump(out), -EIO);
    fclose(out);
    return 0;
}

TEST(a_dump_that_cannot_be_written_says_so)
{
    CHECK_INT(fm_run(dump_to_a_full_disk, NULL), 0);
}

static int dump_crowd(void *arg)
{
    int rc;
    (void)arg;
    FM_GROUP(group, rc) {
        for (int i = 0; i < 150; i++)
            CHECK_INT(fm_group_go(group, dump_sleeper), 0);
        CHECK_INT(fm_yield(), 0);
        char *text = dumped();
        CHECK(strstr(text, "`- 150 x dump_sleeper  sleep") != NULL);
        CHECK(strstr(text, "\nand 51 more\n") != NULL);
        free(text);
        break;
    }
    return rc;
}

TEST(a_dump_of_many_has_the_first_hundred_in_its_table)
{
    setenv("LC_ALL", "C", 1);
    fm_run(dump_crowd, NULL);
}

/* ---- SIGQUIT ------------------------------------------------------------ */

/* Whether the table of two tasks is there. */
static bool quit_told(const char *text)
{
    const char *table = strstr(text, "STARTED AT\n");
    for (int line = 0; table != NULL && line < 3; line++) {
        table = strchr(table, '\n');
        table = table != NULL ? table + 1 : NULL;
    }
    return table != NULL;
}

/* Whoever has started the tests may have ignored it. */
__attribute__((constructor)) static void quit_as_by_default(void)
{
    signal(SIGQUIT, SIG_DFL);
}

/* Raises it, and reads what comes on stderr until all of a dump is there. */
static void quit_and_read(char *text, size_t size)
{
    int ends[2], before = dup(STDERR_FILENO);
    size_t used = 0;
    CHECK_INT(pipe(ends), 0);
    fflush(stderr);
    dup2(ends[1], STDERR_FILENO);
    raise(SIGQUIT);
    text[0] = '\0';
    while (!quit_told(text) && used < size - 1) {
        ssize_t n = read(ends[0], text + used, size - 1 - used);
        if (n <= 0)
            break;
        used += (size_t)n;
        text[used] = '\0';
    }
    dup2(before, STDERR_FILENO);
    close(before);
    close(ends[0]);
    close(ends[1]);
}

static int quit_twice(void *arg)
{
    static char text[16384];
    FM_TASK sleeper = fm_go(dump_sleeper);
    (void)arg;
    CHECK_INT(fm_yield(), 0);
    for (int i = 0; i < 2; i++) {
        quit_and_read(text, sizeof text);
        CHECK(strstr(text, "dump_sleeper  sleep") != NULL);
        CHECK(strstr(text, "  running") != NULL);
    }
    return 5;
}

static void (*quit_handler(void))(int)
{
    struct sigaction now;
    CHECK_INT(sigaction(SIGQUIT, NULL, &now), 0);
    return now.sa_handler;
}

TEST(sigquit_dumps_and_the_program_goes_on)
{
    const fm_run_options options = {.dump_on_quit = true};
    CHECK_INT(fm_run(quit_twice, NULL, &options), 5);
    CHECK(quit_handler() == SIG_DFL);
    CHECK_INT(fm_run(quit_twice, NULL, &options), 5);
    CHECK(quit_handler() == SIG_DFL);
}

TEST(the_environment_can_ask_for_dumps)
{
    setenv("FERMATA_DUMP", "1", 1);
    CHECK_INT(fm_run(quit_twice, NULL), 5);
    unsetenv("FERMATA_DUMP");
}

/* Not to wait for a dump that does not come. */
static int quit_ignored(void *arg)
{
    CHECK(quit_handler() != SIG_IGN);
    return quit_handler() != SIG_IGN ? quit_twice(arg) : -1;
}

/* A shell without job control ignores it in what it starts with &. */
TEST(sigquit_dumps_where_it_was_ignored_before)
{
    const fm_run_options options = {.dump_on_quit = true};
    signal(SIGQUIT, SIG_IGN);
    CHECK_INT(fm_run(quit_ignored, NULL, &options), 5);
    CHECK(quit_handler() == SIG_IGN);
    signal(SIGQUIT, SIG_DFL);
}

static int quit_unasked(void *arg)
{
    (void)arg;
    CHECK(quit_handler() == SIG_DFL);
    return 0;
}

TEST(nobody_who_has_not_asked_has_a_handler)
{
    CHECK_INT(fm_run(quit_unasked, NULL), 0);
    setenv("FERMATA_DUMP", "0", 1);
    CHECK_INT(fm_run(quit_unasked, NULL), 0);
    unsetenv("FERMATA_DUMP");
}

static int quit_own_heard;

static void quit_own(int number)
{
    (void)number;
    quit_own_heard++;
}

static int quit_raised(void *arg)
{
    (void)arg;
    raise(SIGQUIT);
    return 0;
}

TEST(a_handler_of_the_programs_own_is_left_alone)
{
    const fm_run_options options = {.dump_on_quit = true};
    struct sigaction own = {.sa_handler = quit_own}, before;
    CHECK_INT(sigaction(SIGQUIT, &own, &before), 0);
    quit_own_heard = 0;
    CHECK_INT(fm_run(quit_raised, NULL, &options), 0);
    CHECK_INT(quit_own_heard, 1);
    CHECK(quit_handler() == quit_own);
    sigaction(SIGQUIT, &before, NULL);
}

static int quit_replaced(void *arg)
{
    struct sigaction own = {.sa_handler = quit_own};
    CHECK_INT(sigaction(SIGQUIT, &own, NULL), 0);
    return quit_raised(arg);
}

TEST(a_handler_that_came_later_stays)
{
    const fm_run_options options = {.dump_on_quit = true};
    quit_own_heard = 0;
    CHECK_INT(fm_run(quit_replaced, NULL, &options), 0);
    CHECK_INT(quit_own_heard, 1);
    CHECK(quit_handler() == quit_own);
    signal(SIGQUIT, SIG_DFL);
}

static int quit_in_a_child(void *arg)
{
    int *status = arg;
    pid_t child = fork();
    if (child == 0) {
        const struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        raise(SIGQUIT);
        _exit(1);
    }
    return waitpid(child, status, 0) == child ? 0 : -1;
}

TEST(a_forked_child_ends_by_sigquit)
{
    const fm_run_options options = {.dump_on_quit = true};
    int status = 0;
    CHECK_INT(fm_run(quit_in_a_child, &status, &options), 0);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGQUIT);
}

static int quit_asked(void *arg)
{
    (void)arg;
    CHECK(quit_handler() != SIG_DFL);
    return 0;
}

static void *quit_other_loop(void *arg)
{
    const fm_run_options options = {.dump_on_quit = true};
    (void)arg;
    CHECK_INT(fm_run(quit_asked, NULL, &options), 0);
    return NULL;
}

static int quit_after_another(void *arg)
{
    pthread_t thread;
    CHECK_INT(pthread_create(&thread, NULL, quit_other_loop, NULL), 0);
    pthread_join(thread, NULL);
    CHECK(quit_handler() != SIG_DFL);
    return quit_twice(arg);
}

TEST(loops_that_ask_share_it_and_the_last_gives_it_back)
{
    const fm_run_options options = {.dump_on_quit = true};
    CHECK_INT(fm_run(quit_after_another, NULL, &options), 5);
    CHECK(quit_handler() == SIG_DFL);
}
