/*
 * sweep_pace.c - scenarios: rhythms, rates, retries and generators
 *
 * Each value that a generator yields is a block of memory: one that is lost to
 * a cut shows in the ledger, one that is delivered twice is freed twice.
 */
#include "fault/sweep.h"

#include "base/memory.h"

/* ---- Rhythms ------------------------------------------------------------ */

struct drummer {
    fm_ticker *ticker;
    int beats;
    double work;
};

static int drummer(struct drummer *self)
{
    void *block;
    int rc = sweep_begin(&block);
    for (int told = 0; rc >= 0 && told < self->beats;) {
        rc = fm_ticker_wait(self->ticker);
        told += rc > 0 ? rc : 0;
        sweep_state.noted += rc > 0 ? (unsigned)rc : 0;
        if (rc > 0 && self->work > 0)
            rc = sweep_sleep(self->work);
    }
    return sweep_end(block, rc < 0 ? rc : 0);
}

/* Each tick was told to somebody, once: so many are past. */
static int drum(unsigned drummers, double work)
{
    fm_ticker ticker;
    fm_task *tasks[4];
    int64_t start = fm_now(), span = (int64_t)(sweep_ticks(1) * 1e9);
    int rc = fm_ticker_init_at(&ticker, start, span);
    if (rc < 0)
        return rc;
    for (unsigned i = 0; i < drummers; i++)
        tasks[i] = fm_go(drummer, &ticker, 4, work);
    rc = fm_gather_array(tasks, drummers, NULL);
    int64_t past = (fm_ticker_next(&ticker) - start) / span - 1;
    sweep_state.noted = past == sweep_state.noted ? 0 : 1;
    return rc;
}

static const char *no_tick_was_lost(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "a tick was lost or told twice" : NULL;
}

static int ticks_alone(void *arg)
{
    (void)arg;
    return drum(1, 0);
}

static int ticks_late(void *arg)
{
    (void)arg;
    return drum(1, 2.5);
}

static int ticks_shared(void *arg)
{
    (void)arg;
    return drum(3, 0.5);
}

/* ---- Rates -------------------------------------------------------------- */

struct payer {
    fm_rate *rate;
    uint32_t count;
    double patience; /* ticks; 0: without end */
};

static int payer_pay(const struct payer *self)
{
    int rc;
    if (self->patience == 0)
        return fm_rate_take(self->rate, self->count);
    FM_TIMEOUT(sweep_ticks(self->patience), rc) {
        rc = fm_rate_take(self->rate, self->count);
    }
    return rc;
}

static int payer(struct payer *self)
{
    void *block;
    int rc = sweep_begin(&block);
    for (int i = 0; rc == 0 && i < 3; i++) {
        rc = payer_pay(self);
        if (rc == 0)
            sweep_state.noted += self->count;
        rc = rc == -ETIMEDOUT ? 0 : rc;
    }
    return sweep_end(block, rc);
}

/* No more went through than a burst and what has come; and nobody is left in
 * the line. */
static int pay(const uint32_t counts[4], double patience)
{
    fm_rate rate = {.tokens = 2, .seconds = sweep_ticks(1), .burst = 5};
    fm_task *tasks[4];
    int64_t start = fm_now(), span = (int64_t)(rate.seconds * 1e9);
    for (int i = 0; i < 4; i++)
        tasks[i] = fm_go(payer, &rate, counts[i], patience);
    int rc = fm_gather_array(tasks, 4, NULL);
    int64_t most = 5 + (fm_now() - start) * 2 / span;
    bool over = sweep_state.noted > most;
    bool line = fm_rate_count(&rate) > 0 && fm_rate_take_try(&rate, 1) < 0;
    sweep_state.noted = over || line;
    return rc;
}

static const char *no_token_was_lost(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "too many tokens, or a line of nobody"
                                 : NULL;
}

static int rate_in_line(void *arg)
{
    static const uint32_t counts[] = {1, 1, 1, 1};
    (void)arg;
    return pay(counts, 0);
}

static int rate_of_many(void *arg)
{
    static const uint32_t counts[] = {5, 1, 3, 2};
    (void)arg;
    return pay(counts, 0);
}

static int rate_impatient(void *arg)
{
    static const uint32_t counts[] = {5, 1, 4, 1};
    (void)arg;
    return pay(counts, 1.5);
}

/* ---- Retries ------------------------------------------------------------ */

