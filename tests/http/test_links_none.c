/*
 * test_links_none.c - the links of a page where the library was built without
 * libxml2: the program has that file of the library's, whatever the library has
 */
#include "harness.h"

#include <errno.h>
#include <fermata/links.h>

TEST(without_libxml2_no_page_is_read)
{
    fm_links *links = NULL;
    fm_link link;
    CHECK_INT(fm_links_new("http://a.example/", NULL, &links), -EOPNOTSUPP);
    CHECK(links == NULL);
    CHECK_INT(fm_links_feed(links, "<a href=b>", 10), 0);
    CHECK_INT(fm_links_next(links, &link), 0);
    fm_links_free(links);
}
