/*
 * multipart_text.c - a body of parts with a boundary between them
 *
 * A delimiter is CR LF, "--" and the boundary: at the beginning of the body,
 * and of a part without data, the CR LF is the one that came before. It is
 * looked for from its end (Horspool), so that most bytes are not looked at; but
 * only where a CR could begin it is it compared. No two such places share what
 * is compared, for it has one CR: no data takes more than a few steps a byte.
 */
#include "proto/multipart_text.h"

#include "proto/field.h"
#include "proto/scan.h"

#include <fermata/error.h>

enum multipart_state {
    MULTIPART_START,    /* at the beginning of the body */
    MULTIPART_PREAMBLE, /* before the first delimiter */
    MULTIPART_BOUNDARY, /* right behind a delimiter */
    MULTIPART_PADDING,  /* the same, and spaces */
    MULTIPART_FIELDS,
    MULTIPART_FRESH, /* right behind a head */
    MULTIPART_BODY,
    MULTIPART_CLOSED,  /* behind the last delimiter */
    MULTIPART_EPILOGUE /* on the lines behind it */
};

/* Bytes of a delimiter that are the end of the line before. */
#define MULTIPART_LINE 2

/* ---- the delimiter ------------------------------------------------------ */

static bool multipart_is_boundary(struct fm__slice boundary)
{
    static const char marks[] = "'()+_,-./:=? ";
    if (boundary.size == 0 || boundary.size > FM__MULTIPART_BOUNDARY ||
        boundary.at[boundary.size - 1] == ' ')
        return false;
    for (size_t i = 0; i < boundary.size; i++) {
        char byte = boundary.at[i];
        bool letter = (byte >= 'a' && byte <= 'z') ||
                      (byte >= 'A' && byte <= 'Z') ||
                      (byte >= '0' && byte <= '9');
        if (!letter && (byte == '\0' || strchr(marks, byte) == NULL))
            return false;
    }
    return true;
}

bool fm__multipart_init(struct fm__multipart *multipart,
                        struct fm__slice boundary, size_t limit)
{
    if (!multipart_is_boundary(boundary))
        return false;
    *multipart = (struct fm__multipart){.limit = limit};
    char *at = multipart->delimiter;
    memcpy(at, "\r\n--", 4);
    memcpy(at + 4, boundary.at, boundary.size);
    size_t last = boundary.size + 3;
    multipart->size = (uint8_t)(last + 1);
    memset(multipart->skips, multipart->size, sizeof multipart->skips);
    for (size_t i = 0; i < last; i++)
        multipart->skips[(unsigned char)at[i]] = (uint8_t)(last - i);
    return true;
}

/* Where at the end of the bytes a delimiter may begin, or their size. */
static size_t multipart_tail(const struct fm__multipart *multipart,
                             struct fm__slice bytes, size_t from)
{
    while (from < bytes.size) {
        from += fm__slice_find(fm__slice_after(bytes, from), '\r');
        if (from < bytes.size && memcmp(bytes.at + from, multipart->delimiter,
                                        bytes.size - from) == 0)
            return from;
        from++;
    }
    return bytes.size;
}

/* True: a delimiter begins there; else one may, or at the bytes' end. */
static bool multipart_find(const struct fm__multipart *multipart,
                           struct fm__slice bytes, size_t *found)
{
    const char *delimiter = multipart->delimiter;
    size_t size = multipart->size, at = 0;
    while (at + size <= bytes.size) {
        char last = bytes.at[at + size - 1];
        if (last == delimiter[size - 1] && bytes.at[at] == '\r' &&
            memcmp(bytes.at + at, delimiter, size) == 0) {
            *found = at;
            return true;
        }
        at += multipart->skips[(unsigned char)last];
    }
    *found = multipart_tail(multipart, bytes, at);
    return false;
}

/* ---- between parts ------------------------------------------------------ */

static int multipart_fail(struct fm__multipart *multipart, int rc,
                          const char *why)
{
    multipart->why = why;
    return rc;
}

static int multipart_go(struct fm__multipart *multipart,
                        enum multipart_state state)
{
    multipart->state = (uint8_t)state;
    multipart->passed = 0;
    multipart->line = 0;
    multipart->looked = 0;
    multipart->fields = 0;
    return FM__MULTIPART_MORE;
}

