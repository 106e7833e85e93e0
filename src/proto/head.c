/*
 * head.c - the lines of an HTTP/1.1 head
 *
 * Invariant: `at` is the beginning of a line of which nothing has been taken;
 * a line is taken when its CR LF is there, and never looked at again.
 */
#include "proto/head.h"

#include "proto/head_rules.h"
#include "proto/scan.h"

#include <fermata/error.h>

/* A line that is being read; `at` counts from the head's first byte. */
struct head_line {
    const char *bytes;
    size_t at;
    size_t size; /* of all that has come */
};

enum {
    HEAD_MORE = 1 /* the line's end is still to come */
};

static char head_byte(const struct head_line *line)
{
    return line->bytes[line->at];
}

static struct fm__passage head_place(size_t from, size_t to)
{
    return (struct fm__passage){(uint32_t)from, (uint32_t)(to - from)};
}

/* CR LF: 0, HEAD_MORE, or `wrong`. */
FM__INLINE int head_line_end(struct head_line *line, int wrong)
{
    const char *at = line->bytes + line->at;
    size_t left = line->size - line->at;
    if (FM__LIKELY(left >= 2 && at[0] == '\r' && at[1] == '\n')) {
        line->at += 2;
        return 0;
    }
    line->at = line->size;
    return left == 0 || (left == 1 && at[0] == '\r') ? HEAD_MORE : wrong;
}

/* A token up to `end`, which is taken too. */
FM__INLINE int head_token(struct head_line *line, char end,
                          struct fm__passage *token, int wrong)
{
    size_t from = line->at;
    size_t to = from + fm__scan_token(line->bytes + from, line->size - from);
    line->at = to + 1;
    if (FM__UNLIKELY(to == line->size))
        return HEAD_MORE;
    if (FM__UNLIKELY(line->bytes[to] != end || to == from))
        return wrong;
    *token = head_place(from, to);
    return 0;
}

/* Whatever is not "HTTP/1." and a 0 or 1, or not all there. */
static int head_odd_version(const char *version, size_t left)
{
    static const char name[] = "HTTP/";
    size_t size = left < sizeof name - 1 ? left : sizeof name - 1;
    if (memcmp(version, name, size) != 0)
        return -FM_EHTTPLINE;
    if (left < sizeof "HTTP/1.1" - 1)
        return HEAD_MORE;
    version += sizeof name - 1;
    if (version[0] < '0' || version[0] > '9' || version[1] != '.' ||
        version[2] < '0' || version[2] > '9')
        return -FM_EHTTPLINE;
    return -FM_EHTTPVERSION;
}

static int head_version(struct fm__head *head, struct head_line *line)
{
    static const char name[] = "HTTP/1.";
    const char *version = line->bytes + line->at;
    size_t left = line->size - line->at;
    if (FM__UNLIKELY(left < sizeof name ||
                     memcmp(version, name, sizeof name - 1) != 0 ||
                     (version[7] & ~1) != '0'))
        return head_odd_version(version, left);
    head->minor = (uint8_t)(version[7] - '0');
    line->at += sizeof name;
    return 0;
}

static int head_target(struct fm__head *head, struct head_line *line)
{
    size_t from = line->at;
    line->at += fm__scan_target(line->bytes + from, line->size - from);
    if (line->at == line->size)
        return HEAD_MORE;
    if (head_byte(line) != ' ' || line->at == from)
        return -FM_EHTTPLINE;
    head->target = head_place(from, line->at);
    line->at++;
    return 0;
}

/* RFC 9112, 3. */
static int head_request_line(struct fm__head *head, struct head_line *line)
{
    int rc = head_token(line, ' ', &head->method, -FM_EHTTPLINE);
    if (rc == 0)
        rc = head_target(head, line);
    if (rc == 0)
        rc = head_version(head, line);
    if (rc == 0)
        rc = head_line_end(line, -FM_EHTTPLINE);
    return rc;
}

static int head_status(struct fm__head *head, struct head_line *line)
{
    for (int i = 0; i < 4; i++, line->at++) {
        if (line->at == line->size)
            return HEAD_MORE;
        char byte = head_byte(line);
        if (i == 0 ? byte != ' ' : byte < '0' || byte > '9')
            return -FM_EHTTPLINE;
        if (i > 0)
            head->status =
                (uint16_t)((i > 1 ? head->status * 10 : 0) + byte - '0');
    }
    return head->status < 100 ? -FM_EHTTPLINE : 0;
}

/* What comes behind the status is for people, and may be missing. */
static int head_reason(struct fm__head *head, struct head_line *line)
{
    size_t from = line->at;
    if (from == line->size)
        return HEAD_MORE;
    if (head_byte(line) == ' ') {
        from++;
        line->at = from + fm__scan_value(line->bytes + from, line->size - from);
    }
    head->reason = head_place(from, line->at);
    return head_line_end(line, -FM_EHTTPLINE);
}

