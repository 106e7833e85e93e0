/*
 * test_path_remove.c - whole trees are removed, and nothing beside them
 */
#include "io/gate.h"
#include "io/path_kit.h"

#include <pthread.h>

SCENE(a_tree_goes_with_all_that_is_in_it)
{
    CHECK_INT(fm_path_mkdir(at("t/a/b"), &(fm_mkdir_options){.parents = true}),
              0);
    put(at("t/a/file"), "x");
    put(at("t/a/b/file"), "x");
    CHECK_INT(mkfifo(at("t/a/fifo"), 0600), 0);
    CHECK_INT(symlink("nowhere", at("t/link")), 0);
    CHECK_INT(fm_path_remove_tree(at("t/")), 0);
    CHECK_INT(entries_in(scene), 0);
    CHECK_INT(fm_path_remove_tree(at("t")), -ENOENT);
}

SCENE(what_is_no_directory_goes_alone)
{
    put(at("file"), "x");
    CHECK_INT(mkdir(at("d"), 0700), 0);
    CHECK_INT(symlink("d", at("link")), 0);
    CHECK_INT(fm_path_remove_tree(at("file")), 0);
    CHECK_INT(fm_path_remove_tree(at("link/")), 0);
    CHECK(there(at("d")));
    CHECK_INT(entries_in(scene), 1);
}

SCENE(what_has_no_name_is_not_removed)
{
    CHECK_INT(fm_path_mkdir(at("d/e"), &(fm_mkdir_options){.parents = true}),
              0);
    CHECK_INT(fm_path_remove_tree(at("d/.")), -EINVAL);
    CHECK_INT(fm_path_remove_tree(at("d/e/..")), -EINVAL);
    CHECK_INT(fm_path_remove_tree(at("d/e/../")), -EINVAL);
    CHECK_INT(fm_path_remove_tree("/"), -EINVAL);
    CHECK_INT(fm_path_remove_tree("//"), -EINVAL);
    CHECK_INT(fm_path_remove_tree("."), -EINVAL);
    CHECK_INT(fm_path_remove_tree(""), -ENOENT);
    CHECK(there(at("d/e")));
}

SCENE(links_in_the_tree_are_not_followed)
{
    CHECK_INT(
        fm_path_mkdir(at("keep/deep"), &(fm_mkdir_options){.parents = true}),
        0);
    put(at("keep/file"), "kept");
    CHECK_INT(mkdir(at("t"), 0700), 0);
    CHECK_INT(symlink(at("keep"), at("t/link")), 0);
    CHECK_INT(symlink("..", at("t/up")), 0);
    CHECK_INT(symlink("/", at("t/root")), 0);
    CHECK_INT(fm_path_remove_tree(at("t")), 0);
    CHECK(says(at("keep/file"), "kept"));
    CHECK(there(at("keep/deep")));
}

/* ---- Depth and breadth --------------------------------------------------- */

