/*
 * test_file_trouble.c - files where the world is against them: no room, no
 * leave to write, limits, signals, a file that changes meanwhile
 */
#include "io/file_kit.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static char bytes[500000];

/* ---- No room ------------------------------------------------------------- */

STORY(a_device_that_is_full_says_so)
{
    fm_file *file = kit_file("/dev/full", O_RDWR);
    CHECK_INT(fm_file_write(file, bytes, 10), -ENOSPC);
    CHECK_INT(fm_file_tell(file), 0);
    CHECK_INT(fm_file_read_at(file, bytes, 10, 0), 10);
    CHECK_INT(fm_file_close(file), 0);
    CHECK_INT(fm_file_save("/dev/full", bytes, 10), -ENOSPC);
    CHECK_INT(fm_file_save("/dev/full", bytes, 0), 0);
}

STORY(devices_that_do_not_wait_are_files)
{
    void *none = NULL;
    CHECK_INT(fm_file_save("/dev/null", bytes, 10), 0);
    CHECK_INT(fm_file_load("/dev/null", &none, 10), 0);
    fm_file_free(none);
    none = NULL;
    CHECK_INT(fm_file_load("/dev/zero", &none, 100000), -EFBIG);
    CHECK(none == NULL);
}

static struct kit kit;
static fm_run_options plainly;

static void write_too_much(void)
{
    fm_file *file = kit_file(kit_path(&kit, "file"), O_RDWR | O_CREAT);
    ssize_t taken = fm_file_write(file, bytes, sizeof bytes);
    CHECK(taken > 0 && taken < (ssize_t)sizeof bytes);
    CHECK_INT(fm_file_tell(file), taken);
    CHECK_INT(fm_file_write(file, bytes, 8192), -ENOSPC);
    CHECK_INT(fm_file_tell(file), taken);
    CHECK_INT(fm_file_allocate(file, 0, 500000), -ENOSPC);
    CHECK_INT(fm_file_save(kit_path(&kit, "more"), bytes, 9000), -ENOSPC);
    CHECK_INT(fm_file_truncate(file, 10), 0);
    CHECK_INT(fm_file_write_at(file, bytes, 5000, 0), 5000);
    CHECK_INT(fm_file_close(file), 0);
}

static void write_nothing(void)
{
    void *got = NULL;
    fm_file *file = NULL;
    const char *path = kit_path(&kit, "file");
    CHECK_INT(fm_file_save(path, "x", 1), -EROFS);
    CHECK_INT(fm_file_save(kit_path(&kit, "new"), "x", 1), -EROFS);
    CHECK_INT(fm_file_open(path, &file, &(fm_file_options){.flags = O_RDWR}),
              -EROFS);
    CHECK(file == NULL);
    CHECK_INT(fm_file_load(path, &got, 5000), 5000);
    fm_file_free(got);
}

static bool put_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool put = fd >= 0 && write(fd, text, strlen(text)) == (int)strlen(text);
    close(fd);
    return put;
}

/* Mounts that nobody else sees: as root, or as root of one's own. */
static bool apart(void)
{
    char users[40], groups[40];
    snprintf(users, sizeof users, "0 %u 1", (unsigned)getuid());
    snprintf(groups, sizeof groups, "0 %u 1", (unsigned)getgid());
    bool root = geteuid() == 0;
    if (unshare(root ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS) < 0)
        return false;
    if (!root && !(put_text("/proc/self/setgroups", "deny") &&
                   put_text("/proc/self/uid_map", users) &&
                   put_text("/proc/self/gid_map", groups)))
        return false;
    return mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("none", kit.directory, "tmpfs", 0, "size=64k") == 0;
}

static void in_a_small_place(void *arg)
{
    (void)arg;
    if (!apart()) {
        puts("no leave");
        return;
    }
    CHECK_INT(story_run(write_too_much, plainly), 0);
    CHECK_INT(
        mount("none", kit.directory, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL), 0);
    CHECK_INT(story_run(write_nothing, plainly), 0);
    story_silent(__FILE__, __LINE__);
}

