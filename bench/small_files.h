/*
 * small_files.h - the files that `files` reads: bench/build makes them, in a
 * directory that the programs are told, by names from 0000 to 9999
 */
#ifndef BENCH_SMALL_FILES_H
#define BENCH_SMALL_FILES_H

#include <stdio.h>

enum {
    SMALL_FILES = 10000,
    SMALL_FILE_SIZE = 4096
};

struct small_file {
    char path[512];
};

static inline struct small_file small_file(const char *directory, size_t index)
{
    struct small_file file;
    snprintf(file.path, sizeof file.path, "%.500s/%04zu", directory, index);
    return file;
}

#endif
