/*
 * fitness.h - whether stacks without guards can be had, and why not
 *
 * On a stack of 1 KiB there is no room for the frame of a signal, for the
 * resolver of a symbol that is bound late, nor for what tools and unoptimised
 * code put there.
 */
#ifndef FM_CORO_FITNESS_H
#define FM_CORO_FITNESS_H

#include "base/compiler.h"

#define FM__FITNESS_TEXT 256

/* The code of one loaded object. */
struct fm__code {
    uintptr_t from;
    uintptr_t to;
};

/* What was built, and what it runs under: true, or false and the reason. */
bool fm__fitness_build(char why[FM__FITNESS_TEXT]);

/* Every signal that has a handler has it on an alternate stack. */
bool fm__fitness_signals(char why[FM__FITNESS_TEXT]);

/* The object that an address lies in is bound; gives its code. What lies in
 * none, as compilers at run time make it, is a byte of its own. */
bool fm__fitness_binding(uintptr_t address, struct fm__code *code,
                         char why[FM__FITNESS_TEXT]);

#endif
