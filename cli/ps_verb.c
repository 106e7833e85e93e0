/*
 * ps_verb.c - fermata ps and fermata pstree: the tasks of a program
 */
#include "choice.h"
#include "looked.h"
#include "stacks.h"
#include "verbs.h"

#include <errno.h>
#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct ps {
    bool tree;
    const char *subject;
    bool json;
    bool stack;
    bool all;
    struct choice choice;
};

/* ---- The command line --------------------------------------------------- */

/* The value of an option that has one, --sort KEY or --sort=KEY; `words` then
 * stands at its last word. NULL: it is another option, or there is none. */
static const char *ps_value(char ***words, const char *option)
{
    const char *word = **words;
    size_t size = strlen(option);
    if (strncmp(word, option, size) != 0)
        return NULL;
    if (word[size] == '=')
        return word + size + 1;
    if (word[size] != '\0' || (*words)[1] == NULL)
        return NULL;
    return *++*words;
}

static bool ps_refuse(const char *option, const char *value, const char *known)
{
    fprintf(stderr, "fermata: %s is %s, and not \"%s\"\n", option, known,
            value);
    return false;
}

static bool ps_take_choice(struct ps *self, char ***words)
{
    const char *value = ps_value(words, "--sort");
    if (value != NULL)
        return choice_set_sort(&self->choice, value) ||
               ps_refuse("--sort", value, CHOICE_SORTS);
    value = ps_value(words, "--state");
    if (value != NULL)
        return choice_set_state(&self->choice, value) ||
               ps_refuse("--state", value, CHOICE_STATES);
    value = ps_value(words, "--name");
    if (value != NULL)
        self->choice.name = value;
    return value != NULL;
}

static bool ps_take(struct ps *self, char ***words)
{
    const char *word = **words;
    if (strcmp(word, "--json") == 0)
        return self->json = true;
    if (strcmp(word, "--stack") == 0)
        return self->stack = true;
    if (self->tree && strcmp(word, "--all") == 0)
        return self->all = true;
    if (!self->tree && *word == '-')
        return ps_take_choice(self, words);
    if (*word == '-' || *word == '\0' || self->subject != NULL)
        return false;
    self->subject = word;
    return true;
}

static bool ps_read(struct ps *self, char **words)
{
    for (; *words != NULL; words++) {
        if (!ps_take(self, &words))
            return false;
    }
    return self->subject != NULL;
}

/* ---- What is written ---------------------------------------------------- */

static bool ps_coloured(void)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return (no == NULL || *no == '\0') && term != NULL &&
           strcmp(term, "dumb") != 0;
}

/* A terminal breaks long lines; whatever else reads them wants them whole. */
static void ps_suit(fm_picture_options *options)
{
    struct winsize size = {0};
    if (!isatty(STDOUT_FILENO))
        return;
    options->colours = ps_coloured();
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        options->width = size.ws_col;
}

static int ps_write(const struct ps *self, const fm_picture *picture,
                    fm_picture_options *options)
{
    if (self->json)
        return fm_picture_json(picture, stdout, options);
    ps_suit(options);
    if (self->tree)
        return fm_picture_tree(picture, stdout, options);
    return fm_picture_table(picture, stdout, options);
}

static int ps_put(struct ps *self, const struct looked *looked,
                  const fm_picture *picture)
{
    fm_picture_options options = {
        .unfold = self->all,
        .order = self->choice.order,
        .count = self->choice.count,
    };
    int rc = self->stack ? stacks_open(&options, looked) : 0;
    if (rc < 0)
        return rc;
    rc = ps_write(self, picture, &options);
    stacks_close(&options);
    if (rc == -EIO)
        return rc; /* main tells of an output that has failed */
    return tell_failure(self->subject, rc);
}

/* What is skipped of a core file was not read because it is not in it, or makes
 * no sense. */
static void ps_warn(const struct looked *looked, const fm_picture *picture)
{
    if (looked->core != NULL && picture->skipped > 0)
        fprintf(stderr,
                "fermata: %s lacks the stacks of tasks (%zu), as those by "
                "gcore(1) may; the kernel's have them, and those by gdb's "
                "\"fm gcore\"\n",
                looked->core, picture->skipped);
}

static int ps_show(struct ps *self, struct looked *looked)
{
    const fm_picture *picture;
    int rc = looked_look(looked, &picture);
    if (rc < 0)
        return rc;
    ps_warn(looked, picture);
    rc = choice_make(&self->choice, picture);
    rc = rc == 0 ? ps_put(self, looked, picture)
                 : tell_failure(self->subject, rc);
    choice_close(&self->choice);
    return rc;
}

static int ps_run(struct ps *self, char **words)
{
    struct looked looked;
    if (!ps_read(self, words))
        return VERB_USAGE;
    int rc = looked_open(&looked, self->subject);
    if (rc < 0)
        return VERB_WRONG;
    rc = ps_show(self, &looked);
    looked_close(&looked);
    return rc < 0 ? VERB_WRONG : 0;
}

int ps_verb(char **words)
{
    struct ps self = {.tree = false};
    return ps_run(&self, words);
}

int pstree_verb(char **words)
{
    struct ps self = {.tree = true};
    return ps_run(&self, words);
}
