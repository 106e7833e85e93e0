/*
 * cell.h - the latest value of something, for whoever wants to know it
 *
 *     FM_CELL_OF(gauge, double);
 *
 *     gauge *level = gauge_new();
 *     rc = gauge_set(level, 4.2);                    // one task: never waits
 *
 *     uint64_t seen = 0; double value;               // others, each for itself
 *     rc = gauge_get_newer(level, &value, &seen);    // waits for a newer one
 *
 * Who is slow misses what was overwritten, and has the latest. A cell belongs
 * to the loop it was made on.
 */
#ifndef FERMATA_CELL_H
#define FERMATA_CELL_H

#include <fermata/api.h>
#include <fermata/when.h>

/* A cell. One that is NULL, because there was no memory, may be used all the
 * same: it answers -ENOMEM. */
typedef struct fm_cell fm_cell;

/*
 * FM_CELL_OF(name, type) declares a type `name` of cells for a value of `type`,
 * and what can be done with them, as static functions. They are those below,
 * with `name` for fm_cell: name_new takes nothing, name_set a value, name_get
 * and name_get_newer the address of one; name_when_newer is fm_when_newer. In
 * C++ the type has to be trivially copyable.
 */
#define FM_CELL_OF(name, type)                                                 \
    FM__CELL_LIFE(name, type)                                                  \
    FM__CELL_VERBS(name, type)                                                 \
    FM__COPIED(type)

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Makes a cell for a value of `size` bytes, which has none so far. Aborts with
 * a sentence on a thread that runs no loop.
 *
 * Returns the cell, to be ended by fm_cell_free, or NULL without memory.
 */
FM_API FM_MUST_USE fm_cell *fm_cell_new(size_t size);

/*
 * Ends a cell. Aborts with a sentence while a task waits in it, or was woken
 * for a value and has not run since. NULL does nothing.
 */
FM_API void fm_cell_free(fm_cell *cell);

/*
 * Sets the value, which is copied, and wakes who waits for a newer one. Never
 * suspends, and may be called wherever the loop calls back.
 *
 * Returns 0; -ESHUTDOWN when the cell is shut down, -ENOMEM where cell is
 * NULL: then the value is the same as before.
 */
FM_API int fm_cell_set(fm_cell *cell, const void *value);

/*
 * Copies the latest value to where `value` points, and its version to *seen,
 * unless that is NULL. Never suspends, and may be called wherever the loop
 * calls back, also when the cell is shut down.
 *
 * Returns 0; -EAGAIN when there was none so far, -ENOMEM where cell is NULL:
 * then nothing was copied.
 */
FM_API FM_MUST_USE int fm_cell_get(const fm_cell *cell, void *value,
                                   uint64_t *seen);

/*
 * Waits until there is a value newer than version *seen, 0 for any; copies the
 * latest to where `value` points and its version to *seen. Any number of tasks
 * may wait.
 *
 * Returns 0; or, with nothing copied, -ECANCELED or -ETIMEDOUT when cut,
 * -ESHUTDOWN when the cell is shut down and the latest was seen, -ENOMEM where
 * cell is NULL.
 */
FM_API FM_SUSPENDS FM_MUST_USE int fm_cell_get_newer(fm_cell *cell, void *value,
                                                     uint64_t *seen);

/*
 * Ends the coming of values: the last one stays. May be called again. Never
 * suspends, and may be called wherever the loop calls back. NULL does nothing.
 */
FM_API void fm_cell_shutdown(fm_cell *cell);

/*
 * For fm_select: ready while fm_cell_get_newer would not wait, also because
 * the cell is shut down; NULL is never ready. `seen` is what was seen so far.
 * Borrows the cell.
 * Returns what to select.
 */
FM_API fm_when fm_when_newer(fm_cell *cell, uint64_t seen);

#ifdef __cplusplus
}
#endif

/* `name` is never defined: it stands for an fm_cell. */
#define FM__CELL_LIFE(name, type)                                              \
    typedef struct name name;                                                  \
    FM__VERB fm_cell *name##__cell(name *cell)                                 \
    {                                                                          \
        void *same = cell;                                                     \
        return FM__STATIC_CAST(fm_cell *, same);                               \
    }                                                                          \
    FM__VERB FM_MUST_USE name *name##_new(void)                                \
    {                                                                          \
        void *same = fm_cell_new(sizeof(type));                                \
        return FM__STATIC_CAST(name *, same);                                  \
    }                                                                          \
    FM__VERB void name##_free(name *cell)                                      \
    {                                                                          \
        fm_cell_free(name##__cell(cell));                                      \
    }                                                                          \
    FM__VERB void name##_shutdown(name *cell)                                  \
    {                                                                          \
        fm_cell_shutdown(name##__cell(cell));                                  \
    }

#define FM__CELL_VERBS(name, type)                                             \
    FM__VERB int name##_set(name *cell, type value)                            \
    {                                                                          \
        return fm_cell_set(name##__cell(cell), &value);                        \
    }                                                                          \
    FM__VERB                                                                   \
    FM_MUST_USE int name##_get(name *cell, type *value, uint64_t *seen)        \
    {                                                                          \
        return fm_cell_get(name##__cell(cell), value, seen);                   \
    }                                                                          \
    FM__VERB FM_MUST_USE int name##_get_newer(name *cell, type *value,         \
                                              uint64_t *seen)                  \
    {                                                                          \
        return fm_cell_get_newer(name##__cell(cell), value, seen);             \
    }                                                                          \
    FM__VERB fm_when name##_when_newer(name *cell, uint64_t seen)              \
    {                                                                          \
        return fm_when_newer(name##__cell(cell), seen);                        \
    }

#endif
