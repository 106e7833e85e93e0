/*
 * test_select_fd.c - descriptors among the things that are selected
 *
 * They are foreign ones, read and written behind the loop's back.
 */
#include "select_kit.h"

#include "io/foreign.h"

STORY(a_descriptor_that_is_ready_is_named)
{
    int fds[2];
    char c;
    struct bell bell = {.rings = 0};
    foreign_pair(FM__PAIR_SOCKET, fds);
    CHECK_INT(foreign_write(fds[1], "x", 1), 1);
    CHECK_INT(fm_select(when_bell(&bell), fm_when_fd(fds[0], FM_READABLE)), 1);
    CHECK_INT(fm_select(fm_when_fd(fds[0], FM_READABLE), when_bell(&bell)), 0);
    CHECK_INT(foreign_read(fds[0], &c, 1), 1);
    CHECK_INT(fm_select(fm_when_fd(fds[0], FM_READABLE),
                        fm_when_fd(fds[0], FM_WRITABLE)),
              1);
    CHECK(!fm__watched(&bell.watchers));
    foreign_close(fds[0]);
    foreign_close(fds[1]);
}

/* The kernel is asked, although something behind it is ready. */
STORY(a_descriptor_comes_in_its_order_also_when_others_are_ready)
{
    int fds[2];
    struct bell bell = {.rings = 1};
    foreign_pair(FM__PAIR_SOCKET, fds);
    CHECK_INT(fm_select(fm_when_fd(fds[0], FM_READABLE), when_bell(&bell)), 1);
    CHECK_INT(fm_select(when_bell(&bell), fm_when_fd(fds[1], FM_WRITABLE)), 0);
    CHECK_INT(fm_select(fm_when_fd(fds[1], FM_WRITABLE), when_bell(&bell)), 0);
    CHECK_INT(foreign_write(fds[1], "x", 1), 1);
    CHECK_INT(fm_select(fm_when_fd(fds[0], FM_READABLE), when_bell(&bell)), 0);
    CHECK_INT(fm_select(fm_when_fd(fds[0], FM_READABLE), fm_when_after(0)), 0);
    foreign_close(fds[0]);
    foreign_close(fds[1]);
}

struct writer {
    int fd;
    double units;
};

static int writer(struct writer *self)
{
    int rc = fm_sleep(story_span(self->units));
    return rc < 0 ? rc : (int)foreign_write(self->fd, "x", 1);
}

STORY(a_select_waits_until_a_descriptor_is_ready)
{
    int one[2], two[2];
    struct bell bell = {.rings = 0};
    foreign_pair(FM__PAIR_SOCKET, one);
    foreign_pair(FM__PAIR_PIPE, two);
    fm_task *task = fm_go(writer, two[1], 3);
    CHECK_INT(fm_select(when_bell(&bell), fm_when_fd(one[0], FM_READABLE),
                        fm_when_fd(two[0], FM_READABLE),
                        fm_when_after(story_span(900000))),
              2);
    CHECK_INT(fm_await(task), 1);
    for (int i = 0; i < 2; i++) {
        foreign_close(one[i]);
        foreign_close(two[i]);
    }
}

/* Closing them right after would be noticed by the loop. */
STORY(no_operation_is_left_when_something_else_was_first)
{
    int fds[2], rc;
    struct bell bell = {.rings = 0};
    const struct fm__loop *loop = &fm__home->loop;
    foreign_pair(FM__PAIR_SOCKET, fds);
    for (int i = 0; i < 20; i++) {
        fm_task *task = fm_go(ringer, &bell, i % 3);
        CHECK_INT(fm_select(fm_when_fd(fds[0], FM_READABLE), when_bell(&bell)),
                  1);
        CHECK_INT(loop->operations, 0);
        CHECK_INT(bell_take(&bell), 0);
        CHECK_INT(fm_await(task), 0);
        FM_TIMEOUT(story_span(1), rc) {
            rc = fm_select(fm_when_fd(fds[0], FM_READABLE), when_bell(&bell));
        }
        CHECK_INT(rc, -ETIMEDOUT);
        CHECK_INT(loop->operations, 0);
    }
    foreign_close(fds[0]);
    foreign_close(fds[1]);
}

