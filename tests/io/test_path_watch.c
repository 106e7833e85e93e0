/*
 * test_path_watch.c - events of what happens to paths
 */
#include "io/path_kit.h"

#include <pthread.h>

static fm_path_watch *opened(void)
{
    fm_path_watch *watch = NULL;
    CHECK_INT(fm_path_watch_open(&watch), 0);
    return watch;
}

/* What happened happened before: it is there, or never comes. */
static void expect(fm_path_watch *watch, int id, uint32_t events,
                   const char *name)
{
    fm_path_event event = {.id = 0};
    CHECK_INT(fm_path_watch_next(watch, &event), 0);
    CHECK_INT(event.id, id);
    CHECK_INT(event.events, events);
    CHECK(event.name != NULL && strcmp(event.name, name) == 0);
}

static void expect_nothing(fm_path_watch *watch)
{
    fm_path_event event;
    CHECK_INT(fm_path_watch_next_try(watch, &event), -EAGAIN);
}

SCENE(what_happens_in_a_directory_is_told_in_order)
{
    fm_path_watch *watch = opened();
    int id = fm_path_watch_add(
        watch, scene, FM_PATH_CREATED | FM_PATH_WRITTEN | FM_PATH_REMOVED);
    CHECK(id > 0);
    put(at("file"), "x");
    CHECK_INT(mkdir(at("d"), 0700), 0);
    CHECK_INT(unlink(at("file")), 0);
    expect(watch, id, FM_PATH_CREATED, "file");
    expect(watch, id, FM_PATH_WRITTEN, "file");
    expect(watch, id, FM_PATH_CREATED | FM_PATH_DIRECTORY, "d");
    expect(watch, id, FM_PATH_REMOVED, "file");
    expect_nothing(watch);
    fm_path_watch_close(watch);
    fm_path_watch_close(NULL);
}

SCENE(the_two_ends_of_a_move_have_the_same_cookie)
{
    fm_path_event from = {.id = 0}, to = {.id = 0};
    fm_path_watch *watch = opened();
    CHECK_INT(mkdir(at("a"), 0700), 0);
    CHECK_INT(mkdir(at("b"), 0700), 0);
    put(at("a/x"), "");
    int a = fm_path_watch_add(watch, at("a"), FM_PATH_FROM | FM_PATH_TO);
    int b = fm_path_watch_add(watch, at("b"), FM_PATH_FROM | FM_PATH_TO);
    CHECK_INT(rename(at("a/x"), at("b/y")), 0);
    CHECK_INT(fm_path_watch_next(watch, &from), 0);
    CHECK_INT(from.events, FM_PATH_FROM);
    CHECK_INT(from.id, a);
    CHECK(strcmp(from.name, "x") == 0);
    CHECK_INT(fm_path_watch_next(watch, &to), 0);
    CHECK_INT(to.events, FM_PATH_TO);
    CHECK_INT(to.id, b);
    CHECK(strcmp(to.name, "y") == 0);
    CHECK(from.cookie != 0 && from.cookie == to.cookie);
    fm_path_watch_close(watch);
}

SCENE(a_file_is_watched_wherever_it_goes)
{
    fm_path_watch *watch = opened();
    put(at("file"), "");
    int id = fm_path_watch_add(watch, at("file"),
                               FM_PATH_EVERYTHING & ~FM_PATH_OPENED &
                                   ~FM_PATH_CLOSED);
    CHECK_INT(chmod(at("file"), 0600), 0);
    CHECK_INT(rename(at("file"), at("moved")), 0);
    CHECK_INT(unlink(at("moved")), 0);
    expect(watch, id, FM_PATH_CHANGED, "");
    expect(watch, id, FM_PATH_SELF_MOVED, "");
    expect(watch, id, FM_PATH_CHANGED, "");
    expect(watch, id, FM_PATH_SELF_GONE, "");
    expect(watch, id, FM_PATH_ENDED, "");
    CHECK_INT(fm_path_watch_remove(watch, id), -EINVAL);
    fm_path_watch_close(watch);
}

SCENE(the_same_file_has_the_same_id_and_the_last_events)
{
    fm_path_watch *watch = opened();
    int id = fm_path_watch_add(watch, scene, FM_PATH_CREATED);
    CHECK_INT(fm_path_watch_add(watch, at("."), FM_PATH_REMOVED), id);
    CHECK_INT(mkdir(at("d"), 0700), 0);
    CHECK_INT(rmdir(at("d")), 0);
    expect(watch, id, FM_PATH_REMOVED | FM_PATH_DIRECTORY, "d");
    CHECK_INT(fm_path_watch_remove(watch, id), 0);
    expect(watch, id, FM_PATH_ENDED, "");
    put(at("file"), "");
    expect_nothing(watch);
    fm_path_watch_close(watch);
}

