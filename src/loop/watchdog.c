/*
 * watchdog.c - what holds the loop, and where
 *
 * Invariant: `since` is when the loop's thread came out of its last wait, by
 * the machine's clock, and 0 while it waits or rests. What is found about one
 * `since` is told once. Where the program hears reports it does so on its own
 * thread, when the loop waits next: until then `told` holds the report.
 *
 * A thread that runs is asked by a signal where it is; one that waits in a
 * system call, only if that call is begun again after a signal. So what is
 * watched does what it does unwatched.
 */
#include "loop/watchdog.h"

#include "base/memory.h"
#include "base/stuck.h"
#include "base/sys.h"
#include "base/sys_thread.h"
#include "loop/choose.h"
#include "loop/span.h"
#include "loop/tracer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define WATCHDOG_SLOW INT64_C(100000000) /* ns */
#define WATCHDOG_LOOKS 4                 /* in such a span */

struct fm__watchdog {
    struct fm__backend table; /* the loop's, with a poll of our own */
    const struct fm__backend *world;
    struct fm__loop *loop;
    struct fm__watchdog_options options;
    int64_t slow;
    struct fm__thread thread;
    struct fm__tracer tracer;
    int bell; /* rings when it is to end */
    int peep[2];
    struct fm__atomic_word since;
    struct fm__atomic_word telling;    /* 1: `told` is the loop's to pass on */
    struct fm__atomic_word slow_turns; /* that were found */
    struct fm__atomic_word blocking_calls;
    struct watchdog_told {
        fm_report report;
        struct fm__holder holder;
        char message[FM__TRACER_TEXT + 512];
    } told;

    /* The watchdog's own. */
    uint64_t reported;      /* a `since` */
    uint64_t stuck_since;   /* where it was at the last look */
    struct fm__stuck stuck; /* call is -1: it ran */
};

/* ---- Holders ------------------------------------------------------------ */

void *fm__holder_pointer(const struct fm__holder *holder, const void *from)
{
    void *pointer = NULL;
    if (holder->peep == NULL)
        memcpy(&pointer, from, sizeof pointer);
    else if (!fm__sys_peep(holder->peep, from, &pointer, sizeof pointer))
        pointer = NULL;
    return pointer;
}

void fm__holder_string(const struct fm__holder *holder, const char *from,
                       char *to, size_t size)
{
    size_t n = 0;
    to[0] = '\0';
    if (from == NULL)
        return;
    while (n + 1 < size) {
        if (holder->peep == NULL)
            to[n] = from[n];
        else if (!fm__sys_peep(holder->peep, from + n, to + n, 1))
            break;
        if (to[n] == '\0')
            return;
        n++;
    }
    to[n] = '\0';
}

static void watchdog_hold(const struct fm__watchdog *watchdog,
                          struct fm__holder *holder)
{
    holder->name[0] = '\0';
    holder->site[0] = '\0';
    holder->waited[0] = '\0';
    if (watchdog->options.hold != NULL)
        watchdog->options.hold(watchdog->loop, holder);
}

/* ---- On the loop's thread ----------------------------------------------- */

static void watchdog_pass_on(struct fm__watchdog *watchdog)
{
    if (fm__atomic_load(&watchdog->telling) == 0)
        return;
    watchdog->options.on_report(&watchdog->told.report,
                                watchdog->options.on_report_arg);
    fm__atomic_store(&watchdog->telling, 0);
}

void fm__watchdog_rest(struct fm__watchdog *watchdog)
{
    fm__atomic_store(&watchdog->since, 0);
    watchdog_pass_on(watchdog);
}

static int watchdog_poll(struct fm__loop *loop, int64_t deadline)
{
    struct fm__watchdog *watchdog = loop->watchdog;
    fm__watchdog_rest(watchdog);
    int rc = watchdog->world->poll(loop, deadline);
    fm__atomic_store(&watchdog->since, (uint64_t)fm__sys_clock());
    return rc;
}

/* In the signal handler. */
static void watchdog_traced(void *arg)
{
    struct fm__watchdog *watchdog = arg;
    watchdog->told.holder.peep = NULL;
    watchdog_hold(watchdog, &watchdog->told.holder);
}

/* ---- The watchdog ------------------------------------------------------- */

static void watchdog_say(struct fm__watchdog *watchdog, size_t size)
{
    char *message = watchdog->told.message;
    message[size++] = '\n';
    fm__sys_say(message, size);
}

/* "what" and whom, then the backtrace, if there is one. */
static void watchdog_tell(struct fm__watchdog *watchdog, fm_report_kind kind,
                          const char *what)
{
    static const char prefix[] = "fermata: ";
    struct watchdog_told *told = &watchdog->told;
    const struct fm__holder *holder = &told->holder;
    char whom[320] = "";
    bool named = holder->name[0] != '\0', waited = holder->waited[0] != '\0';
    if (named)
        snprintf(whom, sizeof whom, " by task %s (%s)%s%s", holder->name,
                 holder->site, waited ? ", which had waited: " : "",
                 holder->waited);
    int n = snprintf(told->message, sizeof told->message, "%s%s%s", prefix,
                     what, whom);
    size_t size = (size_t)n;
    size += fm__tracer_text(&watchdog->tracer, told->message + size,
                            sizeof told->message - size - 1);
    if (watchdog->options.on_report == NULL) {
        watchdog_say(watchdog, size);
        return;
    }
    told->report = (fm_report){
        .kind = kind,
        .message = told->message + sizeof prefix - 1,
        .task = named ? holder->name : NULL,
        .task_site = named ? holder->site : NULL,
    };
    fm__atomic_store(&watchdog->telling, 1);
}