/* Bytes around parts. */
static int multipart_pass(struct fm__multipart *multipart,
                          struct fm__multipart_step *step, size_t size)
{
    step->size += size;
    if (size > FM__MULTIPART_ROUND - multipart->passed)
        return multipart_fail(multipart, -FM_EMULTIPART,
                              "too much before, between or behind the parts");
    multipart->passed += (unsigned)size;
    return FM__MULTIPART_MORE;
}

/* Where the line before has ended: MORE is needed, FRESH is a delimiter, and
 * all else is none. */
static int multipart_begins(const struct fm__multipart *multipart,
                            struct fm__slice bytes)
{
    size_t size = multipart->size - (size_t)MULTIPART_LINE;
    size_t some = bytes.size < size ? bytes.size : size;
    if (memcmp(bytes.at, multipart->delimiter + MULTIPART_LINE, some) != 0)
        return -1;
    return some == size;
}

static int multipart_start(struct fm__multipart *multipart,
                           struct fm__slice bytes,
                           struct fm__multipart_step *step)
{
    int begins = multipart_begins(multipart, bytes);
    if (begins > 0)
        step->size = multipart->size - (size_t)MULTIPART_LINE;
    if (begins != 0)
        multipart_go(multipart,
                     begins > 0 ? MULTIPART_BOUNDARY : MULTIPART_PREAMBLE);
    return FM__MULTIPART_MORE;
}

static int multipart_preamble(struct fm__multipart *multipart,
                              struct fm__slice bytes,
                              struct fm__multipart_step *step)
{
    size_t at;
    bool found = multipart_find(multipart, bytes, &at);
    int rc = multipart_pass(multipart, step, at);
    if (rc < 0 || !found)
        return rc;
    step->size += multipart->size;
    return multipart_go(multipart, MULTIPART_BOUNDARY);
}

/* Behind a delimiter: spaces, and the line's end. */
static int multipart_line(struct fm__multipart *multipart,
                          struct fm__slice bytes,
                          struct fm__multipart_step *step,
                          enum multipart_state next)
{
    size_t blanks = 0;
    while (fm__slice_at(bytes, blanks) == ' ' ||
           fm__slice_at(bytes, blanks) == '\t')
        blanks++;
    int rc = multipart_pass(multipart, step, blanks);
    bytes = fm__slice_after(bytes, blanks);
    if (rc < 0 || bytes.size == 0)
        return rc;
    if (bytes.at[0] != '\r' || (bytes.size > 1 && bytes.at[1] != '\n'))
        return multipart_fail(multipart, -FM_EMULTIPART,
                              "a delimiter whose line goes on");
    if (bytes.size == 1)
        return FM__MULTIPART_MORE;
    step->size += 2;
    return multipart_go(multipart, next);
}

static int multipart_boundary(struct fm__multipart *multipart,
                              struct fm__slice bytes,
                              struct fm__multipart_step *step)
{
    if (bytes.size == 0 || (bytes.size == 1 && bytes.at[0] == '-'))
        return FM__MULTIPART_MORE;
    if (bytes.at[0] != '-' || bytes.at[1] != '-')
        return multipart_go(multipart, MULTIPART_PADDING);
    step->size = 2;
    return multipart_go(multipart, MULTIPART_CLOSED);
}

/* ---- parts -------------------------------------------------------------- */

static bool multipart_split(struct fm__slice line, struct fm__slice *name,
                            struct fm__slice *value)
{
    size_t colon = fm__slice_find(line, ':');
    *name = fm__slice_until(line, colon);
    *value = fm__slice_trim(fm__slice_after(line, colon + 1));
    return colon < line.size && fm__token_is(*name);
}

static int multipart_take_field(struct fm__multipart *multipart,
                                struct fm__slice line)
{
    struct fm__slice name, value;
    if (multipart->fields++ == FM__MULTIPART_FIELDS)
        return multipart_fail(multipart, -FM_EPARTHEAD,
                              "a part with too many fields");
    if (!multipart_split(line, &name, &value) ||
        fm__scan_value(value.at, value.size) != value.size)
        return multipart_fail(multipart, -FM_EMULTIPART,
                              "a part with a field that is none");
    return 0;
}

