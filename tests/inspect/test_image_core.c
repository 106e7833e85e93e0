/*
 * test_image_core.c - core files, as they should be and as they should not
 */
#include "harness.h"

#include "inspect/core_kit.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <fermata/inspect.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static struct core_kit kit;

static struct fm__image *opened(void)
{
    struct fm__image *image = NULL;
    CHECK_INT(core_kit_open(kit.bytes, kit.size, &image), 0);
    return image;
}

static int refused(void)
{
    struct fm__image *image = NULL;
    int rc = core_kit_open(kit.bytes, kit.size, &image);
    CHECK(rc == 0 || image == NULL);
    fm__image_close(image);
    return rc;
}

TEST(a_core_says_who_it_was_and_where_its_root_is)
{
    struct fm__root root;
    uint64_t address = 0;
    core_kit_make(&kit, "/bin/baker", true);
    struct fm__image *image = opened();
    if (image == NULL)
        return;
    CHECK_INT(fm__image_root(image, &address, &root), 0);
    CHECK_INT(address, CORE_KIT_ROOT);
    CHECK_INT(root.layout.home_size, 1024);
    CHECK_INT(fm__image_pid(image), CORE_KIT_PID);
    CHECK(strcmp(fm__image_program(image), "/bin/baker") == 0);
    CHECK_INT(fm__image_clock(image), -1);
    fm__image_close(image);
}

TEST(without_a_list_of_files_all_of_its_memory_is_searched)
{
    ElfW(Nhdr) note;
    core_kit_make(&kit, "/bin/baker", false);
    for (size_t at = kit.notes; at < kit.file;) {
        memcpy(&note, kit.bytes + at, sizeof note);
        if (note.n_type == NT_FILE)
            kit.bytes[at + offsetof(ElfW(Nhdr), n_type)] ^= 1;
        at += sizeof note + 8 + ((note.n_descsz + 3) & ~3U);
        if (note.n_type == NT_FILE)
            break;
    }
    struct fm__image *image = opened();
    if (image != NULL)
        CHECK(strcmp(fm__image_program(image), "baker") == 0);
    fm__image_close(image);
}

TEST(memory_ends_where_the_core_ends)
{
    char buf[3 * CORE_KIT_PAGE];
    struct fm__extent extents[] = {
        {CORE_KIT_STACK + 8192 + 100, buf, 1, 9},
        {CORE_KIT_STACK - 1, buf + 1, 1, 9},
        {CORE_KIT_STACK + 12288, buf + 1, 1, 9},
        {CORE_KIT_STACK + 12280, buf + 1, 16, 9},
        {UINT64_MAX, buf + 1, 16, 9},
        {0, buf + 1, 16, 9},
    };
    core_kit_make(&kit, "/bin/baker", true);
    struct fm__image *image = opened();
    if (image == NULL)
        return;
    CHECK_INT(fm__image_gather(image, extents, 6), 0);
    CHECK_INT(extents[0].got, 1);
    CHECK_INT(buf[0], 1);
    CHECK_INT(extents[1].got, 0);
    CHECK_INT(extents[2].got, 0);
    CHECK_INT(extents[3].got, 8);
    CHECK_INT(extents[4].got, 0);
    CHECK_INT(extents[5].got, 0);
    CHECK_INT(fm__image_read(image, 8, buf, 8), -EFAULT);
    CHECK_INT(fm__image_read(image, CORE_KIT_STACK, buf, sizeof buf),
              (long long)sizeof buf);
    fm__image_close(image);
}

TEST(of_a_stack_only_pages_that_were_written_to_were_used)
{
    uint64_t bottom = CORE_KIT_STACK, top = bottom + 3 * CORE_KIT_PAGE;
    if (sysconf(_SC_PAGESIZE) != (long)CORE_KIT_PAGE)
        test_skip("the pages of the core are of another size");
    core_kit_make(&kit, "/bin/baker", true);
    struct fm__image *image = opened();
    if (image == NULL)
        return;
    CHECK_INT(fm__image_depth(image, bottom, top), CORE_KIT_PAGE);
    CHECK_INT(fm__image_depth(image, bottom, top - 64), CORE_KIT_PAGE - 64);
    CHECK_INT(fm__image_depth(image, bottom, top - CORE_KIT_PAGE), 0);
    CHECK_INT(fm__image_depth(image, bottom, top + 1), 0);
    CHECK_INT(fm__image_depth(image, top, bottom), 0);
    CHECK_INT(fm__image_depth(image, 0, UINT64_MAX), 0);
    fm__image_close(image);
}

