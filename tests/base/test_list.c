/*
 * test_list.c - lists through their members
 */
#include "harness.h"

#include "base/list.h"

struct member {
    int number;
    struct fm__list link;
};

static void check_order(const struct fm__list *head, const char *numbers)
{
    const struct fm__list *item = head->next;
    for (; *numbers != '\0'; numbers++, item = item->next) {
        CHECK(item != head);
        CHECK(item->next->prev == item && item->prev->next == item);
        CHECK_INT(FM__CONTAINER(item, struct member, link)->number,
                  *numbers - '0');
    }
    CHECK(item == head);
}

static void fill(struct fm__list *head, struct member *members, int count)
{
    fm__list_init(head);
    for (int i = 0; i < count; i++) {
        members[i].number = i;
        fm__list_push(head, &members[i].link);
    }
}

TEST(a_new_list_is_empty)
{
    struct fm__list head;
    fm__list_init(&head);
    CHECK(fm__list_empty(&head));
    CHECK(fm__list_shift(&head) == NULL);
}

TEST(members_come_out_as_they_went_in)
{
    struct fm__list head;
    struct member members[3];
    fill(&head, members, 3);
    check_order(&head, "012");
    for (int i = 0; i < 3; i++)
        CHECK(fm__list_shift(&head) == &members[i].link);
    CHECK(fm__list_empty(&head));
}

TEST(removing_needs_no_head_and_does_no_harm_twice)
{
    struct fm__list head;
    struct member members[3];
    fill(&head, members, 3);
    fm__list_remove(&members[1].link);
    fm__list_remove(&members[1].link);
    CHECK(fm__list_empty(&members[1].link));
    check_order(&head, "02");
    fm__list_remove(&members[0].link);
    fm__list_remove(&members[2].link);
    CHECK(fm__list_empty(&head));
}

TEST(a_member_that_is_cut_out_leaves_its_neighbours_joined)
{
    struct fm__list head;
    struct member members[3];
    fill(&head, members, 3);
    fm__list_cut(&members[1].link);
    check_order(&head, "02");
}

TEST(moving_appends_all_members_in_order)
{
    struct fm__list from, to;
    struct member moved[2], there[3];
    fill(&from, moved, 2);
    fill(&to, there, 3);
    fm__list_move(&from, &to);
    CHECK(fm__list_empty(&from));
    check_order(&to, "01201");
    fm__list_move(&from, &to);
    check_order(&to, "01201");
    fm__list_move(&to, &from);
    CHECK(fm__list_empty(&to));
    check_order(&from, "01201");
}
