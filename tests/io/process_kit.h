/*
 * process_kit.h - what tests of processes have in common
 */
#ifndef TESTS_IO_PROCESS_KIT_H
#define TESTS_IO_PROCESS_KIT_H

#include "task/story.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* How many descriptors this program has. */
static inline unsigned descriptors(void)
{
    unsigned count = 0;
    DIR *directory = opendir("/proc/self/fd");
    while (directory != NULL && readdir(directory) != NULL)
        count++;
    if (directory != NULL)
        closedir(directory);
    return count;
}

/* No child is left, neither alive nor dead. */
static inline bool childless(void)
{
    return waitpid(-1, NULL, WNOHANG | __WALL) < 0 && errno == ECHILD;
}

/* Runs a shell's command to its end: its status, and what it said. */
static inline int ask(const char *command, fm_process_talk *talk,
                      const fm_process_options *options)
{
    return fm_process_run(FM_ARGV("/bin/sh", "-c", command), talk, options);
}

/* What a program says, with these options, is this. */
static inline void check_says(const char *const *argv,
                              const fm_process_options *options,
                              const char *wanted)
{
    fm_process_talk talk = {0};
    CHECK_INT(fm_process_run(argv, &talk, options), 0);
    if (talk.output == NULL || strcmp(talk.output, wanted) != 0)
        test_fail(__FILE__, __LINE__, "%s said \"%s\", not \"%s\"", argv[0],
                  talk.output != NULL ? talk.output : "", wanted);
    fm_process_talk_clear(&talk);
}

static inline void check_shell_says(const char *command,
                                    const fm_process_options *options,
                                    const char *wanted)
{
    check_says(FM_ARGV("/bin/sh", "-c", command), options, wanted);
}

/* What an out-parameter holds that shall stay as it is. */
static fm_process *const untouched __attribute__((unused)) =
    (fm_process *)(uintptr_t)16;

/* A start fails with this, in this step, and leaves nothing. */
static inline void check_fails(const char *const *argv,
                               fm_process_options options, int error,
                               const char *step)
{
    fm_process *process = untouched;
    const char *failed = "";
    unsigned before = descriptors();
    options.failed = &failed;
    CHECK_INT(fm_process_start(argv, &process, &options), error);
    CHECK(process == untouched);
    CHECK_INT(descriptors(), before);
    CHECK(childless());
    if (strcmp(failed, step) != 0)
        test_fail(__FILE__, __LINE__, "it failed in \"%s\", not \"%s\"", failed,
                  step);
}

/* A directory for a test, by mkdtemp, and files in it. */
static char scratch[] __attribute__((unused)) = "/tmp/fermata-process-XXXXXX";

static inline const char *scratch_file(const char *name, const char *text,
                                       int mode)
{
    static char path[64];
    snprintf(path, sizeof path, "%s/%s", scratch, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
    CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    CHECK_INT(fchmod(fd, (mode_t)mode), 0);
    close(fd);
    return path;
}

static inline void remove_scratch(void)
{
    static const char *const names[] = {"plain", "script", "odd", "data"};
    char path[64];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", scratch, names[i]);
        unlink(path);
    }
    rmdir(scratch);
    memcpy(scratch + sizeof scratch - 7, "XXXXXX", 6);
}

/* A child that has said so before it waits for ever. */
static inline fm_process *sleeper(const char *before,
                                  const fm_process_options *options)
{
    char command[256], byte;
    fm_process_options own = {0};
    fm_process *process = NULL;
    if (options != NULL)
        own = *options;
    own.out = FM_PROCESS_PIPE;
    snprintf(command, sizeof command, "%s echo; exec sleep 1000", before);
    CHECK_INT(fm_process_shell(command, &process, &own), 0);
    CHECK_INT(fm_read(fm_process_stream(process, 1), &byte, 1), 1);
    return process;
}

#endif
