/*
 * story.h - tests that are told by tasks
 *
 * STORY(the_promise_in_words) { ... } is a TEST whose body is the main task
 * of a run. What the runtime reports meanwhile must be asked for by
 * story_heard(); a report that nobody asked for fails the test.
 */
#ifndef TESTS_STORY_H
#define TESTS_STORY_H

#include "harness.h"

#include <fermata.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define STORY_REPORTS 8

struct story_report {
    fm_report_kind kind;
    int result;
    bool heard;
    char message[384];
    char task[64];
    char task_site[128];
    char other[64];
    char other_site[128];
};

static struct story_report story_reports[STORY_REPORTS];
static unsigned story_reported;

static inline void story_copy(char *copy, size_t size, const char *text)
{
    snprintf(copy, size, "%s", text != NULL ? text : "");
}

static inline void story_report(const fm_report *report, void *arg)
{
    (void)arg;
    unsigned i = story_reported++;
    if (i >= STORY_REPORTS)
        return;
    struct story_report *kept = &story_reports[i];
    *kept =
        (struct story_report){.kind = report->kind, .result = report->result};
    story_copy(kept->message, sizeof kept->message, report->message);
    story_copy(kept->task, sizeof kept->task, report->task);
    story_copy(kept->task_site, sizeof kept->task_site, report->task_site);
    story_copy(kept->other, sizeof kept->other, report->other);
    story_copy(kept->other_site, sizeof kept->other_site, report->other_site);
}

/* The oldest report of this kind that was not asked for yet, or NULL. */
static inline const struct story_report *story_heard(fm_report_kind kind)
{
    for (unsigned i = 0; i < story_reported && i < STORY_REPORTS; i++) {
        struct story_report *kept = &story_reports[i];
        if (kept->kind == kind && !kept->heard) {
            kept->heard = true;
            return kept;
        }
    }
    return NULL;
}

static inline int story_main(void *body)
{
    (*(void (**)(void))body)();
    return 0;
}

/* Runs the body as a main task, with these options and reports collected. */
static inline int story_run(void (*body)(void), fm_run_options options)
{
    story_reported = 0;
    options.on_report = story_report;
    return fm_run(story_main, &body, &options);
}

static inline void story_silent(const char *file, int line)
{
    for (unsigned i = 0; i < story_reported && i < STORY_REPORTS; i++) {
        if (!story_reports[i].heard)
            test_fail(file, line, "reported: %s", story_reports[i].message);
    }
}

/* For what must abort: runs the body in a forked child, as a main task. */
static inline void story_doomed(void *body)
{
    fm_run(story_main, body);
}

#define STORY(test_name)                                                       \
    static void test_name##_told(void);                                        \
    TEST(test_name)                                                            \
    {                                                                          \
        CHECK_INT(story_run(test_name##_told, (fm_run_options){0}), 0);        \
        story_silent(__FILE__, __LINE__);                                      \
    }                                                                          \
    static void test_name##_told(void)

/* The body aborts with this sentence when it runs as a main task. */
#define CHECK_DOOMED(body, sentence)                                           \
    do {                                                                       \
        void (*doomed)(void) = (body);                                         \
        CHECK_DIES(story_doomed, &doomed, sentence);                           \
    } while (0)

/* A span in seconds: long where time is virtual, short where it is real. */
static inline double story_span(double units)
{
    return units * (test_simulated() ? 1.0 : 0.001);
}

/* A task that sleeps and returns; -ECANCELED when it is cut. */
struct nap {
    double units;
    int result;
};

static inline int nap(struct nap *self)
{
    int rc = fm_sleep(story_span(self->units));
    return rc < 0 ? rc : self->result;
}

/* A task that returns at once. */
struct answer {
    int result;
};

static inline int answer(struct answer *self)
{
    return self->result;
}

/* Sleeps until it is cut, and says with what. */
static inline int forever(void)
{
    return fm_sleep(INFINITY);
}

#endif
