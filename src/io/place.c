/*
 * place.c - from a path to a name in an open directory
 */
#include "io/place.h"

#include <errno.h>
#include <string.h>

/* How long the path is without slashes at its end. */
static size_t place_trim(const char *path, size_t size)
{
    while (size > 0 && path[size - 1] == '/')
        size--;
    return size;
}

static int place_name(struct fm__place *place, const char *name, size_t size)
{
    if (size == 0 || (size <= 2 && memcmp(name, "..", size) == 0))
        return -EINVAL;
    if (size >= sizeof place->name)
        return -ENAMETOOLONG;
    memcpy(place->name, name, size);
    place->name[size] = '\0';
    return 0;
}

int fm__place_open(struct fm__place *place, const char *path, int flags)
{
    char parent[FM_PATH_SIZE] = ".";
    size_t whole = strlen(path), end = place_trim(path, whole), start = end;
    place->parent = -1;
    if (whole == 0)
        return -ENOENT;
    if (whole >= sizeof parent)
        return -ENAMETOOLONG;
    while (start > 0 && path[start - 1] != '/')
        start--;
    int rc = place_name(place, path + start, end - start);
    if (rc < 0)
        return rc;
    place->slash = end < whole;
    if (start > 0) {
        memcpy(parent, path, start);
        parent[start] = '\0';
    }
    rc = fm__sys_open_at(fm__sys_here(parent), flags | O_DIRECTORY, 0);
    if (rc < 0)
        return rc;
    place->parent = rc;
    return 0;
}

void fm__place_close(struct fm__place *place)
{
    if (place->parent >= 0)
        fm__sys_close(place->parent);
    place->parent = -1;
}
