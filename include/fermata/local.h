/*
 * local.h - values that travel with a task and are inherited at start
 *
 * A task sees the values its starter had at the moment of the start; what it
 * sets itself is seen by it and by the tasks it starts later, by nobody else:
 *
 *     static fm_local request_id;
 *
 *     int rc = fm_local_set(&request_id, "7f3a");
 *     log_line("[%s]", (const char *)fm_local_get(&request_id));
 */
#ifndef FERMATA_LOCAL_H
#define FERMATA_LOCAL_H

#include <fermata/api.h>

/* A key: its address is what counts; static storage, any number of them. */
typedef struct fm_local {
    uintptr_t reserved;
} fm_local;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The value of a key in the calling task.
 * Returns what was set or inherited, or NULL. Aborts outside a task.
 */
FM_API void *fm_local_get(const fm_local *key);

/*
 * Sets the value of a key in the calling task. The value is borrowed: it
 * must outlive the task and all that inherit it. A task has at most 64 keys.
 *
 * Returns 0, -ENOMEM, or -ENOSPC at the limit; then nothing has changed.
 */
FM_API int fm_local_set(const fm_local *key, void *value);

#ifdef __cplusplus
}
#endif

#endif
