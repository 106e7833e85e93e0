/*
 * crowd.c - tasks in a kilobyte: a crowd that waits for one event
 *
 *   crowd [COUNT]     with a count also what each has cost, in bytes
 *
 * A million of them take 1.3 GB.
 */
#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* [visitor] */
/* What a million visitors share; each of them has a pointer to it. */
struct concert {
    fm_event doors;
    size_t outside;
    size_t inside;
};

struct visitor {
    struct concert *at;
};

static int visitor(struct visitor *self)
{
    self->at->outside++;
    int rc = fm_event_wait(&self->at->doors);
    self->at->outside--;
    self->at->inside += rc == 0;
    return rc;
}
/* [/visitor] */

/* Bytes of this process that are in memory. */
static size_t resident(void)
{
    size_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%*u %zu", &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* [sum] */
struct sum {
    double of;
    char text[32];
};

/* printf wants more stack than such a task has. */
static int sum_write(void *arg)
{
    struct sum *sum = arg;
    return snprintf(sum->text, sizeof sum->text, "%.2f EUR", sum->of);
}

static int cashier(void *arg)
{
    int rc = fm_sleep(0.01);
    return rc < 0 ? rc : fm_stack_call(sum_write, arg);
}
/* [/sum] */

struct evening {
    size_t visitors;
    bool tell; /* what each has cost */
};

/* [size] */
static size_t small_stack(void)
{
    const char *why = fm_dense_refused();
    if (why == NULL)
        return FM_STACK_DENSE;
    fprintf(stderr, "not dense: %s\n", why);
    return 16 * 1024;
}
/* [/size] */

static void tell_cost(const struct concert *concert, size_t before)
{
    printf("%zu bytes each\n", (resident() - before) / concert->outside);
}

static int evening(void *arg)
{
    const struct evening *evening = arg;
    struct concert concert = {.outside = 0};
    size_t before = resident();
    int rc;

    /* [group] */
    FM_GROUP(g, rc, .stack_size = small_stack()) {
        for (size_t i = 0; rc == 0 && i < evening->visitors; i++)
            rc = fm_group_go(g, visitor, &concert);
        while (rc == 0 && concert.outside < evening->visitors)
            rc = fm_yield();
        printf("%zu wait\n", concert.outside);
        if (evening->tell && concert.outside > 0)
            tell_cost(&concert, before);
        fm_event_set(&concert.doors);
    }
    /* [/group] */
    printf("%zu are in\n", concert.inside);

    struct sum sum = {.of = 12.5 * (double)concert.inside};
    const fm_task_options options = {.stack_size = small_stack()};
    int size = fm_await(fm_start(cashier, &sum, &options));
    if (size > 0)
        printf("%s\n", sum.text);
    return rc < 0 ? rc : size;
}

int main(int argc, char **argv)
{
    struct evening event = {.visitors = 2000, .tell = argc > 1};
    if (argc > 1)
        event.visitors = strtoul(argv[1], NULL, 10);
    return fm_run(evening, &event) < 0;
}
