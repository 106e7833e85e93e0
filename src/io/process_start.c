/*
 * process_start.c - what a process is given, and its start
 *
 * All is made ready on the loop's thread: descriptors, environment, streams.
 * Only the birth itself, which waits for a disk to bring the program, is a
 * call on a thread. Invariant: nothing that could fail comes after it.
 */
#include "base/fault.h"
#include "base/memory.h"
#include "base/sys.h"
#include "io/process_record.h"
#include "io/stream_record.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/thread.h>
#include <signal.h>
#include <string.h>

#define BIRTH_PATH "/usr/bin:/bin" /* where an environment has no PATH */
#define BIRTH_STOP_SIGNAL SIGTERM
#define BIRTH_GRACE 5.0
#define BIRTH_ROWS 24
#define BIRTH_COLUMNS 80

_Static_assert(sizeof(struct fm__sys_bound) == sizeof(fm_process_limit) &&
                   sizeof(struct fm__sys_identity) == sizeof(fm_process_user),
               "what users say is what base is told");

struct birth {
    const fm_process_options *options;
    fm_process *process;
    struct fm__sys_spawn spawn;
    int given[3]; /* its 0, 1 and 2; -1: the program's own */
    bool ours[3]; /* given[] is closed here after the start */
    int terminal; /* its side of one, or -1 */
    char **environment;
    struct fm__sys_gift gifts[3 + FM_PROCESS_FDS_MOST];
};

static const fm_process_options process_birth_defaults;

/* ---- Streams ------------------------------------------------------------ */

/* A descriptor of ours, which is closed where no stream can be made of it. */
static int process_birth_stream(struct birth *birth, int fd, fm_stream **stream)
{
    struct fm__loop *loop = birth->process->loop;
    int rc = loop->backend->adopt(loop, fd);
    if (rc < 0) {
        fm__sys_close(fd);
        return rc;
    }
    fm__release(FM__HELD_DESCRIPTORS, 1); /* that was counted twice */
    rc = fm__stream_new(loop, fd, NULL, stream);
    if (rc < 0)
        fm__loop_close_fd(loop, fd);
    return rc;
}

static int process_birth_pipe(struct birth *birth, int which)
{
    int fds[2];
    int theirs = which == 0 ? 0 : 1;
    int rc = fm__sys_pipe_blocking(fds);
    if (rc < 0)
        return rc;
    birth->given[which] = fds[theirs];
    birth->ours[which] = true;
    return process_birth_stream(birth, fds[1 - theirs],
                                &birth->process->streams[which]);
}

static int process_birth_open_terminal(struct birth *birth, fm_stream **stream)
{
    const fm_process_options *options = birth->options;
    unsigned short rows = options->rows, columns = options->columns;
    int fds[2];
    int rc = fm__sys_terminal(fds);
    if (rc < 0)
        return rc;
    birth->terminal = fds[1];
    rc = fm__sys_terminal_size(fds[0], rows > 0 ? rows : BIRTH_ROWS,
                               columns > 0 ? columns : BIRTH_COLUMNS);
    if (rc == 0)
        return process_birth_stream(birth, fds[0], stream);
    fm__sys_close(fds[0]);
    return rc;
}

/* One for all that ask for it. */
static int process_birth_terminal(struct birth *birth, int which)
{
    fm_process *process = birth->process;
    if (!process->terminal) {
        int rc = process_birth_open_terminal(birth, &process->streams[which]);
        if (rc < 0)
            return rc;
        process->terminal = true;
        birth->spawn.terminal = which;
        birth->spawn.session = true;
    } else {
        process->streams[which] = process->streams[birth->spawn.terminal];
    }
    birth->given[which] = birth->terminal;
    return 0;
}

static int process_birth_null(struct birth *birth, int which)
{
    int fd = fm__sys_null();
    if (fd < 0)
        return fd;
    birth->given[which] = fd;
    birth->ours[which] = true;
    return 0;
}

/* Where this program has none its number may be that of a descriptor of ours,
 * and the output goes nowhere. */
static int process_birth_output(struct birth *birth, int which)
{
    if (which != 2)
        return -EINVAL;
    if (birth->given[1] < 0 && !fm__sys_inherited(1))
        return process_birth_null(birth, which);
    birth->given[which] = birth->given[1] >= 0 ? birth->given[1] : 1;
    return 0;
}

static int process_birth_end(struct birth *birth, int which, int kind)
{
    switch (kind) {
    case FM_PROCESS_INHERIT:
        return 0;
    case FM_PROCESS_NULL:
        return process_birth_null(birth, which);
    case FM_PROCESS_PIPE:
        return process_birth_pipe(birth, which);
    case FM_PROCESS_TERMINAL:
        return process_birth_terminal(birth, which);
    case FM_PROCESS_OUTPUT:
        return process_birth_output(birth, which);
    default:
        birth->given[which] = kind - 1;
        return kind > 0 ? 0 : -EINVAL;
    }
}

static int process_birth_ends(struct birth *birth)
{
    const fm_process_options *options = birth->options;
    const int kinds[3] = {options->in, options->out, options->err};
    int rc = 0;
    for (int i = 0; i < 3 && rc == 0; i++)
        rc = process_birth_end(birth, i, kinds[i]);
    return rc;
}

/* ---- What base is told -------------------------------------------------- */

static void process_birth_give(struct birth *birth, int from, int to)
{
    struct fm__sys_spawn *spawn = &birth->spawn;
    birth->gifts[spawn->gifts_count++] =
        (struct fm__sys_gift){.from = from, .to = to};
}

