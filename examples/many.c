/*
 * many.c - the results of many tasks, by position
 */
#include <fermata.h>
#include <stdio.h>

struct divide {
    int a, b;
};

static int divide(struct divide *args)
{
    int rc = fm_yield();
    if (rc < 0)
        return rc;
    return args->b == 0 ? -EDOM : args->a / args->b;
}

static void tell(const char *verb, int rc, const int results[3])
{
    printf("%s: %d\n", verb, rc);
    for (int i = 0; i < 3; i++) {
        if (results[i] < 0)
            printf("  %d: %s\n", i, fm_strerror(results[i]));
        else
            printf("  %d: %d\n", i, results[i]);
    }
}

/* [gather] */
static void gathering(void)
{
    fm_task *tasks[] = {fm_go(divide, 12, 1), fm_go(divide, 12, 2),
                        fm_go(divide, 12, 3)};
    int results[3];
    int rc = fm_gather_array(tasks, 3, results);
    tell("gather", rc, results);
}
/* [/gather] */

/* [settle] */
static void settling(void)
{
    fm_task *tasks[] = {fm_go(divide, 12, 1), fm_go(divide, 12, 0),
                        fm_go(divide, 12, 3)};
    int results[3];
    int failed = fm_settle(tasks, 3, results);
    tell("settle", failed, results);
}
/* [/settle] */

static int story(void *arg)
{
    (void)arg;
    gathering();
    settling();
    return 0;
}

int main(void)
{
    return fm_run(story, NULL) < 0;
}
