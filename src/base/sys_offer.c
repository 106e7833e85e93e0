/*
 * sys_offer.c - each is called with what no kernel can do anything with
 */
#include "base/sys_offer.h"

#include "base/sys_call.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OFFER_NONE (-1L) /* no descriptor, no flags that are known */
#define OFFER_HOW 24L    /* bytes of openat2(2)'s: a file that has no name */
#define OFFER_SECOND 2U
#define OFFER_THIRD 4U
#define OFFER_FOURTH 8U

struct sys_offer_call {
    struct fm__sys_offer offer;
    long number;
    long args[5];   /* the sixth is 0 */
    unsigned rooms; /* a bit for each of them that is an address of room */
};

static char sys_offer_room[64];

static const struct sys_offer_call sys_offer_calls[FM__SYS_OFFERS] = {
    {{"epoll_pwait2", "5.11", "epoll waits for whole milliseconds"},
     SYS_epoll_pwait2,
     {OFFER_NONE, 0, 1},
     OFFER_SECOND},
    {{"openat2", "5.12", "each file is opened on a thread"},
     SYS_openat2,
     {OFFER_NONE, 0, 0, OFFER_HOW},
     OFFER_SECOND | OFFER_THIRD},
    {{"preadv2", "4.14", "files are read on threads alone"},
     SYS_preadv2,
     {OFFER_NONE, 0, 0, 0, 0},
     OFFER_SECOND},
    {{"copy_file_range", "5.3", "files are copied through memory"},
     SYS_copy_file_range,
     {OFFER_NONE, 0, OFFER_NONE, 0, 0},
     0},
    {{"renameat2", "3.15", "a new file is linked to its name"},
     SYS_renameat2,
     {OFFER_NONE, 0, OFFER_NONE, 0, OFFER_NONE},
     OFFER_SECOND | OFFER_FOURTH},
    {{"pidfd_open", "5.3", "programs start only where clone gives a pidfd"},
     SYS_pidfd_open,
     {OFFER_NONE, 0},
     0},
    {{"pidfd_send_signal", "5.1", "programs are signalled by their numbers"},
     SYS_pidfd_send_signal,
     {OFFER_NONE, 0, 0, 0},
     0},
    {{"close_range", "5.11", "descriptors are shut one by one for a program"},
     SYS_close_range,
     {OFFER_NONE, 0, 0},
     0},
    {{"inotify_init1", "2.6.27", "paths cannot be watched"},
     SYS_inotify_init1,
     {OFFER_NONE},
     0},
    {{"process_vm_readv", "3.2", "no program that runs can be looked into"},
     SYS_process_vm_readv,
     {OFFER_NONE, 0, 0, 0, 0},
     0},
};

const struct fm__sys_offer *fm__sys_offer(unsigned index)
{
    return &sys_offer_calls[index].offer;
}

static long sys_offer_try(const struct sys_offer_call *call)
{
    long args[5];
    for (unsigned i = 0; i < 5; i++)
        args[i] = call->rooms >> i & 1 ? (long)sys_offer_room : call->args[i];
    return syscall(call->number, args[0], args[1], args[2], args[3], args[4],
                   0L);
}

int fm__sys_offered(unsigned index)
{
    long rc;
    FM__SYS_CALL(rc, sys_offer_try(&sys_offer_calls[index]));
    return rc == -ENOSYS || rc == -EPERM ? (int)rc : 0;
}
