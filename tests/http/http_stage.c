/*
 * http_stage.c - a server that says what it was told to, whatever it is asked
 */
#include "http/http_stage.h"

#include "harness.h"

#include <stdio.h>
#include <strings.h>
#include <sys/socket.h>

/* The head of a request; its body, if there is one, is not looked at. */
static ssize_t stage_hear(struct stage *stage, fm_stream *stream)
{
    size_t size = strlen(stage->heard);
    ssize_t n = fm_read_until(stream, "\r\n\r\n", stage->heard + size,
                              STAGE_ROOM - 2 - size);
    if (n <= 0) {
        stage->heard[size] = '\0';
        return n;
    }
    memcpy(stage->heard + size + n - 2, "|", sizeof "|");
    return n;
}

/* A peer that is gone has said so to nobody: its end is the reset. */
static int stage_end(fm_stream *stream, enum stage_then then)
{
    if (then == STAGE_WAITS)
        return fm_read(stream, &(char){0}, 1) < 0;
    return then == STAGE_RESETS ? -ECONNRESET : 0;
}

static int stage_serve(fm_stream *stream, void *arg)
{
    struct stage *stage = arg;
    enum stage_then then = STAGE_STAYS;
    stage->connections++;
    while (then == STAGE_STAYS && stage_hear(stage, stream) > 0) {
        const struct stage_act *act = stage->act;
        int index = stage->requests++;
        CHECK(act->says != NULL);
        if (act->says == NULL)
            return 0;
        size_t size =
            stage->sizes != NULL ? stage->sizes[index] : strlen(act->says);
        stage->act++;
        then = act->then;
        if (fm_write(stream, act->says, size) < 0 || fm_flush(stream) < 0)
            return 0;
    }
    return stage_end(stream, then);
}

static int stage_run(void *arg)
{
    struct stage *stage = arg;
    return fm_serve(stage->listener, stage_serve, stage);
}

void stage_open(struct stage *stage, const struct stage_act *acts)
{
    memset(stage, 0, sizeof *stage);
    stage->act = acts;
    CHECK_INT(fm_listen("127.0.0.1:0", &stage->listener), 0);
    fm_address_format(fm_listener_address(stage->listener), stage->address);
    snprintf(stage->url, sizeof stage->url, "http://%s/", stage->address);
    stage->server = fm_start(stage_run, stage);
}

void stage_close(struct stage *stage)
{
    fm_stop(stage->server);
}

const char *stage_field(const struct stage *stage, int index, const char *name)
{
    static char value[256];
    const char *at = stage->heard;
    size_t size = strlen(name);
    while (index-- > 0 && at != NULL)
        at = (at = strchr(at, '|')) != NULL ? at + 1 : NULL;
    if (at == NULL)
        return "?";
    const char *end = strchr(at, '|');
    for (; at != NULL && at < end; at = strstr(at, "\r\n")) {
        at += at[0] == '\r' ? 2 : 0;
        if (strncasecmp(at, name, size) == 0 && at[size] == ':') {
            size_t length = strcspn(at + size + 2, "\r|");
            snprintf(value, sizeof value, "%.*s", (int)length, at + size + 2);
            return value;
        }
    }
    return "-";
}

void stage_same(const char *file, int line, const char *left, const char *right)
{
    if (strcmp(left, right) != 0)
        test_fail(file, line, "\"%s\", not \"%s\"", left, right);
}
