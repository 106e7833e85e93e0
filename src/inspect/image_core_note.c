/*
 * image_core_note.c - what the notes of a core file say: core(5), elf(5)
 *
 * Of interest are the process, what the kernel told its program, and which
 * files were mapped. What contradicts itself is as if it were not there.
 */
#include "inspect/image_core.h"

#include "base/memory.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <string.h>
#include <sys/procfs.h>

#define CORE_FILES_MAX ((size_t)64 << 20) /* bytes of their note */
#define CORE_WORD sizeof(unsigned long)

static int image_core_process(struct fm__core *core, uint64_t offset,
                              uint64_t size)
{
    struct elf_prpsinfo info;
    if (size < sizeof info)
        return 0;
    int rc = fm__core_get(core, offset, &info, sizeof info);
    if (rc <= 0)
        return rc;
    core->image.pid = info.pr_pid;
    memcpy(core->name, info.pr_fname, sizeof info.pr_fname);
    return 0;
}

static int image_core_told(struct fm__core *core, uint64_t offset,
                           uint64_t size)
{
    ElfW(auxv_t) told;
    for (uint64_t at = 0; at + sizeof told <= size; at += sizeof told) {
        int rc = fm__core_get(core, offset + at, &told, sizeof told);
        if (rc <= 0 || told.a_type == AT_NULL)
            return rc < 0 ? rc : 0;
        if (told.a_type == AT_ENTRY)
            core->entry = told.a_un.a_val;
    }
    return 0;
}

static unsigned long image_core_word(const char *text, size_t index)
{
    unsigned long word;
    memcpy(&word, text + index * CORE_WORD, CORE_WORD);
    return word;
}

/* Count, the page that offsets are counted in, three words for each, and the
 * paths: so many files as the text has room for. */
static int image_core_list(struct fm__core *core, size_t size)
{
    const char *text = core->text;
    size_t count = image_core_word(text, 0), page = image_core_word(text, 1);
    if (count == 0 || count > (size / CORE_WORD - 2) / 3)
        return 0;
    core->files = fm__memory_new(count * sizeof *core->files);
    if (core->files == NULL)
        return -ENOMEM;
    const char *path = text + (2 + 3 * count) * CORE_WORD;
    for (size_t i = 0; i < count && path < text + size; i++) {
        uint64_t start = image_core_word(text, 2 + 3 * i);
        core->files[i] = (struct fm__core_file){
            .address = start,
            .size = image_core_word(text, 3 + 3 * i) - start,
            .offset = image_core_word(text, 4 + 3 * i) * (uint64_t)page,
            .path = path,
        };
        path += strlen(path) + 1;
        core->file_count++;
    }
    return 0;
}

static int image_core_names(struct fm__core *core, uint64_t offset,
                            uint64_t size)
{
    if (core->text != NULL || size < 2 * CORE_WORD || size > CORE_FILES_MAX ||
        offset > core->size || size > core->size - offset)
        return 0;
    core->text = fm__memory_new((size_t)size + 1);
    if (core->text == NULL)
        return -ENOMEM;
    int rc = fm__core_get(core, offset, core->text, (size_t)size);
    return rc <= 0 ? rc : image_core_list(core, (size_t)size);
}

static int image_core_note(struct fm__core *core, const ElfW(Nhdr) * note,
                           uint64_t offset)
{
    switch (note->n_type) {
    case NT_PRPSINFO:
        return image_core_process(core, offset, note->n_descsz);
    case NT_AUXV:
        return image_core_told(core, offset, note->n_descsz);
    case NT_FILE:
        return image_core_names(core, offset, note->n_descsz);
    default:
        return 0;
    }
}

static uint64_t image_core_round(uint64_t size)
{
    return (size + 3) & ~(uint64_t)3;
}

/* Of several notes one kind may have many owners; these are all "CORE". */
int fm__core_notes(struct fm__core *core, uint64_t offset, uint64_t size)
{
    uint64_t end = size < UINT64_MAX - offset ? offset + size : UINT64_MAX;
    struct {
        ElfW(Nhdr) sizes;
        char owner[8];
    } head;
    while (offset < end) {
        int rc = fm__core_get(core, offset, &head, sizeof head);
        if (rc <= 0)
            return rc;
        if (head.sizes.n_namesz == 0 && head.sizes.n_descsz == 0)
            return 0; /* a hole in the file, which may be endless */
        offset += sizeof head.sizes + image_core_round(head.sizes.n_namesz);
        if (head.sizes.n_namesz == 5 && memcmp(head.owner, "CORE", 5) == 0)
            rc = image_core_note(core, &head.sizes, offset);
        if (rc < 0)
            return rc;
        offset += image_core_round(head.sizes.n_descsz);
    }
    return 0;
}
