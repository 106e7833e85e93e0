/*
 * process_kit.h - what tests of processes have in common
 */
#ifndef TESTS_IO_PROCESS_KIT_H
#define TESTS_IO_PROCESS_KIT_H

#include "task/story.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* How many descriptors this program has. */
static inline unsigned descriptors(void)
{
    unsigned count = 0;
    DIR *directory = opendir("/proc/self/fd");
    while (directory != NULL && readdir(directory) != NULL)
        count++;
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
