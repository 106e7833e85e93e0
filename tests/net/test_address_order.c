/*
 * test_address_order.c - the examples of RFC 6724, 10.2, and what is found
 */
#include "task/story.h"

#include "net/address_order.h"
#include "net/host_name.h"

static struct fm__candidate candidate(const char *address, const char *source)
{
    struct fm__candidate one = {.usable = source != NULL};
    CHECK_INT(fm__name_literal(address, &one.address), 0);
    one.source = one.address;
    if (source != NULL)
        CHECK_INT(fm__name_literal(source, &one.source), 0);
    return one;
}

/* What is tried first and with which source, and what is tried then. */
struct example {
    const char *address, *source;
    const char *other, *other_source;
};

static void check_examples(const struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct example *example = &examples[i];
        struct fm__candidate a = candidate(example->address, example->source);
        struct fm__candidate b =
            candidate(example->other, example->other_source);
        if (fm__candidate_order(&a, &b) >= 0 ||
            fm__candidate_order(&b, &a) <= 0)
            test_fail(__FILE__, __LINE__, "%s does not come before %s",
                      example->address, example->other);
    }
}

#define CHECK_EXAMPLES(examples)                                               \
    check_examples((examples), sizeof(examples) / sizeof(examples)[0])

TEST(an_address_without_a_way_comes_last)
{
    static const struct example examples[] = {
        {"198.51.100.1", "198.51.100.2", "2001:db8:1::1", NULL},
        {"fe80::1", "fe80::2", "2001:db8:1::1", NULL},
    };
    CHECK_EXAMPLES(examples);
}

TEST(a_matching_scope_comes_first)
{
    static const struct example examples[] = {
        {"2001:db8:1::1", "2001:db8:1::2", "198.51.100.121", "169.254.13.78"},
        {"198.51.100.121", "198.51.100.117", "2001:db8:1::1", "fe80::1"},
    };
    CHECK_EXAMPLES(examples);
}

TEST(a_matching_label_comes_first)
{
    static const struct example examples[] = {
        {"2002:c633:6401::1", "2002:c633:6401::2", "2001:db8:1::1",
         "2002:c633:6401::2"},
        {"10.1.2.3", "10.1.2.4", "2001:db8:1::1", "fd00::1"},
    };
    CHECK_EXAMPLES(examples);
}

TEST(the_higher_precedence_comes_first)
{
    static const struct example examples[] = {
        {"2001:db8:1::1", "2001:db8:1::2", "10.1.2.3", "10.1.2.4"},
        {"2001:db8:1::1", "2001:db8:1::2", "2002:c633:6401::1",
         "2002:c633:6401::2"},
        {"::1", "::1", "127.0.0.1", "127.0.0.1"},
        {"198.51.100.1", "198.51.100.2", "fd00::1", "fd00::2"},
        {"198.51.100.1", "198.51.100.2", "3ffe::1", "3ffe::2"},
        {"fd00::1", "fd00::2", "fec0::1", "fec0::2"},
    };
    CHECK_EXAMPLES(examples);
}

TEST(the_smaller_scope_comes_first)
{
    static const struct example examples[] = {
        {"fe80::1", "fe80::2", "2001:db8:1::1", "2001:db8:1::2"},
        {"169.254.1.1", "169.254.1.2", "198.51.100.1", "198.51.100.2"},
    };
    CHECK_EXAMPLES(examples);
}

TEST(the_longer_common_prefix_comes_first_and_not_among_ipv4)
{
    static const struct example examples[] = {
        {"2001:db8:1::1", "2001:db8:1::2", "2001:db8:3ffe::1",
         "2001:db8:3f44::2"},
    };
    CHECK_EXAMPLES(examples);
    struct fm__candidate a = candidate("198.51.100.1", "198.51.100.2");
    struct fm__candidate b = candidate("203.0.113.1", "198.51.100.2");
    CHECK_INT(fm__candidate_order(&a, &b), 0);
    a = candidate("2001:db8:1::1", "2001:db8:1::2"); /* 64 bits in common */
    b = candidate("2001:db8:1::3", "2001:db8:1::2");
    CHECK_INT(fm__candidate_order(&a, &b), 0);
}

STORY(equals_stay_in_the_order_of_the_answer)
{
    struct fm__found found = {.count = 3};
    CHECK_INT(fm__name_literal("127.0.0.3", &found.addresses[0]), 0);
    CHECK_INT(fm__name_literal("127.0.0.1", &found.addresses[1]), 0);
    CHECK_INT(fm__name_literal("127.0.0.2", &found.addresses[2]), 0);
    const struct fm__found before = found;
    fm__found_order(&found);
    for (int i = 0; i < 3; i++)
        CHECK(memcmp(&found.addresses[i], &before.addresses[i],
                     sizeof found.addresses[i]) == 0);
}
