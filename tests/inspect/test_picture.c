/*
 * test_picture.c - the tasks of a program, as a look has them
 */
#include "task/story.h"

#include "inspect/view.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#define CHECK_TEXT(left, right)                                                \
    do {                                                                       \
        const char *check_l = (left), *check_r = (right);                      \
        if (strcmp(check_l, check_r) != 0)                                     \
            test_fail(__FILE__, __LINE__, "%s is \"%s\", not \"%s\"", #left,   \
                      check_l, check_r);                                       \
    } while (0)

/* Lets all tasks take so many turns. */
static void settle(int turns)
{
    for (int i = 0; i < turns; i++)
        CHECK_INT(fm_yield(), 0);
}

static void look(struct view *view, int turns)
{
    settle(turns);
    view_look(view);
    CHECK(view_sound(view->picture));
}

/* ---- A loop and its tasks ------------------------------------------------ */

STORY(the_task_that_looks_is_the_one_that_runs)
{
    struct view view = view_of(getpid());
    look(&view, 1);
    const fm_picture *picture = view.picture;
    CHECK_INT(picture->pid, getpid());
    CHECK_TEXT(picture->version, FM_VERSION);
    CHECK_INT(picture->loop_count, 1);
    CHECK_TEXT(picture->loops[0].backend, test_backend());
    CHECK_INT(picture->loops[0].thread, gettid());
    CHECK_INT(picture->loops[0].alive, 1);
    CHECK(picture->loops[0].whole && !picture->loops[0].waiting);
    CHECK_INT(picture->task_count, 1);
    const fm_picture_task *task = view_task(&view, "story_main");
    CHECK_INT(task->state, FM_TASK_RUNNING);
    CHECK(task->id == (uint64_t)(uintptr_t)fm_self());
    CHECK(task->parent == FM_PICTURE_NONE && task->pc == 0);
    CHECK(task->stack_size > 1024 && !task->dense && !task->cancelled);
    CHECK_INT(picture->skipped + picture->cycles, 0);
    view_close(&view);
}

TEST(a_program_without_a_loop_has_no_tasks)
{
    struct view view = view_of(getpid());
    view_look(&view);
    CHECK_INT(view.picture->loop_count + view.picture->task_count, 0);
    view_close(&view);
}

static int mother(void)
{
    FM_TASK child = fm_go(forever);
    return fm_await(child);
}

static int group_of_two(void)
{
    int rc;
    FM_GROUP(group, rc) {
        rc = fm_group_go(group, answer, 0);
        if (rc == 0)
            rc = fm_group_go(group, nap, 1000, 0);
    }
    return rc;
}

STORY(each_parent_comes_before_its_children)
{
    struct view view = view_of(getpid());
    FM_TASK first = fm_go(mother);
    FM_TASK second = fm_go(group_of_two);
    fm_task *third = fm_go(nap, 1000, 0);
    fm_detach(third);
    look(&view, 3);
    size_t main = view_next(&view, "story_main", 0);
    size_t one = view_next(&view, "mother", 0);
    size_t two = view_next(&view, "group_of_two", 0);
    size_t detached = view_next(&view, "nap", 0);
    CHECK(main == 0 && one == 1 && two == 2 && detached == 3);
    CHECK(view_task(&view, "mother")->parent == main);
    CHECK(view_task(&view, "group_of_two")->parent == main);
    CHECK(view_task(&view, "forever")->parent == one);
    CHECK(view_task(&view, "nap")->parent == FM_PICTURE_NONE);
    size_t member = view_next(&view, "nap", detached + 1);
    CHECK(member != VIEW_NONE && view.picture->tasks[member].parent == two);
    CHECK(view_next(&view, "answer", 0) == VIEW_NONE);
    CHECK(fm_cancel(third) == 0);
    view_close(&view);
}

STORY(a_task_that_has_ended_is_kept_for_its_starter)
{
    struct view view = view_of(getpid());
    fm_task *task = fm_go(answer, 5);
    view_look(&view);
    CHECK_INT(view_task(&view, "answer")->state, FM_TASK_READY);
    look(&view, 1);
    CHECK_INT(view_task(&view, "answer")->state, FM_TASK_ENDED);
    CHECK_INT(fm_await(task), 5);
    look(&view, 0);
    CHECK(view_next(&view, "answer", 0) == VIEW_NONE);
    view_close(&view);
}

