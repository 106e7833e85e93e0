/*
 * cell.c - the latest value of something, with a version
 *
 * A reader is woken, not handed a value: what it then finds is the latest, at
 * least as new as the one it was woken for, and nobody can take it away. So
 * the cell has to be there until those who were woken for a value have run.
 */
#include <fermata/cell.h>

#include "base/die.h"
#include "base/memory.h"
#include "task/record.h"
#include "task/watcher.h"

#include <errno.h>
#include <string.h>

struct fm_cell {
    struct fm__conductor *home;
    size_t size;             /* of a value, in bytes */
    uint64_t version;        /* 0: no value so far */
    struct fm__list readers; /* struct fm__queued */
    size_t reading;          /* were woken for a value, and have not run */
    struct fm__watchers watchers;
    bool shut;
    unsigned char value[];
};

fm_cell *fm_cell_new(size_t size)
{
    if (fm__home == NULL)
        fm__task_none("fm_cell_new");
    if (size > SIZE_MAX - sizeof(fm_cell))
        return NULL;
    fm_cell *cell = fm__memory_new(sizeof *cell + size);
    if (cell == NULL)
        return NULL;
    cell->home = fm__home;
    cell->size = size;
    fm__list_init(&cell->readers);
    return cell;
}

void fm_cell_free(fm_cell *cell)
{
    if (cell == NULL)
        return;
    if (!fm__list_empty(&cell->readers) || cell->reading > 0 ||
        fm__watched(&cell->watchers))
        fm__die("fm_cell_free: a task waits in this cell");
    fm__memory_free(cell);
}

/* 0, or why nothing can be done with it. */
static int cell_check(const fm_cell *cell, const char *caller)
{
    if (FM__UNLIKELY(cell == NULL))
        return -ENOMEM;
    if (FM__UNLIKELY(cell->home != fm__home))
        fm__die("%s: the cell belongs to another loop", caller);
    return 0;
}

static void cell_tell(fm_cell *cell, int result)
{
    while (fm__wake_first(&cell->readers, result))
        cell->reading += result == 0;
    fm__watchers_tell(&cell->watchers);
}

int fm_cell_set(fm_cell *cell, const void *value)
{
    int rc = cell_check(cell, "fm_cell_set");
    if (rc < 0)
        return rc;
    if (cell->shut)
        return -ESHUTDOWN;
    memcpy(cell->value, value, cell->size);
    cell->version++;
    cell_tell(cell, 0);
    return 0;
}

static int cell_read(const fm_cell *cell, void *value, uint64_t *seen)
{
    memcpy(value, cell->value, cell->size);
    if (seen != NULL)
        *seen = cell->version;
    return 0;
}

int fm_cell_get(const fm_cell *cell, void *value, uint64_t *seen)
{
    int rc = cell_check(cell, "fm_cell_get");
    if (rc < 0)
        return rc;
    return cell->version > 0 ? cell_read(cell, value, seen) : -EAGAIN;
}

static const struct fm__wait_kind cell_kind = {
    .cut = fm__park_cut,
    .name = "cell",
    .what = FM__WAIT_LISTED | FM__WAIT_OBJECT,
    .at = FM__WAIT_BACK(fm_cell, readers),
};

int fm_cell_get_newer(fm_cell *cell, void *value, uint64_t *seen)
{
    int rc = fm__checkpoint(fm__current, "fm_cell_get_newer");
    if (rc == 0)
        rc = cell_check(cell, "fm_cell_get_newer");
    if (rc < 0)
        return rc;
    if (cell->version > *seen)
        return cell_read(cell, value, seen);
    if (cell->shut)
        return -ESHUTDOWN;
    struct fm__queued self;
    rc = fm__park_in(&cell->readers, &self, &cell_kind);
    if (rc < 0)
        return rc;
    cell->reading--;
    return cell_read(cell, value, seen);
}

void fm_cell_shutdown(fm_cell *cell)
{
    if (cell_check(cell, "fm_cell_shutdown") < 0)
        return;
    cell->shut = true;
    cell_tell(cell, -ESHUTDOWN);
}

static bool cell_ready(const fm_when *when)
{
    const fm_cell *cell = when->object;
    if (cell_check(cell, "fm_when_newer") < 0)
        return false;
    return cell->version > (uint64_t)when->number || cell->shut;
}

static struct fm__watchers *cell_watchers(const fm_when *when)
{
    return &((fm_cell *)when->object)->watchers;
}

static const struct fm__when_kind cell_when_newer = {
    .ready = cell_ready,
    .watchers = cell_watchers,
    .wait = &cell_kind,
};

fm_when fm_when_newer(fm_cell *cell, uint64_t seen)
{
    return (fm_when){
        .kind = &cell_when_newer, .object = cell, .number = (int64_t)seen};
}
