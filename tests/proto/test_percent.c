/*
 * test_percent.c - what is encoded, what is decoded, and forms made of it
 */
#include "harness.h"

#include "proto/form_text.h"
#include "proto/percent.h"

static char room[1024];
static struct fm__pen pen;

static void begin(size_t size)
{
    pen = (struct fm__pen){room, room + size, false};
}

static bool wrote(const char *text)
{
    return fm__slice_is(fm__pen_since(&pen, room), fm__slice_of(text));
}

static bool encodes_to(const char *text, enum fm__percent_set set,
                       const char *wanted)
{
    begin(sizeof room);
    fm__percent_encode(&pen, fm__slice_of(text), set);
    return wrote(wanted);
}

/* The sets as the standard has them, 1.3. */
TEST(each_set_encodes_what_it_should)
{
    static const char *const sets[FM__PERCENT_SETS] = {
        [FM__PERCENT_C0] = "",
        [FM__PERCENT_FRAGMENT] = " \"<>`",
        [FM__PERCENT_QUERY] = " \"#<>",
        [FM__PERCENT_SPECIAL_QUERY] = " \"#<>'",
        [FM__PERCENT_PATH] = " \"#<>?^`{}",
        [FM__PERCENT_USERINFO] = " \"#<>?^`{}/:;=@[\\]|",
        [FM__PERCENT_COMPONENT] = " \"#<>?^`{}/:;=@[\\]|$%&+,",
        [FM__PERCENT_FORM] = " \"#<>?^`{}/:;=@[\\]|$%&+,!'()~",
    };
    for (int set = 0; set < FM__PERCENT_SETS; set++) {
        for (int byte = 0; byte < 256; byte++) {
            bool wanted =
                byte < 0x20 || byte > 0x7e || strchr(sets[set], byte) != NULL;
            bool is =
                fm__percent_encodes((enum fm__percent_set)set, (char)byte);
            if (is != wanted)
                test_fail(__FILE__, __LINE__, "byte %d of set %d", byte, set);
        }
    }
}

TEST(bytes_are_encoded_in_upper_case)
{
    CHECK(encodes_to("a b\xff", FM__PERCENT_PATH, "a%20b%FF"));
    CHECK(encodes_to("a b~", FM__PERCENT_FORM, "a+b%7E"));
    CHECK(encodes_to("", FM__PERCENT_FORM, ""));
}

TEST(what_is_decoded_needs_two_digits)
{
    begin(sizeof room);
    fm__percent_decode(&pen, fm__slice_of("%41%4a%4A%zz%4%%41+%"), false);
    CHECK(wrote("AJJ%zz%4%A+%"));
    begin(sizeof room);
    fm__percent_decode(&pen, fm__slice_of("a+%2B"), true);
    CHECK(wrote("a +"));
}

TEST(a_full_pen_says_so_and_writes_no_further)
{
    begin(3);
    room[3] = '!';
    fm__percent_encode(&pen, fm__slice_of("a b"), FM__PERCENT_PATH);
    CHECK(pen.full);
    CHECK(room[3] == '!');
}

TEST(what_means_the_same_is_written_in_one_way)
{
    begin(sizeof room);
    fm__percent_normal(&pen, fm__slice_of("%7e%2f%c3\xa9 *%*%2a%4%zz"), "*");
    CHECK(wrote("~%2F%C3%A9 %2A%%2A%2A%4%zz"));
    begin(sizeof room);
    fm__percent_normal(&pen, fm__slice_of("%%41%7%45g%67"), "");
    CHECK(wrote("%%41%7%45gg"));
}

TEST(every_byte_comes_back)
{
    char text[256], back[256];
    for (int i = 0; i < 256; i++)
        text[i] = (char)i;
    struct fm__slice all = {text, sizeof text};
    begin(sizeof room);
    fm__percent_encode(&pen, all, FM__PERCENT_FORM);
    struct fm__slice encoded = fm__pen_since(&pen, room);
    struct fm__pen decoder = {back, back + sizeof back, false};
    fm__form_decode(&decoder, encoded);
    CHECK(fm__slice_is(fm__pen_since(&decoder, back), all));
}

TEST(a_form_has_names_and_values)
{
    struct fm__slice text = FM__SLICE("a=b&&c&=d&e=f=g&"), name, value;
    static const char *const wanted[][2] = {
        {"a", "b"}, {"c", ""}, {"", "d"}, {"e", "f=g"}};
    for (size_t i = 0; i < FM__COUNT(wanted); i++) {
        CHECK(fm__form_next(&text, &name, &value));
        CHECK(fm__slice_is(name, fm__slice_of(wanted[i][0])));
        CHECK(fm__slice_is(value, fm__slice_of(wanted[i][1])));
    }
    CHECK(!fm__form_next(&text, &name, &value));
}

TEST(a_form_is_written_pair_by_pair)
{
    begin(sizeof room);
    fm__form_write(&pen, room, fm__slice_of("a b"), fm__slice_of("c&d"));
    fm__form_write(&pen, room, fm__slice_of(""), fm__slice_of("="));
    CHECK(wrote("a+b=c%26d&=%3D"));
}
