/*
 * die.h - the end of a program that broke a rule: a sentence, then abort()
 */
#ifndef FM_BASE_DIE_H
#define FM_BASE_DIE_H

#include "base/compiler.h"

FM_API FM__NORETURN void fm__die(const char *format, ...) FM__FORMAT(1, 2);

/* One line on stderr: "fermata: ..." */
void fm__say(const char *format, ...) FM__FORMAT(1, 2);

#endif
