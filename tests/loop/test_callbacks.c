/*
 * test_callbacks.c - calls of the public loop, and its turns
 */
#include "harness.h"

#include <errno.h>
#include <fermata/loop.h>
#include <fermata/sleep.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct story {
    fm_loop *loop;
    char notes[64];
    size_t noted;
    fm_call end;
};

struct line {
    fm_call call;
    struct story *story;
    char letter;
    int again; /* how many times more */
};

static void stop(void *arg)
{
    fm_loop_stop(arg);
}

static void story_open(struct story *story)
{
    const fm_loop_options options = {.backend = test_backend(),
                                     .seed = test_seed(1)};
    memset(story, 0, sizeof *story);
    CHECK_INT(fm_loop_open(&story->loop, &options), 0);
    story->end = (fm_call){.fn = stop, .arg = story->loop};
}

static void story_close(struct story *story)
{
    fm_loop_close(story->loop);
}

static void line_said(void *arg)
{
    struct line *line = arg;
    line->story->notes[line->story->noted++] = line->letter;
    if (line->again-- > 0)
        fm_loop_soon(line->story->loop, &line->call);
}

static struct line line_of(struct story *story, char letter)
{
    return (struct line){
        .call = {.fn = line_said}, .story = story, .letter = letter};
}

static void lines_init(struct story *story, struct line *lines, int count)
{
    for (int i = 0; i < count; i++) {
        lines[i] = line_of(story, (char)('a' + i));
        lines[i].call.arg = &lines[i];
    }
}

static void run_for(struct story *story, double seconds)
{
    CHECK_INT(fm_loop_later(story->loop, &story->end, seconds), 0);
    fm_loop_run(story->loop);
}

TEST(calls_are_made_in_order_of_asking)
{
    struct story story;
    struct line lines[4];
    story_open(&story);
    lines_init(&story, lines, 4);
    fm_loop_soon(story.loop, &lines[2].call);
    fm_loop_soon(story.loop, &lines[0].call);
    fm_loop_soon(story.loop, &lines[3].call);
    fm_loop_soon(story.loop, &lines[1].call);
    CHECK(strcmp(story.notes, "") == 0);
    run_for(&story, 0);
    CHECK(strcmp(story.notes, "cadb") == 0);
    story_close(&story);
}

TEST(what_a_call_asks_for_is_for_the_next_turn)
{
    struct story story;
    struct line lines[2];
    story_open(&story);
    lines_init(&story, lines, 2);
    lines[0].again = 2;
    fm_loop_soon(story.loop, &lines[0].call);
    fm_loop_soon(story.loop, &lines[1].call);
    CHECK(fm_loop_step(story.loop));
    while (story.noted < 4)
        fm_loop_step(story.loop);
    CHECK(strcmp(story.notes, "abaa") == 0);
    story_close(&story);
}

TEST(timed_calls_are_made_in_order_of_their_moments)
{
    struct story story;
    struct line lines[4];
    story_open(&story);
    lines_init(&story, lines, 4);
    int64_t now = fm_loop_now(story.loop);
    fm_loop_at(story.loop, &lines[0].call, now + 3 * FM_MILLISECOND);
    fm_loop_at(story.loop, &lines[1].call, now + 1 * FM_MILLISECOND);
    fm_loop_at(story.loop, &lines[2].call, now + 2 * FM_MILLISECOND);
    fm_loop_at(story.loop, &lines[3].call, now - FM_SECOND);
    run_for(&story, 0.01);
    CHECK(strcmp(story.notes, "dbca") == 0);
    story_close(&story);
}

static void note_time(void *arg)
{
    struct line *line = arg;
    line->again = 1;
    CHECK(!fm_call_pending(&line->call));
    fm_loop_stop(line->story->loop);
}

