/*
 * top_verb.c - fermata top: what it is asked for
 */
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

static int top_usage(void)
{
    fputs("usage: fermata top [--once] [--count N] [--interval SECONDS] "
          "[--json]\n"
          "                   [--groups | --tree] [--sort COLUMN] "
          "[--filter TEXT] PID\n",
          stderr);
    return VERB_USAGE;
}

static bool top_number(const char *text, double least, double most,
                       double *number)
{
    char *end;
    if (text == NULL || strchr("0123456789.", text[0]) == NULL ||
        text[0] == '\0')
        return false;
    *number = strtod(text, &end);
    return *end == '\0' && *number >= least && *number <= most;
}

static bool top_whole(const char *text, double *number)
{
    return top_number(text, 1, INT_MAX, number) &&
           (double)(int)*number == *number;
}

static bool top_filter_word(struct top_view *view, const char *word)
{
    if (word == NULL || strlen(word) >= sizeof view->filter)
        return false;
    snprintf(view->filter, sizeof view->filter, "%s", word);
    return true;
}

/* Options that take a word; whether it is one of them and the word is right. */
static bool top_takes(struct top_request *self, const char *option,
                      const char *word)
{
    if (strcmp(option, "--count") == 0)
        return self->text = true, top_whole(word, &self->looks);
    if (strcmp(option, "--interval") == 0)
        return top_number(word, 0.01, 86400, &self->view->interval);
    if (strcmp(option, "--filter") == 0)
        return top_filter_word(self->view, word);
    if (strcmp(option, "--sort") != 0 || word == NULL)
        return false;
    self->column = top_column_called(word);
    return self->column < TOP_COLUMNS;
}

/* Those that take none. */
static bool top_alone(struct top_request *self, const char *option)
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

static bool top_understands(struct top_request *self, char **words)
{
    for (; *words != NULL; words++) {
        if (words[0][0] != '-') {
            if (self->pid > 0 || !top_whole(words[0], &self->pid))
                return false;
        } else if (!top_alone(self, words[0])) {
            if (!top_takes(self, words[0], words[1]))
                return false;
            words++;
        }
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

/* The first look was taken. */
static int top_print_looks(struct top *top, const struct top_request *self)
{
    for (;;) {
        int rc = self->json ? fm_picture_json(top_picture(top), stdout)
                            : top_write(top, stdout, top_paper());
        if (rc < 0 || fflush(stdout) != 0)
            return tell_failure("top", rc < 0 ? rc : -EIO);
        if ((double)top->count >= self->looks)
            return 0;
        top_rest(top->view.interval);
        rc = top_see(top);
        if (rc < 0)
            return tell_failure("top", rc);
        if (!self->json)
            putchar('\n');
    }
}

/* Without a screen there is only ASCII unless names are to be cut and counted
 * as what they are. */
static void top_speak(bool text)
{
    if (setlocale(LC_CTYPE, "") == NULL || (text && !top_unicode()))
        setlocale(LC_CTYPE, "C.UTF-8");
}

static int top_begin(struct top *top, const struct top_request *self)
{
    int rc = top_see(top);
    if (rc == 0)
        rc = self->text ? top_print_looks(top, self) : top_screen(top);
    else
        tell_failure("top", rc);
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
    if (!top_understands(&self, words))
        return top_usage();
    top_speak(self.text);
    int rc = top_source_open(&source, (int)self.pid);
    if (rc < 0) {
        fprintf(stderr, "fermata: top: %s\n",
                fm_inspect_explain(rc, (int)self.pid, text, sizeof text));
        return VERB_WRONG;
    }
    top.source = source;
    rc = top_begin(&top, &self);
    top_source_close(source);
    return tell_status(rc);
}
