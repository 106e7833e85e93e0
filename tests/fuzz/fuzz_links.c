/*
 * fuzz_links.c - any bytes are a page, and however they are cut, its links are
 * the same
 *
 * Up to the first NUL is a Content-Type, if it is one of a page.
 */
#include "fuzz.h"

#include <errno.h>
#include <fermata/links.h>
#include <stdbool.h>

struct page {
    const char *type;
    const char *bytes;
    size_t size;
};

/* So many of its links more, in a number. */
static uint64_t look(fm_links *links, uint64_t sum, size_t count)
{
    fm_link link;
    for (; count > 0 && fm_links_next(links, &link) > 0; count--) {
        const char *text = link.url != NULL ? fm_url_text(link.url) : link.text;
        if (link.kind > FM_LINK_OTHER)
            fuzz_fail("a link of no kind");
        sum = sum * 31 + (uint64_t)link.kind * 2 + link.nofollow;
        for (; *text != '\0'; text++)
            sum = sum * 31 + (unsigned char)*text;
    }
    return sum;
}

static uint64_t read_page(const struct page *page, size_t piece)
{
    static const fm_links_options options = {.wrong = true};
    fm_links *links;
    int rc = fm_links_new("http://a.example/b", page->type, &links, &options);
    if (rc < 0)
        rc = fm_links_new("http://a.example/b", NULL, &links, &options);
    if (rc < 0)
        return 0;
    uint64_t sum = 0;
    for (size_t at = 0; rc == 0 && at < page->size; at += piece) {
        size_t rest = page->size - at;
        char *copy = fuzz_copy(page->bytes + at, rest < piece ? rest : piece);
        rc = fm_links_feed(links, copy, rest < piece ? rest : piece);
        free(copy);
        sum = look(links, sum, 1);
    }
    if (rc == 0)
        rc = fm_links_feed(links, NULL, 0);
    if (rc != 0 && rc != -E2BIG && rc != -ENOMEM)
        fuzz_fail("a page that is none");
    sum = look(links, sum, SIZE_MAX);
    fm_links_free(links);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *copy = calloc(1, size + 1);
    memcpy(copy, bytes, size);
    size_t type = strlen(copy);
    struct page page = {copy, copy, size};
    if (type < size)
        page = (struct page){copy, copy + type + 1, size - type - 1};
    if (read_page(&page, page.size + 1) != read_page(&page, 7))
        fuzz_fail("a page that depends on how it is cut");
    free(copy);
    return 0;
}
