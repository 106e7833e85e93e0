/*
 * image_note.c - from the ELF files that a process has mapped to its root
 *
 * They are read where they are mapped: their names may be gone from the disk,
 * or be another file's. A process may have several that have Fermata in them,
 * as a program and a plugin of it; the first that runs a loop is meant.
 */
#include "inspect/image_kind.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <string.h>

#define NOTE_OWNER "fermata"
#define NOTE_HEADERS 64 /* of a file, at most */
#define NOTE_COUNT 64   /* of a header, at most */

struct note_file {
    struct fm__image *image;
    uint64_t address;
    uint64_t bias; /* what its addresses are ahead of those in its headers */
    ElfW(Ehdr) header;
};

struct note_head {
    ElfW(Nhdr) sizes;
    char owner[sizeof NOTE_OWNER];
};

/* All of it: 1, 0 where it is not there, or -errno. */
static int image_note_read(struct fm__image *image, uint64_t address, void *buf,
                           size_t size)
{
    ssize_t got = fm__image_read(image, address, buf, size);
    if (got < 0 && got != -EFAULT)
        return (int)got;
    return got == (ssize_t)size;
}

bool fm__note_known(const ElfW(Ehdr) * header)
{
    static const uint16_t one = 1;
    int order = *(const uint8_t *)&one == 1 ? ELFDATA2LSB : ELFDATA2MSB;
    int word = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
    return memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 &&
           header->e_ident[EI_CLASS] == word &&
           header->e_ident[EI_DATA] == order &&
           header->e_phentsize == sizeof(ElfW(Phdr));
}

/* In use is one that has a list of loops. One without its name is of a file
 * that is mapped once more, as debuggers do, where its data lies elsewhere. */
static int image_note_found(struct fm__image *image, uint64_t root)
{
    void *first = NULL;
    char magic[sizeof FM__ROOT_MAGIC];
    int rc = image_note_read(image, root, magic, sizeof magic);
    bool named = rc > 0 && memcmp(magic, FM__ROOT_MAGIC, sizeof magic) == 0;
    if (image->root == 0 || (named && !image->named))
        image->root = root;
    image->named = image->named || named;
    if (!named)
        return rc < 0 ? rc : 0;
    rc = image_note_read(image, root + offsetof(struct fm__root, first), &first,
                         sizeof first);
    if (rc <= 0 || first == NULL)
        return rc < 0 ? rc : 0;
    image->root = root;
    return 1;
}

/* Sizes within a note are rounded up as its header says. */
static uint64_t image_note_round(uint64_t size, const ElfW(Phdr) * header)
{
    uint64_t to = header->p_align == 8 ? 8 : 4;
    return (size + to - 1) & ~(to - 1);
}

static bool image_note_ours(const struct note_head *head)
{
    return head->sizes.n_type == FM__NOTE_TYPE &&
           head->sizes.n_namesz == sizeof NOTE_OWNER &&
           head->sizes.n_descsz == sizeof(int64_t) &&
           memcmp(head->owner, NOTE_OWNER, sizeof NOTE_OWNER) == 0;
}

static int image_note_walk(struct note_file *file, const ElfW(Phdr) * header)
{
    uint64_t at = 0;
    struct note_head head;
    int64_t distance = 0;
    for (int i = 0; i < NOTE_COUNT && at < header->p_memsz; i++) {
        uint64_t place = file->bias + header->p_vaddr + at;
        int rc = image_note_read(file->image, place, &head, sizeof head);
        if (rc <= 0)
            return rc;
        at += image_note_round(sizeof head.sizes + head.sizes.n_namesz, header);
        place = file->bias + header->p_vaddr + at;
        if (image_note_ours(&head)) {
            rc =
                image_note_read(file->image, place, &distance, sizeof distance);
            if (rc > 0)
                rc = image_note_found(file->image, place + (uint64_t)distance);
            if (rc != 0)
                return rc;
        }
        at = image_note_round(at + head.sizes.n_descsz, header);
    }
    return 0;
}

static int image_note_load(struct note_file *file, const ElfW(Phdr) * header)
{
    if (header->p_offset == 0)
        file->bias = file->address - header->p_vaddr;
    return 0;
}

static int image_note_each(struct note_file *file, uint32_t type,
                           int (*fn)(struct note_file *file,
                                     const ElfW(Phdr) * header))
{
    ElfW(Phdr) header;
    for (unsigned i = 0; i < file->header.e_phnum && i < NOTE_HEADERS; i++) {
        uint64_t at = file->address + file->header.e_phoff + i * sizeof header;
        int rc = image_note_read(file->image, at, &header, sizeof header);
        if (rc <= 0)
            return rc;
        rc = header.p_type == type ? fn(file, &header) : 0;
        if (rc != 0)
            return rc;
    }
    return 0;
}

int fm__note_try(struct fm__image *image, uint64_t address)
{
    struct note_file file = {.image = image, .address = address};
    int rc = image_note_read(image, address, &file.header, sizeof file.header);
    if (rc <= 0 || !fm__note_known(&file.header))
        return rc < 0 ? rc : 0;
    rc = image_note_each(&file, PT_LOAD, image_note_load);
    return rc != 0 ? rc : image_note_each(&file, PT_NOTE, image_note_walk);
}
