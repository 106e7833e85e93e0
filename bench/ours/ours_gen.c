/*
 * ours_gen.c - Fermata: the next value of a generator
 */
#include "measure.h"
#include <fermata.h>

enum {
    VALUES = 100000
};

static fm_gen *numbers;

static int count_up(void)
{
    int rc = 0;

    for (uint64_t n = 0; rc == 0; n++)
        rc = fm_gen_yield(&n);
    return rc;
}

static void gen_batch(void)
{
    static uint64_t wanted;
    uint64_t n;

    for (int i = 0; i < VALUES; i++)
        if (fm_gen_next(numbers, &n) != 1 || n != wanted++)
            exit(1);
}

static int gen_main(void *arg)
{
    (void)arg;
    numbers = fm_gen_go(count_up);
    measure("gen", "value", VALUES, gen_batch);
    return fm_gen_close(numbers);
}

int main(void)
{
    return fm_run(gen_main, NULL) < 0;
}
