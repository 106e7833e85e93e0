/*
 * test_path.c - single calls on paths
 */
#include "io/path_kit.h"

/* ---- Look ---------------------------------------------------------------- */

SCENE(stat_tells_of_a_file_and_follows_a_link)
{
    struct stat found;
    put(at("file"), "hello");
    CHECK_INT(symlink("file", at("link")), 0);
    CHECK_INT(fm_path_stat(at("link"), &found), 0);
    CHECK(S_ISREG(found.st_mode));
    CHECK_INT(found.st_size, 5);
    CHECK_INT(fm_path_stat_link(at("link"), &found), 0);
    CHECK(S_ISLNK(found.st_mode));
    CHECK_INT(fm_path_stat(at("none"), &found), -ENOENT);
    CHECK_INT(fm_path_stat(at("file/none"), &found), -ENOTDIR);
    CHECK_INT(fm_path_stat("", &found), -ENOENT);
}

SCENE(exists_answers_yes_or_no)
{
    put(at("file"), "");
    CHECK_INT(symlink("nowhere", at("dangling")), 0);
    CHECK_INT(fm_path_exists(at("file")), 1);
    CHECK_INT(fm_path_exists(scene), 1);
    CHECK_INT(fm_path_exists(at("none")), 0);
    CHECK_INT(fm_path_exists(at("file/none")), 0);
    CHECK_INT(fm_path_exists(at("dangling")), 0);
    CHECK_INT(symlink("loop", at("loop")), 0);
    CHECK_INT(fm_path_exists(at("loop")), -ELOOP);
}

SCENE(access_tells_what_the_process_may_do)
{
    put(at("file"), "");
    CHECK_INT(chmod(at("file"), 0400), 0);
    CHECK_INT(fm_path_access(at("file"), R_OK), 0);
    CHECK_INT(fm_path_access(at("file"), X_OK), -EACCES);
    CHECK_INT(fm_path_access(at("none"), F_OK), -ENOENT);
    CHECK_INT(fm_path_access(at("file"), 64), -EINVAL);
}

SCENE(real_resolves_links_and_dots)
{
    char real[FM_PATH_SIZE], base[FM_PATH_SIZE];
    CHECK_INT(fm_path_real(scene, base), 0);
    CHECK_INT(mkdir(at("a"), 0777), 0);
    put(at("a/file"), "");
    CHECK_INT(symlink("a", at("b")), 0);
    CHECK_INT(fm_path_real(at("b/../b/./file"), real), 0);
    CHECK(strncmp(real, base, strlen(base)) == 0);
    CHECK(strcmp(real + strlen(base), "/a/file") == 0);
    CHECK_INT(fm_path_real(at("none"), real), -ENOENT);
    CHECK_INT(symlink("loop", at("loop")), 0);
    CHECK_INT(fm_path_real(at("loop"), real), -ELOOP);
}

/* ---- Links --------------------------------------------------------------- */

SCENE(a_link_says_what_it_was_told_and_no_byte_too_many)
{
    char buf[16];
    CHECK_INT(fm_path_symlink("target", at("link")), 0);
    memset(buf, 'x', sizeof buf);
    CHECK_INT(fm_path_readlink(at("link"), buf, 7), 6);
    CHECK(strcmp(buf, "target") == 0);
    CHECK(buf[7] == 'x');
    CHECK_INT(fm_path_readlink(at("link"), buf, 6), -ENAMETOOLONG);
    CHECK_INT(fm_path_readlink(at("link"), NULL, 0), -ENAMETOOLONG);
    CHECK_INT(fm_path_readlink(scene, buf, sizeof buf), -EINVAL);
    CHECK_INT(fm_path_symlink("other", at("link")), -EEXIST);
}

SCENE(a_file_has_as_many_names_as_it_is_given)
{
    struct stat found;
    put(at("one"), "text");
    CHECK_INT(fm_path_link(at("one"), at("two")), 0);
    CHECK_INT(fm_path_stat(at("two"), &found), 0);
    CHECK_INT(found.st_nlink, 2);
    CHECK_INT(fm_path_link(at("one"), at("two")), -EEXIST);
    CHECK_INT(fm_path_unlink(at("one")), 0);
    CHECK(says(at("two"), "text"));
    CHECK_INT(fm_path_unlink(at("one")), -ENOENT);
}

/* ---- Rename -------------------------------------------------------------- */

