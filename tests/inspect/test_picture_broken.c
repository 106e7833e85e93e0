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
    CHECK_INT(broken_look(recorded, false), 12);
    CHECK_INT(broken_look(recorded, true), 12);
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
    CHECK_INT(broken_look(copy, false), 12);
    broken_free(copy);
}
