/*
 * sweep_select.c - scenarios: looking at many things and taking none
 */
#include "fault/sweep.h"

#include "task/bell.h"
#include "task/record.h"

static const char *nothing_is_wrong(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "what was named was not ready" : NULL;
}

/* ---- Bells -------------------------------------------------------------- */

enum {
    BELLS = 3
};

/* Bells, and the group of those who use them: who fails ends them all. */
struct tower {
    struct bell bells[BELLS];
    fm_group *group;
    int rings;   /* that each ringer rings and each listener takes */
    double send; /* ticks between two rings */
};

static int tower_end(struct tower *tower, void *block, int rc)
{
    if (rc < 0)
        fm_group_cancel(tower->group);
    return sweep_end(block, rc);
}

struct listener {
    struct tower *tower;
    int first;
};

static int listener_listen(struct tower *tower, int first)
{
    fm_when whens[BELLS];
    for (int i = 0; i < BELLS; i++)
        whens[i] = when_bell(&tower->bells[(first + i) % BELLS]);
    int which = fm_select_array(whens, BELLS);
    if (which < 0)
        return which;
    /* Named, it is ready: nobody else ran since. */
    sweep_state.noted += bell_take(&tower->bells[(first + which) % BELLS]) < 0;
    return 0;
}

static int listener(struct listener *self)
{
    void *block;
    int rc = sweep_begin(&block);
    for (int i = 0; rc == 0 && i < self->tower->rings; i++)
        rc = listener_listen(self->tower, self->first);
    return tower_end(self->tower, block, rc);
}

struct sexton {
    struct tower *tower;
    int which;
};

static int sexton(struct sexton *self)
{
    void *block;
    struct tower *tower = self->tower;
    int rc = sweep_begin(&block);
    for (int i = 0; rc == 0 && i < tower->rings; i++) {
        bell_ring(&tower->bells[(self->which + i) % BELLS]);
        rc = tower->send > 0 ? sweep_sleep(tower->send) : fm_yield();
    }
    return tower_end(tower, block, rc);
}

static int tower_run(struct tower *tower, int pairs)
{
    int rc;
    FM_GROUP(group, rc) {
        tower->group = group;
        for (int i = 0; rc == 0 && i < pairs; i++) {
            rc = fm_group_go(group, listener, tower, i);
            if (rc == 0)
                rc = fm_group_go(group, sexton, tower, i);
        }
        if (rc < 0)
            fm_group_cancel(group);
    }
    for (int i = 0; i < BELLS; i++)
        sweep_state.noted += fm__watched(&tower->bells[i].watchers);
    return rc;
}

static int one_listens(void *arg)
{
    (void)arg;
    struct tower tower = {.rings = 6, .send = 1};
    return tower_run(&tower, 1);
}

/* Each is told of each ring, and most find nothing. */
static int four_listen(void *arg)
{
    (void)arg;
    struct tower tower = {.rings = 4};
    return tower_run(&tower, 4);
}

/* As many as may be selected. */
static int selects_a_crowd(void *arg)
{
    (void)arg;
    struct bell bells[FM_SELECT_MOST] = {{.rings = 0}};
    fm_when whens[FM_SELECT_MOST];
    fm_task *task = fm_go(napper, .ticks = 2);
    for (int i = 0; i < FM_SELECT_MOST - 1; i++)
        whens[i] = when_bell(&bells[i]);
    whens[FM_SELECT_MOST - 1] = fm_when_ended(task);
    int rc = fm_select_array(whens, task != NULL ? FM_SELECT_MOST : 0);
    rc = rc == FM_SELECT_MOST - 1 ? 0 : rc;
    int result = fm_stop(task);
    return rc < 0 && rc != -ENOENT ? rc : result;
}

/* ---- Time --------------------------------------------------------------- */

