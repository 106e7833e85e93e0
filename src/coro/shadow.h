/*
 * shadow.h - hardware shadow stacks, which a switch of stacks would break
 */
#ifndef FM_CORO_SHADOW_H
#define FM_CORO_SHADOW_H

/* 0, or -ENOTSUP with a sentence on stderr where one is active. */
int fm__shadow_check(void);

#endif
