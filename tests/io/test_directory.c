/*
 * test_directory.c - entries of a directory, and walks through trees
 */
#include "io/path_kit.h"

static void make(const char *path)
{
    static const fm_mkdir_options parents = {.parents = true};
    CHECK_INT(fm_path_mkdir(path, &parents), 0);
}

/* ---- One directory ------------------------------------------------------- */

SCENE(each_entry_is_given_once_with_its_kind_and_never_a_dot)
{
    fm_directory *directory;
    fm_directory_entry entry;
    unsigned files = 0, directories = 0, links = 0, others = 0;
    put(at("file"), "x");
    put(at(".hidden"), "x");
    make(at("d"));
    CHECK_INT(symlink("d", at("link")), 0);
    CHECK_INT(mkfifo(at("fifo"), 0600), 0);
    CHECK_INT(fm_directory_open(scene, &directory), 0);
    while (fm_directory_next(directory, &entry) == 1) {
        struct stat found;
        CHECK_INT(lstat(at("%s", entry.name), &found), 0);
        CHECK(found.st_ino == entry.number);
        CHECK_INT(found.st_mode & S_IFMT, entry.kind);
        files += S_ISREG(entry.kind);
        directories += S_ISDIR(entry.kind);
        links += S_ISLNK(entry.kind);
        others += S_ISFIFO(entry.kind);
    }
    CHECK_INT(files, 2);
    CHECK_INT(directories, 1);
    CHECK_INT(links, 1);
    CHECK_INT(others, 1);
    CHECK_INT(fm_directory_next(directory, &entry), 0);
    CHECK_INT(fm_directory_next(directory, &entry), 0);
    fm_directory_close(directory);
    fm_directory_close(NULL);
}

SCENE(what_is_no_directory_is_not_opened)
{
    fm_directory *directory = NULL;
    put(at("file"), "x");
    CHECK_INT(fm_directory_open(at("file"), &directory), -ENOTDIR);
    CHECK_INT(fm_directory_open(at("none"), &directory), -ENOENT);
    CHECK(directory == NULL);
}

SCENE(a_directory_that_is_removed_ends)
{
    fm_directory *directory;
    fm_directory_entry entry;
    make(at("d"));
    CHECK_INT(fm_directory_open(at("d"), &directory), 0);
    CHECK_INT(fm_path_rmdir(at("d")), 0);
    CHECK_INT(fm_directory_next(directory, &entry), 0);
    fm_directory_close(directory);
}

