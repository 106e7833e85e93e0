/*
 * notebook.c - files: whole, by lines, at an offset, and safely from outside
 */
#include <errno.h>
#include <fcntl.h>
#include <fermata.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* [whole] */
#define NOTEBOOK_MOST 1000000 /* bytes: a longer one is refused */

static int copy_whole(const char *from, const char *to)
{
    void *bytes;
    ssize_t size = fm_file_load(from, &bytes, NOTEBOOK_MOST);
    if (size < 0)
        return (int)size;
    int rc = fm_file_save(to, bytes, (size_t)size);
    fm_file_free(bytes);
    return rc;
}
/* [/whole] */

/* [lines] */
static int number_lines(const char *path)
{
    fm_file *file;
    fm_stream *stream;
    char line[200];
    int count = 0, rc = fm_file_open(path, &file);
    if (rc < 0)
        return rc;
    rc = fm_file_stream(file, &stream);
    if (rc == 0) {
        while (fm_read_line(stream, line, sizeof line) >= 0)
            printf("%d: %s\n", ++count, line);
        rc = fm_close(stream);
    }
    fm_file_close(file);
    return rc < 0 ? rc : count;
}
/* [/lines] */

/* [offset] */
struct change {
    fm_file *file;
    int64_t offset;
    const char *text;
};

/* Many may do so at once, for each says where. */
static int change(struct change *self)
{
    size_t size = strlen(self->text);
    ssize_t n = fm_file_write_at(self->file, self->text, size, self->offset);
    return n < 0 ? (int)n : 0;
}

static int correct(const char *path)
{
    fm_file *file;
    int rc = fm_file_open(path, &file, &(fm_file_options){.flags = O_RDWR});
    if (rc < 0)
        return rc;
    rc = fm_gather(fm_go(change, file, 4, "eggs"),
                   fm_go(change, file, 13, "honey"));
    if (rc == 0)
        rc = fm_file_sync(file, true); /* the disk has it */
    int closed = fm_file_close(file);
    return rc < 0 ? rc : closed;
}
/* [/offset] */

/* [beneath] */
/* What a stranger asks for, of what lies in one directory. */
static ssize_t fetch(const fm_file *shelf, const char *asked, void **bytes)
{
    const fm_file_options options = {.at = shelf, .beneath = true};
    return fm_file_load(asked, bytes, NOTEBOOK_MOST, &options);
}
/* [/beneath] */

static int lend(const char *directory, const char *asked)
{
    fm_file *shelf;
    void *bytes = NULL;
    int rc = fm_file_open(directory, &shelf,
                          &(fm_file_options){.flags = O_DIRECTORY});
    if (rc < 0)
        return rc;
    ssize_t size = fetch(shelf, asked, &bytes);
    printf("%s: %s\n", asked, size == -EXDEV ? "not of this shelf" : "here");
    fm_file_free(bytes);
    return fm_file_close(shelf);
}

static char first[64], second[64];

static int story(void *arg)
{
    (void)arg;
    int rc = fm_file_save(first, "buy milk\nbuy sugar\n", 19);
    if (rc == 0)
        rc = copy_whole(first, second);
    if (rc == 0)
        rc = correct(second);
    if (rc == 0)
        rc = number_lines(second);
    if (rc >= 0)
        rc = lend("/tmp", "../etc/passwd");
    return rc;
}

int main(void)
{
    snprintf(first, sizeof first, "/tmp/notebook-%d", (int)getpid());
    snprintf(second, sizeof second, "/tmp/notebook-%d.new", (int)getpid());
    int rc = fm_run(story, NULL);
    remove(first);
    remove(second);
    return rc < 0;
}
