/*
 * process.h - other programs: start, feed, wait for and end them
 *
 *     fm_process_talk talk = {.input = text, .input_size = size};
 *     int status = fm_process_run(FM_ARGV("sort", "-u"), &talk);
 *     if (status == 0)
 *         fwrite(talk.output, 1, talk.output_size, stdout);
 *     fm_process_talk_clear(&talk);
 *
 * A process is a descriptor (pidfd_open(2), Linux 5.3): no handler of SIGCHLD,
 * nothing that a library's own waiting could upset. It gets what it is given
 * and nothing else: no other descriptor, no blocked or ignored signal.
 */
#ifndef FERMATA_PROCESS_H
#define FERMATA_PROCESS_H

#include <fermata/api.h>
#include <fermata/stream.h>
#include <stdbool.h>
#include <sys/types.h>

/* A process that was started; ended by fm_process_close. One that a program
 * leaves open is reported and killed when its loop ends. */
typedef struct fm_process fm_process;

/* What a process's standard input, output or error is: the program's own, */
#define FM_PROCESS_INHERIT 0
/* /dev/null, */
#define FM_PROCESS_NULL (-1)
/* a pipe, whose other end is a stream, */
#define FM_PROCESS_PIPE (-2)
/* a pseudoterminal (pty(7)), whose other side is a stream, */
#define FM_PROCESS_TERMINAL (-3)
/* for the error: where the output goes, */
#define FM_PROCESS_OUTPUT (-4)
/* or a descriptor, borrowed, 0 or more: less would be one of the above. */
#define FM_PROCESS_FD(fd) ((fd) + 1)

/* The words of a command, for fm_process_start and fm_process_run. */
#define FM_ARGV(...) ((const char *const[]){__VA_ARGS__, NULL})

#define FM_PROCESS_FDS_MOST 64     /* further descriptors */
#define FM_PROCESS_FD_LAST 1023    /* the highest number of one */
#define FM_PROCESS_LIMITS_MOST 16  /* limits */
#define FM_PROCESS_GROUPS_MOST 256 /* supplementary groups */

/* A descriptor of the program's, and its number there: 3 or more. */
typedef struct fm_process_fd {
    int fd;
    int number;
} fm_process_fd;

/* A limit of setrlimit(2), in its units; UINT64_MAX is none. */
typedef struct fm_process_limit {
    int resource; /* RLIMIT_NOFILE, ... */
    uint64_t soft;
    uint64_t hard;
} fm_process_limit;

/* What a process has used, and what of its children it has waited for. */
typedef struct fm_process_usage {
    double user;     /* seconds of a processor in itself */
    double system;   /* seconds in the kernel */
    uint64_t memory; /* bytes resident at most, of the largest of them */
} fm_process_usage;

/* Whose rights a process has: all of credentials(7). */
typedef struct fm_process_user {
    uid_t user;
    gid_t group;
    const gid_t *groups; /* the supplementary ones; borrowed */
    size_t groups_count;
} fm_process_user;

/*
 * Options of a start; zero is the default. All is borrowed for the call.
 *
 *   in, out, err  see FM_PROCESS_INHERIT and what follows it
 *   program       the file to execute where it is not argv[0]: with a slash a
 *                 path, else looked for in the PATH of the process's own
 *                 environment, or in /usr/bin and /bin where that has none
 *   directory     where it runs, and what relative paths are relative to
 *   environment   all of it, "NAME=value", ended by NULL; NULL: the program's
 *   changes       after that: "NAME=value" sets, "NAME" removes; ended by NULL
 *   fds           further descriptors, fds_count of them; of two for one
 *                 number, the later
 *   limits        of setrlimit(2), limits_count of them
 *   user          setgroups(2), setresgid(2), setresuid(2), in this order
 *   group         it leads a process group: signals reach what it starts too
 *   session       it leads a session without a terminal (setsid(2)), and a
 *                 group; FM_PROCESS_TERMINAL implies it
 *   rows, columns the size of its terminal; 0: 24 and 80
 *   stop_signal   what asks it to end; 0: SIGTERM
 *   grace         seconds from that to SIGKILL; 0: 5, less than 0: none, and
 *                 it is killed at once
 *   failed        where a start fails: the step that did, a static string:
 *                 "start", "descriptors", "group", "terminal", "limits",
 *                 "user", "directory" or "program"
 */
typedef struct fm_process_options {
    int in;
    int out;
    int err;
    int stop_signal;
    const char *program;
    const char *directory;
    const char *const *environment;
    const char *const *changes;
    const fm_process_fd *fds;
    size_t fds_count;
    const fm_process_limit *limits;
    size_t limits_count;
    const fm_process_user *user;
    bool group;
    bool session;
    unsigned short rows;
    unsigned short columns;
    double grace;
    const char **failed;
} fm_process_options;

