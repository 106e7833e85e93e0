/*
 * test_file_type.c - what kind of thing a file is, by the ending of its name
 */
#include "harness.h"

#include "http/file_type.h"

#include <string.h>

TEST(an_ending_tells_the_type)
{
    static const char *const types[][2] = {
        {"a.html", "text/html; charset=utf-8"},
        {"a.HTML", "text/html; charset=utf-8"},
        {"d.zip/a.js", "text/javascript; charset=utf-8"},
        {"a.tar.gz", "application/gzip"},
        {"a.7z", "application/x-7z-compressed"},
        {"a.zst", "application/zstd"},
        {"a.json", "application/json"},
        {"a", "application/octet-stream"},
        {"a.", "application/octet-stream"},
        {"a.unheard", "application/octet-stream"},
        {".html", "application/octet-stream"},
        {"d/.html", "application/octet-stream"},
        {"d.html/a", "application/octet-stream"},
        {"", "application/octet-stream"},
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(fm__file_type(types[i][0]), types[i][1]) != 0)
            test_fail(__FILE__, __LINE__, "%s", types[i][0]);
}
