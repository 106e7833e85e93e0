/*
 * test_picture_broken.c - a program whose memory is nonsense in places
 */
#include "harness.h"

#include "inspect/image_kind.h"
#include "inspect/recorded.h"
#include "inspect/sight.h"
#include "inspect/view.h"

#include <errno.h>
#include <stdlib.h>

/* What a look at the regions says: 0 or -errno. Live: as of a program that
 * runs, so that each task is read until it is twice the same. */
static int broken_look(const struct recorded *recorded, bool live)
{
    fm_inspect *inspect;
    const fm_picture *picture;
    struct fm__image *image =
        image_of_bytes(recorded->regions, recorded->count, recorded->root);
    image->clock = live ? 1 : -1;
    int rc = fm__inspect_begin(&inspect, image);
    if (rc < 0)
        return rc;
    rc = fm_inspect_look(inspect, &picture);
    if (rc == 0 && !view_sound(picture))
        test_fail(__FILE__, __LINE__, "the picture is not sound");
    if (rc == 0)
        rc = (int)picture->task_count;
    fm_inspect_close(inspect);
    return rc;
}

TEST(a_look_at_what_was_recorded_finds_all_tasks)
{
    const struct recorded *recorded = recorded_program();
    CHECK(recorded != NULL);
    CHECK_INT(broken_look(recorded, false), 14);
    CHECK_INT(broken_look(recorded, true), 14);
}

/* Regions overlap: the first one counts. */
static struct recorded *broken_copy(const struct recorded *recorded)
{
    struct recorded *copy = malloc(sizeof *copy);
    *copy = *recorded;
    for (size_t i = 0; i < copy->count; i++) {
        void *bytes = malloc(copy->regions[i].size);
        memcpy(bytes, recorded->regions[i].bytes, recorded->regions[i].size);
        copy->regions[i].bytes = bytes;
    }
    return copy;
}

static void broken_free(struct recorded *copy)
{
    for (size_t i = 0; i < copy->count; i++)
        free((void *)(uintptr_t)copy->regions[i].bytes);
    free(copy);
}

static void broken_word(const struct recorded *recorded,
                        const struct image_region *region, size_t at)
{
    char *word = (char *)(uintptr_t)region->bytes + at;
    const uint64_t values[] = {0, UINT64_MAX, region->address + at,
                               recorded->regions[recorded->count / 2].address};
    uint64_t before;
    memcpy(&before, word, sizeof before);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        memcpy(word, &values[i], sizeof before);
        int rc = broken_look(recorded, i % 2 == 0);
        if (rc < 0 && rc != -EPROTO && rc != -ENOENT)
            test_fail(__FILE__, __LINE__, "a look says %d", rc);
    }
    memcpy(word, &before, sizeof before);
}

TEST(whatever_word_is_nonsense_a_look_ends_and_makes_sense)
{
    const struct recorded *recorded = recorded_program();
    struct recorded *copy = broken_copy(recorded);
    size_t each = test_many(100) < 100 ? 16 : 1, count = 0;
    for (size_t i = 0; i < copy->count; i++) {
        const struct image_region *region = &copy->regions[i];
        size_t most = region->size < 2048 ? region->size : 2048;
        for (size_t at = 0; at + 8 <= most; at += 8) {
            if (count++ % each == 0)
                broken_word(copy, region, at);
        }
    }
    CHECK(count > 500);
    CHECK_INT(broken_look(copy, false), 14);
    broken_free(copy);
}

/* ---- What is told of one task -------------------------------------------- */

/* A picture of the recorded program, and where its tasks were. */
struct broken_view {
    fm_inspect *inspect;
    const fm_picture *picture;
};

static void broken_open(struct broken_view *view, struct fm__image *image)
{
    image->clock = 1;
    CHECK_INT(fm__inspect_begin(&view->inspect, image), 0);
    CHECK_INT(fm_inspect_look(view->inspect, &view->picture), 0);
}

static uint64_t broken_record(const struct broken_view *view, const char *name)
{
    for (size_t i = 0; i < view->picture->task_count; i++) {
        if (strcmp(view->picture->tasks[i].name, name) == 0)
            return fm__sight_seen(view->inspect)[i].record;
    }
    return 0;
}

static const fm_picture_task *broken_task(const struct broken_view *view,
                                          const char *name)
{
    for (size_t i = 0; i < view->picture->task_count; i++) {
        if (strcmp(view->picture->tasks[i].name, name) == 0)
            return &view->picture->tasks[i];
    }
    return NULL;
}