TEST(a_call_of_later_is_never_early)
{
    struct story story;
    struct line line;
    story_open(&story);
    line = line_of(&story, 'a');
    line.call = (fm_call){.fn = note_time, .arg = &line};
    for (int i = 1; i < 20; i++) {
        int64_t before = fm_loop_now(story.loop);
        CHECK_INT(fm_loop_later(story.loop, &line.call, i * 1e-4), 0);
        fm_loop_run(story.loop);
        CHECK(fm_loop_now(story.loop) - before >= i * FM_MICROSECOND * 100);
    }
    CHECK_INT(line.again, 1);
    story_close(&story);
}

TEST(a_cancelled_call_is_not_made_and_its_record_is_free)
{
    struct story story;
    struct line lines[3];
    story_open(&story);
    lines_init(&story, lines, 3);
    fm_loop_soon(story.loop, &lines[0].call);
    fm_loop_soon(story.loop, &lines[1].call);
    CHECK_INT(fm_loop_later(story.loop, &lines[2].call, 0.001), 0);
    CHECK(fm_call_cancel(&lines[0].call));
    CHECK(fm_call_cancel(&lines[2].call));
    memset(&lines[0], 0xee, sizeof lines[0]);
    memset(&lines[2], 0xee, sizeof lines[2]);
    run_for(&story, 0.005);
    CHECK(strcmp(story.notes, "b") == 0);
    story_close(&story);
}

TEST(a_cancel_does_no_harm_before_or_after_the_call)
{
    struct story story;
    struct line line;
    story_open(&story);
    line = line_of(&story, 'a');
    line.call.arg = &line;
    CHECK(!fm_call_cancel(&line.call));
    CHECK(!fm_call_pending(&line.call));
    fm_loop_soon(story.loop, &line.call);
    CHECK(fm_call_pending(&line.call));
    run_for(&story, 0);
    CHECK(!fm_call_pending(&line.call));
    CHECK(!fm_call_cancel(&line.call));
    CHECK(!fm_call_cancel(&line.call));
    CHECK(strcmp(story.notes, "a") == 0);
    story_close(&story);
}

struct canceller {
    fm_call call;
    struct line *victim;
};

static void cancel_victim(void *arg)
{
    struct canceller *self = arg;
    CHECK(fm_call_cancel(&self->victim->call));
}

TEST(a_call_of_the_same_turn_can_be_cancelled)
{
    struct story story;
    struct line lines[3];
    struct canceller self = {.victim = &lines[1]};
    story_open(&story);
    lines_init(&story, lines, 3);
    self.call = (fm_call){.fn = cancel_victim, .arg = &self};
    fm_loop_soon(story.loop, &lines[0].call);
    fm_loop_soon(story.loop, &self.call);
    fm_loop_soon(story.loop, &lines[1].call);
    fm_loop_soon(story.loop, &lines[2].call);
    run_for(&story, 0);
    CHECK(strcmp(story.notes, "ac") == 0);
    story_close(&story);
}

TEST(asking_again_moves_a_pending_call)
{
    struct story story;
    struct line lines[3];
    story_open(&story);
    lines_init(&story, lines, 3);
    fm_loop_soon(story.loop, &lines[0].call);
    fm_loop_soon(story.loop, &lines[1].call);
    fm_loop_soon(story.loop, &lines[0].call);
    CHECK_INT(fm_loop_later(story.loop, &lines[2].call, 60), 0);
    fm_loop_soon(story.loop, &lines[2].call);
    run_for(&story, 0.001);
    CHECK(strcmp(story.notes, "bac") == 0);
    story_close(&story);
}

TEST(a_call_can_be_asked_when_it_is_due)
{
    struct story story;
    struct line line;
    story_open(&story);
    line = line_of(&story, 'a');
    line.call.arg = &line;
    int64_t now = fm_loop_now(story.loop);
    CHECK_INT(fm_call_when(&line.call), -1);
    fm_loop_at(story.loop, &line.call, now + FM_SECOND);
    CHECK_INT(fm_call_when(&line.call), now + FM_SECOND);
    CHECK_INT(fm_loop_later(story.loop, &line.call, 2), 0);
    CHECK(fm_call_when(&line.call) >= now + 2 * FM_SECOND);
    fm_loop_step(story.loop);
    fm_loop_soon(story.loop, &line.call);
    CHECK_INT(fm_call_when(&line.call), -1);
    CHECK_INT(fm_loop_later(story.loop, &line.call, INFINITY), 0);
    CHECK(fm_call_when(&line.call) == INT64_MAX);
    CHECK_INT(fm_loop_later(story.loop, &line.call, NAN), -EINVAL);
    CHECK(fm_call_when(&line.call) == INT64_MAX);
    CHECK(fm_call_cancel(&line.call));
    CHECK_INT(fm_call_when(&line.call), -1);
    story_close(&story);
}

