/*
 * test_local_socket.c - what unix(7) does otherwise than tcp(7)
 */
#include "rig.h"

#include <stdio.h>
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