STORY(a_name_may_be_changed_and_what_is_not_printable_is_shown_so)
{
    struct view view = view_of(getpid());
    FM_TASK task = fm_go(forever);
    CHECK_INT(fm_task_set_name(task, "a\nb\033[2J\x9b"), 0);
    look(&view, 1);
    const fm_picture_task *seen = view_task(&view, "a?b?[2J?");
    CHECK(strstr(seen->site, "test_picture.c:") != NULL);
    view_close(&view);
}

STORY(a_cancelled_task_is_marked)
{
    struct view view = view_of(getpid());
    FM_TASK task = fm_go(forever);
    settle(1);
    CHECK_INT(fm_cancel(task), 0);
    view_look(&view);
    CHECK(view_task(&view, "forever")->cancelled);
    CHECK_INT(view_task(&view, "forever")->state, FM_TASK_READY);
    view_close(&view);
}

/* ---- What tasks wait for ------------------------------------------------- */

STORY(a_sleep_has_a_name_and_time_left)
{
    struct view view = view_of(getpid());
    FM_TASK task = fm_go(nap, 1e6, 0);
    FM_TASK other = fm_go(forever);
    look(&view, 1);
    const fm_picture_task *seen = view_task(&view, "nap");
    CHECK_INT(seen->state, FM_TASK_WAITING);
    CHECK_INT(seen->wait.kind, FM_WAIT_TIMER);
    CHECK_TEXT(seen->wait.name, "sleep");
    CHECK(seen->wait.left > 0 && seen->wait.left <= story_span(1e6));
    CHECK(seen->wait.seconds >= 0 && seen->timeout < 0 && seen->turns == 1);
    CHECK(view_wait(&view, "forever")->left < 0);
    view_close(&view);
}

static int limited(void)
{
    int rc;
    FM_TIMEOUT(INFINITY, rc) {
        FM_TIMEOUT(story_span(5e6), rc) {
            FM_TIMEOUT(story_span(9e6), rc) {
                rc = fm_sleep(INFINITY);
            }
        }
    }
    return rc;
}

STORY(the_first_timeout_around_a_task_counts)
{
    struct view view = view_of(getpid());
    FM_TASK task = fm_go(limited);
    FM_TASK other = fm_go(forever);
    look(&view, 1);
    double left = view_task(&view, "limited")->timeout;
    CHECK(left > 0 && left <= story_span(5e6));
    CHECK(view_task(&view, "forever")->timeout < 0);
    view_close(&view);
}

STORY(in_a_simulated_world_its_clock_counts)
{
    if (!test_simulated())
        return;
    struct view view = view_of(getpid());
    FM_TASK task = fm_go(nap, 100, 0);
    FM_TASK other = fm_go(limited);
    CHECK_INT(fm_sleep(30), 0);
    look(&view, 0);
    CHECK(fabs(view_wait(&view, "nap")->left - 70) < 1e-6);
    CHECK(fabs(view_wait(&view, "nap")->seconds - 30) < 1e-3);
    CHECK(fabs(view_task(&view, "limited")->timeout - (5e6 - 30)) < 1e-3);
    view_close(&view);
}

static int getter(void *queue)
{
    void *item;
    return fm_queue_get(queue, &item);
}

static int putter(void *queue)
{
    int rc = 0;
    while (rc == 0)
        rc = fm_queue_put(queue, queue);
    return rc;
}

STORY(who_waits_at_a_queue_says_how_full_it_is)
{
    struct view view = view_of(getpid());
    fm_queue *empty = fm_queue_new(7), *full = fm_queue_new(3);
    FM_TASK one = fm_start(getter, empty, NULL);
    FM_TASK other = fm_start(putter, full, NULL);
    look(&view, 2);
    const fm_picture_wait *get = view_wait(&view, "getter");
    CHECK_TEXT(get->name, "queue get");
    CHECK(get->kind == FM_WAIT_COUNTED && get->count == 0 && get->limit == 7);
    CHECK(get->object == (uint64_t)(uintptr_t)empty);
    const fm_picture_wait *put = view_wait(&view, "putter");
    CHECK_TEXT(put->name, "queue put");
    CHECK(put->count == 3 && put->limit == 3);
    (void)fm_stop(one);
    (void)fm_stop(other);
    one = other = NULL;
    fm_queue_free(empty);
    fm_queue_free(full);
    view_close(&view);
}

