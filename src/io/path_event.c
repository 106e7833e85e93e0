/*
 * path_event.c - records of inotify(7): a head, and a name with NULs
 */
#include "io/path_event.h"

#include <errno.h>
#include <string.h>
#include <sys/inotify.h>

ssize_t fm__path_event_read(const char *bytes, size_t size,
                            fm_path_event *event)
{
    struct inotify_event head;
    if (size < sizeof head)
        return -EBADMSG;
    memcpy(&head, bytes, sizeof head);
    const char *name = bytes + sizeof head;
    if (head.len > size - sizeof head)
        return -EBADMSG;
    if (head.len > 0 && memchr(name, '\0', head.len) == NULL)
        return -EBADMSG;
    if (head.len == 0)
        name = "";
    if (strlen(name) >= FM_ENTRY_SIZE)
        return -EBADMSG;
    *event = (fm_path_event){.id = head.wd,
                             .events = head.mask,
                             .cookie = head.cookie,
                             .name = name};
    return (ssize_t)(sizeof head + head.len);
}