/*
 * What is said to a process, and what it says.
 *
 *   input    for its standard input, borrowed: a pipe ends then, a terminal
 *            does not. Is there neither it is not looked at
 *   limit    bytes of each output; 0: FM_PROCESS_TALK_LIMIT
 *   linger   seconds to go on reading where the process has ended and others
 *            still hold its pipe, counted from the last byte; 0: 1
 *   output   what it wrote to standard output, and a NUL behind it; NULL where
 *   errors   that was no pipe. The same of standard error. The caller's, freed
 *            by fm_process_talk_clear
 */
typedef struct fm_process_talk {
    const void *input;
    size_t input_size;
    size_t limit;
    double linger;
    char *output;
    size_t output_size;
    char *errors;
    size_t errors_size;
} fm_process_talk;

#define FM_PROCESS_TALK_LIMIT (16 * 1024 * 1024)

/*
 * How a process ended, as fm_process_wait tells: what it gave to exit(3), 0 to
 * 255; or FM_PROCESS_KILLED and the number of the signal that ended it, and
 * 128 more where it left a core(5).
 */
#define FM_PROCESS_KILLED 256
/* The number of that signal, or 0. */
#define FM_PROCESS_SIGNAL(status)                                              \
    ((status) >= FM_PROCESS_KILLED ? (status) & 127 : 0)
/* Whether there is a core. */
#define FM_PROCESS_DUMPED(status)                                              \
    ((status) >= FM_PROCESS_KILLED && ((status) & 128) != 0)

/*
 *     FM_SUSPENDS int fm_process_start(const char *const *argv,
 *                                      fm_process **process, ...);
 *
 * Starts the program argv[0] with these arguments. A thread of the loop's pool
 * does it, without copying this program's memory (CLONE_VM | CLONE_VFORK of
 * clone(2)). A third argument, a `const fm_process_options *`, is optional.
 * argv is borrowed for the call and ends with NULL. When it returns 0 the
 * program runs: nothing of the start is left that could fail.
 *
 * Cut before it has begun, nothing was started; after that it is waited for,
 * and the cut shows at the next call.
 *
 * Returns 0, and *process is the caller's, to be closed; or, with *process as
 * it was, -ECANCELED or -ETIMEDOUT when cut; -EINVAL for no argv[0], a number
 * or a count out of its range, or an empty name in the environment;
 * -EOPNOTSUPP in the simulator; -EMFILE or -ENFILE without free descriptors,
 * or for a number at RLIMIT_NOFILE or above; -ENOMEM, -EAGAIN without leave for
 * one more process or thread, -ENOSYS before Linux 5.3; or what went wrong in
 * the step that options.failed tells, among it -ENOENT without such a file or
 * directory, -EACCES or -ENOEXEC where it cannot be executed, -FM_EINTERPRETER
 * where there is a file and what its first line names is not there, -E2BIG for
 * too much in argv and the environment, -EPERM.
 */
#define fm_process_start(...) FM__PROCESS_START(__VA_ARGS__, NULL, )

/*
 *     FM_SUSPENDS int fm_process_shell(const char *command,
 *                                      fm_process **process, ...);
 *
 * fm_process_start of /bin/sh with a command, sh(1). What comes from elsewhere
 * has no place in it: hand that over by `changes`, as "$NAME", or use no shell.
 *
 * Returns as fm_process_start.
 */
#define fm_process_shell(...) FM__PROCESS_SHELL(__VA_ARGS__, NULL, )

/*
 *     FM_SETTLES int fm_process_run(const char *const *argv,
 *                                   fm_process_talk *talk, ...);
 *
 * Starts a program, talks with it, waits for it and closes it. With a talk,
 * output and error are pipes where the options say FM_PROCESS_INHERIT, and the
 * input is a pipe, or /dev/null where talk->input is NULL. NULL for talk only
 * waits. Cut, or where the talk fails, it ends the process as fm_process_close
 * does, and what had come is in talk. A third argument, a
 * `const fm_process_options *`, is optional.
 *
 * Returns how it ended, 0 or more; or as fm_process_start and
 * fm_process_communicate.
 */
#define fm_process_run(...) FM__PROCESS_RUN(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Waits for the end of a process, and takes it: no zombie is left. Any number
 * of tasks may wait, before and after. A cut leaves the process as it is.
 *
 * Returns how it ended, 0 or more; -ECANCELED or -ETIMEDOUT when cut;
 * -FM_ENOCHILD where it has ended and somebody else has taken how: SIGCHLD is
 * ignored (wait(2), NOTES), or a library waits for any child; -ENOMEM.
 */
