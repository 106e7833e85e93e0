/*
 * test_file.c - bytes in files: at an offset, at the position, whole
 */
#include "io/file_kit.h"

#include <sys/mman.h>

/* Around what is copied at once, and what is moved between two cancel
 * points. */
static const size_t sizes[] = {65536, 65537,  0,      1,       4095,   4096,
                               4097,  262144, 262145, 4194304, 4194305};
#define SIZES (sizeof sizes / sizeof sizes[0])
#define MOST 4194305

static char there[MOST + 1];

STORY(what_is_written_is_read_again)
{
    static char bytes[MOST];
    struct kit kit;
    kit_open(&kit);
    kit_fill(bytes, MOST, 0);
    for (size_t i = 0; i < SIZES; i++) {
        size_t size = sizes[i];
        fm_file *file =
            kit_file(kit_path(&kit, "file"), O_RDWR | O_CREAT | O_TRUNC);
        CHECK_INT(fm_file_write_at(file, bytes, size, 0), size);
        CHECK_INT(fm_file_read_at(file, there, size + 1, 0), size);
        CHECK(kit_is_right(there, size, 0));
        CHECK_INT(fm_file_close(file), 0);
    }
    kit_close(&kit);
}

/* Cold and then warm. */
static void check_reads(fm_file *file, size_t size)
{
    for (int i = 0; i < 2; i++) {
        memset(there, 0, size);
        CHECK_INT(fm_file_read_at(file, there, size + 1, 0), size);
        CHECK(kit_is_right(there, size, 0));
    }
}

STORY(a_file_that_is_not_in_memory_is_read_all_the_same)
{
    struct kit kit;
    kit_open(&kit);
    for (size_t i = 0; i < SIZES; i++) {
        fm_file *file = kit_file(kit_make(&kit, "file", sizes[i]), O_RDONLY);
        kit_forget(fm_file_fd(file));
        check_reads(file, sizes[i]);
        CHECK_INT(fm_file_close(file), 0);
    }
    kit_close(&kit);
}

/* Some of it in memory and some not, page by page. */
STORY(a_file_that_is_in_memory_in_part_is_read_whole)
{
    struct kit kit;
    kit_open(&kit);
    fm_file *file = kit_file(kit_make(&kit, "file", 65536), O_RDONLY);
    int fd = fm_file_fd(file);
    kit_forget(fd);
    CHECK_INT(posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM), 0);
    for (int page = 0; page < 16; page += 2)
        CHECK_INT(pread(fd, there, 1, page * 4096), 1);
    check_reads(file, 65536);
    CHECK_INT(fm_file_close(file), 0);
    kit_close(&kit);
}

/* Memory, whose system cannot say what is in memory. */
STORY(a_file_of_another_system_is_read_as_any)
{
    fm_file *file = NULL;
    int fd = memfd_create("memory", MFD_CLOEXEC);
    CHECK(fd >= 0);
    CHECK_INT(fm_file_adopt(fd, &file), 0);
    CHECK_INT(fm_file_write(file, "0123456789", 10), 10);
    CHECK_INT(fm_file_read_at(file, there, 20, 3), 7);
    CHECK(memcmp(there, "3456789", 7) == 0);
    CHECK_INT(fm_file_read_at(file, there, 1, 10), 0);
    CHECK_INT(fm_file_close(file), 0);
    CHECK_INT(fcntl(fd, F_GETFD), -1);
}

STORY(an_offset_may_be_beyond_4_gib)
{
    const int64_t far = (INT64_C(5) << 30) + 7;
    struct kit kit;
    struct stat status;
    kit_open(&kit);
    fm_file *file = kit_file(kit_path(&kit, "file"), O_RDWR | O_CREAT);
    CHECK_INT(fm_file_write_at(file, "far", 3, far), 3);
    CHECK_INT(fm_file_read_at(file, there, 10, far - 2), 5);
    CHECK(memcmp(there, "\0\0far", 5) == 0);
    CHECK_INT(fm_file_stat(file, &status), 0);
    CHECK_INT(status.st_size, far + 3);
    CHECK_INT(fm_file_seek(file, -3, SEEK_END), far);
    CHECK_INT(fm_file_read(file, there, 10), 3);
    CHECK_INT(fm_file_tell(file), far + 3);
    CHECK_INT(fm_file_close(file), 0);
    kit_close(&kit);
}

