/*
 * looked.c - the program that a verb looks into: one that runs, or a core file
 */
#include "looked.h"

#include "verbs.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool looked_is_number(const char *word)
{
    return *word != '\0' && word[strspn(word, "0123456789")] == '\0';
}

static const char *looked_at_core(const struct looked *self, int rc)
{
    if (rc == -ENOENT && access(self->core, F_OK) < 0)
        return strchr(self->core, '/') != NULL
                   ? "there is no such file"
                   : "that is neither a pid nor a file";
    if (rc == -ENOENT)
        return "the program that ended there did not use Fermata, or the "
               "core file lacks its memory";
    if (rc == -ENOEXEC)
        return "that is no core file of a program of this machine";
    if (rc == -EPROTO)
        return "a version of Fermata is in it that this command does not know";
    return fm_strerror(rc);
}

static int looked_tell(const struct looked *self, const char *word, int rc)
{
    char text[512];
    const char *why =
        self->core != NULL
            ? looked_at_core(self, rc)
            : fm_inspect_explain(rc, self->pid, text, sizeof text);
    fprintf(stderr, "fermata: %s: %s\n", word, why);
    return rc;
}

int looked_open(struct looked *self, const char *word)
{
    *self = (struct looked){.pid = 0};
    int rc = -ESRCH;
    if (!looked_is_number(word)) {
        self->core = word;
        rc = fm_inspect_open_core(&self->inspect, word);
    } else {
        long pid = strtol(word, NULL, 10);
        self->pid = pid > 0 && pid <= INT_MAX ? (int)pid : INT_MAX;
        rc = fm_inspect_open(&self->inspect, self->pid);
    }
    return rc < 0 ? looked_tell(self, word, rc) : 0;
}

void looked_close(struct looked *self)
{
    fm_inspect_close(self->inspect);
    self->inspect = NULL;
}

int looked_look(struct looked *self, const fm_picture **picture)
{
    char word[32];
    int rc = fm_inspect_look(self->inspect, picture);
    if (rc == 0)
        return 0;
    snprintf(word, sizeof word, "%d", self->pid);
    return looked_tell(self, self->core != NULL ? self->core : word, rc);
}
