/*
 * incoming.c - a head is read, and its words become texts
 */
#include "http/incoming.h"

#include "base/memory.h"
#include "io/stream_record.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/stream.h>

void fm__incoming_init(struct fm__incoming *incoming, enum fm__head_kind kind)
{
    incoming->query = NULL;
    fm__head_init(&incoming->head, kind);
}

void fm__incoming_fini(struct fm__incoming *incoming)
{
    fm__memory_free(incoming->text);
    incoming->text = NULL;
    incoming->room = 0;
}

/* Behind each word stands a byte that means nothing any more. */
static void incoming_end_word(struct fm__incoming *incoming,
                              struct fm__passage word)
{
    incoming->text[word.at + word.size] = '\0';
}

static void incoming_end_words(struct fm__incoming *incoming)
{
    const struct fm__head *head = &incoming->head;
    incoming_end_word(incoming, head->method);
    incoming_end_word(incoming, head->target);
    for (unsigned i = 0; i < head->count; i++) {
        incoming_end_word(incoming, head->fields[i].name);
        incoming_end_word(incoming, head->fields[i].value);
    }
}

static int incoming_keep(struct fm__incoming *incoming, const void *bytes,
                         size_t size)
{
    size_t more = fm__query_room(fm__passage_in(bytes, incoming->head.target));
    if (size + more > incoming->room) {
        char *text = fm__memory_resize(incoming->text, size + more);
        if (text == NULL)
            return -ENOMEM;
        incoming->text = text;
        incoming->room = size + more;
    }
    memcpy(incoming->text, bytes, size);
    if (more > 0)
        incoming->query = incoming->text + size;
    incoming_end_words(incoming);
    return 0;
}

int fm__incoming_parse(struct fm__incoming *incoming, const char *bytes,
                       size_t size)
{
    ssize_t rc = fm__head_read(&incoming->head, bytes, size);
    if (rc <= 0)
        return rc < 0 ? (int)rc : -FM_EEOF;
    return incoming_keep(incoming, bytes, (size_t)rc);
}

ssize_t fm__incoming_take(struct fm__incoming *incoming, fm_stream *stream)
{
    const char *bytes = fm__stream_bytes(stream);
    ssize_t rc = fm__head_read(&incoming->head, bytes, fm__stream_held(stream));
    if (rc <= 0)
        return rc;
    int kept = incoming_keep(incoming, bytes, (size_t)rc);
    fm__stream_skip(stream, (size_t)rc);
    return kept < 0 ? kept : rc;
}

int fm__incoming_read(struct fm__incoming *incoming, fm_stream *stream)
{
    const void *bytes;
    ssize_t rc = 0;
    if (fm__stream_held(stream) > 0) /* it may be there already */
        rc = fm__incoming_take(incoming, stream);
    while (rc == 0) {
        size_t had = fm__stream_held(stream);
        ssize_t size = fm_peek(stream, had + 1, &bytes);
        if (size < 0)
            return size == -EMSGSIZE ? -FM_EHTTPFIELDS : (int)size;
        if ((size_t)size <= had)
            return -FM_EEOF;
        rc = fm__incoming_take(incoming, stream);
    }
    return rc < 0 ? (int)rc : 0;
}

const char *fm__incoming_word(const struct fm__incoming *incoming,
                              struct fm__passage word)
{
    return word.size > 0 ? incoming->text + word.at : "";
}

const char *fm__incoming_field(const struct fm__incoming *incoming,
                               const char *name)
{
    const struct fm__field *field =
        fm__head_find(&incoming->head, incoming->text, name);
    return field != NULL ? fm__incoming_word(incoming, field->value) : NULL;
}

bool fm__incoming_field_at(const struct fm__incoming *incoming, size_t index,
                           fm_http_field *field)
{
    if (index >= incoming->head.count)
        return false;
    const struct fm__field *found = &incoming->head.fields[index];
    *field = (fm_http_field){fm__incoming_word(incoming, found->name),
                             fm__incoming_word(incoming, found->value)};
    return true;
}
