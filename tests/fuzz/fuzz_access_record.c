/*
 * fuzz_access_record.c - any bytes are a line of a log, or they are none
 *
 * What was read and is written again is read as the same.
 */
#include "fuzz.h"

#include "proto/access_line.h"
#include "proto/http_date.h"

#include <fermata/access_log.h>
#include <stdlib.h>

static char out[FM__ACCESS_LINE + 1];

static void check_inside(const char *text, const char *line, size_t size)
{
    bool inside = text >= line && text < line + size;
    if (*text != '\0' && (!inside || strlen(text) >= size))
        fuzz_fail("a text from somewhere else");
}

static void check_texts(const fm_access_record *record, const char *line,
                        size_t size)
{
    const char *const texts[] = {
        record->peer,     record->user,    record->method, record->target,
        record->protocol, record->referer, record->agent};
    for (size_t i = 0; i < FM__COUNT(texts); i++)
        check_inside(texts[i], line, size);
    if (record->status < 0 || record->status > 999)
        fuzz_fail("a status that is none");
}

/* What the writer cuts, or the reader reads as nothing, is not the same. */
static bool is_kept(const char *text, bool word)
{
    return strlen(text) <= FM__ACCESS_TEXT && strcmp(text, "-") != 0 &&
           (!word || strchr(text, ' ') == NULL);
}

static void check_again(const fm_access_record *record)
{
    char date[FM__DATE_SIZE];
    fm_access_record again;
    if (!is_kept(record->target, true) || !is_kept(record->agent, false) ||
        !is_kept(record->referer, false))
        return;
    fm__date_write(date, record->time);
    const struct fm__access_line line = {
        .date = date,
        .target = fm__slice_of(record->target),
        .referer = fm__slice_of(record->referer),
        .agent = fm__slice_of(record->agent),
        .status = record->status,
        .size = record->bytes,
    };
    struct fm__pen pen = {out, out + FM__ACCESS_LINE, false};
    fm__access_line_combined(&pen, &line);
    pen.at[-1] = '\0';
    if (fm_access_record_parse(out, &again) < 0)
        fuzz_fail("what is written is not read");
    if (strcmp(again.target, record->target) != 0 ||
        strcmp(again.referer, record->referer) != 0 ||
        strcmp(again.agent, record->agent) != 0 ||
        again.status != record->status || again.bytes != record->bytes ||
        again.time != record->time)
        fuzz_fail("it is read as something else");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fm_access_record record;
    char *line = malloc(size + 1);
    if (line == NULL)
        return 0;
    memcpy(line, bytes, size);
    line[size] = '\0';
    if (fm_access_record_parse(line, &record) == 0) {
        check_texts(&record, line, size);
        /* A zone may lead out of the years that are written. */
        if (record.time >= 0 && record.time < INT64_C(250000000000))
            check_again(&record);
    }
    free(line);
    return 0;
}
