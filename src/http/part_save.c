/*
 * part_save.c - a part becomes a file, all of it or not at all
 *
 * Its bytes come by the client's pace, and are written by a thread, piece by
 * piece; what was begun is taken away by a call that is not cut.
 */
#include "base/memory.h"
#include "http/multipart_record.h"
#include "io/fresh.h"
#include "io/settle.h"

#include <errno.h>
#include <fermata/task.h>
#include <fermata/thread.h>

struct part_save {
    const char *path;
    struct fm__fresh fresh;
    char *piece; /* FM__PART_PIECE bytes */
    size_t size; /* of it, that are to be written */
    size_t done; /* of them */
    int64_t at;  /* in the file, behind them */
};

/* A piece, or what there is before the end. */
static ssize_t part_gather(fm_part *part, char *piece)
{
    size_t size = 0;
    ssize_t some = 1;
    while (some > 0 && size < FM__PART_PIECE) {
        some = fm_part_read(part, piece + size, FM__PART_PIECE - size);
        if (some > 0)
            size += (size_t)some;
    }
    return some < 0 ? some : (ssize_t)size;
}

/* ---- a file of its own -------------------------------------------------- */

static int part_save_open(void *arg)
{
    struct part_save *save = arg;
    int rc = fm__fresh_look(&save->fresh, save->path);
    return rc < 0 ? rc : fm__fresh_open(&save->fresh, save->path);
}

static int part_save_piece(void *arg)
{
    struct part_save *save = arg;
    while (save->done < save->size) {
        ssize_t rc = fm__fresh_write(&save->fresh, save->piece + save->done,
                                     save->size - save->done, save->at);
        if (rc < 0)
            return (int)rc;
        save->done += (size_t)rc;
        save->at += rc;
    }
    return 0;
}

static int part_save_commit(void *arg)
{
    return fm__fresh_commit(arg);
}

static int part_save_close(void *arg)
{
    fm__fresh_close(arg);
    return 0;
}

static int part_save_all(struct part_save *save, fm_part *part)
{
    ssize_t some;
    int rc = 0;
    while (rc == 0 && (some = part_gather(part, save->piece)) != 0) {
        if (some < 0)
            return (int)some;
        save->size = (size_t)some;
        save->done = 0;
        rc = fm_thread_run(part_save_piece, save);
    }
    return rc < 0 ? rc : fm_thread_run(part_save_commit, &save->fresh);
}

int64_t fm__part_save(fm_part *part, const char *path,
                      const fm_replace_options *options)
{
    struct part_save save = {.path = path};
    int rc = fm_cancelled();
    if (rc < 0)
        return rc;
    save.fresh.sync = options == NULL || !options->no_sync;
    save.fresh.keep = options != NULL && options->keep;
    if (options != NULL && options->mode != 0)
        save.fresh.mode = S_IFREG | (options->mode & 07777);
    save.piece = fm__memory_resize(NULL, FM__PART_PIECE);
    if (save.piece == NULL)
        return -ENOMEM;
    rc = fm_thread_run(part_save_open, &save);
    if (rc == 0) {
        rc = part_save_all(&save, part);
        fm__thread_settle(part_save_close, &save.fresh);
    }
    fm__memory_free(save.piece);
    return rc < 0 ? rc : save.at;
}

/* ---- the program's file ------------------------------------------------- */

int64_t fm_part_copy(fm_part *part, fm_file *file)
{
    int64_t written = 0;
    ssize_t some = 1;
    int rc = fm_cancelled();
    if (rc < 0)
        return rc;
    char *piece = fm__memory_resize(NULL, FM__PART_PIECE);
    if (piece == NULL)
        return -ENOMEM;
    while (some > 0 && (some = part_gather(part, piece)) > 0) {
        ssize_t rest = some;
        while (rest > 0 &&
               (some = fm_file_write(file, piece, (size_t)rest)) > 0) {
            memmove(piece, piece + some, (size_t)(rest - some));
            rest -= some;
            written += some;
        }
    }
    fm__memory_free(piece);
    return some < 0 ? some : written;
}
