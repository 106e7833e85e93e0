/*
 * test_path_write.c - files that are copied and replaced, all or nothing
 *
 * Where one thread makes all calls on paths, a plan of faults on it makes each
 * of them fail in turn, and what waits in between decides what is cut.
 */
#include "io/gate.h"
#include "io/path_kit.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#define MIB ((size_t)1 << 20)

static char *pattern; /* of 20 MiB, which is three pieces */

static const char *some_bytes(void)
{
    uint64_t seed = 7;
    if (pattern != NULL)
        return pattern;
    pattern = malloc(20 * MIB);
    if (pattern == NULL)
        abort();
    for (size_t i = 0; i < 20 * MIB; i += sizeof seed) {
        test_random(&seed);
        memcpy(pattern + i, &seed, sizeof seed);
    }
    return pattern;
}

/* ---- Copies -------------------------------------------------------------- */

SCENE(a_copy_has_the_bytes_and_the_mode_of_the_file)
{
    struct stat found;
    CHECK_INT(fm_path_replace(at("a"), some_bytes(), 20 * MIB), 0);
    CHECK_INT(fm_path_chmod(at("a"), 0651), 0);
    CHECK_INT(fm_path_copy(at("a"), at("b")), 0);
    CHECK(same(at("a"), at("b")));
    CHECK_INT(fm_path_stat(at("b"), &found), 0);
    CHECK_INT(found.st_mode & 07777, 0651);
    CHECK_INT(fm_path_copy(at("a"), at("a")), 0);
    CHECK(same(at("a"), at("b")));
    CHECK_INT(fm_path_copy(at("a"), at("c"), &(fm_copy_options){.sync = true}),
              0);
    CHECK(same(at("a"), at("c")));
    CHECK_INT(entries_in(scene), 3);
}

SCENE(a_copy_of_nothing_is_empty)
{
    struct stat found;
    put(at("a"), "");
    CHECK_INT(fm_path_copy(at("a"), at("b")), 0);
    CHECK_INT(fm_path_stat(at("b"), &found), 0);
    CHECK_INT(found.st_size, 0);
}

SCENE(a_copy_replaces_or_keeps_what_is_there)
{
    put(at("new"), "new");
    put(at("old"), "older");
    CHECK_INT(
        fm_path_copy(at("new"), at("old"), &(fm_copy_options){.keep = true}),
        -EEXIST);
    CHECK(says(at("old"), "older"));
    CHECK_INT(fm_path_copy(at("new"), at("old")), 0);
    CHECK(says(at("old"), "new"));
    CHECK_INT(
        fm_path_copy(at("new"), at("free"), &(fm_copy_options){.keep = true}),
        0);
    CHECK(says(at("free"), "new"));
    CHECK_INT(entries_in(scene), 3);
}

SCENE(only_regular_files_are_copied)
{
    CHECK_INT(mkdir(at("d"), 0700), 0);
    CHECK_INT(mkfifo(at("fifo"), 0600), 0);
    put(at("a"), "a");
    CHECK_INT(fm_path_copy(at("d"), at("x")), -EISDIR);
    CHECK_INT(fm_path_copy(at("fifo"), at("x")), -EINVAL);
    CHECK_INT(fm_path_copy("/dev/null", at("x")), -EINVAL);
    CHECK_INT(fm_path_copy(at("none"), at("x")), -ENOENT);
    CHECK_INT(fm_path_copy(at("a"), at("d")), -EISDIR);
    CHECK_INT(fm_path_copy(at("a"), at("d/")), -EISDIR);
    CHECK_INT(fm_path_copy(at("a"), at("none/x")), -ENOENT);
    CHECK_INT(fm_path_copy(at("a"), at("d/..")), -EINVAL);
    CHECK_INT(fm_path_copy(at("a"), "/"), -EINVAL);
    CHECK_INT(fm_path_copy(at("a"), ""), -ENOENT);
    CHECK_INT(entries_in(scene), 3);
    CHECK_INT(entries_in(at("d")), 0);
}