SCENE(what_cannot_be_watched_is_an_error)
{
    fm_path_watch *watch = opened();
    CHECK_INT(fm_path_watch_add(watch, at("none"), FM_PATH_CREATED), -ENOENT);
    CHECK_INT(fm_path_watch_add(watch, scene, 0), -EINVAL);
    CHECK_INT(fm_path_watch_add(watch, scene, FM_PATH_LOST), -EINVAL);
    CHECK_INT(fm_path_watch_remove(watch, 7), -EINVAL);
    expect_nothing(watch);
    fm_path_watch_close(watch);
}

/* ---- Many ---------------------------------------------------------------- */

SCENE(more_events_than_are_read_at_once_come_one_by_one)
{
    char name[256];
    fm_path_event event = {.id = 0};
    fm_path_watch *watch = opened();
    CHECK(fm_path_watch_add(watch, scene, FM_PATH_CREATED) > 0);
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "%0255d", i);
        put(at("%s", name), "");
        put(at("%d", i), "");
    }
    for (int i = 0; i < 100; i++) {
        CHECK_INT(fm_path_watch_next(watch, &event), 0);
        snprintf(name, sizeof name, "%0255d", i);
        CHECK(strcmp(event.name, name) == 0);
        CHECK_INT(fm_path_watch_next(watch, &event), 0);
        CHECK_INT(strtol(event.name, NULL, 10), i);
    }
    expect_nothing(watch);
    fm_path_watch_close(watch);
}

static unsigned events_that_wait(void)
{
    char text[32] = "";
    int fd =
        open("/proc/sys/fs/inotify/max_queued_events", O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && read(fd, text, sizeof text - 1) < 0)
        text[0] = '\0';
    close(fd);
    return (unsigned)strtoul(text, NULL, 10);
}

/* Two files by turns, so that no event is the same as the one before. */
SCENE(when_too_many_wait_it_is_told_that_some_are_lost)
{
    unsigned most = events_that_wait(), told = 0, lost = 0;
    fm_path_event event = {.id = 0};
    fm_path_watch *watch = opened();
    if (most > 0 && most <= 100000) {
        put(at("0"), "");
        put(at("1"), "");
        CHECK(fm_path_watch_add(watch, scene, FM_PATH_CHANGED) > 0);
        for (unsigned i = 0; i < most + 10; i++)
            CHECK_INT(chmod(at("%u", i % 2), 0600), 0);
        while (fm_path_watch_next_try(watch, &event) == 0) {
            told += event.events == FM_PATH_CHANGED;
            lost += event.events == FM_PATH_LOST;
            CHECK(event.id > 0 || event.events == FM_PATH_LOST);
        }
        CHECK_INT(told, most);
        CHECK_INT(lost, 1);
        CHECK_INT(chmod(at("0"), 0600), 0);
        CHECK_INT(fm_path_watch_next(watch, &event), 0);
        CHECK_INT(event.events, FM_PATH_CHANGED);
    }
    fm_path_watch_close(watch);
}

/* ---- Waits --------------------------------------------------------------- */

struct listener {
    fm_path_watch *watch;
    fm_path_event event;
    char name[32];
};

static int listener(void *arg)
{
    struct listener *self = arg;
    int rc = fm_path_watch_next(self->watch, &self->event);
    if (rc == 0)
        snprintf(self->name, sizeof self->name, "%s", self->event.name);
    return rc;
}

SCENE(a_task_waits_until_something_happens)
{
    struct listener self = {.watch = opened()};
    CHECK(fm_path_watch_add(self.watch, scene, FM_PATH_CREATED) > 0);
    for (int i = 0; i < 3; i++) {
        fm_task *task = fm_start(listener, &self);
        CHECK_INT(fm_yield(), 0);
        put(at("%d", i), "");
        CHECK_INT(fm_await(task), 0);
        CHECK_INT(strtol(self.name, NULL, 10), i);
    }
    fm_path_watch_close(self.watch);
}

SCENE(a_cut_takes_no_event_with_it)
{
    struct listener self = {.watch = opened()};
    int rc;
    CHECK(fm_path_watch_add(self.watch, scene, FM_PATH_CREATED) > 0);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_path_watch_next(self.watch, &self.event);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    fm_task *task = fm_start(listener, &self);
    CHECK_INT(fm_yield(), 0);
    put(at("file"), "");
    fm_cancel(task);
    rc = fm_await(task);
    CHECK(rc == 0 || rc == -ECANCELED);
    if (rc < 0)
        CHECK_INT(fm_path_watch_next(self.watch, &self.event), 0);
    expect_nothing(self.watch);
    fm_path_watch_close(self.watch);
}