STORY(what_cannot_be_an_offset_is_refused)
{
    struct kit kit;
    kit_open(&kit);
    fm_file *file = kit_file(kit_make(&kit, "file", 10), O_RDWR);
    CHECK_INT(fm_file_read_at(file, there, 1, -1), -EINVAL);
    CHECK_INT(fm_file_write_at(file, "x", 1, INT64_MIN), -EINVAL);
    CHECK_INT(fm_file_read_at(file, there, 1, INT64_MAX), -EINVAL);
    CHECK_INT(fm_file_read_at(file, there, 10, 10), 0);
    CHECK_INT(fm_file_read_at(file, there, 10, 1000), 0);
    CHECK_INT(fm_file_read_at(file, NULL, 0, 0), 0);
    CHECK_INT(fm_file_write_at(file, NULL, 0, 5), 0);
    CHECK_INT(fm_file_close(file), 0);
    kit_close(&kit);
}

STORY(several_buffers_are_one_read_and_one_write)
{
    static char one[3], two[5000], three[300000];
    const struct iovec out[] = {
        {one, 3}, {NULL, 0}, {two, 5000}, {three, 300000}, {NULL, 0}};
    const struct iovec in[] = {
        {NULL, 0}, {there, 4990}, {there + 4990, 300020}, {there, 0}};
    struct kit kit;
    kit_open(&kit);
    kit_fill(one, 3, 0);
    kit_fill(two, 5000, 3);
    kit_fill(three, 300000, 5003);
    fm_file *file = kit_file(kit_path(&kit, "file"), O_RDWR | O_CREAT);
    CHECK_INT(fm_file_write_vector_at(file, out, 5, 0), 305003);
    CHECK_INT(fm_file_read_vector_at(file, in, 4, 0), 305003);
    CHECK(kit_is_right(there, 305003, 0));
    kit_forget(fm_file_fd(file));
    memset(there, 0, 305003);
    CHECK_INT(fm_file_read_vector_at(file, in, 2, 0), 4990);
    CHECK(kit_is_right(there, 4990, 0));
    CHECK_INT(fm_file_close(file), 0);
    kit_close(&kit);
}

STORY(so_many_parts_are_a_vector_and_no_more)
{
    static struct iovec parts[FM_VECTOR_MOST + 1];
    struct kit kit;
    kit_open(&kit);
    for (size_t i = 0; i <= FM_VECTOR_MOST; i++)
        parts[i] = (struct iovec){there + i, 1};
    fm_file *file =
        kit_file(kit_make(&kit, "file", FM_VECTOR_MOST + 5), O_RDWR);
    CHECK_INT(fm_file_read_vector_at(file, parts, FM_VECTOR_MOST, 2),
              FM_VECTOR_MOST);
    CHECK(kit_is_right(there, FM_VECTOR_MOST, 2));
    CHECK_INT(fm_file_read_vector_at(file, parts, FM_VECTOR_MOST + 1, 0),
              -EINVAL);
    CHECK_INT(fm_file_write_vector_at(file, parts, FM_VECTOR_MOST + 1, 0),
              -EINVAL);
    parts[0].iov_len = SIZE_MAX;
    CHECK_INT(fm_file_read_vector_at(file, parts, 2, 0), -EINVAL);
    CHECK_INT(fm_file_read_vector_at(file, NULL, 0, 0), 0);
    CHECK_INT(fm_file_close(file), 0);
    kit_close(&kit);
}

STORY(the_position_moves_with_what_is_read_and_written)
{
    struct kit kit;
    kit_open(&kit);
    fm_file *file = kit_file(kit_path(&kit, "file"), O_RDWR | O_CREAT);
    CHECK_INT(fm_file_write(file, "one two", 7), 7);
    CHECK_INT(fm_file_tell(file), 7);
    CHECK_INT(fm_file_read(file, there, 5), 0);
    CHECK_INT(fm_file_seek(file, 4, SEEK_SET), 4);
    CHECK_INT(fm_file_read(file, there, 5), 3);
    CHECK(memcmp(there, "two", 3) == 0);
    CHECK_INT(fm_file_seek(file, -3, SEEK_CUR), 4);
    CHECK_INT(fm_file_write(file, "ten", 3), 3);
    CHECK_INT(fm_file_seek(file, 2, SEEK_END), 9);
    CHECK_INT(fm_file_write(file, "!", 1), 1);
    CHECK_INT(fm_file_read_at(file, there, 20, 0), 10);
    CHECK(memcmp(there, "one ten\0\0!", 10) == 0);
    CHECK_INT(fm_file_close(file), 0);
    kit_close(&kit);
}

