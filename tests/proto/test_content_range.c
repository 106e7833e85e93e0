/*
 * test_content_range.c - which bytes a part of a thing is
 */
#include "harness.h"

#include "proto/content_range.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *text;
    struct fm__content_range range; /* first below 0: it is none */
} table[] = {
    /* RFC 9110, 14.4 */
    {"bytes 42-1233/1234", {42, 1233, 1234}},
    {"bytes 42-1233/*", {42, 1233, -1}},
    {"bytes */1234", {-1, 0, 0}},
    {"bytes 0-0/1", {0, 0, 1}},
    {"Bytes 0-1/2", {0, 1, 2}},
    {"bytes 0-999999999999999998/999999999999999999",
     {0, 999999999999999998, 999999999999999999}},
    {"bytes 007-08/9", {7, 8, 9}},
    {"bytes 0-1000000000000000000/*", {-1, 0, 0}},
    {"bytes 0-1/1000000000000000000", {-1, 0, 0}},
    {"", {-1, 0, 0}},
    {"bytes", {-1, 0, 0}},
    {"bytes ", {-1, 0, 0}},
    {"bytes 0-", {-1, 0, 0}},
    {"bytes 0-1", {-1, 0, 0}},
    {"bytes 0-1/", {-1, 0, 0}},
    {"bytes 0-1/1", {-1, 0, 0}},
    {"bytes 2-1/9", {-1, 0, 0}},
    {"bytes -1/9", {-1, 0, 0}},
    {"bytes 0-1/2 ", {-1, 0, 0}},
    {"bytes 0-1/**", {-1, 0, 0}},
    {"bytes 0 -1/2", {-1, 0, 0}},
    {"bytes  0-1/2", {-1, 0, 0}},
    {"bytes=0-1/2", {-1, 0, 0}},
    {"bytes +0-1/2", {-1, 0, 0}},
    {"bytes 0-0x1/2", {-1, 0, 0}},
    {"bits 0-1/2", {-1, 0, 0}},
};

/* In memory of its very size, so that no byte behind it is looked at. */
static bool read_range(const char *text, size_t size,
                       struct fm__content_range *range)
{
    char *copy = malloc(size + 1);
    memcpy(copy, text, size);
    char *exact = realloc(copy, size > 0 ? size : 1);
    bool is = fm__content_range_read((struct fm__slice){exact, size}, range);
    free(exact);
    return is;
}

TEST(a_part_says_where_it_is)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const struct fm__content_range *wanted = &table[i].range;
        struct fm__content_range range;
        bool is = read_range(table[i].text, strlen(table[i].text), &range);
        CHECK_INT(is, wanted->first >= 0);
        if (!is)
            continue;
        CHECK_INT(range.first, wanted->first);
        CHECK_INT(range.last, wanted->last);
        CHECK_INT(range.total, wanted->total);
    }
}

TEST(half_of_it_is_none)
{
    const char *text = "bytes 42-1233/1234";
    struct fm__content_range range;
    for (size_t size = 0; size < strlen(text) - 4; size++)
        CHECK(!read_range(text, size, &range));
}
