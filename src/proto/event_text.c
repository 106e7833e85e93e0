/*
 * event_text.c - text/event-stream (the HTML standard, 9.2.5 and 9.2.6)
 */
#include "proto/event_text.h"

#include "proto/utf8.h"

#include <errno.h>
#include <fermata/error.h>

enum {
    EVENT_AROUND = 64 /* bytes of names and numbers, without those of data */
};

void fm__event_reader_init(struct fm__event_reader *reader)
{
    memset(reader, 0, sizeof *reader);
    reader->first = true;
    reader->retry = -1;
}

void fm__event_reader_again(struct fm__event_reader *reader)
{
    reader->size = 0;
    reader->line = 0;
    reader->first = true;
    reader->after_cr = false;
    reader->whole = false;
    reader->type[0] = '\0';
    memcpy(reader->id, reader->last_id, sizeof reader->id);
}

/* ---- a line ------------------------------------------------------------- */

/* A word, with a NUL behind it: 0 or -FM_EEVENTSIZE. */
static int event_keep_word(char *word, size_t room, struct fm__slice value)
{
    if (value.size >= room)
        return -FM_EEVENTSIZE;
    memcpy(word, value.at, value.size);
    word[value.size] = '\0';
    return 0;
}

/* The value lies in the line, so that there is room for it and a line end. */
static int event_keep_data(struct fm__event_reader *reader,
                           struct fm__slice value)
{
    memmove(reader->text + reader->size, value.at, value.size);
    reader->size += value.size;
    reader->text[reader->size++] = '\n';
    return 0;
}

static int event_keep_retry(struct fm__event_reader *reader,
                            struct fm__slice value)
{
    int64_t number = 0;
    for (size_t i = 0; i < value.size; i++) {
        if (value.at[i] < '0' || value.at[i] > '9')
            return 0;
        number = 10 * number + (value.at[i] - '0');
        if (number > FM__EVENT_RETRY)
            number = FM__EVENT_RETRY;
    }
    if (value.size > 0)
        reader->retry = number;
    return 0;
}

static int event_keep_field(struct fm__event_reader *reader,
                            struct fm__slice name, struct fm__slice value)
{
    if (fm__slice_is(name, FM__SLICE("data")))
        return event_keep_data(reader, value);
    if (fm__slice_is(name, FM__SLICE("event")))
        return event_keep_word(reader->type, sizeof reader->type, value);
    if (fm__slice_is(name, FM__SLICE("retry")))
        return event_keep_retry(reader, value);
    if (!fm__slice_is(name, FM__SLICE("id")) ||
        fm__slice_find(value, '\0') < value.size)
        return 0;
    return event_keep_word(reader->id, sizeof reader->id, value);
}

static int event_end(struct fm__event_reader *reader)
{
    memcpy(reader->last_id, reader->id, sizeof reader->last_id);
    if (reader->size == 0) {
        reader->type[0] = '\0';
        return FM__EVENT_MORE;
    }
    reader->text[--reader->size] = '\0'; /* its last line end */
    reader->whole = true;
    return FM__EVENT_WHOLE;
}

static int event_take_line(struct fm__event_reader *reader)
{
    struct fm__slice line = {reader->text + reader->size, reader->line};
    reader->line = 0;
    if (reader->first &&
        fm__slice_is(fm__slice_until(line, 3), FM__SLICE("\xef\xbb\xbf")))
        line = fm__slice_after(line, 3);
    reader->first = false;
    if (line.size == 0)
        return event_end(reader);
    size_t colon = fm__slice_find(line, ':');
    struct fm__slice value = fm__slice_after(line, colon + 1);
    if (fm__slice_at(value, 0) == ' ')
        value = fm__slice_after(value, 1);
    return event_keep_field(reader, fm__slice_until(line, colon), value);
}

/* ---- the stream --------------------------------------------------------- */

/* Of a comment one byte tells that it is one. False: there is no room. */
static bool event_add(struct fm__event_reader *reader, struct fm__slice some)
{
    size_t left = reader->room - reader->size - reader->line;
    if (reader->room == 0 || left < 2)
        return false;
    char *line = reader->text + reader->size;
    if (reader->line > 0 && line[0] == ':')
        return true;
    if (reader->line == 0 && fm__slice_at(some, 0) == ':')
        some.size = 1;
    if (some.size >= left)
        return false;
    memcpy(line + reader->line, some.at, some.size);
    reader->line += some.size;
    return true;
}