static int selects_times(void *arg)
{
    int rc = 0;
    struct bell bell = {.rings = 0};
    (void)arg;
    for (int i = 0; rc >= 0 && i < 4; i++) {
        int64_t moment = fm_now() + (int64_t)(sweep_ticks(2 + i) * 1e9);
        rc = fm_select(when_bell(&bell), fm_when_after(sweep_ticks(3)),
                       fm_when_at(moment), fm_when_after(1e9));
        if (rc == 2)
            sweep_state.noted += fm_now() < moment;
    }
    return rc < 0 ? rc : 0;
}

/* ---- Tasks -------------------------------------------------------------- */

enum {
    TASKS = 5
};

static void naps(fm_task **tasks)
{
    for (int i = 0; i < TASKS; i++)
        tasks[i] = fm_go(napper, .ticks = i * 2 % TASKS);
}

/* Whatever is left; the reason to end early, or what they returned. */
static int ends(fm_task **tasks, int rc)
{
    for (int i = 0; i < TASKS; i++) {
        int result = tasks[i] != NULL ? fm_stop(tasks[i]) : 0;
        if (rc >= 0 && result < 0)
            rc = result;
    }
    return rc < 0 ? rc : 0;
}

/* Takes one that was said to have ended. */
static int takes(fm_task **tasks, int i)
{
    sweep_state.noted += !fm_task_ended(tasks[i]);
    int rc = fm_await(tasks[i]);
    tasks[i] = NULL;
    return rc;
}

static int selects_tasks(void *arg)
{
    int rc = 0;
    fm_task *tasks[TASKS];
    (void)arg;
    naps(tasks);
    while (rc >= 0) {
        rc = fm_select(fm_when_ended(tasks[0]), fm_when_ended(tasks[1]),
                       fm_when_ended(tasks[2]), fm_when_ended(tasks[3]),
                       fm_when_ended(tasks[4]));
        if (rc >= 0)
            rc = takes(tasks, rc);
    }
    return ends(tasks, rc == -ENOENT ? 0 : rc);
}

static const char *all_or_fewer(int rc)
{
    if (sweep_state.noted > 0)
        return "what was named was not ready";
    return rc == 0 && sweep_state.begun == TASKS && sweep_over() != TASKS
               ? "not all are done"
               : NULL;
}

static int waits_for_each(void *arg)
{
    int rc = 1;
    fm_task *tasks[TASKS];
    (void)arg;
    naps(tasks);
    while (rc > 0) {
        rc = fm_wait(tasks, TASKS, FM_FIRST_COMPLETED);
        for (int i = 0; rc > 0 && i < TASKS; i++) {
            if (!fm_task_ended(tasks[i]))
                continue;
            int result = takes(tasks, i);
            rc = result < 0 ? result : rc;
        }
    }
    return ends(tasks, rc);
}

/* Cut, it leaves the tasks alone; the time is no error. */
static int waits_for_all(void *arg)
{
    fm_task *tasks[TASKS];
    fm_wait_options options = {.timeout = sweep_ticks(2)};
    (void)arg;
    naps(tasks);
    int rc = fm_wait(tasks, TASKS, FM_ALL_COMPLETED, &options);
    if (rc >= 0)
        rc = fm_wait(tasks, TASKS, FM_ALL_COMPLETED);
    for (int i = 0; rc >= 0 && i < TASKS; i++)
        sweep_state.noted += tasks[i] != NULL && !fm_task_ended(tasks[i]);
    return ends(tasks, rc);
}

static int waits_for_an_error(void *arg)
{
    (void)arg;
    fm_task *tasks[TASKS] = {fm_go(napper, .ticks = 3000),
                             fm_go(napper, .ticks = 1),
                             fm_go(napper, .ticks = 2, .result = -EPROTO),
                             fm_go(yielder, 3), fm_go(stubborn, 3)};
    int rc = fm_wait(tasks, TASKS, FM_FIRST_ERROR);
    for (int i = 0; i < TASKS; i++) {
        int result = fm_stop(tasks[i]);
        bool obeyed = result == -ECANCELED && rc >= 0;
        if (result < 0 && rc >= 0 && !obeyed)
            rc = result;
    }
    return rc > 0 ? 0 : rc;
}

