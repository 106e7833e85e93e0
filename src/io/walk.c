/*
 * walk.c - the entries of a whole tree, one after the other
 *
 * What is in memory is given at once; a thread is asked for a directory to be
 * entered, for more entries of one, and for the way up where that is closed.
 *
 * Invariant: `path` is that of the entry given last, or of the directory that
 * could not be read; what lies before `name` is that of the last directory.
 */
#include <fermata/directory.h>

#include "base/die.h"
#include "base/memory.h"
#include "io/descent.h"
#include "task/record.h"

#include <fermata/thread.h>
#include <string.h>

struct fm_walk {
    struct fm__loop *loop;
    struct fm__guest guest;
    struct fm__descent descent;
    unsigned depth; /* of the deepest entries */
    bool busy;      /* a task is in a call */
    bool enter;     /* the entry given last, next */
    int broken;     /* there is no way up: why */
    char *path;
    size_t size; /* of the memory for it */
    size_t name; /* where its last part begins */
};

/* What a thread does, and what came of it. */
struct walk_call {
    fm_walk *walk;
    int result;
};

static void walk_check(const fm_walk *walk, const char *caller)
{
    if (walk->loop != &fm__task_self(caller)->home->loop)
        fm__die("%s: the walk belongs to another loop", caller);
    if (walk->busy)
        fm__die("%s: another task is on this walk", caller);
}

static int walk_reserve(fm_walk *walk, size_t size)
{
    if (walk->path != NULL && size <= walk->size)
        return 0;
    char *path = fm__memory_resize(walk->path, size * 2);
    if (path == NULL)
        return -ENOMEM;
    walk->path = path;
    walk->size = size * 2;
    return 0;
}

/* The path of an entry of the last directory. */
static int walk_name(fm_walk *walk, const char *name)
{
    size_t length = fm__descent_top(&walk->descent)->length;
    size_t size = strlen(name) + 1;
    int rc = walk_reserve(walk, length + 1 + size);
    if (rc < 0)
        return rc;
    if (length > 0 && walk->path[length - 1] != '/')
        walk->path[length++] = '/';
    memcpy(walk->path + length, name, size);
    walk->name = length;
    return 0;
}

/* ---- On a thread --------------------------------------------------------- */

static int walk_open(void *arg)
{
    struct walk_call *call = arg;
    fm_walk *walk = call->walk;
    call->result =
        fm__descent_enter(&walk->descent, fm__sys_here(walk->path), 0);
    return 0;
}

static int walk_enter(void *arg)
{
    struct walk_call *call = arg;
    fm_walk *walk = call->walk;
    const struct fm__sys_place place = {fm__descent_top(&walk->descent)->fd,
                                        walk->path + walk->name};
    call->result = fm__descent_enter(&walk->descent, place,
                                     walk->descent.follow ? 0 : O_NOFOLLOW);
    return 0;
}

static int walk_more(void *arg)
{
    struct walk_call *call = arg;
    call->result = fm__descent_more(&call->walk->descent);
    return 0;
}

static int walk_leave(void *arg)
{
    struct walk_call *call = arg;
    call->result = fm__descent_leave(&call->walk->descent);
    return 0;
}

/* Below 0 where it was not run; then nothing has changed. */
static int walk_run(fm_walk *walk, int (*fn)(void *), int *result)
{
    struct walk_call call = {.walk = walk};
    walk->busy = true;
    int rc = fm_thread_run(fn, &call);
    walk->busy = false;
    *result = call.result;
    return rc;
}

/* ---- Its steps ----------------------------------------------------------- */

/* What is returned for a directory that cannot be read; it is left out. */
static int walk_fail(const fm_walk *walk, fm_walk_entry *entry, int rc)
{
    *entry = (fm_walk_entry){.path = walk->path,
                             .name = walk->path + walk->name,
                             .kind = S_IFDIR,
                             .depth = (unsigned)walk->descent.count};
    return rc;
}

/* Into the entry that was given last. 0: go on. */
static int walk_down(fm_walk *walk, fm_walk_entry *entry)
{
    if (walk->descent.count >= FM_TREE_DEPTH) {
        walk->enter = false;
        return walk_fail(walk, entry, -ELOOP);
    }
    int result, rc = walk_run(walk, walk_enter, &result);
    if (rc < 0)
        return rc;
    walk->enter = false;
    if (result == 0)
        fm__descent_top(&walk->descent)->length = strlen(walk->path);
    else if (!fm__descent_missed(result))
        return walk_fail(walk, entry, result);
    return 0;
}

/* More of the last directory, whose path is cut to its own where that fails. */
static int walk_on(fm_walk *walk, fm_walk_entry *entry)
{
    struct fm__level *level = fm__descent_top(&walk->descent);
    int result, rc = walk_run(walk, walk_more, &result);
    if (rc < 0 || result == 0)
        return rc;
    level->entries.whole = true;
    walk->path[level->length] = '\0';
    const char *slash = strrchr(walk->path, '/');
    walk->name = slash != NULL ? (size_t)(slash - walk->path) + 1 : 0;
    return walk_fail(walk, entry, result);
}

