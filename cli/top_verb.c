/*
 * top_verb.c - fermata top: what it is asked for
 */
#include "glyphs.h"
#include "top.h"
#include "verbs.h"

#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define TOP_PAPER 200 /* columns of what is no terminal */

struct top_request {
    double pid;
    double looks; /* 0: until it is told to end */
    bool text;    /* on no screen */
    bool json;
    enum top_column column; /* TOP_COLUMNS: that of the mode */
    struct top_view *view;
};

static bool top_number(const char *text, double least, double most,
                       double *number)
{
    char *end;
    if (text[0] == '\0' || strchr("0123456789.", text[0]) == NULL)
        return false;
    *number = strtod(text, &end);
    return *end == '\0' && *number >= least && *number <= most;
}

static bool top_whole(const char *text, double *number)
{
    return text[strspn(text, "0123456789")] == '\0' &&
           top_number(text, 1, INT_MAX, number);
}

static bool top_set_filter(struct top_request *self, const char *word)
{
    size_t room = sizeof self->view->filter;
    snprintf(self->view->filter, room, "%s", word);
    return strlen(word) < room;
}

static bool top_set_sort(struct top_request *self, const char *word)
{
    self->column = top_column_called(word);
    return self->column < TOP_COLUMNS;
}

static bool top_set_state(struct top_request *self, const char *word)
{
    int *state = &self->view->state;
    for (*state = TOP_ALL; *state < TOP_STATES; ++*state)
        if (strcmp(top_state(*state), word) == 0)
            return true;
    return false;
}

static bool top_set_count(struct top_request *self, const char *word)
{
    self->text = true;
    return top_whole(word, &self->looks);
}

static bool top_set_interval(struct top_request *self, const char *word)
{
    return top_number(word, 0.01, 86400, &self->view->interval);
}

struct top_option {
    const char *name;
    bool (*set)(struct top_request *self, const char *word);
    const char *known; /* what it takes */
};

static const struct top_option top_options[] = {
    {"--count", top_set_count, "a number of looks"},
    {"--filter", top_set_filter, "a short text"},
    {"--interval", top_set_interval, "0.01 or more seconds, up to a day"},
    {"--sort", top_set_sort,
     "start, name, tasks, state, wait, waited, turns, cpu, stack or place"},
    {"--state", top_set_state,
     "all, running, ready, waiting, ended, deadlock or cancelled"},
};

/* Options that have a value, --sort KEY or --sort=KEY. Says what is wrong with
 * that. */
static bool top_take_value(struct top_request *self, char ***words)
{
    const char *word = **words, *value;
    for (size_t i = 0; i < sizeof top_options / sizeof top_options[0]; i++) {
        const struct top_option *option = &top_options[i];
        size_t size = strlen(option->name);
        if (strncmp(word, option->name, size) != 0 ||
            (word[size] != '=' && word[size] != '\0'))
            continue;
        value = word[size] == '=' ? word + size + 1 : *++*words;
        if (value == NULL)
            return false;
        if (!option->set(self, value))
            fprintf(stderr, "fermata: %s is %s, and not \"%s\"\n", option->name,
                    option->known, value);
        else
            return true;
    }
    return false;
}

/* Those that have none. */
static bool top_take(struct top_request *self, const char *option)
{
    if (strcmp(option, "--once") == 0) {
        self->looks = 1;
        self->text = true;
    } else if (strcmp(option, "--json") == 0)
        self->json = self->text = true;
    else if (strcmp(option, "--groups") == 0)
        self->view->mode = TOP_GROUPS;
    else if (strcmp(option, "--tree") == 0)
        self->view->mode = TOP_TREE;
    else
        return false;
    return true;
}

/* A core file stands still: there is nothing to watch. */
static bool top_take_pid(struct top_request *self, const char *word)
{
    if (self->pid == 0 && top_whole(word, &self->pid))
        return true;
    if (self->pid == 0)
        fprintf(stderr,
                "fermata: top takes the pid of a program that runs, and not "
                "\"%s\"; ps also takes a core file\n",
                word);
    return false;
}

static bool top_read(struct top_request *self, char **words)
{
    for (; *words != NULL; words++) {
        bool taken = words[0][0] == '-' ? top_take(self, *words) ||
                                              top_take_value(self, &words)
                                        : top_take_pid(self, *words);
        if (!taken)
            return false;
    }
    if (self->column < TOP_COLUMNS)
        top_sort_by(self->view, self->column);
    if (self->json && self->looks == 0)
        self->looks = 1;
    return self->pid > 0;
}

static size_t top_paper(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return TOP_PAPER;
    return size.ws_col;
}

static void top_rest(double seconds)
{
    struct timespec left = {.tv_sec = (time_t)seconds};
    left.tv_nsec = (long)((seconds - (double)left.tv_sec) * 1e9);
    while (nanosleep(&left, &left) < 0 && errno == EINTR)
        ;
}

static int top_tell(int rc)
{
    if (rc == -ESRCH)
        fputs("fermata: top: the program has ended\n", stderr);
    else if (rc == -EPROTO)
        fputs("fermata: top: what the program was is gone: has it become "
              "another, by exec?\n",
              stderr);
    else
        tell_failure("top", rc);
    return rc;
}

/* The first look was taken. */
static int top_print_looks(struct top *top, const struct top_request *self)
{
    for (;;) {
        int rc = self->json ? fm_picture_json(top_picture(top), stdout)
                            : top_write(top, stdout, top_paper());
        if (fflush(stdout) != 0 || rc == -EIO)
            return -EIO; /* main tells of an output that has failed */
        if (rc < 0)
            return tell_failure("top", rc);
        if ((double)top->count >= self->looks)
            return 0;
        do {
            top_rest(top->view.interval);
            rc = top_see(top);
        } while (rc == -ENODATA);
        if (rc < 0)
            return top_tell(rc);
        if (!self->json)
            putchar('\n');
    }
}

static int top_begin(struct top *top, const struct top_request *self)
{
    int rc = top_see(top);
    if (rc == 0)
        rc = self->text ? top_print_looks(top, self) : top_screen(top);
    else
        top_tell(rc);
    top_fini(top);
    return rc;
}

int top_verb(char **words)
{
    static struct top top;
    struct top_request self = {.view = &top.view, .column = TOP_COLUMNS};
    struct top_source *source;
    char text[512];
    top_init(&top, NULL);
    if (!top_read(&self, words))
        return VERB_USAGE;
    /* Names are bytes to whom reads a text, in whatever locale. */
    if (self.text && !glyphs_unicode())
        setlocale(LC_CTYPE, "C.UTF-8");
    int rc = top_source_open(&source, (int)self.pid);
    if (rc < 0) {
        fprintf(stderr, "fermata: %s\n",
                fm_inspect_explain(rc, (int)self.pid, text, sizeof text));
        return VERB_WRONG;
    }
    top.source = source;
    rc = top_begin(&top, &self);
    top_source_close(source);
    return tell_status(rc);
}
