/*
 * new_verb.c - fermata new: a small project that builds, and whose test passes
 */
#include "installed.h"
#include "project.h"
#include "verbs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEW_NAME 64 /* bytes, at most */
#define NEW_LETTERS                                                            \
    "abcdefghijklmnopqrstuvwxyz"                                               \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

struct new
{
    const char *name;
    struct installed installed;
};

/* A name becomes a folder, a program, and a word in a text of C. */
static bool new_is_name(const char *name)
{
    size_t size = strlen(name);
    return strspn(name, NEW_LETTERS) > 0 && size <= NEW_NAME &&
           strspn(name, NEW_LETTERS "0123456789_-") == size;
}

/* What stands for a word between two @; NULL: nothing, it stands for itself. */
static const char *new_value(const struct new *self, const char *word)
{
    const struct {
        const char *word;
        const char *value;
    } known[] = {
        {"@NAME@", self->name},
        {"@INCLUDE@", self->installed.include},
        {"@LIBRARIES@", self->installed.libraries},
        {"@FLAGS@", INSTALLED_FLAGS},
        {"@WORDS@", self->installed.words},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strncmp(word, known[i].word, strlen(known[i].word)) == 0)
            return known[i].value;
    return NULL;
}

/* As make reads it in the value of a variable. */
static void new_put(const char *value, FILE *out)
{
    for (; *value != '\0'; value++) {
        if (*value == '$' || *value == '#')
            fputc(*value == '$' ? '$' : '\\', out);
        fputc(*value, out);
    }
}

static void new_fill(const struct new *self, const char *text, FILE *out)
{
    while (*text != '\0') {
        const char *value = *text == '@' ? new_value(self, text) : NULL;
        if (value == NULL) {
            fputc(*text++, out);
            continue;
        }
        new_put(value, out);
        text = strchr(text + 1, '@') + 1;
    }
}

static int new_save(const struct new *self, const char *const file[2])
{
    char path[NEW_NAME + 64], *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return tell_failure(file[0], -ENOMEM);
    snprintf(path, sizeof path, "%s/%s", self->name, file[0]);
    new_fill(self, file[1], out);
    int rc = fclose(out) != 0 ? -ENOMEM : fm_file_save(path, text, size);
    free(text);
    return tell_failure(path, rc);
}

/* All of them or none. */
static int new_make(void *arg)
{
    struct new *self = arg;
    int rc = installed_find(&self->installed);
    if (rc == 0)
        rc = tell_failure(self->name, fm_path_mkdir(self->name));
    if (rc < 0)
        return rc;
    for (size_t i = 0;
         rc == 0 && i < sizeof project_files / sizeof project_files[0]; i++)
        rc = new_save(self, project_files[i]);
    FM_SHIELD(5) {
        if (rc < 0)
            fm_path_remove_tree(self->name);
    }
    return rc;
}

int new_verb(char **words)
{
    static struct new self;
    if (words[0] == NULL || words[1] != NULL)
        return VERB_USAGE;
    self.name = words[0];
    if (!new_is_name(self.name)) {
        fprintf(stderr,
                "fermata: a name begins with a letter and has letters, "
                "digits, - and _, %d at most: not \"%s\"\n",
                NEW_NAME, self.name);
        return VERB_USAGE;
    }
    int rc = tell_run(new_make, &self);
    if (rc == 0)
        printf("made %s: cd %s && make test\n", self.name, self.name);
    return tell_status(rc);
}
