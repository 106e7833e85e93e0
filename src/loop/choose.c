/*
 * choose.c - options, then FERMATA_BACKEND and FERMATA_SEED, then what is best
 */
#include "loop/choose.h"

#include "base/die.h"
#include "loop/uring_probe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint64_t choose_seed(void)
{
    const char *text = getenv("FERMATA_SEED");
    uint64_t seed = text != NULL ? strtoull(text, NULL, 0) : 0;
    return seed != 0 ? seed : 1;
}

int fm__loop_choose(struct fm__loop *loop, const char *name, uint64_t seed)
{
    if (name == NULL)
        name = getenv("FERMATA_BACKEND");
    if (name != NULL && *name == '\0')
        name = NULL;
    int rc = fm__loop_open(loop, name, seed != 0 ? seed : choose_seed());
    if (rc == -EINVAL && name != NULL)
        fm__say("no backend is called \"%s\": there are auto, uring, epoll "
                "and sim",
                name);
    else if (rc < 0 && name != NULL && strcmp(name, "uring") == 0)
        fm__say("the backend uring cannot be had: %s", fm__uring_refusal(rc));
    return rc;
}

bool fm__wished(const char *variable)
{
    const char *text = getenv(variable);
    return text != NULL && *text != '\0' && strcmp(text, "0") != 0;
}
