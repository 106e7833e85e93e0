/*
 * radio.c - every message to everybody who listens, also to the sleepy
 */
#include <fermata.h>
#include <stdio.h>

/* [radio] */
FM_BROADCAST_OF(radio, int);

/* One song after another, and then the end. */
static int studio(void *channel)
{
    int rc = 0;
    for (int song = 1; rc == 0 && song <= 6; song++) {
        rc = radio_send(channel, song);
        if (rc == 0)
            rc = fm_sleep(0.06);
    }
    radio_shutdown(channel);
    return rc;
}
/* [/radio] */

/* [recorder] */
struct recorder {
    radio *channel;
};

/* Has every song; the studio would wait for it. */
static int recorder(struct recorder *self)
{
    radio_subscriber reader;
    int song, rc;
    radio_subscribe(self->channel, &reader, NULL);
    while ((rc = radio_receive(&reader, &song)) == 0)
        printf("recorded: song %d\n", song);
    radio_unsubscribe(&reader);
    return rc == -ESHUTDOWN ? 0 : rc;
}
/* [/recorder] */

/* [dreamer] */
struct dreamer {
    radio *channel;
};

/* Nobody waits for a dreamer, who learns how much was missed. */
static int dreamer(struct dreamer *self)
{
    const fm_subscriber_options options = {.lossy = true};
    radio_subscriber reader;
    int song, rc = 0;
    radio_subscribe(self->channel, &reader, &options);
    while (rc == 0) {
        rc = radio_receive(&reader, &song);
        if (rc == -FM_ELAGGED) {
            printf("missed: %d\n", (int)radio_lost(&reader));
            rc = 0;
        } else if (rc == 0) {
            printf("heard: song %d\n", song);
            rc = fm_sleep(0.21);
        }
    }
    radio_unsubscribe(&reader);
    return rc == -ESHUTDOWN ? 0 : rc;
}
/* [/dreamer] */

/* [evening] */
static int evening(void *arg)
{
    radio *channel = radio_new(2);
    int rc;
    (void)arg;
    FM_GROUP(g, rc) {
        rc = fm_group_go(g, recorder, channel);
        if (rc == 0)
            rc = fm_group_go(g, dreamer, channel);
        if (rc == 0)
            rc = fm_group_start(g, studio, channel);
    }
    radio_free(channel);
    return rc;
}
/* [/evening] */

int main(void)
{
    return fm_run(evening, NULL) < 0;
}
