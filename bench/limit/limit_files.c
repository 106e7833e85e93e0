/*
 * limit_files.c - small files: open, read, close, on as many threads as there
 * are processors, or on one
 *
 * limit_files DIRECTORY [COUNT]: 1 is one thread.
 */
#include "measure.h"
#include "small_files.h"
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#define LIMIT_THREADS_MOST 64

static const char *directory;
static size_t threads;

static void *limit_share(void *arg)
{
    char bytes[SMALL_FILE_SIZE + 1];

    for (size_t i = *(size_t *)arg; i < SMALL_FILES; i += threads) {
        struct small_file file = small_file(directory, i);
        int fd = open(file.path, O_RDONLY | O_CLOEXEC);
        if (read(fd, bytes, sizeof bytes) != SMALL_FILE_SIZE)
            exit(1);
        close(fd);
    }
    return NULL;
}

static void limit_files(void)
{
    pthread_t thread[LIMIT_THREADS_MOST];
    size_t first[LIMIT_THREADS_MOST];

    for (size_t i = 0; i < threads; i++) {
        first[i] = i;
        if (i > 0 &&
            pthread_create(&thread[i], NULL, limit_share, &first[i]) != 0)
            exit(1);
    }
    limit_share(&first[0]);
    for (size_t i = 1; i < threads; i++)
        pthread_join(thread[i], NULL);
}

int main(int argc, char **argv)
{
    size_t count = measure_argument(argc, argv, 2, 1);
    size_t there = (size_t)sysconf(_SC_NPROCESSORS_ONLN);
    char name[32];

    directory = argc > 1 ? argv[1] : "files";
    threads = count < there ? count : there;
    if (threads > LIMIT_THREADS_MOST)
        threads = LIMIT_THREADS_MOST;
    snprintf(name, sizeof name, "%zu", count);
    measure("files", name, SMALL_FILES, limit_files);
    return 0;
}