static int process_birth_gifts(struct birth *birth)
{
    const fm_process_options *options = birth->options;
    birth->spawn.gifts = birth->gifts;
    for (int i = 0; i < 3; i++) {
        if (birth->given[i] >= 0)
            process_birth_give(birth, birth->given[i], i);
    }
    if (options->fds_count > FM_PROCESS_FDS_MOST)
        return -EINVAL;
    for (size_t i = 0; i < options->fds_count; i++) {
        const fm_process_fd *gift = &options->fds[i];
        if (gift->number < 3 || gift->number > FM_PROCESS_FD_LAST)
            return -EINVAL;
        process_birth_give(birth, gift->fd, gift->number);
    }
    return 0;
}

static int process_birth_rights(struct birth *birth)
{
    const fm_process_options *options = birth->options;
    struct fm__sys_spawn *spawn = &birth->spawn;
    if (options->stop_signal < 0 || options->stop_signal >= _NSIG ||
        options->limits_count > FM_PROCESS_LIMITS_MOST ||
        (options->user != NULL &&
         options->user->groups_count > FM_PROCESS_GROUPS_MOST))
        return -EINVAL;
    spawn->bounds = (const struct fm__sys_bound *)(const void *)options->limits;
    spawn->bounds_count = options->limits_count;
    spawn->identity =
        (const struct fm__sys_identity *)(const void *)options->user;
    spawn->group = options->group;
    spawn->session |= options->session;
    spawn->directory = options->directory;
    return 0;
}

static const char *process_birth_path(char *const *environment)
{
    for (; *environment != NULL; environment++) {
        if (strncmp(*environment, "PATH=", 5) == 0)
            return *environment + 5;
    }
    return BIRTH_PATH;
}

/* What has a slash is a path (execvp(3)). */
static int process_birth_program(struct birth *birth, const char *const *argv)
{
    struct fm__sys_spawn *spawn = &birth->spawn;
    const char *program = birth->options->program;
    spawn->file = program != NULL ? program : argv[0];
    spawn->argv = (char *const *)(uintptr_t)argv;
    spawn->environment = birth->environment;
    if (strchr(spawn->file, '/') != NULL || spawn->file[0] == '\0')
        return 0;
    spawn->path = process_birth_path(birth->environment);
    spawn->room = fm__memory_new(strlen(spawn->path) + strlen(spawn->file) + 2);
    return spawn->room != NULL ? 0 : -ENOMEM;
}

static int process_birth_prepare(struct birth *birth, const char *const *argv)
{
    int rc = fm__process_environment(birth->options, &birth->environment);
    if (rc == 0)
        rc = process_birth_program(birth, argv);
    if (rc == 0)
        rc = process_birth_ends(birth);
    if (rc == 0)
        rc = process_birth_gifts(birth);
    if (rc == 0)
        rc = process_birth_rights(birth);
    return rc;
}

/* ---- The start ---------------------------------------------------------- */

static int process_birth_happens(void *arg)
{
    return fm__sys_spawn(arg);
}

static void process_birth_over(struct birth *birth)
{
    for (int i = 0; i < 3; i++) {
        if (birth->ours[i])
            fm__sys_close(birth->given[i]);
    }
    if (birth->terminal >= 0)
        fm__sys_close(birth->terminal);
    fm__memory_free(birth->environment);
    fm__memory_free(birth->spawn.room);
}

static void process_birth_fails(struct birth *birth)
{
    fm__process_abort(birth->process);
    fm__memory_free(birth->process);
}

static void process_birth_succeeds(struct birth *birth)
{
    const fm_process_options *options = birth->options;
    fm_process *process = birth->process;
    process->pid = birth->spawn.pid;
    process->pidfd = birth->spawn.pidfd;
    process->ended = process->pidfd < 0;
    process->status = process->ended ? -FM_ENOCHILD : 0;
    process->leads = birth->spawn.group || birth->spawn.session;
    process->stop_signal =
        options->stop_signal != 0 ? options->stop_signal : BIRTH_STOP_SIGNAL;
    process->grace = options->grace != 0 ? options->grace : BIRTH_GRACE;
    fm__process_begin(process);
}

static int process_birth_run(struct birth *birth, const char *const *argv)
{
    const char **failed = birth->options->failed;
    birth->spawn.failed = "start";
    int rc = process_birth_prepare(birth, argv);
    if (rc == 0) {
        fm__sys_spawn_check(&birth->spawn);
        rc = fm_thread_run(process_birth_happens, &birth->spawn);
    }
    process_birth_over(birth);
    if (rc == 0)
        process_birth_succeeds(birth);
    else
        process_birth_fails(birth);
    if (rc < 0 && failed != NULL)
        *failed = birth->spawn.failed;
    return rc;
}

int fm__process_start(const char *const *argv, fm_process **process,
                      const fm_process_options *options)
{
    struct fm__task *self = fm__current;
    int rc = fm__checkpoint(self, "fm_process_start");
    if (rc < 0)
        return rc;
    if (argv == NULL || argv[0] == NULL)
        return -EINVAL;
    if (!self->home->loop.backend->files)
        return -EOPNOTSUPP;
    struct birth birth = {
        .options = options != NULL ? options : &process_birth_defaults,
        .process = fm__memory_new(sizeof *birth.process),
        .given = {-1, -1, -1},
        .terminal = -1,
        .spawn = {.terminal = -1},
    };
    if (birth.process == NULL)
        return -ENOMEM;
    birth.process->loop = &self->home->loop;
    rc = process_birth_run(&birth, argv);
    if (rc == 0)
        *process = birth.process;
    return rc;
}

int fm__process_shell(const char *command, fm_process **process,
                      const fm_process_options *options)
{
    const char *const argv[] = {"/bin/sh", "-c", "--", command, NULL};
    return fm__process_start(argv, process, options);
}