static void watchdog_found_slow(struct fm__watchdog *watchdog, int64_t span)
{
    char what[96];
    watchdog->told.holder.name[0] = '\0';
    fm__tracer_ask(&watchdog->tracer);
    snprintf(what, sizeof what, "the loop has been held for %.3f s",
             (double)span / 1e9);
    watchdog_tell(watchdog, FM_REPORT_SLOW_TURN, what);
}

static void watchdog_found_stuck(struct fm__watchdog *watchdog)
{
    char what[128];
    struct fm__holder *holder = &watchdog->told.holder;
    holder->peep = watchdog->peep;
    watchdog_hold(watchdog, holder);
    fm__tracer_forget(&watchdog->tracer);
    if (watchdog->stuck.restarts)
        fm__tracer_ask(&watchdog->tracer);
    snprintf(what, sizeof what, "the loop is blocked in %s",
             watchdog->stuck.text);
    watchdog_tell(watchdog, FM_REPORT_BLOCKING_CALL, what);
}

/* In the same call, from the same place, as at the last look. */
static bool watchdog_is_stuck(struct fm__watchdog *watchdog, uint64_t since)
{
    struct fm__stuck before = watchdog->stuck;
    bool again = watchdog->stuck_since == since;
    watchdog->stuck_since = since;
    if (!fm__stuck_look(watchdog->loop->thread_number, &watchdog->stuck)) {
        watchdog->stuck.call = -1;
        return false;
    }
    return again && before.call == watchdog->stuck.call &&
           before.stack == watchdog->stuck.stack;
}

static void watchdog_look(struct fm__watchdog *watchdog)
{
    uint64_t since = fm__atomic_load(&watchdog->since);
    if (since == 0 || since == watchdog->reported ||
        fm__atomic_load(&watchdog->telling) != 0)
        return;
    int64_t span = fm__sys_clock() - (int64_t)since;
    bool stuck = watchdog_is_stuck(watchdog, since);
    if (fm__atomic_load(&watchdog->since) != since ||
        (!stuck && span < watchdog->slow))
        return;
    watchdog->reported = since;
    fm__atomic_add(stuck ? &watchdog->blocking_calls : &watchdog->slow_turns,
                   1);
    if (stuck)
        watchdog_found_stuck(watchdog);
    else
        watchdog_found_slow(watchdog, span);
}

static void *watchdog_main(void *arg)
{
    struct fm__watchdog *watchdog = arg;
    fm__thread_name("fm-watchdog");
    while (fm__sys_poll(watchdog->bell, EPOLLIN,
                        watchdog->slow / WATCHDOG_LOOKS) == 0)
        watchdog_look(watchdog);
    return NULL;
}

/* ---- Its life ----------------------------------------------------------- */

bool fm__watchdog_wished(bool debug, double *slow)
{
    const char *text = getenv("FERMATA_SLOW_TURN");
    double asked = text != NULL ? strtod(text, NULL) : 0;
    if (*slow == 0 && asked > 0)
        *slow = asked;
    /* What is no number is refused later. */
    return debug || !(*slow <= 0) || fm__wished("FERMATA_DEBUG");
}

static int watchdog_start(struct fm__watchdog *watchdog)
{
    int rc = watchdog->bell = fm__sys_event();
    if (rc < 0)
        return rc;
    rc = fm__sys_pipe(watchdog->peep);
    if (rc < 0)
        goto close_bell;
    rc = fm__tracer_open(&watchdog->tracer, watchdog_traced, watchdog);
    if (rc < 0)
        goto close_peep;
    rc = fm__thread_start(&watchdog->thread, watchdog_main, watchdog);
    if (rc < 0)
        goto close_tracer;
    return 0;

close_tracer:
    fm__tracer_close(&watchdog->tracer);
close_peep:
    fm__sys_close(watchdog->peep[0]);
    fm__sys_close(watchdog->peep[1]);
close_bell:
    fm__sys_close(watchdog->bell);
    return rc;
}

int fm__watchdog_open(struct fm__loop *loop,
                      const struct fm__watchdog_options *options)
{
    int64_t slow;
    int rc = fm__span(options->slow, &slow);
    if (rc < 0)
        return rc;
    struct fm__watchdog *watchdog = fm__memory_new(sizeof *watchdog);
    if (watchdog == NULL)
        return -ENOMEM;
    watchdog->world = loop->backend;
    watchdog->table = *loop->backend;
    watchdog->table.poll = watchdog_poll;
    watchdog->loop = loop;
    watchdog->options = *options;
    watchdog->slow = slow > 0 ? slow : WATCHDOG_SLOW;
    watchdog->stuck.call = -1;
    rc = watchdog_start(watchdog);
    if (rc < 0) {
        fm__memory_free(watchdog);
        return rc;
    }
    loop->watchdog = watchdog;
    loop->backend = &watchdog->table;
    return 0;
}

void fm__watchdog_count(const struct fm__loop *loop, uint64_t *slow_turns,
                        uint64_t *blocking_calls)
{
    struct fm__watchdog *watchdog = loop->watchdog;
    if (watchdog == NULL)
        return;
    *slow_turns = fm__atomic_load(&watchdog->slow_turns);
    *blocking_calls = fm__atomic_load(&watchdog->blocking_calls);
}

void fm__watchdog_close(struct fm__loop *loop)
{
    struct fm__watchdog *watchdog = loop->watchdog;
    if (watchdog == NULL)
        return;
    fm__sys_event_set(watchdog->bell);
    fm__thread_join(&watchdog->thread);
    fm__watchdog_rest(watchdog);
    loop->backend = watchdog->world;
    loop->watchdog = NULL;
    fm__tracer_close(&watchdog->tracer);
    fm__sys_close(watchdog->peep[0]);
    fm__sys_close(watchdog->peep[1]);
    fm__sys_close(watchdog->bell);
    fm__memory_free(watchdog);
}
