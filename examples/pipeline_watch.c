/*
 * pipeline_watch.c - the windows of pipeline.c, told to who watches them
 */
#include "pipeline_watch.h"

#define JSON 192 /* bytes of a window's */

static struct moment *now; /* or NULL: none has begun */
static uint64_t beats;     /* so far */
static fm_event beaten;    /* wakes who waits for the next one */

static size_t watch_json(const struct slot *slot, char text[JSON])
{
    const struct pipeline_window *window = &slot->window;
    int size = snprintf(
        text, JSON,
        "{\"start\":%lld,\"seconds\":%lld,\"requests\":%u,\"errors\":%u,"
        "\"bytes\":%llu,\"closed\":%s}",
        (long long)window->start, (long long)now->span, window->requests,
        window->errors, (unsigned long long)window->bytes,
        slot->open ? "false" : "true");
    return (size_t)size;
}

/* [watch] */
/* What has changed since it was told: who is slow is told less often. */
static int tell(void *ws)
{
    char text[JSON];
    uint64_t told = 0;
    int rc = 0;
    while (rc == 0) {
        struct slot *slot;
        uint64_t latest = beats;
        for (int64_t at = -1;
             now != NULL && rc == 0 && (slot = slot_after(now, at)) != NULL;) {
            at = slot->window.start;
            if (slot->beat > told)
                rc = fm_ws_send(ws, FM_WS_TEXT, text, watch_json(slot, text));
        }
        told = latest;
        if (rc == 0 && beats == told)
            rc = fm_event_wait(&beaten);
    }
    return rc;
}

int pipeline_watch(fm_exchange *exchange, void *arg)
{
    fm_ws_message message;
    fm_ws *ws;
    (void)arg;
    int rc = fm_ws_accept(exchange, &ws);
    if (rc < 0)
        return rc;
    fm_task *teller = fm_start(tell, ws);
    while (fm_ws_receive(ws, &message) > 0)
        ;
    fm_stop(teller);
    return fm_ws_close(ws, 0, NULL);
}
/* [/watch] */

void watch_begin(struct moment *moment)
{
    now = moment;
}

void watch_beat(void)
{
    beats++;
    for (struct slot *slot = now->slots; slot < now->slots + SLOTS; slot++) {
        slot->beat = slot->changed ? beats : slot->beat;
        slot->changed = false;
    }
    fm_event_set(&beaten);
    fm_event_clear(&beaten);
}