/* ---- Replaced ------------------------------------------------------------ */

SCENE(a_replaced_file_has_the_new_bytes_and_the_old_mode)
{
    struct stat found;
    put(at("a"), "a longer text");
    CHECK_INT(chmod(at("a"), 0604), 0);
    CHECK_INT(fm_path_replace(at("a"), "new", 3), 0);
    CHECK(says(at("a"), "new"));
    CHECK_INT(fm_path_stat(at("a"), &found), 0);
    CHECK_INT(found.st_mode & 07777, 0604);
    CHECK_INT(
        fm_path_replace(at("a"), NULL, 0, &(fm_replace_options){.mode = 0611}),
        0);
    CHECK_INT(fm_path_stat(at("a"), &found), 0);
    CHECK_INT(found.st_mode & 07777, 0611);
    CHECK_INT(found.st_size, 0);
    CHECK_INT(entries_in(scene), 1);
}

SCENE(a_new_file_gets_what_the_umask_leaves)
{
    struct stat found;
    mode_t mask = umask(027);
    CHECK_INT(fm_path_replace(at("a"), "x", 1), 0);
    umask(mask);
    CHECK_INT(fm_path_stat(at("a"), &found), 0);
    CHECK_INT(found.st_mode & 07777, 0640);
}

SCENE(who_has_the_old_file_open_has_the_old_bytes)
{
    char text[8] = "";
    put(at("a"), "old");
    int fd = open(at("a"), O_RDONLY | O_CLOEXEC);
    CHECK_INT(fm_path_replace(at("a"), "newer", 5,
                              &(fm_replace_options){.no_sync = true}),
              0);
    CHECK_INT(read(fd, text, sizeof text), 3);
    CHECK(strcmp(text, "old") == 0);
    close(fd);
    CHECK(says(at("a"), "newer"));
}

SCENE(a_link_is_replaced_itself_and_a_directory_is_not)
{
    put(at("a"), "old");
    CHECK_INT(symlink("a", at("link")), 0);
    CHECK_INT(mkdir(at("d"), 0700), 0);
    CHECK_INT(fm_path_replace(at("link"), "new", 3), 0);
    CHECK(says(at("a"), "old"));
    CHECK(says(at("link"), "new"));
    CHECK_INT(fm_path_replace(at("d"), "new", 3), -EISDIR);
    CHECK_INT(fm_path_replace(at("a/b"), "new", 3), -ENOTDIR);
    CHECK_INT(
        fm_path_replace(at("a"), "new", 3, &(fm_replace_options){.keep = true}),
        -EEXIST);
    CHECK(says(at("a"), "old"));
    CHECK_INT(entries_in(scene), 3);
}

/* ---- Faults -------------------------------------------------------------- */

static struct fm__fault_plan plan;

static int plan_begin(void *arg)
{
    fm__fault_plan = arg;
    return 0;
}

/* The k-th passage of a door fails in the call, on the only thread. */
static int faulted(int (*fn)(void), enum fm__door door, uint64_t k)
{
    plan = (struct fm__fault_plan){.error = -EIO, .spare_waits = true};
    plan.fail_at[door] = k;
    CHECK_INT(fm_thread_run(plan_begin, &plan), 0);
    int rc = fn();
    CHECK_INT(fm_thread_run(plan_begin, NULL), 0);
    return rc;
}

static int replaces_a_little(void)
{
    return fm_path_replace(at("file"), "new", 3);
}

static int copies_a_little(void)
{
    return fm_path_copy(at("big"), at("file"),
                        &(fm_copy_options){.sync = true});
}

/* Returns how many passages there are. Where the last one fails, that of the
 * directory to the disk, the new file is in its place. */
