/*
 * image_explain.c - why a program may not be looked into, and what to do
 */
#include <fermata/inspect.h>

#include "base/sys.h"
#include "base/sys_memory.h"
#include "base/sys_thread.h"
#include "inspect/image_lines.h"

#include <errno.h>
#include <fermata/error.h>
#include <stdlib.h>

#define EXPLAIN_SCOPE "/proc/sys/kernel/yama/ptrace_scope"

/* Who asks, and about whom. */
struct image_asked {
    bool there;
    unsigned owner; /* whose the process is */
    unsigned user;  /* who asks */
    int scope;      /* as ptrace(2) has it; 0 where all is allowed */
};

static void image_explain_ask(struct image_asked *asked, int pid)
{
    struct stat found;
    char path[FM__LINES_PATH], scope[16];
    *asked = (struct image_asked){.user = fm__sys_own_credentials().uid};
    asked->there = fm__sys_stat(fm__lines_path(path, pid, ""), &found) == 0;
    if (asked->there)
        asked->owner = found.st_uid;
    if (fm__sys_slurp(EXPLAIN_SCOPE, scope, sizeof scope) > 0)
        asked->scope = (int)strtol(scope, NULL, 10);
}

#define EXPLAIN_NOBODY                                                         \
    "lets nobody look into it, for " EXPLAIN_SCOPE                             \
    " is 3, until the machine is started anew."

static const char *image_explain_root(int scope)
{
    if (scope == 3)
        return EXPLAIN_NOBODY;
    return "is out of reach of this root, who lacks CAP_SYS_PTRACE, as in a "
           "container: start that with --cap-add=SYS_PTRACE.";
}

static const char *image_explain_scope(int scope)
{
    if (scope == 1)
        return "lets only its parents look into it, for " EXPLAIN_SCOPE
               " is 1: look with sudo, or have root write 0 there.";
    if (scope == 2)
        return "lets only root look into it, for " EXPLAIN_SCOPE
               " is 2: look with sudo.";
    return EXPLAIN_NOBODY;
}

/* Whether even this process may not be read by itself. */
static bool image_explain_filtered(void)
{
    char from = 1, to = 0;
    const struct iovec one = {&to, 1}, other = {&from, 1};
    ssize_t rc = fm__sys_read_memory(fm__thread_process(), &one, &other, 1);
    return rc == -EPERM || rc == -ENOSYS;
}

/* What the kernel calls root's may be one that has shut others out. */
static const char *image_explain_rights(const struct image_asked *asked)
{
    if (asked->user == 0)
        return image_explain_root(asked->scope);
    if (asked->owner == 0)
        return "is root's, or lets only root look into it: look with sudo.";
    if (asked->owner != asked->user)
        return "is another user's: look as that user, or as root with sudo.";
    if (asked->scope > 0)
        return image_explain_scope(asked->scope);
    if (image_explain_filtered())
        return "is out of reach of this sandbox, which denies "
               "process_vm_readv(2): a container may do it with "
               "--cap-add=SYS_PTRACE.";
    return "has rights that you have not, or does not let itself be read "
           "(PR_SET_DUMPABLE): look with sudo.";
}

/* What follows "Process 123". */
static const char *image_explain_process(int rc, int pid)
{
    struct image_asked asked;
    image_explain_ask(&asked, pid);
    switch (rc) {
    case -ESRCH:
        return asked.there ? "has ended, or is a part of the kernel."
                           : "is not there.";
    case -EPERM:
        return image_explain_rights(&asked);
    case -ENOENT:
        return "has no Fermata in it, or one that is too old to be looked "
               "into.";
    case -EPROTO:
        return "has a Fermata of a version that this one (" FM_VERSION
               ") does not know: look with the command of that version.";
    default:
        return NULL;
    }
}

static const char *image_explain_core(int rc)
{
    switch (rc) {
    case -EPERM:
        return "You may not read the core file: look as its owner, or as root "
               "with sudo.";
    case -ENOENT:
        return "There is no such file, or it is the core file of a program "
               "without Fermata.";
    case -EPROTO:
        return "The core file is of a Fermata whose version this one "
               "(" FM_VERSION ") does not know, or without the memory that "
               "has its tasks.";
    case -ENOEXEC:
        return "The file is no core file, or of another kind of machine.";
    case -EBADMSG:
        return "The core file is cut short or damaged: was the disk full, or "
               "ulimit -c too small?";
    default:
        return NULL;
    }
}

const char *fm_inspect_explain(int rc, int pid, char *text, size_t size)
{
    const char *sentence =
        pid > 0 ? image_explain_process(rc, pid) : image_explain_core(rc);
    if (sentence == NULL)
        snprintf(text, size, "%s", fm_strerror(rc));
    else if (pid > 0)
        snprintf(text, size, "Process %d %s", pid, sentence);
    else
        snprintf(text, size, "%s", sentence);
    return text;
}