/* Fails twice by itself, and whenever something is done to it. */
static int flaky(int *made)
{
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = sweep_sleep(0.5);
    if (rc == 0 && ++*made <= 2)
        rc = -EHOSTUNREACH;
    return sweep_end(block, rc);
}

static int retry_flaky(unsigned attempts)
{
    int rc, made = 0;
    fm_retry retry = {
        .attempts = attempts, .first = sweep_ticks(1), .most = sweep_ticks(4)};
    do {
        rc = flaky(&made);
    } while (fm_retry_again(&retry, rc));
    return rc;
}

static int retries(void *arg)
{
    (void)arg;
    return retry_flaky(5);
}

static int retries_in_vain(void *arg)
{
    (void)arg;
    return retry_flaky(2);
}

static int retries_in_time(void *arg)
{
    int rc;
    (void)arg;
    FM_TIMEOUT(sweep_ticks(1e6), rc) {
        rc = retry_flaky(5);
    }
    return rc;
}

static int never(void)
{
    int rc = sweep_sleep(0.5);
    return rc < 0 ? rc : -EHOSTUNREACH;
}

static int retries_too_long(void *arg)
{
    int rc;
    fm_retry retry = {.first = sweep_ticks(1), .most = sweep_ticks(1)};
    (void)arg;
    FM_TIMEOUT(sweep_ticks(8), rc) {
        do {
            rc = never();
        } while (fm_retry_again(&retry, rc));
    }
    return rc;
}

/* ---- Generators --------------------------------------------------------- */

struct maker {
    int values;
    int result;
    double work;
    int depth; /* of generators that hand on what another one made */
};

static int maker_yield(void *value)
{
    int rc = fm_gen_yield(&value);
    if (rc < 0)
        fm__memory_free(value);
    return rc;
}

static int maker_make(const struct maker *self)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < self->values; i++) {
        if (self->work > 0)
            rc = sweep_sleep(self->work);
        if (rc < 0)
            return rc;
        void *value = fm__memory_new(10);
        rc = value != NULL ? maker_yield(value) : -ENOMEM;
    }
    return rc < 0 ? rc : self->result;
}

static int maker(struct maker *self)
{
    void *block, *value;
    int rc = sweep_begin(&block);
    if (rc == 0 && self->depth == 0) {
        rc = maker_make(self);
    } else if (rc == 0) {
        fm_gen *from = fm_gen_go(maker, self->values, self->result, self->work,
                                 self->depth - 1);
        while ((rc = fm_gen_next(from, &value)) == 1) {
            rc = maker_yield(value);
            if (rc < 0)
                break;
        }
        int end = fm_gen_close(from);
        rc = rc == 0 ? end : rc;
    }
    return sweep_end(block, rc);
}

/* Takes so many, or all there are. */
static int take_values(fm_gen *gen, unsigned most)
{
    int rc = 0;
    void *value;
    for (unsigned taken = 0; taken < most; taken++) {
        rc = fm_gen_next(gen, &value);
        if (rc != 1)
            break;
        fm__memory_free(value);
        sweep_state.noted++;
    }
    int end = fm_gen_close(gen);
    return rc < 0 ? rc : end;
}

static const char *all_six(int rc)
{
    return rc == 0 && sweep_state.noted != 6 ? "a value was lost" : NULL;
}

static int gen_makes(void *arg)
{
    (void)arg;
    return take_values(fm_gen_go(maker, 6, 0, 0, 0), 100);
}

static int gen_works(void *arg)
{
    (void)arg;
    return take_values(fm_gen_go(maker, 6, 0, 1, 0), 100);
}

static int gen_fails(void *arg)
{
    (void)arg;
    return take_values(fm_gen_go(maker, 6, -EPROTO, 1, 0), 100);
}

static int gen_nested(void *arg)
{
    (void)arg;
    return take_values(fm_gen_go(maker, 6, 0, 1, 3), 100);
}

static int gen_left_early(void *arg)
{
    (void)arg;
    return take_values(fm_gen_go(maker, 60, 0, 0, 1), 3);
}

static int gen_never_asked(void *arg)
{
    (void)arg;
    return take_values(fm_gen_go(maker, 6, 0, 1, 0), 0);
}