/* The line that ends at `end`, with a LF. */
static int multipart_take_line(struct fm__multipart *multipart,
                               struct fm__slice bytes, size_t end,
                               struct fm__multipart_step *step)
{
    struct fm__slice line = {bytes.at + multipart->line, end - multipart->line};
    if (line.size == 0 || line.at[line.size - 1] != '\r')
        return multipart_fail(multipart, -FM_EMULTIPART,
                              "a line of a part's head without a CR");
    line.size--;
    if (line.size > 0) {
        multipart->line = end + 1;
        multipart->looked = end + 1;
        return multipart_take_field(multipart, line);
    }
    step->text = fm__slice_until(bytes, multipart->line);
    step->size = end + 1;
    multipart_go(multipart, MULTIPART_FRESH);
    return FM__MULTIPART_HEAD;
}

static int multipart_fields(struct fm__multipart *multipart,
                            struct fm__slice bytes,
                            struct fm__multipart_step *step)
{
    int rc = FM__MULTIPART_MORE;
    while (rc == FM__MULTIPART_MORE) {
        size_t end =
            multipart->looked +
            fm__slice_find(fm__slice_after(bytes, multipart->looked), '\n');
        if (end >= multipart->limit)
            return multipart_fail(multipart, -FM_EPARTHEAD,
                                  "a part with too long a head");
        if (end == bytes.size) {
            multipart->looked = end;
            return FM__MULTIPART_MORE;
        }
        rc = multipart_take_line(multipart, bytes, end, step);
    }
    return rc;
}

bool fm__multipart_field(struct fm__slice *head, struct fm__slice *name,
                         struct fm__slice *value)
{
    size_t end = fm__slice_find(*head, '\r');
    struct fm__slice line = fm__slice_until(*head, end);
    *head = fm__slice_after(*head, end + 2);
    return multipart_split(line, name, value);
}

static int multipart_fresh(struct fm__multipart *multipart,
                           struct fm__slice bytes,
                           struct fm__multipart_step *step)
{
    int begins = multipart_begins(multipart, bytes);
    if (begins == 0)
        return FM__MULTIPART_MORE;
    if (begins < 0)
        return multipart_go(multipart, MULTIPART_BODY);
    step->size = multipart->size - (size_t)MULTIPART_LINE;
    multipart_go(multipart, MULTIPART_BOUNDARY);
    return FM__MULTIPART_END;
}

static int multipart_body(struct fm__multipart *multipart,
                          struct fm__slice bytes,
                          struct fm__multipart_step *step)
{
    size_t at;
    bool found = multipart_find(multipart, bytes, &at);
    if (at > 0) {
        step->text = fm__slice_until(bytes, at);
        step->size = at;
        return FM__MULTIPART_DATA;
    }
    if (!found)
        return FM__MULTIPART_MORE;
    step->size = multipart->size;
    multipart_go(multipart, MULTIPART_BOUNDARY);
    return FM__MULTIPART_END;
}

/* ---- all of it ---------------------------------------------------------- */

static int multipart_step(struct fm__multipart *multipart,
                          struct fm__slice bytes,
                          struct fm__multipart_step *step)
{
    switch ((enum multipart_state)multipart->state) {
    case MULTIPART_START:
        return multipart_start(multipart, bytes, step);
    case MULTIPART_PREAMBLE:
        return multipart_preamble(multipart, bytes, step);
    case MULTIPART_BOUNDARY:
        return multipart_boundary(multipart, bytes, step);
    case MULTIPART_PADDING:
        return multipart_line(multipart, bytes, step, MULTIPART_FIELDS);
    case MULTIPART_FIELDS:
        return multipart_fields(multipart, bytes, step);
    case MULTIPART_FRESH:
        return multipart_fresh(multipart, bytes, step);
    case MULTIPART_BODY:
        return multipart_body(multipart, bytes, step);
    case MULTIPART_CLOSED:
        return multipart_line(multipart, bytes, step, MULTIPART_EPILOGUE);
    case MULTIPART_EPILOGUE:
        break;
    }
    return multipart_pass(multipart, step, bytes.size);
}

int fm__multipart_read(struct fm__multipart *multipart, struct fm__slice bytes,
                       struct fm__multipart_step *step)
{
    size_t done = 0;
    int rc;
    uint8_t state;
    do {
        state = multipart->state;
        *step = (struct fm__multipart_step){{bytes.at, 0}, 0};
        rc = multipart_step(multipart, fm__slice_after(bytes, done), step);
        done += step->size;
    } while (rc == FM__MULTIPART_MORE && multipart->state != state);
    step->size = done;
    return rc;
}

bool fm__multipart_ends(const struct fm__multipart *multipart)
{
    return multipart->state == MULTIPART_CLOSED ||
           multipart->state == MULTIPART_EPILOGUE;
}
