/*
 * test_queue_of.c - queues of items by value, and what a select asks
 */
#include "queue_kit.h"
#include "when_kit.h"

struct point {
    double x, y;
};

struct large {
    size_t number;
    char rest[1000];
};

FM_QUEUE_OF(points, struct point);
FM_QUEUE_OF(bytes, unsigned char);
FM_QUEUE_OF(numbers_of_4, int);
FM_QUEUE_OF(larges, struct large);
FM_QUEUE_OF(texts, const char *);

struct put_point {
    points *queue;
    struct point point;
};

static int put_point(struct put_point *self)
{
    return points_put(self->queue, self->point);
}

struct get_point {
    points *queue;
};

/* x and y as the two digits of a number. */
static int get_point(struct get_point *self)
{
    struct point point = {0, 0};
    int rc = points_get(self->queue, &point);
    return rc < 0 ? rc : (int)(10 * point.x + point.y);
}

/* ---- By value ------------------------------------------------------------ */

STORY(items_are_copied_in_and_out)
{
    points *queue = points_new(2, NULL);
    struct point point = {1, 2};
    CHECK_INT(points_put(queue, point), 0);
    point = (struct point){3, 4};
    CHECK_INT(points_put_try(queue, point), 0);
    CHECK_INT(points_put_try(queue, point), -EAGAIN);
    CHECK_INT(points_count(queue), 2);
    CHECK_INT(points_capacity(queue), 2);
    CHECK_INT(points_get(queue, &point), 0);
    CHECK(point.x == 1 && point.y == 2);
    CHECK_INT(points_get_try(queue, &point), 0);
    CHECK(point.x == 3 && point.y == 4);
    CHECK_INT(points_get_try(queue, &point), -EAGAIN);
    CHECK(point.x == 3 && point.y == 4);
    points_free(queue);
}

STORY(an_item_is_copied_once_from_who_brings_it_to_who_waits)
{
    for (size_t capacity = 0; capacity < 2; capacity++) {
        points *queue = points_new(capacity, NULL);
        fm_task *getter = fm_go(get_point, queue);
        CHECK_INT(fm_yield(), 0);
        CHECK_INT(points_put(queue, (struct point){4, 2}), 0);
        CHECK_INT(points_count(queue), 0);
        CHECK_INT(fm_await(getter), 42);
        points_free(queue);
    }
}

STORY(the_item_of_a_waiting_putter_is_copied_when_its_turn_comes)
{
    points *queue = points_new(1, NULL);
    fm_task *putters[3];
    for (int i = 0; i < 3; i++)
        putters[i] = fm_go(put_point, queue, {1, i});
    CHECK_INT(fm_yield(), 0);
    for (int i = 0; i < 3; i++)
        CHECK_INT(fm_await(fm_go(get_point, queue)), 10 + i);
    CHECK_INT(fm_gather_array(putters, 3, NULL), 0);
    points_free(queue);
}

STORY(items_of_one_byte_and_of_a_thousand_go_through)
{
    bytes *small = bytes_new(3, NULL);
    larges *big = larges_new(3, NULL);
    struct large item = {.rest = {0}}, got;
    unsigned char byte;
    for (size_t i = 0; i < 300; i++) {
        item.number = i;
        memset(item.rest, (int)(i % 100), sizeof item.rest);
        CHECK_INT(larges_put(big, item), 0);
        CHECK_INT(bytes_put(small, (unsigned char)i), 0);
        CHECK_INT(larges_get(big, &got), 0);
        CHECK_INT(bytes_get(small, &byte), 0);
        CHECK_INT(byte, (unsigned char)i);
        CHECK_INT(memcmp(&got, &item, sizeof got), 0);
    }
    bytes_free(small);
    larges_free(big);
}

STORY(a_queue_of_one_kind_of_pointer_needs_no_casts)
{
    const char *text = NULL;
    texts *queue = texts_new(1, NULL);
    CHECK_INT(texts_put(queue, "moin"), 0);
    CHECK_INT(texts_get(queue, &text), 0);
    CHECK(strcmp(text, "moin") == 0);
    texts_free(queue);
}

static bool smaller(const void *a, const void *b)
{
    const struct large *x = a, *y = b;
    return x->number < y->number;
}

static size_t dropped_numbers;

static void drop_large(void *item)
{
    const struct large *large = item;
    dropped_numbers = dropped_numbers * 10 + large->number;
}

STORY(an_order_and_a_drop_are_given_pointers_to_the_items)
{
    const fm_queue_options options = {.before = smaller, .drop = drop_large};
    larges *queue = larges_new(5, &options);
    struct large got;
    for (size_t i = 0; i < 5; i++)
        CHECK_INT(larges_put(queue, (struct large){.number = i * 3 % 5}), 0);
    for (size_t i = 0; i < 2; i++) {
        CHECK_INT(larges_get(queue, &got), 0);
        CHECK_INT(got.number, i);
    }
    dropped_numbers = 0;
    larges_shutdown(queue, true);
    CHECK_INT(dropped_numbers, 234);
    larges_free(queue);
}

STORY(the_newest_first_goes_by_value_too)
{
    const fm_queue_options options = {.newest_first = true};
    numbers_of_4 *queue = numbers_of_4_new(3, &options);
    int got = 0;
    for (int i = 0; i < 3; i++)
        CHECK_INT(numbers_of_4_put(queue, i), 0);
    for (int i = 2; i >= 0; i--) {
        CHECK_INT(numbers_of_4_get(queue, &got), 0);
        CHECK_INT(got, i);
        numbers_of_4_done(queue);
    }
    CHECK_INT(numbers_of_4_join(queue), 0);
    numbers_of_4_free(queue);
}

