/*
 * fuzz_access_line.c - whatever a client sends, its line in a log is one line
 * that others can read
 *
 * The bytes are cut at each 0xff into what the client says.
 */
#include "fuzz.h"

#include "proto/access_line.h"

static char out[FM__ACCESS_LINE];

static struct fm__slice take(struct fm__slice *rest)
{
    size_t size = fm__slice_find(*rest, '\xff');
    struct fm__slice text = fm__slice_until(*rest, size);
    *rest = fm__slice_after(*rest, size + 1);
    return text;
}

static void check_printable(struct fm__slice line)
{
    if (line.size == 0 || line.at[line.size - 1] != '\n')
        fuzz_fail("a line without its end");
    for (size_t i = 0; i + 1 < line.size; i++)
        if ((unsigned char)line.at[i] < ' ' || line.at[i] == 0x7f)
            fuzz_fail("a control in a line");
}

/* Quotes that are not escaped: so many, whatever is between them. */
static void check_quotes(struct fm__slice line, unsigned wanted)
{
    unsigned count = 0;
    for (size_t i = 0; i < line.size; i++) {
        if (line.at[i] == '\\')
            i++;
        else
            count += line.at[i] == '"';
    }
    if (count != wanted)
        fuzz_fail("a text that ends its quotes");
}

/* The names, the time and what is there, in two quotes each. */
static unsigned quotes_of(const struct fm__access_line *line)
{
    const struct fm__slice texts[] = {
        line->peer, line->method,  line->target, line->protocol,
        line->host, line->referer, line->agent,
    };
    unsigned count = 4 + 6;
    for (size_t i = 0; i < FM__COUNT(texts); i++)
        count += texts[i].size > 0 ? 4 : 0;
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fm__slice rest = {(const char *)bytes, size};
    if (size == 0)
        return 0;
    const struct fm__access_line line = {
        .date = "Sun, 06 Nov 1994 08:49:37 GMT",
        .peer = FM__SLICE("192.0.2.1"),
        .method = take(&rest),
        .target = take(&rest),
        .protocol = FM__SLICE("HTTP/1.1"),
        .host = take(&rest),
        .referer = take(&rest),
        .agent = take(&rest),
        .status = 200,
        .size = size,
        .time = (int64_t)size,
    };
    struct fm__pen pen = {out, out + sizeof out, false};
    fm__access_line_combined(&pen, &line);
    check_printable(fm__pen_since(&pen, out));
    check_quotes(fm__pen_since(&pen, out), 6);
    pen.at = out;
    fm__access_line_json(&pen, &line);
    check_printable(fm__pen_since(&pen, out));
    check_quotes(fm__pen_since(&pen, out), quotes_of(&line));
    if (pen.full)
        fuzz_fail("a line that is longer than the longest");
    return 0;
}
