/*
 * test_coding.c - how a client lets what it is sent be compressed
 */
#include "harness.h"

#include "proto/codings.h"

#include <stdlib.h>

/* A bit for each that is taken, by fields with a newline between them. */
static unsigned taken(const char *fields)
{
    struct fm__codings codings = {0};
    unsigned bits = 0;
    while (*fields != '\0') {
        size_t size = strcspn(fields, "\n");
        char *copy = malloc(size + 1);
        memcpy(copy, fields, size);
        fm__codings_take(&codings, (struct fm__slice){copy, size});
        free(copy);
        fields += size + (fields[size] != '\0');
    }
    for (unsigned i = 0; i < FM__CODINGS; i++)
        if (fm__codings_has(&codings, (enum fm__coding)i))
            bits |= 1u << i;
    return bits;
}

enum {
    B = 1 << FM__CODING_BR,
    Z = 1 << FM__CODING_ZSTD,
    G = 1 << FM__CODING_GZIP
};

static const struct {
    const char *fields;
    unsigned bits;
} table[] = {
    {"", 0},
    {"gzip, deflate, br, zstd", B | Z | G},
    {"gzip", G},
    {"GZip", G},
    {"x-gzip", G},
    {"identity", 0},
    {"*", B | Z | G},
    {"*;q=0", 0},
    {"*, gzip;q=0", B | Z},
    {"gzip;q=0, *", B | Z},
    {"*;q=0, br", B},
    {"br;q=0.5, gzip; q=1.000 ,zstd ;Q=0.001", B | Z | G},
    {"br;q=0, gzip;q=0.0, zstd;q=0.000", 0},
    {"br;q=1.5x", 0},
    {"br;q=", 0},
    {"br;q=2", 0},
    {"br;q=0.0000", 0},
    {"br;q=.5", 0},
    {"br;q=-1", 0},
    {"br;level=1", 0},
    {"br;", 0},
    {";q=1", 0},
    {"b r", 0},
    {"brx", 0},
    {"gzip\nbr", B | G},
    {"gzip;q=0\ngzip", 0},
};

TEST(what_may_be_compressed_is_said_by_name_and_weight)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (taken(table[i].fields) != table[i].bits)
            test_fail(__FILE__, __LINE__, "%s: %u", table[i].fields,
                      taken(table[i].fields));
}
