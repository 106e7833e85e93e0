/*
 * path_event.h - the kernel's records of what has happened to paths
 */
#ifndef FM_IO_PATH_EVENT_H
#define FM_IO_PATH_EVENT_H

#include <fermata/path_watch.h>
#include <sys/types.h>

/* Reads the first event of those in the bytes; its name points into them. How
 * many bytes it takes, above 0; -EBADMSG where they are no such record. */
ssize_t fm__path_event_read(const char *bytes, size_t size,
                            fm_path_event *event);

#endif
