/*
 * fuzz_event_text.c - events are the same however their stream is split, and
 * what is written is read as it was meant
 */
#include "fuzz.h"

#include "proto/event_text.h"

#include <errno.h>
#include <fermata/error.h>

struct sum {
    uint64_t number;
    int rc;
};

static void add(struct sum *sum, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        sum->number = (sum->number ^ (uint8_t)bytes[i]) * 0x100000001b3;
    sum->number = (sum->number ^ 0x100) * 0x100000001b3;
}

static void add_event(struct sum *sum, const struct fm__event_reader *reader)
{
    if (strlen(reader->last_id) >= FM__EVENT_ID ||
        reader->text[reader->size] != '\0')
        fuzz_fail("an event that does not end");
    add(sum, reader->type, strlen(reader->type));
    add(sum, reader->last_id, strlen(reader->last_id));
    add(sum, reader->text, reader->size);
}

/* Room grows as it is wanted, and moves. */
static void make_room(struct fm__event_reader *reader, size_t most)
{
    char *text = calloc(1, reader->room + 1);
    size_t size = reader->size + reader->line;
    if (reader->room > most + 2)
        fuzz_fail("more room than there are bytes");
    if (size > 0)
        memcpy(text, reader->text, size);
    free(reader->text);
    reader->text = text;
    reader->room++;
}

static struct sum read_in_pieces(const char *text, size_t size, size_t piece)
{
    struct sum sum = {0, 0};
    struct fm__event_reader reader;
    fm__event_reader_init(&reader);
    for (size_t at = 0; sum.rc >= 0 && at < size; at += piece) {
        size_t some = piece < size - at ? piece : size - at;
        struct fm__slice bytes = {text + at, some};
        sum.rc = FM__EVENT_ROOM;
        while (sum.rc > FM__EVENT_MORE) {
            sum.rc = fm__event_read(&reader, &bytes);
            if (sum.rc == FM__EVENT_WHOLE)
                add_event(&sum, &reader);
            if (sum.rc == FM__EVENT_ROOM)
                make_room(&reader, size);
        }
    }
    if (reader.retry < -1 || reader.retry > FM__EVENT_RETRY)
        fuzz_fail("a time that is none");
    add(&sum, reader.last_id, strlen(reader.last_id));
    free(reader.text);
    return sum;
}

/* What of a text ends a line, as one LF. */
static size_t plain(const char *text, size_t size, char *out)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\n' && i > 0 && text[i - 1] == '\r')
            continue;
        out[count] = text[i];
        if (text[i] == '\r')
            out[count] = '\n';
        count++;
    }
    return count;
}

static void check_written(const char *text, size_t size)
{
    const struct fm__event_words words = {
        .type = FM__SLICE(""),
        .id = FM__SLICE(""),
        .data = {text, size},
        .has_data = true,
        .retry = -1,
    };
    int rc = fm__event_check(&words);
    if (rc == -EINVAL)
        return;
    size_t room = fm__event_room(&words);
    char *out = calloc(1, room), *wanted = calloc(1, size + 1);
    char *read = calloc(1, room + 2);
    struct fm__pen pen = {out, out + room, false};
    fm__event_write(&pen, &words);
    struct fm__slice written = fm__pen_since(&pen, out);
    struct fm__event_reader reader;
    fm__event_reader_init(&reader);
    reader.text = read;
    reader.room = room + 2;
    if (pen.full || fm__event_read(&reader, &written) != FM__EVENT_WHOLE ||
        written.size != 0 || reader.size != plain(text, size, wanted) ||
        memcmp(reader.text, wanted, reader.size) != 0)
        fuzz_fail("data that is read in another way");
    free(read);
    free(wanted);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = fuzz_copy(bytes, size);
    struct sum whole = read_in_pieces(text, size, size > 0 ? size : 1);
    for (size_t piece = 1; piece < 5; piece++) {
        struct sum sum = read_in_pieces(text, size, piece);
        if (sum.rc != whole.rc || sum.number != whole.number)
            fuzz_fail("events that depend on how they come");
    }
    check_written(text, size);
    free(text);
    return 0;
}
