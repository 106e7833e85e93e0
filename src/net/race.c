/*
 * race.c - Happy Eyeballs, version 2 (RFC 8305)
 *
 * Both families are asked for at once, each by a task. What they find lies in
 * one list for each family, and the two are drawn from by turns, IPv6 first.
 * The attempts are members of a group: its stagger is the distance between
 * two starts, its first success cancels the others. An attempt draws its
 * address when it begins and not when it is asked for, so that an answer which
 * came while it waited for its turn takes part.
 *
 * Invariant: `listed` minus `claimed` addresses are left for further attempts.
 */
#include "net/race.h"

#include "base/memory.h"
#include "net/target.h"
#include "task/record.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/group.h>
#include <fermata/timeout.h>
#include <netinet/in.h>

enum race_side {
    RACE_V6,
    RACE_V4,
    RACE_SIDES
};

/* One family. */
struct race_answer {
    bool pending;
    int error; /* of the lookup, or 0 */
    size_t drawn;
    struct fm__found found; /* all zero until the answer is there */
};

struct race {
    const struct fm__race_call *call;
    struct race_answer answers[RACE_SIDES];
    enum race_side next; /* whose turn it is */
    size_t listed;
    size_t claimed;       /* by attempts that were started */
    struct fm__list line; /* the caller, when it waits for an answer */
    int fd;               /* the winner; -1: none */
    int failure;          /* the best of the attempts', or 0 */
};

FM__PER_THREAD fm__race_names_fn fm__race_names;

struct race_lookup {
    struct race *race;
    enum race_side side;
};

static int race_find(const struct race *race, int family,
                     struct fm__found *found)
{
    const struct fm__race_call *call = race->call;
    if (fm__race_names != NULL)
        return fm__race_names(call->host, family, found);
    return fm__resolve_family(call->resolver, call->host, family, found);
}

/* One that was cancelled is no longer needed, and tells nothing. */
static int race_lookup(struct race_lookup *self)
{
    struct race *race = self->race;
    struct race_answer *answer = &race->answers[self->side];
    int family = self->side == RACE_V6 ? AF_INET6 : AF_INET;
    int rc = race_find(race, family, &answer->found);
    if (rc < 0)
        answer->found.count = 0;
    answer->error = rc != -ECANCELED ? rc : 0;
    answer->pending = false;
    race->listed += answer->found.count;
    fm__wake_first(&race->line, 0);
    return rc == -ECANCELED ? rc : 0;
}

/* ---- What an error tells ------------------------------------------------ */

/* The higher it is the more: what this machine lacks, what the peer said,
 * that nobody said anything, and that there is no way. */
static int race_weight(int error)
{
    switch (error) {
    case -FM_EPEERTIMEOUT:
        return 2;
    case -EHOSTUNREACH:
        return 1;
    case -ENETUNREACH:
    case -ENETDOWN:
    case -EADDRNOTAVAIL:
    case -EAFNOSUPPORT:
        return 0;
    case -EMFILE:
    case -ENFILE:
    case -ENOMEM:
    case -ENOBUFS:
        return 4;
    default:
        return 3;
    }
}

/* The same of lookups: one that failed, no name, no address of this kind. */
static int race_lookup_weight(int error)
{
    if (error == -FM_ENODATA)
        return 0;
    return error == -FM_ENONAME ? 1 : 2;
}

void fm__race_note(fm_connect_failures *failures, const fm_address *address,
                   int error)
{
    if (failures == NULL)
        return;
    size_t i = failures->count++;
    if (i < FM_CONNECT_FAILURES) {
        failures->first[i].address = *address;
        failures->first[i].error = error;
    }
}

static int race_error(const struct race *race)
{
    int best = race->failure;
    for (int i = 0; race->failure == 0 && i < RACE_SIDES; i++) {
        int error = race->answers[i].error;
        if (error < 0 &&
            (best == 0 || race_lookup_weight(error) > race_lookup_weight(best)))
            best = error;
    }
    return best;
}

/* ---- Attempts ----------------------------------------------------------- */

static size_t race_left(const struct race_answer *answer)
{
    return answer->found.count - answer->drawn;
}

/* By turns, as far as both have any left (RFC 8305, 4). */
static fm_address race_draw(struct race *race)
{
    enum race_side side = race->next;
    if (race_left(&race->answers[side]) == 0)
        side = (enum race_side)(RACE_SIDES - 1 - side);
    struct race_answer *answer = &race->answers[side];
    fm_address address = answer->found.addresses[answer->drawn++];
    race->next = (enum race_side)(RACE_SIDES - 1 - side);
    fm__target_set_port(&address, race->call->port);
    return address;
}

