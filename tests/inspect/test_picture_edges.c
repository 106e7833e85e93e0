/*
 * test_picture_edges.c - who waits for whom, and circles of those
 */
#include "inspect/image_kind.h"
#include "inspect/picture_kit.h"
#include "inspect/sight.h"

static int gatherer(void)
{
    return fm_gather(fm_go(answer, 0), fm_go(nap, 1e6, 0), fm_go(forever));
}

static int watcher(void)
{
    fm_task *tasks[] = {fm_go(nap, 1e6, 0), fm_go(forever)};
    int rc = fm_wait(tasks, 2, FM_FIRST_COMPLETED,
                     &(fm_wait_options){.timeout = story_span(4e5)});
    (void)fm_stop(tasks[0]);
    (void)fm_stop(tasks[1]);
    return rc < 0 ? rc : 0;
}

STORY(who_waits_for_tasks_names_those_that_have_not_ended)
{
    struct view view = view_of(getpid());
    FM_TASK one = fm_go(gatherer);
    FM_TASK other = fm_go(watcher);
    FM_TASK third = fm_go(group_of_two);
    FM_TASK fourth = fm_go(mother);
    look(&view, 3);
    const fm_picture_wait *wait = view_wait(&view, "gatherer");
    CHECK_TEXT(wait->name, "gather");
    CHECK(wait->kind == FM_WAIT_TASKS && wait->task_count == 2);
    CHECK(view_waits(&view, "gatherer", "nap") &&
          view_waits(&view, "gatherer", "forever"));
    wait = view_wait(&view, "watcher");
    CHECK_TEXT(wait->name, "wait");
    CHECK(wait->kind == FM_WAIT_ANY && wait->task_count == 2);
    CHECK(wait->left > 0 && wait->left <= story_span(4e5));
    wait = view_wait(&view, "group_of_two");
    CHECK_TEXT(wait->name, "group close");
    CHECK(wait->kind == FM_WAIT_TASKS && wait->task_count == 1);
    wait = view_wait(&view, "mother");
    CHECK_TEXT(wait->name, "await");
    CHECK(view_waits(&view, "mother", "forever"));
    CHECK_INT(view.picture->circles, 0);
    view_close(&view);
}

/* Never comes to its first value. */
static int idler(void)
{
    return fm_sleep(INFINITY);
}

static int consumer(void)
{
    int value;
    FM_GEN values = fm_gen_go(idler);
    return fm_gen_next(values, &value);
}

STORY(who_waits_for_a_generators_value_names_it)
{
    struct view view = view_of(getpid());
    FM_TASK task = fm_go(consumer);
    look(&view, 2);
    CHECK_TEXT(view_wait(&view, "consumer")->name, "generator next");
    CHECK_INT(view_wait(&view, "consumer")->task_count, 1);
    CHECK(view_waits(&view, "consumer", "idler"));
    view_close(&view);
}

struct pair {
    fm_lock *first;
    fm_lock *second;
    int result;
};

/* Takes a lock, and a turn later another. */
static int pair(struct pair *self)
{
    int rc, last;
    FM_LOCKED(self->first, rc) {
        rc = fm_yield();
        if (rc == 0) {
            FM_LOCKED(self->second, last) {
                rc = self->result;
            }
        }
    }
    return rc;
}

STORY(two_that_want_each_others_lock_are_a_circle)
{
    struct view view = view_of(getpid());
    fm_lock one = {0}, other = {0};
    FM_TASK apart = fm_go(forever);
    FM_TASK left = fm_go(pair, &one, &other, 0);
    FM_TASK right = fm_go(pair, &other, &one, 0);
    FM_TASK third = fm_go(pair, &one, &other, 0);
    look(&view, 4);
    CHECK_INT(view.picture->circles, 1);
    const fm_picture_task *tasks = view.picture->tasks;
    size_t a = view_next(&view, "pair", 0), b = a + 1, c = a + 2;
    CHECK(tasks[a].circle == 1 && tasks[b].circle == 1 && tasks[c].circle == 0);
    CHECK_INT(view_task(&view, "forever")->circle, 0);
    CHECK_TEXT(tasks[a].wait.name, "lock");
    CHECK_INT(tasks[a].wait.kind, FM_WAIT_LOCK);
    CHECK(tasks[a].wait.task_count == 1 && tasks[a].wait.tasks[0] == b);
    CHECK(tasks[b].wait.task_count == 1 && tasks[b].wait.tasks[0] == a);
    CHECK(tasks[c].wait.task_count == 1 && tasks[c].wait.tasks[0] == a);
    CHECK(tasks[a].wait.object == (uint64_t)(uintptr_t)&other);
    view_close(&view);
}

STORY(each_circle_has_its_number)
{
    struct view view = view_of(getpid());
    fm_lock locks[5] = {{{0}}};
    fm_task *tasks[] = {
        fm_go(pair, &locks[0], &locks[1], 0),
        fm_go(pair, &locks[3], &locks[4], 0),
        fm_go(pair, &locks[1], &locks[2], 0),
        fm_go(pair, &locks[4], &locks[3], 0),
        fm_go(pair, &locks[2], &locks[0], 0),
    };
    look(&view, 4);
    CHECK_INT(view.picture->circles, 2);
    size_t a = view_next(&view, "pair", 0);
    for (size_t i = 0; i < 5; i++) {
        unsigned circle = view.picture->tasks[a + i].circle;
        CHECK_INT(circle, i == 1 || i == 3 ? 2 : 1);
        (void)fm_stop(tasks[i]);
    }
    view_close(&view);
}

