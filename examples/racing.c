/*
 * racing.c - the fastest of several ways, and no more of them than needed
 */
#include <fermata.h>
#include <stdio.h>

/* [mirror] */
struct mirror {
    const char *name;
    double seconds;
    int result;
};

/* Stands for a connection: it succeeds with `result`, or fails with it. */
static int mirror(struct mirror *self)
{
    printf("asking %s\n", self->name);
    int rc = fm_sleep(self->seconds);
    if (rc == 0 && self->result < 0)
        printf("%s: %s\n", self->name, fm_strerror(self->result));
    return rc < 0 ? rc : self->result;
}
/* [/mirror] */

/* [race] */
static int race(const struct mirror *mirrors, int count)
{
    int rc;
    FM_GROUP(g, rc, .policy = FM_FIRST_SUCCESS, .stagger = 0.25) {
        for (int i = 0; rc == 0 && i < count; i++)
            rc = fm_group_go(g, mirror, mirrors[i].name, mirrors[i].seconds,
                             mirrors[i].result);
    }
    return rc;
}
/* [/race] */

static int story(void *arg)
{
    static const struct mirror mirrors[] = {
        {"the one that is down", 0.05, -ECONNREFUSED},
        {"the slow one", 5, 1},
        {"the fast one", 0.1, 2},
        {"the one that nobody needs", 0.1, 3},
    };
    (void)arg;
    int winner = race(mirrors, 4);
    printf("mirror %d answered\n", winner);
    return winner < 0 ? winner : 0;
}

int main(void)
{
    return fm_run(story, NULL) < 0;
}