/* ---- What the core lacks ------------------------------------------------- */

static char program[64];

/* One that begins as the core says, and has a sentence on its second page. */
static void program_write(const char *sentence)
{
    char page[2 * CORE_KIT_PAGE] = {0};
    core_kit_make(&kit, program, false);
    memcpy(page, kit.bytes + kit.file, CORE_KIT_FILE_SIZE);
    snprintf(page + CORE_KIT_PAGE, CORE_KIT_PAGE, "%s", sentence);
    int fd = open(program, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    CHECK_INT(write(fd, page, sizeof page), (long long)sizeof page);
    close(fd);
}

static void program_name(void)
{
    snprintf(program, sizeof program, "/tmp/fermata-core-%d", getpid());
}

static int said(char sentence[8])
{
    struct fm__image *image = opened();
    if (image == NULL)
        return -EIO;
    ssize_t rc = fm__image_read(image, CORE_KIT_CONSTANTS, sentence, 7);
    fm__image_close(image);
    return (int)rc;
}

TEST(what_a_core_lacks_is_read_from_the_file_that_was_mapped)
{
    char sentence[8] = "";
    program_name();
    program_write("9.9 bis");
    CHECK_INT(said(sentence), 7);
    CHECK(strcmp(sentence, "9.9 bis") == 0);
    unlink(program);
}

TEST(a_file_that_was_replaced_has_nothing_to_say)
{
    char sentence[8] = "";
    program_name();
    program_write("9.9 bis");
    kit.bytes[kit.file + CORE_KIT_FILE_SIZE - 1] = 1;
    CHECK_INT(said(sentence), -EFAULT);
    unlink(program);
}

TEST(nor_has_a_file_that_was_deleted_or_is_none)
{
    char sentence[8] = "";
    program_name();
    core_kit_make(&kit, program, false);
    CHECK_INT(said(sentence), -EFAULT);
    mkfifo(program, 0600);
    CHECK_INT(said(sentence), -EFAULT);
    unlink(program);
}

/* ---- What is none -------------------------------------------------------- */

static ElfW(Ehdr) * header(void)
{
    return (void *)kit.bytes;
}

TEST(what_is_no_core_file_is_told_from_one_that_is_damaged)
{
    struct fm__image *image = NULL;
    core_kit_make(&kit, "/bin/baker", false);
    header()->e_type = ET_EXEC;
    CHECK_INT(refused(), -ENOEXEC);
    core_kit_make(&kit, "/bin/baker", false);
    header()->e_ident[EI_DATA] ^= 3;
    CHECK_INT(refused(), -ENOEXEC);
    core_kit_make(&kit, "/bin/baker", false);
    header()->e_phnum = 60000;
    CHECK_INT(refused(), -EBADMSG);
    core_kit_make(&kit, "/bin/baker", false);
    header()->e_phoff = SIZE_MAX;
    CHECK_INT(refused(), -EBADMSG);
    CHECK_INT(fm__image_open_core(&image, "/proc/self/exe"), -ENOEXEC);
    CHECK_INT(fm__image_open_core(&image, "/"), -ENOEXEC);
    CHECK_INT(fm__image_open_core(&image, "/no/such/file"), -ENOENT);
    CHECK(image == NULL);
}

/* Of a file that ends in a hole. */
static int refused_with_hole(int64_t hole)
{
    char path[64];
    struct fm__image *image = NULL;
    int fd = memfd_create("core", MFD_CLOEXEC), rc = -EIO;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (write(fd, kit.bytes, kit.size) == (ssize_t)kit.size &&
        ftruncate(fd, (int64_t)kit.size + hole) == 0)
        rc = fm__image_open_core(&image, path);
    CHECK(rc < 0 && image == NULL);
    close(fd);
    return rc;
}

TEST(a_hole_that_is_said_to_be_full_of_notes_is_not_searched)
{
    const int64_t hole = INT64_C(1) << 40;
    ElfW(Phdr) notes = {.p_type = PT_NOTE, .p_filesz = (uint64_t)hole};
    core_kit_make(&kit, "/bin/baker", false);
    header()->e_phnum = 1;
    notes.p_offset = kit.size;
    memcpy(kit.bytes + kit.headers, &notes, sizeof notes);
    CHECK_INT(refused_with_hole(hole), -ENOENT);
}

TEST(a_core_that_was_cut_short_is_damaged)
{
    core_kit_make(&kit, "/bin/baker", true);
    size_t whole = kit.size;
    kit.size = 0;
    CHECK_INT(refused(), -ENOEXEC);
    kit.size = sizeof(ElfW(Ehdr)) - 1;
    CHECK_INT(refused(), -ENOEXEC);
    kit.size = kit.notes - 1;
    CHECK_INT(refused(), -EBADMSG);
    kit.size = kit.file - 1;
    CHECK_INT(refused(), -EBADMSG);
    kit.size = kit.root + 40;
    CHECK_INT(refused(), -EBADMSG);
    kit.size = kit.stack; /* and that is enough */
    CHECK_INT(refused(), 0);
    kit.size = whole;
    CHECK_INT(refused(), 0);
}

TEST(more_headers_than_a_half_word_counts_are_counted_by_a_section)
{
    ElfW(Shdr) section = {0};
    core_kit_make(&kit, "/bin/baker", true);
    section.sh_info = header()->e_phnum;
    header()->e_phnum = PN_XNUM;
    header()->e_shoff = kit.size;
    memcpy(kit.bytes + kit.size, &section, sizeof section);
    CHECK_INT(refused(), -EBADMSG);
    kit.size += sizeof section;
    CHECK_INT(refused(), 0);
}

/* ---- The root ------------------------------------------------------------ */

static int with_root(const struct fm__root *root)
{
    core_kit_make(&kit, "/bin/baker", false);
    memcpy(kit.bytes + kit.root, root, sizeof *root);
    return refused();
}

TEST(a_root_must_be_known_and_make_sense)
{
    struct fm__root root;
    core_kit_root(&root);
    CHECK_INT(with_root(&root), 0);
    root.version++;
    CHECK_INT(with_root(&root), -EPROTO);
    core_kit_root(&root);
    root.magic[0] = 'F';
    CHECK_INT(with_root(&root), -EPROTO);
    core_kit_root(&root);
    root.size--;
    CHECK_INT(with_root(&root), -EPROTO);
    root.size += 100;
    CHECK_INT(with_root(&root), 0);
    core_kit_root(&root);
    root.layout.handles_chunk = 0;
    CHECK_INT(with_root(&root), -EPROTO);
}

/* Each: it may be 0, and not as large as any record. */
TEST(whatever_offset_leads_out_of_its_record_is_refused)
{
    struct fm__root root;
    for (size_t i = 0; i < sizeof root.layout / sizeof(uint32_t); i++) {
        uint32_t *offset = (uint32_t *)(void *)&root.layout + i;
        core_kit_root(&root);
        *offset = 65536;
        CHECK_INT(with_root(&root), -EPROTO);
        *offset = UINT32_MAX;
        CHECK_INT(with_root(&root), -EPROTO);
    }
    core_kit_root(&root);
    root.layout.task_name = root.layout.task_size - 7;
    CHECK_INT(with_root(&root), sizeof(void *) == 8 ? -EPROTO : 0);
    root.layout.task_name--;
    CHECK_INT(with_root(&root), 0);
    root.layout.loop_now = root.layout.home_size - 4;
    CHECK_INT(with_root(&root), -EPROTO);
}

TEST(a_core_without_the_note_has_no_fermata_in_it)
{
    static const char owner[] = "fermata";
    core_kit_make(&kit, "/bin/baker", false);
    uint8_t *note = memmem(kit.bytes, kit.size, owner, sizeof owner);
    CHECK(note != NULL);
    if (note != NULL)
        *note = 'F';
    CHECK_INT(refused(), -ENOENT);
}

/* ---- In words ------------------------------------------------------------ */

static void check_words(int rc, const char *words)
{
    char text[256];
    CHECK(fm_inspect_explain(rc, 0, text, sizeof text) == text);
    if (strstr(text, words) == NULL)
        test_fail(__FILE__, __LINE__, "%d is \"%s\", not \"%s\"", rc, text,
                  words);
}

TEST(each_error_of_a_core_file_is_a_sentence)
{
    check_words(-ENOENT, "There is no such file");
    check_words(-EPERM, "may not read");
    check_words(-EPROTO, "does not know");
    check_words(-ENOEXEC, "is no core file");
    check_words(-EBADMSG, "cut short");
    check_words(-ENOMEM, "emory");
}
