/*
 * reports.c - what the runtime notices, told to your own function
 */
#include <fermata.h>
#include <stdio.h>

/* [hear] */
/* Called on the loop's thread; the strings are there for the call only. */
static void hear(const fm_report *report, void *arg)
{
    int *heard = arg;
    ++*heard;
    if (report->kind == FM_REPORT_DETACHED_FAILED)
        printf("%s failed in the background: %s\n", report->task,
               fm_strerror(report->result));
    else if (report->kind == FM_REPORT_UNCONSUMED)
        printf("%s was left behind by %s\n", report->task, report->other);
    else
        printf("%s\n", report->message);
}
/* [/hear] */

static int upload(void)
{
    return -ENOSPC;
}

static int forgotten(void)
{
    return fm_sleep(60);
}

static int careless(void)
{
    fm_task *task = fm_go(forgotten);
    return task == NULL ? -ENOMEM : 0;
}

static int story(void *arg)
{
    (void)arg;
    int rc = fm_detach(fm_go(upload));
    int other = fm_await(fm_go(careless));
    return rc < 0 ? rc : other;
}

/* [run] */
int main(void)
{
    int heard = 0;
    const fm_run_options options = {.on_report = hear, .on_report_arg = &heard};
    int rc = fm_run(story, NULL, &options);
    printf("%d reports\n", heard);
    return rc < 0;
}
/* [/run] */
