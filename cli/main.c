/*
 * main.c - the `fermata` command: its verbs, and what it says of a wrong one
 */
#include "verbs.h"

#include <fermata.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

struct main_verb {
    const char *name;
    int (*run)(char **words);
    const char *usage; /* or NULL */
};

/* For those that take no argument: whether there is one. */
static bool main_refuses(const char *name, char *const *words)
{
    if (words[0] == NULL)
        return false;
    fprintf(stderr, "fermata: %s takes no argument, but was given \"%s\"\n",
            name, words[0]);
    return true;
}

static int main_doctor(char **words)
{
    bool json = words[0] != NULL && strcmp(words[0], "--json") == 0;
    if (main_refuses(json ? "doctor --json" : "doctor", words + json))
        return VERB_USAGE;
    int wrong = json ? fm_doctor_json(stdout) : fm_doctor(stdout);
    return wrong > 0 ? VERB_WRONG : 0;
}

static int main_help(char **words)
{
    if (main_refuses("help", words))
        return VERB_USAGE;
    puts(
        "Fermata: asyncio for C\n"
        "\n"
        "  fermata run FILE.c [ARGUMENT...]\n"
        "                      compile a program, unless it was, and run it\n"
        "  fermata new NAME    make a small project, with a test\n"
        "  fermata ps PID      the tasks of a program that runs, or of a core\n"
        "                      file: what they wait for, and how long\n"
        "  fermata pstree PID  the same as a tree of who owns whom\n"
        "  fermata top PID     the same on a screen, again and again\n"
        "  fermata doctor      what is found here, and what to mend\n"
        "  fermata --version   the version of the library\n"
        "  fermata --help      this page; man fermata says more\n"
        "\n"
        "Behind a command --help says how that one is used.\n"
        "\n"
        "Exit status: that of the program; else 0 all is well, 1 there is\n"
        "something to mend, 2 the command line was not understood.");
    return 0;
}

static int main_version(char **words)
{
    if (main_refuses("--version", words))
        return VERB_USAGE;
    printf("fermata %s\n", fm_version());
    return 0;
}

static const struct main_verb main_verbs[] = {
    {"run", run_verb, "run FILE.c [ARGUMENT...]"},
    {"new", new_verb, "new NAME"},
    {"doctor", main_doctor, "doctor [--json]"},
    {"ps", ps_verb,
     "ps PID|CORE [--sort KEY] [--state STATE] [--name WORD]\n"
     "                  [--stack] [--json]"},
    {"pstree", pstree_verb, "pstree PID|CORE [--all] [--stack] [--json]"},
    {"top", top_verb,
     "top [--once] [--count N] [--interval SECONDS] [--json]\n"
     "                   [--groups] [--tree] [--sort KEY] [--state STATE]\n"
     "                   [--filter TEXT] PID"},
    {"--version", main_version, NULL},
    {"--help", main_help, NULL},
    {"help", main_help, NULL},
    {"-h", main_help, NULL},
};

static const struct main_verb *main_find(const char *name)
{
    for (size_t i = 0; i < sizeof main_verbs / sizeof main_verbs[0]; i++) {
        if (strcmp(main_verbs[i].name, name) == 0)
            return &main_verbs[i];
    }
    return NULL;
}

static bool main_asks(const char *word)
{
    return word != NULL &&
           (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0);
}

static int main_do(const struct main_verb *verb, char **words)
{
    bool asked = verb->usage != NULL && main_asks(words[0]);
    int status = asked ? 0 : verb->run(words);
    if (asked || (verb->usage != NULL && status == VERB_USAGE))
        fprintf(asked ? stdout : stderr, "usage: fermata %s\n", verb->usage);
    return status;
}

/* A page that nobody could read was not told. */
static int main_tell(const struct main_verb *verb, char **words)
{
    int status = main_do(verb, words);
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    fprintf(stderr, "fermata: cannot write to standard output\n");
    return VERB_WRONG;
}

int main(int argc, char **argv)
{
    static char *nothing[] = {NULL};
    const char *name = argc > 1 ? argv[1] : "--help";
    const struct main_verb *verb = main_find(name);
    if (verb == NULL) {
        fprintf(stderr,
                "fermata: there is no command \"%s\": see fermata "
                "--help\n",
                name);
        return VERB_USAGE;
    }
    /* So that names in UTF-8 have their widths, and where that locale is not
     * installed too. */
    if (setlocale(LC_CTYPE, "") == NULL)
        setlocale(LC_CTYPE, "C.UTF-8");
    return main_tell(verb, argc > 1 ? argv + 2 : nothing);
}