STORY(a_position_that_there_is_not_leaves_it_where_it_was)
{
    struct kit kit;
    kit_open(&kit);
    fm_file *file = kit_file(kit_make(&kit, "file", 10), O_RDONLY);
    CHECK_INT(fm_file_seek(file, 3, SEEK_SET), 3);
    CHECK_INT(fm_file_seek(file, -1, SEEK_SET), -EINVAL);
    CHECK_INT(fm_file_seek(file, -4, SEEK_CUR), -EINVAL);
    CHECK_INT(fm_file_seek(file, INT64_MAX, SEEK_CUR), -EOVERFLOW);
    CHECK_INT(fm_file_seek(file, -11, SEEK_END), -EINVAL);
    CHECK_INT(fm_file_seek(file, 0, 77), -EINVAL);
    CHECK_INT(fm_file_seek(file, 11, SEEK_DATA), -ENXIO);
    CHECK_INT(fm_file_tell(file), 3);
    CHECK_INT(fm_file_seek(file, 0, SEEK_HOLE), 10);
    CHECK_INT(fm_file_close(file), 0);
    kit_close(&kit);
}

STORY(what_is_appended_goes_to_the_end_whatever_the_position)
{
    struct kit kit;
    kit_open(&kit);
    const char *path = kit_make(&kit, "file", 5);
    fm_file *file = kit_file(path, O_RDWR | O_APPEND);
    CHECK_INT(fm_file_write(file, "a", 1), 1);
    CHECK_INT(fm_file_write_at(file, "b", 1, 0), 1);
    CHECK_INT(fm_file_tell(file), 0);
    CHECK_INT(fm_file_read(file, there, 10), 7);
    CHECK(memcmp(there + 5, "ab", 2) == 0);
    CHECK_INT(fm_file_close(file), 0);
    kit_close(&kit);
}

STORY(a_file_is_made_longer_and_shorter)
{
    struct kit kit;
    struct stat status;
    kit_open(&kit);
    fm_file *file = kit_file(kit_make(&kit, "file", 10), O_RDWR);
    CHECK_INT(fm_file_truncate(file, 20), 0);
    CHECK_INT(fm_file_read_at(file, there, 30, 10), 10);
    CHECK(memcmp(there, "\0\0\0\0\0\0\0\0\0\0", 10) == 0);
    CHECK_INT(fm_file_truncate(file, 4), 0);
    CHECK_INT(fm_file_stat(file, &status), 0);
    CHECK_INT(status.st_size, 4);
    CHECK_INT(fm_file_truncate(file, -1), -EINVAL);
    int rc = fm_file_allocate(file, 0, 100000);
    CHECK(rc == 0 || rc == -EOPNOTSUPP);
    CHECK_INT(fm_file_allocate(file, -1, 5), -EINVAL);
    CHECK_INT(fm_file_allocate(file, 0, 0), -EINVAL);
    CHECK_INT(fm_file_sync(file, true), 0);
    CHECK_INT(fm_file_sync(file, false), 0);
    CHECK_INT(fm_file_close(file), 0);
    kit_close(&kit);
}

/* ---- Whole files --------------------------------------------------------- */

STORY(a_file_is_saved_and_loaded_whole)
{
    static char bytes[MOST];
    struct kit kit;
    kit_open(&kit);
    const char *path = kit_path(&kit, "file");
    kit_fill(bytes, MOST, 0);
    for (size_t i = SIZES; i-- > 0;) {
        void *loaded = NULL;
        CHECK_INT(fm_file_save(path, bytes, sizes[i]), 0);
        CHECK_INT(fm_file_load(path, &loaded, MOST), sizes[i]);
        CHECK(kit_is_right(loaded, sizes[i], 0));
        CHECK_INT(((char *)loaded)[sizes[i]], 0);
        fm_file_free(loaded);
    }
    fm_file_free(NULL);
    kit_close(&kit);
}

STORY(a_file_is_loaded_up_to_its_limit_and_not_a_byte_more)
{
    struct kit kit;
    void *bytes = NULL;
    kit_open(&kit);
    const char *path = kit_make(&kit, "file", 5000);
    CHECK_INT(fm_file_load(path, &bytes, 4999), -EFBIG);
    CHECK_INT(fm_file_load(path, &bytes, 0), -EFBIG);
    CHECK(bytes == NULL);
    CHECK_INT(fm_file_load(path, &bytes, 5000), 5000);
    fm_file_free(bytes);
    CHECK_INT(fm_file_load(path, &bytes, SIZE_MAX), 5000);
    fm_file_free(bytes);
    kit_close(&kit);
}

/* Of /proc: it says that it has none. */
STORY(a_file_that_does_not_say_its_size_is_loaded_whole)
{
    void *bytes = NULL;
    ssize_t size = fm_file_load("/proc/self/status", &bytes, 100000);
    CHECK(size > 100);
    CHECK(bytes != NULL && strstr(bytes, "VmSize") != NULL);
    CHECK_INT(strlen(bytes), size);
    fm_file_free(bytes);
    bytes = NULL;
    CHECK_INT(fm_file_load("/proc/self/status", &bytes, 100), -EFBIG);
    CHECK(bytes == NULL);
}

