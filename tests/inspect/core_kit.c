/*
 * core_kit.c - a core file that a test writes word by word
 */
#include "inspect/core_kit.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/procfs.h>
#include <unistd.h>

void core_kit_root(struct fm__root *root)
{
    memset(root, 0, sizeof *root);
    memcpy(root->magic, FM__ROOT_MAGIC, sizeof root->magic);
    root->version = FM__ROOT_VERSION;
    root->size = sizeof *root;
    root->layout.home_size = 1024;
    root->layout.slot_size = 16;
    root->layout.task_size = 512;
    root->layout.waiter_size = 64;
    root->layout.kind_size = 64;
    root->layout.op_size = 64;
    root->layout.meter_size = 64;
    root->layout.when_size = 64;
    root->layout.handles_chunk = 64;
    root->layout.handles_slot_bits = 24;
    root->release = (const char *)(uintptr_t)CORE_KIT_CONSTANTS;
    root->first.value = (void *)(uintptr_t)CORE_KIT_STACK;
}

static size_t core_put(struct core_kit *kit, const void *bytes, size_t size)
{
    size_t at = kit->size;
    if (size > 0)
        memcpy(kit->bytes + at, bytes, size);
    kit->size += (size + 7) & ~(size_t)7;
    return at;
}

static void core_identify(ElfW(Ehdr) * header)
{
    static const uint16_t one = 1;
    memcpy(header->e_ident, ELFMAG, SELFMAG);
    header->e_ident[EI_CLASS] = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
    header->e_ident[EI_DATA] =
        *(const uint8_t *)&one == 1 ? ELFDATA2LSB : ELFDATA2MSB;
    header->e_ident[EI_VERSION] = EV_CURRENT;
    header->e_phoff = sizeof *header;
    header->e_phentsize = sizeof(ElfW(Phdr));
}

/* What lies at the beginning of a program: headers, and the note. */
static void core_program(uint8_t bytes[CORE_KIT_FILE_SIZE])
{
    struct {
        ElfW(Ehdr) header;
        ElfW(Phdr) headers[2];
        ElfW(Nhdr) note;
        char owner[8];
        uint32_t distance[2];
    } program = {
        .header = {.e_type = ET_DYN, .e_phnum = 2},
        .headers = {{.p_type = PT_NOTE, .p_align = 4},
                    {.p_type = PT_LOAD, .p_memsz = CORE_KIT_FILE_SIZE}},
        .note = {.n_namesz = 8, .n_descsz = 8, .n_type = FM__NOTE_TYPE},
        .owner = "fermata",
    };
    size_t note = (size_t)((char *)&program.note - (char *)&program);
    size_t desc = (size_t)((char *)program.distance - (char *)&program);
    int64_t distance = (int64_t)(CORE_KIT_ROOT - CORE_KIT_FILE - desc);
    core_identify(&program.header);
    program.headers[0].p_vaddr = note;
    program.headers[0].p_memsz = sizeof program - note;
    memcpy(program.distance, &distance, sizeof distance);
    memset(bytes, 0, CORE_KIT_FILE_SIZE);
    memcpy(bytes, &program, sizeof program);
}

static void core_note(struct core_kit *kit, uint32_t type, const void *bytes,
                      size_t size)
{
    struct {
        ElfW(Nhdr) note;
        char owner[8];
    } head = {{5, (uint32_t)size, type}, "CORE"};
    kit->size -= kit->size % 4;
    memcpy(kit->bytes + kit->size, &head, sizeof head);
    memcpy(kit->bytes + kit->size + sizeof head, bytes, size);
    kit->size += sizeof head + ((size + 3) & ~(size_t)3);
}

