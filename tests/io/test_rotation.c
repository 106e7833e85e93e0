/*
 * test_rotation.c - which file comes next, while somebody renames them
 *
 * The names change between any two questions of a look: fstatat(2) is ours.
 */
#include "base/sys.h"
#include "io/path_kit.h"
#include "io/rotation.h"

#include <sys/syscall.h>

enum {
    FILES = 4,   /* log.3, log.2, log.1, log */
    CHOICES = 3, /* 1, 3 or 5 steps: a rotation has FILES + 1 */
    QUESTIONS = 2 * (FILES + 1) + 1
};

/* So many names change in front of that question. */
struct change {
    int question;
    int steps;
};

static struct shuffle {
    char path[sizeof scene + 8];
    ino_t files[64]; /* that the log was, from the oldest */
    int count;
    int step; /* of this rotation */
    int asked;
    struct change changes[2];
} shuffle;

static const char *shuffle_name(int number)
{
    static char names[2][sizeof shuffle.path + 16];
    static unsigned next;
    char *name = names[next++ % 2];
    snprintf(name, sizeof names[0], number > 0 ? "%s.%d" : "%s", shuffle.path,
             number);
    return name;
}

static void shuffle_create(void)
{
    struct stat found;
    int fd =
        open(shuffle_name(0), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    CHECK(fd >= 0);
    CHECK_INT(fstat(fd, &found), 0);
    close(fd);
    shuffle.files[shuffle.count++] = found.st_ino;
}

/* As logrotate(8): each gets its next name, the oldest first. */
static void shuffle_step(void)
{
    int number = shuffle.count - 1 - shuffle.step;
    if (number >= 0) {
        CHECK_INT(rename(shuffle_name(number), shuffle_name(number + 1)), 0);
        shuffle.step++;
        return;
    }
    shuffle_create();
    shuffle.step = 0;
}

int fstatat(int at, const char *restrict path, struct stat *restrict found,
            int flags)
{
    shuffle.asked++;
    for (int i = 0; i < 2; i++)
        if (shuffle.asked == shuffle.changes[i].question)
            for (int k = 0; k < shuffle.changes[i].steps; k++)
                shuffle_step();
    return (int)syscall(SYS_newfstatat, at, path, found, flags);
}

static void shuffle_begin(void)
{
    shuffle = (struct shuffle){0};
    snprintf(shuffle.path, sizeof shuffle.path, "%s/log", scene);
    shuffle_create();
    while (shuffle.count < FILES || shuffle.step > 0)
        shuffle_step();
}

static void shuffle_end(void)
{
    for (int i = 0; i <= shuffle.count; i++)
        (void)unlink(shuffle_name(i));
    shuffle = (struct shuffle){0};
}

/* It is found, or it has moved; nothing else is found in its place. */
static void expect_found(int known, bool next, const struct change changes[2])
{
    shuffle_begin();
    struct stat of;
    CHECK_INT(stat(shuffle_name(0), &of), 0);
    const fm_tail_place place = {.device = of.st_dev,
                                 .inode = shuffle.files[known]};
    struct fm__rotation rotation = {
        .path = shuffle.path, .place = &place, .next = next};
    shuffle.asked = 0;
    memcpy(shuffle.changes, changes, sizeof shuffle.changes);
    int rc = fm__rotation_find(&rotation);
    CHECK(shuffle.asked >= FILES);
    bool quiet = changes[0].steps + changes[1].steps == 0;
    if (rc == FM__ROTATION_FOUND) {
        CHECK_INT(rotation.inode, shuffle.files[known + next]);
        fm__sys_close(rotation.fd);
    } else if (rc != FM__ROTATION_MOVED || quiet) {
        test_fail(__FILE__, __LINE__, "%d after %d steps at %d and %d at %d",
                  rc, changes[0].steps, changes[0].question, changes[1].steps,
                  changes[1].question);
    }
    shuffle_end();
}

static struct change change_of(int i)
{
    return (struct change){1 + i / CHOICES, 1 + 2 * (i % CHOICES)};
}

static void expect_right_whatever_moves(int known, bool next)
{
    struct change changes[2] = {{0, 0}, {0, 0}};
    expect_found(known, next, changes);
    for (int i = 0; i < QUESTIONS * CHOICES; i++) {
        for (int k = i; k < QUESTIONS * CHOICES; k++) {
            changes[0] = change_of(i);
            changes[1] = change_of(k);
            expect_found(known, next, changes);
        }
    }
}

SCENE(the_next_file_is_found_or_it_has_moved)
{
    for (int known = 0; known < FILES - 1; known++)
        expect_right_whatever_moves(known, true);
}

SCENE(a_file_that_gets_other_names_is_not_gone)
{
    for (int known = 0; known < FILES; known++)
        expect_right_whatever_moves(known, false);
}

SCENE(a_file_that_is_gone_is_told_so)
{
    shuffle_begin();
    struct stat of;
    CHECK_INT(stat(shuffle_name(0), &of), 0);
    const fm_tail_place place = {.device = of.st_dev, .inode = of.st_ino};
    CHECK_INT(rename(shuffle_name(0), at("elsewhere")), 0);
    struct fm__rotation itself = {.path = shuffle.path, .place = &place};
    CHECK_INT(fm__rotation_find(&itself), FM__ROTATION_NONE);
    shuffle_create();
    struct fm__rotation next = {
        .path = shuffle.path, .place = &place, .next = true};
    CHECK_INT(fm__rotation_find(&next), FM__ROTATION_FOUND);
    CHECK_INT(next.inode, shuffle.files[FILES]);
    fm__sys_close(next.fd);
    shuffle_end();
}
