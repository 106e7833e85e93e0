/*
 * cancelling.c - a cancel is a state, not an event
 */
#include <fermata.h>
#include <stdio.h>

/* [level] */
static int deaf(void)
{
    for (int call = 1; call <= 3; call++)
        printf("call %d: %s\n", call, fm_strerror(fm_sleep(60)));
    return 0; /* it may, and its result is what counts */
}
/* [/level] */

/* [tree] */
static int child(void)
{
    int rc = fm_sleep(60);
    printf("child: %s\n", fm_strerror(rc));
    return rc;
}

static int parent(void)
{
    int rc = fm_await(fm_go(child));
    printf("parent: %s\n", fm_strerror(rc));
    return rc;
}
/* [/tree] */

/* [unwind] */
/* Cut or not, what was opened is closed: one way out, as everywhere in C. */
static int report(void)
{
    FILE *file = tmpfile();
    if (file == NULL)
        return -EIO;
    int rc = fm_sleep(60);
    if (rc == 0 && fputs("done\n", file) == EOF)
        rc = -EIO;
    fclose(file);
    printf("report: the file is closed\n");
    return rc;
}
/* [/unwind] */

/* [cancel] */
static int story(void *arg)
{
    (void)arg;
    fm_task *tasks[] = {fm_go(deaf), fm_go(parent), fm_go(report)};
    int results[3];
    int rc = fm_sleep(0.1);
    for (int i = 0; i < 3; i++)
        fm_cancel(tasks[i]);
    int failed = fm_settle(tasks, 3, results);
    printf("%d of 3 were cut\n", failed);
    return rc;
}
/* [/cancel] */

int main(void)
{
    return fm_run(story, NULL) < 0;
}