/* There may be one the next time. */
static bool walk_lacks(int rc)
{
    return rc == -EMFILE || rc == -ENFILE || rc == -ENOMEM;
}

static int walk_up(fm_walk *walk)
{
    int result = 0, rc = 0;
    if (fm__descent_may_leave(&walk->descent))
        fm__descent_leave(&walk->descent);
    else
        rc = walk_run(walk, walk_leave, &result);
    if (result < 0 && !walk_lacks(result))
        walk->broken = result;
    return rc < 0 ? rc : result;
}

/* The next of the last directory: 1 or -errno, and then it is not lost. */
static int walk_give(fm_walk *walk, const struct dirent64 *next,
                     fm_walk_entry *entry)
{
    struct fm__descent *descent = &walk->descent;
    int rc = walk_name(walk, next->d_name);
    if (rc < 0)
        return rc;
    mode_t kind = DTTOIF((mode_t)next->d_type);
    *entry = (fm_walk_entry){.path = walk->path,
                             .name = walk->path + walk->name,
                             .kind = kind,
                             .number = next->d_ino,
                             .depth = (unsigned)descent->count};
    walk->enter = descent->count < walk->depth &&
                  (S_ISDIR(kind) || (S_ISLNK(kind) && descent->follow));
    fm__entries_take(&fm__descent_top(descent)->entries);
    return 1;
}

/* 1: an entry; 0: there is none now; or -errno. */
static int walk_step(fm_walk *walk, fm_walk_entry *entry)
{
    if (walk->enter)
        return walk_down(walk, entry);
    const struct fm__entries *entries =
        &fm__descent_top(&walk->descent)->entries;
    const struct dirent64 *next = fm__entries_peek(entries);
    if (next != NULL)
        return walk_give(walk, next, entry);
    return entries->whole ? walk_up(walk) : walk_on(walk, entry);
}

static bool walk_is_over(const fm_walk *walk)
{
    const struct fm__descent *descent = &walk->descent;
    const struct fm__entries *entries = &descent->levels[0].entries;
    return descent->count == 1 && !walk->enter && entries->whole &&
           fm__entries_peek(entries) == NULL;
}

int fm_walk_next(fm_walk *walk, fm_walk_entry *entry)
{
    int rc = fm__checkpoint(fm__current, "fm_walk_next");
    if (rc < 0)
        return rc;
    walk_check(walk, "fm_walk_next");
    if (walk->broken < 0)
        return walk_fail(walk, entry, walk->broken);
    while (rc == 0 && !walk_is_over(walk))
        rc = walk_step(walk, entry);
    return rc < 0 ? walk_fail(walk, entry, rc) : rc;
}

void fm_walk_skip(fm_walk *walk)
{
    walk_check(walk, "fm_walk_skip");
    walk->enter = false;
}

/* ---- Its life ------------------------------------------------------------ */

static void walk_free(fm_walk *walk)
{
    fm__descent_fini(&walk->descent);
    fm__memory_free(walk->path);
    fm__memory_free(walk);
}

/* The loop ends before the walk. */
static void walk_left(struct fm__guest *guest)
{
    fm__report(FM_REPORT_LEFT_OPEN, NULL, NULL,
               "a walk through a directory was still open when its loop "
               "ended");
    fm__list_remove(&guest->link);
    walk_free(FM__CONTAINER(guest, fm_walk, guest));
}

static fm_walk *walk_new(const char *path, const fm_walk_options *options)
{
    fm_walk *walk = fm__memory_new(sizeof *walk);
    size_t size = strlen(path) + 1;
    if (walk == NULL || walk_reserve(walk, size) < 0) {
        fm__memory_free(walk);
        return NULL;
    }
    memcpy(walk->path, path, size);
    walk->loop = &fm__current->home->loop;
    walk->depth = options->depth > 0 ? options->depth : UINT32_MAX;
    walk->descent.sorted = options->sorted;
    walk->descent.follow = options->follow;
    walk->guest.leave = walk_left;
    return walk;
}

int fm__walk_open(const char *path, fm_walk **out,
                  const fm_walk_options *options)
{
    static const fm_walk_options none = {0};
    int result, rc = fm__checkpoint(fm__current, "fm_walk_open");
    if (rc < 0)
        return rc;
    fm_walk *walk = walk_new(path, options != NULL ? options : &none);
    if (walk == NULL)
        return -ENOMEM;
    rc = walk_run(walk, walk_open, &result);
    if (rc == 0)
        rc = result;
    if (rc < 0) {
        walk_free(walk);
        return rc;
    }
    fm__descent_top(&walk->descent)->length = strlen(path);
    fm__loop_guest(walk->loop, &walk->guest);
    *out = walk;
    return 0;
}

void fm_walk_close(fm_walk *walk)
{
    if (walk == NULL)
        return;
    walk_check(walk, "fm_walk_close");
    fm__list_remove(&walk->guest.link);
    walk_free(walk);
}
