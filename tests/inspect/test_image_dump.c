/*
 * test_image_dump.c - core files that a kernel or gdb has made
 */
#include "harness.h"

#include "inspect/specimen_kit.h"

#include <errno.h>
#include <fcntl.h>
#include <fermata.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A folder, a copy of the program, and where its core file is to be. */
static char folder[64], program[128], core[128];

static void dump_begin(void)
{
    char path[PATH_MAX];
    if (test_under_valgrind() || test_under_asan() || test_under_tsan())
        test_skip("a core file would be too large");
    snprintf(folder, sizeof folder, "/tmp/fermata-dump-XXXXXX");
    CHECK(mkdtemp(folder) != NULL);
    snprintf(program, sizeof program, "%s/specimen", folder);
    snprintf(core, sizeof core, "%s/core", folder);
    specimen_path("specimen", path, sizeof path);
    CHECK(specimen_copy(path, program));
}

static void dump_end(void)
{
    unlink(program);
    unlink(core);
    rmdir(folder);
}

static void dump_skip(const char *reason)
{
    dump_end();
    test_skip(reason);
}

static struct fm__image *dump_open(void)
{
    struct fm__image *image = NULL;
    CHECK_INT(fm__image_open_core(&image, core), 0);
    return image;
}

static void check_version(const char *wanted)
{
    char version[16];
    struct fm__image *image = dump_open();
    if (image == NULL)
        return;
    specimen_version(image, version);
    CHECK(strcmp(version, wanted) == 0);
    fm__image_close(image);
}

/* ---- By gdb -------------------------------------------------------------- */

static void dump_by_gdb(struct started *started)
{
    char name[160], number[16];
    snprintf(number, sizeof number, "%d", started->pid);
    const char *const words[] = {"gcore", "-o", core, number, NULL};
    snprintf(name, sizeof name, "%s.%s", core, number);
    int rc = specimen_command(words);
    if (rename(name, core) < 0) {
        specimen_end(started);
        dump_skip(rc == 127 ? "gcore is not there" : "gdb may not trace here");
    }
}

TEST(a_core_file_that_gdb_has_copied_is_read)
{
    struct started started;
    dump_begin();
    if (!specimen_start(&started, (const char *[]){program, NULL}))
        dump_skip("no copy of a program runs here");
    dump_by_gdb(&started);
    pid_t pid = started.pid;
    specimen_end(&started);
    check_version(FM_VERSION);
    struct fm__image *image = dump_open();
    if (image != NULL) {
        CHECK_INT(fm__image_pid(image), pid);
        CHECK(strcmp(fm__image_program(image), program) == 0);
        CHECK_INT(fm__image_clock(image), -1);
    }
    fm__image_close(image);
    dump_end();
}

/* ---- By the kernel ------------------------------------------------------- */

/* Where it puts a core file beside its program. */
static void dump_expect(void)
{
    char pattern[64] = "";
    FILE *file = fopen("/proc/sys/kernel/core_pattern", "r");
    if (file != NULL && fgets(pattern, sizeof pattern, file) == NULL)
        pattern[0] = '\0';
    if (file != NULL)
        fclose(file);
    if (strncmp(pattern, "core", 4) != 0)
        test_skip("the kernel puts core files elsewhere");
}

/* Its name may have the number of the process. */
static bool dump_rename(pid_t pid)
{
    char name[160];
    snprintf(name, sizeof name, "%s.%d", core, pid);
    rename(name, core);
    return access(core, R_OK) == 0;
}

/* A crash, in the folder. */
static void dump_crash(void)
{
    struct started started;
    struct rlimit limit, old;
    dump_expect();
    dump_begin();
    int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    getrlimit(RLIMIT_CORE, &old);
    limit = old;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_CORE, &limit);
    bool there = chdir(folder) == 0;
    bool ran =
        specimen_start(&started, (const char *[]){program, "crash", NULL});
    int status = ran ? specimen_end(&started) : 0;
    setrlimit(RLIMIT_CORE, &old);
    there = there && fchdir(here) == 0;
    close(here);
    if (!there || !ran || !WIFSIGNALED(status) || !WCOREDUMP(status) ||
        !dump_rename(started.pid))
        dump_skip("no core file is made here");
}

TEST(a_core_file_of_a_crash_is_read)
{
    dump_crash();
    check_version(FM_VERSION);
    dump_end();
}

/* What could be written to is in the core; constants are in the program. */
TEST(of_a_crash_whose_program_is_gone_the_constants_are_missing)
{
    struct fm__root root;
    uint64_t address;
    dump_crash();
    unlink(program);
    check_version("");
    struct fm__image *image = dump_open();
    if (image != NULL) {
        CHECK_INT(fm__image_root(image, &address, &root), 0);
        CHECK(root.first.value != NULL);
    }
    fm__image_close(image);
    dump_end();
}

TEST(another_program_in_its_place_is_not_taken_for_it)
{
    dump_crash();
    int fd = open(program, O_WRONLY | O_CLOEXEC);
    CHECK_INT(pwrite(fd, "another build", 13, 2000), 13);
    close(fd);
    check_version("");
    dump_end();
}

TEST(a_core_file_that_was_cut_anywhere_is_read_or_refused)
{
    struct stat found;
    struct fm__image *image = NULL;
    dump_crash();
    CHECK_INT(stat(core, &found), 0);
    for (off_t size = found.st_size; size > 0; size = size * 7 / 8) {
        CHECK_INT(truncate(core, size), 0);
        int rc = fm__image_open_core(&image, core);
        CHECK(rc == 0 || rc == -EBADMSG || rc == -ENOEXEC);
        if (rc == 0)
            fm__image_close(image);
    }
    dump_end();
}
