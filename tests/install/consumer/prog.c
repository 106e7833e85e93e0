/*
 * prog.c - what a user's first program needs of an installed Fermata
 */
#include <fermata.h>
#include <stdio.h>
#include <string.h>

struct add {
    int a, b;
};

static int add(struct add *args)
{
    int rc = fm_sleep(0);
    return rc < 0 ? rc : args->a + args->b;
}

static int program(void *arg)
{
    *(int *)arg = fm_await(fm_go(add, 40, .b = 2));
    return 0;
}

int main(void)
{
    int sum = 0;
    int rc = fm_run(program, &sum);
    printf("%s %d\n", fm_version(), sum);
    return rc != 0 || strcmp(fm_version(), FM_VERSION) != 0;
}
