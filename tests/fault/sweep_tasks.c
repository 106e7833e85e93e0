/*
 * sweep_tasks.c - scenarios: tasks, what they are given and what they return
 */
#include "fault/sweep.h"

#include "base/memory.h"

#include <string.h>

static int await_in_order(void *arg)
{
    (void)arg;
    fm_task *tasks[3];
    int rc = 0;
    for (int i = 0; i < 3; i++)
        tasks[i] = fm_go(napper, .ticks = 3 - i);
    for (int i = 0; i < 3; i++) {
        int result = fm_await(tasks[i]);
        rc = rc < 0 ? rc : result;
    }
    return rc;
}

static const char *three_are_done(int rc)
{
    return rc == 0 && sweep_over() != 3 ? "not all are done" : NULL;
}

/* They end first, and keep their slots. */
static int await_what_has_ended(void *arg)
{
    fm_task *quick = fm_go(napper, .result = -EPROTO);
    fm_task *slow = fm_go(napper, .ticks = 1);
    int rc = sweep_sleep(3);
    int first = fm_await(quick);
    int second = fm_await(slow);
    (void)arg;
    rc = rc < 0 ? rc : first;
    return rc < 0 ? rc : second;
}

static int await_a_failure(void *arg)
{
    (void)arg;
    return fm_await(fm_go(napper, .ticks = 2, .result = -EPROTO));
}

/* What the arguments own is the caller's where the start fails. */
struct carrier {
    void *load;
};

static int carrier(struct carrier *self)
{
    int rc = sweep_sleep(1);
    fm__memory_free(self->load);
    sweep_state.noted++;
    return rc;
}

static int a_load_is_carried(void *arg)
{
    (void)arg;
    void *load = fm__memory_new(64);
    if (load == NULL)
        return -ENOMEM;
    fm_task *task = fm_go(carrier, load);
    if (task == NULL)
        fm__memory_free(load);
    return fm_await(task);
}

/* The result is larger than an int. */
struct sum {
    int from;
    long result;
};

static int sum_up(void *arg)
{
    struct sum *sum = arg;
    void *block;
    int rc = sweep_begin(&block);
    for (int i = 0; rc == 0 && i < 4; i++) {
        sum->result += sum->from + i;
        rc = fm_yield();
    }
    return sweep_end(block, rc);
}

static int results_by_pointer(void *arg)
{
    struct sum sums[2] = {{.from = 1}, {.from = 2}};
    const fm_task_options small = {.name = "small", .stack_size = 16384};
    const fm_task_options large = {.name = "large", .stack_size = 262144};
    (void)arg;
    int rc = fm_gather(fm_start(sum_up, &sums[0], &small),
                       fm_start(sum_up, &sums[1], &large));
    if (rc == 0)
        sweep_state.noted = (unsigned)(sums[0].result + sums[1].result);
    return rc;
}

static const char *the_sums_are_right(int rc)
{
    return rc == 0 && sweep_state.noted != 24 ? "the sums are wrong" : NULL;
}

static int stop_at_each_age(void *arg)
{
    (void)arg;
    fm_task *ended = fm_go(napper, .ticks = 0);
    fm_task *asleep = fm_go(waiter);
    int rc = sweep_sleep(1);
    fm_task *unborn = fm_go(waiter);
    (void)fm_stop(ended);
    int result = fm_stop(asleep);
    if (rc == 0 && result != -ECANCELED)
        rc = result;
    (void)fm_stop(unborn);
    return rc;
}

static int scopes_stop_their_tasks(void *arg)
{
    (void)arg;
    FM_TASK awaited = fm_go(napper, .ticks = 1);
    FM_TASK asleep = fm_go(waiter);
    FM_TASK unborn = fm_go(stubborn, 3);
    int rc = fm_await(awaited);
    if (rc < 0)
        return rc;
    FM_TASK late = fm_go(waiter);
    return late != NULL && asleep != NULL && unborn != NULL ? 0 : -ENOMEM;
}

static int leaves_children_behind(void *arg)
{
    (void)arg;
    fm_task *a = fm_go(waiter), *b = fm_go(stubborn, 3),
            *c = fm_go(napper, .ticks = 0);
    int rc = sweep_sleep(1);
    if (a == NULL || b == NULL || c == NULL)
        return -ENOMEM;
    return rc;
}

