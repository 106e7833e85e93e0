/*
 * file_type.c - what kind of thing a file is, by the ending of its name
 *
 * The types are those that IANA registers. A text is UTF-8, as texts are.
 */
#include "http/file_type.h"

#include "base/compiler.h"
#include "proto/field.h"

#define TEXT(kind) "text/" kind "; charset=utf-8"

/* In the order of the endings. */
static const struct {
    const char *ending;
    const char *type;
} file_types[] = {
    {"7z", "application/x-7z-compressed"},
    {"aac", "audio/aac"},
    {"apng", "image/apng"},
    {"atom", "application/atom+xml"},
    {"avif", "image/avif"},
    {"bmp", "image/bmp"},
    {"bz2", "application/x-bzip2"},
    {"c", TEXT("plain")},
    {"css", TEXT("css")},
    {"csv", TEXT("csv")},
    {"docx", "application/vnd.openxmlformats-officedocument"
             ".wordprocessingml.document"},
    {"epub", "application/epub+zip"},
    {"flac", "audio/flac"},
    {"gif", "image/gif"},
    {"gz", "application/gzip"},
    {"h", TEXT("plain")},
    {"htm", TEXT("html")},
    {"html", TEXT("html")},
    {"ico", "image/vnd.microsoft.icon"},
    {"ics", TEXT("calendar")},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"js", TEXT("javascript")},
    {"json", "application/json"},
    {"jsonld", "application/ld+json"},
    {"jxl", "image/jxl"},
    {"log", TEXT("plain")},
    {"m4a", "audio/mp4"},
    {"map", "application/json"},
    {"md", TEXT("markdown")},
    {"mjs", TEXT("javascript")},
    {"mkv", "video/matroska"},
    {"mp3", "audio/mpeg"},
    {"mp4", "video/mp4"},
    {"mpeg", "video/mpeg"},
    {"oga", "audio/ogg"},
    {"ogg", "audio/ogg"},
    {"ogv", "video/ogg"},
    {"opus", "audio/ogg"},
    {"otf", "font/otf"},
    {"pdf", "application/pdf"},
    {"png", "image/png"},
    {"pptx", "application/vnd.openxmlformats-officedocument"
             ".presentationml.presentation"},
    {"rss", "application/rss+xml"},
    {"svg", "image/svg+xml"},
    {"tar", "application/x-tar"},
    {"tif", "image/tiff"},
    {"tiff", "image/tiff"},
    {"ttf", "font/ttf"},
    {"txt", TEXT("plain")},
    {"vtt", TEXT("vtt")},
    {"wasm", "application/wasm"},
    {"wav", "audio/wav"},
    {"weba", "audio/webm"},
    {"webm", "video/webm"},
    {"webmanifest", "application/manifest+json"},
    {"webp", "image/webp"},
    {"woff", "font/woff"},
    {"woff2", "font/woff2"},
    {"xhtml", "application/xhtml+xml"},
    {"xlsx", "application/vnd.openxmlformats-officedocument"
             ".spreadsheetml.sheet"},
    {"xml", "application/xml"},
    {"yaml", "application/yaml"},
    {"yml", "application/yaml"},
    {"zip", "application/zip"},
    {"zst", "application/zstd"},
};

/* Behind the last dot of the name; a dot that it begins with is none. */
static struct fm__slice file_type_ending(struct fm__slice path)
{
    size_t start = path.size;
    while (start > 0 && path.at[start - 1] != '.' && path.at[start - 1] != '/')
        start--;
    if (start < 2 || path.at[start - 1] != '.' || path.at[start - 2] == '/')
        return FM__SLICE("");
    return fm__slice_after(path, start);
}

const char *fm__file_type(const char *path)
{
    struct fm__slice ending = file_type_ending(fm__slice_of(path));
    for (size_t i = 0; i < FM__COUNT(file_types); i++)
        if (fm__slice_like(ending, fm__slice_of(file_types[i].ending)))
            return file_types[i].type;
    return "application/octet-stream";
}
