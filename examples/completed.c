/*
 * completed.c - results in the order in which they are ready
 */
#include <fermata.h>
#include <stdio.h>

enum {
    DISHES = 4
};

static const char *const names[DISHES] = {"soup", "salad", "bread", "rice"};
static const double times[DISHES] = {0.3, 0.1, 0.4, 0.2};

/* Returns the minutes that it took. */
struct cook {
    double seconds;
};

static int cook(struct cook *self)
{
    int rc = fm_sleep(self->seconds);
    return rc < 0 ? rc : (int)(self->seconds * 10 + 0.5);
}

static void start(fm_task **tasks)
{
    for (int i = 0; i < DISHES; i++)
        tasks[i] = fm_go(cook, times[i]);
}

/* [serve] */
/* Serves each dish when it is done. */
static int serve(fm_task **tasks)
{
    int i, rc = 0;
    FM_AS_COMPLETED(i, tasks, DISHES) {
        rc = fm_await(tasks[i]);
        if (rc < 0)
            return rc;
        printf("%s: %d minutes\n", names[i], rc);
    }
    return i == -ENOENT ? 0 : i;
}
/* [/serve] */

/* [look] */
/* Who is hungry looks into the kitchen, and disturbs nobody. */
static int look(fm_task **tasks)
{
    int rc = fm_wait(tasks, DISHES, FM_FIRST_COMPLETED);
    if (rc < 0)
        return rc;
    printf("%d is done\n", rc);
    const fm_wait_options patience = {.timeout = 0.15};
    rc = fm_wait(tasks, DISHES, FM_ALL_COMPLETED, &patience);
    for (int i = 0; rc >= 0 && i < DISHES; i++)
        printf("%s%s", names[i], fm_task_ended(tasks[i]) ? "! " : "? ");
    printf("\n");
    return rc;
}
/* [/look] */

/* Whatever came between, none is left behind. */
static int end(fm_task **tasks, int rc)
{
    for (int i = 0; i < DISHES; i++) {
        int result = fm_stop(tasks[i]);
        rc = rc >= 0 && result < 0 ? result : rc;
    }
    return rc;
}

static int kitchen(void *arg)
{
    fm_task *tasks[DISHES];
    (void)arg;
    start(tasks);
    int rc = serve(tasks);
    if (rc < 0)
        return rc;
    start(tasks);
    rc = look(tasks);
    if (rc >= 0)
        rc = fm_wait(tasks, DISHES, FM_ALL_COMPLETED);
    return end(tasks, rc);
}

int main(void)
{
    return fm_run(kitchen, NULL) < 0;
}