static int goes_through(void *arg)
{
    int i, rc = 0;
    fm_task *tasks[TASKS];
    (void)arg;
    naps(tasks);
    FM_AS_COMPLETED(i, tasks, TASKS) {
        int result = takes(tasks, i);
        rc = rc < 0 ? rc : result;
    }
    return ends(tasks, rc < 0 || i == -ENOENT ? rc : i);
}

/* Some are consumed before they come. */
static int goes_through_and_stops(void *arg)
{
    int i, rc = 0;
    fm_task *tasks[TASKS];
    (void)arg;
    naps(tasks);
    FM_AS_COMPLETED(i, tasks, TASKS) {
        rc = takes(tasks, i);
        fm_task **next = &tasks[(i + 1) % TASKS];
        if (*next != NULL)
            (void)fm_stop(*next);
        *next = NULL;
        if (rc < 0)
            break;
    }
    return ends(tasks, i < 0 && i != -ENOENT ? i : rc);
}

static int goes_through_in_time(void *arg)
{
    int i, rc;
    fm_task *tasks[TASKS];
    (void)arg;
    naps(tasks);
    FM_TIMEOUT(sweep_ticks(2.5), rc) {
        FM_AS_COMPLETED(i, tasks, TASKS) {
            int result = takes(tasks, i);
            rc = rc < 0 ? rc : result;
        }
        rc = rc < 0 || i == -ENOENT ? rc : i;
    }
    int result = ends(tasks, rc == -ETIMEDOUT ? 0 : rc);
    return rc == -ETIMEDOUT && result == -ECANCELED ? 0 : result;
}

/* ---- Descriptors -------------------------------------------------------- */

struct post {
    int fd;
    int bytes;
};

static int post(struct post *self)
{
    void *block;
    int rc = sweep_begin(&block);
    for (int i = 0; rc == 0 && i < self->bytes; i++) {
        rc = sweep_sleep(1);
        if (rc == 0)
            rc = sweep_write_all(self->fd, "x", 1);
    }
    return sweep_end(block, rc);
}

/* One byte each time that the descriptor is named. */
static int reads_selected(int fd, struct bell *bell, fm_task *task, int bytes)
{
    int rc = 0;
    char c;
    while (rc == 0 && bytes > 0) {
        rc = fm_select(when_bell(bell), fm_when_fd(fd, FM_READABLE),
                       fm_when_ended(task), fm_when_after(1e12));
        if (rc != 1)
            return rc < 0 ? rc : 0; /* whoever writes has failed */
        rc = sweep_read_all(fd, &c, 1);
        bytes -= rc == 0;
    }
    return rc;
}

static int selects_descriptors(void *arg)
{
    int fds[2];
    struct bell bell = {.rings = 0};
    (void)arg;
    int rc = sweep_pair(true, fds);
    if (rc < 0)
        return rc;
    fm_task *task = fm_go(post, fds[1], 4);
    rc = task == NULL ? -ENOMEM : reads_selected(fds[0], &bell, task, 4);
    int result = fm_stop(task);
    sweep_close(fds[0]);
    sweep_close(fds[1]);
    sweep_state.noted += fm__watched(&bell.watchers);
    return rc < 0 ? rc : result;
}

/* A bell each time, while two polls are in flight. */
static int abandons_descriptors(void *arg)
{
    int fds[2], rc = 0;
    (void)arg;
    rc = sweep_pair(false, fds);
    for (int i = 0; rc >= 0 && i < 3; i++) {
        fm_task *task = fm_go(napper, .ticks = i);
        if (task == NULL)
            rc = -ENOMEM;
        else
            rc =
                fm_select(fm_when_fd(fds[0], FM_READABLE),
                          fm_when_fd(fds[1], FM_READABLE), fm_when_ended(task));
        int result = fm_stop(task);
        rc = rc < 0 ? rc : result;
    }
    sweep_close(fds[0]);
    sweep_close(fds[1]);
    return rc < 0 ? rc : 0;
}

