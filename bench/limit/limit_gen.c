/*
 * limit_gen.c - a stack that gives a value each time it is switched to
 */
#include "bare.h"
#include "measure.h"

enum {
    VALUES = 1000000
};

static struct bare taker, giver;
static uint64_t value;

static void limit_giver(void)
{
    for (uint64_t n = 0;; n++) {
        value = n;
        BARE_JUMP(&giver, &taker);
    }
}

static void limit_batch(void)
{
    static uint64_t wanted;

    for (int i = 0; i < VALUES; i++) {
        BARE_JUMP(&taker, &giver);
        if (value != wanted++)
            exit(1);
    }
}

int main(void)
{
    bare_make(&giver, bare_top(bare_stacks(1), 0), limit_giver);
    measure("gen", "value", VALUES, limit_batch);
    return 0;
}