/* So many names, by their number; a file can have 65,000 at most (ext4). */
static void fill(const char *path, size_t count)
{
    char name[32], file[32] = "";
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (size_t i = 0; i < count; i++) {
        snprintf(name, sizeof name, "%06zu", i);
        if (i % 10000 != 0) {
            CHECK_INT(linkat(fd, file, fd, name, 0), 0);
            continue;
        }
        close(openat(fd, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
        memcpy(file, name, sizeof file);
    }
    close(fd);
}

SCENE(a_hundred_thousand_entries_are_given_once_each)
{
    size_t count = test_many(100000), given = 0;
    fm_directory *directory;
    fm_directory_entry entry;
    char *seen = calloc(count, 1);
    if (seen == NULL)
        abort();
    fill(scene, count);
    CHECK_INT(fm_directory_open(scene, &directory), 0);
    while (fm_directory_next(directory, &entry) == 1) {
        size_t i = strtoul(entry.name, NULL, 10);
        given += i < count && seen[i]++ == 0;
    }
    CHECK_INT(given, count);
    fm_directory_close(directory);
    free(seen);
}

/* ---- Walks --------------------------------------------------------------- */

/* All paths below the scene, one after the other, each with its depth. */
static const char *walked(const char *path, const fm_walk_options *options)
{
    static char text[4096];
    size_t size = 0, length = strlen(scene);
    fm_walk *walk;
    fm_walk_entry entry;
    text[0] = '\0';
    CHECK_INT(fm_walk_open(path, &walk, options), 0);
    int rc;
    while ((rc = fm_walk_next(walk, &entry)) == 1) {
        CHECK(strncmp(entry.path, scene, length) == 0);
        CHECK(strcmp(strrchr(entry.path, '/') + 1, entry.name) == 0);
        size += (size_t)snprintf(text + size, sizeof text - size, "%s:%u ",
                                 entry.path + length + 1, entry.depth);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(fm_walk_next(walk, &entry), 0);
    fm_walk_close(walk);
    return text;
}

#define CHECK_WALK(path, options, expected)                                    \
    do {                                                                       \
        const char *walked_text = walked(path, options);                       \
        if (strcmp(walked_text, expected) != 0)                                \
            test_fail(__FILE__, __LINE__, "walked %s", walked_text);           \
    } while (0)

static const fm_walk_options sorted = {.sorted = true};

SCENE(a_sorted_walk_goes_through_all_in_order)
{
    make(at("b/x/y"));
    make(at("a"));
    make(at("c"));
    put(at("b/x/file"), "");
    put(at("a/z"), "");
    put(at("B"), "");
    CHECK_WALK(scene, &sorted,
               "B:1 a:1 a/z:2 b:1 b/x:2 b/x/file:3 b/x/y:3 c:1 ");
    CHECK_WALK(at("%s", ""), &sorted,
               "B:1 a:1 a/z:2 b:1 b/x:2 b/x/file:3 b/x/y:3 c:1 ");
    CHECK_WALK(at("b"), &sorted, "b/x:1 b/x/file:2 b/x/y:2 ");
    CHECK_WALK(at("c"), &sorted, "");
}

SCENE(a_walk_without_order_finds_the_same)
{
    make(at("a/b"));
    CHECK_WALK(scene, NULL, "a:1 a/b:2 ");
}

SCENE(a_walk_goes_as_deep_as_it_is_told)
{
    make(at("a/b/c"));
    CHECK_WALK(scene, &((fm_walk_options){.depth = 1}), "a:1 ");
    CHECK_WALK(scene, &((fm_walk_options){.depth = 2}), "a:1 a/b:2 ");
    CHECK_WALK(scene, &((fm_walk_options){.depth = 3}), "a:1 a/b:2 a/b/c:3 ");
    CHECK_WALK(scene, &((fm_walk_options){.depth = 9}), "a:1 a/b:2 a/b/c:3 ");
}

SCENE(links_are_followed_only_when_asked_and_never_in_a_circle)
{
    static const fm_walk_options follow = {.sorted = true, .follow = true};
    make(at("a/b"));
    make(at("z"));
    put(at("z/file"), "");
    CHECK_INT(symlink("../..", at("a/b/up")), 0);
    CHECK_INT(symlink(".", at("a/here")), 0);
    CHECK_INT(symlink("../z", at("a/link")), 0);
    CHECK_INT(symlink("loop", at("a/loop")), 0);
    CHECK_INT(symlink("nowhere", at("a/nowhere")), 0);
    CHECK_WALK(at("a"), &sorted,
               "a/b:1 a/b/up:2 a/here:1 a/link:1 a/loop:1 a/nowhere:1 ");
    CHECK_WALK(at("a"), &follow,
               "a/b:1 a/b/up:2 a/b/up/a:3 a/b/up/z:3 a/b/up/z/file:4 "
               "a/here:1 a/link:1 a/link/file:2 a/loop:1 a/nowhere:1 ");
}

SCENE(a_directory_may_be_skipped)
{
    fm_walk *walk;
    fm_walk_entry entry;
    make(at("a/x"));
    make(at("b/x"));
    CHECK_INT(fm_walk_open(scene, &walk, &sorted), 0);
    CHECK_INT(fm_walk_next(walk, &entry), 1);
    fm_walk_skip(walk);
    CHECK_INT(fm_walk_next(walk, &entry), 1);
    CHECK(strcmp(entry.name, "b") == 0);
    CHECK_INT(fm_walk_next(walk, &entry), 1);
    CHECK_INT(entry.depth, 2);
    CHECK_INT(fm_walk_next(walk, &entry), 0);
    fm_walk_close(walk);
    fm_walk_close(NULL);
}

SCENE(what_vanishes_during_a_walk_is_skipped)
{
    fm_walk *walk;
    fm_walk_entry entry;
    make(at("a/x"));
    make(at("b/x"));
    make(at("c/x"));
    CHECK_INT(fm_walk_open(scene, &walk, &sorted), 0);
    CHECK_INT(fm_walk_next(walk, &entry), 1);
    CHECK_INT(fm_path_remove_tree(at("a")), 0);
    CHECK_INT(fm_walk_next(walk, &entry), 1);
    CHECK(strcmp(entry.name, "b") == 0);
    CHECK_INT(fm_walk_next(walk, &entry), 1);
    CHECK_INT(fm_path_remove_tree(scene), 0);
    CHECK_INT(fm_walk_next(walk, &entry), 1);
    CHECK(strcmp(entry.name, "c") == 0);
    CHECK_INT(fm_walk_next(walk, &entry), 0);
    fm_walk_close(walk);
}

SCENE(what_becomes_a_link_out_of_the_tree_is_not_followed)
{
    fm_walk *walk;
    fm_walk_entry entry;
    make(at("t/a"));
    make(at("out/x"));
    CHECK_INT(fm_walk_open(at("t"), &walk), 0);
    CHECK_INT(fm_walk_next(walk, &entry), 1);
    CHECK_INT(rmdir(at("t/a")), 0);
    CHECK_INT(symlink(at("out"), at("t/a")), 0);
    CHECK_INT(fm_walk_next(walk, &entry), 0);
    fm_walk_close(walk);
}

static int forbidden_main(void *arg)
{
    const char *path = arg;
    fm_walk *walk;
    fm_walk_entry entry;
    if (geteuid() == 0)
        CHECK_INT(seteuid(12345), 0);
    CHECK_INT(fm_walk_open(path, &walk, &sorted), 0);
    CHECK_INT(fm_walk_next(walk, &entry), 1);
    CHECK(strcmp(entry.name, "a") == 0);
    CHECK_INT(fm_walk_next(walk, &entry), -EACCES);
    CHECK(strcmp(entry.name, "a") == 0);
    CHECK_INT(fm_walk_next(walk, &entry), 1);
    CHECK(strcmp(entry.name, "b") == 0);
    CHECK_INT(fm_walk_next(walk, &entry), 0);
    fm_walk_close(walk);
    return 0;
}

static void forbidden(void *arg)
{
    if (fm_run(forbidden_main, arg) == 0)
        printf("went past it\n");
}

TEST(a_walk_goes_on_past_a_directory_that_may_not_be_read)
{
    char path[] = "/tmp/fermata-test-XXXXXX", said[512] = "";
    CHECK(mkdtemp(path) != NULL);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CHECK_INT(mkdirat(fd, "a", 0), 0);
    CHECK_INT(mkdirat(fd, "b", 0777), 0);
    CHECK_INT(fchmod(fd, 0755), 0);
    test_child(forbidden, path, said, sizeof said);
    CHECK(strcmp(said, "went past it\n") == 0);
    CHECK_INT(unlinkat(fd, "a", AT_REMOVEDIR), 0);
    CHECK_INT(unlinkat(fd, "b", AT_REMOVEDIR), 0);
    close(fd);
    CHECK_INT(rmdir(path), 0);
}

/* ---- Depth --------------------------------------------------------------- */

/* Each level has a file before and one behind the next directory. */
static void dig(unsigned depth)
{
    int fd = open(scene, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (unsigned i = 0; i < depth; i++) {
        close(openat(fd, "a", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
        CHECK_INT(mkdirat(fd, "middle of the tree", 0700), 0);
        close(openat(fd, "z", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
        int next = openat(fd, "middle of the tree",
                          O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        close(fd);
        fd = next;
    }
    close(fd);
}

static void check_deep_walk(const fm_walk_options *options, unsigned depth)
{
    fm_walk *walk;
    fm_walk_entry entry;
    unsigned count = 0, deepest = 0;
    CHECK_INT(fm_walk_open(scene, &walk, options), 0);
    while (fm_walk_next(walk, &entry) == 1) {
        count++;
        deepest = entry.depth > deepest ? entry.depth : deepest;
    }
    CHECK_INT(count, 3 * depth);
    CHECK_INT(deepest, depth);
    fm_walk_close(walk);
}

SCENE(a_walk_through_300_levels_comes_back)
{
    dig(300);
    check_deep_walk(NULL, 300);
    check_deep_walk(&sorted, 300);
    check_deep_walk(&(fm_walk_options){.follow = true}, 300);
}

SCENE(a_walk_that_has_no_way_back_says_so)
{
    fm_walk *walk;
    fm_walk_entry entry;
    dig(100);
    CHECK_INT(fm_walk_open(scene, &walk, &sorted), 0);
    do
        CHECK_INT(fm_walk_next(walk, &entry), 1);
    while (entry.depth < 80);
    make(at("away"));
    CHECK_INT(
        rename(at("middle of the tree/middle of the tree"), at("away/there")),
        0);
    int rc;
    while ((rc = fm_walk_next(walk, &entry)) == 1)
        ;
    CHECK_INT(rc, -ESTALE);
    CHECK_INT(fm_walk_next(walk, &entry), -ESTALE);
    fm_walk_close(walk);
}

/* Goes on while others take each descriptor that is given back, up to the
 * first error; how many entries there were. */
static unsigned walk_in_want(fm_walk *walk, int *rc)
{
    int taken[64];
    unsigned hogs = 0, count = 0;
    struct rlimit before;
    fm_walk_entry entry;
    CHECK_INT(limit_descriptors(0, &before), 0);
    do {
        int fd;
        while (hogs < 64 && (fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
            taken[hogs++] = fd;
        *rc = fm_walk_next(walk, &entry);
        count += *rc == 1;
    } while (*rc == 1);
    CHECK_INT(fm_walk_next(walk, &entry), *rc);
    while (hogs > 0)
        close(taken[--hogs]);
    setrlimit(RLIMIT_NOFILE, &before);
    return count;
}

static void want_story(void)
{
    fm_walk *walk;
    fm_walk_entry entry;
    unsigned count = 0;
    int rc;
    scene_begin();
    dig(40);
    CHECK_INT(fm_walk_open(scene, &walk, &sorted), 0);
    do
        count += fm_walk_next(walk, &entry) == 1;
    while (entry.depth < 40);
    count += walk_in_want(walk, &rc);
    CHECK_INT(rc, -EMFILE);
    while ((rc = fm_walk_next(walk, &entry)) == 1)
        count++;
    CHECK_INT(rc, 0);
    CHECK_INT(count, 3 * 40);
    fm_walk_close(walk);
    scene_end();
}

TEST(a_walk_that_lacks_a_descriptor_to_come_back_waits_for_one)
{
    if (test_under_valgrind())
        test_skip("valgrind keeps descriptors of its own");
    CHECK_INT(story_run(want_story, (fm_run_options){0}), 0);
    story_silent(__FILE__, __LINE__);
}

/* ---- Cuts ---------------------------------------------------------------- */

static int walker(void *arg)
{
    fm_walk *walk;
    fm_walk_entry entry;
    unsigned *count = arg;
    int rc = fm_walk_open(scene, &walk, &sorted);
    if (rc < 0)
        return rc;
    while ((rc = fm_walk_next(walk, &entry)) == 1)
        ++*count;
    fm_walk_close(walk);
    return rc;
}

SCENE(a_walk_that_is_cut_goes_on_where_it_was)
{
    dig(60);
    for (size_t i = 0; i < test_many(30); i++) {
        unsigned count = 0;
        fm_task *task = fm_start(walker, &count);
        for (size_t turn = 0; turn < i * 3; turn++)
            CHECK_INT(fm_yield(), 0);
        fm_cancel(task);
        int rc = fm_await(task);
        CHECK(rc == -ECANCELED || (rc == 0 && count == 180));
    }
}

SCENE(after_a_timeout_no_entry_is_lost)
{
    fm_walk *walk;
    fm_walk_entry entry;
    unsigned count = 0;
    int rc, inner = 0;
    dig(60);
    CHECK_INT(fm_walk_open(scene, &walk), 0);
    do {
        FM_TIMEOUT(0, rc) {
            inner = rc = fm_walk_next(walk, &entry);
        }
        CHECK_INT(rc, -ETIMEDOUT);
        CHECK(inner < 0);
        rc = fm_walk_next(walk, &entry);
        count += rc == 1;
    } while (rc == 1);
    CHECK_INT(count, 180);
    fm_walk_close(walk);
}

/* ---- Left open ----------------------------------------------------------- */

static void leaves_them_open(void)
{
    fm_directory *directory;
    fm_walk *walk;
    CHECK_INT(fm_directory_open("/", &directory), 0);
    CHECK_INT(fm_walk_open("/", &walk), 0);
}

TEST(what_is_left_open_is_closed_with_the_loop_and_told)
{
    CHECK_INT(story_run(leaves_them_open, (fm_run_options){0}), 0);
    const struct story_report *report = story_heard(FM_REPORT_LEFT_OPEN);
    CHECK(report != NULL && strstr(report->message, "a walk") != NULL);
    report = story_heard(FM_REPORT_LEFT_OPEN);
    CHECK(report != NULL && strstr(report->message, "a directory") != NULL);
    story_silent(__FILE__, __LINE__);
}
