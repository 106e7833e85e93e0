/*
 * path_watch.h - told when something changes at a path
 *
 *     fm_path_watch *watch;
 *     fm_path_event event;
 *     int rc = fm_path_watch_open(&watch);
 *     if (rc == 0)
 *         rc = fm_path_watch_add(watch, "inbox", FM_PATH_WRITTEN);
 *     while (rc >= 0 && (rc = fm_path_watch_next(watch, &event)) == 0)
 *         take(event.name);
 *
 * Any number of paths, one queue of events, by inotify(7), which does not see
 * what other machines do to a file system that they share.
 */
#ifndef FERMATA_PATH_WATCH_H
#define FERMATA_PATH_WATCH_H

#include <fermata/api.h>
#include <fermata/path.h>
#include <fermata/when.h>

/* What may happen to a file that is watched, or to one in a directory that is;
 * the words of inotify(7). */
#define FM_PATH_ACCESSED 0x001  /* it was read */
#define FM_PATH_MODIFIED 0x002  /* it was written to */
#define FM_PATH_CHANGED 0x004   /* its permissions, times or links */
#define FM_PATH_WRITTEN 0x008   /* who could write to it has closed it */
#define FM_PATH_CLOSED 0x010    /* who could not write to it has closed it */
#define FM_PATH_OPENED 0x020    /* it was opened */
#define FM_PATH_FROM 0x040      /* an entry was moved away from here */
#define FM_PATH_TO 0x080        /* an entry was moved to here */
#define FM_PATH_CREATED 0x100   /* an entry was made */
#define FM_PATH_REMOVED 0x200   /* an entry was removed */
#define FM_PATH_SELF_GONE 0x400 /* what is watched was removed itself */
#define FM_PATH_SELF_MOVED 0x800
#define FM_PATH_EVERYTHING 0xfff

/* What an event may say beside these, without being asked. */
#define FM_PATH_UNMOUNTED 0x2000     /* its file system was unmounted */
#define FM_PATH_LOST 0x4000          /* events were: look for yourself */
#define FM_PATH_ENDED 0x8000         /* that path is not watched any more */
#define FM_PATH_DIRECTORY 0x40000000 /* it happened to a directory */

/* Paths that are being watched, and what has happened to them. */
typedef struct fm_path_watch fm_path_watch;

/*
 * Something has happened.
 *
 *   id      of the path, from fm_path_watch_add; -1 with FM_PATH_LOST
 *   events  FM_PATH_..., of what was watched for one, and FM_PATH_DIRECTORY
 *   cookie  the same in an FM_PATH_FROM and the FM_PATH_TO that belongs to it,
 *           also from one path to another; else 0
 *   name    of the entry in the directory that is watched; "" when it is what
 *           is watched itself; borrowed until the next call of
 *           fm_path_watch_next
 */
typedef struct fm_path_event {
    int id;
    uint32_t events;
    uint32_t cookie;
    const char *name;
} fm_path_event;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Opens a watch of nothing so far.
 *
 * Returns 0, and *watch is the caller's, to be closed; or, with *watch as it
 * was: -EMFILE where the user has too many (inotify/max_user_instances) or
 * there is no descriptor, -ENOMEM; -EOPNOTSUPP in the simulator, whose tasks
 * wait for nothing outside.
 */
FM_API int fm_path_watch_open(fm_path_watch **watch);

/*
 * Watches what is at the path now, wherever it is moved; a link is followed.
 * Of a directory: it and its entries, not what lies deeper. events are
 * FM_PATH_...; what is watched already gets those instead of its own.
 *
 * Returns the id of the path, 1 or more, the same for the same file; -ECANCELED
 * or -ETIMEDOUT when cut; -EINVAL for no events or others; -ENOENT, -EACCES;
 * -ENOSPC where the user watches too many (inotify/max_user_watches).
 */
FM_API FM_SUSPENDS int fm_path_watch_add(fm_path_watch *watch, const char *path,
                                         uint32_t events);

/*
 * Watches that path no more. What happened before is still told, and then
 * FM_PATH_ENDED.
 *
 * Returns 0; -EINVAL when there is no such id (any more).
 */
FM_API int fm_path_watch_remove(fm_path_watch *watch, int id);

/*
 * Waits for an event and takes it: in the order in which they happened; the
 * system leaves one out that is the same as the one before. As many as
 * inotify/max_queued_events wait; then the next is FM_PATH_LOST. One task at a
 * time: a second one aborts with a sentence.
 *
 * Returns 0; -ECANCELED or -ETIMEDOUT when cut, and no event is lost; -EBADMSG
 * where the kernel's words are none, -ENOMEM, or what else read(2) says.
 */
FM_API FM_SUSPENDS int fm_path_watch_next(fm_path_watch *watch,
                                          fm_path_event *event);

/* The same without waiting. Returns as that does; -EAGAIN when there is none;
 * it is no cancel point. */
FM_API int fm_path_watch_next_try(fm_path_watch *watch, fm_path_event *event);

/* Ends it; NULL is nothing. No task may be in a call on it, or select it. */
FM_API void fm_path_watch_close(fm_path_watch *watch);

/*
 * Ready when there is an event.
 * Returns what to select, which borrows the watch.
 */
FM_API fm_when fm_when_path(fm_path_watch *watch);

#ifdef __cplusplus
}
#endif

#endif
