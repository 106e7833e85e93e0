/*
 * test_links_limits.c - the links of a page that is made to be too much
 */
#include "http/links_scene.h"

/* A page of so many elements in each other, and a link in the last one. */
static char *nest(size_t depth, int *rc)
{
    size_t size = depth * 5 + 10;
    char *bytes = malloc(size);
    for (size_t i = 0; i < depth; i++)
        memcpy(bytes + i * 5, "<div>", 5);
    memcpy(bytes + depth * 5, "<a href=x>", 10);
    char *found = read_page(&(struct page){bytes, size, NULL, 0, false}, rc);
    free(bytes);
    return found;
}

TEST(elements_have_their_depth_at_that_level)
{
    int rc;
    char *found = nest(FM_LINKS_DEPTH - 3, &rc); /* in html, body, and itself */
    CHECK_INT(rc, 0);
    CHECK(strcmp(found, "A /b/x\n") == 0);
    free(found);
    found = nest(FM_LINKS_DEPTH - 2, &rc);
    CHECK_INT(rc, -E2BIG);
    CHECK(strcmp(found, "") == 0);
    free(found);
}

TEST(a_page_has_its_limit_at_that_byte)
{
    static const char first[] = "<a href=x>", last[] = "<a href=y>z";
    char *bytes = malloc(FM_LINKS_LIMIT);
    fm_links *links;
    fm_link link;
    memset(bytes, ' ', FM_LINKS_LIMIT);
    memcpy(bytes, first, sizeof first - 1);
    memcpy(bytes + FM_LINKS_LIMIT - (sizeof last - 1), last, sizeof last - 1);
    CHECK_INT(fm_links_new(PAGE, NULL, &links), 0);
    CHECK_INT(fm_links_feed(links, bytes, FM_LINKS_LIMIT), 0);
    CHECK_INT(fm_links_feed(links, "z", 1), -E2BIG);
    CHECK_INT(fm_links_feed(links, NULL, 0), -E2BIG);
    CHECK_INT(fm_links_next(links, &link), 1);
    CHECK(strcmp(link.text, "x") == 0);
    CHECK_INT(fm_links_next(links, &link), 1);
    CHECK(strcmp(link.text, "y") == 0);
    CHECK_INT(fm_links_next(links, &link), 0);
    fm_links_free(links);
    free(bytes);
}

TEST(a_hostile_page_takes_no_longer_than_it_is)
{
    static const char *const ends[] = {"<a href='", "<!--", "<a ", "<a>",
                                       "</b>",      "<",    "&",   "<?"};
    size_t size = 1 << 18;
    char *bytes = malloc(size);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        int rc;
        size_t end = strlen(ends[i]);
        for (size_t at = 0; at < size; at++)
            bytes[at] = ends[i][at % end];
        free(read_page(&(struct page){bytes, size, NULL, 4096, false}, &rc));
        CHECK(rc == 0 || rc == -E2BIG);
    }
    free(bytes);
}

/* An element of so many attributes, with a value or none. */
static int attributes(int count, const char *value, const char *wanted)
{
    size_t size;
    char *bytes = NULL;
    int rc;
    FILE *out = open_memstream(&bytes, &size);
    fprintf(out, "<a href=x><img src=y");
    for (int i = 1; i < count; i++)
        fprintf(out, " a%d%s", i, value);
    fprintf(out, "><a href=z>");
    fclose(out);
    char *found = read_page(&(struct page){bytes, size, NULL, 0, false}, &rc);
    CHECK(strcmp(found, wanted) == 0);
    free(found);
    free(bytes);
    return rc;
}

TEST(an_element_has_its_attributes_at_that_number)
{
    static const char *const values[] = {"", "=1", " = 'b c=\"d e\" f' ",
                                         "=\"'\""};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        CHECK_INT(attributes(FM_LINKS_ATTRIBUTES, values[i],
                             "A /b/x\nI /b/y\nA /b/z\n"),
                  0);
        CHECK_INT(attributes(FM_LINKS_ATTRIBUTES + 1, values[i], "A /b/x\n"),
                  -E2BIG);
        CHECK_INT(attributes(100000, values[i], "A /b/x\n"), -E2BIG);
    }
}

/* What looks like more of them in quotes is one attribute still. */
static int long_tag(size_t size, const char *wanted)
{
    static const char text[] = "{\"a\": 1, b=\"c\" <d e=f>} ";
    char *bytes = malloc(size + 64);
    int rc, at = snprintf(bytes, 64, "<a href=x><img src=y data-b='");
    for (; (size_t)at < size; at++)
        bytes[at] = text[(size_t)at % (sizeof text - 1)];
    memcpy(bytes + size, "'><a href=z>", 12);
    char *found =
        read_page(&(struct page){bytes, size + 12, NULL, 0, false}, &rc);
    CHECK(strcmp(found, wanted) == 0);
    free(found);
    free(bytes);
    return rc;
}

TEST(a_tag_has_its_size_at_that_byte)
{
    CHECK_INT(long_tag(FM_LINKS_TAG, "A /b/x\nI /b/y\nA /b/z\n"), 0);
    CHECK_INT(long_tag(FM_LINKS_TAG + (size_t)2 * LINKS_PIECE, "A /b/x\n"),
              -E2BIG);
}

TEST(quotes_that_pieces_cut_hold_up_nothing)
{
    size_t size = (size_t)4 * LINKS_PIECE;
    char *bytes = malloc(size);
    for (size_t from = LINKS_PIECE - 40; from < LINKS_PIECE + 8; from++) {
        fm_links *links;
        fm_link link;
        memset(bytes, ' ', size);
        memcpy(bytes + from, "<a href='x' b=\"c>'d\"><a href=y>", 32);
        CHECK_INT(fm_links_new(PAGE, NULL, &links), 0);
        CHECK_INT(fm_links_feed(links, bytes, size), 0);
        CHECK_INT(fm_links_next(links, &link), 1);
        CHECK_INT(fm_links_next(links, &link), 1);
        CHECK(strcmp(link.text, "y") == 0);
        fm_links_free(links);
    }
    free(bytes);
}
