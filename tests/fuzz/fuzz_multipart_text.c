/*
 * fuzz_multipart_text.c - a body is the same parts however it comes, and what
 * is put between delimiters is read as it was
 *
 * The first byte is the size of the pieces. The boundary is "b".
 */
#include "fuzz.h"

#include "proto/multipart_text.h"

enum {
    ROOM = 1 << 14,
    NOTED = 4 * ROOM,
    LIMIT = 200
};

struct outcome {
    int rc;
    bool ends;
    size_t size;
    char text[NOTED];
};

static void note(struct outcome *out, const char *bytes, size_t size)
{
    if (size > NOTED - out->size)
        fuzz_fail("more than there was");
    memcpy(out->text + out->size, bytes, size);
    out->size += size;
}

static void note_step(struct outcome *out, int kind,
                      const struct fm__multipart_step *step)
{
    struct fm__slice head = step->text, name, value;
    note(out, kind == FM__MULTIPART_HEAD ? "<" : "",
         kind == FM__MULTIPART_HEAD);
    note(out, step->text.at, step->text.size);
    note(out, kind == FM__MULTIPART_END ? "|" : ">",
         kind == FM__MULTIPART_END || kind == FM__MULTIPART_HEAD);
    if (kind != FM__MULTIPART_HEAD)
        return;
    while (fm__multipart_field(&head, &name, &value))
        continue;
    if (head.size > 0)
        fuzz_fail("a field that was accepted and is none");
}

static void hear(struct fm__multipart *parser, struct outcome *out,
                 struct fm__slice come, size_t *at)
{
    do {
        struct fm__multipart_step step;
        size_t size = come.size - *at;
        char *window = fuzz_copy(come.at + *at, size);
        out->rc =
            fm__multipart_read(parser, (struct fm__slice){window, size}, &step);
        if (out->rc >= 0 && step.size > size)
            fuzz_fail("done with more than there is");
        if (out->rc > 0)
            note_step(out, out->rc, &step);
        if (out->rc >= 0)
            *at += step.size;
        free(window);
    } while (out->rc > 0);
    if (out->rc == 0 && come.size - *at > LIMIT + FM__MULTIPART_HELD)
        fuzz_fail("more is held than is promised");
}

static void parse(struct outcome *out, struct fm__slice body, size_t piece)
{
    struct fm__multipart parser;
    size_t at = 0, come = 0;
    if (!fm__multipart_init(&parser, FM__SLICE("b"), LIMIT))
        fuzz_fail("a boundary that is none");
    out->rc = 0;
    out->size = 0;
    while (out->rc >= 0 && come < body.size) {
        come += piece < body.size - come ? piece : body.size - come;
        hear(&parser, out, fm__slice_until(body, come), &at);
    }
    out->ends = out->rc == 0 && fm__multipart_ends(&parser);
}

static void check_same(struct fm__slice body, size_t piece)
{
    static struct outcome whole, parts;
    parse(&whole, body, body.size);
    parse(&parts, body, piece);
    if (whole.rc != parts.rc || whole.ends != parts.ends ||
        whole.size != parts.size ||
        memcmp(whole.text, parts.text, whole.size) != 0)
        fuzz_fail("parts that are others in pieces");
}

static bool has_delimiter(struct fm__slice data)
{
    return memmem(data.at, data.size, "\r\n--b", 5) != NULL ||
           (data.size >= 3 && memcmp(data.at, "--b", 3) == 0);
}

static void check_data(struct fm__slice data, size_t piece)
{
    static struct outcome out;
    static char body[ROOM + 64];
    struct fm__pen pen = {body, body + sizeof body, false};
    if (has_delimiter(data))
        return;
    fm__pen_write(&pen, FM__SLICE("--b\r\n\r\n"));
    fm__pen_write(&pen, data);
    fm__pen_write(&pen, FM__SLICE("\r\n--b--"));
    parse(&out, fm__pen_since(&pen, body), piece);
    if (!out.ends || out.size != data.size + 3 ||
        memcmp(out.text + 2, data.at, data.size) != 0)
        fuzz_fail("data that is not what was sent");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size < 2 || size > ROOM)
        return 0;
    struct fm__slice body = {(const char *)bytes + 1, size - 1};
    size_t piece = bytes[0] > 0 ? bytes[0] : 1;
    check_same(body, piece);
    check_same(body, 1);
    check_data(body, piece);
    return 0;
}
