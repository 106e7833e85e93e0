/*
 * test_link_text.c - links that stand among other words in an attribute of HTML
 */
#include "harness.h"

#include "proto/link_text.h"

static bool refreshes(const char *content, const char *wanted)
{
    struct fm__slice link = FM__SLICE("");
    bool found = fm__link_refresh(fm__slice_of(content), &link);
    return wanted == NULL ? !found
                          : found && fm__slice_is(link, fm__slice_of(wanted));
}

TEST(a_refresh_leads_to_what_stands_behind_its_delay)
{
    CHECK(refreshes("0; url=b", "b"));
    CHECK(refreshes(" 5.5 ,\tURL = \n b c ", "b c "));
    CHECK(refreshes("5;b", "b"));
    CHECK(refreshes("5 b", "b"));
    CHECK(refreshes(".;b", "b"));
    CHECK(refreshes("0;url='b'c", "b"));
    CHECK(refreshes("0;url=\"b'c", "b'c"));
    CHECK(refreshes("0;'b'", "b"));
    CHECK(refreshes("0;url", "url"));
    CHECK(refreshes("0;up.html", "up.html"));
    CHECK(refreshes("0;urls=b", "urls=b"));
    CHECK(refreshes("0;url=", ""));
    CHECK(refreshes("0;url=''", ""));
}

TEST(a_refresh_without_a_link_or_a_delay_leads_nowhere)
{
    CHECK(refreshes("", NULL));
    CHECK(refreshes("5", NULL));
    CHECK(refreshes("5;", NULL));
    CHECK(refreshes("5 , \t", NULL));
    CHECK(refreshes("url=b", NULL));
    CHECK(refreshes("; url=b", NULL));
    CHECK(refreshes("5x; url=b", NULL));
    CHECK(refreshes("-5; url=b", NULL));
}

/* All of a set, with a bar behind each. */
static bool has(const char *set, const char *wanted)
{
    char text[128];
    struct fm__slice rest = fm__slice_of(set), link;
    struct fm__pen pen = {text, text + sizeof text, false};
    while (fm__link_candidate(&rest, &link)) {
        fm__pen_write(&pen, link);
        fm__pen_put(&pen, '|');
    }
    return fm__slice_is(fm__pen_since(&pen, text), fm__slice_of(wanted));
}

TEST(a_set_has_its_images_without_their_descriptors)
{
    CHECK(has("", ""));
    CHECK(has(" , ,\n", ""));
    CHECK(has("a", "a|"));
    CHECK(has("a 1x, b 2x", "a|b|"));
    CHECK(has("a 1x,b 200w 3h", "a|b|"));
    CHECK(has(",a,", "a|"));
    CHECK(has("a, b", "a|b|"));
    CHECK(has("a,,, b", "a|b|"));
    CHECK(has("a ,b", "a|b|"));
    CHECK(has("a ", "a|"));
    CHECK(has("a\t1x", "a|"));
}

TEST(a_comma_within_an_image_or_in_parentheses_parts_nothing)
{
    CHECK(has("a,b 1x", "a,b|"));
    CHECK(has("data:,x 1x, b", "data:,x|b|"));
    CHECK(has("a (1,2), b", "a|b|"));
    CHECK(has("a (1,2, b", "a|"));
}

static bool says(const char *words, const char *word)
{
    return fm__link_says(fm__slice_of(words), fm__slice_of(word));
}

TEST(a_word_is_found_among_others_in_any_case)
{
    CHECK(says("nofollow", "nofollow"));
    CHECK(says(" me\tNOFOLLOW\n", "nofollow"));
    CHECK(says("noindex,nofollow", "nofollow"));
    CHECK(says("noindex , none", "none"));
    CHECK(!says("", "none"));
    CHECK(!says(" , ", "none"));
    CHECK(!says("nofollows no-follow", "nofollow"));
}
