/*
 * test_mutants.c - each mistake in mutants.cmake is found, and found again
 *
 * A mutant is a program of its own. The explorer in it must fail the test
 * that the mistake breaks, for the reason that it breaks it; and by the
 * schedule that it prints alone it must do so once more.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct mutant {
    const char *name;
    const char *backend;
    const char *breaks; /* a test */
    const char *because;
};

static char schedule[256];

static void mutant_exec(void *arg)
{
    const struct mutant *mutant = arg;
    char path[512] = "";
    ssize_t size = readlink("/proc/self/exe", path, sizeof path - 80);
    char *name = size > 0 ? strrchr(path, '/') : NULL;
    if (name == NULL)
        abort();
    snprintf(name + 1, 79, "mutant_%s", mutant->name);
    setenv("FERMATA_BACKEND", mutant->backend, 1);
    setenv("FERMATA_PREEMPTIONS", "2", 1);
    /* The explorer is to find it, and not a tool before it. */
    setenv("ASAN_OPTIONS", "detect_stack_use_after_return=0", 1);
    if (schedule[0] != '\0')
        setenv("FERMATA_SCHEDULE", schedule, 1);
    execl(path, path, mutant->breaks, (char *)NULL);
    abort();
}

static void mutant_run(struct mutant *mutant, char *output, size_t size)
{
    char begin[160];
    int status = test_child(mutant_exec, mutant, output, size);
    snprintf(begin, sizeof begin, "FAIL %s: ", mutant->breaks);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 1 ||
        strstr(output, begin) == NULL ||
        strstr(output, mutant->because) == NULL)
        test_fail(__FILE__, __LINE__, "%s is not found: status %#x, said: %s",
                  mutant->name, status, output);
}

static void mutant_is_found(struct mutant mutant)
{
    char output[4096];
    schedule[0] = '\0';
    mutant_run(&mutant, output, sizeof output);
    const char *found = strstr(output, "FERMATA_SCHEDULE=");
    CHECK(found != NULL);
    if (found == NULL)
        return;
    sscanf(found, "FERMATA_SCHEDULE=%255[-0-9:,]", schedule);
    mutant_run(&mutant, output, sizeof output);
}

#define FINDS(what, ...)                                                       \
    TEST(the_explorer_finds_##what)                                            \
    {                                                                          \
        mutant_is_found((struct mutant){__VA_ARGS__});                         \
    }

#define BELL "waits for its bell"
#define GONE "touches what is gone"

/* ---- The wake queue ----------------------------------------------------- */

FINDS(a_loop_that_looks_for_posts_before_it_says_that_it_sleeps,
      "sleeps_unseen", "epoll",
      "a_post_is_not_missed_by_a_loop_that_falls_asleep", BELL)
FINDS(a_post_that_rings_before_it_is_there, "rings_first", "epoll",
      "a_post_is_not_missed_by_a_loop_that_falls_asleep", BELL)
FINDS(a_post_that_overwrites_another, "posts_blindly", "epoll",
      "posts_of_two_threads_are_none_lost_and_none_run_twice",
      "letter->number == post.read")
FINDS(a_loop_that_takes_posts_in_two_steps, "takes_twice", "epoll",
      "posts_of_two_threads_are_none_lost_and_none_run_twice", BELL)
FINDS(a_loop_that_runs_the_newest_post_first, "newest_first", "epoll",
      "posts_of_one_thread_run_once_and_in_order",
      "letter->number == post.read")

/* ---- The mailbox -------------------------------------------------------- */

FINDS(a_post_that_asks_who_sleeps_before_it_publishes,
      "asks_before_it_publishes", "epoll",
      "a_parcel_is_not_missed_by_a_loop_that_falls_asleep", BELL)
FINDS(a_close_that_does_not_wait_for_who_rings, "closes_on_who_rings", "epoll",
      "who_rings_a_loop_that_closes_never_meets_one_that_is_gone", GONE)
FINDS(a_ring_that_looks_before_it_is_counted_in, "looks_before_it_enters",
      "epoll", "who_rings_a_loop_that_closes_never_meets_one_that_is_gone",
      GONE)
FINDS(a_close_that_leaves_what_was_claimed, "leaves_what_was_claimed", "epoll",
      "a_post_that_meets_the_close_is_run_or_refused",
      "parcel->opened == (parcel->rc == 0)")
FINDS(a_claim_in_two_steps, "claims_blindly", "epoll",
      "parcels_of_two_threads_are_none_lost_and_none_run_twice", BELL)
FINDS(a_claim_that_takes_no_posts_for_too_many, "takes_room_for_none", "epoll",
      "parcels_of_two_threads_are_none_lost_and_none_run_twice",
      "parcel->rc == 0")
FINDS(a_put_that_rings_before_it_is_counted_out, "rings_before_it_leaves",
      "sim", "the_last_put_lets_a_simulator_that_waits_look_again", BELL)
FINDS(a_simulator_that_does_not_look_again, "looks_no_more", "sim",
      "parcels_of_one_thread_run_once_and_in_order", "dies: every task waits")
FINDS(a_slot_that_is_free_before_it_is_empty, "makes_room_early", "epoll",
      "a_slot_is_used_again_once_it_has_been_run", BELL)

/* ---- Workers ------------------------------------------------------------ */

FINDS(a_withdrawal_that_looks_without_the_lock, "withdraws_unlocked", "epoll",
      "a_call_that_is_withdrawn_never_runs",
      "(life->order > 0) == !life->withdrawn")
FINDS(an_abandoning_that_looks_without_the_lock, "abandons_unlocked", "epoll",
      "the_last_of_two_abandoned_workers_frees_the_pool", "spins for ever")
FINDS(a_return_that_is_not_noted, "returns_unsaid", "epoll",
      "a_call_that_is_abandoned_is_released_once_and_touches_no_loop",
      "spins for ever")
FINDS(a_worker_that_wakes_no_second_one, "wakes_only_once", "epoll",
      "two_calls_that_need_each_other_wake_a_worker_each", BELL)
FINDS(a_worker_that_trusts_its_condition, "trusts_its_condition", "epoll",
      "two_calls_on_one_worker_return_in_order", BELL)

/* ---- Futures and channels ----------------------------------------------- */

FINDS(an_answer_before_the_future_is_set, "answers_before_it_is_set", "epoll",
      "of_two_threads_that_set_a_future_one_is_the_first",
      "fm_future_result(self->future, NULL) == 7")
FINDS(news_without_a_share_of_its_future, "brings_without_a_share", "epoll",
      "a_task_that_waits_for_a_future_is_woken_by_who_sets_it", GONE)
FINDS(a_claim_of_a_future_in_two_steps, "claims_a_future_blindly", "epoll",
      "of_two_threads_that_set_a_future_one_is_the_first",
      "hope.setters[1].rc == 0) == 1")
FINDS(a_cut_in_place_of_an_item_that_was_served, "cuts_who_was_served", "epoll",
      "a_receiver_that_is_cut_takes_no_item_with_it",
      "== (pipe_line.rc < 0) does not hold")
FINDS(a_receiver_that_waits_in_two_steps, "waits_without_the_lock", "epoll",
      "items_between_two_loops_arrive_once_and_in_order", BELL)

/* ---- Signals ------------------------------------------------------------ */

FINDS(a_release_that_does_not_wait_for_the_handler, "leaves_a_handler", "epoll",
      "a_signal_that_meets_the_release_is_handled_once", GONE)
FINDS(a_release_that_looks_before_the_handler_is_done,
      "looks_for_signals_early", "epoll",
      "a_signal_that_meets_the_release_is_handled_once", "beacon.before == 1")
