/*
 * tidying.c - files are written, copied, found and taken away again
 */
#include <fermata.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* [replace] */
/* Whoever reads the settings finds all of the old ones, or all of the new. */
static int save(const char *path, const char *text)
{
    return fm_path_replace(path, text, strlen(text));
}
/* [/replace] */

static int name(char path[FM_PATH_SIZE], const char *parent, const char *last)
{
    int size = snprintf(path, FM_PATH_SIZE, "%s/%s", parent, last);
    return size < FM_PATH_SIZE ? 0 : -ENAMETOOLONG;
}

static int fill(const char *place)
{
    char settings[FM_PATH_SIZE], kept[FM_PATH_SIZE], copy[FM_PATH_SIZE];
    int rc = name(settings, place, "settings");
    if (rc == 0)
        rc = name(kept, place, "kept/2026");
    if (rc == 0)
        rc = name(copy, place, "kept/2026/settings");
    if (rc == 0)
        rc = save(settings, "colour = blue\n");
    /* [copy] */
    if (rc == 0)
        rc = fm_path_mkdir(kept, &(fm_mkdir_options){.parents = true});
    if (rc == 0)
        rc = fm_path_copy(settings, copy);
    /* [/copy] */
    return rc < 0 ? rc : save(settings, "colour = green\n");
}

/* [walk] */
static int show(const char *place)
{
    const fm_walk_options options = {.sorted = true};
    fm_walk *walk;
    fm_walk_entry entry;
    int rc = fm_walk_open(place, &walk, &options);
    if (rc < 0)
        return rc;
    while ((rc = fm_walk_next(walk, &entry)) > 0) {
        const char *kind = S_ISDIR(entry.kind) ? "/" : "";
        printf("%u %s%s\n", entry.depth, entry.name, kind);
    }
    fm_walk_close(walk);
    return rc;
}
/* [/walk] */

/* [remove] */
static int story(void *arg)
{
    (void)arg;
    char place[FM_PATH_SIZE];
    int rc = fm_temporary_directory(NULL, place);
    if (rc < 0)
        return rc;
    rc = fill(place);
    if (rc == 0)
        rc = show(place);
    int removed = 0;
    FM_SHIELD(5) {
        removed = fm_path_remove_tree(place);
    }
    return rc < 0 ? rc : removed;
}
/* [/remove] */

int main(void)
{
    int rc = fm_run(story, NULL);
    if (rc < 0)
        fprintf(stderr, "tidying: %s\n", fm_strerror(rc));
    return rc < 0;
}
