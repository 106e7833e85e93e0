/*
 * test_name.c - what tasks are called
 */
#include "story.h"

#include <errno.h>

static int name_copy(char *copy)
{
    snprintf(copy, 64, "%s", fm_task_name(fm_self()));
    return 0;
}

struct name_of_a_task {
    char *copy;
};

static int name_of_a_task(struct name_of_a_task *self)
{
    return name_copy(self->copy);
}

static int name_of_a_start(void *arg)
{
    return name_copy(arg);
}

STORY(a_task_is_called_like_its_function)
{
    char copy[64];
    CHECK_INT(fm_await(fm_go(name_of_a_task, copy)), 0);
    CHECK(strcmp(copy, "name_of_a_task") == 0);
    CHECK_INT(fm_await(fm_start(name_of_a_start, copy)), 0);
    CHECK(strcmp(copy, "name_of_a_start") == 0);
    CHECK(strcmp(fm_task_name(fm_self()), "story_main") == 0);
}

STORY(options_may_give_a_task_another_name)
{
    int rc;
    char copy[64];
    fm_task_options options = {.name = "chef"};
    CHECK_INT(fm_await(fm_start(name_of_a_start, copy, &options)), 0);
    CHECK(strcmp(copy, "chef") == 0);
    options.name = "waiter";
    FM_GROUP(group, rc) {
        CHECK_INT(fm_group_start(group, name_of_a_start, copy, &options), 0);
    }
    CHECK(strcmp(copy, "waiter") == 0);
}

STORY(a_task_may_be_renamed_by_itself_and_by_others)
{
    fm_task *task = fm_go(forever);
    char name[8] = "cook";
    CHECK_INT(fm_task_set_name(task, name), 0);
    memset(name, 'x', sizeof name - 1);
    CHECK(strcmp(fm_task_name(task), "cook") == 0);
    CHECK_INT(fm_task_set_name(fm_self(), "host"), 0);
    CHECK(strcmp(fm_task_name(fm_self()), "host") == 0);
    CHECK_INT(fm_stop(task), -ECANCELED);
    CHECK(fm_task_name(task) == NULL);
}

STORY(the_first_31_bytes_of_a_name_are_kept)
{
    CHECK_INT(fm_task_set_name(fm_self(), "0123456789012345678901234567890"),
              0);
    CHECK_INT(strlen(fm_task_name(fm_self())), 31);
    CHECK_INT(fm_task_set_name(fm_self(), "0123456789012345678901234567890x"),
              0);
    CHECK(strcmp(fm_task_name(fm_self()), "0123456789012345678901234567890") ==
          0);
    CHECK_INT(fm_task_set_name(fm_self(), ""), 0);
    CHECK(strcmp(fm_task_name(fm_self()), "") == 0);
}

/* How many bytes are kept of a name whose first 28 are ASCII. */
static size_t kept_before(const char *end)
{
    char name[64];
    snprintf(name, sizeof name, "0123456789012345678901234567%s", end);
    CHECK_INT(fm_task_set_name(fm_self(), name), 0);
    size_t size = strlen(fm_task_name(fm_self()));
    CHECK(memcmp(fm_task_name(fm_self()), name, size) == 0);
    return size;
}

STORY(a_character_of_utf8_is_kept_whole_or_not_at_all)
{
    CHECK_INT(kept_before("\u00e4x"), 31);
    CHECK_INT(kept_before("\u00e4\u00e4"), 30);
    CHECK_INT(kept_before("\u6599\u00e4"), 31);
    CHECK_INT(kept_before("xx\u00e4"), 30);
    CHECK_INT(kept_before("x\u6599"), 29);
    CHECK_INT(kept_before("\U0001f372"), 28);
    CHECK_INT(kept_before("\x80\x80\x80\x80\x80"), 31);
}

STORY(a_task_that_has_ended_has_no_name)
{
    fm_task *task = fm_go(answer, 1);
    CHECK(strcmp(fm_task_name(task), "answer") == 0);
    CHECK_INT(fm_yield(), 0);
    CHECK(fm_task_name(task) == NULL);
    CHECK_INT(fm_await(task), 1);
    CHECK(fm_task_name(task) == NULL);
    CHECK(fm_task_name(NULL) == NULL);
}

STORY(fm_self_is_the_handle_that_the_starter_has)
{
    fm_task *task = fm_go(forever);
    CHECK(task != fm_self());
    CHECK(fm_self() == fm_self());
    CHECK_INT(fm_stop(task), -ECANCELED);
}

STORY(a_task_that_has_ended_is_no_longer_renamed)
{
    fm_task *task = fm_go(answer, 5);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_task_set_name(task, "late"), -ESRCH);
    CHECK(fm_task_name(task) == NULL);
    CHECK_INT(fm_await(task), 5);
}

STORY(tasks_are_counted_until_they_are_consumed)
{
    CHECK_INT((int)fm_task_count(), 1);
    fm_task *one = fm_go(forever), *other = fm_go(answer, 1);
    CHECK_INT((int)fm_task_count(), 3);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT((int)fm_task_count(), 3);
    CHECK_INT(fm_await(other), 1);
    CHECK_INT((int)fm_task_count(), 2);
    CHECK_INT(fm_stop(one), -ECANCELED);
    CHECK_INT((int)fm_task_count(), 1);
}

TEST(without_a_loop_there_are_no_tasks)
{
    CHECK_INT((int)fm_task_count(), 0);
}