SCENE(rename_replaces_what_is_there)
{
    put(at("new"), "new");
    put(at("old"), "old");
    CHECK_INT(fm_path_rename(at("new"), at("old")), 0);
    CHECK(says(at("old"), "new"));
    CHECK(!there(at("new")));
    CHECK_INT(fm_path_rename(at("new"), at("old")), -ENOENT);
}

SCENE(rename_keeps_what_is_there_where_it_is_told_to)
{
    static const fm_rename_options keep = {.keep = true};
    put(at("new"), "new");
    put(at("old"), "old");
    CHECK_INT(fm_path_rename(at("new"), at("old"), &keep), -EEXIST);
    CHECK(says(at("old"), "old"));
    CHECK_INT(fm_path_rename(at("new"), at("free"), &keep), 0);
    CHECK(says(at("free"), "new"));
}

SCENE(rename_exchanges_two)
{
    put(at("one"), "1");
    CHECK_INT(mkdir(at("two"), 0777), 0);
    CHECK_INT(fm_path_rename(at("one"), at("two"),
                             &(fm_rename_options){.exchange = true}),
              0);
    CHECK(says(at("two"), "1"));
    CHECK_INT(entries_in(at("one")), 0);
    CHECK_INT(fm_path_rename(at("one"), at("none"),
                             &(fm_rename_options){.exchange = true}),
              -ENOENT);
    CHECK_INT(
        fm_path_rename(at("one"), at("two"), &(fm_rename_options){true, true}),
        -EINVAL);
}

/* ---- Directories --------------------------------------------------------- */

SCENE(mkdir_makes_one_directory_with_its_mode)
{
    struct stat found;
    CHECK_INT(fm_path_mkdir(at("a")), 0);
    CHECK_INT(fm_path_mkdir(at("a")), -EEXIST);
    CHECK_INT(fm_path_mkdir(at("b/c")), -ENOENT);
    CHECK_INT(fm_path_mkdir(at("d"), &(fm_mkdir_options){.mode = 0700}), 0);
    CHECK_INT(fm_path_stat(at("d"), &found), 0);
    CHECK_INT(found.st_mode & 0777, 0700);
}

SCENE(mkdir_makes_parents_and_takes_those_that_are_there)
{
    static const fm_mkdir_options parents = {.parents = true};
    CHECK_INT(fm_path_mkdir(at("a/b//c/"), &parents), 0);
    CHECK_INT(fm_path_mkdir(at("a/b/c"), &parents), 0);
    CHECK_INT(fm_path_mkdir(at("a/b/d/e"), &parents), 0);
    CHECK_INT(entries_in(at("a/b")), 2);
    CHECK_INT(fm_path_mkdir("", &parents), -ENOENT);
    CHECK_INT(fm_path_mkdir("/", &parents), 0);
    put(at("file"), "");
    CHECK_INT(fm_path_mkdir(at("file"), &parents), -EEXIST);
    CHECK_INT(fm_path_mkdir(at("file/x/y"), &parents), -ENOTDIR);
    CHECK_INT(symlink("a", at("link")), 0);
    CHECK_INT(fm_path_mkdir(at("link"), &parents), 0);
    CHECK_INT(fm_path_mkdir(at("link/z/y"), &parents), 0);
    CHECK(there(at("a/z/y")));
}

/* Also where its name ends with a slash, as that of no parent does. */
SCENE(with_its_parents_made_a_directory_has_its_own_mode)
{
    const fm_mkdir_options ours = {.mode = 0700, .parents = true};
    struct stat found;
    CHECK_INT(fm_path_mkdir(at("a/b//"), &ours), 0);
    CHECK_INT(fm_path_stat(at("a/b"), &found), 0);
    CHECK_INT(found.st_mode & 0777, 0700);
    CHECK_INT(fm_path_mkdir(at("a/c/d"), &ours), 0);
    CHECK_INT(fm_path_stat(at("a/c/d"), &found), 0);
    CHECK_INT(found.st_mode & 0777, 0700);
}

SCENE(rmdir_removes_what_is_empty)
{
    CHECK_INT(fm_path_mkdir(at("a")), 0);
    put(at("a/file"), "");
    CHECK_INT(fm_path_rmdir(at("a")), -ENOTEMPTY);
    CHECK_INT(fm_path_rmdir(at("a/file")), -ENOTDIR);
    CHECK_INT(fm_path_unlink(at("a")), -EISDIR);
    CHECK_INT(fm_path_unlink(at("a/file")), 0);
    CHECK_INT(fm_path_rmdir(at("a")), 0);
    CHECK(!there(at("a")));
}

/* ---- Properties ---------------------------------------------------------- */