/* Deeper than a path could say: each is made in the one above. */
static void dig(const char *path, unsigned depth)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (unsigned i = 0; i < depth; i++) {
        CHECK_INT(mkdirat(fd, "a directory in the one above", 0700), 0);
        int file = openat(fd, "zz", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        close(file);
        int next = openat(fd, "a directory in the one above",
                          O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        close(fd);
        fd = next;
    }
    close(fd);
}

SCENE(a_tree_may_be_deeper_than_a_path_is_long)
{
    CHECK_INT(mkdir(at("t"), 0700), 0);
    dig(at("t"), 31);
    CHECK_INT(fm_path_remove_tree(at("t")), 0);
    CHECK_INT(mkdir(at("t"), 0700), 0);
    dig(at("t"), 32);
    CHECK_INT(fm_path_remove_tree(at("t")), 0);
    CHECK_INT(mkdir(at("t"), 0700), 0);
    dig(at("t"), 33);
    CHECK_INT(fm_path_remove_tree(at("t")), 0);
    CHECK_INT(mkdir(at("t"), 0700), 0);
    dig(at("t"), 1000);
    CHECK_INT(fm_path_remove_tree(at("t")), 0);
    CHECK_INT(entries_in(scene), 0);
}

SCENE(a_directory_may_have_any_number_of_entries)
{
    CHECK_INT(mkdir(at("t"), 0700), 0);
    int fd = open(at("t"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (size_t i = 0; i < test_many(5000); i++) {
        char name[32];
        snprintf(name, sizeof name, "entry-%zu", i);
        if (i % 10 == 0)
            CHECK_INT(mkdirat(fd, name, 0700), 0);
        else
            close(openat(fd, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    }
    close(fd);
    CHECK_INT(fm_path_remove_tree(at("t")), 0);
    CHECK_INT(entries_in(scene), 0);
}

/* ---- Others at work ------------------------------------------------------ */

struct swapper {
    char inside[FM_PATH_SIZE];
    char away[FM_PATH_SIZE];
    char out[FM_PATH_SIZE];
    bool stop;
};

/* What was a directory in the tree is a link out of it, and one again. */
static void *swap(void *arg)
{
    struct swapper *self = arg;
    while (!__atomic_load_n(&self->stop, __ATOMIC_SEQ_CST)) {
        (void)!mkdir(self->inside, 0700);
        (void)!rename(self->inside, self->away);
        (void)!symlink(self->out, self->inside);
        unlink(self->inside);
        (void)!rename(self->away, self->inside);
    }
    return NULL;
}

SCENE(a_link_that_takes_a_directorys_place_leads_nowhere)
{
    struct swapper self = {.stop = false};
    pthread_t thread;
    CHECK_INT(fm_path_mkdir(at("keep/d"), &(fm_mkdir_options){.parents = true}),
              0);
    put(at("keep/file"), "kept");
    snprintf(self.inside, sizeof self.inside, "%s", at("t/x"));
    snprintf(self.away, sizeof self.away, "%s", at("away"));
    snprintf(self.out, sizeof self.out, "%s", at("keep"));
    CHECK_INT(pthread_create(&thread, NULL, swap, &self), 0);
    for (size_t i = 0; i < test_many(300); i++) {
        int rc = fm_path_mkdir(at("t"));
        CHECK(rc == 0 || rc == -EEXIST);
        rc = fm_path_remove_tree(at("t"));
        CHECK(rc == 0 || rc == -ENOENT || rc == -ENOTEMPTY || rc == -EISDIR ||
              rc == -ESTALE);
    }
    __atomic_store_n(&self.stop, true, __ATOMIC_SEQ_CST);
    pthread_join(thread, NULL);
    CHECK(says(at("keep/file"), "kept"));
    CHECK(there(at("keep/d")));
}

static int remove_t(void *arg)
{
    (void)arg;
    return fm_path_remove_tree(at("t"));
}

/* When it has been opened, and nothing is done yet: the only thread is
 * another's. */
static void moved_story(void)
{
    struct gate first, second;
    struct passer one = {0}, two = {.gate = &second};
    scene_begin();
    CHECK_INT(fm_path_mkdir(at("t/d"), &(fm_mkdir_options){.parents = true}),
              0);
    CHECK_INT(mkdir(at("t2"), 0700), 0);
    gate_init(&first, 0);
    gate_init(&second, 0);
    fm_task *before = passer_start(&one, &first);
    fm_task *task = fm_start(remove_t, NULL);
    CHECK_INT(fm_yield(), 0);
    fm_task *after = fm_start(passer_main, &two);
    CHECK_INT(fm_yield(), 0);
    sem_post(&first.open);
    CHECK_INT(fm_await(before), 0);
    gate_wait(&second.begun);
    CHECK_INT(rename(at("t"), at("t2/away")), 0);
    CHECK_INT(mkdir(at("t"), 0700), 0);
    sem_post(&second.open);
    CHECK_INT(fm_await(after), 0);
    CHECK_INT(fm_await(task), -ESTALE);
    CHECK(there(at("t")) && there(at("t2/away")));
    scene_end();
}

TEST(a_directory_that_is_moved_away_meanwhile_stops_it)
{
    CHECK_INT(run_with_one_thread(moved_story), 0);
    story_silent(__FILE__, __LINE__);
}

/* ---- Want ---------------------------------------------------------------- */

static void want_story(void)
{
    struct rlimit before;
    scene_begin();
    CHECK_INT(mkdir(at("t"), 0700), 0);
    dig(at("t"), 100);
    CHECK_INT(limit_descriptors(0, &before), 0);
    CHECK_INT(fm_path_remove_tree(at("t")), -EMFILE);
    setrlimit(RLIMIT_NOFILE, &before);
    CHECK(there(at("t")));
    CHECK_INT(limit_descriptors(3, &before), 0);
    CHECK_INT(fm_path_remove_tree(at("t")), 0);
    setrlimit(RLIMIT_NOFILE, &before);
    CHECK_INT(entries_in(scene), 0);
    scene_end();
}

TEST(three_descriptors_will_do)
{
    if (test_under_valgrind())
        test_skip("valgrind keeps descriptors of its own");
    CHECK_INT(story_run(want_story, (fm_run_options){0}), 0);
    story_silent(__FILE__, __LINE__);
}

SCENE(without_permission_it_says_so_and_the_rest_stays)
{
    if (geteuid() == 0)
        return; /* who may do everything */
    CHECK_INT(fm_path_mkdir(at("t/d"), &(fm_mkdir_options){.parents = true}),
              0);
    put(at("t/d/file"), "x");
    CHECK_INT(chmod(at("t/d"), 0500), 0);
    CHECK_INT(fm_path_remove_tree(at("t")), -EACCES);
    CHECK_INT(chmod(at("t/d"), 0000), 0);
    CHECK_INT(fm_path_remove_tree(at("t")), -EACCES);
    CHECK_INT(chmod(at("t/d"), 0700), 0);
    CHECK(there(at("t/d/file")));
    CHECK_INT(fm_path_remove_tree(at("t")), 0);
}

/* ---- Cuts ---------------------------------------------------------------- */

static int remover(void *arg)
{
    return fm_path_remove_tree(arg);
}

SCENE(whenever_it_is_cancelled_the_rest_can_be_removed_later)
{
    for (size_t i = 0; i < test_many(30); i++) {
        char path[FM_PATH_SIZE];
        snprintf(path, sizeof path, "%s", at("t"));
        CHECK_INT(mkdir(path, 0700), 0);
        dig(path, 50);
        uint64_t held = fm__atomic_load(&fm__ledger[FM__HELD_DESCRIPTORS]);
        fm_task *task = fm_start(remover, path);
        for (size_t turn = 0; turn < i; turn++)
            CHECK_INT(fm_yield(), 0);
        fm_cancel(task);
        int rc = fm_await(task);
        CHECK(rc == 0 || rc == -ECANCELED);
        CHECK_INT(fm__atomic_load(&fm__ledger[FM__HELD_DESCRIPTORS]), held);
        if (rc < 0)
            CHECK_INT(fm_path_remove_tree(path), 0);
        CHECK_INT(entries_in(scene), 0);
    }
}
