/*
 * image_kind.h - what an image is to those that make one
 *
 * A kind of image is a table and a record that begins with struct fm__image.
 * Tests have kinds of their own, in which memory is whatever they say.
 */
#ifndef FM_INSPECT_IMAGE_KIND_H
#define FM_INSPECT_IMAGE_KIND_H

#include "inspect/image.h"

#include <limits.h>
#include <link.h>

/* What is NULL it does not know; `gather` and `close` it has. */
struct fm__image_kind {
    /* Sets got of all: 0, or -errno where nobody can read anything. */
    int (*gather)(struct fm__image *image, struct fm__extent *extents,
                  size_t count);
    /* Gives every address at which a file may begin that is mapped there to
     * fm__note_try, until that returns other than 0; returns what it did. */
    int (*files)(struct fm__image *image);
    void (*socket)(struct fm__image *image, int fd, const char **local,
                   const char **peer);
    size_t (*depth)(struct fm__image *image, uint64_t bottom, uint64_t top);
    void (*refresh)(struct fm__image *image);
    void (*close)(struct fm__image *image); /* frees it, too */
};

struct fm__image {
    const struct fm__image_kind *kind;
    uint64_t root; /* its address; 0: not found yet */
    bool named;    /* what is there says that it is one */
    bool settled;  /* it is not to be looked for again */
    int64_t clock; /* -1: it has stopped */
    int pid;
    char program[PATH_MAX];
};

/* Looks into the ELF file that is mapped at `address` for the note, and sets
 * the root of the image: 1, if that is in use, 0 or -errno. */
int fm__note_try(struct fm__image *image, uint64_t address);
/* Whether a header is of ELF files whose words are those of this process. */
bool fm__note_known(const ElfW(Ehdr) * header);

/* What a terminal would obey becomes '?': names are anybody's. */
void fm__image_clean(char *text);

#endif
