/*
 * top_none.c - for a command that was built without ncurses
 */
#include "top.h"

#include <errno.h>

int top_screen(struct top *top)
{
    (void)top;
    fputs("fermata: top: this command was built without ncurses and has no "
          "screen; --once prints one look\n",
          stderr);
    return -ENOSYS;
}
