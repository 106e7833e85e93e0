/*
 * unwind_dw.c - the stacks of tasks by libdw, which reads the program's files
 * and is told of its memory and registers
 *
 * Of a task that waits three registers are known. The compiler has saved the
 * others, for the switch changes them all, so the tables lead from there.
 */
#include "unwind_parts.h"

#include <elfutils/libdwfl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    UNWIND_DEPTH = 128,       /* frames that are followed */
    UNWIND_WINDOW = 16 * 1024 /* bytes of a stack that are read at once */
};

struct unwind {
    int pid;
    Elf *core; /* NULL: it runs */
    int core_fd;
    struct unwind_places places;
    fm_inspect *inspect;
    /* Of the task that is looked at. */
    const fm_picture_task *task;
    uint64_t pcs[UNWIND_DEPTH]; /* within the call, not behind it */
    int depth;
    struct unwind_frame frames[UNWIND_DEPTH + UNWIND_INLINED];
    size_t window_size;
    char window[UNWIND_WINDOW]; /* from its sp on */
};

/* ---- files --------------------------------------------------------------- */

/* Opens a file that the program has mapped, as it sees it: its own also where
 * that was replaced since. */
static int unwind_dw_file(const struct unwind *unwind, const char *name)
{
    char path[4096 + 32], own[4096];
    snprintf(path, sizeof path, "/proc/%d/exe", unwind->pid);
    ssize_t size = readlink(path, own, sizeof own - 1);
    own[size > 0 ? size : 0] = '\0';
    if (strcmp(name, own) != 0)
        snprintf(path, sizeof path, "/proc/%d/root%s", unwind->pid, name);
    return open(path, O_RDONLY | O_CLOEXEC);
}

/* wide: libdw's. */
static int unwind_dw_elf(Dwfl_Module *module, void **userdata, const char *name,
                         Dwarf_Addr base, char **file, Elf **elf)
{
    const struct unwind *unwind = *userdata;
    if (unwind == NULL || unwind->core != NULL)
        return dwfl_build_id_find_elf(module, userdata, name, base, file, elf);
    int fd = name[0] == '/' ? unwind_dw_file(unwind, name) : -1;
    if (fd < 0)
        return dwfl_linux_proc_find_elf(module, userdata, name, base, file,
                                        elf);
    *file = strdup(name);
    return fd;
}

static const Dwfl_Callbacks unwind_dw_files = {
    .find_elf = unwind_dw_elf,
    .find_debuginfo = dwfl_standard_find_debuginfo,
};

/* wide: libdw's. */
static int unwind_dw_mark(Dwfl_Module *module, void **userdata,
                          const char *name, Dwarf_Addr base, void *arg)
{
    (void)module, (void)name, (void)base;
    *userdata = arg;
    return DWARF_CB_OK;
}

static bool unwind_dw_report(struct unwind *unwind)
{
    Dwfl *dwfl = unwind->places.dwfl;
    dwfl_report_begin(dwfl);
    int rc = unwind->core != NULL
                 ? dwfl_core_file_report(dwfl, unwind->core, NULL)
                 : -abs(dwfl_linux_proc_report(dwfl, unwind->pid));
    if (dwfl_report_end(dwfl, NULL, NULL) != 0 || rc < 0)
        return false;
    return dwfl_getmodules(dwfl, unwind_dw_mark, unwind, 0) == 0;
}

/* ---- registers and memory ------------------------------------------------ */

static pid_t unwind_dw_thread(Dwfl *dwfl, void *arg, void **thread)
{
    (void)dwfl;
    bool first = *thread == NULL;
    *thread = arg;
    return first ? 1 : 0;
}

static bool unwind_dw_registers(Dwfl_Thread *thread, void *arg)
{
    const fm_picture_task *task = ((struct unwind *)arg)->task;
    Dwarf_Word fp = task->fp, sp = task->sp;
    dwfl_thread_state_register_pc(thread, task->pc);
    return dwfl_thread_state_registers(thread, unwind_registers.fp, 1, &fp) &&
           dwfl_thread_state_registers(thread, unwind_registers.sp, 1, &sp);
}

bool unwind_peek(struct unwind *unwind, uint64_t address, void *buf,
                 size_t size)
{
    uint64_t offset = address - unwind->task->sp;
    if (offset < unwind->window_size && unwind->window_size - offset >= size) {
        memcpy(buf, unwind->window + offset, size);
        return true;
    }
    return fm_inspect_memory(unwind->inspect, address, buf, size) ==
           (ssize_t)size;
}

static bool unwind_dw_memory(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *word,
                             void *arg)
{
    (void)dwfl;
    return unwind_peek(arg, address, word, sizeof *word);
}

static const Dwfl_Thread_Callbacks unwind_dw_state = {
    .next_thread = unwind_dw_thread,
    .memory_read = unwind_dw_memory,
    .set_initial_registers = unwind_dw_registers,
};

/* ---- open and close ------------------------------------------------------ */

static int unwind_dw_core(struct unwind *unwind, const char *core)
{
    unwind->core_fd = open(core, O_RDONLY | O_CLOEXEC);
    if (unwind->core_fd < 0)
        return -errno;
    elf_version(EV_CURRENT);
    unwind->core = elf_begin(unwind->core_fd, ELF_C_READ_MMAP, NULL);
    return unwind->core != NULL ? 0 : -ENOENT;
}

