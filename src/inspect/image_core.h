/*
 * image_core.h - what a core file says of the process that it was
 */
#ifndef FM_INSPECT_IMAGE_CORE_H
#define FM_INSPECT_IMAGE_CORE_H

#include "inspect/image_kind.h"

/* Memory, of which the first `filled` bytes are in the core, at `offset`. */
struct fm__core_part {
    uint64_t address;
    uint64_t size;
    uint64_t filled;
    uint64_t offset;
    bool writable;
};

/* Where a part of a file was mapped. */
struct fm__core_file {
    uint64_t address;
    uint64_t size;
    uint64_t offset;
    const char *path;
};

/* One that was opened; fd is negative where it is not what was mapped. */
struct fm__core_opened {
    const char *path; /* NULL: none */
    int fd;
};

enum {
    FM__CORE_OPENED = 4
};

struct fm__core {
    struct fm__image image;
    int fd;
    uint64_t size;
    int64_t made;                /* when it was written last, s since 1970 */
    bool cut;                    /* it ends before what its headers promise */
    struct fm__core_part *parts; /* by address */
    size_t part_count;
    char *text; /* the note of files, that of their names */
    struct fm__core_file *files;
    size_t file_count;
    uint64_t entry; /* where the program began; 0: not said */
    char name[17];  /* the program's, as the kernel cuts it */
    struct fm__core_opened opened[FM__CORE_OPENED];
    size_t turn; /* whose place is taken next */
};

/* All of it at an offset: 1, 0 where the file ends before, or -errno. */
int fm__core_get(const struct fm__core *core, uint64_t offset, void *buf,
                 size_t size);

/* The one that has the address, or NULL. */
const struct fm__core_part *fm__core_part_at(const struct fm__core *core,
                                             uint64_t address);

/* How many bytes of memory the core itself has there. */
size_t fm__core_own(const struct fm__core *core, uint64_t address, void *buf,
                    size_t size);

/* Takes note of what the notes between two offsets say: 0 or -errno. */
int fm__core_notes(struct fm__core *core, uint64_t offset, uint64_t size);

/* How many bytes at `address`, of what the core lacks, the files have that
 * were mapped there. */
size_t fm__core_mapped(struct fm__core *core, uint64_t address, void *buf,
                       size_t size);

void fm__core_forget_files(struct fm__core *core);

extern const struct fm__image_kind fm__core_kind;

#endif