static int acquirer(void *semaphore)
{
    return fm_semaphore_acquire(semaphore);
}

static int listener(void *event)
{
    return fm_event_wait(event);
}

STORY(who_waits_for_a_permit_or_an_event_says_so)
{
    struct view view = view_of(getpid());
    fm_semaphore semaphore;
    fm_event event = {0};
    fm_semaphore_init(&semaphore, 0, 5);
    FM_TASK one = fm_start(acquirer, &semaphore, NULL);
    FM_TASK other = fm_start(listener, &event, NULL);
    look(&view, 1);
    const fm_picture_wait *wait = view_wait(&view, "acquirer");
    CHECK_TEXT(wait->name, "semaphore");
    CHECK(wait->kind == FM_WAIT_COUNTED && wait->count == 0 &&
          wait->limit == 5);
    wait = view_wait(&view, "listener");
    CHECK_TEXT(wait->name, "event");
    CHECK(wait->kind == FM_WAIT_OBJECT &&
          wait->object == (uint64_t)(uintptr_t)&event);
    (void)fm_stop(one);
    (void)fm_stop(other);
    one = other = NULL;
    view_close(&view);
}

static int accepting(void *listener)
{
    fm_stream *stream;
    int rc = fm_accept(listener, &stream);
    if (rc == 0)
        rc = fm_close(stream);
    return rc;
}

static int reading(void *stream)
{
    char byte;
    return (int)fm_read(stream, &byte, 1);
}

STORY(who_waits_for_a_connection_says_which)
{
    struct view view = view_of(getpid());
    fm_listener *listener;
    fm_stream *stream, *peer;
    char at[FM_ADDRESS_TEXT];
    CHECK_INT(fm_listen("127.0.0.1:0", &listener), 0);
    fm_address_format(fm_listener_address(listener), at);
    CHECK_INT(fm_connect(at, &stream), 0);
    CHECK_INT(fm_accept(listener, &peer), 0);
    FM_TASK one = fm_start(reading, stream, NULL);
    FM_TASK other = fm_start(accepting, listener, NULL);
    look(&view, 2);
    const fm_picture_wait *wait = view_wait(&view, "reading");
    CHECK_INT(wait->kind, FM_WAIT_OPERATION);
    CHECK_TEXT(wait->name, "receive");
    CHECK(wait->fd >= 0);
    if (!test_simulated())
        CHECK(wait->peer != NULL && strcmp(wait->peer, at) == 0);
    wait = view_wait(&view, "accepting");
    CHECK_TEXT(wait->name, "accept");
    CHECK(wait->fd >= 0);
    if (!test_simulated())
        CHECK(wait->local != NULL && strcmp(wait->local, at) == 0);
    (void)fm_stop(one);
    (void)fm_stop(other);
    one = other = NULL;
    CHECK_INT(fm_close(stream), 0);
    CHECK_INT(fm_close(peer), 0);
    CHECK_INT(fm_listener_close(listener), 0);
    view_close(&view);
}

/* ---- Who waits for whom -------------------------------------------------- */

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
    CHECK_INT(view.picture->cycles, 0);
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
    CHECK_INT(view.picture->cycles, 1);
    const fm_picture_task *tasks = view.picture->tasks;
    size_t a = view_next(&view, "pair", 0), b = a + 1, c = a + 2;
    CHECK(tasks[a].cycle == 1 && tasks[b].cycle == 1 && tasks[c].cycle == 0);
    CHECK_INT(view_task(&view, "forever")->cycle, 0);
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
    CHECK_INT(view.picture->cycles, 2);
    size_t a = view_next(&view, "pair", 0);
    for (size_t i = 0; i < 5; i++) {
        unsigned cycle = view.picture->tasks[a + i].cycle;
        CHECK_INT(cycle, i == 1 || i == 3 ? 2 : 1);
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
    CHECK_INT(view.picture->cycles, 1);
    CHECK_INT(view_task(&view, "generous")->cycle, 1);
    CHECK_INT(view_task(&view, "needy")->cycle, 1);
    CHECK(view_waits(&view, "needy", "generous"));
    CHECK_INT(view_task(&view, "story_main")->cycle, 0);
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
    CHECK_INT(view.picture->cycles, 0);
    CHECK(view_waits(&view, "needy", "choosy"));
    CHECK(view_waits(&view, "choosy", "needy"));
    (void)fm_stop(task);
    task = NULL;
    view_close(&view);
}

