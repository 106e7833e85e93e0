/*
 * unwind_text.c - of all frames those that tell something, and their text
 *
 * What is the library's own is known by its names, by the file that it is in,
 * or by its source: where that of the innermost frame is, which always parks.
 * Between it and what is certainly not, what is not known is the user's.
 */
#include "glyphs.h"
#include "unwind_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool unwind_begins(const char *text, const char *with)
{
    return text != NULL && strncmp(text, with, strlen(with)) == 0;
}

static const char *unwind_last(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* How much of a path of the library's source its other paths have too: that
 * of src/task/park.c up to src/, that of fermata.c all. */
static size_t unwind_root(const char *path)
{
    size_t size = strlen(path), folders = 0;
    if (strcmp(unwind_last(path), "fermata.c") == 0)
        return size;
    for (size_t i = size; i > 0; i--) {
        if (path[i - 1] == '/' && ++folders == 2)
            return i;
    }
    return size;
}

static bool unwind_is_ours(const struct unwind_frame *frame,
                           const struct unwind_frame *park)
{
    if (unwind_begins(frame->function, "fm_"))
        return true;
    if (frame->module != NULL &&
        unwind_begins(unwind_last(frame->module), "libfermata"))
        return true;
    if (frame->unit == NULL || park->unit == NULL ||
        !unwind_begins(park->function, "fm_"))
        return false;
    return strncmp(frame->unit, park->unit, unwind_root(park->unit)) == 0;
}

bool unwind_is_verb(const char *name)
{
    return unwind_begins(name, "fm_") && !unwind_begins(name, "fm__");
}

static int unwind_called(const struct unwind_frame *frames, int count)
{
    int called = 0;
    bool verb = false;
    for (int i = 0; i < count; i++) {
        if (unwind_is_ours(&frames[i], &frames[0])) {
            called = i + 1;
            verb = unwind_is_verb(frames[i].function);
        } else if (verb || frames[i].file != NULL) {
            break;
        }
    }
    return called;
}

int unwind_skipped(const struct unwind_frame *frames, int count)
{
    int called = unwind_called(frames, count);
    if (called < count)
        return called;
    int inside = 0;
    while (inside < count - 1 && unwind_begins(frames[inside].function, "fm__"))
        inside++;
    return inside;
}

const char *unwind_text(const struct unwind_frame *frame, char *text,
                        size_t size)
{
    char place[512];
    if (frame->file != NULL)
        snprintf(place, sizeof place, "%s:%d", unwind_last(frame->file),
                 frame->line);
    else if (frame->module != NULL)
        snprintf(place, sizeof place, "%s+0x%" PRIx64,
                 unwind_last(frame->module), frame->offset);
    else
        snprintf(place, sizeof place, "0x%" PRIx64, frame->pc);
    const char *function = frame->function != NULL ? frame->function : "";
    const char *at = frame->function != NULL ? " at " : "";
    snprintf(text, size, "%s%s%s%s%s", function, at, place,
             frame->calls != NULL ? ", in " : "",
             frame->calls != NULL ? frame->calls : "");
    glyphs_tame(text, 0);
    return text;
}

const char *unwind_explain(int rc)
{
    switch (rc) {
    case -ENOSYS:
        return "this fermata was built without libdw (Debian's libdw-dev), "
               "which reads stacks";
    case -EBUSY:
        return "it runs: only of a task that waits it is known where it stands";
    case -EAGAIN:
        return "it has not begun";
    case -ESRCH:
        return "it has ended";
    case -ENOENT:
        return "the files that the program was made of are not found";
    case -ENOMEM:
        return "there is no memory to read stacks";
    default:
        return "its stack cannot be read";
    }
}
