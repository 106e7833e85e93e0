/*
 * specimen_kit.c - programs that a test starts to look into them
 */
#include "inspect/specimen_kit.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

void specimen_path(const char *name, char *path, size_t size)
{
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(self, '/');
    if (slash != NULL)
        *slash = '\0';
    snprintf(path, size, "%.3000s/%s", self, name);
}

static void specimen_child(const int in[2], const int out[2],
                           const char *const *words)
{
    dup2(in[0], 0);
    dup2(out[1], 1);
    close(in[0]);
    close(in[1]);
    close(out[0]);
    close(out[1]);
    execv(words[0], (char *const *)(uintptr_t)words);
    _exit(127);
}

bool specimen_start(struct started *started, const char *const *words)
{
    int in[2], out[2];
    fflush(NULL);
    memset(started, 0, sizeof *started);
    if (pipe(in) < 0 || pipe(out) < 0)
        return false;
    started->pid = fork();
    if (started->pid == 0)
        specimen_child(in, out, words);
    close(in[0]);
    close(out[1]);
    started->input = in[1];
    started->output = fdopen(out[0], "r");
    if (fgets(started->line, sizeof started->line, started->output) != NULL)
        return true;
    specimen_end(started);
    return false;
}

int specimen_end(struct started *started)
{
    int status = -1;
    close(started->input);
    waitpid(started->pid, &status, 0);
    fclose(started->output);
    return status;
}

bool specimen_copy(const char *from, const char *to)
{
    char buf[65536];
    ssize_t size = -1;
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    while (in >= 0 && out >= 0 && (size = read(in, buf, sizeof buf)) > 0) {
        if (write(out, buf, (size_t)size) != size) {
            size = -1;
            break;
        }
    }
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return size == 0;
}

int specimen_command(const char *const *words)
{
    int status = -1;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        int nothing = open("/dev/null", O_RDWR);
        dup2(nothing, 0);
        dup2(nothing, 1);
        dup2(nothing, 2);
        unsetenv("LD_PRELOAD");
        execvp(words[0], (char *const *)(uintptr_t)words);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void specimen_version(struct fm__image *image, char version[16])
{
    struct fm__root root;
    uint64_t address;
    memset(version, 0, 16);
    if (fm__image_root(image, &address, &root) == 0)
        fm__image_read(image, (uint64_t)(uintptr_t)root.release, version, 15);
}
