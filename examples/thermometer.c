/*
 * thermometer.c - the latest value, for who is slower than it changes
 */
#include <fermata.h>
#include <stdio.h>

/* [sensor] */
FM_CELL_OF(thermometer, double);

static int sensor(void *outside)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < 5; i++) {
        rc = thermometer_set(outside, 20 + i * 0.5);
        if (rc == 0)
            rc = fm_sleep(0.1);
    }
    thermometer_shutdown(outside);
    return rc;
}
/* [/sensor] */

/* [display] */
/* Drawing takes longer than the next value. */
static int display(thermometer *outside)
{
    double degrees;
    uint64_t seen = 0;
    int rc = 0;
    while (rc == 0) {
        rc = thermometer_get_newer(outside, &degrees, &seen);
        if (rc == 0) {
            printf("%.1f degrees\n", degrees);
            rc = fm_sleep(0.25);
        }
    }
    return rc == -ESHUTDOWN ? 0 : rc;
}
/* [/display] */

static int weather(void *arg)
{
    thermometer *outside = thermometer_new();
    (void)arg;
    fm_task *measures = fm_start(sensor, outside);
    int rc = display(outside);
    int ended = fm_stop(measures);
    thermometer_free(outside);
    return rc < 0 ? rc : ended;
}

int main(void)
{
    return fm_run(weather, NULL) < 0;
}
