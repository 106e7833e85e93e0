/*
 * inspect.h - the tasks of a program that runs, or of its core file
 *
 *     fm_inspect *inspect = NULL;
 *     const fm_picture *picture;
 *     int rc = fm_inspect_open(&inspect, 4711);
 *     if (rc == 0 && (rc = fm_inspect_look(inspect, &picture)) == 0)
 *         fm_picture_tree(picture, stdout);
 *     fm_inspect_close(inspect);
 *
 * The program is neither stopped nor made to run anything: its memory is read.
 * All of it may be called anywhere, also inside of tasks; nothing suspends.
 */
#ifndef FERMATA_INSPECT_H
#define FERMATA_INSPECT_H

#include <fermata/api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A program that is looked into. */
typedef struct fm_inspect fm_inspect;

#define FM_PICTURE_NONE SIZE_MAX /* no task: see parent */

/* What a task does. */
typedef enum fm_task_state {
    FM_TASK_RUNNING = 1, /* it holds its loop */
    FM_TASK_READY,       /* its turn comes */
    FM_TASK_WAITING,     /* see wait */
    FM_TASK_ENDED        /* kept until its starter consumes it */
} fm_task_state;

/* What a wait is for. */
typedef enum fm_wait_kind {
    FM_WAIT_NOTHING = 1, /* what only the name tells */
    FM_WAIT_OPERATION,   /* the kernel: fd, local, peer */
    FM_WAIT_DESCRIPTOR,  /* somebody, because of what an fd does */
    FM_WAIT_TIMER,       /* a moment: left */
    FM_WAIT_TASKS,       /* that all of `tasks` end */
    FM_WAIT_ANY,         /* that one of `tasks` ends */
    FM_WAIT_LOCK,        /* who holds it: the first of `tasks` */
    FM_WAIT_COUNTED,     /* a thing of which it says count and limit */
    FM_WAIT_OBJECT,      /* any other thing, at `object` */
    FM_WAIT_CHOICES      /* the first of `choices`, or its timer */
} fm_wait_kind;

/* One of the things that fm_select waits for. Times are none of them: the first
 * that comes is the wait's `left`; nor is what can never be ready. */
typedef struct fm_picture_choice {
    const char *name;  /* of a wait for it alone, never NULL: "queue get" */
    int fd;            /* -1: none */
    const char *local; /* the socket's addresses, or NULL */
    const char *peer;
    uint64_t object; /* its address there, of a broadcast the subscriber's;
                        * 0: none */
    size_t task;     /* that is to end: its place, or FM_PICTURE_NONE */
} fm_picture_choice;

/* Of a task that waits. */
typedef struct fm_picture_wait {
    fm_wait_kind kind;
    const char *name;  /* "sleep", "receive", "queue get" */
    double seconds;    /* that it has lasted, by the loop's clock */
    double left;       /* until its timer; negative: it has none */
    int fd;            /* -1: none */
    const char *local; /* the socket's addresses, or NULL */
    const char *peer;
    uint64_t object;     /* its address there; 0: none */
    size_t count;        /* of what it holds */
    size_t limit;        /* of how many; 0: not known */
    const size_t *tasks; /* places in the picture */
    size_t task_count;
    const fm_picture_choice *choices; /* in the order of the call */
    size_t choice_count;
} fm_picture_wait;

typedef struct fm_picture_task {
    uint64_t id;      /* its handle; unique in the program's life */
    const char *name; /* UTF-8, never NULL; what is not printable is '?' */
    const char *site; /* "file:line" of its start, or "?" */
    size_t loop;      /* its place in loops */
    size_t parent;    /* who owns it, or whose group does; or FM_PICTURE_NONE */
    fm_task_state state;
    bool cancelled;
    bool dense;
    double timeout;       /* s until the first FM_TIMEOUT around it expires;
                           * negative: none */
    fm_picture_wait wait; /* while WAITING */
    unsigned circle;      /* n: it is in the nth circle of tasks that wait for
                           * each other, with no timeout that lets one of them
                           * go; 0: in none */
    uint32_t turns;       /* times that it was left; goes round */
    size_t stack_size;    /* bytes that its frames may take */
    size_t stack_used;    /* in pages, the most since the stack was last cold;
                           * 0: not known */
    int64_t cpu;          /* ns; negative: not measured (FERMATA_STATS) */
    uint64_t pc, sp, fp;  /* where it goes on; 0: not known, or it does not */
} fm_picture_task;

typedef struct fm_picture_loop {
    const char *backend; /* "uring", "epoll" or "sim" */
    int thread;          /* its number: what gettid says */
    bool waiting;        /* in the kernel, for something to do */
    bool whole;          /* nothing ran while the picture was taken; else each
                          * task is true by itself */
    uint64_t polls;      /* how often the kernel was asked */
    uint64_t started;    /* tasks; goes round at 2^32 */
    size_t alive;
    double now; /* its clock, s */
} fm_picture_loop;

/* What a look has found. Tasks are in the order of their start; each one's
 * parent comes first. */
typedef struct fm_picture {
    int pid;
    const char *program; /* its path, or "?" */
    const char *version; /* of the library there */
    const fm_picture_loop *loops;
    size_t loop_count;
    const fm_picture_task *tasks;
    size_t task_count;
    unsigned circles; /* circles of tasks that wait for each other */
    size_t skipped;   /* tasks that changed whenever they were read, or that a
                      * core file lacks */
} fm_picture;

