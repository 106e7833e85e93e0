/*
 * test_picture.c - a loop, its tasks, and what they wait for
 */
#include "inspect/picture_kit.h"

#include <stdlib.h>

/* ---- A loop and its tasks ------------------------------------------------ */

STORY(the_task_that_looks_is_the_one_that_runs)
{
    struct view view = view_of(getpid());
    look(&view, 1);
    const fm_picture *picture = view.picture;
    CHECK_INT(picture->pid, getpid());
    CHECK_TEXT(picture->version, FM_VERSION);
    CHECK_INT(picture->loop_count, 1);
    CHECK(picture->loops[0].polls > 0 && picture->loops[0].thread > 0);
    CHECK_INT(picture->loops[0].alive, 1);
    CHECK(picture->loops[0].whole && !picture->loops[0].waiting);
    CHECK_INT(picture->task_count, 1);
    const fm_picture_task *task = view_task(&view, "story_main");
    CHECK_INT(task->state, FM_TASK_RUNNING);
    CHECK(task->id == (uint64_t)(uintptr_t)fm_self());
    CHECK(task->parent == FM_PICTURE_NONE && task->pc == 0);
    CHECK(task->stack_size > 1024 && !task->dense && !task->cancelled);
    CHECK_INT(picture->skipped + picture->circles, 0);
    view_close(&view);
}

static void nothing(void)
{
}

TEST(a_loop_says_in_which_world_it_is)
{
    struct view view = view_of(getpid());
    void (*body)(void) = nothing;
    fm_loop *loop;
    const fm_run_options options = {.backend = test_backend()};
    CHECK_INT(fm_run_open(&loop, story_main, &body, &options), 0);
    view_look(&view);
    CHECK_TEXT(view.picture->loops[0].backend, test_backend());
    CHECK_INT(fm_run_close(loop), 0);
    view_close(&view);
}

static void measured(void)
{
    struct view view = view_of(getpid());
    FM_TASK task = fm_go(forever);
    look(&view, 2);
    CHECK(view_task(&view, "forever")->cpu >= 0);
    CHECK(view_task(&view, "story_main")->cpu >= 0);
    view_close(&view);
}

static void unmeasured(void)
{
    struct view view = view_of(getpid());
    look(&view, 1);
    CHECK(view_task(&view, "story_main")->cpu < 0);
    view_close(&view);
}

TEST(what_a_task_takes_is_seen_where_it_is_measured)
{
    CHECK_INT(story_run(measured, (fm_run_options){.stats = true}), 0);
    if (getenv("FERMATA_STATS") == NULL)
        CHECK_INT(story_run(unmeasured, (fm_run_options){0}), 0);
}

