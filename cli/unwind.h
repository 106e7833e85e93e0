/*
 * unwind.h - where a task that waits stands, by name and line
 *
 * The program is not stopped: the stack of a task that waits does not change,
 * and what is read of one that goes on meanwhile ends somewhere.
 */
#ifndef CLI_UNWIND_H
#define CLI_UNWIND_H

#include <fermata/inspect.h>

struct unwind;

enum {
    UNWIND_FRAMES = 64
}; /* as many as anybody reads */

/* Innermost first. What is text is borrowed until the unwind is closed. */
struct unwind_frame {
    uint64_t pc;
    const char *function; /* NULL: not known */
    const char *file;     /* NULL: not known */
    int line;             /* 0: not known */
    const char *unit;     /* that was compiled, as the compiler was told */
    const char *module;   /* the name of the file it is in, or NULL */
    uint64_t offset;      /* from where that lies */
    const char *calls;    /* in the first of the user's: "fm_sleep"; or NULL */
};

/*
 * Opens what tells of a program that runs or, where core is not NULL, of its
 * core file; its memory is read through inspect, which is closed after it.
 * Takes long where there is much to read: once for many looks.
 *
 * Returns 0; -ENOSYS: the command was built without libdw; -ENOMEM; -ENOENT:
 * the files that the program was made of are not found. See unwind_explain.
 */
int unwind_open(struct unwind **out, fm_inspect *inspect, int pid,
                const char *core);

/* Takes NULL. */
void unwind_close(struct unwind *unwind);

/*
 * Where a task of the last look stands: the user's functions, and of the
 * library the verb that was called; all where there is no other. Returns how
 * many frames, at most max; -EBUSY: the task runs; -EAGAIN: it
 * has not begun; -ESRCH: it has ended; -EIO: nothing can be made of its stack.
 * See unwind_explain.
 */
int unwind_frames(struct unwind *unwind, const fm_picture_task *task,
                  struct unwind_frame *frames, int max);

/* "cook at kitchen.c:12, in fm_sleep"; without lines "cook at kitchen+0x11a9";
 * without names "kitchen+0x11a9"; '?' is what is no character. Returns text. */
const char *unwind_text(const struct unwind_frame *frame, char *text,
                        size_t size);

/* What an error of these means, to stand alone or behind a colon. */
const char *unwind_explain(int rc);

#endif
