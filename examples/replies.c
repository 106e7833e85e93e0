/*
 * replies.c - questions and answers that meet in futures
 */
#include <errno.h>
#include <fermata.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* [ask] */
struct question {
    const char *text;
    double seconds; /* that the answer takes */
    fm_future *reply;
};

struct ask {
    fm_queue *oracle;
    const char *text;
    double seconds;
};

/* Both sides have a share: who asks may lose patience, and go. */
static int put_question(const struct ask *ask, fm_future *reply)
{
    struct question *question = malloc(sizeof *question);
    if (question == NULL)
        return -ENOMEM;
    *question =
        (struct question){ask->text, ask->seconds, fm_future_get(reply)};
    int rc = fm_queue_put(ask->oracle, question);
    if (rc < 0) {
        fm_future_put(reply);
        free(question);
    }
    return rc;
}

static int ask(struct ask *self)
{
    int rc;
    void *answer;
    fm_future *reply = fm_future_new();
    FM_TIMEOUT(2, rc) {
        rc = put_question(self, reply);
        if (rc == 0)
            rc = fm_future_wait(reply, &answer);
    }
    if (rc >= 0)
        printf("%s %s, after %d s\n", self->text, (const char *)answer, rc);
    else
        printf("%s %s\n", self->text, fm_strerror(rc));
    fm_future_put(reply);
    return 0;
}
/* [/ask] */

/* [answer] */
/* Each question has a task of its own, so the answers overtake each other. */
static int think(void *arg)
{
    static char yes[] = "yes";
    struct question *question = arg;
    int rc = fm_sleep(question->seconds);
    if (rc == 0)
        rc = (int)question->seconds;
    fm_future_set(question->reply, rc, yes);
    fm_future_put(question->reply);
    free(question);
    return 0;
}

static int oracle(void *arg)
{
    int rc;
    void *question;
    FM_GROUP(group, rc) {
        while ((rc = fm_queue_get(arg, &question)) == 0 && question != NULL)
            rc = fm_group_start(group, think, question);
    }
    return rc;
}
/* [/answer] */

static int ask_all(fm_queue *queue)
{
    fm_task *answers = fm_start(oracle, queue);
    int rc = fm_gather(fm_go(ask, queue, "Is it late?", 1),
                       fm_go(ask, queue, "Is it far?", 3),
                       fm_go(ask, queue, "Is it dark?", 0));
    if (rc == 0)
        rc = fm_queue_put(queue, NULL);
    int end = fm_await(answers);
    return rc < 0 ? rc : end;
}

/* [thread] */
struct sensor {
    fm_future *reading;
    fm_remote *loop; /* so that the simulator waits, too */
};

/* A thread of some library, which knows of no loop. */
static void *sensor_main(void *arg)
{
    struct sensor *sensor = arg;
    const struct timespec slow = {.tv_nsec = 20000000};
    nanosleep(&slow, NULL);
    fm_future_set(sensor->reading, 21, NULL);
    fm_future_put(sensor->reading);
    fm_remote_put(sensor->loop);
    return NULL;
}

static int measure(fm_future *reading)
{
    pthread_t thread;
    struct sensor sensor = {fm_future_get(reading), fm_remote_get()};
    if (pthread_create(&thread, NULL, sensor_main, &sensor) != 0)
        return -EAGAIN;
    int degrees = fm_future_wait(reading, NULL);
    printf("It is %d degrees.\n", degrees);
    pthread_join(thread, NULL);
    return 0;
}
/* [/thread] */

static int story(void *arg)
{
    (void)arg;
    fm_queue *queue = fm_queue_new(4);
    fm_future *reading = fm_future_new();
    int rc = ask_all(queue);
    if (rc == 0)
        rc = measure(reading);
    fm_future_put(reading);
    fm_queue_free(queue);
    return rc;
}

int main(void)
{
    return fm_run(story, NULL) < 0;
}