static uint64_t sweep_door(int (*fn)(void), enum fm__door door)
{
    bool changed = false;
    for (uint64_t k = 1;; k++) {
        put(at("file"), "old");
        int rc = faulted(fn, door, k);
        if (plan.passed[door] < k)
            return k - 1;
        CHECK(!changed);
        CHECK(rc == 0 || rc == (door == FM__DOOR_SYSTEM ? -EIO : -ENOMEM));
        changed = rc < 0 && !says(at("file"), "old");
        CHECK(says(at("file"), rc == 0 || changed ? "new" : "old"));
        CHECK_INT(entries_in(scene), 2);
    }
}

static void fault_story(void)
{
    scene_begin();
    put(at("big"), "new");
    uint64_t held = fm__atomic_load(&fm__ledger[FM__HELD_DESCRIPTORS]);
    CHECK(sweep_door(replaces_a_little, FM__DOOR_SYSTEM) > 6);
    CHECK(sweep_door(copies_a_little, FM__DOOR_SYSTEM) > 8);
    sweep_door(copies_a_little, FM__DOOR_MEMORY);
    CHECK_INT(fm__atomic_load(&fm__ledger[FM__HELD_DESCRIPTORS]), held);
    scene_end();
}

TEST(whatever_fails_the_old_file_is_there_and_no_temporary_one)
{
    CHECK_INT(run_with_one_thread(fault_story), 0);
    story_silent(__FILE__, __LINE__);
}

/* ---- Cuts ---------------------------------------------------------------- */

static int replaces(void)
{
    return fm_path_replace(at("file"), some_bytes(), 20 * MIB,
                           &(fm_replace_options){.no_sync = true});
}

static int copies(void)
{
    return fm_path_copy(at("big"), at("file"));
}

struct writer {
    int (*fn)(void);
};

static int writer(struct writer *self)
{
    return self->fn();
}

/* It has begun, and cannot go on: the only thread is another's. */
static void cut_in_the_middle(int (*fn)(void))
{
    struct gate first, second;
    struct passer one = {0}, two = {.gate = &second};
    put(at("file"), "old");
    gate_init(&first, 0);
    gate_init(&second, 0);
    fm_task *before = passer_start(&one, &first);
    fm_task *task = fm_go(writer, fn);
    CHECK_INT(fm_yield(), 0);
    fm_task *after = fm_start(passer_main, &two);
    CHECK_INT(fm_yield(), 0);
    sem_post(&first.open);
    CHECK_INT(fm_await(before), 0);
    gate_wait(&second.begun);
    CHECK_INT(entries_in(scene), 3);
    fm_cancel(task);
    CHECK_INT(fm_yield(), 0);
    sem_post(&second.open);
    CHECK_INT(fm_await(after), 0);
    CHECK_INT(fm_await(task), -ECANCELED);
    CHECK(says(at("file"), "old"));
    CHECK_INT(entries_in(scene), 2);
}

static void cut_story(void)
{
    scene_begin();
    CHECK_INT(fm_path_replace(at("big"), some_bytes(), 20 * MIB), 0);
    cut_in_the_middle(replaces);
    /* Where blocks are shared, it is over when it has begun. */
    cut_in_the_middle(copies);
    scene_end();
}

TEST(a_cut_between_two_pieces_leaves_the_old_file_and_no_temporary_one)
{
    CHECK_INT(run_with_one_thread(cut_story), 0);
    story_silent(__FILE__, __LINE__);
}

SCENE(whenever_it_is_cancelled_the_file_is_the_old_or_the_new_one)
{
    CHECK_INT(fm_path_replace(at("big"), some_bytes(), 20 * MIB), 0);
    for (size_t i = 0; i < test_many(30); i++) {
        put(at("file"), "old");
        fm_task *task = fm_go(writer, i % 2 == 0 ? replaces : copies);
        for (size_t turn = 0; turn < i; turn++)
            CHECK_INT(fm_sleep(0.0001), 0);
        fm_cancel(task);
        int rc = fm_await(task);
        CHECK(rc == 0 || rc == -ECANCELED);
        CHECK(rc == 0 ? same(at("file"), at("big")) : says(at("file"), "old"));
        CHECK_INT(entries_in(scene), 2);
    }
}

