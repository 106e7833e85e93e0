/*
 * top_look.c - one look after the other
 */
#include "top.h"

#include <errno.h>

void top_init(struct top *top, struct top_source *source)
{
    *top = (struct top){.source = source};
    top->view.interval = 1;
    top->view.orders[TOP_GROUPS] =
        (struct top_order){.column = TOP_MANY, .down = true};
}

void top_fini(struct top *top)
{
    top_rates_fini(&top->rates);
    top_rows_fini(&top->rows);
}

int top_see(struct top *top)
{
    struct top_look *look = &top->looks[1 - top->now];
    const struct top_look *before = top->count > 0 ? top_last(top) : NULL;
    int rc = top->source->look(top->source, look);
    if (rc < 0) {
        top->ended = rc;
        return rc;
    }
    if (top->count++ == 0)
        top->began = look->moment;
    top->ended = 0;
    top->now = 1 - top->now;
    rc = top_rates_make(&top->rates, before, look);
    return rc < 0 ? rc : top_rows_make(top);
}
