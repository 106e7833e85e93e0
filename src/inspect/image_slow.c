/*
 * image_slow.c - reading a process where process_vm_readv(2) is denied
 */
#include "inspect/image_slow.h"

#include "base/sys.h"
#include "base/sys_path.h"
#include "base/sys_thread.h"
#include "inspect/image_lines.h"

#include <errno.h>

/* So many bytes fit into any pipe, and lie in one page where they begin at a
 * multiple of it. */
#define SLOW_PIECE 4096

int fm__slow_open(struct fm__slow *slow, int pid)
{
    char path[FM__LINES_PATH];
    if (slow->fds[0] >= 0)
        return 0;
    if (pid == fm__thread_process())
        return fm__sys_pipe(slow->fds);
    fm__lines_path(path, pid, "mem");
    int rc = fm__sys_open_at(fm__sys_here(path), O_RDONLY, 0);
    if (rc < 0)
        return rc == -EACCES ? -EPERM : rc == -ENOENT ? -ESRCH : rc;
    slow->fds[0] = rc;
    return 0;
}

void fm__slow_close(struct fm__slow *slow)
{
    for (int i = 0; i < 2; i++) {
        if (slow->fds[i] >= 0)
            fm__sys_close(slow->fds[i]);
        slow->fds[i] = -1;
    }
}

static size_t image_slow_peep(const struct fm__slow *slow,
                              const struct fm__extent *extent)
{
    size_t got = 0;
    while (got < extent->size) {
        uint64_t from = extent->address + got;
        size_t size = SLOW_PIECE - (size_t)(from % SLOW_PIECE);
        if (size > extent->size - got)
            size = extent->size - got;
        if (!fm__sys_peep(slow->fds, (const void *)(uintptr_t)from,
                          (char *)extent->buf + got, size))
            break;
        got += size;
    }
    return got;
}

void fm__slow_gather(struct fm__slow *slow, struct fm__extent *extents,
                     size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct fm__extent *extent = &extents[i];
        if (slow->fds[1] >= 0) {
            extent->got = image_slow_peep(slow, extent);
            continue;
        }
        ssize_t got = fm__sys_read_at(slow->fds[0], extent->buf, extent->size,
                                      (int64_t)extent->address);
        extent->got = got > 0 ? (size_t)got : 0;
    }
}
