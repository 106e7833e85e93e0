/*
 * locals.c - a request's number, known to all that works for it
 */
#include <fermata.h>
#include <stdio.h>

/* [key] */
static fm_local request;

static void say(const char *text)
{
    const char *id = fm_local_get(&request);
    printf("[%s] %s\n", id != NULL ? id : "-", text);
}
/* [/key] */

/* [inherit] */
struct query {
    double seconds;
};

static int query(struct query *args)
{
    say("asks the database");
    return fm_sleep(args->seconds);
}

struct handle {
    const char *id;
    double seconds;
};

static int handle(struct handle *args)
{
    int rc = fm_local_set(&request, (void *)args->id);
    if (rc < 0)
        return rc;
    say("begins");
    rc = fm_await(fm_go(query, args->seconds)); /* inherits it */
    say("ends");
    return rc;
}
/* [/inherit] */

static int story(void *arg)
{
    (void)arg;
    int rc = fm_gather(fm_go(handle, "7f3a", 0.2), fm_go(handle, "91c0", 0.1));
    say("nobody set it here");
    return rc;
}

int main(void)
{
    return fm_run(story, NULL) < 0;
}