STORY(a_typed_queue_that_is_null_has_no_memory)
{
    struct point point = {0, 0};
    CHECK(points_new(SIZE_MAX / sizeof point, NULL) == NULL);
    CHECK_INT(points_put(NULL, point), -ENOMEM);
    CHECK_INT(points_get(NULL, &point), -ENOMEM);
    CHECK_INT(points_put_try(NULL, point), -ENOMEM);
    CHECK_INT(points_get_try(NULL, &point), -ENOMEM);
    CHECK_INT(points_join(NULL), -ENOMEM);
    CHECK_INT(points_count(NULL), 0);
    points_free(NULL);
}

STORY(a_cut_typed_getter_takes_nothing_and_a_cut_putter_puts_nothing)
{
    points *queue = points_new(1, NULL);
    fm_task *getter = fm_go(get_point, queue);
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(getter), -ECANCELED);
    CHECK_INT(points_put(queue, (struct point){1, 2}), 0);
    fm_task *putter = fm_go(put_point, queue, {3, 4});
    CHECK_INT(fm_yield(), 0);
    CHECK_INT(fm_stop(putter), -ECANCELED);
    CHECK_INT(fm_await(fm_go(get_point, queue)), 12);
    CHECK_INT(points_count(queue), 0);
    points_free(queue);
}

/* ---- For a select -------------------------------------------------------- */

STORY(a_get_is_ready_while_there_is_an_item_or_never_will_be)
{
    struct when_eye eye;
    fm_queue *queue = fm_queue_new(2);
    fm_when when = fm_when_get(queue);
    CHECK(!when_ready(when));
    when_watch(&eye, when);
    CHECK_INT(fm_queue_put(queue, item_of(1)), 0);
    CHECK(when_news(&eye) > 0 && when_ready(when));
    CHECK_INT(get_try(queue), 1);
    CHECK(!when_ready(when));
    fm_queue_shutdown(queue, false);
    CHECK(when_news(&eye) > 0 && when_ready(when));
    CHECK_INT(get_try(queue), -ESHUTDOWN);
    when_stop(&eye);
    fm_queue_free(queue);
    CHECK(!when_ready(fm_when_get(NULL)));
}

STORY(a_put_is_ready_while_there_is_a_place_or_never_will_be)
{
    struct when_eye eye;
    fm_queue *queue = fm_queue_new(1);
    fm_when when = fm_when_put(queue);
    CHECK(when_ready(when));
    CHECK_INT(fm_queue_put(queue, item_of(1)), 0);
    CHECK(!when_ready(when));
    when_watch(&eye, when);
    CHECK_INT(get_try(queue), 1);
    CHECK(when_news(&eye) > 0 && when_ready(when));
    CHECK_INT(fm_queue_put(queue, item_of(1)), 0);
    CHECK(!when_ready(when));
    fm_queue_shutdown(queue, false);
    CHECK(when_news(&eye) > 0 && when_ready(when));
    CHECK_INT(fm_queue_put_try(queue, item_of(1)), -ESHUTDOWN);
    when_stop(&eye);
    fm_queue_free(queue);
    CHECK(!when_ready(fm_when_put(NULL)));
}

/* Items that go to who waits are for nobody else. */
STORY(an_item_that_is_handed_over_makes_no_get_ready)
{
    struct when_eye eye;
    fm_queue *queue = fm_queue_new(1);
    fm_task *getter = fm_go(get, queue);
    CHECK_INT(fm_yield(), 0);
    when_watch(&eye, fm_when_get(queue));
    CHECK_INT(fm_queue_put(queue, item_of(3)), 0);
    CHECK(!when_ready(fm_when_get(queue)));
    CHECK_INT(when_news(&eye), 0);
    CHECK_INT(fm_await(getter), 3);
    when_stop(&eye);
    fm_queue_free(queue);
}

STORY(where_nothing_is_held_one_side_is_ready_while_the_other_waits)
{
    struct when_eye gets, puts;
    fm_queue *queue = fm_queue_new(0);
    when_watch(&gets, fm_when_get(queue));
    when_watch(&puts, fm_when_put(queue));
    fm_task *putter = fm_go(put, queue, 1);
    CHECK_INT(fm_yield(), 0);
    CHECK(when_news(&gets) > 0 && when_ready(fm_when_get(queue)));
    CHECK(!when_ready(fm_when_put(queue)));
    CHECK_INT(get_try(queue), 1);
    fm_task *getter = fm_go(get, queue);
    CHECK_INT(fm_yield(), 0);
    CHECK(when_news(&puts) > 0 && when_ready(fm_when_put(queue)));
    CHECK(!when_ready(fm_when_get(queue)));
    CHECK_INT(fm_queue_put_try(queue, item_of(2)), 0);
    CHECK_INT(fm_await(getter), 2);
    CHECK_INT(fm_await(putter), 0);
    when_stop(&gets);
    when_stop(&puts);
    fm_queue_free(queue);
}

static void frees_while_a_task_watches(void)
{
    struct when_eye eye;
    fm_queue *queue = fm_queue_new(1);
    when_watch(&eye, fm_when_get(queue));
    fm_queue_free(queue);
}

TEST(to_free_a_queue_that_is_selected_aborts_with_a_sentence)
{
    CHECK_DOOMED(frees_while_a_task_watches,
                 "fm_queue_free: a task waits in this queue");
}