static int unwind_dw_begin(struct unwind *unwind, const char *core)
{
    int rc = core != NULL ? unwind_dw_core(unwind, core) : 0;
    if (rc < 0)
        return rc;
    Dwfl *dwfl = dwfl_begin(&unwind_dw_files);
    if (dwfl == NULL)
        return -ENOMEM;
    unwind->places.dwfl = dwfl;
    if (!unwind_dw_report(unwind) ||
        !dwfl_attach_state(dwfl, NULL, unwind->pid, &unwind_dw_state, unwind))
        return -ENOENT;
    return 0;
}

int unwind_open(struct unwind **out, fm_inspect *inspect, int pid,
                const char *core)
{
    /* Nobody is asked over a network for what is not here. */
    unsetenv("DEBUGINFOD_URLS");
    struct unwind *unwind = calloc(1, sizeof *unwind);
    if (unwind == NULL)
        return -ENOMEM;
    unwind->inspect = inspect;
    unwind->pid = pid;
    unwind->core_fd = -1;
    int rc = unwind_dw_begin(unwind, core);
    if (rc < 0) {
        unwind_close(unwind);
        return rc;
    }
    *out = unwind;
    return 0;
}

void unwind_close(struct unwind *unwind)
{
    if (unwind == NULL)
        return;
    unwind_forget(&unwind->places);
    if (unwind->places.dwfl != NULL)
        dwfl_end(unwind->places.dwfl);
    if (unwind->core != NULL)
        elf_end(unwind->core);
    if (unwind->core_fd >= 0)
        close(unwind->core_fd);
    free(unwind);
}

/* ---- a task -------------------------------------------------------------- */

static int unwind_dw_frame(Dwfl_Frame *frame, void *arg)
{
    struct unwind *unwind = arg;
    Dwarf_Addr pc;
    bool exact;
    if (unwind->depth == UNWIND_DEPTH || !dwfl_frame_pc(frame, &pc, &exact))
        return DWARF_CB_ABORT;
    unwind->pcs[unwind->depth++] = exact ? pc : pc - 1;
    return DWARF_CB_OK;
}

static int unwind_dw_refuses(const fm_picture_task *task)
{
    if (task->state == FM_TASK_RUNNING)
        return -EBUSY;
    if (task->state == FM_TASK_ENDED)
        return -ESRCH;
    if (task->pc == 0)
        return -EIO;
    bool begun = task->turns != 0 || task->fp != 0;
    return begun || task->state == FM_TASK_WAITING ? 0 : -EAGAIN;
}

/* Who calls a function that is no frame of a task's: both are left out, by
 * their places, for they may have no names. */
static void unwind_dw_walk(struct unwind *unwind)
{
    const fm_picture_task *task = unwind->task;
    ssize_t size = fm_inspect_memory(unwind->inspect, task->sp, unwind->window,
                                     sizeof unwind->window);
    unwind->window_size = size > 0 ? (size_t)size : 0;
    unwind->depth = 0;
    int rc =
        dwfl_getthread_frames(unwind->places.dwfl, 1, unwind_dw_frame, unwind);
    if (rc == 0 && unwind->depth > 2)
        unwind->depth -= 2;
}

/* All functions, in all that were inlined too. */
static int unwind_dw_expand(struct unwind *unwind)
{
    int count = 0;
    for (int i = 0; i < unwind->depth && count < UNWIND_DEPTH; i++) {
        const struct unwind_place *place =
            unwind_find(&unwind->places, unwind->pcs[i]);
        for (int k = 0; place != NULL && k < place->count; k++)
            unwind->frames[count++] = place->frames[k];
    }
    return count;
}

/* Of the function that waits at an address, by its call: where that calls
 * another one last, it has no frame. */
static const char *unwind_dw_call(struct unwind *unwind, uint64_t address)
{
    struct unwind_place *place = unwind_find(&unwind->places, address);
    if (place == NULL)
        return NULL;
    if (!place->looked) {
        uint64_t target = unwind_target(unwind, address + 1);
        place->called = unwind_function(&unwind->places, target);
        place->looked = true;
    }
    return unwind_is_verb(place->called) ? place->called : NULL;
}

/* That the user's code has called: it may stand in a macro, behind what is the
 * library's own. */
static const char *unwind_dw_verb(struct unwind *unwind, int skipped)
{
    const struct unwind_frame *frames = unwind->frames;
    for (int i = skipped; i > 0; i--) {
        const char *call = unwind_dw_call(unwind, frames[i].pc);
        if (call != NULL)
            return call;
        if (unwind_is_verb(frames[i - 1].function))
            return frames[i - 1].function;
    }
    return NULL;
}

static int unwind_dw_trim(struct unwind *unwind, int count)
{
    int skipped = unwind_skipped(unwind->frames, count);
    if (skipped > 0)
        unwind->frames[skipped].calls = unwind_dw_verb(unwind, skipped);
    return skipped;
}

int unwind_frames(struct unwind *unwind, const fm_picture_task *task,
                  struct unwind_frame *frames, int max)
{
    int rc = unwind_dw_refuses(task);
    if (rc < 0)
        return rc;
    unwind->task = task;
    unwind_dw_walk(unwind);
    int count = unwind_dw_expand(unwind);
    if (count == 0)
        return -EIO;
    int skipped = unwind_dw_trim(unwind, count);
    count = count - skipped < max ? count - skipped : max;
    memcpy(frames, unwind->frames + skipped, sizeof *frames * (size_t)count);
    return count;
}
