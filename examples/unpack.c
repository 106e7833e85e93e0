/*
 * unpack.c - lines of a compressed log, and a log that is compressed as it
 * grows
 *
 *     unpack FILE...      what is in them: .gz, .br or .zst
 *
 * Without a file it writes a log of its own and reads that.
 */
#include <fcntl.h>
#include <fermata.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* "gzip" for "access.log.gz". */
static const char *coding_of(const char *path)
{
    static const char *const names[][2] = {
        {".gz", "gzip"}, {".br", "br"}, {".zst", "zstd"}};
    const char *ending = strrchr(path, '.');
    for (int i = 0; ending != NULL && i < 3; i++)
        if (strcmp(ending, names[i][0]) == 0)
            return names[i][1];
    return "identity";
}

/* [read] */
static int print_lines(fm_stream *stream, const char *coding)
{
    char line[1000];
    ssize_t size = fm_decode_start(stream, coding);
    while (size >= 0 && (size = fm_read_line(stream, line, sizeof line)) >= 0)
        printf("%s\n", line);
    return size == -FM_EEOF ? 0 : (int)size;
}
/* [/read] */

/* [write] */
static int write_lines(fm_stream *stream, const char *coding)
{
    ssize_t size = fm_encode_start(stream, coding);
    for (int i = 0; size >= 0 && i < 3; i++)
        size = fm_printf(stream, "GET /page/%d 200\n", i);
    int rc = fm_close(stream); /* the end of the code is written now */
    return size < 0 ? (int)size : rc;
}
/* [/write] */

static int unpack(const char *path)
{
    fm_file *file;
    fm_stream *stream;
    int rc = fm_file_open(path, &file);
    if (rc < 0)
        return rc;
    rc = fm_file_stream(file, &stream);
    if (rc == 0) {
        rc = print_lines(stream, coding_of(path));
        fm_close(stream);
    }
    fm_file_close(file);
    return rc;
}

static int pack(const char *path)
{
    const fm_file_options new = {.flags = O_WRONLY | O_CREAT | O_TRUNC};
    fm_file *file;
    fm_stream *stream;
    int rc = fm_file_open(path, &file, &new);
    if (rc < 0)
        return rc;
    rc = fm_file_stream(file, &stream);
    if (rc == 0)
        rc = write_lines(stream, coding_of(path));
    fm_file_close(file);
    return rc;
}

static int try_one(const char *ending)
{
    char path[64];
    snprintf(path, sizeof path, "/tmp/unpack-%d.log%s", (int)getpid(), ending);
    printf("%s:\n", ending);
    int rc = pack(path);
    if (rc == 0)
        rc = unpack(path);
    unlink(path);
    return rc;
}

static int unpack_all(void *arg)
{
    char **path = arg;
    int rc = 0;
    if (*path == NULL) {
        rc = try_one(".gz");
        return rc < 0 ? rc : try_one(".zst");
    }
    for (; rc == 0 && *path != NULL; path++)
        rc = unpack(*path);
    return rc;
}

int main(int argc, char **argv)
{
    (void)argc;
    int rc = fm_run(unpack_all, argv + 1);
    if (rc < 0)
        fprintf(stderr, "unpack: %s\n", fm_strerror(rc));
    return rc < 0;
}
