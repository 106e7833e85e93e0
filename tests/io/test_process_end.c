/*
 * test_process_end.c - how a process is waited for and ended
 *
 * A process that shall be alive has said a line before it waits, so that
 * nothing here depends on how fast one starts.
 */
#include "io/process_kit.h"

#include "base/fault.h"

#include <pthread.h>
#include <sys/resource.h>
#include <time.h>

/* ---- Waiting ------------------------------------------------------------ */

STORY(a_wait_is_told_also_before_and_after_the_end)
{
    fm_process *process;
    CHECK_INT(fm_process_shell("exit 3", &process), 0);
    CHECK_INT(fm_process_wait(process), 3);
    CHECK_INT(fm_process_wait(process), 3);
    CHECK_INT(fm_process_wait_try(process), 3);
    CHECK(childless());
    CHECK_INT(fm_process_close(process), 3);
    CHECK_INT(fm_process_close(NULL), 0);
}

STORY(a_look_does_not_wait)
{
    fm_process *process = sleeper("", NULL);
    CHECK_INT(fm_process_wait_try(process), -EAGAIN);
    CHECK_INT(fm_process_signal(process, SIGKILL), 0);
    CHECK_INT(fm_process_wait(process), FM_PROCESS_KILLED + SIGKILL);
    fm_process_close(process);
}

struct lounger {
    fm_process *process;
};

static int lounger(struct lounger *self)
{
    return fm_process_wait(self->process);
}

STORY(any_number_of_tasks_wait_for_one)
{
    fm_process *process = sleeper("", NULL);
    fm_task *tasks[5];
    for (int i = 0; i < 5; i++)
        tasks[i] = fm_go(lounger, process);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_process_signal(process, SIGKILL), 0);
    for (int i = 0; i < 5; i++)
        CHECK_INT(fm_await(tasks[i]), FM_PROCESS_KILLED + SIGKILL);
    fm_process_close(process);
}

STORY(a_wait_that_is_cut_leaves_the_process_alone)
{
    fm_process *process = sleeper("", NULL);
    fm_task *task = fm_go(lounger, process);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(task), -ECANCELED);
    int rc;
    FM_TIMEOUT(0.001, rc) {
        rc = fm_process_wait(process);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_process_wait_try(process), -EAGAIN);
    CHECK_INT(fm_process_close(process), FM_PROCESS_KILLED + SIGTERM);
}

/* ---- Whose child it is -------------------------------------------------- */

STORY(an_end_that_the_system_took_is_told_and_no_hang)
{
    fm_process *process;
    signal(SIGCHLD, SIG_IGN);
    CHECK_INT(fm_process_start(FM_ARGV("true"), &process), 0);
    CHECK_INT(fm_process_wait(process), -FM_ENOCHILD);
    CHECK_INT(fm_process_wait_try(process), -FM_ENOCHILD);
    CHECK_INT(fm_process_signal(process, SIGKILL), -ESRCH);
    fm_process_usage usage;
    CHECK_INT(fm_process_used(process, &usage), -FM_ENOCHILD);
    CHECK_INT(fm_process_close(process), -FM_ENOCHILD);
    /* So it is where it ends before anybody can open it by its number. */
    struct fm__fault_plan plan = {.old_kernel = !test_under_valgrind()};
    for (int i = 0; i < 20; i++) {
        fm__fault_plan = &plan;
        CHECK_INT(fm_process_start(FM_ARGV("true"), &process), 0);
        fm__fault_plan = NULL;
        CHECK_INT(fm_process_wait(process), -FM_ENOCHILD);
        CHECK_INT(fm_process_close(process), -FM_ENOCHILD);
    }
    process = sleeper("", NULL);
    CHECK_INT(fm_process_close(process), -FM_ENOCHILD);
    fm_process *failed;
    CHECK_INT(fm_process_start(FM_ARGV("/nowhere"), &failed), -ENOENT);
    signal(SIGCHLD, SIG_DFL);
    CHECK(childless());
}

STORY(an_end_that_a_library_took_is_told_and_no_hang)
{
    fm_process *process = sleeper("", NULL);
    CHECK_INT(fm_process_signal(process, SIGKILL), 0);
    CHECK_INT(waitpid(-1, NULL, 0), fm_process_id(process));
    CHECK_INT(fm_process_wait(process), -FM_ENOCHILD);
    CHECK_INT(fm_process_close(process), -FM_ENOCHILD);
}

static volatile sig_atomic_t heard;

static void hear(int number)
{
    (void)number;
    heard = heard + 1;
}