TEST(a_stop_before_the_run_is_one_turn)
{
    struct story story;
    struct line lines[2];
    story_open(&story);
    lines_init(&story, lines, 2);
    lines[0].again = 5;
    fm_loop_soon(story.loop, &lines[0].call);
    fm_loop_stop(story.loop);
    fm_loop_run(story.loop);
    CHECK(strcmp(story.notes, "a") == 0);
    run_for(&story, 0.001);
    CHECK(strcmp(story.notes, "aaaaaa") == 0);
    story_close(&story);
}

TEST(what_is_ready_is_called_before_a_stop_takes_effect)
{
    struct story story;
    struct line lines[2];
    story_open(&story);
    lines_init(&story, lines, 2);
    lines[1].again = 1;
    fm_loop_soon(story.loop, &lines[0].call);
    fm_loop_soon(story.loop, &story.end);
    fm_loop_soon(story.loop, &lines[1].call);
    fm_loop_run(story.loop);
    CHECK(strcmp(story.notes, "ab") == 0);
    CHECK(fm_call_pending(&lines[1].call));
    story_close(&story);
    CHECK(!fm_call_pending(&lines[1].call));
}

TEST(a_closed_loop_makes_no_more_calls)
{
    struct story story;
    struct line lines[3];
    story_open(&story);
    lines_init(&story, lines, 3);
    fm_loop_soon(story.loop, &lines[0].call);
    fm_loop_at(story.loop, &lines[1].call, 1);
    CHECK_INT(fm_loop_later(story.loop, &lines[2].call, 3600), 0);
    story_close(&story);
    for (int i = 0; i < 3; i++)
        CHECK(!fm_call_pending(&lines[i].call));
    CHECK_INT(story.noted, 0);
    fm_loop_close(NULL);
}

TEST(a_record_may_be_freed_by_its_own_function)
{
    struct story story;
    struct line *line = malloc(sizeof *line);
    story_open(&story);
    *line = line_of(&story, 'a');
    line->call = (fm_call){.fn = free, .arg = line};
    fm_loop_soon(story.loop, &line->call);
    run_for(&story, 0.001);
    story_close(&story);
}

TEST(the_backend_is_what_the_options_say)
{
    fm_loop *loop = NULL;
    const fm_loop_options unknown = {.backend = "typewriter"};
    struct story story;
    story_open(&story);
    CHECK(strcmp(fm_loop_backend(story.loop), test_backend()) == 0);
    story_close(&story);
    CHECK_INT(fm_loop_open(&loop, &unknown), -EINVAL);
    CHECK(loop == NULL);
}

/* ---- Foreign loops ------------------------------------------------------ */

TEST(a_step_never_waits)
{
    struct story story;
    story_open(&story);
    CHECK(fm_loop_step(story.loop));
    CHECK(fm_loop_step(story.loop));
    CHECK_INT(fm_loop_timeout(story.loop), -1);
    fm_loop_stop(story.loop);
    CHECK_INT(fm_loop_timeout(story.loop), 0);
    CHECK(!fm_loop_step(story.loop));
    story_close(&story);
}

