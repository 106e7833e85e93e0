/*
 * test_path_copy.c - copies of what is not just bytes: holes, files that the
 * kernel makes up, files that grow, other file systems
 */
#include "io/path_kit.h"

#include <pthread.h>

/* A hole, bytes, a hole, bytes, and a hole to the end. */
static void put_sparse(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    CHECK_INT(pwrite(fd, "one", 3, 1 << 20), 3);
    CHECK_INT(pwrite(fd, "two", 3, 40 << 20), 3);
    CHECK_INT(ftruncate(fd, 64 << 20), 0);
    close(fd);
}

SCENE(holes_are_kept)
{
    struct stat found, copied;
    put_sparse(at("a"));
    CHECK_INT(fm_path_copy(at("a"), at("b")), 0);
    CHECK(same(at("a"), at("b")));
    CHECK_INT(fm_path_stat(at("a"), &found), 0);
    CHECK_INT(fm_path_stat(at("b"), &copied), 0);
    CHECK_INT(copied.st_size, 64 << 20);
    /* Of 512 bytes; a file system without holes has all of them. */
    if (found.st_blocks < 1 << 14)
        CHECK(copied.st_blocks < 1 << 14);
}

SCENE(what_the_kernel_makes_up_is_copied_though_it_says_it_is_empty)
{
    char text[256] = "";
    CHECK_INT(fm_path_copy("/proc/version", at("version")), 0);
    CHECK(same("/proc/version", at("version")));
    int fd = open(at("version"), O_RDONLY | O_CLOEXEC);
    CHECK(read(fd, text, sizeof text - 1) > 0);
    close(fd);
}

SCENE(what_says_that_it_is_longer_is_copied_as_it_is)
{
    const char *path = "/sys/kernel/mm/transparent_hugepage/enabled";
    if (!there(path))
        return;
    CHECK_INT(fm_path_copy(path, at("a")), 0);
    CHECK(same(path, at("a")));
}

struct grower {
    char fresh[FM_PATH_SIZE];
    char path[FM_PATH_SIZE];
    bool stop;
};

/* One file after the other grows at the path; no byte of them is 0. */
static void *grow(void *arg)
{
    struct grower *self = arg;
    while (!__atomic_load_n(&self->stop, __ATOMIC_SEQ_CST)) {
        put(self->fresh, "full");
        int fd = open(self->fresh, O_WRONLY | O_APPEND | O_CLOEXEC);
        (void)!rename(self->fresh, self->path);
        for (int i = 0; i < 10000; i++)
            (void)!write(fd, "full", 4);
        close(fd);
    }
    return NULL;
}

static int zeros_in(const char *path)
{
    static char buf[65536];
    int zeros = 0, fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = read(fd, buf, sizeof buf);
    for (ssize_t i = 0; i < size; i++)
        zeros += buf[i] == 0;
    close(fd);
    return zeros;
}

/* Whatever a copy has of a file that grows, it had. */
SCENE(nothing_that_was_never_there_is_in_a_copy)
{
    struct grower self = {.stop = false};
    pthread_t thread;
    snprintf(self.fresh, sizeof self.fresh, "%s", at("new"));
    snprintf(self.path, sizeof self.path, "%s", at("a"));
    put(self.path, "full");
    CHECK_INT(pthread_create(&thread, NULL, grow, &self), 0);
    int zeros = 0;
    for (size_t i = 0; i < test_many(2000) && zeros == 0; i++) {
        CHECK_INT(fm_path_copy(self.path, at("b")), 0);
        zeros = zeros_in(at("b"));
    }
    __atomic_store_n(&self.stop, true, __ATOMIC_SEQ_CST);
    pthread_join(thread, NULL);
    CHECK_INT(zeros, 0);
}

SCENE(from_one_file_system_to_another)
{
    char other[FM_PATH_SIZE], path[FM_PATH_SIZE + 8];
    CHECK_INT(fm_temporary_directory("/tmp", other), 0);
    snprintf(path, sizeof path, "%s/a", other);
    put_sparse(at("a"));
    CHECK_INT(fm_path_copy(at("a"), path), 0);
    CHECK(same(at("a"), path));
    CHECK_INT(fm_path_copy(path, at("b")), 0);
    CHECK(same(at("a"), at("b")));
    CHECK_INT(fm_path_remove_tree(other), 0);
}
