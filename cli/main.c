/*
 * main.c - the `fermata` command: its verbs, and what it says of a wrong one
 */
#include <fermata.h>
#include <stdio.h>
#include <string.h>

enum {
    MAIN_WRONG = 1, /* what was looked at is not as it should be */
    MAIN_USAGE = 2
};

struct main_verb {
    const char *name;
    int (*run)(void);
};

static int main_doctor(void)
{
    return fm_doctor(stdout) > 0 ? MAIN_WRONG : 0;
}

static int main_help(void)
{
    puts("Fermata: asyncio for C\n"
         "\n"
         "  fermata doctor      what is found here, and what to mend\n"
         "  fermata --version   the version of the library\n"
         "  fermata --help      this page\n"
         "\n"
         "Exit status: 0 all is well, 1 there is something to mend,\n"
         "2 the command line was not understood.");
    return 0;
}

static int main_version(void)
{
    printf("fermata %s\n", fm_version());
    return 0;
}

static const struct main_verb main_verbs[] = {
    {"doctor", main_doctor}, {"--version", main_version}, {"--help", main_help},
    {"help", main_help},     {"-h", main_help},
};

static const struct main_verb *main_find(const char *name)
{
    for (size_t i = 0; i < sizeof main_verbs / sizeof main_verbs[0]; i++) {
        if (strcmp(main_verbs[i].name, name) == 0)
            return &main_verbs[i];
    }
    return NULL;
}

/* A page that nobody could read was not told. */
static int main_tell(const struct main_verb *verb)
{
    int status = verb->run();
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    fprintf(stderr, "fermata: cannot write to standard output\n");
    return MAIN_WRONG;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "--help";
    const struct main_verb *verb = main_find(name);
    if (verb == NULL) {
        fprintf(stderr,
                "fermata: there is no command \"%s\": see fermata "
                "--help\n",
                name);
        return MAIN_USAGE;
    }
    if (argc > 2) {
        fprintf(stderr, "fermata: %s takes no argument, but was given \"%s\"\n",
                name, argv[2]);
        return MAIN_USAGE;
    }
    return main_tell(verb);
}