/* Again and again its time is up before there is something. */
static int loses_patience(void *arg)
{
    int fds[2], rc;
    (void)arg;
    rc = sweep_pair(false, fds);
    for (int i = 0; rc == 0 && i < 3; i++) {
        FM_TIMEOUT(sweep_ticks(1), rc) {
            rc =
                fm_select(fm_when_fd(fds[0], FM_READABLE), fm_when_after(1e12));
        }
        rc = rc == -ETIMEDOUT ? 0 : rc;
    }
    sweep_close(fds[0]);
    sweep_close(fds[1]);
    return rc;
}

/* ---- Races -------------------------------------------------------------- */

static int races(void *arg)
{
    int rc;
    (void)arg;
    FM_GROUP(race, rc, .policy = FM_FIRST_SUCCESS, .stagger = sweep_ticks(2)) {
        rc = fm_group_go(race, napper, .ticks = 1, .result = -ECONNREFUSED);
        if (rc == 0)
            rc = fm_group_go(race, napper, .ticks = 3000, .result = 1);
        for (int i = 0; rc == 0 && i < 3; i++)
            rc = fm_group_go(race, napper, .ticks = 1, .result = 7);
        if (rc < 0)
            fm_group_cancel(race);
    }
    return rc;
}

static int all_lose(void *arg)
{
    int rc;
    (void)arg;
    FM_GROUP(race, rc, .policy = FM_FIRST_SUCCESS, .stagger = sweep_ticks(9)) {
        for (int i = 0; rc == 0 && i < 4; i++)
            rc = fm_group_go(race, napper, .ticks = 1, .result = -EPROTO);
        if (rc < 0)
            fm_group_cancel(race);
    }
    return rc;
}

static int enters(void *arg)
{
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = fm_group_go((fm_group *)arg, napper, .ticks = 3);
    return sweep_end(block, rc);
}

/* Several wait in the line, with a limit besides. */
static int starts_in_line(void *arg)
{
    fm_group group;
    fm_task *tasks[TASKS];
    (void)arg;
    fm_group_open(&group, &(fm_group_options){.policy = FM_COLLECT,
                                              .limit = 2,
                                              .stagger = sweep_ticks(1),
                                              .under_root = true});
    for (int i = 0; i < TASKS; i++)
        tasks[i] = fm_start(enters, &group);
    int rc = fm_gather_array(tasks, TASKS, NULL);
    if (rc < 0)
        fm_group_cancel(&group);
    int result = fm_group_close(&group);
    return rc < 0 ? rc : result;
}

const struct scenario sweep_select[] = {
    {"select-one", one_listens, .wrong = nothing_is_wrong},
    {"select-four", four_listen, .wrong = nothing_is_wrong},
    {"select-crowd", selects_a_crowd, .wrong = nothing_is_wrong},
    {"select-times", selects_times, .wrong = nothing_is_wrong},
    {"select-tasks", selects_tasks, .wrong = all_or_fewer},
    {"select-fds", selects_descriptors, .wrong = nothing_is_wrong},
    {"select-abandon", abandons_descriptors, .result = 0},
    {"select-timeout", loses_patience, .result = 0},
    {"wait-each", waits_for_each, .wrong = all_or_fewer},
    {"wait-all", waits_for_all, .wrong = all_or_fewer},
    {"wait-error", waits_for_an_error, .result = -EPROTO},
    {"completed", goes_through, .wrong = all_or_fewer},
    {"completed-stops", goes_through_and_stops, .wrong = nothing_is_wrong},
    {"completed-time", goes_through_in_time, .wrong = nothing_is_wrong},
    {"stagger", races, .result = 7, .also = {-ECONNREFUSED, 1}},
    {"stagger-lost", all_lose, .result = -EPROTO},
    {"stagger-line", starts_in_line, .result = 0},
    {.name = NULL},
};