static int gen_impatient(void *arg)
{
    int rc;
    (void)arg;
    FM_TIMEOUT(sweep_ticks(3.5), rc) {
        rc = take_values(fm_gen_go(maker, 6, 0, 1, 1), 100);
    }
    return rc;
}

/* Its values are what its children come to. */
static int parent(void)
{
    void *block;
    int rc = sweep_begin(&block);
    if (rc < 0)
        return sweep_end(block, rc);
    FM_GROUP(group, rc) {
        for (int i = 0; rc == 0 && i < 3; i++) {
            rc = fm_group_go(group, napper, i, 0);
            void *value = rc == 0 ? fm__memory_new(10) : NULL;
            if (value != NULL)
                rc = maker_yield(value);
            else if (rc == 0)
                rc = -ENOMEM;
        }
        if (rc < 0)
            fm_group_cancel(group);
    }
    return sweep_end(block, rc);
}

static int gen_with_children(void *arg)
{
    (void)arg;
    return take_values(fm_gen_go(parent), 100);
}

struct taker {
    double work;
};

static int taker(struct taker *self)
{
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = take_values(fm_gen_go(maker, 4, 0, self->work, 0), 100);
    return sweep_end(block, rc);
}

static int gen_crowd(void *arg)
{
    (void)arg;
    return fm_gather(fm_go(taker, 0), fm_go(taker, 1), fm_go(taker, 0),
                     fm_go(taker, 2));
}

/* In a shield it says one thing more, also when it is cut. */
static int careful(void)
{
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = sweep_sleep(1);
    FM_SHIELD(sweep_ticks(50)) {
        void *value = fm__memory_new(10);
        if (value != NULL)
            (void)maker_yield(value);
    }
    return sweep_end(block, rc);
}

static int gen_shielded(void *arg)
{
    (void)arg;
    return take_values(fm_gen_go(careful), 100);
}

/* ---- All of it ---------------------------------------------------------- */

static int crawl_page(fm_rate *rate)
{
    int rc, made = 0;
    fm_retry retry = {
        .attempts = 4, .first = sweep_ticks(1), .most = sweep_ticks(2)};
    do {
        rc = fm_rate_take(rate, 1);
        if (rc == 0)
            rc = flaky(&made);
    } while (fm_retry_again(&retry, rc));
    return rc;
}

static int crawls(void *arg)
{
    int rc;
    void *value;
    fm_rate rate = {.tokens = 1, .seconds = sweep_ticks(1), .burst = 2};
    fm_gen *pages = fm_gen_go(maker, 3, 0, 0.5, 0);
    (void)arg;
    while ((rc = fm_gen_next(pages, &value)) == 1) {
        rc = crawl_page(&rate);
        fm__memory_free(value);
        if (rc < 0)
            break;
    }
    int end = fm_gen_close(pages);
    return rc < 0 ? rc : end;
}

const struct scenario sweep_pace[] = {
    {"ticker", ticks_alone, .wrong = no_tick_was_lost},
    {"ticker-late", ticks_late, .wrong = no_tick_was_lost},
    {"ticker-shared", ticks_shared, .wrong = no_tick_was_lost},
    {"rate-line", rate_in_line, .wrong = no_token_was_lost},
    {"rate-many", rate_of_many, .wrong = no_token_was_lost},
    {"rate-impatient", rate_impatient, .wrong = no_token_was_lost},
    {"retry", retries, .also = {-EHOSTUNREACH}},
    {"retry-in-vain", retries_in_vain, .result = -EHOSTUNREACH},
    {"retry-in-time", retries_in_time, .also = {-EHOSTUNREACH, -ETIMEDOUT}},
    {"retry-too-long", retries_too_long, .result = -ETIMEDOUT},
    {"gen", gen_makes, .wrong = all_six},
    {"gen-works", gen_works, .wrong = all_six},
    {"gen-fails", gen_fails, .result = -EPROTO},
    {"gen-nested", gen_nested, .wrong = all_six},
    {"gen-left", gen_left_early, .wrong = NULL},
    {"gen-unasked", gen_never_asked, .wrong = NULL},
    {"gen-timeout", gen_impatient, .result = -ETIMEDOUT},
    {"gen-children", gen_with_children, .wrong = NULL},
    {"gen-crowd", gen_crowd, .wrong = NULL},
    {"gen-shield", gen_shielded, .wrong = NULL},
    {"crawl", crawls, .also = {-EHOSTUNREACH}},
    {.name = NULL},
};
