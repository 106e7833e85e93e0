/*
 * watching.c - a task is told when a file is replaced
 */
#include <fermata.h>
#include <stdio.h>
#include <string.h>

/* [watch] */
struct guard {
    fm_path_watch *watch;
};

/* Until the settings are new, or may be. */
static int guard(struct guard *self)
{
    fm_path_event event;
    int rc;
    while ((rc = fm_path_watch_next(self->watch, &event)) == 0) {
        if (event.events & FM_PATH_LOST)
            break;
        if (strcmp(event.name, "settings") == 0)
            break;
    }
    if (rc == 0)
        printf("the settings are to be read again\n");
    return rc;
}

static int change(const char *place, const char *settings)
{
    fm_path_watch *watch;
    int rc = fm_path_watch_open(&watch);
    if (rc < 0)
        return rc;
    rc = fm_path_watch_add(watch, place, FM_PATH_TO);
    if (rc > 0) {
        fm_task *task = fm_go(guard, watch);
        rc = fm_path_replace(settings, "colour = red\n", 13);
        int heard = rc < 0 ? fm_stop(task) : fm_await(task);
        rc = rc < 0 ? rc : heard;
    }
    fm_path_watch_close(watch);
    return rc;
}
/* [/watch] */

static int story(void *arg)
{
    (void)arg;
    char place[FM_PATH_SIZE], settings[FM_PATH_SIZE + 16];
    int rc = fm_temporary_directory(NULL, place);
    if (rc < 0)
        return rc;
    snprintf(settings, sizeof settings, "%s/settings", place);
    rc = change(place, settings);
    int removed = 0;
    FM_SHIELD(5) {
        removed = fm_path_remove_tree(place);
    }
    return rc < 0 ? rc : removed;
}

int main(void)
{
    int rc = fm_run(story, NULL);
    if (rc == -EOPNOTSUPP) {
        printf("nothing is watched in the simulator\n");
        return 0;
    }
    if (rc < 0)
        fprintf(stderr, "watching: %s\n", fm_strerror(rc));
    return rc < 0;
}
