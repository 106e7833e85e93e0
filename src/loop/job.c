/*
 * job.c - blocking calls of users of the public loop, on its threads
 *
 * Invariant: `loop` is set from the start until `done` is called, and the
 * link is in the list of jobs, or in that of what is due.
 */
#include "base/die.h"
#include "loop/floor.h"
#include "loop/worker.h"

#include <errno.h>

struct job {
    int (*fn)(void *arg);
    void (*done)(void *arg, int result);
    void *arg;
    struct fm__due due;
    struct fm__loop *loop;
    struct fm__call call;
};

_Static_assert(sizeof(struct job) <= sizeof(fm_job), "grow the record");
_Static_assert(offsetof(struct job, due) == offsetof(fm_job, reserved),
               "the same fields in front");

static struct job *job_of(fm_job *record)
{
    return (struct job *)(void *)record;
}

static void job_finish(struct fm__due *due)
{
    struct job *job = FM__CONTAINER(due, struct job, due);
    job->loop = NULL;
    job->done(job->arg, job->call.result);
}

static void job_returned(struct fm__call *call)
{
    struct job *job = FM__CONTAINER(call, struct job, call);
    fm__list_remove(&job->due.link);
    job_finish(&job->due);
}

int fm_job_start(fm_loop *loop, fm_job *record)
{
    struct job *job = job_of(record);
    fm__loop_check(loop, "fm_job_start");
    if (job->loop != NULL)
        fm__die("fm_job_start: the job is not done yet");
    job->due.run = job_finish;
    job->call = (struct fm__call){
        .fn = job->fn,
        .arg = job->arg,
        .done = job_returned,
        .result = -ECANCELED,
    };
    int rc = loop->callbacks.closing ? 0 : fm__worker_call(loop, &job->call);
    if (rc < 0)
        return rc;
    job->loop = loop;
    if (loop->callbacks.closing)
        fm__callbacks_due(loop, &job->due);
    else
        fm__list_push(&loop->callbacks.jobs, &job->due.link);
    return 0;
}

static void job_withdraw(struct job *job)
{
    if (!fm__worker_withdraw(&job->call))
        return;
    fm__list_remove(&job->due.link);
    job->call.result = -ECANCELED;
    job->call.state = FM__CALL_RETURNED;
    fm__callbacks_due(job->loop, &job->due);
}

void fm_job_cancel(fm_job *record)
{
    struct job *job = job_of(record);
    if (job->loop == NULL)
        return;
    fm__loop_check(job->loop, "fm_job_cancel");
    job_withdraw(job);
}

void fm__jobs_cancel(struct fm__loop *loop)
{
    struct fm__list *jobs = &loop->callbacks.jobs;
    struct fm__list *link = jobs->next;
    while (link != jobs) {
        struct fm__due *due = FM__CONTAINER(link, struct fm__due, link);
        link = link->next;
        job_withdraw(FM__CONTAINER(due, struct job, due));
    }
}
