/*
 * sweep_paths.c - paths, whole trees, and what watches them
 *
 * Each scenario has a directory of its own, made and removed by plain calls,
 * and finds there afterwards what it promises: whatever went wrong.
 */
#include "fault/sweep.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char place[64];

static const char *in(const char *name)
{
    static char paths[4][128];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", place, name);
    return path;
}

static void put(const char *name, const char *text)
{
    int fd = open(in(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    sweep_state.noted += write(fd, text, strlen(text)) != (ssize_t)strlen(text);
    close(fd);
}

static bool says(const char *name, const char *text)
{
    char buf[16] = "";
    int fd = open(in(name), O_RDONLY | O_CLOEXEC);
    ssize_t size = fd >= 0 ? read(fd, buf, sizeof buf - 1) : -1;
    close(fd);
    return size >= 0 && strcmp(buf, text) == 0;
}

static unsigned count_entries(void)
{
    unsigned count = 0;
    DIR *directory = opendir(place);
    while (directory != NULL && readdir(directory) != NULL)
        count++;
    if (directory != NULL)
        closedir(directory);
    return count - 2;
}

static void begin(void)
{
    const char *memory = "/dev/shm/fermata-sweep-XXXXXX";
    snprintf(place, sizeof place, "%s", memory);
    if (mkdtemp(place) != NULL)
        return;
    snprintf(place, sizeof place, "%s", "/tmp/fermata-sweep-XXXXXX");
    sweep_state.noted += mkdtemp(place) == NULL;
}

static void end(void)
{
    sweep_state.noted += rmdir(place) < 0;
}

static const char *all_is_well(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "something is not as it was promised" : NULL;
}

/* ---- Files that take a place --------------------------------------------- */

static int replaces(void *arg)
{
    (void)arg;
    begin();
    put("a", "old");
    int rc = fm_path_replace(in("a"), "new", 3);
    sweep_state.noted += !says("a", rc == 0 ? "new" : "old");
    sweep_state.noted += count_entries() != 1;
    unlink(in("a"));
    end();
    return rc;
}

static int copies(void *arg)
{
    (void)arg;
    begin();
    put("a", "text");
    int rc = fm_path_copy(in("a"), in("b"));
    sweep_state.noted += rc == 0 ? !says("b", "text") : says("b", "");
    sweep_state.noted += count_entries() != (rc == 0 ? 2 : 1);
    unlink(in("a"));
    unlink(in("b"));
    end();
    return rc;
}

static int has_a_temporary_file(void *arg)
{
    (void)arg;
    begin();
    fm_file *file = NULL;
    int rc = fm_temporary_file(place, &file);
    int closed = fm_file_close(file);
    sweep_state.noted += count_entries() != 0;
    end();
    return rc < 0 ? rc : closed;
}

/* ---- Trees --------------------------------------------------------------- */

static void plant(void)
{
    sweep_state.noted += mkdir(in("t"), 0700) < 0;
    sweep_state.noted += mkdir(in("t/d"), 0700) < 0;
    sweep_state.noted += mkdir(in("t/d/e"), 0700) < 0;
    put("t/d/a", "");
    put("t/z", "");
}

static void fell(void)
{
    unlink(in("t/z"));
    unlink(in("t/d/a"));
    rmdir(in("t/d/e"));
    rmdir(in("t/d"));
    rmdir(in("t"));
}

static int removes(void *arg)
{
    (void)arg;
    begin();
    plant();
    int rc = fm_path_remove_tree(in("t"));
    sweep_state.noted += rc == 0 && count_entries() != 0;
    fell();
    end();
    return rc;
}

static int count_walk(unsigned *count)
{
    const fm_walk_options options = {.sorted = true};
    fm_walk *walk;
    fm_walk_entry entry;
    int rc = fm_walk_open(in("t"), &walk, &options);
    if (rc < 0)
        return rc;
    while ((rc = fm_walk_next(walk, &entry)) > 0)
        ++*count;
    fm_walk_close(walk);
    return rc;
}

static int walks(void *arg)
{
    unsigned count = 0;
    (void)arg;
    begin();
    plant();
    int rc = count_walk(&count);
    sweep_state.noted += rc == 0 && count != 4;
    fell();
    end();
    return rc;
}

static int lists(void *arg)
{
    fm_directory *directory;
    fm_directory_entry entry;
    unsigned count = 0;
    (void)arg;
    begin();
    plant();
    int rc = fm_directory_open(in("t"), &directory);
    if (rc == 0) {
        while ((rc = fm_directory_next(directory, &entry)) > 0)
            count++;
        fm_directory_close(directory);
    }
    sweep_state.noted += rc == 0 && count != 2;
    fell();
    end();
    return rc;
}

/* ---- Watches ------------------------------------------------------------- */

/* The simulator has none. */
static int hears_of_a_change(void)
{
    fm_path_watch *watch;
    fm_path_event event;
    int rc = fm_path_watch_open(&watch);
    if (rc < 0)
        return rc == -EOPNOTSUPP ? 0 : rc;
    rc = fm_path_watch_add(watch, place, FM_PATH_CREATED);
    if (rc > 0)
        put("a", "");
    if (rc > 0)
        rc = fm_select(fm_when_path(watch), fm_when_after(60));
    if (rc >= 0)
        rc = fm_path_watch_next(watch, &event);
    if (rc == 0)
        sweep_state.noted += strcmp(event.name, "a") != 0;
    fm_path_watch_close(watch);
    return rc;
}

static int watches(void *arg)
{
    (void)arg;
    begin();
    int rc = hears_of_a_change();
    unlink(in("a"));
    end();
    return rc;
}

/* ---- Logs ---------------------------------------------------------------- */

static ssize_t read_next(fm_tail *tail, const char *wanted)
{
    char line[16] = "";
    ssize_t size = fm_tail_line(tail, line, sizeof line);
    sweep_state.noted += size >= 0 && strcmp(line, wanted) != 0;
    return size;
}

/* Written, renamed and written anew; in the simulator nobody waits for it. */
static int read_log(void)
{
    fm_tail *tail;
    int rc = fm_tail_open(in("log"), &tail);
    if (rc == -EOPNOTSUPP)
        rc = fm_tail_open(in("log"), &tail, &(fm_tail_options){.stop = true});
    if (rc < 0)
        return rc;
    ssize_t size = read_next(tail, "one");
    sweep_state.noted += rename(in("log"), in("log.1")) < 0;
    put("log", "two\n");
    for (int i = 0; size >= 0 && i < 2; i++)
        size = read_next(tail, i == 0 ? "rest" : "two");
    fm_tail_close(tail);
    return size < 0 ? (int)size : 0;
}

static int tails(void *arg)
{
    (void)arg;
    begin();
    put("log", "one\nrest");
    int rc = read_log();
    unlink(in("log"));
    unlink(in("log.1"));
    end();
    return rc;
}

const struct scenario sweep_paths[] = {
    {"path-replace", replaces, .wrong = all_is_well},
    {"path-copy", copies, .wrong = all_is_well},
    {"path-temporary", has_a_temporary_file, .wrong = all_is_well},
    {"path-remove", removes, .wrong = all_is_well},
    {"path-walk", walks, .wrong = all_is_well},
    {"path-list", lists, .wrong = all_is_well},
    {"path-watch", watches, .wrong = all_is_well},
    {"path-tail", tails, .wrong = all_is_well},
    {.name = NULL},
};
