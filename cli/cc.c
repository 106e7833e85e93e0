/*
 * cc.c - a C compiler, and what it is told
 */
#include "cc.h"

#include "verbs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- words --------------------------------------------------------------- */

static void cc_add(struct cc *self, const char *word)
{
    self->full = self->full || self->count == CC_WORDS - 1;
    if (!self->full)
        self->words[self->count++] = word;
}

/* All that stand in a text, which may be NULL. */
static void cc_add_all(struct cc *self, const char *text)
{
    char *rest, *copy = self->texts + self->size;
    size_t size = text != NULL ? strlen(text) + 1 : 0;
    if (size > sizeof self->texts - self->size) {
        self->full = true;
    } else if (size > 0) {
        memcpy(copy, text, size);
        self->size += size;
        char *word = strtok_r(copy, " \t\n", &rest);
        for (; word != NULL; word = strtok_r(NULL, " \t\n", &rest))
            cc_add(self, word);
    }
}

static void cc_say(struct cc *self, const struct script *script,
                   const struct installed *installed)
{
    cc_add_all(self, "-std=gnu11 -O2 -g -Wall " INSTALLED_FLAGS);
    cc_add_all(self, getenv("CFLAGS"));
    const char *const paths[] = {"-I",
                                 installed->include,
                                 "-iquote",
                                 script->folder,
                                 "-MMD",
                                 self->map,
                                 "-MF",
                                 self->needs,
                                 "-o",
                                 self->output,
                                 self->input,
                                 "-L",
                                 installed->libraries,
                                 "-Xlinker",
                                 "-rpath",
                                 "-Xlinker",
                                 installed->libraries,
                                 "-Xlinker",
                                 "--as-needed"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        cc_add(self, paths[i]);
    cc_add_all(self, getenv("LDFLAGS"));
    cc_add_all(self, getenv("LDLIBS"));
    cc_add_all(self, installed->words);
    self->words[self->count] = NULL;
}

/* ---- the program --------------------------------------------------------- */

/* Looks for a program as execvp(3) does: 1 or 0. */
static int cc_look(struct cc *self, const char *name)
{
    const char *from = getenv("PATH");
    int rc = -ENOENT;
    if (strchr(name, '/') != NULL) {
        snprintf(self->path, sizeof self->path, "%s", name);
        rc = fm_path_access(self->path, X_OK);
        from = "";
    } else if (from == NULL) {
        from = "/usr/bin:/bin";
    }
    while (rc < 0 && rc != -ECANCELED && *from != '\0') {
        size_t size = strcspn(from, ":");
        snprintf(self->path, sizeof self->path, "%.*s%s%s", (int)size, from,
                 size > 0 ? "/" : "", name);
        rc = fm_path_access(self->path, X_OK);
        from += size + (from[size] == ':');
    }
    return rc == -ECANCELED ? rc : rc == 0;
}

/* The first word of $CC, which may have others; or one of those that there may
 * be. */
static int cc_choose(struct cc *self)
{
    static const char *const known[] = {"cc", "gcc", "clang"};
    int rc = 0;
    cc_add_all(self, getenv("CC"));
    if (self->count > 0)
        rc = cc_look(self, self->words[0]);
    for (size_t i = 0; self->count == 0 && !self->full && i < 3; i++) {
        rc = cc_look(self, known[i]);
        if (rc != 0)
            cc_add(self, known[i]);
    }
    if (self->full)
        return 0;
    if (rc == 0 && self->count > 0)
        fprintf(stderr,
                "fermata: no C compiler: CC says %s, which is not there\n",
                self->words[0]);
    else if (rc == 0)
        fprintf(stderr, "fermata: no C compiler: install gcc or clang, or "
                        "name another in CC\n");
    return rc > 0 ? 0 : rc < 0 ? rc : -ENOENT;
}

int cc_find(struct cc *self, const struct script *script,
            const struct installed *installed)
{
    *self = (struct cc){.count = 0};
    int rc = cc_choose(self);
    if (rc < 0)
        return rc;
    cc_say(self, script, installed);
    if (self->full)
        return tell_failure("CC, CFLAGS, LDFLAGS and LDLIBS", -E2BIG);
    return 0;
}

int cc_run(struct cc *self)
{
    const fm_process_options options = {.in = FM_PROCESS_NULL,
                                        .out = FM_PROCESS_FD(2)};
    int status = fm_process_run(self->words, NULL, &options);
    if (status < 0)
        return tell_failure(self->words[0], status);
    if (FM_PROCESS_SIGNAL(status) > 0)
        fprintf(stderr, "fermata: %s was ended by signal %d\n", self->words[0],
                FM_PROCESS_SIGNAL(status));
    return status == 0 ? 0 : -EIO;
}