TEST(where_there_is_no_room_and_where_nothing_may_be_written_it_is_told)
{
    char output[4096];
    kit_open(&kit);
    int status = test_child(in_a_small_place, NULL, output, sizeof output);
    kit_close(&kit);
    if (strstr(output, "no leave") != NULL)
        test_skip("nothing may be mounted here");
    if (status != 0 || strstr(output, "FAIL") != NULL)
        test_fail(__FILE__, __LINE__, "status %#x, said: %s", status, output);
}

/* What preadv2(2) says from here on, in this thread: that the file ends. */
static bool deceive(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_preadv2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof code / sizeof code[0],
                                 .filter = code};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static void read_all_the_same(void)
{
    fm_file *file = kit_file(kit_path(&kit, "file"), O_RDONLY);
    CHECK_INT(fm_file_read(file, bytes, 5000), 5000);
    CHECK(kit_is_right(bytes, 5000, 0));
    CHECK_INT(fm_file_read(file, bytes, 5000), 0);
    CHECK_INT(fm_file_close(file), 0);
}

static void in_an_old_system(void *arg)
{
    (void)arg;
    if (!deceive()) {
        puts("no leave");
        return;
    }
    CHECK_INT(story_run(read_all_the_same, plainly), 0);
    story_silent(__FILE__, __LINE__);
}

TEST(a_system_that_takes_what_is_not_in_memory_for_the_end_is_not_believed)
{
    char output[4096];
    kit_open(&kit);
    kit_make(&kit, "file", 5000);
    int status = test_child(in_an_old_system, NULL, output, sizeof output);
    kit_close(&kit);
    if (strstr(output, "no leave") != NULL)
        test_skip("no filter of system calls can be installed");
    if (status != 0 || strstr(output, "FAIL") != NULL)
        test_fail(__FILE__, __LINE__, "status %#x, said: %s", status, output);
}

#define FILE_LIMIT 400000 /* what this program says may go to a file too */

/* The signal that goes with it must not end the program. */
STORY(a_limit_of_the_size_of_files_is_an_error_and_no_end)
{
    struct rlimit before, small;
    kit_open(&kit);
    const char *path = kit_path(&kit, "file");
    CHECK_INT(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){FILE_LIMIT, before.rlim_max};
    fm_file *file = kit_file(path, O_RDWR | O_CREAT);
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &small), 0);
    ssize_t part = fm_file_write_at(file, bytes, 10000, FILE_LIMIT - 8192);
    ssize_t none = fm_file_write_at(file, bytes, 10, FILE_LIMIT);
    int grown = fm_file_truncate(file, FILE_LIMIT + 1);
    int saved = fm_file_save(path, bytes, sizeof bytes);
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &before), 0);
    CHECK_INT(part, 8192);
    CHECK_INT(none, -EFBIG);
    CHECK_INT(grown, -EFBIG);
    CHECK_INT(saved, -EFBIG);
    CHECK_INT(fm_file_close(file), 0);
    kit_close(&kit);
}

STORY(what_it_was_not_opened_for_is_refused)
{
    kit_open(&kit);
    const char *path = kit_make(&kit, "file", 10);
    fm_file *reads = kit_file(path, O_RDONLY);
    fm_file *writes = kit_file(path, O_WRONLY);
    CHECK_INT(fm_file_write(reads, "x", 1), -EBADF);
    CHECK_INT(fm_file_read(writes, bytes, 1), -EBADF);
    CHECK_INT(fm_file_truncate(reads, 1), -EINVAL);
    CHECK_INT(fm_file_allocate(reads, 0, 1), -EBADF);
    CHECK_INT(fm_file_close(reads), 0);
    CHECK_INT(fm_file_close(writes), 0);
    kit_close(&kit);
}

/* ---- Changes meanwhile --------------------------------------------------- */

