/*
 * test_picture_crowds.c - many tasks, and loops that go on while they are
 * looked at
 */
#include "inspect/loops_kit.h"

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

/* A hundred thousand, once. */
STORY(all_of_a_crowd_are_seen)
{
    struct view view = view_of(getpid());
    size_t count = test_many(test_simulated() ? 100000 : 20000);
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
            strstr(task->site, "test_picture_crowds.c:") == NULL)
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
    __atomic_store_n(&bustle.stop, true, __ATOMIC_RELAXED);
    CHECK_INT(pthread_join(thread, NULL), 0);
    view_look(&view);
    CHECK_INT(view.picture->task_count, 0);
    view_close(&view);
    close(ends[0]);
    close(ends[1]);
}

/* They wait in the kernel when they say so, or will soon. */
static void look_until_quiet(struct view *view)
{
    bool waits = false;
    while (!waits && view_look(view)) {
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
        CHECK_INT(pthread_create(&threads[i], NULL, quiet_thread, &quiet_one),
                  0);
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

static int program_busy(int said, int told)
{
    struct bustle bustle = {.started = said};
    (void)told;
    return fm_run(bustling, &bustle);
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
    CHECK((view.picture->tasks[0].pc != 0) == (view.picture->tasks[0].sp != 0));
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