static int needy(void *lock)
{
    int rc;
    FM_LOCKED(lock, rc) {
        rc = fm_yield();
    }
    return rc;
}

/* Awaits one that wants the lock that it holds. */
static int generous(void *lock)
{
    int rc;
    FM_LOCKED(lock, rc) {
        rc = fm_await(fm_start(needy, lock));
    }
    return rc;
}

STORY(who_awaits_one_that_wants_its_lock_is_in_a_circle)
{
    struct view view = view_of(getpid());
    fm_lock lock = {0};
    FM_TASK task = fm_start(generous, &lock);
    look(&view, 3);
    CHECK_INT(view.picture->circles, 1);
    CHECK_INT(view_task(&view, "generous")->circle, 1);
    CHECK_INT(view_task(&view, "needy")->circle, 1);
    CHECK(view_waits(&view, "needy", "generous"));
    CHECK_INT(view_task(&view, "story_main")->circle, 0);
    (void)fm_stop(task);
    task = NULL;
    view_close(&view);
}

/* Waits for one of two tasks, of which one wants the lock that it holds. */
static int choosy(void *lock)
{
    int rc;
    FM_LOCKED(lock, rc) {
        fm_task *tasks[] = {fm_start(needy, lock), fm_go(forever)};
        rc = fm_wait(tasks, 2, FM_FIRST_COMPLETED);
        (void)fm_stop(tasks[0]);
        (void)fm_stop(tasks[1]);
    }
    return rc < 0 ? rc : 0;
}

STORY(who_waits_for_one_of_many_is_in_no_circle)
{
    struct view view = view_of(getpid());
    fm_lock lock = {0};
    FM_TASK task = fm_start(choosy, &lock);
    look(&view, 3);
    CHECK_INT(view.picture->circles, 0);
    CHECK(view_waits(&view, "needy", "choosy"));
    CHECK(view_waits(&view, "choosy", "needy"));
    (void)fm_stop(task);
    task = NULL;
    view_close(&view);
}

/* ---- What looks like a circle -------------------------------------------- */

/* Who gets out of it by itself. */
static int patient(void *arg)
{
    int rc;
    FM_TIMEOUT(story_span(4e5), rc) {
        rc = pair(arg);
    }
    return rc;
}

STORY(who_is_let_go_by_a_timeout_is_in_no_circle)
{
    struct view view = view_of(getpid());
    fm_lock one = {0}, other = {0};
    FM_TASK left = fm_go(pair, &one, &other, 0);
    struct pair locks = {&other, &one, 0};
    FM_TASK right = fm_start(patient, &locks);
    look(&view, 4);
    CHECK(view_waits(&view, "pair", "patient"));
    CHECK(view_waits(&view, "patient", "pair"));
    CHECK(view_task(&view, "patient")->timeout > 0);
    CHECK_INT(view.picture->circles, 0);
    (void)fm_stop(right);
    right = NULL;
    view_close(&view);
}

/* This process, in which tasks run whenever something was read. */
struct passing {
    struct fm__image image;
    struct fm__image *inner;
    int turns;
};

static int passing_gather(struct fm__image *image, struct fm__extent *extents,
                          size_t count)
{
    struct passing *passing = (struct passing *)image;
    int rc = fm__image_gather(passing->inner, extents, count);
    settle(passing->turns);
    return rc;
}

static void passing_close(struct fm__image *image)
{
    fm__image_close(((struct passing *)image)->inner);
}

static const struct fm__image_kind passing_kind = {
    .gather = passing_gather,
    .close = passing_close,
};

struct taker {
    fm_lock *lock;
    int turns;
};

/* Has the lock for so many turns, again and again. */
static int taker(struct taker *self)
{
    int rc = 0;
    while (rc == 0) {
        FM_LOCKED(self->lock, rc) {
            for (int i = 0; i < self->turns && rc == 0; i++)
                rc = fm_yield();
        }
    }
    return rc;
}

STORY(of_a_loop_that_goes_on_only_what_stays_is_a_circle)
{
    for (int turns = 1; turns <= 24; turns++) {
        struct view view = {NULL, NULL};
        struct passing passing;
        fm_lock lock = {0}, forks[2] = {{{0}}};
        size_t circles = 0;
        CHECK_INT(fm__image_open(&passing.inner, getpid()), 0);
        passing.image = *passing.inner;
        passing.image.kind = &passing_kind;
        passing.turns = 1;
        FM_TASK one = fm_go(taker, &lock, turns);
        FM_TASK other = fm_go(taker, &lock, turns);
        FM_TASK left = fm_go(pair, &forks[0], &forks[1], 0);
        FM_TASK right = fm_go(pair, &forks[1], &forks[0], 0);
        settle(turns + 3);
        CHECK_INT(fm__inspect_begin(&view.inspect, &passing.image), 0);
        for (int i = 0; i < 8; i++) {
            view_look(&view);
            CHECK(view_sound(view.picture));
            circles += view.picture->circles;
            CHECK(view_task(&view, "pair")->circle > 0);
            CHECK_INT(view_task(&view, "taker")->circle, 0);
        }
        CHECK_INT(circles, 8);
        (void)fm_stop(one);
        (void)fm_stop(other);
        one = other = NULL;
        view_close(&view);
    }
}
