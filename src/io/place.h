/*
 * place.h - a name in a directory that is open
 *
 * A path is looked up once, when its directory is opened; what is done to the
 * name from then on is done in that directory, wherever it is moved.
 */
#ifndef FM_IO_PLACE_H
#define FM_IO_PLACE_H

#include "base/sys_path.h"

#include <fermata/path.h>

struct fm__place {
    int parent; /* a directory, or -1 */
    bool slash; /* the path ended with one */
    char name[FM_ENTRY_SIZE];
};

FM__INLINE struct fm__sys_place fm__place_of(const struct fm__place *place)
{
    return (struct fm__sys_place){place->parent, place->name};
}

/* flags: O_PATH or O_RDONLY, of the directory. 0, and it has to be closed; or
 * -errno: -EINVAL where the last part is no name. On a thread. */
int fm__place_open(struct fm__place *place, const char *path, int flags);

/* Harmless twice. */
void fm__place_close(struct fm__place *place);

#endif
