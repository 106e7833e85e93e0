/*
 * coded_body.c - a body that comes in a content coding (RFC 9110, 8.4)
 */
#include "base/memory.h"
#include "http/body.h"

#include <errno.h>
#include <fermata/error.h>

enum {
    CODED_NAMES = 64 /* bytes of the names of codings, in all */
};

/* All fields of the name are one list (RFC 9110, 5.3). One that is too long for
 * those that are known is of others. */
static int coded_names(const struct fm__incoming *incoming,
                       struct fm__pen *names)
{
    const struct fm__head *head = &incoming->head;
    for (unsigned i = 0; i < head->count; i++) {
        if (head->fields[i].known != FM__FIELD_CONTENT_ENCODING)
            continue;
        fm__pen_write(names,
                      fm__passage_in(incoming->text, head->fields[i].value));
        fm__pen_put(names, ',');
    }
    return names->full ? -FM_ECODEDKIND : 0;
}

int fm__body_decode(struct fm__body *body, const struct fm__incoming *incoming)
{
    const struct fm__decoding_terms terms = {.ratio = FM_DECODE_RATIO};
    char text[CODED_NAMES];
    struct fm__pen names = {text, text + sizeof text, false};
    if (body->done)
        return 0;
    int rc = coded_names(incoming, &names);
    if (rc == 0)
        rc = fm__decoding_open(&body->decoding, fm__pen_since(&names, text),
                               &terms);
    if (rc < 0 || body->decoding == NULL)
        return rc;
    body->coded = fm__memory_resize(NULL, FM__BODY_CODED);
    if (body->coded == NULL) {
        fm__body_undecode(body);
        return -ENOMEM;
    }
    body->in = FM__SLICE("");
    body->decoded = 0;
    body->rested = 0;
    return 0;
}

void fm__body_undecode(struct fm__body *body)
{
    fm__decoding_close(body->decoding);
    fm__memory_free(body->coded);
    body->decoding = NULL;
    body->coded = NULL;
}
