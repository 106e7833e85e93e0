/*
 * on_change.c - runs a command for each file that was written
 *
 *   on_change DIRECTORY COMMAND [ARGUMENT...]
 *
 * The file is the command's last argument. Four run at once, and what one says
 * is printed when it has ended. On SIGINT all are asked to end.
 */
#include <errno.h>
#include <fermata.h>
#include <stdio.h>

#define AT_ONCE 4
#define WORDS 32
#define SAID (256 * 1024) /* bytes of one command */

struct settings {
    const char *directory;
    char **command;
    fm_stream *out;
};

/* A struct, to be copied to the task; a whole path would be too large. */
struct file {
    char name[FM_ENTRY_SIZE];
};

/* [react] */
struct react {
    const struct settings *settings;
    struct file file;
};

/* Its report is made also when it was cut. */
static int react(struct react *self)
{
    const fm_process_options options = {.err = FM_PROCESS_OUTPUT,
                                        .group = true};
    const char *argv[WORDS + 2] = {NULL};
    char path[FM_PATH_SIZE];
    fm_process_talk talk = {.limit = SAID};
    size_t count = 0;
    snprintf(path, sizeof path, "%s/%s", self->settings->directory,
             self->file.name);
    for (; count < WORDS && self->settings->command[count] != NULL; count++)
        argv[count] = self->settings->command[count];
    argv[count] = path;
    int status = fm_process_run(argv, &talk, &options);
    FM_SHIELD(1) {
        fm_printf(self->settings->out, "%s: %s\n%s", self->file.name,
                  status < 0   ? fm_strerror(status)
                  : status > 0 ? "failed"
                               : "done",
                  talk.output != NULL ? talk.output : "");
    }
    fm_process_talk_clear(&talk);
    return status == -ECANCELED ? status : 0;
}
/* [/react] */

/* [watch] */
static int watch_all(fm_path_watch *watch, const struct settings *settings)
{
    fm_path_event event;
    struct file file;
    int rc;
    FM_GROUP(group, rc, .limit = AT_ONCE) {
        while (rc == 0 && (rc = fm_path_watch_next(watch, &event)) == 0) {
            if (event.events & FM_PATH_LOST)
                fm_printf(settings->out, "too many at once: some are lost\n");
            if (event.name[0] == '\0' || event.events & FM_PATH_DIRECTORY)
                continue;
            snprintf(file.name, sizeof file.name, "%s", event.name);
            rc = fm_group_go(group, react, settings, file);
        }
    }
    return rc;
}
/* [/watch] */

static int on_change(void *arg)
{
    struct settings *settings = arg;
    fm_path_watch *watch = NULL;
    int rc = fm_stdout(&settings->out);
    if (rc < 0)
        return rc;
    rc = fm_path_watch_open(&watch);
    if (rc == 0)
        rc = fm_path_watch_add(watch, settings->directory,
                               FM_PATH_WRITTEN | FM_PATH_TO);
    if (rc > 0) {
        fm_printf(settings->out, "watching %s\n", settings->directory);
        rc = watch_all(watch, settings);
    }
    fm_path_watch_close(watch);
    FM_SHIELD(1) { /* else what the last ones said would be lost */
        fm_close(settings->out);
    }
    return rc;
}

int main(int argc, char **argv)
{
    if (argc < 3 || argc - 2 > WORDS) {
        fprintf(stderr, "on_change DIRECTORY COMMAND [ARGUMENT...]\n");
        return 2;
    }
    struct settings settings = {.directory = argv[1], .command = argv + 2};
    int rc = fm_run(on_change, &settings);
    if (rc < 0 && rc != -ECANCELED)
        fprintf(stderr, "%s: %s\n", argv[1], fm_strerror(rc));
    return rc < 0 && rc != -ECANCELED;
}
