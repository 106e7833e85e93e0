/*
 * events_text.c - a message, as the text that is sent
 */
#include "base/memory.h"
#include "http/events_record.h"
#include "proto/event_text.h"

#include <errno.h>

_Static_assert(FM_EVENT_TYPE_LIMIT == FM__EVENT_TYPE - 1, "events.h says so");
_Static_assert(FM_EVENT_ID_LIMIT == FM__EVENT_ID - 1, "events.h says so");

#define EVENTS_SECOND 1000.0 /* ms */

int64_t fm__event_retry(double seconds)
{
    const double most = (double)FM__EVENT_RETRY / EVENTS_SECOND;
    if (!(seconds >= 0 && seconds <= most))
        return -2;
    return seconds > 0 ? (int64_t)(seconds * EVENTS_SECOND + 0.5) : -1;
}

static struct fm__slice events_slice(const char *text)
{
    return fm__slice_of(text != NULL ? text : "");
}

static struct fm__event_words events_words(const fm_event_message *message)
{
    struct fm__event_words words = {
        .type = events_slice(message->type),
        .id = events_slice(message->id),
        .has_id = message->id != NULL,
        .has_data = message->data != NULL,
        .retry = fm__event_retry(message->retry),
    };
    words.data = message->data != NULL && message->size > 0
                     ? (struct fm__slice){message->data, message->size}
                     : events_slice(message->data);
    return words;
}

int fm__event_text_new(const fm_event_message *message,
                       struct fm__event_text **out)
{
    struct fm__event_words words = events_words(message);
    if (words.data.size > FM_EVENT_LIMIT)
        return -EMSGSIZE;
    int rc = words.retry < -1 ? -EINVAL : fm__event_check(&words);
    if (rc < 0)
        return rc;
    size_t room = fm__event_room(&words);
    struct fm__event_text *text =
        fm__memory_new(sizeof *text + room + words.id.size + 1);
    if (text == NULL)
        return -ENOMEM;
    struct fm__pen pen = {text->bytes, text->bytes + room, false};
    fm__event_write(&pen, &words);
    text->holders = 1;
    text->size = fm__pen_since(&pen, text->bytes).size;
    if (words.has_id)
        text->id = memcpy(text->bytes + room, words.id.at, words.id.size);
    *out = text;
    return 0;
}

void fm__event_text_put(struct fm__event_text *text)
{
    if (text != NULL && --text->holders == 0)
        fm__memory_free(text);
}
