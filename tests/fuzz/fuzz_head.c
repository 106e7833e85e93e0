/*
 * fuzz_head.c - a head is the same in whatever two parts it comes and whoever
 * scans it, all of its places are in it, and what is taken can be written again
 *
 * The first byte chooses its kind.
 */
#include "fuzz.h"

#include "fuzz/plain_head.h"

enum {
    SHORT = 512, /* up to here at every byte */
    PARTS = 8    /* of what is longer */
};

static void check_place(struct fm__passage place, size_t size)
{
    if (place.at > size || place.size > size - place.at)
        fuzz_fail("a place outside of the head");
}

static void check_places(const struct fm__head *head)
{
    check_place(head->method, head->at);
    check_place(head->target, head->at);
    check_place(head->reason, head->at);
    check_place(head->host, head->at);
    for (unsigned i = 0; i < head->count; i++) {
        check_place(head->fields[i].name, head->at);
        check_place(head->fields[i].value, head->at);
    }
}

/* Up to the fields, which have no byte of padding either. */
static void check_same(const struct fm__head *one, const struct fm__head *other,
                       const char *complaint)
{
    if (one->count != other->count ||
        memcmp(one, other, offsetof(struct fm__head, fields)) != 0 ||
        memcmp(one->fields, other->fields,
               one->count * sizeof one->fields[0]) != 0)
        fuzz_fail(complaint);
}

/* Its first bytes in memory of their own, then all. */
static ssize_t read_parts(struct fm__head *head, const char *text, size_t size,
                          size_t come)
{
    char *part = fuzz_copy(text, come);
    ssize_t rc = fm__head_read(head, part, come);
    free(part);
    return rc != 0 ? rc : fm__head_read(head, text, size);
}

static void check_parts(const struct fm__head *whole, ssize_t wanted,
                        const char *text, size_t size)
{
    static struct fm__head parts;
    size_t step = size > SHORT ? size / PARTS : 1;
    for (size_t come = 0; come < size; come += step) {
        fm__head_init(&parts, whole->kind);
        if (read_parts(&parts, text, size, come) != wanted)
            fuzz_fail("a head that is another in two parts");
        if (wanted > 0)
            check_same(&parts, whole, "two parts say something else");
    }
}

static void check_plain(const struct fm__head *whole, ssize_t wanted,
                        const char *text, size_t size)
{
    static struct fm__head plain;
    fm__head_init(&plain, whole->kind);
    if (plain_head_read(&plain, text, size) != wanted)
        fuzz_fail("a head that is another without vectors");
    if (wanted > 0)
        check_same(&plain, whole, "a plain scan says something else");
}

static void pen_field(struct fm__pen *pen, struct fm__slice name,
                      struct fm__slice value)
{
    fm__pen_write(pen, name);
    fm__pen_write(pen, FM__SLICE(":"));
    fm__pen_write(pen, value);
    fm__pen_write(pen, FM__SLICE("\r\n"));
}

static void pen_first_line(struct fm__pen *pen, const struct fm__head *head,
                           const char *text)
{
    char line[32];
    if (head->kind == FM__HEAD_RESPONSE) {
        snprintf(line, sizeof line, "HTTP/1.%d %d ", head->minor, head->status);
        fm__pen_write(pen, fm__slice_of(line));
        fm__pen_write(pen, fm__passage_in(text, head->reason));
    } else {
        snprintf(line, sizeof line, " HTTP/1.%d", head->minor);
        fm__pen_write(pen, fm__passage_in(text, head->method));
        fm__pen_put(pen, ' ');
        fm__pen_write(pen, fm__passage_in(text, head->target));
        fm__pen_write(pen, fm__slice_of(line));
    }
    fm__pen_write(pen, FM__SLICE("\r\n"));
}

/* It means the same, wherever its places are. */
static void check_meaning(const struct fm__head *one,
                          const struct fm__head *other)
{
    if (one->minor != other->minor || one->chunked != other->chunked ||
        one->expects != other->expects || one->status != other->status ||
        one->connection != other->connection || one->count != other->count ||
        one->content_length != other->content_length ||
        fm__head_stays(one) != fm__head_stays(other))
        fuzz_fail("a head that means something else when it is written again");
    for (unsigned i = 0; i < one->count; i++)
        if (one->fields[i].known != other->fields[i].known ||
            one->fields[i].value.size != other->fields[i].value.size)
            fuzz_fail("a field that is another when it is written again");
}

/* It is not longer than what was read, but for the space before a reason. */
static void check_again(const struct fm__head *head, const char *text)
{
    static char room[FM__HEAD_LIMIT + 1];
    static struct fm__head again;
    struct fm__pen pen = {room, room + sizeof room, false};
    pen_first_line(&pen, head, text);
    for (unsigned i = 0; i < head->count; i++)
        pen_field(&pen, fm__passage_in(text, head->fields[i].name),
                  fm__passage_in(text, head->fields[i].value));
    fm__pen_write(&pen, FM__SLICE("\r\n"));
    if (pen.full)
        fuzz_fail("a head longer than its limit");
    size_t size = fm__pen_since(&pen, room).size;
    fm__head_init(&again, head->kind);
    if (fm__head_read(&again, room, size) != (ssize_t)size)
        fuzz_fail("a head that is none when it is written again");
    check_meaning(head, &again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct fm__head whole;
    if (size == 0)
        return 0;
    enum fm__head_kind kind =
        bytes[0] & 1 ? FM__HEAD_RESPONSE : FM__HEAD_REQUEST;
    const char *text = (const char *)bytes + 1;
    size--;
    fm__head_init(&whole, kind);
    ssize_t rc = fm__head_read(&whole, text, size);
    check_parts(&whole, rc, text, size);
    check_plain(&whole, rc, text, size);
    if (rc > 0) {
        check_places(&whole);
        check_again(&whole, text);
    }
    return 0;
}
