/*
 * process_environment.c - the environment of a process
 *
 * A name ends at the first '=' that is not its first byte, so that what other
 * systems call "=C:" is a name. What has no '=' is passed on as it is.
 */
#include "base/memory.h"
#include "io/process_record.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const char *const environment_none[] = {NULL};

static size_t process_environment_name(const char *entry)
{
    return entry[0] == '\0' ? 0 : 1 + strcspn(entry + 1, "=");
}

/* Whether one of these says something of the entry's name. */
static bool process_environment_changed(const char *entry,
                                        const char *const *changes)
{
    size_t size = process_environment_name(entry);
    for (; *changes != NULL; changes++) {
        if (process_environment_name(*changes) == size &&
            memcmp(*changes, entry, size) == 0)
            return true;
    }
    return false;
}

/* A change that no later one takes back, and that sets something. */
static bool process_environment_sets(const char *const *change)
{
    const char *entry = *change;
    return entry[process_environment_name(entry)] == '=' &&
           !process_environment_changed(entry, change + 1);
}

static bool process_environment_valid(const char *const *changes)
{
    for (; *changes != NULL; changes++) {
        if (**changes == '\0' || **changes == '=')
            return false;
    }
    return true;
}

/* What is being filled: the pointers, and behind them the bytes. */
struct environment {
    char **entries; /* NULL: it is only measured */
    char *bytes;
    size_t count;
    size_t size;
};

static void process_environment_add(struct environment *self, const char *entry)
{
    size_t size = strlen(entry) + 1;
    if (self->entries != NULL) {
        self->entries[self->count] = self->bytes + self->size;
        memcpy(self->bytes + self->size, entry, size);
    }
    self->count++;
    self->size += size;
}

static void process_environment_fill(struct environment *self,
                                     const char *const *from,
                                     const char *const *changes)
{
    for (; *from != NULL; from++) {
        if (!process_environment_changed(*from, changes))
            process_environment_add(self, *from);
    }
    for (; *changes != NULL; changes++) {
        if (process_environment_sets(changes))
            process_environment_add(self, *changes);
    }
}

int fm__process_environment(const fm_process_options *options, char ***out)
{
    const char *const *from = options->environment;
    const char *const *changes = options->changes;
    struct environment measured = {0};
    if (from == NULL)
        from =
            environ != NULL ? (const char *const *)environ : environment_none;
    if (changes == NULL)
        changes = environment_none;
    if (!process_environment_valid(changes))
        return -EINVAL;
    process_environment_fill(&measured, from, changes);
    size_t pointers = (measured.count + 1) * sizeof(char *);
    char **block = fm__memory_new(pointers + measured.size);
    if (block == NULL)
        return -ENOMEM;
    struct environment filled = {.entries = block,
                                 .bytes = (char *)block + pointers};
    process_environment_fill(&filled, from, changes);
    *out = block;
    return 0;
}
