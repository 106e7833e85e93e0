/*
 * loop.h - the callback floor: an event loop that knows no tasks
 *
 *     static void tick(void *arg) { puts("tick"); fm_loop_stop(arg); }
 *
 *     fm_call call = {.fn = tick, .arg = loop};
 *     fm_loop_later(loop, &call, 0.5);
 *     fm_loop_run(loop);
 *
 * A loop belongs to the thread that opened it; a call from another one ends
 * the program with a sentence. The loop calls one function at a time, from
 * fm_loop_run, fm_loop_step or fm_loop_close and never from inside another
 * call. It may do everything here but run, step or close the loop. Records
 * are in the caller's memory, and zero but for the fields that have names.
 */
#ifndef FERMATA_LOOP_H
#define FERMATA_LOOP_H

#include <fermata/address.h>
#include <fermata/api.h>
#include <fermata/fd.h>
#include <fermata/remote.h>
#include <fermata/report.h>
#include <stdbool.h>
#include <sys/types.h>

/* A loop; open it, run or step it, close it. */
typedef struct fm__loop fm_loop;

/* Bytes that were received into memory of the loop's. */
typedef struct fm__buffer fm_buffer;

/*
 * Options of a loop; zero is the default.
 *
 *   backend        "auto", "uring", "epoll" or "sim" (virtual time and a
 *                  virtual world); NULL: what FERMATA_BACKEND says, else auto
 *   seed           of the simulator; 0: what FERMATA_SEED says, else 1
 *   threads        of the loop's pool at most, as fm_run_options has it
 *   debug          watch the loop and report what holds it or blocks it, see
 *                  report.h; also where FERMATA_DEBUG is 1
 *   slow_turn      seconds that a turn may take: watches as well; 0: what
 *                  FERMATA_SLOW_TURN says, else 0.1 where the loop is watched
 *   on_report      receives the reports instead of stderr, on the loop's
 *                  thread
 *   on_report_arg  given to on_report
 */
typedef struct fm_loop_options {
    const char *backend;
    uint64_t seed;
    unsigned threads;
    bool debug;
    double slow_turn;
    void (*on_report)(const fm_report *report, void *arg);
    void *on_report_arg;
} fm_loop_options;

/* A function that is to be called: what, with which argument. */
typedef struct fm_call {
    void (*fn)(void *arg);
    void *arg;
    uintptr_t reserved[10];
} fm_call;

/* A blocking call that a thread of the loop's is to make: `fn`, there, and
 * then `done`, on the loop, with what fn returned. */
typedef struct fm_job {
    int (*fn)(void *arg);
    void (*done)(void *arg, int result);
    void *arg;
    uintptr_t reserved[18];
} fm_job;

/* A signal that is trapped: which, who is told. */
typedef struct fm_trap {
    int number;
    void (*fn)(void *arg, int number);
    void *arg;
    uintptr_t reserved[12];
} fm_trap;

/* A descriptor that is watched: which, for what, who is told. */
typedef struct fm_watch {
    int fd;
    int events; /* FM_READABLE, FM_WRITABLE or both */
    void (*fn)(void *arg, int events);
    void *arg;
    uintptr_t reserved[2];
} fm_watch;

/*
 * What an operation does, with `buf` and `size` of the record.
 *
 *   FM_OP_READ     into buf: at least one byte, 0 is the end
 *   FM_OP_RECEIVE  the same into a buffer that the loop lends: buf and buffer
 *                  are set when it is done, and only if result is above 0
 *   FM_OP_WRITE    from buf: at least one byte
 *   FM_OP_WRITEV   from vectors, buf is a struct iovec[], size their number:
 *                  at least one byte
 *   FM_OP_ACCEPT   a connection from a listener: result is its descriptor
 *   FM_OP_CONNECT  buf is the struct sockaddr, size its size
 */
typedef enum fm_op_kind {
    FM_OP_READ = 1,
    FM_OP_RECEIVE,
    FM_OP_WRITE,
    FM_OP_WRITEV,
    FM_OP_ACCEPT,
    FM_OP_CONNECT
} fm_op_kind;

/* An operation: what, on which descriptor, and whom to call at its end. */
typedef struct fm_op {
    fm_op_kind kind;
    int fd;
    void *buf;
    size_t size;
    void (*done)(struct fm_op *op);
    void *arg;         /* the caller's own */
    ssize_t result;    /* in done: a count or a descriptor, or -errno */
    fm_buffer *buffer; /* in done, of FM_OP_RECEIVE: holds buf */
    uintptr_t reserved[18];
} fm_op;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Opens a loop of the calling thread; options may be NULL.
 *
 * Returns 0 and the loop; -EINVAL for an unknown backend (said on stderr),
 * -ENOMEM, -EMFILE, -ENFILE, or what else the kernel says.
 */
