/*
 * limit_select.c - a stack that looks at eight places, of which one is filled
 */
#include "bare.h"
#include "measure.h"

enum {
    SOURCES = 8,
    MESSAGES = 1000000
};

static struct {
    int ready;
    uint64_t item;
} sources[SOURCES];

static struct bare sender, selector;
static uint64_t sum;

static void limit_selector(void)
{
    for (;;) {
        for (size_t i = 0; i < SOURCES; i++) {
            if (!sources[i].ready)
                continue;
            sources[i].ready = 0;
            sum += sources[i].item;
            break;
        }
        BARE_JUMP(&selector, &sender);
    }
}

static void limit_batch(void)
{
    for (size_t i = 0; i < MESSAGES; i++) {
        sources[i % SOURCES].item = i;
        sources[i % SOURCES].ready = 1;
        BARE_JUMP(&sender, &selector);
    }
}

int main(void)
{
    bare_make(&selector, bare_top(bare_stacks(1), 0), limit_selector);
    measure("select", "8", MESSAGES, limit_batch);
    return sum == 0;
}
