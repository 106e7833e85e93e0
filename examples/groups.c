/*
 * groups.c - a limit, all or nothing, and the first answer wins
 */
#include <fermata.h>
#include <stdio.h>

/* Takes its time, then ends with `result`. */
struct job {
    const char *name;
    double seconds;
    int result;
};

static int job(struct job *args)
{
    printf("  %s begins\n", args->name);
    int rc = fm_sleep(args->seconds);
    if (rc == 0)
        rc = args->result;
    printf("  %s: %s\n", args->name, rc > 0 ? "answers" : fm_strerror(rc));
    return rc;
}

/* [limit] */
/* The third start waits until a member has ended: nobody is flooded. */
static int two_at_a_time(void)
{
    static const char *const dishes[] = {"rice", "lentils", "bread"};
    int rc;
    FM_GROUP(g, rc, .limit = 2) {
        for (int i = 0; rc == 0 && i < 3; i++)
            rc = fm_group_go(g, job, dishes[i], .seconds = i == 1 ? 0.4 : 0.1);
    }
    return rc;
}
/* [/limit] */

/* [fail] */
/* The first failure cancels the others and cuts the block's own calls. */
static int all_or_nothing(void)
{
    int rc;
    FM_GROUP(g, rc) {
        rc = fm_group_go(g, job, "debit", .seconds = 60);
        if (rc == 0)
            rc = fm_group_go(g, job, "credit", 0.1, .result = -EIO);
        if (rc == 0)
            rc = fm_sleep(60);
    }
    return rc;
}
/* [/fail] */

/* [race] */
/* The first success cancels the others; what it returned is the result. */
static int first_answer(void)
{
    int rc;
    FM_GROUP(g, rc, .policy = FM_FIRST_SUCCESS) {
        rc = fm_group_go(g, job, "mirror 1", 60, .result = 1);
        if (rc == 0)
            rc = fm_group_go(g, job, "mirror 2", 0.1, .result = 2);
    }
    return rc;
}
/* [/race] */

static int story(void *arg)
{
    (void)arg;
    printf("two at a time: %s\n\n", fm_strerror(two_at_a_time()));
    printf("all or nothing: %s\n\n", fm_strerror(all_or_nothing()));
    printf("the first answer: from mirror %d\n", first_answer());
    return 0;
}

int main(void)
{
    return fm_run(story, NULL) < 0;
}