FM_API FM_MUST_USE int fm_loop_open(fm_loop **loop,
                                    const fm_loop_options *options);

/*
 * Ends a loop that is not running: calls that are pending are never made,
 * watches and traps are closed; operations and jobs are cancelled, and their
 * `done` is called before this returns. What is started meanwhile ends with
 * -ECANCELED. The loop closes no descriptor and takes no buffer back: what
 * `done` leaves open stays open, and a buffer that is still lent aborts with
 * a sentence. NULL does nothing.
 */
FM_API void fm_loop_close(fm_loop *loop);

/*
 * Runs the loop until fm_loop_stop; when that was called before, one turn,
 * without waiting.
 */
FM_API void fm_loop_run(fm_loop *loop);

/*
 * Makes fm_loop_run return, and fm_loop_step say so, when all that is ready
 * has been called. What becomes ready by that is left for the next run. In a
 * task it ends fm_run, and the tasks that are left are cancelled.
 */
FM_API void fm_loop_stop(fm_loop *loop);

/*
 * Looks what has become ready, and calls it, without waiting: for foreign
 * loops. One waits until the descriptor fm_loop_fd is readable, or
 * fm_loop_timeout has passed, and then steps. In the simulator time jumps to
 * what is next when nothing is ready.
 *
 * Returns whether to go on: false after fm_loop_stop, and of a loop of
 * fm_run_open when its last task has ended.
 */
FM_API bool fm_loop_step(fm_loop *loop);

/*
 * A descriptor that polls as readable when a step is due.
 *
 * Returns the descriptor, the same each time, which stays the loop's: never
 * read it; or, the first time, -EMFILE, -ENFILE or -ENOMEM.
 */
FM_API int fm_loop_fd(fm_loop *loop);

/*
 * How long a foreign loop may wait before it has to step, provided that it
 * asked after the last call that it made of this loop.
 *
 * Returns nanoseconds; 0: step now; -1: until fm_loop_fd is readable.
 */
FM_API int64_t fm_loop_timeout(fm_loop *loop);

/*
 * The moment now, on the loop's clock, read when called; see fm_now.
 * Returns nanoseconds.
 */
FM_API int64_t fm_loop_now(const fm_loop *loop);

/*
 * The backend that was chosen.
 * Returns "uring", "epoll" or "sim", a static string.
 */
FM_API const char *fm_loop_backend(const fm_loop *loop);

/* ---- Calls --------------------------------------------------------------
 *
 * A record serves one call at a time: asking for another one while the first
 * is pending moves it. When its function is called, or the call cancelled,
 * the loop has done with the record: it may be used again, or freed. */

/* Calls in the next turn, in order of asking. */
FM_API void fm_loop_soon(fm_loop *loop, fm_call *call);

/*
 * Calls after a span in seconds, counted from the end of this turn: never
 * early. Zero or less is due then; infinity is never.
 *
 * Returns 0; -EINVAL for NaN, and nothing has changed.
 */
FM_API int fm_loop_later(fm_loop *loop, fm_call *call, double seconds);

/* Calls at a moment of fm_loop_now's clock, in order of the moments. */
FM_API void fm_loop_at(fm_loop *loop, fm_call *call, int64_t moment);

/*
 * Takes a call back; harmless when it was made, or never asked for.
 * Returns whether it was pending.
 */
FM_API bool fm_call_cancel(fm_call *call);

/* Returns whether the call is still to be made. */
FM_API bool fm_call_pending(const fm_call *call);

/*
 * When a pending call is due: of one of fm_loop_later, in the turn that asked
 * for it, at the earliest.
 *
 * Returns a moment in nanoseconds, INT64_MAX for never, -1 when the call is
 * not pending or waits for no moment.
 */
FM_API int64_t fm_call_when(const fm_call *call);

/* ---- Threads and signals ------------------------------------------------ */

/*
 * The way into the loop from other threads: see remote.h. Posted functions
 * are called in order of posting, the last of them while the loop closes.
 *
 * Returns the remote, to be put back by fm_remote_put; NULL without memory.
 */
FM_API FM_MUST_USE fm_remote *fm_loop_remote(fm_loop *loop);

/*
 * Has job->fn called on a thread of the loop's pool, and then job->done by the
 * loop, exactly once. fn may use whatever threads may, and nothing of the
 * loop's. Jobs begin in order of asking; the record is the loop's until done
 * is called.
 *
 * Returns 0; -ENOMEM, or -EAGAIN when no thread could be started: then done
 * is not called.
 */
FM_API FM_MUST_USE int fm_job_start(fm_loop *loop, fm_job *job);

/* Takes back a job that has not begun: done is called with -ECANCELED. One
 * that runs is waited for, by fm_loop_close too. Harmless after the end. */
FM_API void fm_job_cancel(fm_job *job);