/* ---- Many ---------------------------------------------------------------- */

struct chain {
    size_t left;
};

static int chain(struct chain *self)
{
    if (self->left == 0)
        return fm_sleep(INFINITY);
    return fm_await(fm_go(chain, self->left - 1));
}

STORY(a_long_chain_of_tasks_is_no_recursion)
{
    struct view view = view_of(getpid());
    size_t count = test_many(2000);
    FM_TASK task = fm_go(chain, count);
    look(&view, (int)count + 2);
    CHECK_INT(view.picture->task_count, (long long)count + 2);
    for (size_t i = 1; i < view.picture->task_count; i++)
        CHECK_INT(view.picture->tasks[i].parent, (long long)i - 1);
    view_close(&view);
}

STORY(a_hundred_thousand_tasks_are_all_seen)
{
    struct view view = view_of(getpid());
    size_t count = test_many(100000);
    int rc;
    FM_GROUP(group, rc) {
        for (size_t i = 0; i < count && rc == 0; i++)
            rc = fm_group_go(group, forever);
        look(&view, 1);
        look(&view, 0);
        CHECK_INT(view.picture->task_count, (long long)count + 1);
        CHECK_INT(view.picture->skipped, 0);
        for (size_t i = 1; i < view.picture->task_count; i++) {
            const fm_picture_task *task = &view.picture->tasks[i];
            if (task->parent != 0 || task->state != FM_TASK_WAITING ||
                task->id == view.picture->tasks[i - 1].id)
                test_fail(__FILE__, __LINE__, "task %zu", i);
        }
        fm_group_cancel(group);
    }
    CHECK_INT(rc, 0);
    view_close(&view);
}

/* ---- Other threads, other processes -------------------------------------- */

/* A loop whose tasks never stop, until it is told to. */
struct bustle {
    int started; /* an eventfd or a pipe: it says when it runs */
    bool stop;
};

static bool bustle_over(struct bustle *bustle)
{
    return __atomic_load_n(&bustle->stop, __ATOMIC_RELAXED);
}

static int spinner(void *bustle)
{
    int rc = 0;
    while (rc == 0 && !bustle_over(bustle))
        rc = fm_yield();
    return rc;
}

/* Tasks that come and go. */
static int breeder(void *bustle)
{
    int rc = 0;
    while (rc == 0 && !bustle_over(bustle))
        rc = fm_gather(fm_go(answer, 0), fm_go(answer, 0), fm_go(answer, 0));
    return rc;
}

static int bustling(void *arg)
{
    struct bustle *bustle = arg;
    int rc;
    FM_GROUP(group, rc) {
        for (int i = 0; i < 3 && rc == 0; i++)
            rc = fm_group_start(group, spinner, bustle);
        for (int i = 0; i < 3 && rc == 0; i++)
            rc = fm_group_start(group, breeder, bustle);
        if (rc == 0)
            rc = fm_group_go(group, forever);
        rc = fm_yield();
        CHECK_INT(write(bustle->started, "+", 1), 1);
        while (rc == 0 && !bustle_over(bustle))
            rc = fm_yield();
        fm_group_cancel(group);
    }
    return rc == -ECANCELED ? 0 : rc;
}

static void *bustle_thread(void *bustle)
{
    CHECK_INT(fm_run(bustling, bustle), 0);
    return NULL;
}

static const char *const bustle_names[] = {
    "bustling", "spinner", "breeder", "answer", "forever", "quiet", "sleeper"};

