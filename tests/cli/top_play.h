/*
 * top_play.h - fermata top before pictures that are made up
 */
#ifndef TESTS_TOP_PLAY_H
#define TESTS_TOP_PLAY_H

#include "harness.h"
#include "made_up.h"

struct stage {
    struct made_up program;
    struct top top;
};

/* With one look; in a locale of UTF-8. */
void stage_open(struct stage *self, size_t clients);
void stage_close(struct stage *self);

/* Presses keys, one after the other. */
void stage_type(struct stage *self, const char *keys);

const fm_picture_task *stage_task(const struct stage *self, size_t row);
const char *stage_name(const struct stage *self, size_t row);

/* All of a screen of that size, a line each; the caller frees it. */
char *stage_draw(struct stage *self, size_t rows, size_t columns);

/* Whether a large screen has the words; where not as promised, it is printed.
 */
bool stage_shows(struct stage *self, const char *words);
bool stage_lacks(struct stage *self, const char *words);

#endif
