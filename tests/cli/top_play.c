/*
 * top_play.c - fermata top before pictures that are made up
 */
#include "top_play.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void stage_open(struct stage *self, size_t clients)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    made_up_init(&self->program, clients);
    top_init(&self->top, &self->program.source);
    CHECK_INT(top_see(&self->top), 0);
}

void stage_close(struct stage *self)
{
    top_fini(&self->top);
    made_up_fini(&self->program);
}

void stage_type(struct stage *self, const char *keys)
{
    for (; *keys != '\0'; keys++)
        CHECK_INT(top_key(&self->top, (unsigned char)*keys), 0);
}

const fm_picture_task *stage_task(const struct stage *self, size_t row)
{
    return &top_picture(&self->top)->tasks[self->top.rows.rows[row].task];
}

const char *stage_name(const struct stage *self, size_t row)
{
    return row < self->top.rows.count ? stage_task(self, row)->name : "";
}

/* All of a screen, a line each. */
char *stage_draw(struct stage *self, size_t rows, size_t columns)
{
    struct top_canvas canvas = {NULL, 0, 0, 0};
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    CHECK_INT(top_canvas_resize(&canvas, rows, columns), 0);
    top_draw(&self->top, &canvas);
    CHECK_INT(canvas.count, rows);
    for (size_t i = 0; i < canvas.count; i++) {
        CHECK(top_width(canvas.lines[i].text) <= columns);
        CHECK_INT(strlen(canvas.lines[i].text), canvas.lines[i].size);
        fprintf(out, "%s\n", canvas.lines[i].text);
    }
    top_canvas_fini(&canvas);
    CHECK_INT(fclose(out), 0);
    return text;
}

static bool stage_has(struct stage *self, const char *words, bool wanted)
{
    char *text = stage_draw(self, 60, 120);
    bool found = strstr(text, words) != NULL;
    if (found != wanted)
        printf("# %s\"%s\" in:\n%s", found ? "" : "no ", words, text);
    free(text);
    return found == wanted;
}

bool stage_shows(struct stage *self, const char *words)
{
    return stage_has(self, words, true);
}

bool stage_lacks(struct stage *self, const char *words)
{
    return stage_has(self, words, false);
}