SCENE(permissions_and_times_are_set)
{
    const struct timespec times[2] = {{1000, 1}, {2000, 2}};
    struct stat found;
    put(at("file"), "");
    CHECK_INT(fm_path_chmod(at("file"), 0640), 0);
    CHECK_INT(fm_path_utimes(at("file"), times), 0);
    CHECK_INT(fm_path_stat(at("file"), &found), 0);
    CHECK_INT(found.st_mode & 07777, 0640);
    CHECK_INT(found.st_atim.tv_sec, 1000);
    CHECK_INT(found.st_mtim.tv_sec, 2000);
    CHECK_INT(fm_path_utimes(at("file"), NULL), 0);
    CHECK_INT(fm_path_stat(at("file"), &found), 0);
    CHECK(found.st_mtim.tv_sec > 2000);
    CHECK_INT(fm_path_chmod(at("none"), 0640), -ENOENT);
    CHECK_INT(fm_path_utimes(at("none"), times), -ENOENT);
}

/* ---- Limits -------------------------------------------------------------- */

SCENE(names_have_255_bytes_and_not_one_more)
{
    char name[257];
    memset(name, 'n', sizeof name);
    name[255] = '\0';
    CHECK_INT(fm_path_mkdir(at("%s", name)), 0);
    CHECK_INT(fm_path_exists(at("%s", name)), 1);
    CHECK_INT(fm_path_replace(at("%s/%s", name, name), "x", 1), 0);
    CHECK_INT(fm_path_copy(at("%s/%s", name, name), at("copy")), 0);
    CHECK(says(at("copy"), "x"));
    CHECK_INT(fm_path_remove_tree(at("%s", name)), 0);
    name[255] = 'n';
    name[256] = '\0';
    CHECK_INT(fm_path_mkdir(at("%s", name)), -ENAMETOOLONG);
    CHECK_INT(fm_path_replace(at("%s", name), "x", 1), -ENAMETOOLONG);
    CHECK_INT(fm_path_copy(at("copy"), at("%s", name)), -ENAMETOOLONG);
    CHECK_INT(fm_path_remove_tree(at("%s", name)), -ENAMETOOLONG);
    CHECK_INT(entries_in(scene), 1);
}

/* Slashes count as any byte. */
static const char *padded(size_t size)
{
    static char path[FM_PATH_SIZE + 8];
    size_t length = strlen(scene);
    memcpy(path, scene, length);
    memset(path + length, '/', size - length - 1);
    path[size - 1] = 'x';
    path[size] = '\0';
    return path;
}

SCENE(paths_have_4095_bytes_and_not_one_more)
{
    char real[FM_PATH_SIZE];
    CHECK_INT(fm_path_mkdir(padded(4095)), 0);
    CHECK_INT(fm_path_real(padded(4095), real), 0);
    CHECK_INT(fm_path_mkdir(padded(4095), &(fm_mkdir_options){.parents = true}),
              0);
    CHECK_INT(fm_path_remove_tree(padded(4095)), 0);
    CHECK_INT(fm_path_replace(padded(4095), "x", 1), 0);
    CHECK_INT(fm_path_copy(padded(4095), at("y")), 0);
    CHECK_INT(fm_path_unlink(padded(4095)), 0);

    CHECK_INT(fm_path_mkdir(padded(4096)), -ENAMETOOLONG);
    CHECK_INT(fm_path_exists(padded(4096)), -ENAMETOOLONG);
    CHECK_INT(fm_path_mkdir(padded(4096), &(fm_mkdir_options){.parents = true}),
              -ENAMETOOLONG);
    CHECK_INT(fm_path_remove_tree(padded(4096)), -ENAMETOOLONG);
    CHECK_INT(fm_path_replace(padded(4096), "x", 1), -ENAMETOOLONG);
    CHECK_INT(fm_path_copy(at("y"), padded(4096)), -ENAMETOOLONG);
    CHECK_INT(entries_in(scene), 1);
}

SCENE(names_that_are_no_text_are_names)
{
    static const char name[] = "\xff\x01\n\xc0";
    fm_directory *directory;
    fm_directory_entry entry;
    CHECK_INT(fm_path_replace(at("%s", name), "x", 1), 0);
    CHECK_INT(fm_directory_open(scene, &directory), 0);
    CHECK_INT(fm_directory_next(directory, &entry), 1);
    CHECK(strcmp(entry.name, name) == 0);
    fm_directory_close(directory);
    CHECK_INT(fm_path_unlink(at("%s", name)), 0);
}

/* ---- Temporary directories ----------------------------------------------- */

