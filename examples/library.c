/*
 * library.c - a server of files, in the words of two protocols
 */
#include <errno.h>
#include <fermata.h>
#include <stdio.h>
#include <string.h>

/* [sniff] */
/* The first letter says which protocol is spoken; then it is read again. */
static int speaks_briefly(fm_stream *stream)
{
    char first;
    ssize_t n = fm_read_exactly(stream, &first, 1);
    if (n < 0)
        return (int)n;
    int rc = fm_unread(stream, &first, 1);
    return rc < 0 ? rc : first == '?';
}
/* [/sniff] */

/* [any] */
/* Up to whichever comes first; it is told which that was. */
static ssize_t read_title(fm_stream *stream, char *title, size_t size)
{
    static const char *const list[] = {"\r\n", "\n", ";"};
    fm_texts ends = {.texts = list, .count = 3};
    ssize_t n = fm_read_until_any(stream, &ends, title, size - 1);
    if (n < 0)
        return n;
    n -= (ssize_t)strlen(list[ends.found]);
    title[n] = '\0';
    return n;
}
/* [/any] */

/* [sendfile] */
/* A head, and then the file: both leave together. */
static int send_book(fm_stream *stream, const char *title, FILE *book)
{
    ssize_t n = fm_printf(stream, "OK %s\n", title);
    if (n > 0)
        n = fm_sendfile(stream, fileno(book), NULL, FM_TO_THE_END);
    return n < 0 ? (int)n : fm_write_eof(stream);
}
/* [/sendfile] */

struct librarian {
    fm_stream *stream;
    FILE *book;
};

static int librarian(struct librarian *self)
{
    char title[40];
    int rc = speaks_briefly(self->stream);
    if (rc < 0)
        return rc;
    printf("a %s request\n", rc > 0 ? "brief" : "polite");
    ssize_t n = read_title(self->stream, title, sizeof title);
    return n < 0 ? (int)n : send_book(self->stream, title, self->book);
}

/* [vector] */
/* Three pieces that lie apart, as one write. */
static int ask(fm_stream *stream, const char *how, const char *title)
{
    const struct iovec parts[] = {
        {(void *)how, strlen(how)},
        {(void *)title, strlen(title)},
        {(void *)"\r\n", 2},
    };
    ssize_t n = fm_write_vector(stream, parts, 3);
    return n < 0 ? (int)n : 0;
}
/* [/vector] */

static int read_book(fm_stream *stream)
{
    char line[80];
    ssize_t n;
    while ((n = fm_read_line(stream, line, sizeof line)) >= 0)
        printf("  %s\n", line);
    return n == -FM_EEOF ? 0 : (int)n;
}

static int visit(const char *how, FILE *book)
{
    fm_stream *ends[2];
    int rc = fm_stream_pair(ends);
    if (rc < 0)
        return rc;
    FM_TASK serving = fm_go(librarian, ends[0], book);
    rc = ask(ends[1], how, "Hike");
    if (rc == 0)
        rc = read_book(ends[1]);
    int served = fm_await(serving);
    fm_close(ends[0]);
    fm_close(ends[1]);
    return rc < 0 ? rc : served;
}

static int story(void *arg)
{
    FILE *book = tmpfile();
    (void)arg;
    if (book == NULL)
        return -ENOENT;
    fputs("Up the hill,\nand down again.\n", book);
    fflush(book);
    int rc = visit("?", book);
    if (rc == 0)
        rc = visit("Please: ", book);
    fclose(book);
    return rc;
}

int main(void)
{
    return fm_run(story, NULL) < 0;
}