TEST(a_program_without_a_loop_has_no_tasks)
{
    struct view view = view_of(getpid());
    view_look(&view);
    CHECK_INT(view.picture->loop_count + view.picture->task_count, 0);
    view_close(&view);
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

/* The last letter has no room for its second byte, and so none. */
STORY(a_name_in_utf8_is_shown_so)
{
    struct view view = view_of(getpid());
    FM_TASK task = fm_go(forever);
    CHECK_INT(fm_task_set_name(task, "k\xc3\xb6\xe6\x96\x99\xf0\x9f\x8d\xb2"
                                     "____________________\xc3\xa4"),
              0);
    look(&view, 1);
    view_task(&view, "k\xc3\xb6\xe6\x96\x99\xf0\x9f\x8d\xb2"
                     "____________________");
    view_close(&view);
}

static int forever_as(void *arg)
{
    (void)arg;
    return forever();
}

/* What is shown of it has 255 bytes at most. */
STORY(a_very_long_name_is_cut_between_characters)
{
    struct view view = view_of(getpid());
    char name[1 + 3 * 100 + 1] = "k", cut[1 + 3 * 84 + 1] = "";
    for (size_t i = 0; i < 100; i++)
        memcpy(name + 1 + 3 * i, "\xe6\x96\x99", 4);
    memcpy(cut, name, sizeof cut - 1);
    FM_TASK task = fm_start(forever_as, NULL, &(fm_task_options){.name = name});
    look(&view, 1);
    view_task(&view, cut);
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

struct selector {
    fm_queue *queue;
    fm_event *event;
    int fd; /* -1: none */
};

static int selector(struct selector *self)
{
    fm_task *task = fm_go(forever);
    const fm_when whens[] = {
        fm_when_get(self->queue), fm_when_get(NULL),
        fm_when_after(INFINITY),  fm_when_after(story_span(6e6)),
        fm_when_ended(task),      fm_when_after(story_span(5e6)),
        fm_when_set(self->event), fm_when_fd(self->fd, FM_READABLE),
    };
    int rc = fm_select_array(whens, self->fd >= 0 ? 8 : 7);
    (void)fm_stop(task);
    return rc;
}

static bool chosen(const fm_picture_choice *choice, const char *name, int fd,
                   const void *object)
{
    return strcmp(choice->name, name) == 0 && choice->fd == fd &&
           choice->object == (uint64_t)(uintptr_t)object;
}

static int sleeps_by_select(void *unused)
{
    (void)unused;
    return fm_select(fm_when_after(INFINITY));
}

/* What can never be ready is none, and times are told as of any wait. */
STORY(who_selects_says_what)
{
    struct view view = view_of(getpid());
    fm_queue *queue = fm_queue_new(1);
    fm_event event = {0};
    int ends[2];
    CHECK_INT(pipe(ends), 0);
    bool simulated = strcmp(test_backend(), "sim") == 0;
    FM_TASK task = fm_go(selector, queue, &event, simulated ? -1 : ends[0]);
    FM_TASK timed = fm_start(sleeps_by_select, NULL, NULL);
    look(&view, 2);
    const fm_picture_wait *wait = view_wait(&view, "selector");
    CHECK_TEXT(wait->name, "select");
    CHECK_INT(wait->kind, FM_WAIT_CHOICES);
    CHECK_INT(wait->choice_count, simulated ? 3 : 4);
    CHECK(wait->left > 0 && wait->left <= story_span(5e6));
    const fm_picture_choice *choices = wait->choices;
    CHECK(chosen(&choices[0], "queue get", -1, queue));
    CHECK(chosen(&choices[1], "end of task", -1, NULL));
    CHECK(view_task(&view, "forever") == &view.picture->tasks[choices[1].task]);
    CHECK(chosen(&choices[2], "event", -1, &event));
    if (!simulated)
        CHECK(chosen(&choices[3], "ready", ends[0], NULL));
    wait = view_wait(&view, "sleeps_by_select");
    CHECK(wait->kind == FM_WAIT_CHOICES && wait->choice_count == 0);
    CHECK(wait->left < 0);
    (void)fm_stop(task);
    (void)fm_stop(timed);
    task = timed = NULL;
    fm_queue_free(queue);
    close(ends[0]);
    close(ends[1]);
    view_close(&view);
}

struct notified {
    fm_condition *condition;
    fm_lock *lock;
};

static int notified(struct notified *self)
{
    int rc;
    FM_LOCKED(self->lock, rc) {
        rc = fm_condition_wait(self->condition, self->lock);
    }
    return rc;
}

/* First for the condition, and once notified for its lock. */
STORY(who_waits_at_a_condition_says_which)
{
    struct view view = view_of(getpid());
    fm_condition condition = {0};
    fm_lock lock = {0};
    FM_TASK task = fm_go(notified, &condition, &lock);
    look(&view, 1);
    const fm_picture_wait *wait = view_wait(&view, "notified");
    CHECK_TEXT(wait->name, "condition");
    CHECK(wait->kind == FM_WAIT_OBJECT &&
          wait->object == (uint64_t)(uintptr_t)&condition);
    CHECK_INT(fm_lock_acquire(&lock), 0);
    fm_condition_notify(&condition, 1);
    look(&view, 1);
    wait = view_wait(&view, "notified");
    CHECK_TEXT(wait->name, "lock");
    CHECK(wait->kind == FM_WAIT_LOCK && wait->task_count == 1);
    fm_lock_release(&lock);
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
