/*
 * test_start_tag.c - how many attributes a start tag has
 */
#include "harness.h"

#include "proto/start_tag.h"

#include <string.h>

/* However the bytes are cut. */
static size_t count(const char *text)
{
    size_t size = strlen(text), whole = 0;
    for (size_t cut = 0; cut <= size; cut++) {
        struct fm__start_tag tag = {0};
        fm__start_tag_read(&tag, (struct fm__slice){text, cut});
        fm__start_tag_read(&tag, (struct fm__slice){text, size});
        CHECK(cut == 0 || tag.attributes == whole);
        whole = tag.attributes;
    }
    return whole;
}

TEST(attributes_are_counted_with_and_without_values)
{
    CHECK_INT(count(""), 0);
    CHECK_INT(count("a"), 0);
    CHECK_INT(count("a "), 0);
    CHECK_INT(count("h1 b"), 1);
    CHECK_INT(count("a b c\td\r\ne"), 4);
    CHECK_INT(count("a b=c d= e f =g h = i"), 4);
    CHECK_INT(count("a b='c d' e=\"f g\""), 2);
    CHECK_INT(count("a b='c'd=\"e\"f"), 3);
    CHECK_INT(count("a b b b"), 3);
    CHECK_INT(count("a/b c"), 1);
    CHECK_INT(count("a _b :c .d"), 3);
}

TEST(what_stands_in_quotes_is_no_attribute)
{
    CHECK_INT(count("a b='c d=\"e\" f > g' h"), 2);
    CHECK_INT(count("a b=\"it's one\" c"), 2);
    CHECK_INT(count("a b= 'c d"), 1);
}

TEST(what_stands_behind_the_end_is_nothing)
{
    CHECK_INT(count("a>b c d"), 0);
    CHECK_INT(count("a b>c d"), 1);
    CHECK_INT(count("a b=c>d e"), 1);
    CHECK_INT(count("a b=>d e"), 1);
    CHECK_INT(count("a b />d e"), 1);
    CHECK_INT(count("a b='c>d' e>f g"), 2);
    CHECK_INT(count("a '>b c"), 0);
}

TEST(a_quote_that_opens_no_value_opens_nothing)
{
    CHECK_INT(count("a \"b c d\""), 2);
    CHECK_INT(count("a b\"c d e\" f"), 4);
    CHECK_INT(count("a ='b c"), 1);
    CHECK_INT(count("a b=c'd e' f"), 3);
    CHECK_INT(count("a b=''c d"), 3);
}

TEST(a_name_of_too_many_letters_is_more_than_one)
{
    char text[310] = "a ";
    memset(text + 2, 'b', 300);
    CHECK_INT(count(text), 3);
    text[102] = '\0';
    CHECK_INT(count(text), 1);
}

TEST(fewer_bytes_are_another_tag)
{
    struct fm__start_tag tag = {0};
    fm__start_tag_read(&tag, FM__SLICE("a b='c d"));
    fm__start_tag_read(&tag, FM__SLICE("a b c"));
    CHECK_INT(tag.attributes, 2);
    CHECK(!fm__start_tag_ended(&tag));
}
