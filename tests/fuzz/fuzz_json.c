/*
 * fuzz_json.c - what is taken for JSON is so once more when it is written, and
 * any bytes are a text of it
 */
#include "fuzz.h"

#include "http/json_value.h"
#include "proto/json_text.h"

#include <jansson.h>

static void check_again(json_t *json)
{
    char why[FM__JSON_WHY];
    json_t *again = NULL;
    char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
    if (text == NULL)
        fuzz_fail("a value that cannot be written");
    if (fm__json_read(fm__slice_of(text), &again, why) < 0)
        fuzz_fail("what was written is no JSON");
    if (!json_equal(json, again))
        fuzz_fail("what was written is another value");
    free(text);
    fm__json_free(again);
}

static void check_text(struct fm__slice bytes)
{
    char why[FM__JSON_WHY];
    json_t *text = NULL;
    size_t room = FM__JSON_GROWTH * bytes.size + 2;
    char *out = malloc(room);
    if (out == NULL)
        return;
    struct fm__pen pen = {out, out + room, false};
    fm__json_text(&pen, bytes);
    bool nul = fm__slice_find(bytes, '\0') < bytes.size;
    int rc = fm__json_read(fm__pen_since(&pen, out), &text, why);
    if (pen.full || (rc < 0 && !nul))
        fuzz_fail("a text that is none");
    fm__json_free(text);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fm__slice text = {(const char *)bytes, size};
    char why[FM__JSON_WHY] = "";
    json_t *json = NULL;
    if (size == 0)
        return 0;
    if (fm__json_read(text, &json, why) == 0)
        check_again(json);
    else if (why[0] == '\0')
        fuzz_fail("no word about what is wrong");
    fm__json_free(json);
    check_text(text);
    return 0;
}
