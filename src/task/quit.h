/*
 * quit.h - SIGQUIT tells what all tasks do, and ends nothing
 */
#ifndef FM_TASK_QUIT_H
#define FM_TASK_QUIT_H

#include "base/compiler.h"

/* Where the options do not say: FERMATA_DUMP. */
bool fm__quit_wished(bool option);

/* Until as many closes. Where the program has a handler of its own, that stays.
 * Returns 0; -ENOMEM, -EAGAIN or what else the kernel says. */
int fm__quit_open(void);
void fm__quit_close(void);

#endif