STORY(a_programs_own_handler_of_sigchld_is_left_alone)
{
    struct sigaction action = {.sa_handler = hear}, now;
    heard = 0;
    sigaction(SIGCHLD, &action, NULL);
    CHECK_INT(fm_process_run(FM_ARGV("true"), NULL), 0);
    CHECK(heard > 0);
    /* An emulator may make a fork of what never was a program: at most one. */
    heard = 0;
    fm_process *process;
    CHECK_INT(fm_process_start(FM_ARGV("/nowhere"), &process), -ENOENT);
    CHECK(heard <= 1);
    sigaction(SIGCHLD, NULL, &now);
    CHECK(now.sa_handler == hear);
    signal(SIGCHLD, SIG_DFL);
}

/* ---- The close ---------------------------------------------------------- */

STORY(a_close_asks_the_process_to_end)
{
    fm_process *process = sleeper("", NULL);
    CHECK_INT(fm_process_close(process), FM_PROCESS_KILLED + SIGTERM);
    process = sleeper("", &(fm_process_options){.stop_signal = SIGINT});
    CHECK_INT(fm_process_close(process), FM_PROCESS_KILLED + SIGINT);
    CHECK(childless());
}

STORY(who_does_not_listen_is_killed_after_the_grace)
{
    fm_process *process =
        sleeper("trap '' TERM;", &(fm_process_options){.grace = 0.01});
    CHECK_INT(fm_process_close(process), FM_PROCESS_KILLED + SIGKILL);
    process = sleeper("trap '' TERM;", &(fm_process_options){.grace = -1});
    CHECK_INT(fm_process_close(process), FM_PROCESS_KILLED + SIGKILL);
    CHECK(childless());
}

STORY(an_end_that_nobody_waited_for_is_taken_by_the_close)
{
    fm_process *process;
    char byte;
    unsigned before = descriptors();
    CHECK_INT(fm_process_shell("exit 4", &process,
                               &(fm_process_options){.out = FM_PROCESS_PIPE}),
              0);
    CHECK_INT(fm_read(fm_process_stream(process, 1), &byte, 1), 0);
    siginfo_t info;
    CHECK_INT(
        waitid(P_PID, (id_t)fm_process_id(process), &info, WEXITED | WNOWAIT),
        0);
    CHECK_INT(fm_process_close(process), 4);
    CHECK_INT(descriptors(), before);
    CHECK(childless());
}

struct closer {
    fm_process *process;
    int status;
};

static int closer(struct closer *self)
{
    int rc = fm_sleep(INFINITY);
    self->status = fm_process_close(self->process);
    return rc;
}

static int close_it(void *arg)
{
    return closer(arg);
}

STORY(no_cut_shortens_a_close)
{
    struct closer self = {
        sleeper("trap '' TERM;", &(fm_process_options){.grace = 0.05}), 0};
    fm_task *task = fm_start(close_it, &self);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(task), -ECANCELED);
    CHECK_INT(self.status, FM_PROCESS_KILLED + SIGKILL);
    CHECK(childless());
}

struct runner {
    const char *command;
};

static int runner(struct runner *self)
{
    fm_process_talk talk = {0};
    int rc = ask(self->command, &talk, NULL);
    fm_process_talk_clear(&talk);
    return rc;
}

STORY(a_run_that_is_cut_ends_its_process)
{
    int rc;
    unsigned before = descriptors();
    fm_task *task = fm_go(runner, "exec sleep 1000");
    for (int i = 0; i < 10; i++)
        CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(task), -ECANCELED);
    FM_TIMEOUT(0.01, rc) {
        rc = ask("exec sleep 1000", NULL, NULL);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK(childless());
    CHECK_INT(descriptors(), before);
}

STORY(what_the_system_refuses_does_not_keep_a_close_from_ending_it)
{
    for (uint64_t k = 1; k < 8; k++) {
        struct fm__fault_plan plan = {
            .error = -ENOMEM, .from_then_on = k > 4, .spare_waits = true};
        fm_process *process =
            sleeper("", &(fm_process_options){.group = k % 2 == 0});
        plan.fail_at[FM__DOOR_SYSTEM] = k;
        plan.fail_at[FM__DOOR_OPERATION] = k;
        plan.fail_at[FM__DOOR_MEMORY] = k;
        fm__fault_plan = &plan;
        int status = fm_process_close(process);
        fm__fault_plan = NULL;
        CHECK(FM_PROCESS_SIGNAL(status) == SIGTERM ||
              FM_PROCESS_SIGNAL(status) == SIGKILL);
        CHECK(childless());
    }
}

/* ---- Programmer's errors, and the loop's end ---------------------------- */

