/*
 * ours_files.c - Fermata: small files, each read whole, by COUNT tasks
 *
 * ours_files BACKEND DIRECTORY [COUNT]
 */
#include "measure.h"
#include "small_files.h"
#include <fermata.h>

struct share {
    size_t index; /* of the first file */
};

static const char *directory;
static size_t count;
static fm_task **tasks;

static int share(struct share *self)
{
    for (size_t i = self->index; i < SMALL_FILES; i += count) {
        struct small_file file = small_file(directory, i);
        void *bytes = NULL;
        if (fm_file_load(file.path, &bytes, SMALL_FILE_SIZE) != SMALL_FILE_SIZE)
            return -EIO;
        fm_file_free(bytes);
    }
    return 0;
}

static void files_all(void)
{
    for (size_t i = 0; i < count; i++)
        tasks[i] = fm_go(share, i);
    if (fm_gather_array(tasks, count, NULL) != 0)
        exit(1);
}

static int files_main(void *arg)
{
    char name[32];

    (void)arg;
    snprintf(name, sizeof name, "%zu", count);
    measure("files", name, SMALL_FILES, files_all);
    return 0;
}

int main(int argc, char **argv)
{
    fm_run_options options = {.backend = argc > 1 ? argv[1] : NULL};

    directory = argc > 2 ? argv[2] : "files";
    count = measure_argument(argc, argv, 3, 1);
    tasks = calloc(count, sizeof(fm_task *));
    int rc = fm_run(files_main, NULL, &options);
    free(tasks);
    return rc < 0;
}