TEST(the_timeout_is_that_of_the_next_call)
{
    struct story story;
    struct line lines[2];
    story_open(&story);
    lines_init(&story, lines, 2);
    CHECK_INT(fm_loop_timeout(story.loop), -1);
    CHECK_INT(fm_loop_later(story.loop, &lines[0].call, 3600), 0);
    CHECK_INT(fm_loop_timeout(story.loop), 0);
    if (!test_simulated()) {
        fm_loop_step(story.loop);
        int64_t span = fm_loop_timeout(story.loop);
        CHECK(span > 3500 * FM_SECOND && span <= 3600 * FM_SECOND);
        CHECK_INT(story.noted, 0);
    }
    fm_loop_soon(story.loop, &lines[1].call);
    CHECK_INT(fm_loop_timeout(story.loop), 0);
    fm_call_cancel(&lines[0].call);
    fm_call_cancel(&lines[1].call);
    fm_loop_step(story.loop);
    CHECK_INT(fm_loop_timeout(story.loop), -1);
    story_close(&story);
}

TEST(in_the_simulator_a_step_jumps_to_what_is_next)
{
    struct story story;
    struct line line;
    if (!test_simulated())
        return;
    story_open(&story);
    line = line_of(&story, 'a');
    line.call.arg = &line;
    int64_t before = fm_loop_now(story.loop);
    CHECK_INT(fm_loop_later(story.loop, &line.call, 3600), 0);
    fm_loop_step(story.loop);
    fm_loop_step(story.loop);
    CHECK(strcmp(story.notes, "a") == 0);
    CHECK(fm_loop_now(story.loop) - before >= 3600 * FM_SECOND);
    story_close(&story);
}

/* ---- Misuse ------------------------------------------------------------- */

static void run_again(void *arg)
{
    fm_loop_run(arg);
}

static void step_again(void *arg)
{
    fm_loop_step(arg);
}

static void close_inside(void *arg)
{
    fm_loop_close(arg);
}

static void run_calling(void *arg)
{
    struct story story;
    void (**fn)(void *) = arg;
    story_open(&story);
    fm_call call = {.fn = *fn, .arg = story.loop};
    fm_loop_soon(story.loop, &call);
    fm_loop_run(story.loop);
}

TEST(a_function_that_the_loop_calls_may_not_run_step_or_close_it)
{
    static const struct {
        void (*fn)(void *);
        const char *name;
    } misuses[] = {{run_again, "fm_loop_run"},
                   {step_again, "fm_loop_step"},
                   {close_inside, "fm_loop_close"}};
    for (size_t i = 0; i < 3; i++) {
        char sentence[128];
        void (*fn)(void *) = misuses[i].fn;
        snprintf(sentence, sizeof sentence,
                 "%s was called by a function that this loop calls",
                 misuses[i].name);
        CHECK_DIES(run_calling, &fn, sentence);
    }
}

static void *use_elsewhere(void *arg)
{
    struct story *story = arg;
    fm_loop_soon(story->loop, &story->end);
    return NULL;
}

static void call_from_a_thread(void *arg)
{
    struct story story;
    pthread_t thread;
    (void)arg;
    story_open(&story);
    pthread_create(&thread, NULL, use_elsewhere, &story);
    pthread_setname_np(thread, "intruder");
    pthread_join(thread, NULL);
}

TEST(a_call_from_another_thread_dies_and_names_both)
{
    CHECK_DIES(call_from_a_thread, NULL, "fm_loop_soon was called on thread ");
    CHECK_DIES(call_from_a_thread, NULL, "but the loop belongs to thread ");
    if (!test_under_valgrind()) /* whose own name that is then */
        CHECK_DIES(call_from_a_thread, NULL, "(test_callbacks)");
}

static void use_a_parents_loop(void *arg)
{
    fm_loop_step(arg);
}

TEST(a_forked_child_may_not_use_its_parents_loop)
{
    struct story story;
    story_open(&story);
    CHECK_DIES(use_a_parents_loop, story.loop,
               "fm_loop_step was called in a forked child");
    story_close(&story);
}

static void use_two_loops(void *arg)
{
    struct story here, there;
    (void)arg;
    story_open(&here);
    story_open(&there);
    fm_loop_soon(here.loop, &here.end);
    fm_loop_soon(there.loop, &here.end);
}

TEST(a_call_is_pending_on_one_loop_only)
{
    CHECK_DIES(use_two_loops, NULL, "the call is pending on another loop");
}