/*
 * Opens a program that runs; pid may be the caller's own, whose loops of other
 * threads are then seen as well.
 *
 * Returns 0; -ESRCH: there is none; -EPERM: it may not be read, see
 * fm_inspect_explain; -ENOENT: Fermata is not in it; -EPROTO: in it is a
 * library whose records this one does not know; -ENOMEM, -EMFILE, -ENFILE.
 */
FM_API int fm_inspect_open(fm_inspect **inspect, int pid);

/*
 * Opens the core file of one that has crashed, or that gcore has copied. The
 * files that were mapped are read where they were, for what the core lacks.
 *
 * Returns as above; -ENOENT also where there is no such file; -ENOEXEC: it is
 * no core file of this machine's kind; -EBADMSG: it is cut short or damaged.
 */
FM_API int fm_inspect_open_core(fm_inspect **inspect, const char *path);

/* Takes NULL. Ends what is borrowed of it. */
FM_API void fm_inspect_close(fm_inspect *inspect);

/*
 * Takes a picture of all tasks: it is borrowed until the next look or the
 * close.
 *
 * Returns 0; -ESRCH: the program has ended; -ENOMEM; -EPROTO: what is there
 * makes no sense, or has no Fermata any more; -EPERM, -EMFILE, -ENFILE: it has
 * become another program, which is opened anew.
 */
FM_API int fm_inspect_look(fm_inspect *inspect, const fm_picture **picture);

/* Reads the program's memory, for who unwinds its stacks. Returns how many
 * bytes, perhaps fewer than size; -EFAULT: nothing is there. */
FM_API ssize_t fm_inspect_memory(fm_inspect *inspect, uint64_t address,
                                 void *buf, size_t size);

/* A sentence about an error of open: why a program may not be read, and what
 * to do; pid 0: a core file. 256 bytes are enough. Returns text. */
FM_API const char *fm_inspect_explain(int rc, int pid, char *text, size_t size);

#ifdef __cplusplus
}
#endif

/*
 * Options of the texts; zero is the default. Lines of a tree and names are in
 * UTF-8 where LC_ALL, LC_CTYPE or LANG say so, else in ASCII.
 *
 *   width    columns of a line, what is longer is cut; 0: all that it takes.
 *            A wide character has two where setlocale() was told of UTF-8
 *   colours  by escape sequences, as terminals know them
 *   bare     the tasks alone: nothing above and below them
 *   unfold   a tree shows each of many tasks that are alike
 *   order    a table and JSON tell of these tasks, `count` places in the
 *            picture; NULL: of all, as they were started
 *   count    of order
 *   more     tells what else there is of a task: in lines that begin with
 *            indent; or, where indent is NULL, in a value of JSON, which
 *            becomes the task's "stack"
 *   arg      given to more
 */
typedef struct fm_picture_options {
    unsigned width;
    bool colours;
    bool bare;
    bool unfold;
    const size_t *order;
    size_t count;
    void (*more)(const fm_picture_task *task, const char *indent, FILE *out,
                 void *arg);
    void *arg;
} fm_picture_options;

/*
 *     int fm_picture_table(const fm_picture *picture, FILE *out, ...);
 *
 * Writes a line for each task, as `fermata ps` does. A third argument, a
 * `const fm_picture_options *`, is optional.
 *
 * Returns 0; -EIO where out has failed.
 */
#define fm_picture_table(...) FM__PICTURE_TABLE(__VA_ARGS__, NULL, )

/*
 *     int fm_picture_tree(const fm_picture *picture, FILE *out, ...);
 *
 * Writes who owns whom, as `fermata pstree` does: many that are alike are one
 * line. Options as of fm_picture_table.
 *
 * Returns 0; -EIO where out has failed; -ENOMEM.
 */
#define fm_picture_tree(...) FM__PICTURE_TREE(__VA_ARGS__, NULL, )

/*
 *     int fm_picture_json(const fm_picture *picture, FILE *out, ...);
 *
 * Writes what `--json` does: an object, whose tasks take a line each. Options
 * as of fm_picture_table.
 *
 * Returns 0; -EIO where out has failed.
 */
#define fm_picture_json(...) FM__PICTURE_JSON(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/* What a task waits for, in words: "sleep, 1.8 s left" or "lock, held by cook
 * 100000003". Nothing where it does not wait. Returns text. */
FM_API const char *fm_picture_wait_text(const fm_picture *picture,
                                        const fm_picture_task *task, char *text,
                                        size_t size);

/* Private: what the macros above call. */
FM_API int fm__picture_table(const fm_picture *picture, FILE *out,
                             const fm_picture_options *options);
FM_API int fm__picture_tree(const fm_picture *picture, FILE *out,
                            const fm_picture_options *options);
FM_API int fm__picture_json(const fm_picture *picture, FILE *out,
                            const fm_picture_options *options);

#ifdef __cplusplus
}
#endif

#define FM__PICTURE_TABLE(picture, out, ...)                                   \
    fm__picture_table((picture), (out),                                        \
                      FM__OPTIONS(fm_picture_options, __VA_ARGS__))
#define FM__PICTURE_TREE(picture, out, ...)                                    \
    fm__picture_tree((picture), (out),                                         \
                     FM__OPTIONS(fm_picture_options, __VA_ARGS__))
#define FM__PICTURE_JSON(picture, out, ...)                                    \
    fm__picture_json((picture), (out),                                         \
                     FM__OPTIONS(fm_picture_options, __VA_ARGS__))

#endif
