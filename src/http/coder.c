/*
 * coder.c - which content codings there are
 *
 * In the order in which they are offered: that of the bytes a page takes when
 * it is coded as fast as another. deflate is the last, for there are two of it.
 */
#include "http/coder.h"

#include "proto/field.h"

static const struct fm__coder *const coders[] = {
    &fm__coder_zstd,
    &fm__coder_br,
    &fm__coder_gzip,
    &fm__coder_deflate,
};

const struct fm__coder *fm__coder_find(struct fm__slice name)
{
    if (fm__slice_like(name, FM__SLICE("x-gzip")))
        name = FM__SLICE("gzip");
    for (size_t i = 0; i < FM__COUNT(coders); i++)
        if (fm__slice_like(name, fm__slice_of(coders[i]->name)))
            return coders[i]->decoder.open != NULL ? coders[i] : NULL;
    return NULL;
}

void fm__coders_write(struct fm__pen *pen)
{
    const char *begin = pen->at;
    for (size_t i = 0; i < FM__COUNT(coders); i++) {
        if (coders[i]->decoder.open == NULL)
            continue;
        if (pen->at != begin)
            fm__pen_write(pen, FM__SLICE(", "));
        fm__pen_write(pen, fm__slice_of(coders[i]->name));
    }
}