static void race_failed(struct race *race, const fm_address *address, int error)
{
    fm__race_note(race->call->failures, address, error);
    if (race->failure == 0 || race_weight(error) > race_weight(race->failure))
        race->failure = error;
}

struct race_attempt {
    struct race *race;
};

/* Two may stand in one turn: then the first of them has won. */
static int race_attempt(struct race_attempt *self)
{
    struct race *race = self->race;
    fm_address address = race_draw(race);
    int fd = fm__dial(&address, &race->call->dialling);
    if (fd < 0 && fd != -ECANCELED)
        race_failed(race, &address, fd);
    if (fd < 0)
        return fd;
    if (race->fd < 0)
        race->fd = fd;
    else
        fm__loop_close_fd(&fm__current->home->loop, fd);
    return 0;
}

/* ---- Waiting for addresses ---------------------------------------------- */

static bool race_is_pending(const struct race *race)
{
    return race->answers[RACE_V6].pending || race->answers[RACE_V4].pending;
}

static const struct fm__wait_kind race_kind = {
    .cut = fm__park_cut,
    .name = "addresses",
};

static int race_wait(struct race *race)
{
    struct fm__queued queued;
    int rc = fm__checkpoint(fm__current, "fm_connect");
    return rc < 0 ? rc : fm__park_in(&race->line, &queued, &race_kind);
}

/* The first IPv4 addresses wait a moment for those of IPv6 (RFC 8305, 3). */
static int race_prefer(struct race *race)
{
    const struct race_answer *v6 = &race->answers[RACE_V6];
    int rc;
    if (race->claimed > 0 || !v6->pending)
        return 0;
    FM_TIMEOUT(FM__RACE_RESOLUTION, rc) {
        while (rc == 0 && v6->pending)
            rc = race_wait(race);
    }
    return rc == -ETIMEDOUT ? 0 : rc;
}

/* 1: there is another address to try; 0: there will be none; or -errno. */
static int race_next(struct race *race)
{
    int rc = 0;
    while (rc == 0 && race->listed == race->claimed) {
        if (!race_is_pending(race))
            return 0;
        rc = race_wait(race);
    }
    if (rc == 0)
        rc = race_prefer(race);
    return rc < 0 ? rc : 1;
}

/* ---- The race ----------------------------------------------------------- */

static int race_ask(struct race *race, fm_group *lookups)
{
    const fm_address *source = race->call->dialling.source;
    int family = source != NULL ? source->storage.ss_family : AF_UNSPEC;
    int rc = 0;
    race->answers[RACE_V6].pending = family != AF_INET;
    race->answers[RACE_V4].pending = family != AF_INET6;
    for (int i = 0; rc == 0 && i < RACE_SIDES; i++) {
        if (race->answers[i].pending)
            rc = fm_group_go(lookups, race_lookup, race, (enum race_side)i);
    }
    return rc;
}

static int race_run(struct race *race)
{
    int rc;
    FM_GROUP(attempts, rc, .policy = FM_FIRST_SUCCESS,
             .stagger = race->call->stagger) {
        while ((rc = race_next(race)) > 0) {
            rc = fm_group_go(attempts, race_attempt, race);
            if (rc < 0)
                break;
            race->claimed++;
        }
    }
    return rc;
}

/* What had stood before a cut reached it has won; otherwise the cut comes
 * before what failed until then. */
static int race_result(const struct race *race, int rc)
{
    struct fm__task *self = fm__current;
    if (race->fd >= 0)
        return race->fd;
    int cut = self->cut ? fm__cut_reason(self) : 0;
    if (cut < 0)
        return cut;
    int error = race_error(race);
    if (rc < 0 && (rc == -ENOMEM || error == 0)) /* no task for the next */
        return rc;
    return error < 0 ? error : -ECANCELED; /* of the lookups alone */
}

int fm__race(const struct fm__race_call *call)
{
    struct race *race = fm__memory_new(sizeof *race);
    int rc;
    if (race == NULL)
        return -ENOMEM;
    race->call = call;
    race->fd = -1;
    fm__list_init(&race->line);
    FM_GROUP(lookups, rc, .policy = FM_COLLECT) {
        rc = race_ask(race, lookups);
        if (rc == 0)
            rc = race_run(race);
        fm_group_cancel(lookups);
    }
    rc = race_result(race, rc);
    fm__memory_free(race);
    return rc;
}
