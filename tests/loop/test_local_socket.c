/*
 * test_local_socket.c - what unix(7) does otherwise than tcp(7)
 */
#include "rig.h"

#include <stdio.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* It is an answer there: neither world may wait for an edge (unix(7)). */
TEST(a_local_connect_to_a_full_backlog_fails_at_once)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    struct rig rig;
    struct job job;
    int fds[8];
    ssize_t rc = 0;
    snprintf(at.sun_path + 1, sizeof at.sun_path - 1, "fermata-%d", getpid());
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CHECK_INT(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    CHECK_INT(listen(listener, 0), 0);
    rig_open(&rig);
    for (int i = 0; i < 8; i++) {
        fds[i] = rig.loop.backend->socket(&rig.loop, AF_UNIX, SOCK_STREAM);
        job.op = (struct fm__op){.kind = FM__OP_CONNECT, .fd = fds[i]};
        job.op.buf = &at;
        job.op.size = sizeof at;
        job_submit(&rig, &job);
        CHECK(job.at_once);
        rc = job.op.result;
        CHECK(rc == 0 || rc == -EAGAIN);
    }
    CHECK_INT(rc, -EAGAIN);
    for (int i = 0; i < 8; i++)
        rig_close_fd(&rig, fds[i]);
    rig_close(&rig);
    close(listener);
}

/* ---- Rights ------------------------------------------------------------- */

/* The loop was opened by who might. */
static void connect_without_rights(void *arg)
{
    struct sockaddr_un *at = arg;
    struct rig rig;
    struct job job;
    rig_open(&rig);
    CHECK_INT(setgid(65534) < 0 ? -1 : setuid(65534), 0);
    int fd = rig.loop.backend->socket(&rig.loop, AF_UNIX, SOCK_STREAM);
    job.op = (struct fm__op){.kind = FM__OP_CONNECT, .fd = fd};
    job.op.buf = at;
    job.op.size = sizeof *at;
    job_submit(&rig, &job);
    printf("connected %zd\n", job_wait(&job));
    rig_close_fd(&rig, fd);
    rig_close(&rig);
}

/* With a thread of the kernel that polls a ring it would be its opener's
 * rights that count (CVE-2024-22017). */
TEST(who_gives_up_its_rights_has_none_on_a_loop_that_is_open)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    char said[1024] = "", wanted[32];
    if (geteuid() != 0)
        return; /* there is nothing to give up */
    snprintf(at.sun_path, sizeof at.sun_path, "/tmp/fermata-%d", getpid());
    unlink(at.sun_path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CHECK_INT(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    CHECK_INT(chmod(at.sun_path, S_IRUSR | S_IWUSR), 0);
    CHECK_INT(listen(listener, 1), 0);
    CHECK_INT(test_child(connect_without_rights, &at, said, sizeof said), 0);
    snprintf(wanted, sizeof wanted, "connected %d\n", -EACCES);
    CHECK(strcmp(said, wanted) == 0);
    close(listener);
    unlink(at.sun_path);
}
