/*
 * sensor.c - another thread has news, and a task waits for them
 */
#include <fermata.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

/* What a library might do: a thread of its own, which calls back. */
struct sensor {
    pthread_t thread;
    void (*measured)(int degrees);
};

static void *sensor_main(void *arg)
{
    struct sensor *sensor = arg;
    const struct timespec pause = {.tv_nsec = 20000000};
    for (int degrees = 20; degrees < 23; degrees++) {
        nanosleep(&pause, NULL);
        sensor->measured(degrees);
    }
    return NULL;
}

/* [post] */
struct reading {
    int degrees;
};

/* Static: what was posted may arrive as late as the end of fm_run. */
static struct {
    fm_remote *remote;
    fm_queue *queue; /* NULL: nobody waits any more */
    struct reading readings[3];
    int count;
} station;

/* On the loop, between two tasks: whoever waits for it is woken. */
static void arrive(void *arg)
{
    if (fm_queue_put_try(station.queue, arg) < 0)
        puts("nobody has time for this");
}

/* On the sensor's thread: no task and no queue may be touched here. */
static void measured(int degrees)
{
    struct reading *reading = &station.readings[station.count++];
    reading->degrees = degrees;
    int rc = fm_post(station.remote, arrive, reading);
    if (rc < 0)
        printf("too late: %s\n", fm_strerror(rc));
}
/* [/post] */

static int watch(void)
{
    void *item;
    int rc = 0;
    for (int i = 0; rc == 0 && i < 3; i++) {
        rc = fm_queue_get(station.queue, &item);
        if (rc == 0)
            printf("%d degrees\n", ((struct reading *)item)->degrees);
    }
    return rc;
}

/* [get] */
static int story(void *arg)
{
    (void)arg;
    struct sensor sensor = {.measured = measured};
    station.remote = fm_remote_get();
    station.queue = fm_queue_new(3);
    if (pthread_create(&sensor.thread, NULL, sensor_main, &sensor) != 0)
        return -EAGAIN;
    int rc = watch();
    fm_queue_free(station.queue);
    station.queue = NULL;
    pthread_join(sensor.thread, NULL);
    fm_remote_put(station.remote);
    return rc;
}
/* [/get] */

int main(void)
{
    return fm_run(story, NULL) < 0;
}
