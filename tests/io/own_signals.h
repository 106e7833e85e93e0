/*
 * own_signals.h - a program that has handlers of its own, for tests
 */
#ifndef TESTS_IO_OWN_SIGNALS_H
#define TESTS_IO_OWN_SIGNALS_H

#include "task/story.h"

#include <signal.h>

/* What the program itself does about SIGUSR1 and SIGUSR2, on any thread. */
static int own_usr1, own_usr2;

static inline void own_handler(int number)
{
    __atomic_add_fetch(number == SIGUSR1 ? &own_usr1 : &own_usr2, 1,
                       __ATOMIC_SEQ_CST);
}

static inline bool is_own(int number)
{
    struct sigaction now;
    sigaction(number, NULL, &now);
    return now.sa_handler == own_handler;
}

/* A story in a program that handles both by itself, before and afterwards. */
#define SIGNAL_STORY(test_name)                                                \
    static void test_name##_told(void);                                        \
    TEST(test_name)                                                            \
    {                                                                          \
        struct sigaction own = {.sa_handler = own_handler}, before[2];         \
        own_usr1 = own_usr2 = 0;                                               \
        sigaction(SIGUSR1, &own, &before[0]);                                  \
        sigaction(SIGUSR2, &own, &before[1]);                                  \
        CHECK_INT(story_run(test_name##_told, (fm_run_options){0}), 0);        \
        CHECK(is_own(SIGUSR1) && is_own(SIGUSR2));                             \
        sigaction(SIGUSR1, &before[0], NULL);                                  \
        sigaction(SIGUSR2, &before[1], NULL);                                  \
        story_silent(__FILE__, __LINE__);                                      \
    }                                                                          \
    static void test_name##_told(void)

#endif
