/*
 * lending.c - a child may borrow only what outlives it
 */
#include <fermata.h>
#include <stdio.h>

/* [child] */
/* It borrows both the numbers it reads and the place of its result. */
struct add {
    const int *numbers;
    size_t count;
    int *sum;
};

static int add(struct add *args)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < args->count; i++) {
        *args->sum += args->numbers[i];
        rc = fm_yield();
    }
    return rc;
}
/* [/child] */

/* [await] */
/* Right: on every path the child is awaited before `sum` is gone. */
static int awaited(void)
{
    int numbers[] = {1, 2, 3, 4}, sum = 0;
    int rc = fm_await(fm_go(add, numbers, 4, &sum));
    printf("awaited: %d\n", sum);
    return rc;
}
/* [/await] */

/* [group] */
/* Right: declared before the block, which ends after all its members. */
static int grouped(void)
{
    int numbers[] = {1, 2, 3, 4}, sums[2] = {0, 0};
    int rc;
    FM_GROUP(g, rc) {
        rc = fm_group_go(g, add, numbers, 2, &sums[0]);
        if (rc == 0)
            rc = fm_group_go(g, add, numbers + 2, 2, &sums[1]);
    }
    printf("grouped: %d and %d\n", sums[0], sums[1]);
    return rc;
}
/* [/group] */

/* [scope] */
/* Right: wherever this returns, FM_TASK has stopped the child before. */
static int scoped(bool in_a_hurry)
{
    int numbers[] = {1, 2, 3, 4}, sum = 0;
    FM_TASK child = fm_go(add, numbers, 4, &sum);
    if (in_a_hurry)
        return 0;
    int rc = fm_await(child);
    printf("scoped: %d\n", sum);
    return rc;
}
/* [/scope] */

static int story(void *arg)
{
    (void)arg;
    int rc = awaited();
    if (rc == 0)
        rc = grouped();
    if (rc == 0)
        rc = scoped(true);
    return rc == 0 ? scoped(false) : rc;
}

int main(void)
{
    return fm_run(story, NULL) < 0;
}