static bool bustle_known(const char *name)
{
    for (size_t i = 0; i < sizeof bustle_names / sizeof *bustle_names; i++) {
        if (strcmp(name, bustle_names[i]) == 0)
            return true;
    }
    return false;
}

/* Each row by itself is true. */
static void bustle_check(const struct view *view)
{
    const fm_picture *picture = view->picture;
    CHECK(view_sound(picture));
    CHECK(view_next(view, "forever", 0) != VIEW_NONE);
    for (size_t i = 0; i < picture->task_count; i++) {
        const fm_picture_task *task = &picture->tasks[i];
        const char *name = task->wait.name;
        if (!bustle_known(task->name) ||
            strstr(task->site, "test_picture.c:") == NULL)
            test_fail(__FILE__, __LINE__, "%s at %s", task->name, task->site);
        if (task->state == FM_TASK_WAITING && strcmp(name, "sleep") != 0 &&
            strcmp(name, "gather") != 0 && strcmp(name, "group close") != 0)
            test_fail(__FILE__, __LINE__, "%s: %s", task->name, name);
    }
}

static void bustle_look(struct view *view)
{
    size_t looks = test_many(300);
    for (size_t i = 0; i < looks; i++) {
        view_look(view);
        bustle_check(view);
    }
    CHECK_TEXT(view_wait(view, "forever")->name, "sleep");
}

static void pipe_of(int ends[2])
{
    CHECK_INT(pipe(ends), 0);
}

static void pipe_hear(int fd)
{
    char byte;
    CHECK_INT(read(fd, &byte, 1), 1);
}

TEST(of_a_loop_that_never_waits_each_row_is_true)
{
    int ends[2];
    pthread_t thread;
    pipe_of(ends);
    struct bustle bustle = {.started = ends[1]};
    CHECK_INT(pthread_create(&thread, NULL, bustle_thread, &bustle), 0);
    pipe_hear(ends[0]);
    struct view view = view_of(getpid());
    bustle_look(&view);
    CHECK(!view.picture->loops[0].whole);
    __atomic_store_n(&bustle.stop, true, __ATOMIC_RELAXED);
    CHECK_INT(pthread_join(thread, NULL), 0);
    view_look(&view);
    CHECK_INT(view.picture->task_count, 0);
    view_close(&view);
    close(ends[0]);
    close(ends[1]);
}

/* Two threads with a loop each: it says that it sleeps, and ends when told. */
struct quiet {
    int started;
    int ended;
};

static int quiet(void *arg)
{
    const struct quiet *quiet = arg;
    FM_TASK task = fm_go(forever);
    int rc = fm_yield();
    CHECK_INT(write(quiet->started, "+", 1), 1);
    if (rc == 0)
        rc = fm_wait_fd(quiet->ended, FM_READABLE);
    return rc < 0 ? rc : 0;
}

/* Where time is virtual nobody waits for a real descriptor. */
static int quiet_run(struct quiet *quiet_one)
{
    const fm_run_options options = {
        .backend = test_simulated() ? "epoll" : NULL,
    };
    return fm_run(quiet, quiet_one, &options);
}

static void *quiet_thread(void *quiet_one)
{
    CHECK_INT(quiet_run(quiet_one), 0);
    return NULL;
}

/* They wait in the kernel when they say so, or will soon. */
static void look_until_quiet(struct view *view)
{
    bool waits = false;
    while (!waits) {
        view_look(view);
        waits = true;
        for (size_t i = 0; i < view->picture->loop_count; i++) {
            const fm_picture_loop *loop = &view->picture->loops[i];
            waits = waits && loop->waiting && loop->whole;
        }
    }
    CHECK(view_sound(view->picture));
}

