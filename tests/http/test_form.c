/*
 * test_form.c - names and values in queries and forms
 */
#include "harness.h"

#include <errno.h>
#include <fermata/form.h>
#include <string.h>

static char room[64];

static void check_value(const char *form, const char *name, const char *value)
{
    CHECK_INT(fm_form_get(form, name, room, sizeof room), strlen(value));
    CHECK(strcmp(room, value) == 0);
}

TEST(a_value_is_found_by_its_name)
{
    check_value("a=b&c=d+e%21", "c", "d e!");
    check_value("?a=b&c=d", "a", "b");
    check_value("a=1&a=2", "a", "1");
    check_value("a&b=c", "a", "");
    check_value("=x", "", "x");
    check_value("a+b%63=x", "a bc", "x");
    check_value("%zz=x", "%zz", "x");
    check_value("%4=x", "%4", "x");
    check_value("a=b=c", "a", "b=c");
}

TEST(what_is_not_there_is_not_found)
{
    CHECK_INT(fm_form_get("", "a", room, sizeof room), -ENOENT);
    CHECK_INT(fm_form_get("?", "", room, sizeof room), -ENOENT);
    CHECK_INT(fm_form_get("ab=c", "a", room, sizeof room), -ENOENT);
    CHECK_INT(fm_form_get("a=c", "ab", room, sizeof room), -ENOENT);
    CHECK_INT(fm_form_get("A=c", "a", room, sizeof room), -ENOENT);
    CHECK_INT(fm_form_get("a%00=c", "a", room, sizeof room), -ENOENT);
}

TEST(a_value_needs_room_for_its_nul)
{
    CHECK_INT(fm_form_get("a=bcd", "a", room, 4), 3);
    CHECK_INT(fm_form_get("a=bcd", "a", room, 3), -ENAMETOOLONG);
    CHECK_INT(fm_form_get("a=", "a", room, 1), 0);
    CHECK_INT(fm_form_get("a=", "a", room, 0), -ENAMETOOLONG);
    CHECK_INT(fm_form_get("a=b%00c", "a", room, sizeof room), 3);
}

TEST(pairs_come_in_their_order)
{
    const char *form = "a=b&&c";
    fm_form_pair pair;
    CHECK(fm_form_next(&form, &pair));
    CHECK(pair.name_size == 1 && pair.name[0] == 'a');
    CHECK(pair.value_size == 1 && pair.value[0] == 'b');
    CHECK(fm_form_next(&form, &pair));
    CHECK(pair.name_size == 1 && pair.name[0] == 'c');
    CHECK_INT(pair.value_size, 0);
    CHECK(!fm_form_next(&form, &pair));
    CHECK(!fm_form_next(&form, &pair));
}

TEST(a_form_is_made_pair_by_pair)
{
    char form[32] = "";
    CHECK_INT(fm_form_add(form, sizeof form, "q", "rice & beans"), 0);
    CHECK(strcmp(form, "q=rice+%26+beans") == 0);
    CHECK_INT(fm_form_add(form, sizeof form, "page", "2"), 0);
    CHECK(strcmp(form, "q=rice+%26+beans&page=2") == 0);
    check_value(form, "q", "rice & beans");
}

TEST(what_does_not_fit_leaves_a_form_as_it_was)
{
    char form[8] = "";
    CHECK_INT(fm_form_add(form, sizeof form, "a", "b"), 0);
    CHECK_INT(fm_form_add(form, sizeof form, "c", "d"), 0);
    CHECK_INT(fm_form_add(form, sizeof form, "e", ""), -ENAMETOOLONG);
    CHECK(strcmp(form, "a=b&c=d") == 0);
    memset(form, 'x', sizeof form);
    CHECK_INT(fm_form_add(form, sizeof form, "a", "b"), -ENAMETOOLONG);
    CHECK_INT(fm_form_add(form, 0, "a", "b"), -ENAMETOOLONG);
    CHECK(form[0] == 'x');
}
