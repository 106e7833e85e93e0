/*
 * script.c - a program as its author wrote it
 *
 * It is read once: what is looked for, kept and compiled is the same text, and
 * an editor that saves meanwhile is seen the next time.
 */
#include "script.h"

#include "verbs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCRIPT_LIMIT ((size_t)16 * 1024 * 1024)
#define SCRIPT_MARK "\xef\xbb\xbf"

static int script_read(struct script *self)
{
    fm_stream *in;
    ssize_t n = fm_stdin(&in);
    if (n < 0)
        return (int)n;
    do {
        char *text = realloc(self->text, self->size + FM_PATH_SIZE);
        n = text == NULL ? -ENOMEM : 0;
        if (text == NULL)
            break;
        self->text = text;
        n = fm_read(in, text + self->size, FM_PATH_SIZE);
        if (n > 0)
            self->size += (size_t)n;
    } while (n > 0 && self->size <= SCRIPT_LIMIT);
    fm_close(in);
    return n > 0 ? -EFBIG : (int)n;
}

static int script_load_file(struct script *self)
{
    void *text;
    ssize_t size = fm_file_load(self->path, &text, SCRIPT_LIMIT);
    if (size < 0)
        return (int)size;
    self->text = text;
    self->size = (size_t)size;
    return 0;
}

/* "hello" of "folder/hello.c". */
static void script_call(struct script *self)
{
    const char *slash = strrchr(self->path, '/');
    const char *name = slash != NULL ? slash + 1 : self->path;
    if (strcmp(self->path, "-") == 0)
        name = "program";
    size_t size = strlen(name);
    if (size > 2 && strcmp(name + size - 2, ".c") == 0)
        size -= 2;
    snprintf(self->name, sizeof self->name, "%.*s", (int)size, name);
    for (char *dot = self->name; (dot = strchr(dot, '.')) != NULL;)
        *dot = '_';
}

static int script_place(struct script *self)
{
    char folder[FM_PATH_SIZE] = ".";
    const char *slash = strrchr(self->path, '/');
    if (slash != NULL &&
        snprintf(folder, sizeof folder, "%.*s", (int)(slash - self->path + 1),
                 self->path) >= FM_PATH_SIZE)
        return -ENAMETOOLONG;
    return fm_path_real(folder, self->folder);
}

static bool script_is_cpp(const char *path)
{
    static const char *const endings[] = {".cc", ".cpp", ".cxx", ".c++", ".C"};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot != NULL && i < 5; i++)
        if (strcmp(dot, endings[i]) == 0)
            return true;
    return false;
}

int script_load(struct script *self, const char *path)
{
    *self = (struct script){.path = path};
    if (script_is_cpp(path)) {
        fprintf(stderr, "fermata: %s: run takes C, not C++\n", path);
        return -EINVAL;
    }
    int rc =
        strcmp(path, "-") == 0 ? script_read(self) : script_load_file(self);
    if (rc == 0)
        rc = script_place(self);
    script_call(self);
    return tell_failure(path, rc);
}

const char *script_shown(const struct script *self)
{
    return strcmp(self->path, "-") == 0 ? "<stdin>" : self->path;
}

/* As a string of C has it. */
static void script_quote(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < ' ' || c == '"' || c == '\\' || c == 127)
            fprintf(out, "\\%03o", c);
        else
            fputc(c, out);
    }
}

static bool script_begins(const struct script *self, const char *with)
{
    size_t size = strlen(with);
    return self->size >= size && memcmp(self->text, with, size) == 0;
}

/* Bytes that no compiler reads behind another line: "#!", and the mark that
 * some editors put before UTF-8. */
static size_t script_first(const struct script *self)
{
    const char *end;
    if (script_begins(self, SCRIPT_MARK))
        return strlen(SCRIPT_MARK);
    if (!script_begins(self, "#!"))
        return 0;
    end = memchr(self->text, '\n', self->size);
    return end == NULL ? self->size : (size_t)(end - self->text) + 1;
}

int script_save(const struct script *self, const char *path)
{
    char *text = NULL;
    size_t size = 0, first = script_first(self);
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return -ENOMEM;
    fprintf(out, "#line %d \"", script_begins(self, "#!") ? 2 : 1);
    script_quote(out, script_shown(self));
    fputs("\"\n", out);
    fwrite(self->text + first, 1, self->size - first, out);
    bool failed = ferror(out) != 0;
    failed = fclose(out) != 0 || failed;
    int rc = failed ? -ENOMEM : fm_file_save(path, text, size);
    free(text);
    return rc;
}
