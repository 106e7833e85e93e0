/*
 * process.c - a process that runs: its end, its signals, its streams
 *
 * A process is a descriptor that becomes readable when it has ended, whoever
 * takes how. Whoever of ours looks first takes that, and the others read what
 * is written down.
 */
#include "base/die.h"
#include "base/memory.h"
#include "base/sys.h"
#include "io/process_record.h"
#include "task/record.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/fd.h>
#include <fermata/shield.h>
#include <fermata/timeout.h>
#include <math.h>
#include <signal.h>

void fm__process_check(const fm_process *process, const char *caller)
{
    if (process->loop != &fm__task_self(caller)->home->loop)
        fm__die("%s: this process is another loop's", caller);
    if (process->closing)
        fm__die("%s: another task is closing this process", caller);
}

/* ---- Its end ------------------------------------------------------------ */

static int process_status(const struct fm__sys_end *end)
{
    if (end->code == CLD_EXITED)
        return end->status & 0xff;
    int core = end->code == CLD_DUMPED ? 128 : 0;
    return FM_PROCESS_KILLED + core + (end->status & 127);
}

static bool process_take(fm_process *process, bool wait)
{
    struct fm__sys_end end;
    if (process->ended)
        return true;
    int rc = fm__sys_reap(process->pidfd, wait, &end);
    if (rc == 0)
        return false;
    process->status = rc < 0 ? -FM_ENOCHILD : process_status(&end);
    process->usage = end.usage;
    process->ended = true;
    return true;
}

/* Others' taking is told by the descriptor too, when it has ended: until then
 * SIGCHLD may be ignored, and it is a child all the same. */
bool fm__process_look(fm_process *process)
{
    return process_take(process, false);
}

int fm__process_await(fm_process *process)
{
    if (process->ended)
        return 0;
    process->waiting++;
    int rc = fm_wait_fd(process->pidfd, FM_READABLE);
    process->waiting--;
    return rc < 0 ? rc : 0;
}

int fm_process_wait(fm_process *process)
{
    int rc = fm__checkpoint(fm__current, "fm_process_wait");
    if (rc < 0)
        return rc;
    fm__process_check(process, "fm_process_wait");
    while (!fm__process_look(process)) {
        rc = fm__process_await(process);
        if (rc < 0)
            return rc;
    }
    return process->status;
}

int fm_process_wait_try(fm_process *process)
{
    fm__process_check(process, "fm_process_wait_try");
    return fm__process_look(process) ? process->status : -EAGAIN;
}

static double process_seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

int fm_process_used(const fm_process *process, fm_process_usage *usage)
{
    const struct rusage *used = &process->usage;
    fm__process_check(process, "fm_process_used");
    if (!process->ended)
        return -EAGAIN;
    if (process->status < 0)
        return process->status;
    usage->user = process_seconds(used->ru_utime);
    usage->system = process_seconds(used->ru_stime);
    usage->memory = (uint64_t)used->ru_maxrss * 1024;
    return 0;
}

/* ---- What is done to it ------------------------------------------------- */

pid_t fm_process_id(const fm_process *process)
{
    return process->pid;
}

int fm_process_signal(fm_process *process, int number)
{
    fm__process_check(process, "fm_process_signal");
    return process->ended
               ? -ESRCH
               : fm__sys_signal(process->pidfd, process->pid, number);
}

int fm_process_signal_group(fm_process *process, int number)
{
    fm__process_check(process, "fm_process_signal_group");
    if (!process->leads)
        return -EINVAL;
    return process->ended
               ? -ESRCH
               : fm__sys_signal_group(process->pidfd, process->pid, number);
}

int fm_process_resize(fm_process *process, unsigned short rows,
                      unsigned short columns)
{
    fm__process_check(process, "fm_process_resize");
    fm_stream *stream = process->streams[0];
    for (int i = 1; i < 3 && stream == NULL; i++)
        stream = process->streams[i];
    return process->terminal && stream != NULL
               ? fm__sys_terminal_size(fm_stream_fd(stream), rows, columns)
               : -ENOTTY;
}

/* ---- Its streams -------------------------------------------------------- */

fm_stream *fm_process_stream(const fm_process *process, int which)
{
    return which >= 0 && which < 3 ? process->streams[which] : NULL;
}

/* A terminal's is in several places. */
static fm_stream *process_give(fm_process *process, int which)
{
    fm_stream *stream = fm_process_stream(process, which);
    for (int i = 0; i < 3; i++) {
        if (process->streams[i] == stream)
            process->streams[i] = NULL;
    }
    return stream;
}

void fm__process_abort(fm_process *process)
{
    for (int i = 0; i < 3; i++)
        fm_abort(process_give(process, i));
}

int fm_process_close_stream(fm_process *process, int which)
{
    fm__charge(fm__current, "fm_process_close_stream");
    fm__process_check(process, "fm_process_close_stream");
    fm_stream *stream = process_give(process, which);
    return stream != NULL ? fm_close(stream) : 0;
}

/* ---- Its release -------------------------------------------------------- */

/* A leader may have gone to another group: it dies all the same. */
static void process_tell(const fm_process *process, int number)
{
    int rc = -ESRCH;
    if (process->leads)
        rc = fm__sys_signal_group(process->pidfd, process->pid, number);
    if (rc < 0 || number == SIGKILL)
        fm__sys_signal(process->pidfd, process->pid, number);
}

/* Asked first, where it has a grace. A stopped one hears nothing (SIGCONT). */
static bool process_obeys(fm_process *process)
{
    fm_timeout grace;
    if (!(process->grace > 0)) /* NaN is none */
        return false;
    process_tell(process, process->stop_signal);
    process_tell(process, SIGCONT);
    fm_timeout_open(&grace, process->grace);
    int rc = fm__process_await(process);
    return fm_timeout_close(&grace, rc) == 0;
}

/* Killed, it ends: where nothing can be waited with, the thread waits. */
static void process_end(fm_process *process)
{
    fm_shield shield;
    fm_shield_open(&shield, INFINITY);
    if (!process_obeys(process)) {
        process_tell(process, SIGKILL);
        fm__process_await(process);
    }
    fm_shield_close(&shield);
    process_tell(process, SIGKILL);
    process_take(process, true);
}

static void process_free(fm_process *process)
{
    fm__list_remove(&process->guest.link);
    if (process->pidfd >= 0)
        fm__sys_close(process->pidfd);
    fm__memory_free(process);
}

int fm_process_close(fm_process *process)
{
    fm__charge(fm__current, "fm_process_close");
    if (process == NULL)
        return 0;
    fm__process_check(process, "fm_process_close");
    if (process->waiting > 0)
        fm__die("fm_process_close: another task waits for this process");
    fm__process_abort(process);
    process->closing = true;
    if (!process->ended)
        process_end(process);
    int status = process->status;
    process_free(process);
    return status;
}

/* The loop ends before the process; its streams are guests themselves. */
static void process_leave(struct fm__guest *guest)
{
    fm_process *process = FM__CONTAINER(guest, struct fm_process, guest);
    fm__report(FM_REPORT_LEFT_OPEN, NULL, NULL,
               "a process (%d) was still open when its loop ended",
               process->pid);
    if (!process->ended) {
        process_tell(process, SIGKILL);
        process_take(process, true);
    }
    process_free(process);
}

void fm__process_begin(fm_process *process)
{
    process->guest.leave = process_leave;
    fm__loop_guest(process->loop, &process->guest);
}
