/*
 * limit_yield.c - a pointer chase through the memory that COUNT tasks use
 *
 * A task that yields and goes on must at least read and write one line of its
 * record and one of its stack. Each address comes out of the line before, as
 * a run queue gives it; there is no switch, no queue and no work.
 */
#include "bare.h"
#include "measure.h"

struct limit_frame {
    struct limit_record *next;
    uint64_t saved;
};

struct limit_record {
    struct limit_frame *frame;
    uint64_t turns;
};

static struct limit_record *first;
static size_t turns;

static void limit_yield(void)
{
    struct limit_record *record = first;

    for (size_t i = 0; i < turns; i++) {
        struct limit_frame *frame = record->frame;
        record->turns++;
        frame->saved++;
        record = frame->next;
    }
    first = record;
}

/* The record is in the stack's highest line, the frame 256 bytes below. */
static void limit_build(size_t count)
{
    char *stacks = bare_stacks(count);
    struct limit_record **link = &first;

    for (size_t i = 0; i < count; i++) {
        char *top = bare_top(stacks, i);
        struct limit_record *record = (struct limit_record *)(top - 64);
        struct limit_frame *frame = (struct limit_frame *)(top - 64 - 256);
        record->frame = frame;
        *link = record;
        link = &frame->next;
    }
    *link = first;
}

int main(int argc, char **argv)
{
    size_t count = measure_argument(argc, argv, 1, 10);
    char name[32];

    snprintf(name, sizeof name, "%zu", count);
    turns = count * ((1000000 + count - 1) / count);
    limit_build(count);
    measure("yield", name, turns, limit_yield);
    return 0;
}
