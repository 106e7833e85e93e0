/*
 * stacks.h - --stack: where each task stands, for the texts of a picture
 */
#ifndef CLI_STACKS_H
#define CLI_STACKS_H

#include "looked.h"

/* Has the texts tell where tasks stand, until stacks_close. Returns 0, or why
 * not, which it has told. */
int stacks_open(fm_picture_options *options, const struct looked *looked);
void stacks_close(fm_picture_options *options);

#endif