/* Sets a number of the program's memory, wherever it was recorded. */
static void broken_set(struct recorded *copy, uint64_t address, uint64_t value,
                       size_t size)
{
    for (size_t i = 0; i < copy->count; i++) {
        const struct image_region *region = &copy->regions[i];
        uint64_t at = address - region->address;
        if (at < region->size && size <= region->size - at)
            memcpy((char *)(uintptr_t)region->bytes + at, &value, size);
    }
}

TEST(a_parent_comes_first_though_its_number_has_gone_round)
{
    struct recorded *copy = broken_copy(recorded_program());
    struct broken_view view;
    broken_open(&view, image_of_bytes(copy->regions, copy->count, copy->root));
    size_t serial = fm__sight_layout(view.inspect)->task_serial;
    const char *const names[] = {"recorded_main", "awaiter"};
    for (size_t i = 0; i < 2; i++)
        broken_set(copy, broken_record(&view, names[i]) + serial, 11, 4);
    CHECK_INT(fm_inspect_look(view.inspect, &view.picture), 0);
    CHECK_INT(view.picture->task_count, 14);
    CHECK(view_sound(view.picture));
    const fm_picture_task *tasks = view.picture->tasks;
    size_t parent = broken_task(&view, "limited")->parent;
    CHECK(parent < 14 && strcmp(tasks[parent].name, "awaiter") == 0);
    fm_inspect_close(view.inspect);
    broken_free(copy);
}

TEST(a_circle_of_parents_is_cut)
{
    struct recorded *copy = broken_copy(recorded_program());
    struct broken_view view;
    broken_open(&view, image_of_bytes(copy->regions, copy->count, copy->root));
    const struct fm__layout *layout = fm__sight_layout(view.inspect);
    uint64_t awaiter = broken_record(&view, "awaiter");
    uint64_t limited = broken_record(&view, "limited");
    broken_set(copy, awaiter + layout->task_owner,
               limited + layout->task_children, 8);
    CHECK_INT(fm_inspect_look(view.inspect, &view.picture), 0);
    CHECK_INT(view.picture->task_count, 14);
    CHECK(view_sound(view.picture));
    CHECK((broken_task(&view, "awaiter")->parent == FM_PICTURE_NONE) !=
          (broken_task(&view, "limited")->parent == FM_PICTURE_NONE));
    fm_inspect_close(view.inspect);
    broken_free(copy);
}

/* Memory in which a number is another one whenever it is read. */
struct restless {
    struct fm__image image;
    struct fm__image *inner;
    uint64_t address;
    uint32_t number;
};

static int restless_gather(struct fm__image *image, struct fm__extent *extents,
                           size_t count)
{
    struct restless *restless = (struct restless *)image;
    int rc = fm__image_gather(restless->inner, extents, count);
    for (size_t i = 0; i < count; i++) {
        uint64_t at = restless->address - extents[i].address;
        restless->number++;
        if (restless->address != 0 && at < extents[i].got &&
            extents[i].got - at >= sizeof restless->number)
            memcpy((char *)extents[i].buf + at, &restless->number,
                   sizeof restless->number);
    }
    return rc;
}

static void restless_close(struct fm__image *image)
{
    fm__image_close(((struct restless *)image)->inner);
}

static const struct fm__image_kind restless_kind = {
    .gather = restless_gather,
    .close = restless_close,
};

TEST(a_task_that_changes_whenever_it_is_read_is_ready_or_passed_over)
{
    const struct recorded *recorded = recorded_program();
    struct restless restless = {
        .inner =
            image_of_bytes(recorded->regions, recorded->count, recorded->root),
    };
    struct broken_view view;
    restless.image = *restless.inner;
    restless.image.kind = &restless_kind;
    broken_open(&view, &restless.image);
    const struct fm__layout *layout = fm__sight_layout(view.inspect);
    uint64_t record = broken_record(&view, "limited");
    CHECK_INT(broken_task(&view, "limited")->state, FM_TASK_WAITING);
    restless.address = record + layout->task_turns;
    CHECK_INT(fm_inspect_look(view.inspect, &view.picture), 0);
    CHECK_INT(broken_task(&view, "limited")->state, FM_TASK_READY);
    CHECK_INT(view.picture->skipped, 0);
    restless.address = record + layout->task_handle;
    CHECK_INT(fm_inspect_look(view.inspect, &view.picture), 0);
    CHECK(broken_task(&view, "limited") == NULL);
    CHECK_INT(view.picture->skipped, 1);
    CHECK_INT(view.picture->task_count, 13);
    fm_inspect_close(view.inspect);
}
