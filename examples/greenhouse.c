/*
 * greenhouse.c - one thermometer, three who listen, and an end that flows
 *
 * Ctrl-C ends it; after 30 readings it presses that itself.
 */
#include <errno.h>
#include <fermata.h>
#include <signal.h>
#include <stdio.h>

#define SPAN 0.01 /* seconds from one reading to the next */

/* [house] */
struct reading {
    int number;
    int degrees;
};

struct state {
    int readings;
    int vents; /* opened so far */
};

FM_BROADCAST_OF(readings, struct reading);
FM_QUEUE_OF(alarms, struct reading);
FM_CELL_OF(board, struct state);

struct house {
    readings *readings;
    alarms *alarms; /* the hottest first */
    board *board;
    struct state state;
};
/* [/house] */

static bool is_hotter(const void *a, const void *b)
{
    const struct reading *one = a, *other = b;
    return one->degrees > other->degrees;
}

/* [thermometer] */
static int thermometer(void *arg)
{
    struct house *house = arg;
    struct reading reading = {0};
    fm_ticker ticker;
    int rc = fm_ticker_init(&ticker, SPAN);
    while (rc >= 0 && (rc = fm_ticker_wait(&ticker)) > 0) {
        reading.number++;
        reading.degrees = 20 + reading.number * 7 % 20;
        rc = readings_send(house->readings, reading);
        if (reading.number == 30)
            raise(SIGINT);
    }
    return rc;
}
/* [/thermometer] */

/* What has come to its end has not failed. */
static int ended(int rc)
{
    return rc == -ESHUTDOWN ? 0 : rc;
}

/* [log] */
static int keep_log(void *arg)
{
    struct house *house = arg;
    struct reading reading;
    readings_subscriber self;
    int rc;
    readings_subscribe(house->readings, &self, NULL);
    while ((rc = readings_receive(&self, &reading)) == 0) {
        house->state.readings++;
        board_set(house->board, house->state);
    }
    readings_unsubscribe(&self);
    return ended(rc);
}
/* [/log] */

/* [dial] */
/* The hand of the dial is slow, and always shows something recent. */
static int turn_dial(void *arg)
{
    struct house *house = arg;
    struct reading reading;
    readings_subscriber self;
    int rc;
    readings_subscribe(house->readings, &self,
                       &(fm_subscriber_options){.lossy = true});
    do {
        rc = readings_receive(&self, &reading);
        if (rc == 0) {
            printf("the dial: %d degrees\n", reading.degrees);
            rc = fm_sleep(5 * SPAN);
        }
    } while (rc == 0 || rc == -FM_ELAGGED);
    readings_unsubscribe(&self);
    return ended(rc);
}
/* [/dial] */

/* [guard] */
static int stand_guard(void *arg)
{
    struct house *house = arg;
    struct reading reading;
    readings_subscriber self;
    int rc;
    readings_subscribe(house->readings, &self, NULL);
    while ((rc = readings_receive(&self, &reading)) == 0) {
        if (reading.degrees > 32)
            rc = alarms_put(house->alarms, reading);
        if (rc < 0)
            break;
    }
    readings_unsubscribe(&self);
    alarms_shutdown(house->alarms, false);
    return ended(rc);
}

static int gardener(void *arg)
{
    struct house *house = arg;
    struct reading alarm;
    int rc;
    while ((rc = alarms_get(house->alarms, &alarm)) == 0) {
        rc = fm_sleep(10 * SPAN);
        if (rc < 0)
            break;
        printf("a vent for reading %d, %d degrees\n", alarm.number,
               alarm.degrees);
        house->state.vents++;
        board_set(house->board, house->state);
    }
    return ended(rc);
}
/* [/guard] */

/* [screen] */
static int screen(void *arg)
{
    struct house *house = arg;
    struct state state;
    uint64_t seen = 0;
    int rc;
    while ((rc = board_get_newer(house->board, &state, &seen)) == 0) {
        printf("%d readings, %d vents\n", state.readings, state.vents);
        rc = fm_sleep(10 * SPAN);
        if (rc < 0)
            break;
    }
    return ended(rc);
}
/* [/screen] */

/* [tend] */
static int tend(struct house *house)
{
    static int (*const parts[])(void *) = {keep_log, turn_dial, stand_guard,
                                           gardener, gardener};
    int rc;
    FM_TASK showing = fm_start(screen, house);
    FM_TASK measuring = fm_start(thermometer, house);
    FM_GROUP(g, rc) {
        for (size_t i = 0; rc == 0 && i < sizeof parts / sizeof *parts; i++)
            rc = fm_group_start(g, parts[i], house);
        if (rc == 0)
            rc = fm_signal_wait(SIGINT);
        fm_stop(measuring);
        readings_shutdown(house->readings);
    }
    board_shutdown(house->board);
    int shown = fm_await(showing);
    return rc < 0 ? rc : shown;
}
/* [/tend] */

static int story(void *arg)
{
    struct house house = {0};
    (void)arg;
    house.readings = readings_new(4);
    house.alarms = alarms_new(16, &(fm_queue_options){.before = is_hotter});
    house.board = board_new();
    int rc = tend(&house);
    readings_free(house.readings);
    alarms_free(house.alarms);
    board_free(house.board);
    return rc;
}

int main(void)
{
    return fm_run(story, NULL) < 0;
}