static void core_notes(struct core_kit *kit, const char *path)
{
    struct elf_prpsinfo info = {.pr_pid = CORE_KIT_PID, .pr_fname = "baker"};
    const ElfW(auxv_t) told[] = {
        {AT_ENTRY, {CORE_KIT_FILE + 8}},
        {AT_NULL, {0}},
    };
    struct {
        unsigned long words[8];
        char paths[512];
    } files = {
        .words = {2, CORE_KIT_PAGE, CORE_KIT_FILE,
                  CORE_KIT_FILE + CORE_KIT_PAGE, 0, CORE_KIT_CONSTANTS,
                  CORE_KIT_CONSTANTS + CORE_KIT_PAGE, 1},
    };
    size_t size = strlen(path) + 1;
    memcpy(files.paths, path, size);
    memcpy(files.paths + size, path, size);
    core_note(kit, NT_PRPSINFO, &info, sizeof info);
    core_note(kit, NT_AUXV, told, sizeof told);
    core_note(kit, NT_FILE, &files, sizeof files.words + 2 * size);
}

static void core_load(struct core_kit *kit, const ElfW(Phdr) * load,
                      const void *bytes)
{
    ElfW(Phdr) header = *load;
    header.p_type = PT_LOAD;
    header.p_offset = core_put(kit, bytes, header.p_filesz);
    ElfW(Ehdr) *first = (void *)kit->bytes;
    memcpy(kit->bytes + kit->headers + first->e_phnum++ * sizeof header,
           &header, sizeof header);
}

static void core_loads(struct core_kit *kit, bool stack)
{
    static uint8_t pages[3 * CORE_KIT_PAGE];
    uint8_t program[CORE_KIT_FILE_SIZE];
    struct fm__root root;
    core_program(program);
    core_kit_root(&root);
    pages[2 * CORE_KIT_PAGE + 100] = 1;
    kit->file = kit->size;
    core_load(kit,
              &(ElfW(Phdr)){.p_vaddr = CORE_KIT_FILE,
                            .p_memsz = CORE_KIT_PAGE,
                            .p_filesz = sizeof program,
                            .p_flags = PF_R},
              program);
    kit->root = kit->size;
    core_load(kit,
              &(ElfW(Phdr)){.p_vaddr = CORE_KIT_ROOT,
                            .p_memsz = sizeof root,
                            .p_filesz = sizeof root,
                            .p_flags = PF_R | PF_W},
              &root);
    core_load(kit,
              &(ElfW(Phdr)){.p_vaddr = CORE_KIT_CONSTANTS,
                            .p_memsz = CORE_KIT_PAGE,
                            .p_flags = PF_R},
              NULL);
    kit->stack = kit->size;
    if (stack)
        core_load(kit,
                  &(ElfW(Phdr)){.p_vaddr = CORE_KIT_STACK,
                                .p_memsz = sizeof pages,
                                .p_filesz = sizeof pages,
                                .p_flags = PF_R | PF_W},
                  pages);
}

void core_kit_make(struct core_kit *kit, const char *path, bool stack)
{
    ElfW(Ehdr) header = {.e_type = ET_CORE, .e_phnum = 1};
    memset(kit, 0, sizeof *kit);
    core_identify(&header);
    core_put(kit, &header, sizeof header);
    kit->headers = kit->size;
    kit->size += 5 * sizeof(ElfW(Phdr));
    kit->notes = kit->size;
    core_notes(kit, path);
    ElfW(Phdr) notes = {
        .p_type = PT_NOTE,
        .p_offset = kit->notes,
        .p_filesz = kit->size - kit->notes,
    };
    memcpy(kit->bytes + kit->headers, &notes, sizeof notes);
    kit->size = (kit->size + 7) & ~(size_t)7;
    core_loads(kit, stack);
}

int core_kit_open(const void *bytes, size_t size, struct fm__image **image)
{
    char path[64];
    int fd = memfd_create("core", MFD_CLOEXEC), rc = -EIO;
    if (fd < 0)
        return -ENOMEM;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (write(fd, bytes, size) == (ssize_t)size)
        rc = fm__image_open_core(image, path);
    close(fd);
    return rc;
}