/* It ends when its input does, which is with this program. */
static void close_what_is_waited_for(void)
{
    fm_process *process;
    fm_process_start(FM_ARGV("cat"), &process,
                     &(fm_process_options){.in = FM_PROCESS_PIPE});
    fm_task *task = fm_go(lounger, process);
    (void)task;
    fm_yield();
    fm_process_close(process);
}

TEST(a_close_under_somebody_who_waits_aborts)
{
    CHECK_DOOMED(close_what_is_waited_for,
                 "fm_process_close: another task waits for this process");
}

static int signal_on_another_loop(void *process)
{
    return fm_process_signal(process, SIGKILL);
}

static void *run_another_loop(void *process)
{
    fm_run(signal_on_another_loop, process);
    return NULL;
}

static void use_on_another_loop(void)
{
    fm_process *process;
    pthread_t thread;
    fm_process_start(FM_ARGV("true"), &process);
    pthread_create(&thread, NULL, run_another_loop, process);
    pthread_join(thread, NULL);
}

TEST(use_from_another_loop_aborts)
{
    CHECK_DOOMED(use_on_another_loop,
                 "fm_process_signal: this process is another loop's");
}

static void leave_one_open(void)
{
    sleeper("", NULL);
}

TEST(a_process_that_is_left_open_is_reported_and_killed)
{
    CHECK_INT(story_run(leave_one_open, (fm_run_options){0}), 0);
    const struct story_report *left = story_heard(FM_REPORT_LEFT_OPEN);
    CHECK(left != NULL && strstr(left->message, "a process (") != NULL);
    left = story_heard(FM_REPORT_LEFT_OPEN); /* its stream */
    CHECK(left != NULL);
    CHECK(childless());
}

/* ---- A storm ------------------------------------------------------------ */

struct gambler {
    uint64_t seed;
};

/* Of all kinds: quick, slow, deaf, with children, that never were. */
static int gambler(struct gambler *self)
{
    static const char *const commands[] = {"exit 0", "exec sleep 1000",
                                           "cat; exit 1", "sleep 1 & exit 2",
                                           "trap '' TERM; sleep 1000"};
    uint64_t random = self->seed;
    fm_process_talk talk = {.input = "x", .input_size = 1, .linger = 0.001};
    const fm_process_options options = {.group = true, .grace = 0.001};
    const char *command = commands[test_random(&random) % 5];
    int rc = test_random(&random) % 8 == 0
                 ? fm_process_run(FM_ARGV("/nowhere"), &talk, &options)
                 : ask(command, &talk, &options);
    fm_process_talk_clear(&talk);
    (void)rc;
    return 0;
}

static void storm(size_t count)
{
    uint64_t random = test_seed(7);
    unsigned before = descriptors();
    for (size_t done = 0; done < count; done += 10) {
        fm_task *tasks[10];
        for (int i = 0; i < 10; i++)
            tasks[i] = fm_go(gambler, test_random(&random));
        fm_sleep((double)(test_random(&random) % 4) * 0.001);
        for (int i = 0; i < 10; i++) {
            if (test_random(&random) % 4 != 0)
                fm_yield();
            (void)fm_stop(tasks[i]);
        }
    }
    CHECK(childless());
    CHECK_INT(descriptors(), before);
}

STORY(processes_that_are_cut_at_random_leave_nothing)
{
    const char *soak = getenv("FERMATA_SOAK");
    storm(soak != NULL ? 10000 : test_many(200));
}

/* ---- Interrupted calls -------------------------------------------------- */

static bool stop_interrupting;

static void *interrupt(void *arg)
{
    const struct timespec moment = {.tv_nsec = 200000};
    (void)arg;
    while (!__atomic_load_n(&stop_interrupting, __ATOMIC_RELAXED)) {
        kill(getpid(), SIGUSR1);
        nanosleep(&moment, NULL);
    }
    return NULL;
}

static void ignore(int number)
{
    (void)number;
}

STORY(interrupted_calls_are_no_errors)
{
    struct sigaction action = {.sa_handler = ignore};
    pthread_t thread;
    sigaction(SIGUSR1, &action, NULL);
    pthread_create(&thread, NULL, interrupt, NULL);
    for (int i = 0; i < 20; i++) {
        fm_process_talk talk = {.input = "abc", .input_size = 3};
        CHECK_INT(ask("cat", &talk, NULL), 0);
        CHECK_INT(talk.output_size, 3);
        fm_process_talk_clear(&talk);
    }
    __atomic_store_n(&stop_interrupting, true, __ATOMIC_RELAXED);
    pthread_join(thread, NULL);
    signal(SIGUSR1, SIG_IGN); /* one may still be on its way */
    CHECK(childless());
}
