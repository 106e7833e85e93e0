/*
 * test_image_process.c - a program that is looked into by another
 */
#include "harness.h"

#include "inspect/specimen_kit.h"

#include <errno.h>
#include <fcntl.h>
#include <fermata.h>
#include <fermata/inspect.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char path[PATH_MAX];

static void explained(int rc, int pid, const char *words)
{
    char text[256];
    fm_inspect_explain(rc, pid, text, sizeof text);
    if (strstr(text, words) == NULL)
        test_fail(__FILE__, __LINE__, "%d is \"%s\", not \"%s\"", rc, text,
                  words);
}

/* Where one may not look into one's own children, as in a sandbox, nothing of
 * this can be tried. */
static struct fm__image *look_into(struct started *started)
{
    struct fm__image *image = NULL;
    int rc = fm__image_open(&image, started->pid);
    if (rc == -EPERM) {
        specimen_end(started);
        test_skip("a child may not be read here");
    }
    CHECK_INT(rc, 0);
    return image;
}

static bool start(struct started *started, const char *name)
{
    specimen_path(name, path, sizeof path);
    bool runs = specimen_start(started, (const char *[]){path, NULL});
    CHECK(runs);
    return runs;
}

static void check_version(struct fm__image *image)
{
    char version[16];
    specimen_version(image, version);
    CHECK(strcmp(version, FM_VERSION) == 0);
}

TEST(a_program_that_runs_is_read_from_outside)
{
    struct started started;
    if (!start(&started, "specimen"))
        return;
    struct fm__image *image = look_into(&started);
    if (image != NULL) {
        check_version(image);
        CHECK_INT(fm__image_pid(image), started.pid);
        CHECK(fm__image_clock(image) > 0);
        CHECK(test_under_valgrind() ||
              strcmp(fm__image_program(image), path) == 0);
    }
    fm__image_close(image);
    CHECK_INT(specimen_end(&started), 0);
}

TEST(its_sockets_have_their_addresses)
{
    struct started started;
    char local[64] = "", peer[64] = "";
    const char *here, *there;
    int fd = -1;
    if (!start(&started, "specimen"))
        return;
    CHECK_INT(sscanf(started.line, "%d %63s %63s", &fd, local, peer), 3);
    struct fm__image *image = look_into(&started);
    if (image != NULL) {
        fm__image_socket(image, fd, &here, &there);
        CHECK(here != NULL && strcmp(here, local) == 0);
        CHECK(there != NULL && strcmp(there, peer) == 0);
    }
    fm__image_close(image);
    specimen_end(&started);
}

TEST(the_library_may_be_a_shared_one)
{
    struct started started;
    specimen_path("specimen_shared", path, sizeof path);
    if (access(path, X_OK) < 0)
        test_skip("libfermata.so was not built");
    specimen_path("..", path, sizeof path);
    setenv("LD_LIBRARY_PATH", path, 1);
    bool runs = start(&started, "specimen_shared");
    unsetenv("LD_LIBRARY_PATH");
    if (!runs)
        return;
    struct fm__image *image = look_into(&started);
    if (image != NULL)
        check_version(image);
    fm__image_close(image);
    specimen_end(&started);
}

/* ---- Its file is not what it was ----------------------------------------- */

static char copy[64];

static bool start_copy(struct started *started)
{
    bool runs = specimen_start(started, (const char *[]){copy, NULL});
    unlink(copy);
    CHECK(runs);
    return runs;
}

static bool make_copy(void)
{
    specimen_path("specimen", path, sizeof path);
    snprintf(copy, sizeof copy, "/tmp/fermata-specimen-%d", getpid());
    bool made = specimen_copy(path, copy);
    if (!made)
        unlink(copy);
    CHECK(made);
    return made;
}

TEST(a_program_whose_file_was_deleted_is_read)
{
    struct started started;
    if (!make_copy() || !start_copy(&started))
        return;
    struct fm__image *image = look_into(&started);
    if (image != NULL)
        check_version(image);
    fm__image_close(image);
    specimen_end(&started);
}

TEST(a_program_without_symbols_is_read)
{
    struct started started;
    if (!make_copy())
        return;
    int rc = specimen_command((const char *[]){"strip", copy, NULL});
    if (rc != 0) {
        unlink(copy);
        test_skip("strip is not there");
    }
    if (!start_copy(&started))
        return;
    struct fm__image *image = look_into(&started);
    if (image != NULL)
        check_version(image);
    fm__image_close(image);
    specimen_end(&started);
}

/* ---- Who is not there ---------------------------------------------------- */

TEST(a_program_that_has_ended_is_noticed)
{
    struct started started;
    char byte;
    struct fm__root root;
    uint64_t address = 0;
    if (!start(&started, "specimen"))
        return;
    struct fm__image *image = look_into(&started);
    if (image == NULL)
        return;
    CHECK_INT(fm__image_root(image, &address, &root), 0);
    CHECK_INT(fm__image_read(image, address, &byte, 1), 1);
    specimen_end(&started);
    CHECK_INT(fm__image_read(image, address, &byte, 1), -ESRCH);
    fm__image_refresh(image);
    CHECK_INT(fm__image_read(image, address, &byte, 1), -ESRCH);
    CHECK_INT(fm__image_root(image, &address, &root), -ESRCH);
    CHECK_INT(fm__image_depth(image, address & ~(uint64_t)4095, address + 8),
              0);
    fm__image_close(image);
}

