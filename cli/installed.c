/*
 * installed.c - where the headers and the libraries of this command are
 *
 * Invariant: nothing is absolute here but what /proc/self/exe says, so that an
 * installed tree may be moved. In a build tree, which has no place of its own
 * for libraries, they are above the command.
 */
#include "installed.h"

#include "verbs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The part of a path before its last slash. */
static int installed_command(char folder[FM_PATH_SIZE])
{
    ssize_t size = fm_path_readlink("/proc/self/exe", folder, FM_PATH_SIZE);
    if (size < 0)
        return (int)size;
    *strrchr(folder, '/') = '\0';
    return 0;
}

/* Whether folder/name is there; its path is then in path, and the folder
 * without links and dots in real. */
static int installed_has(char real[FM_PATH_SIZE], const char *folder,
                         const char *name, char path[FM_PATH_SIZE])
{
    int rc = fm_path_real(folder, real);
    if (rc < 0)
        return rc == -ECANCELED ? rc : 0;
    if (snprintf(path, FM_PATH_SIZE, "%s/%s", real, name) >= FM_PATH_SIZE)
        return 0;
    rc = fm_path_exists(path);
    return rc < 0 && rc != -ECANCELED ? 0 : rc;
}

/* The first of several folders, relative to the command, that has one of
 * several names. */
static int installed_look(char real[FM_PATH_SIZE], const char *command,
                          const char *const *names, char path[FM_PATH_SIZE])
{
    static const char *const folders[] = {INSTALLED_INCLUDE,
                                          INSTALLED_LIBRARIES, ".."};
    char folder[FM_PATH_SIZE];
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < 3; i++) {
        if (snprintf(folder, sizeof folder, "%s/%s", command, folders[i]) >=
            FM_PATH_SIZE)
            return -ENAMETOOLONG;
        for (size_t k = 0; rc == 0 && names[k] != NULL; k++)
            rc = installed_has(real, folder, names[k], path);
    }
    return rc == 0 ? -ENOENT : rc;
}

/* A library of Fermata's, if it is there, and what its archive takes. */
static int installed_add(struct installed *self, const char *name,
                         const char *others)
{
    char file[64], real[FM_PATH_SIZE];
    size_t size = strlen(self->words);
    snprintf(file, sizeof file, "lib%s.%s", name, self->archives ? "a" : "so");
    int rc =
        installed_has(real, self->libraries, file, self->files[self->count]);
    if (rc <= 0)
        return rc;
    self->count++;
    snprintf(self->words + size, sizeof self->words - size, "%s-l%s%s%s",
             size > 0 ? " " : "", name, self->archives ? " " : "",
             self->archives ? others : "");
    return 0;
}

static int installed_add_all(struct installed *self)
{
    int rc = installed_add(self, "fermata-http", INSTALLED_PRIVATE_HTTP);
    if (rc == 0)
        rc = installed_add(self, "fermata-tls", INSTALLED_PRIVATE_TLS);
    if (rc == 0)
        rc = installed_add(self, "fermata", INSTALLED_PRIVATE);
    return rc;
}

int installed_find(struct installed *self)
{
    static const char *const headers[] = {"fermata.h", NULL};
    static const char *const libraries[] = {"libfermata.so", "libfermata.a",
                                            NULL};
    char command[FM_PATH_SIZE], path[FM_PATH_SIZE];
    *self = (struct installed){.count = 0};
    int rc = tell_failure("/proc/self/exe", installed_command(command));
    if (rc == 0)
        rc =
            tell_failure("fermata.h, which is installed with this command",
                         installed_look(self->include, command, headers, path));
    if (rc >= 0)
        rc = tell_failure(
            "libfermata, which is installed with this command",
            installed_look(self->libraries, command, libraries, path));
    if (rc < 0)
        return rc;
    self->archives = path[strlen(path) - 1] == 'a';
    return installed_add_all(self);
}
