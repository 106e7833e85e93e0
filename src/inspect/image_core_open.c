/*
 * image_core_open.c - what the headers of a core file say: elf(5)
 *
 * A file that ends before its headers do is of no use. One that ends later has
 * what it has: it is damaged only if that is not enough to find Fermata.
 */
#include "inspect/image_core.h"

#include "base/memory.h"
#include "base/sys.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

#define CORE_HEADER sizeof(ElfW(Phdr))

/* Where its program headers are. */
struct core_headers {
    uint64_t offset;
    size_t count;
};

static int image_core_begin(struct fm__core *core, const char *path)
{
    struct stat found;
    core->fd = fm__sys_open(&(struct fm__sys_path){
        .directory = AT_FDCWD, .name = path, .flags = O_RDONLY});
    if (core->fd < 0)
        return core->fd == -EACCES ? -EPERM : core->fd;
    int rc = fm__sys_stat_fd(core->fd, &found);
    if (rc < 0)
        return rc;
    if (!S_ISREG(found.st_mode))
        return -ENOEXEC;
    core->size = (uint64_t)found.st_size;
    core->made = found.st_mtime;
    return 0;
}

/* Where there are more headers than a half-word counts, a section says. */
static int image_core_many(const struct fm__core *core,
                           const ElfW(Ehdr) * header,
                           struct core_headers *headers)
{
    ElfW(Shdr) section;
    if (headers->count != PN_XNUM)
        return 1;
    int rc = fm__core_get(core, header->e_shoff, &section, sizeof section);
    if (rc > 0)
        headers->count = section.sh_info;
    return rc;
}

static int image_core_head(const struct fm__core *core,
                           struct core_headers *headers)
{
    ElfW(Ehdr) header;
    int rc = fm__core_get(core, 0, &header, sizeof header);
    if (rc < 0)
        return rc;
    if (rc == 0 || !fm__note_known(&header) || header.e_type != ET_CORE)
        return -ENOEXEC;
    *headers = (struct core_headers){header.e_phoff, header.e_phnum};
    rc = image_core_many(core, &header, headers);
    if (rc < 0)
        return rc;
    if (rc == 0 || headers->offset > core->size ||
        headers->count > (core->size - headers->offset) / CORE_HEADER)
        return -EBADMSG;
    return 0;
}

static void image_core_load(struct fm__core *core, const ElfW(Phdr) * header)
{
    struct fm__core_part *part = &core->parts[core->part_count++];
    *part = (struct fm__core_part){
        .address = header->p_vaddr,
        .size = header->p_memsz,
        .filled = header->p_filesz < header->p_memsz ? header->p_filesz
                                                     : header->p_memsz,
        .offset = header->p_offset,
        .writable = (header->p_flags & PF_W) != 0,
    };
    if (part->size > UINT64_MAX - part->address)
        part->size = UINT64_MAX - part->address;
    if (part->filled > part->size)
        part->filled = part->size;
    core->cut = core->cut || part->offset > core->size ||
                part->filled > core->size - part->offset;
}

static int image_core_each(struct fm__core *core,
                           const struct core_headers *headers)
{
    ElfW(Phdr) header;
    core->parts = fm__memory_new((headers->count + 1) * sizeof *core->parts);
    if (core->parts == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < headers->count; i++) {
        int rc = fm__core_get(core, headers->offset + i * CORE_HEADER, &header,
                              sizeof header);
        if (rc > 0 && header.p_type == PT_LOAD)
            image_core_load(core, &header);
        else if (rc > 0 && header.p_type == PT_NOTE)
            rc = fm__core_notes(core, header.p_offset, header.p_filesz);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int image_core_compare(const void *left, const void *right)
{
    const struct fm__core_part *a = left, *b = right;
    return (a->address > b->address) - (a->address < b->address);
}

/* The file that has where it began; else what the kernel called it. */
static void image_core_program(struct fm__core *core)
{
    const char *path = core->name;
    for (size_t i = 0; i < core->file_count; i++) {
        if (core->entry - core->files[i].address < core->files[i].size)
            path = core->files[i].path;
    }
    size_t size = strnlen(path, sizeof core->image.program - 1);
    memcpy(core->image.program, path, size);
    fm__image_clean(core->image.program);
}

static int image_core_start(struct fm__core *core, const char *path)
{
    struct core_headers headers;
    struct fm__root root;
    uint64_t address;
    int rc = image_core_begin(core, path);
    if (rc == 0)
        rc = image_core_head(core, &headers);
    if (rc == 0)
        rc = image_core_each(core, &headers);
    if (rc < 0)
        return rc;
    qsort(core->parts, core->part_count, sizeof *core->parts,
          image_core_compare);
    image_core_program(core);
    rc = fm__image_root(&core->image, &address, &root);
    return core->cut && (rc == -ENOENT || rc == -EPROTO) ? -EBADMSG : rc;
}

int fm__image_open_core(struct fm__image **image, const char *path)
{
    struct fm__core *core = fm__memory_new(sizeof *core);
    if (core == NULL)
        return -ENOMEM;
    core->image = (struct fm__image){.kind = &fm__core_kind, .clock = -1};
    core->fd = -1;
    int rc = image_core_start(core, path);
    if (rc < 0)
        fm__image_close(&core->image);
    else
        *image = &core->image;
    return rc;
}
