/*
 * events_source.c - events that come from a server, over one answer after the
 * other
 *
 * Whatever has come is kept between two calls: bytes that are not read yet, the
 * event that they are the middle of, and the moment at which a pause is over.
 * So a cut loses nothing.
 */
#include "http/events_source.h"
#include "base/die.h"
#include "base/memory.h"
#include "proto/field.h"
#include "task/record.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/sleep.h>
#include <fermata/timeout.h>
#include <math.h>

#define EVENTS_SECOND 1e9 /* ns */

enum {
    EVENTS_FIRST_ROOM = 1024,
    EVENTS_KEPT_ROOM = 4096, /* while nothing comes */
    EVENTS_LINE = 2048       /* room for other lines behind the data */
};

/* ---- its options -------------------------------------------------------- */

static double events_seconds(double said, double otherwise)
{
    return said != 0 ? said : otherwise;
}

/* All of them are said now. 0 or -EINVAL. */
static int events_options(fm_event_source_options *all)
{
    if (!(all->retry >= 0) || !(all->retry_least >= 0) ||
        !(all->retry_most >= 0) || isnan(all->silence))
        return -EINVAL;
    all->retry = events_seconds(all->retry, FM_EVENT_RETRY);
    all->retry_least = events_seconds(all->retry_least, FM_EVENT_RETRY_LEAST);
    all->retry_most = events_seconds(all->retry_most, FM_EVENT_RETRY_MOST);
    all->silence = events_seconds(all->silence, FM_EVENT_SILENCE);
    if (all->limit == 0)
        all->limit = FM_EVENT_LIMIT;
    return 0;
}

static int events_check_id(const char *id)
{
    if (id == NULL)
        return 0;
    return strlen(id) < FM__EVENT_ID && fm__field_value_is(fm__slice_of(id))
               ? 0
               : -EINVAL;
}

static int events_check_url(const char *text)
{
    fm_url *url;
    int rc = fm_url_parse(text, NULL, &url);
    if (rc < 0)
        return rc;
    fm_url_free(url);
    return 0;
}

/* The caller's fields, and room for the source's own. */
static struct fm_event_source *events_source(const fm_http_field *fields,
                                             const char *url)
{
    size_t count = 0, size = strlen(url) + 1;
    while (fields != NULL && fields[count].name != NULL)
        count++;
    size_t bytes = (count + FM__EVENTS_FIELDS) * sizeof *fields;
    struct fm_event_source *source =
        fm__memory_new(sizeof *source + bytes + size);
    if (source == NULL)
        return NULL;
    if (count > 0)
        memcpy(source->fields, fields, count * sizeof *fields);
    source->own = count;
    source->url = (char *)source->fields + bytes;
    memcpy(source->url, url, size);
    return source;
}

int fm__event_source_open(fm_http_client *client, const char *url,
                          fm_event_source **out,
                          const fm_event_source_options *options)
{
    static const fm_event_source_options defaults;
    fm_event_source_options all = options != NULL ? *options : defaults;
    fm__client_check(client, "fm_event_source_open");
    int rc = events_options(&all);
    if (rc == 0)
        rc = events_check_id(all.last_id);
    if (rc == 0)
        rc = events_check_url(url);
    if (rc < 0)
        return rc;
    struct fm_event_source *source = events_source(all.fields, url);
    if (source == NULL)
        return -ENOMEM;
    source->client = client;
    source->options = all;
    source->at = source->bytes;
    source->room_most =
        all.limit < SIZE_MAX - EVENTS_LINE ? all.limit + EVENTS_LINE : SIZE_MAX;
    source->terms = (struct fm__body_terms){UINT64_MAX, -1, 1};
    fm__event_reader_init(&source->reader);
    if (all.last_id != NULL)
        memcpy(source->reader.last_id, all.last_id, strlen(all.last_id));
    *out = source;
    return 0;
}

/* ---- events ------------------------------------------------------------- */

/* 0, or -FM_EEVENTSIZE or -ENOMEM. */
static int events_grow(struct fm_event_source *source)
{
    struct fm__event_reader *reader = &source->reader;
    size_t wanted = reader->size + reader->line + source->left + 2;
    size_t room = reader->room > 0 ? 2 * reader->room : EVENTS_FIRST_ROOM;
    if (reader->room == source->room_most)
        return -FM_EEVENTSIZE;
    if (room < wanted)
        room = wanted;
    if (room > source->room_most)
        room = source->room_most;
    char *text = fm__memory_resize(reader->text, room);
    if (text == NULL)
        return -ENOMEM;
    reader->text = text;
    reader->room = room;
    return 0;
}