/*
 * Holds a signal in the whole process, and calls trap->fn whenever it is
 * raised, until the trap is closed. Raised again before fn was called it
 * counts as one. Of several traps of a signal one is called, in turns.
 *
 * Returns 0; -EINVAL when the number is no signal that can be trapped; -EBUSY
 * where another loop holds it; or what the kernel says.
 */
FM_API FM_MUST_USE int fm_trap_open(fm_loop *loop, fm_trap *trap);

/* Ends a trap: fn is not called again; with the last one the signal has its
 * disposition back. Harmless when it is closed, or never was open. */
FM_API void fm_trap_close(fm_trap *trap);

/* ---- Watches ------------------------------------------------------------ */

/*
 * Calls watch->fn in each turn in which the descriptor is ready for one of
 * the events, with those that it is ready for, until the watch is closed. An
 * end, an error or a hang-up makes it ready for all of them. Any number of
 * watches may be on a descriptor. It may be anybody's, and must be open while
 * it is watched. When it cannot be watched any longer fn is called once more,
 * with a negative code, and the watch is closed already.
 *
 * Returns 0, -EINVAL for no events or unknown ones, -ENOMEM.
 */
FM_API FM_MUST_USE int fm_watch_open(fm_loop *loop, fm_watch *watch);

/* Ends a watch: fn is not called again, the record and the descriptor may go
 * at once. Harmless when it is closed, or never was open. */
FM_API void fm_watch_close(fm_watch *watch);

/* ---- Operations --------------------------------------------------------- */

/*
 * Starts an operation; `done` is called at its end, exactly once and never
 * from inside this call, with op->result. Until then the record and what buf
 * points to are the loop's; from then on the record may be used again, or
 * freed. The descriptor is one that this loop has opened or adopted. Several
 * reads, or writes, of a descriptor are served in order.
 *
 * op->result is negative when it failed: what the kernel says, -ECANCELED
 * after fm_op_cancel, -ENOMEM.
 */
FM_API void fm_op_start(fm_loop *loop, fm_op *op);

/*
 * Asks an operation to stop. Its own end still follows, with -ECANCELED or
 * with what had already succeeded; harmless after that.
 */
FM_API void fm_op_cancel(fm_op *op);

/* Gives the buffer of an FM_OP_RECEIVE back, be it long after its end; NULL
 * does nothing. While too many are lent, operations that want one wait. */
FM_API void fm_buffer_put(fm_loop *loop, fm_buffer *buffer);

/* ---- Descriptors --------------------------------------------------------
 *
 * All are non-blocking and close-on-exec. They are the system's, and may be
 * given to setsockopt(2) and its like; those of the simulator are numbers that
 * mean nothing to the system. */

/*
 * Opens a stream socket of a family, such as AF_INET.
 * Returns the descriptor, or what socket(2) says.
 */
FM_API int fm_loop_socket(fm_loop *loop, int family);

/*
 * Opens a stream socket that listens on an address; port 0 lets the system
 * choose one. An address that a server of before has just left can be taken at
 * once (SO_REUSEADDR of socket(7)).
 * Returns the descriptor, or what socket(2), bind(2) and listen(2) say.
 */
FM_API int fm_loop_listen(fm_loop *loop, const fm_address *address);

/*
 * Opens two stream sockets that are connected with each other.
 * Returns 0 and the descriptors, or what socketpair(2) says.
 */
FM_API int fm_loop_pair(fm_loop *loop, int fds[2]);

/* Returns 0 and a socket's own address, -ENOTSOCK or -EBADF. */
FM_API int fm_loop_address(fm_loop *loop, int fd, fm_address *address);

/* Returns 0 and the address of a socket's peer, -ENOTCONN without one,
 * -ENOTSOCK or -EBADF. */
FM_API int fm_loop_peer(fm_loop *loop, int fd, fm_address *address);

/*
 * Makes a descriptor from elsewhere one of this loop's, on which operations
 * may be started.
 * Returns 0; -EBADF, in the simulator for every descriptor of the system.
 */
FM_API int fm_loop_adopt(fm_loop *loop, int fd);

/* Gives a descriptor away that no operation is in flight on: the caller's
 * again, or another loop's. A watch counts as one until the turn after its
 * close. */
FM_API void fm_loop_forget(fm_loop *loop, int fd);

/*
 * Half-close: the peer reads what was written, then the end.
 * Returns 0, -ENOTCONN, -ENOTSOCK or -EBADF.
 */
FM_API int fm_loop_shutdown(fm_loop *loop, int fd);

/*
 * Closes a descriptor that the loop opened or adopted. Aborts with a sentence
 * when an operation on it is in flight or a watch is open.
 * Returns 0, -EBADF, or what close(2) says; it is closed all the same.
 */
FM_API int fm_loop_close_fd(fm_loop *loop, int fd);

#ifdef __cplusplus
}
#endif

#endif