/* RFC 9112, 4. */
static int head_status_line(struct fm__head *head, struct head_line *line)
{
    int rc = head_version(head, line);
    if (rc == 0)
        rc = head_status(head, line);
    return rc == 0 ? head_reason(head, line) : rc;
}

static int head_first_line(struct fm__head *head, struct head_line *line)
{
    if (head->kind == FM__HEAD_RESPONSE)
        return head_status_line(head, line);
    if (head_byte(line) != '\r')
        return head_request_line(head, line);
    if (head->empty++ == FM__HEAD_EMPTY)
        return -FM_EHTTPLINE;
    int rc = head_line_end(line, -FM_EHTTPLINE);
    if (rc == HEAD_MORE)
        head->empty--;
    return rc;
}

/* Of what may stand in a value, only a space and a tab. */
static bool head_is_blank(char byte)
{
    return (unsigned char)byte <= ' ';
}

/* A value without spaces and tabs at both ends. */
static struct fm__passage head_trimmed(const char *bytes, size_t from,
                                       size_t to)
{
    while (from < to && head_is_blank(bytes[from]))
        from++;
    while (from < to && head_is_blank(bytes[to - 1]))
        to--;
    return head_place(from, to);
}

/* RFC 9112, 5. */
FM__INLINE int head_field(struct fm__head *head, struct head_line *line)
{
    struct fm__passage name = {0, 0};
    int rc = head_token(line, ':', &name, -FM_EHTTPFIELD);
    if (rc != 0)
        return rc;
    size_t from = line->at;
    line->at += fm__scan_value(line->bytes + from, line->size - from);
    struct fm__passage value = head_trimmed(line->bytes, from, line->at);
    rc = head_line_end(line, -FM_EHTTPFIELD);
    if (rc != 0)
        return rc;
    if (head->count == FM__HEAD_FIELDS)
        return -FM_EHTTPFIELDS;
    struct fm__field *field = &head->fields[head->count++];
    field->name = name;
    field->value = value;
    field->known = fm__field_find(fm__passage_in(line->bytes, name));
    return fm__head_is_ruled(field->known)
               ? fm__head_field(head, field, line->bytes)
               : 0;
}

/* The one that ends the head. */
static int head_empty_line(struct fm__head *head, struct head_line *line)
{
    int rc = head_line_end(line, -FM_EHTTPFIELD);
    if (rc != 0)
        return rc;
    head->complete = true;
    return fm__head_end(head, line->bytes);
}

/* All before the fields: 0, HEAD_MORE, or why they are refused. A line is
 * measured whether its end has come or not. */
static int head_first_lines(struct fm__head *head, struct head_line *line)
{
    while (head->first == 0 && line->at < line->size) {
        int rc = head_first_line(head, line);
        if (rc >= 0 && line->at - head->at > FM__HEAD_LINE + 2)
            return -FM_EHTTPLONG;
        if (rc != 0)
            return rc;
        head->at = (uint32_t)line->at;
        if (head->kind == FM__HEAD_RESPONSE || head->method.size > 0)
            head->first = head->at;
    }
    return 0;
}

/* The fields, and the empty line. */
static int head_fields(struct fm__head *head, struct head_line *line)
{
    while (!head->complete && line->at < line->size) {
        int rc = head_byte(line) != '\r' ? head_field(head, line)
                                         : head_empty_line(head, line);
        if (rc >= 0 && FM__UNLIKELY(line->at - head->first > FM__HEAD_SIZE))
            return -FM_EHTTPFIELDS;
        if (FM__UNLIKELY(rc != 0))
            return rc;
        head->at = (uint32_t)line->at;
    }
    return 0;
}

void fm__head_init(struct fm__head *head, enum fm__head_kind kind)
{
    memset(head, 0, offsetof(struct fm__head, fields));
    head->kind = kind;
    head->content_length = -1;
}

ssize_t fm__head_read(struct fm__head *head, const char *bytes, size_t size)
{
    struct head_line line = {bytes, head->at, size};
    int rc = head_first_lines(head, &line);
    if (rc == 0)
        rc = head_fields(head, &line);
    if (rc < 0)
        return rc;
    return head->complete ? (ssize_t)head->at : 0;
}

const struct fm__field *fm__head_find(const struct fm__head *head,
                                      const char *bytes, const char *name)
{
    struct fm__slice wanted = fm__slice_of(name);
    enum fm__field_name known = fm__field_find(wanted);
    for (unsigned i = 0; i < head->count; i++) {
        const struct fm__field *field = &head->fields[i];
        if (known != FM__FIELD_OTHER
                ? field->known == known
                : field->known == FM__FIELD_OTHER &&
                      fm__slice_like(fm__passage_in(bytes, field->name),
                                     wanted))
            return field;
    }
    return NULL;
}
