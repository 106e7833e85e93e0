/*
 * sweep_processes.c - scenarios: processes, whatever is done to their parent
 *
 * The simulator has none; there nothing is done, and that is right.
 */
#include "fault/sweep.h"

#include "base/memory.h"

#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static int unless_simulated(int rc)
{
    return rc == -EOPNOTSUPP ? 0 : rc;
}

/* What it said is freed whatever it was. */
static int run_and_forget(const char *const *argv, fm_process_talk *talk,
                          const fm_process_options *options)
{
    int rc = fm_process_run(argv, talk, options);
    /* An input that could not be fed has ended early. */
    if (rc == 0 && memcmp(talk->output, "hello", talk->output_size) != 0)
        sweep_state.noted++;
    fm_process_talk_clear(talk);
    return rc;
}

static int runs(void *arg)
{
    fm_process_talk talk = {.input = "hello", .input_size = 5, .linger = 60};
    (void)arg;
    return unless_simulated(run_and_forget(FM_ARGV("cat"), &talk, NULL));
}

static const char *nothing_is_wrong(int rc)
{
    (void)rc;
    if (sweep_state.noted > 0)
        return "what it said is not what it was told";
    return waitpid(-1, NULL, WNOHANG) >= 0 ? "a child is left" : NULL;
}

struct cook {
    double grace;
};

/* One that would never end. */
static int waits_in_vain(struct cook *self)
{
    fm_process *process = NULL;
    void *block;
    int rc = sweep_begin(&block);
    const fm_process_options options = {.group = true, .grace = self->grace};
    if (rc == 0)
        rc = fm_process_start(FM_ARGV("sleep", "1000"), &process, &options);
    if (rc < 0)
        return sweep_end(block, unless_simulated(rc));
    rc = fm_process_wait(process);
    (void)fm_process_close(process);
    return sweep_end(block, rc);
}

static int cook(struct cook *self)
{
    return waits_in_vain(self);
}

static int stops(void *arg)
{
    fm_task *asked = fm_go(cook, 60);
    fm_task *killed = fm_go(cook, -1);
    (void)arg;
    int rc = sweep_sleep(2);
    int one = fm_stop(asked), two = fm_stop(killed);
    rc = rc < 0 ? rc : one;
    rc = rc < 0 && rc != -ECANCELED ? rc : two;
    return rc == -ECANCELED ? 0 : rc;
}

static int terminal(void *arg)
{
    const fm_process_options options = {.in = FM_PROCESS_TERMINAL,
                                        .out = FM_PROCESS_TERMINAL,
                                        .err = FM_PROCESS_NULL};
    fm_process *process;
    (void)arg;
    int rc = fm_process_start(FM_ARGV("true"), &process, &options);
    if (rc < 0)
        return unless_simulated(rc);
    rc = fm_process_wait(process);
    (void)fm_process_close(process);
    return rc;
}

static int fails_to_start(void *arg)
{
    const fm_process_options options = {.in = FM_PROCESS_PIPE,
                                        .out = FM_PROCESS_PIPE,
                                        .err = FM_PROCESS_OUTPUT};
    fm_process *process;
    (void)arg;
    int rc = fm_process_start(FM_ARGV("/nowhere"), &process, &options);
    if (rc == 0)
        (void)fm_process_close(process);
    return rc == -ENOENT ? 0 : unless_simulated(rc);
}

const struct scenario sweep_processes[] = {
    {"process-run", runs, .also = {-FM_EEOF, -EMSGSIZE},
     .wrong = nothing_is_wrong},
    {"process-stop", stops, .wrong = nothing_is_wrong},
    {"process-terminal", terminal, .wrong = nothing_is_wrong},
    {"process-none", fails_to_start, .wrong = nothing_is_wrong},
    {.name = NULL},
};
