/*
 * plugin.c - a shared object with the library inside, loaded while it runs
 */
#include "fermata.h"

int plugin(const char **version);

static int answer(void *arg)
{
    (void)arg;
    int rc = fm_sleep(0);
    return rc < 0 ? rc : 42;
}

int plugin(const char **version)
{
    *version = fm_version();
    return fm_run(answer, NULL);
}
