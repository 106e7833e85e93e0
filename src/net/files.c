/*
 * files.c - the files of a resolver, read on a thread
 *
 * One task looks and the others wait for it. What it hands to the thread is
 * memory of its own, so it may be cut, and leaves the thread to itself. A file
 * that is not there, or cannot be read, is an empty one.
 */
#include "base/memory.h"
#include "base/sys.h"
#include "net/resolver.h"

#include <errno.h>
#include <fermata/thread.h>
#include <string.h>
#include <sys/stat.h>

#define FILES_FRESH INT64_C(1000000000) /* ns until the next look */

enum {
    FILES_TEXT_MAX = 65536,   /* bytes of a configuration */
    FILES_HOSTS_MAX = 4194304 /* bytes of hosts; more are not read */
};

/* One look, on the thread. */
struct files_look {
    char *paths[FM__FILES];
    struct fm__stamp before[FM__FILES];
    bool first;
    struct fm__settings settings;
    struct fm__files *made; /* NULL: nothing has changed */
    char text[];            /* the paths' */
};

void fm__files_put(struct fm__files *files)
{
    if (files == NULL || --files->users > 0)
        return;
    fm__hosts_fini(&files->hosts);
    fm__memory_free(files->hosts_text);
    fm__memory_free(files);
}

static void files_abandon(void *arg)
{
    struct files_look *look = arg;
    fm__files_put(look->made);
    fm__memory_free(look);
}

static struct fm__stamp files_stamp(const char *path)
{
    struct stat found;
    struct fm__stamp stamp = {.size = 0};
    if (path[0] == '\0' || fm__sys_stat(path, &found) < 0 ||
        !S_ISREG(found.st_mode))
        return stamp;
    stamp.changed = found.st_mtim;
    stamp.inode = found.st_ino;
    stamp.size = (uint64_t)found.st_size;
    return stamp;
}

static bool files_same(const struct fm__stamp *a, const struct fm__stamp *b)
{
    return a->inode == b->inode && a->size == b->size &&
           a->changed.tv_sec == b->changed.tv_sec &&
           a->changed.tv_nsec == b->changed.tv_nsec;
}

/* A text that ends with a NUL and has no other; 0 or -ENOMEM. */
static int files_slurp(const char *path, const struct fm__stamp *stamp,
                       size_t most, char **out)
{
    size_t size = stamp->size < most ? (size_t)stamp->size : most;
    char *text = fm__memory_new(size + 2);
    if (text == NULL)
        return -ENOMEM;
    ssize_t got = stamp->size > 0 ? fm__sys_slurp(path, text, size + 1) : 0;
    while (stamp->size > most && got > 0 && text[got - 1] != '\n')
        got--; /* half a line */
    for (ssize_t i = 0; i < got; i++) {
        if (text[i] == '\0')
            text[i] = '\n';
    }
    text[got > 0 ? got : 0] = '\0';
    *out = text;
    return 0;
}

static int files_settings(struct files_look *look, enum fm__file which,
                          void (*parse)(struct fm__settings *settings,
                                        char *text))
{
    char *text;
    struct fm__files *made = look->made;
    int rc = files_slurp(look->paths[which], &made->stamps[which],
                         FILES_TEXT_MAX, &text);
    if (rc < 0)
        return rc;
    parse(&made->settings, text);
    fm__memory_free(text);
    return 0;
}

static int files_read(struct files_look *look)
{
    struct fm__files *made = look->made;
    int rc = files_settings(look, FM__FILE_SETTINGS, fm__settings_read);
    if (rc == 0)
        rc = files_settings(look, FM__FILE_SWITCHES, fm__settings_switch);
    if (rc == 0)
        rc = files_slurp(look->paths[FM__FILE_HOSTS],
                         &made->stamps[FM__FILE_HOSTS], FILES_HOSTS_MAX,
                         &made->hosts_text);
    return rc == 0 ? fm__hosts_read(&made->hosts, made->hosts_text) : rc;
}

