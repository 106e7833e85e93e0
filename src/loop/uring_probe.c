/*
 * uring_probe.c - asks the kernel, and where it cannot tell, its version
 *
 * The floor is Linux 6.1, which is known by its flags: setup refuses those of
 * a later kernel. What stands above the floor is told by feature bits.
 */
#include "loop/uring_probe.h"

#include "base/memory.h"
#include "base/sys.h"
#include "base/sys_ring.h"

#include <errno.h>
#include <stdlib.h>

#define URING_VERSION(major, minor) ((major) * 1000 + (minor))

static const struct {
    const char *name;
    uint8_t code;
} uring_needed[FM__URING_NEEDED] = {
    {"poll", IORING_OP_POLL_ADD}, {"cancel", IORING_OP_ASYNC_CANCEL},
    {"accept", IORING_OP_ACCEPT}, {"connect", IORING_OP_CONNECT},
    {"read", IORING_OP_READ},     {"write", IORING_OP_WRITE},
    {"writev", IORING_OP_WRITEV}, {"recv", IORING_OP_RECV},
    {"send", IORING_OP_SEND},     {"sendmsg", IORING_OP_SENDMSG},
};

const char *fm__uring_operation(unsigned index)
{
    return uring_needed[index].name;
}

int fm__uring_kernel(void)
{
    struct utsname name;
    if (fm__sys_name(&name) < 0)
        return 0;
    char *end;
    long major = strtol(name.release, &end, 10);
    long minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;
    return (int)URING_VERSION(major, minor);
}

static bool uring_has(const struct io_uring_probe *probe, unsigned op)
{
    return op < probe->ops_len &&
           (probe->ops[op].flags & IO_URING_OP_SUPPORTED) != 0;
}

/* Which of those that are needed are there, a bit for each, or -errno. */
static int uring_operations(int ring)
{
    enum {
        COUNT = IORING_OP_LAST
    };
    struct io_uring_probe *probe = fm__memory_new(
        sizeof *probe + COUNT * sizeof(struct io_uring_probe_op));
    if (probe == NULL)
        return -ENOMEM;
    int rc = fm__sys_ring_register(ring, IORING_REGISTER_PROBE, probe, COUNT);
    for (int i = 0; rc >= 0 && i < FM__URING_NEEDED; i++) {
        if (uring_has(probe, uring_needed[i].code))
            rc |= 1 << i;
    }
    fm__memory_free(probe);
    return rc;
}

static int uring_check_operations(int ring)
{
    int there = uring_operations(ring);
    if (there < 0)
        return there;
    return there == (1 << FM__URING_NEEDED) - 1 ? 0 : -EOPNOTSUPP;
}

int fm__uring_survey(void)
{
    struct io_uring_params params = {.flags = 0};
    int ring = fm__sys_ring_open(1, &params);
    if (ring < 0)
        return ring;
    int there = uring_operations(ring);
    fm__sys_close(ring);
    return there;
}

/* From 6.3 to 6.8 a multishot accept under DEFER_TASKRUN could tell of a
 * descriptor that is none (liburing, issue 1062). */
int fm__uring_probe(int ring, unsigned features, struct fm__uring_offer *offer)
{
    int kernel = fm__uring_kernel();
    offer->min_wait = (features & FM__URING_HAS_MIN_WAIT) != 0;
    offer->resize = (features & FM__URING_HAS_RW_ATTR) != 0;
    offer->no_iowait = (features & FM__URING_HAS_NO_IOWAIT) != 0;
    offer->accept_many =
        kernel < URING_VERSION(6, 3) || kernel > URING_VERSION(6, 8);
    return uring_check_operations(ring);
}

static int uring_sysctl(void)
{
    char text[16];
    ssize_t size =
        fm__sys_slurp("/proc/sys/kernel/io_uring_disabled", text, sizeof text);
    return size > 0 ? (int)strtol(text, NULL, 10) : 0;
}

const char *fm__uring_refusal(int rc)
{
    switch (rc) {
    case -ENOSYS:
        return "this kernel has no io_uring, or hides it";
    case -EPERM:
    case -EACCES:
        return uring_sysctl() > 0
                   ? "the sysctl kernel.io_uring_disabled forbids io_uring"
                   : "a seccomp filter forbids io_uring, as containers do";
    case -EOPNOTSUPP:
        return "io_uring is too old here: it takes Linux 6.1";
    case -ENOMEM:
        return "there is no memory for io_uring: see the limits of the "
               "container";
    case -EMFILE:
    case -ENFILE:
        return "there is no descriptor left for io_uring: see ulimit -n";
    default:
        return "the kernel refuses io_uring";
    }
}