/* Behind a CR an LF is the same line end. */
static bool event_pass_lf(struct fm__event_reader *reader,
                          struct fm__slice *bytes)
{
    bool pass = reader->after_cr && bytes->at[0] == '\n';
    reader->after_cr = false;
    if (pass)
        *bytes = fm__slice_after(*bytes, 1);
    return pass;
}

static void event_begin(struct fm__event_reader *reader)
{
    if (!reader->whole)
        return;
    reader->whole = false;
    reader->size = 0;
    reader->type[0] = '\0';
}

int fm__event_read(struct fm__event_reader *reader, struct fm__slice *bytes)
{
    int rc = FM__EVENT_MORE;
    event_begin(reader);
    while (rc == FM__EVENT_MORE && bytes->size > 0) {
        if (event_pass_lf(reader, bytes))
            continue;
        struct fm__slice some =
            fm__slice_until(*bytes, fm__slice_find(*bytes, '\n'));
        some = fm__slice_until(some, fm__slice_find(some, '\r'));
        if (!event_add(reader, some))
            return FM__EVENT_ROOM;
        *bytes = fm__slice_after(*bytes, some.size);
        if (bytes->size == 0)
            break;
        reader->after_cr = bytes->at[0] == '\r';
        *bytes = fm__slice_after(*bytes, 1);
        rc = event_take_line(reader);
    }
    return rc;
}

/* ---- writing ------------------------------------------------------------ */

static bool event_is_line(struct fm__slice text)
{
    return fm__slice_find(text, '\n') == text.size &&
           fm__slice_find(text, '\r') == text.size;
}

static bool event_is_utf8(struct fm__slice text)
{
    struct fm__utf8 utf8 = {0};
    return fm__utf8_check(&utf8, text) && fm__utf8_ends(&utf8);
}

int fm__event_check(const struct fm__event_words *words)
{
    if (!words->has_id && !words->has_data && words->retry < 0)
        return -EINVAL;
    if (!event_is_line(words->type) || !event_is_line(words->id) ||
        !event_is_utf8(words->type) || !event_is_utf8(words->id) ||
        !event_is_utf8(words->data) ||
        fm__slice_find(words->id, '\0') < words->id.size)
        return -EINVAL;
    bool large = words->type.size >= FM__EVENT_TYPE ||
                 words->id.size >= FM__EVENT_ID ||
                 words->retry > FM__EVENT_RETRY;
    return large ? -EMSGSIZE : 0;
}

size_t fm__event_room(const struct fm__event_words *words)
{
    size_t lines = 1;
    for (size_t i = 0; i < words->data.size; i++)
        lines += words->data.at[i] == '\n' || words->data.at[i] == '\r';
    return EVENT_AROUND + words->type.size + words->id.size + words->data.size +
           lines * strlen("data: ");
}

static void event_write_field(struct fm__pen *pen, struct fm__slice name,
                              struct fm__slice value)
{
    fm__pen_write(pen, name);
    fm__pen_write(pen, value);
    fm__pen_put(pen, '\n');
}

static void event_write_data(struct fm__pen *pen, struct fm__slice data)
{
    bool more = true;
    while (more) {
        struct fm__slice line =
            fm__slice_until(data, fm__slice_find(data, '\n'));
        line = fm__slice_until(line, fm__slice_find(line, '\r'));
        event_write_field(pen, FM__SLICE("data: "), line);
        more = line.size < data.size;
        data = fm__slice_after(data, line.size);
        bool both =
            fm__slice_at(data, 0) == '\r' && fm__slice_at(data, 1) == '\n';
        data = fm__slice_after(data, both ? 2 : 1);
    }
}

void fm__event_write(struct fm__pen *pen, const struct fm__event_words *words)
{
    if (words->type.size > 0)
        event_write_field(pen, FM__SLICE("event: "), words->type);
    if (words->has_id)
        event_write_field(pen, FM__SLICE("id: "), words->id);
    if (words->retry >= 0) {
        fm__pen_write(pen, FM__SLICE("retry: "));
        fm__pen_number(pen, (uint64_t)words->retry);
        fm__pen_put(pen, '\n');
    }
    if (words->has_data)
        event_write_data(pen, words->data);
    fm__pen_put(pen, '\n');
}