/* On the thread, or with no file to read where the task is. */
static int files_run(void *arg)
{
    struct files_look *look = arg;
    struct fm__stamp now[FM__FILES];
    bool same = !look->first;
    for (size_t i = 0; i < FM__FILES; i++) {
        now[i] = files_stamp(look->paths[i]);
        same = same && files_same(&now[i], &look->before[i]);
    }
    if (same)
        return 0;
    look->made = fm__memory_new(sizeof *look->made);
    if (look->made == NULL)
        return -ENOMEM;
    look->made->users = 1;
    look->made->settings = look->settings;
    memcpy(look->made->stamps, now, sizeof now);
    return files_read(look);
}

static struct files_look *files_look_new(const fm_resolver *resolver)
{
    size_t size = 0;
    for (size_t i = 0; i < FM__FILES; i++)
        size += strlen(resolver->paths[i]) + 1;
    struct files_look *look = fm__memory_new(sizeof *look + size);
    if (look == NULL)
        return NULL;
    char *text = look->text;
    for (size_t i = 0; i < FM__FILES; i++) {
        look->paths[i] = text;
        text = fm__name_put(text, resolver->paths[i]) + 1;
    }
    look->settings = resolver->settings;
    look->first = resolver->files == NULL;
    if (!look->first)
        memcpy(look->before, resolver->files->stamps, sizeof look->before);
    return look;
}

static bool files_none(const fm_resolver *resolver)
{
    for (size_t i = 0; i < FM__FILES; i++) {
        if (resolver->paths[i][0] != '\0')
            return false;
    }
    return true;
}

/* Without a server the machine's own is asked (resolv.conf(5)); unless there
 * shall be no configuration. */
static void files_take(fm_resolver *resolver, struct files_look *look)
{
    struct fm__settings *settings = &look->made->settings;
    if (!settings->given && settings->server_count == 0 &&
        resolver->paths[FM__FILE_SETTINGS][0] != '\0')
        (void)fm__settings_servers(settings, "127.0.0.1:53");
    fm__files_put(resolver->files);
    resolver->files = look->made;
    look->made = NULL;
}

static int files_look(fm_resolver *resolver)
{
    static const fm_thread_options options = {.abandon = files_abandon};
    struct files_look *look = files_look_new(resolver);
    if (look == NULL)
        return -ENOMEM;
    int rc = files_none(resolver) ? files_run(look)
                                  : fm_thread_run(files_run, look, &options);
    if (rc == -ECANCELED || rc == -ETIMEDOUT)
        return rc;
    if (rc == 0 && look->made != NULL)
        files_take(resolver, look);
    if (rc == 0)
        resolver->looked = fm__loop_now(resolver->loop);
    files_abandon(look);
    return rc;
}

static bool files_fresh(const fm_resolver *resolver)
{
    if (resolver->files == NULL)
        return false;
    return files_none(resolver) ||
           fm__loop_now(resolver->loop) - resolver->looked < FILES_FRESH;
}

static const struct fm__wait_kind files_kind = {
    .cut = fm__park_cut,
    .name = "resolve",
};

static int files_wait(fm_resolver *resolver)
{
    struct fm__queued queued;
    if (resolver->looking)
        return fm__park_in(&resolver->looks, &queued, &files_kind);
    resolver->looking = true;
    int rc = files_look(resolver);
    resolver->looking = false;
    while (fm__wake_first(&resolver->looks, 0))
        ;
    return rc;
}

int fm__files_get(fm_resolver *resolver, struct fm__files **files)
{
    while (!files_fresh(resolver)) {
        int rc = fm__checkpoint(fm__current, "fm_resolve");
        if (rc == 0)
            rc = files_wait(resolver);
        if (rc < 0)
            return rc;
    }
    *files = resolver->files;
    resolver->files->users++;
    return 0;
}
