/*
 * idna.c - names that are not ASCII, by libidn2
 *
 * Stricter than the URL standard in what IDNA 2008 forbids: symbols, and
 * hyphens at the ends of a label.
 */
#include "http/idna.h"

#include "base/memory.h"

#include <errno.h>
#include <idn2.h>

static int idna_to_ascii(struct fm__pen *pen, struct fm__slice domain)
{
    char *ascii = NULL;
    if (memchr(domain.at, '\0', domain.size) != NULL)
        return -EINVAL;
    char *text = fm__memory_new(domain.size + 1);
    if (text == NULL)
        return -ENOMEM;
    memcpy(text, domain.at, domain.size);
    int rc =
        idn2_to_ascii_8z(text, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (rc == IDN2_OK)
        fm__pen_write(pen, fm__slice_of(ascii));
    idn2_free(ascii);
    fm__memory_free(text);
    return rc == IDN2_OK ? 0 : rc == IDN2_MALLOC ? -ENOMEM : -EINVAL;
}

int (*const fm__idna_to_ascii)(struct fm__pen *pen,
                               struct fm__slice domain) = idna_to_ascii;