static int detaches(void *arg)
{
    (void)arg;
    fm_task *ended = fm_go(napper, .result = -EPROTO);
    int rc = fm_yield();
    int first = fm_detach(ended);
    int second = fm_detach(fm_go(napper, .ticks = 5, .result = -EPROTO));
    rc = rc < 0 ? rc : first;
    return rc < 0 ? rc : second;
}

static int strangers_cancel(void *arg)
{
    struct napper *self = arg;
    fm_task *asleep = fm_go(waiter);
    fm_task *proud = fm_go(stubborn, 3);
    int rc = sweep_sleep(self == NULL ? 1 : self->ticks);
    (void)fm_cancel(asleep);
    (void)fm_cancel(asleep);
    (void)fm_cancel(proud);
    int results[2];
    int failed = fm_settle((fm_task *[]){asleep, proud}, 2, results);
    if (rc == 0 && results[0] != -ECANCELED)
        rc = results[0];
    if (rc == 0 && results[1] < 0)
        rc = results[1];
    return rc < 0 || failed >= 0 ? rc : failed;
}

struct link {
    int depth;
};

static int link(struct link *self)
{
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0 && self->depth > 0)
        rc = fm_await(fm_go(link, self->depth - 1));
    else if (rc == 0)
        rc = sweep_sleep(2);
    return sweep_end(block, rc);
}

static int a_deep_chain(void *arg)
{
    (void)arg;
    return fm_await(fm_go(link, 40));
}

static int a_deep_chain_is_stopped(void *arg)
{
    (void)arg;
    fm_task *chain = fm_go(link, 20);
    int rc = sweep_sleep(1);
    int result = fm_stop(chain);
    return rc < 0 || result == -ECANCELED ? rc : result;
}

/* ---- Locals and names --------------------------------------------------- */

static fm_local key;

static int heir(void)
{
    static char mine;
    void *block, *inherited = fm_local_get(&key);
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = fm_local_set(&key, &mine);
    sweep_state.noted += rc == 0 && fm_local_get(&key) == &mine;
    sweep_state.noted += rc < 0 && fm_local_get(&key) == inherited;
    if (rc == 0)
        rc = sweep_sleep(1);
    return sweep_end(block, rc);
}

static int locals_are_inherited(void *arg)
{
    static char ours;
    (void)arg;
    int rc = fm_local_set(&key, &ours);
    if (rc < 0)
        return rc;
    fm_task *tasks[3] = {fm_go(heir), fm_go(heir), fm_go(heir)};
    rc = fm_gather_array(tasks, 3, NULL);
    if (fm_local_get(&key) != &ours)
        return -EPROTO;
    return rc;
}

static const char *heirs_are_heirs(int rc)
{
    return rc == 0 && sweep_state.noted != 3 ? "a local was lost" : NULL;
}

static int named(void)
{
    int rc = fm_task_set_name(fm_self(), "a name of its own, a bit too long");
    if (rc == 0 && strlen(fm_task_name(fm_self())) != 31)
        rc = -EPROTO;
    return rc < 0 ? rc : sweep_sleep(1);
}

static int tasks_have_names(void *arg)
{
    (void)arg;
    fm_task *task = fm_go(named);
    int rc = fm_yield();
    (void)fm_task_name(task);
    int result = fm_await(task);
    return rc < 0 ? rc : result;
}

const struct scenario sweep_tasks[] = {
    {"await", await_in_order, .wrong = three_are_done},
    {"await-ended", await_what_has_ended, .result = -EPROTO},
    {"await-failure", await_a_failure, .result = -EPROTO},
    {"ownership", a_load_is_carried, .result = 0},
    {"pointers", results_by_pointer, .wrong = the_sums_are_right},
    {"stop", stop_at_each_age, .result = 0},
    {"scopes", scopes_stop_their_tasks, .result = 0},
    {"left-behind", leaves_children_behind, .result = 0},
    {"detach", detaches, .result = 0},
    {"strangers", strangers_cancel, .result = 0},
    {"deep", a_deep_chain, .result = 0},
    {"deep-stopped", a_deep_chain_is_stopped, .result = 0},
    {"locals", locals_are_inherited, .wrong = heirs_are_heirs},
    {"names", tasks_have_names, .result = 0},
    {.name = NULL},
};
