/*
 * driver.c - main() of every fuzz target where there is no fuzzer
 *
 *   fuzz_NAME CORPUS...
 *
 * Runs the target over each file, or each file of a folder, and over every
 * prefix of it; then over files with random bytes changed. Speaks the
 * protocol of runtests. FERMATA_SEED begins the random ones elsewhere.
 */
#include "fuzz.h"

#include <dirent.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

enum {
    SIZE_MAX_READ = 1 << 16,
    MUTATIONS = 200
};

static uint8_t input[SIZE_MAX_READ];
static uint64_t state = 1;

/* xorshift64; the high bits are the better ones. */
static uint64_t draw(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state >> 16;
}

/* In memory of exactly that size, so that ASan sees the end. */
static void run(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    memcpy(copy, bytes, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void run_changed(uint8_t *bytes, size_t size)
{
    for (int i = 0; size > 0 && i < MUTATIONS; i++) {
        uint64_t random = draw();
        bytes[random % size] = (uint8_t)(random >> 24);
        run(bytes, size);
    }
}

static bool run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    size_t size = fread(input, 1, sizeof input, file);
    fclose(file);
    for (size_t prefix = 0; prefix <= size; prefix++)
        run(input, prefix);
    run_changed(input, size);
    return true;
}

static unsigned run_folder(const char *path)
{
    unsigned files = 0;
    char name[4096];
    DIR *folder = opendir(path);
    struct dirent *entry;
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        files += run_file(name);
    }
    if (folder != NULL)
        closedir(folder);
    return files;
}

int main(int argc, char **argv)
{
    unsigned files = 0;
    struct stat info;
    const char *seed = getenv("FERMATA_SEED");
    if (seed != NULL && strtoull(seed, NULL, 0) != 0)
        state = strtoull(seed, NULL, 0);
    for (int i = 1; i < argc; i++) {
        bool folder = stat(argv[i], &info) == 0 && S_ISDIR(info.st_mode);
        files += folder ? run_folder(argv[i]) : run_file(argv[i]);
    }
    printf("%s survives_its_corpus_of_%u_files\n", files > 0 ? "ok" : "FAIL",
           files);
    printf("%d passed, %d failed, 0 skipped\n", files > 0, files == 0);
    return files == 0;
}