/* ---- Disks --------------------------------------------------------------- */

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, text, strlen(text)) < 0)
        fd = -1;
    if (fd >= 0)
        close(fd);
}

/* Mounts of its own, which nobody else sees; or the end of the process. */
static void leave_mounts(void)
{
    char users[64], groups[64];
    snprintf(users, sizeof users, "0 %u 1", getuid());
    snprintf(groups, sizeof groups, "0 %u 1", getgid());
    if (unshare(CLONE_NEWNS) < 0) {
        if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
            _exit(77);
        write_file("/proc/self/setgroups", "deny");
        write_file("/proc/self/uid_map", users);
        write_file("/proc/self/gid_map", groups);
    }
    if (mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0)
        _exit(77);
}

static void mount_disk(const char *options, bool readonly)
{
    leave_mounts();
    if (mount("tmpfs", "/tmp", "tmpfs", 0, options) < 0)
        _exit(77);
    put("/tmp/file", "old");
    if (readonly &&
        mount("none", "/tmp", "tmpfs", MS_REMOUNT | MS_RDONLY, NULL) < 0)
        _exit(77);
}

static int full_main(void *arg)
{
    (void)arg;
    int rc = fm_path_replace("/tmp/file", some_bytes(), 20 * MIB);
    printf("replace %d, ", rc == -ENOSPC && says("/tmp/file", "old"));
    rc = fm_path_copy("/proc/self/exe", "/tmp/file");
    printf("copy %d, ", rc == -ENOSPC && says("/tmp/file", "old"));
    rc = fm_path_replace("/tmp/file", "new", 3);
    printf("small %d, left %d\n", rc == 0 && says("/tmp/file", "new"),
           entries_in("/tmp"));
    return 0;
}

static int readonly_main(void *arg)
{
    (void)arg;
    char path[FM_PATH_SIZE];
    printf("replace %d, ", fm_path_replace("/tmp/file", "new", 3) == -EROFS);
    printf("copy %d, ", fm_path_copy("/proc/version", "/tmp/x") == -EROFS);
    printf("mkdir %d, ", fm_path_mkdir("/tmp/x") == -EROFS);
    printf("parents %d, ",
           fm_path_mkdir("/tmp", &(fm_mkdir_options){.parents = true}) == 0);
    printf("remove %d, ", fm_path_remove_tree("/tmp/file") == -EROFS);
    printf("temporary %d\n", fm_temporary_directory("/tmp", path) == -EROFS);
    return 0;
}

static void on_a_full_disk(void *arg)
{
    (void)arg;
    mount_disk("size=64k", false);
    if (fm_run(full_main, NULL) != 0)
        printf("the run failed\n");
}

static void on_a_disk_for_reading(void *arg)
{
    (void)arg;
    mount_disk("size=1m", true);
    if (fm_run(readonly_main, NULL) != 0)
        printf("the run failed\n");
}

static void check_disk(void (*fn)(void *), const char *sentence)
{
    char said[512] = "";
    int status = test_child(fn, NULL, said, sizeof said);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        test_skip("no file system may be mounted here");
    if (strstr(said, sentence) == NULL)
        test_fail(__FILE__, __LINE__, "it said: %s", said);
}

TEST(on_a_full_disk_the_old_file_is_there_and_no_temporary_one)
{
    check_disk(on_a_full_disk, "replace 1, copy 1, small 1, left 1");
}

TEST(on_a_disk_for_reading_nothing_is_written)
{
    check_disk(on_a_disk_for_reading, "replace 1, copy 1, mkdir 1, parents 1, "
                                      "remove 1, temporary 1");
}