/* Some bytes, or the end as -FM_EEOF: 1 or a failure. */
static int events_read(struct fm_event_source *source)
{
    double seconds = source->options.silence;
    double most = seconds < 0
                      ? INFINITY
                      : seconds - (double)source->silent / EVENTS_SECOND;
    int64_t began = fm_now();
    fm_timeout timeout;
    fm_timeout_open(&timeout, most);
    ssize_t size =
        fm_response_read(source->response, source->bytes, sizeof source->bytes);
    int rc = fm_timeout_close(&timeout, size < 0 ? (int)size : 0);
    source->silent += fm_now() - began;
    if (size < 0)
        return rc;
    if (size == 0)
        return -FM_EEOF;
    source->silent = 0;
    source->at = source->bytes;
    source->left = (size_t)size;
    return 1;
}

/* 1: a message is there; 0: more bytes are wanted; or a failure. */
static int events_take(struct fm_event_source *source)
{
    struct fm__event_reader *reader = &source->reader;
    struct fm__slice bytes = {source->at, source->left};
    int rc = FM__EVENT_ROOM;
    while (rc == FM__EVENT_ROOM) {
        rc = fm__event_read(reader, &bytes);
        source->at = bytes.at;
        source->left = bytes.size;
        int grown = rc == FM__EVENT_ROOM ? events_grow(source) : 0;
        if (grown < 0)
            return grown;
    }
    if (rc != FM__EVENT_WHOLE)
        return rc;
    return reader->size <= source->options.limit ? 1 : -FM_EEVENTSIZE;
}

/* Who waits keeps no room for a large message. */
static void events_give_back(struct fm__event_reader *reader)
{
    if (reader->room <= EVENTS_KEPT_ROOM || reader->size + reader->line > 0)
        return;
    fm__memory_free(reader->text);
    reader->text = NULL;
    reader->room = 0;
}

static void events_show(const struct fm_event_source *source,
                        fm_event_message *message)
{
    const struct fm__event_reader *reader = &source->reader;
    *message = (fm_event_message){
        .type = reader->type[0] != '\0' ? reader->type : "message",
        .id = reader->last_id,
        .data = reader->text,
        .size = reader->size,
    };
}

/* One step: 1: a message is there; 0: it goes on, or has ended; or a failure.
 */
static int events_step(struct fm_event_source *source)
{
    if (source->due != 0)
        return fm__events_pause(source);
    if (source->response == NULL) {
        int asked = fm__events_ask(source);
        source->ended = asked == 0;
        return asked < 0 ? asked : 0;
    }
    int rc = events_take(source);
    if (rc != 0)
        return rc;
    events_give_back(&source->reader);
    rc = events_read(source);
    return rc < 0 ? rc : 0;
}

static int events_next(struct fm_event_source *source)
{
    int rc = 0;
    while (rc == 0 && !source->ended) {
        rc = events_step(source);
        if (rc < 0)
            rc = fm__events_failed(source, rc);
    }
    return rc;
}

int fm_event_source_next(fm_event_source *source, fm_event_message *message)
{
    fm__client_check(source->client, "fm_event_source_next");
    if (source->waiting)
        fm__die("fm_event_source_next: another task waits");
    int rc = fm__checkpoint(fm__current, "fm_event_source_next");
    if (rc < 0)
        return rc;
    if (source->ended || source->error < 0)
        return source->error;
    source->waiting = true;
    rc = events_next(source);
    source->waiting = false;
    if (rc > 0) {
        source->brought = true;
        events_show(source, message);
    }
    return rc;
}

const char *fm_event_source_last_id(const fm_event_source *source)
{
    return source->reader.last_id;
}

void fm_event_source_close(fm_event_source *source)
{
    if (source == NULL)
        return;
    if (source->waiting)
        fm__die("fm_event_source_close: another task waits");
    fm_response_close(source->response);
    fm__memory_free(source->reader.text);
    fm__memory_free(source);
}