SCENE(a_watch_is_selected_beside_others)
{
    fm_event stop = {0};
    fm_path_event event;
    fm_path_watch *watch = opened();
    CHECK(fm_path_watch_add(watch, scene, FM_PATH_CREATED) > 0);
    fm_when whens[] = {fm_when_path(watch), fm_when_set(&stop)};
    CHECK_INT(fm_select(whens[0], fm_when_after(0)), 1);
    put(at("one"), "");
    put(at("two"), "");
    CHECK_INT(fm_select_array(whens, 2), 0);
    CHECK_INT(fm_path_watch_next_try(watch, &event), 0);
    CHECK(strcmp(event.name, "one") == 0);
    CHECK_INT(fm_select_array(whens, 2), 0);
    CHECK_INT(fm_path_watch_next_try(watch, &event), 0);
    CHECK(strcmp(event.name, "two") == 0);
    CHECK_INT(fm_select(whens[0], fm_when_after(story_span(1))), 1);
    fm_event_set(&stop);
    CHECK_INT(fm_select_array(whens, 2), 1);
    fm_path_watch_close(watch);
}

static int selector(void *arg)
{
    return fm_select(fm_when_path(arg));
}

SCENE(a_selecting_task_is_woken)
{
    fm_path_watch *watch = opened();
    CHECK(fm_path_watch_add(watch, scene, FM_PATH_CREATED) > 0);
    fm_task *task = fm_start(selector, watch);
    CHECK_INT(fm_yield(), 0);
    put(at("one"), "");
    CHECK_INT(fm_await(task), 0);
    fm_path_watch_close(watch);
}

/* ---- Want and misuse ----------------------------------------------------- */

SCENE(without_a_descriptor_there_is_no_watch)
{
    struct rlimit before, limit;
    fm_path_watch *watch = NULL;
    int lowest = dup(0);
    close(lowest);
    getrlimit(RLIMIT_NOFILE, &before);
    limit = before;
    limit.rlim_cur = (rlim_t)lowest;
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &limit), 0);
    int rc = fm_path_watch_open(&watch);
    setrlimit(RLIMIT_NOFILE, &before);
    CHECK(rc == -EMFILE || test_under_valgrind());
    fm_path_watch_close(watch);
}

static void two_wait(void)
{
    struct listener self = {.watch = opened()};
    fm_task *task = fm_start(listener, &self);
    CHECK_INT(fm_yield(), 0);
    CHECK(task != NULL);
    fm_path_watch_next(self.watch, &self.event);
}

static void closed_under_one(void)
{
    struct listener self = {.watch = opened()};
    fm_task *task = fm_start(listener, &self);
    CHECK_INT(fm_yield(), 0);
    CHECK(task != NULL);
    fm_path_watch_close(self.watch);
}

static fm_path_watch *foreign;

static int take_foreign(void *arg)
{
    fm_path_event event;
    return arg == NULL ? fm_path_watch_next(foreign, &event)
                       : fm_select(fm_when_path(foreign), fm_when_after(0));
}

static void *other_loop(void *arg)
{
    fm_run(take_foreign, arg);
    return NULL;
}

static void use_elsewhere(void *arg)
{
    pthread_t thread;
    foreign = opened();
    CHECK_INT(pthread_create(&thread, NULL, other_loop, arg), 0);
    pthread_join(thread, NULL);
}

static void taken_elsewhere(void)
{
    use_elsewhere(NULL);
}

static void selected_elsewhere(void)
{
    use_elsewhere(&foreign);
}

TEST(a_watch_belongs_to_one_loop)
{
    CHECK_DOOMED(taken_elsewhere,
                 "fm_path_watch_next: the watch belongs to another loop");
    CHECK_DOOMED(selected_elsewhere,
                 "fm_when_path: the watch belongs to another loop");
}

TEST(two_tasks_that_wait_are_told_apart_by_a_sentence)
{
    CHECK_DOOMED(two_wait,
                 "fm_path_watch_next: another task waits for this watch");
    CHECK_DOOMED(closed_under_one,
                 "fm_path_watch_close: a task is in a call on this watch");
}

static void leaves_it_open(void)
{
    fm_path_watch *watch = opened();
    CHECK(fm_path_watch_add(watch, "/tmp", FM_PATH_CREATED) > 0);
}

TEST(a_watch_that_is_left_open_is_closed_with_the_loop_and_told)
{
    CHECK_INT(story_run(leaves_it_open, (fm_run_options){0}), 0);
    CHECK(story_heard(FM_REPORT_LEFT_OPEN) != NULL);
    story_silent(__FILE__, __LINE__);
}
