/*
 * url_answers.c - what becomes of URLs, one a line, for whoever compares
 *
 *   url_answers [idna]
 *
 * With "idna" hosts may be names in other alphabets. A line is words in
 * hexadecimal, "-" for none: "parse TEXT BASE", or
 * "set URL PART VALUE". An answer is "!" or the parts.
 */
#include "http/idna.h"
#include "proto/percent.h"
#include "proto/url_parts.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    ANSWERS_LINE = 1 << 20
};

static const char *const answers_parts[] = {
    "protocol", "username", "password", "host", "hostname",
    "port",     "pathname", "search",   "hash",
};

/* The next word, decoded in place; false: "-". */
static bool answers_word(char **line, struct fm__slice *word)
{
    char *text = strsep(line, " \n");
    if (text == NULL || strcmp(text, "-") == 0)
        return false;
    size_t size = strlen(text) / 2;
    for (size_t i = 0; i < size; i++)
        text[i] = (char)(fm__hex_digit(text[2 * i]) << 4 |
                         fm__hex_digit(text[2 * i + 1]));
    *word = (struct fm__slice){text, size};
    return true;
}

static void answers_show(const char *name, struct fm__slice value)
{
    printf("%s=", name);
    for (size_t i = 0; i < value.size; i++)
        printf("%02x", (unsigned char)value.at[i]);
    putchar(' ');
}

static void answers_tell(const struct fm__url *url)
{
    char text[65536];
    struct fm__pen pen = {text, text + sizeof text, false};
    fm__url_write(url, true, &pen);
    answers_show("href", fm__pen_since(&pen, text));
    answers_show("scheme", url->scheme);
    answers_show("username", url->username);
    answers_show("password", url->password);
    answers_show("hostname", url->host);
    answers_show("path", url->path);
    answers_show("query", url->query);
    answers_show("fragment", url->fragment);
    printf("port=%d opaque=%d\n", url->port, url->opaque);
}

static int answers_set(char *line, struct fm__url *url,
                       struct fm__url_desk *desk)
{
    const char *name = strsep(&line, " \n");
    struct fm__slice value = FM__SLICE("");
    answers_word(&line, &value);
    for (size_t i = 0; i < FM__COUNT(answers_parts); i++)
        if (strcmp(name, answers_parts[i]) == 0)
            fm__url_set(url, (enum fm__url_part)i, value, desk);
    return 0;
}

static int answers_answer(char *line, struct fm__url *url,
                          struct fm__url_desk *desk)
{
    struct fm__slice text = FM__SLICE(""), other;
    struct fm__url base;
    bool set = strcmp(strsep(&line, " \n"), "set") == 0;
    answers_word(&line, &text);
    if (set) {
        int rc = fm__url_parse(url, text, NULL, desk);
        return rc < 0 ? rc : answers_set(line, url, desk);
    }
    if (!answers_word(&line, &other))
        return fm__url_parse(url, text, NULL, desk);
    int rc = fm__url_parse(&base, other, NULL, desk);
    return rc < 0 ? rc : fm__url_parse(url, text, &base, desk);
}

int main(int argc, char **argv)
{
    bool idna = argc > 1 && strcmp(argv[1], "idna") == 0;
    char *line = malloc(ANSWERS_LINE), *memory = malloc(ANSWERS_LINE);
    while (fgets(line, ANSWERS_LINE, stdin) != NULL) {
        struct fm__url url;
        struct fm__url_desk desk = {{memory, memory + ANSWERS_LINE, false},
                                    idna ? fm__idna_to_ascii : NULL};
        if (answers_answer(line, &url, &desk) < 0)
            puts("!");
        else
            answers_tell(&url);
    }
    free(memory);
    free(line);
    return 0;
}
