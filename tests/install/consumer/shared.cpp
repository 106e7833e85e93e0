/*
 * shared.cpp - what tasks share, from C++: values, blocks, and a choice
 */
#include <cstdio>
#include <fermata.h>

struct term {
    int value;
};

FM_QUEUE_OF(terms, struct term);
FM_BROADCAST_OF(news, int);
FM_CELL_OF(gauge, int);

struct table {
    fm_lock lock;
    fm_semaphore permits;
    fm_rwlock rwlock;
    terms *queue;
    fm_future *future;
};

/* Puts 40 into the queue, and sets the future to 1. */
static int add(void *arg)
{
    table *shared = static_cast<table *>(arg);
    int rc = 0;
    FM_LOCKED(&shared->lock, rc) {
        FM_PERMIT(&shared->permits, rc) {
            FM_READING(&shared->rwlock, rc) {
                rc = terms_put(shared->queue, term{40});
            }
        }
    }
    fm_future_set(shared->future, rc < 0 ? rc : 1, nullptr);
    return rc;
}

/* What is there first: the item. */
static int choose(table *shared, fm_task *task)
{
    const fm_when whens[] = {terms_when_get(shared->queue),
                             fm_when_done(shared->future), fm_when_ended(task),
                             fm_when_after(60)};
    term first = {0};
    int rc = fm_select_array(whens, sizeof whens / sizeof *whens);
    if (rc == 0)
        rc = terms_get_try(shared->queue, &first);
    return rc < 0 ? rc : first.value;
}

/* Everybody hears of a 1, which a cell then keeps. */
static int tell()
{
    news *paper = news_new(1);
    gauge *latest = gauge_new();
    news_subscriber reader;
    int heard = 0, rc;
    news_subscribe(paper, &reader, nullptr);
    rc = news_send(paper, 1);
    if (rc == 0)
        rc = news_receive(&reader, &heard);
    news_unsubscribe(&reader);
    gauge_set(latest, heard);
    heard = 0;
    if (rc == 0)
        rc = gauge_get(latest, &heard, nullptr);
    news_free(paper);
    gauge_free(latest);
    return rc < 0 ? rc : heard;
}

static int program(void *arg)
{
    table shared = {};
    int i, rc, *sum = static_cast<int *>(arg);
    fm_semaphore_init(&shared.permits, 1, 1);
    shared.queue = terms_new(1, nullptr);
    shared.future = fm_future_new();
    fm_task *tasks[] = {fm_start(add, &shared)};
    *sum = choose(&shared, tasks[0]);
    FM_AS_COMPLETED(i, tasks, 1) {
        rc = fm_await(tasks[i]);
        *sum += rc;
    }
    FM_TIMEOUT(60, rc) {
        rc = fm_future_wait(shared.future, nullptr);
    }
    *sum += rc + tell();
    fm_future_put(shared.future);
    terms_free(shared.queue);
    return 0;
}

int main()
{
    int sum = 0;
    int rc = fm_run(program, &sum);
    std::printf("%s %d\n", fm_version(), sum);
    return rc != 0;
}