struct reader {
    int fd;
    struct bell *bell;
    int *got;
};

/* The simulator's read waits where the system's would not. */
static int read_try(int fd)
{
    char c;
    int rc;
    FM_TIMEOUT(story_span(0.5), rc) {
        rc = (int)foreign_read(fd, &c, 1);
    }
    return rc;
}

/* Each reads only what it was told of. */
static int reader(struct reader *self)
{
    int rc = 0;
    while (rc >= 0 && *self->got < 20) {
        rc =
            fm_select(fm_when_fd(self->fd, FM_READABLE), when_bell(self->bell));
        if (rc != 0)
            break;
        if (read_try(self->fd) == 1)
            ++*self->got;
    }
    return rc;
}

STORY(who_was_overtaken_at_a_descriptor_polls_it_again)
{
    int fds[2], got = 0;
    fm_task *readers[3];
    struct bell bell = {.rings = 0};
    foreign_pair(FM__PAIR_SOCKET, fds);
    for (int i = 0; i < 3; i++)
        readers[i] = fm_go(reader, fds[0], &bell, &got);
    for (int i = 0; i < 20; i++) {
        CHECK_INT(fm_sleep(story_span(1)), 0);
        CHECK_INT(foreign_write(fds[1], "x", 1), 1);
    }
    while (got < 20)
        CHECK_INT(fm_sleep(story_span(1)), 0);
    bell_ring(&bell);
    for (int i = 0; i < 3; i++)
        CHECK(fm_await(readers[i]) >= 0);
    foreign_close(fds[0]);
    foreign_close(fds[1]);
}

STORY(a_select_of_descriptors_may_be_cut_at_any_time)
{
    int fds[2];
    struct bell bell = {.rings = 0};
    foreign_pair(FM__PAIR_SOCKET, fds);
    for (int i = 0; i < 50; i++) {
        int got = 0;
        char c;
        fm_task *task = fm_go(reader, fds[0], &bell, &got);
        if (i % 4 > 0)
            CHECK_INT(fm_yield(), 0);
        if (i % 3 == 0)
            CHECK_INT(foreign_write(fds[1], "x", 1), 1);
        if (i % 5 == 0)
            bell_ring(&bell);
        int rc = fm_stop(task);
        CHECK(rc == -ECANCELED || (rc == 1 && i % 5 == 0));
        bell.rings = 0;
        if (i % 3 == 0 && got == 0)
            CHECK_INT(foreign_read(fds[0], &c, 1), 1);
    }
    foreign_close(fds[0]);
    foreign_close(fds[1]);
}

STORY(wrong_descriptors_and_events_are_codes)
{
    int fds[2];
    struct bell bell = {.rings = 0};
    foreign_pair(FM__PAIR_SOCKET, fds);
    CHECK_INT(fm_select(when_bell(&bell), fm_when_fd(fds[0], 0)), -EINVAL);
    CHECK_INT(fm_select(fm_when_fd(fds[0], 2), when_bell(&bell)), -EINVAL);
    CHECK_INT(fm_select(fm_when_fd(fds[0], FM_READABLE), fm_when_fd(-1, 1)),
              -EBADF);
    CHECK_INT(fm_select(fm_when_fd(1 << 29, FM_READABLE)), -EBADF);
    bell_ring(&bell);
    CHECK_INT(fm_select(fm_when_fd(-1, FM_READABLE), when_bell(&bell)), -EBADF);
    CHECK_INT(fm_select(fm_when_fd(fds[0], 0), when_bell(&bell)), -EINVAL);
    CHECK_INT(fm_select(when_bell(&bell), fm_when_fd(-1, FM_READABLE)), 0);
    CHECK_INT(fm__home->loop.operations, 0);
    foreign_close(fds[0]);
    foreign_close(fds[1]);
}

STORY(an_end_makes_a_selected_descriptor_ready)
{
    int fds[2];
    struct bell bell = {.rings = 0};
    foreign_pair(FM__PAIR_PIPE, fds);
    foreign_close(fds[1]);
    CHECK_INT(fm_select(when_bell(&bell), fm_when_fd(fds[0], FM_READABLE)), 1);
    foreign_close(fds[0]);
}
