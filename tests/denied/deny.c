/*
 * deny.c - runs a program that io_uring is denied to, as containers do
 *
 *     deny eperm|enosys COMMAND [ARGUMENT...]
 *
 * A seccomp filter answers io_uring_setup(2), _enter and _register with that
 * error. Exits with 77 where no filter can be installed.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DENY_SKIP 77

/* The numbers of the three calls follow each other, on every machine. */
static int deny_install(int error)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, SYS_io_uring_setup, 0, 2),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, SYS_io_uring_register, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {.len = sizeof filter / sizeof filter[0],
                                       .filter = filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -1;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: deny eperm|enosys COMMAND [ARGUMENT...]\n");
        return 2;
    }
    if (deny_install(strcmp(argv[1], "enosys") == 0 ? ENOSYS : EPERM) < 0) {
        perror("deny: no seccomp filter can be installed");
        return DENY_SKIP;
    }
    execv(argv[2], argv + 2);
    perror(argv[2]);
    return 1;
}
