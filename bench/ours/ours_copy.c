/*
 * ours_copy.c - Fermata: a copy of a file of 1 GiB
 */
#include "copying.h"

#include <fermata.h>

static int copy(void)
{
    return fm_path_copy(copying_from, copying_to);
}

static int copy_main(void *arg)
{
    (void)arg;
    return copying_run(copy);
}

int main(void)
{
    copying_begin();
    return fm_run(copy_main, NULL) < 0;
}