STORY(a_file_that_has_become_shorter_ends_where_it_ends_now)
{
    kit_open(&kit);
    const char *path = kit_make(&kit, "file", 100000);
    fm_file *file = kit_file(path, O_RDONLY);
    CHECK_INT(fm_file_read(file, bytes, 50000), 50000);
    CHECK_INT(truncate(path, 60000), 0);
    CHECK_INT(fm_file_read(file, bytes, 50000), 10000);
    CHECK(kit_is_right(bytes, 10000, 50000));
    CHECK_INT(truncate(path, 10), 0);
    CHECK_INT(fm_file_read(file, bytes, 50000), 0);
    CHECK_INT(fm_file_tell(file), 60000);
    CHECK_INT(fm_file_close(file), 0);
    kit_close(&kit);
}

struct shaker {
    const char *path;
    bool *over;
};

static int shake(void *arg)
{
    return truncate(arg, 0) == 0 && truncate(arg, 400000) == 0 ? 0 : -EIO;
}

static int shaker(struct shaker *self)
{
    int rc = 0;
    while (rc == 0 && !*self->over)
        rc = fm_thread_run(shake, (void *)(uintptr_t)self->path);
    return rc;
}

/* It is zeros or has ended: whatever is read is so much at most. */
STORY(a_file_that_others_shorten_meanwhile_is_no_crash)
{
    bool over = false;
    kit_open(&kit);
    const char *path = kit_make(&kit, "file", 400000);
    fm_file *file = kit_file(path, O_RDONLY);
    fm_task *task = fm_go(shaker, path, &over);
    for (size_t i = 0; i < test_many(300); i++) {
        void *whole = NULL;
        ssize_t rc = fm_file_read_at(file, bytes, 500000, 0);
        CHECK(rc >= 0 && rc <= 400000);
        rc = fm_file_read_at(file, bytes, 100000, 250000);
        CHECK(rc >= 0 && rc <= 100000);
        rc = fm_file_load(path, &whole, 1000000);
        CHECK(rc >= 0 && rc <= 800000);
        fm_file_free(whole);
    }
    over = true;
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(fm_file_close(file), 0);
    kit_close(&kit);
}

/* ---- Signals ------------------------------------------------------------- */

static int storm_over;

static void storm_heard(int number)
{
    (void)number;
}

static void *storm(void *arg)
{
    const pthread_t *target = arg;
    while (!__atomic_load_n(&storm_over, __ATOMIC_SEQ_CST)) {
        pthread_kill(*target, SIGUSR1);
        sched_yield();
    }
    return NULL;
}

/* They interrupt whatever waits: nothing restarts by itself. */
STORY(a_storm_of_signals_changes_nothing)
{
    struct sigaction heard = {.sa_handler = storm_heard}, before;
    pthread_t thread, self = pthread_self();
    void *whole = NULL;
    kit_open(&kit);
    kit_fill(bytes, sizeof bytes, 0);
    storm_over = 0;
    CHECK_INT(sigaction(SIGUSR1, &heard, &before), 0);
    CHECK_INT(pthread_create(&thread, NULL, storm, &self), 0);
    for (size_t i = 0; i < test_many(100); i++) {
        const char *path = kit_path(&kit, "file");
        CHECK_INT(fm_file_save(path, bytes, 100000), 0);
        fm_file *file = kit_file(path, O_RDWR);
        CHECK_INT(fm_file_write_at(file, bytes + 100000, 200000, 100000),
                  200000);
        CHECK_INT(fm_file_close(file), 0);
        CHECK_INT(fm_file_load(path, &whole, 400000), 300000);
        CHECK(kit_is_right(whole, 300000, 0));
        fm_file_free(whole);
    }
    __atomic_store_n(&storm_over, 1, __ATOMIC_SEQ_CST);
    pthread_join(thread, NULL);
    CHECK_INT(sigaction(SIGUSR1, &before, NULL), 0);
    kit_close(&kit);
}