TEST(two_threads_have_two_loops)
{
    int said[2], told[2];
    pthread_t threads[2];
    pipe_of(said);
    pipe_of(told);
    struct quiet quiet_one = {said[1], told[0]};
    for (int i = 0; i < 2; i++)
        CHECK_INT(
            pthread_create(&threads[i], NULL, quiet_thread, &quiet_one), 0);
    pipe_hear(said[0]);
    pipe_hear(said[0]);
    struct view view = view_of(getpid());
    look_until_quiet(&view);
    const fm_picture *picture = view.picture;
    CHECK_INT(picture->loop_count, 2);
    CHECK_INT(picture->task_count, 4);
    CHECK(picture->loops[0].whole && picture->loops[1].whole);
    CHECK(picture->loops[0].thread != picture->loops[1].thread);
    size_t one = view_next(&view, "quiet", 0);
    size_t other = view_next(&view, "quiet", one + 1);
    CHECK(picture->tasks[one].loop == 0 && picture->tasks[other].loop == 1);
    CHECK_INT(picture->tasks[one].wait.fd, told[0]);
    CHECK_TEXT(picture->tasks[one].wait.name, "poll");
    size_t child = view_next(&view, "forever", 0);
    CHECK(picture->tasks[child].parent == one);
    close(told[1]);
    for (int i = 0; i < 2; i++)
        CHECK_INT(pthread_join(threads[i], NULL), 0);
    view_close(&view);
    close(said[0]);
    close(said[1]);
    close(told[0]);
}

/* A forked child that is looked at until `told` is closed. */
static pid_t program(int (*run)(int said, int told), int *said, int *told)
{
    int says[2], tells[2];
    pipe_of(says);
    pipe_of(tells);
    pid_t pid = fork();
    if (pid == 0) {
        close(says[0]);
        close(tells[1]);
        _exit(run(says[1], tells[0]) == 0 ? 0 : 1);
    }
    close(says[1]);
    close(tells[0]);
    *said = says[0];
    *told = tells[1];
    return pid;
}

static int program_quiet(int said, int told)
{
    struct quiet quiet_one = {said, told};
    return quiet_run(&quiet_one);
}

static int program_busy(int said, int told)
{
    struct bustle bustle = {.started = said};
    (void)told;
    return fm_run(bustling, &bustle);
}

/* Of another process; skipped where nobody may look into one. */
static struct view view_of_program(int pid)
{
    fm_inspect *inspect = NULL;
    int rc = fm_inspect_open(&inspect, pid);
    fm_inspect_close(inspect);
    if (rc == -EPERM) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        test_skip("no other process may be read here");
    }
    return view_of(pid);
}

TEST(another_process_is_seen_and_its_end)
{
    int said, told, status;
    pid_t pid = program(program_quiet, &said, &told);
    pipe_hear(said);
    struct view view = view_of_program(pid);
    look_until_quiet(&view);
    CHECK_INT(view.picture->pid, pid);
    CHECK_INT(view.picture->task_count, 2);
    CHECK(view.picture->loops[0].whole);
    CHECK_TEXT(view_wait(&view, "quiet")->name, "poll");
    CHECK_TEXT(view_wait(&view, "forever")->name, "sleep");
    CHECK(view_task(&view, "forever")->parent == 0);
    CHECK_INT(view.picture->tasks[0].state, FM_TASK_WAITING);
    CHECK(view.picture->tasks[0].pc != 0 && view.picture->tasks[0].sp != 0);
    close(told);
    close(said);
    CHECK_INT(waitpid(pid, &status, 0), pid);
    CHECK_INT(status, 0);
    CHECK_INT(fm_inspect_look(view.inspect, &view.picture), -ESRCH);
    view_close(&view);
}

TEST(of_a_busy_process_each_row_is_true)
{
    int said, told;
    pid_t pid = program(program_busy, &said, &told);
    pipe_hear(said);
    struct view view = view_of_program(pid);
    bustle_look(&view);
    view_close(&view);
    CHECK_INT(kill(pid, SIGKILL), 0);
    CHECK_INT(waitpid(pid, NULL, 0), pid);
    close(told);
    close(said);
}

STORY(a_forked_child_has_none_of_its_parents_tasks)
{
    int status;
    FM_TASK task = fm_go(forever);
    settle(1);
    pid_t pid = fork();
    if (pid == 0) {
        fm_inspect *inspect;
        const fm_picture *picture;
        int rc = fm_inspect_open(&inspect, getpid());
        if (rc == 0)
            rc = fm_inspect_look(inspect, &picture);
        _exit(rc == 0 && picture->loop_count == 0 ? 0 : 1);
    }
    CHECK_INT(waitpid(pid, &status, 0), pid);
    CHECK_INT(status, 0);
}