/* Of the page that the root lies in; 0: the kernel does not say. */
static size_t root_depth(struct fm__image *image)
{
    struct fm__root root;
    uint64_t address = 0, page = (uint64_t)sysconf(_SC_PAGESIZE);
    CHECK_INT(fm__image_root(image, &address, &root), 0);
    address -= address % page;
    return fm__image_depth(image, address, address + page);
}

TEST(a_program_that_has_become_another_is_found_again)
{
    struct started started;
    specimen_path("specimen", path, sizeof path);
    if (!specimen_start(&started, (const char *[]){path, "again", NULL})) {
        CHECK(false);
        return;
    }
    struct fm__image *image = look_into(&started);
    size_t depth = image != NULL ? root_depth(image) : 0;
    CHECK_INT(write(started.input, "x", 1), 1);
    CHECK(fgets(started.line, sizeof started.line, started.output) != NULL);
    if (image != NULL) {
        check_version(image);
        fm__image_refresh(image);
        CHECK_INT(root_depth(image), (long long)depth);
    }
    fm__image_close(image);
    specimen_end(&started);
}

TEST(nobody_is_there_who_never_was_or_has_ended)
{
    struct fm__image *image = NULL;
    siginfo_t info;
    CHECK_INT(fm__image_open(&image, 0), -ESRCH);
    CHECK_INT(fm__image_open(&image, -1), -ESRCH);
    CHECK_INT(fm__image_open(&image, INT_MAX), -ESRCH);
    explained(-ESRCH, INT_MAX, "is not there");
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
    CHECK_INT(fm__image_open(&image, pid), -ESRCH);
    explained(-ESRCH, pid, "has ended");
    waitpid(pid, NULL, 0);
    CHECK(image == NULL);
}

TEST(a_program_without_fermata_is_told_from_one_that_has_it)
{
    static const char *const words[] = {"/bin/sh", "-c", "echo; read x", NULL};
    struct started shell;
    struct fm__image *image = NULL;
    CHECK(specimen_start(&shell, words));
    int rc = fm__image_open(&image, shell.pid);
    specimen_end(&shell);
    if (rc == -EPERM)
        test_skip("a child may not be read here");
    CHECK_INT(rc, -ENOENT);
    CHECK(image == NULL);
    explained(-ENOENT, getpid(), "has no Fermata in it");
}

/* ---- Who may not --------------------------------------------------------- */

/* One without rights looks into its parent, who is root. */
static void look_as_nobody(void *arg)
{
    char text[256];
    struct fm__image *image = NULL;
    pid_t parent = *(const pid_t *)arg;
    if (setgroups(0, NULL) < 0 || setgid(65534) < 0 || setuid(65534) < 0) {
        printf("cannot");
        return;
    }
    int rc = fm__image_open(&image, parent);
    printf("%d %s", rc, fm_inspect_explain(rc, parent, text, sizeof text));
    if (rc == 0)
        fm__image_close(image);
}

TEST(another_user_is_refused_in_words)
{
    char output[512], wanted[64];
    pid_t self = getpid();
    if (getuid() != 0)
        test_skip("only root can become somebody else");
    test_child(look_as_nobody, &self, output, sizeof output);
    if (strcmp(output, "cannot") == 0)
        test_skip("only root can become somebody else");
    snprintf(wanted, sizeof wanted, "%d Process %d is root's", -EPERM, self);
    if (strncmp(output, wanted, strlen(wanted)) != 0)
        test_fail(__FILE__, __LINE__, "\"%s\"", output);
}

/* One that hides looks as root's; who is root sees it all the same. */
static void hide(void *arg)
{
    const int *fds = arg;
    char byte = 0;
    prctl(PR_SET_DUMPABLE, 0);
    if (write(fds[1], &byte, 1) == 1 && read(fds[2], &byte, 1) >= 0)
        _exit(0);
    _exit(1);
}

TEST(a_program_that_hides_is_refused_in_words)
{
    int said[2], told[2];
    char byte;
    struct fm__image *image = NULL;
    if (getuid() == 0)
        test_skip("nobody hides from root");
    if (pipe(said) < 0 || pipe(told) < 0)
        return;
    pid_t pid = fork();
    if (pid == 0) {
        close(told[1]);
        hide((int[]){said[0], said[1], told[0]});
    }
    CHECK_INT(read(said[0], &byte, 1), 1);
    int rc = fm__image_open(&image, pid);
    CHECK_INT(rc, -EPERM);
    explained(rc, pid, "look with sudo");
    for (int i = 0; i < 2; i++) {
        close(said[i]);
        close(told[i]);
    }
    waitpid(pid, NULL, 0);
}

TEST(each_error_of_a_process_is_a_sentence)
{
    explained(-EPROTO, getpid(), "does not know");
    explained(-ENOENT, getpid(), "too old");
    explained(-EPERM, getpid(), "Process ");
    explained(-EMFILE, getpid(), fm_strerror(-EMFILE));
}