FM_API FM_SUSPENDS int fm_process_wait(fm_process *process);

/*
 * The same without waiting.
 *
 * Returns as fm_process_wait; -EAGAIN while it runs.
 */
FM_API int fm_process_wait_try(fm_process *process);

/*
 * Feeds a process, reads what it says, and waits for its end. All its pipes are
 * served at once, so that neither side waits for the other. Its streams are
 * not the caller's to read or write meanwhile. A process that does not read
 * its input to the end does no harm. Fields of talk that it fills are those of
 * an empty one before.
 *
 * A process that has ended may have left its pipe to others, who write on, or
 * just keep it: after talk->linger without a byte they are not waited for.
 *
 * Returns how it ended, 0 or more; or a negative code, and the process goes
 * on without input, and what had come is in talk: -EMSGSIZE for more than
 * talk->limit; -FM_EHELD where others kept a pipe, and then it has ended;
 * -ENOMEM; or as fm_process_wait and fm_read.
 */
FM_API FM_SUSPENDS int fm_process_communicate(fm_process *process,
                                              fm_process_talk *talk);

/* Frees what was said by a process, and forgets it. */
FM_API void fm_process_talk_clear(fm_process_talk *talk);

/*
 * The stream to or from a process's standard input, output or error: 0, 1
 * or 2; borrowed until the process, or that one, is closed. fm_write_eof on
 * the first ends the input. A terminal has one stream for all, which reads
 * -EIO when nobody has it open any more (pty(7)).
 *
 * Returns NULL where it is neither a pipe nor a terminal, or closed.
 */
FM_API fm_stream *fm_process_stream(const fm_process *process, int which);

/*
 * Closes one of them early, as fm_close.
 *
 * Returns as fm_close; 0 where there is none.
 */
FM_API FM_SETTLES int fm_process_close_stream(fm_process *process, int which);

/* Returns the number of a process, which is its own as long as its end was not
 * taken. */
FM_API pid_t fm_process_id(const fm_process *process);

/*
 * Sends a signal to a process, never to another that has its number.
 *
 * Returns 0; -ESRCH when it has ended, -EINVAL for no signal, -EPERM.
 */
FM_API int fm_process_signal(fm_process *process, int number);

/*
 * Sends a signal to all of its group, where it leads one.
 *
 * Returns as fm_process_signal; -EINVAL where it leads none.
 */
FM_API int fm_process_signal_group(fm_process *process, int number);

/*
 * Tells a terminal its size, and the process by SIGWINCH.
 *
 * Returns 0; -ENOTTY where there is no terminal, or what else ioctl_tty(2)
 * says.
 */
FM_API int fm_process_resize(fm_process *process, unsigned short rows,
                             unsigned short columns);

/*
 * What a process has used, by getrusage(2).
 *
 * Returns 0; -EAGAIN before its end was taken, -FM_ENOCHILD where others took
 * it.
 */
FM_API int fm_process_used(const fm_process *process, fm_process_usage *usage);

/*
 * Ends and releases a process. Its streams are closed, and what was not yet
 * sent is lost. Where its end was not taken yet it gets the stop_signal and
 * SIGCONT, and after its grace SIGKILL; with a group of its own all of that
 * does, and what of it is left when the process has ended is killed. No cut
 * shortens this, and no zombie and no descriptor is left. Aborts with a
 * sentence while another task waits for the process or uses its streams. NULL
 * is 0.
 *
 * Returns how it ended, as fm_process_wait.
 */
FM_API FM_SETTLES int fm_process_close(fm_process *process);

/* Private: what the macros above call. */
FM_API FM_SUSPENDS int fm__process_start(const char *const *argv,
                                         fm_process **process,
                                         const fm_process_options *options);
FM_API FM_SUSPENDS int fm__process_shell(const char *command,
                                         fm_process **process,
                                         const fm_process_options *options);
FM_API FM_SETTLES int fm__process_run(const char *const *argv,
                                      fm_process_talk *talk,
                                      const fm_process_options *options);

#ifdef __cplusplus
}
#endif

#define FM__PROCESS_START(argv, process, ...)                                  \
    fm__process_start((argv), (process),                                       \
                      FM__OPTIONS(fm_process_options, __VA_ARGS__))
#define FM__PROCESS_SHELL(command, process, ...)                               \
    fm__process_shell((command), (process),                                    \
                      FM__OPTIONS(fm_process_options, __VA_ARGS__))
#define FM__PROCESS_RUN(argv, talk, ...)                                       \
    fm__process_run((argv), (talk),                                            \
                    FM__OPTIONS(fm_process_options, __VA_ARGS__))

#endif