/* A mode of stat(2) has the kind of the file in it. */
STORY(a_file_may_be_made_with_the_mode_of_another)
{
    struct kit kit;
    struct stat status;
    kit_open(&kit);
    fm_file *directory = kit_file(kit.directory, O_DIRECTORY), *file;
    for (int beneath = 0; beneath < 2; beneath++) {
        kit_path(&kit, "new");
        CHECK_INT(fm_file_open("new", &file,
                               &(fm_file_options){.flags = O_RDWR | O_CREAT,
                                                  .mode = S_IFREG | 0400,
                                                  .at = directory,
                                                  .beneath = beneath}),
                  0);
        CHECK_INT(fm_file_stat(file, &status), 0);
        CHECK_INT(status.st_mode, S_IFREG | 0400);
        CHECK_INT(fm_file_close(file), 0);
        CHECK_INT(unlink(kit_path(&kit, "new")), 0);
    }
    CHECK_INT(fm_file_close(directory), 0);
    kit_close(&kit);
}

STORY(the_flags_of_a_save_take_the_place_of_its_own)
{
    struct kit kit;
    struct stat status;
    void *bytes = NULL;
    kit_open(&kit);
    const char *path = kit_path(&kit, "file");
    mode_t mask = umask(022);
    CHECK_INT(fm_file_save(path, "one", 3, &(fm_file_options){.mode = 0600}),
              0);
    umask(mask);
    CHECK_INT(stat(path, &status), 0);
    CHECK_INT(status.st_mode & 0777, 0600);
    CHECK_INT(fm_file_save(path, "two", 3,
                           &(fm_file_options){.flags = O_CREAT | O_EXCL}),
              -EEXIST);
    CHECK_INT(
        fm_file_save(path, "two", 3, &(fm_file_options){.flags = O_APPEND}), 0);
    CHECK_INT(fm_file_load(path, &bytes, 100), 6);
    CHECK(memcmp(bytes, "onetwo", 7) == 0);
    fm_file_free(bytes);
    kit_close(&kit);
}

/* ---- Several tasks ------------------------------------------------------- */

struct reader {
    fm_file *file;
    bool *seen; /* by number: four bytes */
};

static int reader(struct reader *self)
{
    uint32_t number;
    ssize_t rc;
    while ((rc = fm_file_read(self->file, &number, sizeof number)) > 0) {
        CHECK(rc == sizeof number && !self->seen[number]);
        self->seen[number] = true;
    }
    return (int)rc;
}

STORY(tasks_that_read_at_the_position_take_turns)
{
    static uint32_t numbers[2000];
    static bool seen[2000];
    struct kit kit;
    kit_open(&kit);
    const char *path = kit_path(&kit, "file");
    for (uint32_t i = 0; i < 2000; i++)
        numbers[i] = i;
    memset(seen, 0, sizeof seen);
    CHECK_INT(fm_file_save(path, numbers, sizeof numbers), 0);
    fm_file *file = kit_file(path, O_RDONLY);
    kit_forget(fm_file_fd(file));
    CHECK_INT(fm_gather(fm_go(reader, file, seen), fm_go(reader, file, seen),
                        fm_go(reader, file, seen)),
              0);
    for (int i = 0; i < 2000; i++)
        CHECK(seen[i]);
    CHECK_INT(fm_file_close(file), 0);
    kit_close(&kit);
}

struct placer {
    fm_file *file;
    size_t at;
};

static int placer(struct placer *self)
{
    char bytes[1000], again[1000];
    kit_fill(bytes, sizeof bytes, self->at);
    ssize_t rc =
        fm_file_write_at(self->file, bytes, sizeof bytes, (int64_t)self->at);
    if (rc == sizeof bytes)
        rc =
            fm_file_read_at(self->file, again, sizeof again, (int64_t)self->at);
    if (rc == sizeof again && !kit_is_right(again, sizeof again, self->at))
        return -EIO;
    return rc < 0 ? (int)rc : 0;
}

STORY(many_tasks_use_one_file_at_once)
{
    struct kit kit;
    int rc;
    kit_open(&kit);
    fm_file *file = kit_file(kit_path(&kit, "file"), O_RDWR | O_CREAT);
    FM_GROUP(group, rc) {
        for (size_t i = 0; i < 50; i++)
            fm_group_go(group, placer, file, (49 - i) * 1000);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(fm_file_read_at(file, there, 60000, 0), 50000);
    CHECK(kit_is_right(there, 50000, 0));
    CHECK_INT(fm_file_close(file), 0);
    kit_close(&kit);
}