SCENE(a_temporary_directory_is_new_and_for_its_owner_alone)
{
    char one[FM_PATH_SIZE], other[FM_PATH_SIZE];
    struct stat found;
    CHECK_INT(fm_temporary_directory(scene, one), 0);
    CHECK_INT(fm_temporary_directory(scene, other), 0);
    CHECK(strcmp(one, other) != 0);
    CHECK_INT(strncmp(one, scene, strlen(scene)), 0);
    CHECK_INT(fm_path_stat(one, &found), 0);
    CHECK(S_ISDIR(found.st_mode));
    CHECK_INT(found.st_mode & 0777, 0700);
    CHECK_INT(fm_temporary_directory(at("none"), one), -ENOENT);
    CHECK_INT(fm_temporary_directory(padded(4080), one), -ENAMETOOLONG);
}

/* ---- Temporary files ----------------------------------------------------- */

static void check_temporary(const char *parent)
{
    fm_file *file;
    struct stat found;
    char text[8] = "";
    CHECK_INT(fm_temporary_file(parent, &file), 0);
    CHECK_INT(fm_file_write_at(file, "hello", 5, 0), 5);
    CHECK_INT(fm_file_read_at(file, text, sizeof text, 0), 5);
    CHECK(strcmp(text, "hello") == 0);
    CHECK_INT(fm_file_stat(file, &found), 0);
    CHECK_INT(found.st_nlink, 0);
    CHECK_INT(found.st_mode & 0777, 0600);
    CHECK_INT(fm_file_close(file), 0);
}

SCENE(a_temporary_file_has_no_name)
{
    fm_file *file = NULL;
    check_temporary(scene);
    check_temporary(NULL);
    CHECK_INT(entries_in(scene), 0);
    CHECK_INT(fm_temporary_file(at("none"), &file), -ENOENT);
    CHECK(file == NULL);
}

static struct fm__fault_plan plan;

static int plan_begin(void *arg)
{
    fm__fault_plan = arg;
    return 0;
}

/* The first call says that there is no such thing. */
static void without_tmpfile(void)
{
    scene_begin();
    plan = (struct fm__fault_plan){.error = -EOPNOTSUPP, .spare_waits = true};
    plan.fail_at[FM__DOOR_SYSTEM] = 1;
    CHECK_INT(fm_thread_run(plan_begin, &plan), 0);
    check_temporary(scene);
    CHECK_INT(fm_thread_run(plan_begin, NULL), 0);
    CHECK(plan.passed[FM__DOOR_SYSTEM] > 3);
    CHECK_INT(entries_in(scene), 0);
    scene_end();
}

TEST(a_file_system_may_not_know_files_without_a_name)
{
    CHECK_INT(story_run(without_tmpfile, (fm_run_options){.threads = 1}), 0);
    story_silent(__FILE__, __LINE__);
}

/* ---- Cuts ---------------------------------------------------------------- */

static int calls_rename(void)
{
    return fm_path_rename(at("file"), at("moved"));
}

static int calls_unlink(void)
{
    return fm_path_unlink(at("file"));
}

static int calls_mkdir(void)
{
    return fm_path_mkdir(at("new"));
}

static int calls_copy(void)
{
    return fm_path_copy(at("file"), at("copy"));
}

static int calls_replace(void)
{
    return fm_path_replace(at("file"), "new", 3);
}

static int calls_remove(void)
{
    return fm_path_remove_tree(at("file"));
}

static int calls_temporary(void)
{
    char path[FM_PATH_SIZE];
    return fm_temporary_directory(scene, path);
}

SCENE(a_cancelled_task_changes_nothing)
{
    put(at("file"), "old");
    CHECK_INT(refused(calls_rename), -ECANCELED);
    CHECK_INT(refused(calls_unlink), -ECANCELED);
    CHECK_INT(refused(calls_mkdir), -ECANCELED);
    CHECK_INT(refused(calls_copy), -ECANCELED);
    CHECK_INT(refused(calls_replace), -ECANCELED);
    CHECK_INT(refused(calls_remove), -ECANCELED);
    CHECK_INT(refused(calls_temporary), -ECANCELED);
    CHECK(says(at("file"), "old"));
    CHECK_INT(entries_in(scene), 1);
}

static void outside(void *arg)
{
    (void)arg;
    fm_path_unlink("/nonexistent");
}

TEST(outside_a_task_it_ends_with_a_sentence)
{
    CHECK_DIES(outside, NULL, "fm_path_unlink was called outside a task");
}
