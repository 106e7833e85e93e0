/*
 * http_play.c - a client's words, and what a server says to them
 */
#include "http/http_play.h"

#include "harness.h"

#ifdef __clang__
#define PLAY_SMALL 0
#else
#define PLAY_SMALL 16384
#endif

struct play_client {
    struct play *play;
    fm_stream *stream;
};

static int play_say(struct play_client *self)
{
    struct play *play = self->play;
    size_t size = play->size > 0 ? play->size : strlen(play->words);
    size_t piece = play->piece > 0 ? play->piece : size;
    for (size_t at = 0; at < size; at += piece) {
        size_t part = piece < size - at ? piece : size - at;
        ssize_t rc = fm_write(self->stream, play->words + at, part);
        if (rc < 0)
            return 0; /* it hears why */
        if (play->pause > 0)
            fm_sleep(play->pause);
    }
    if (!play->stays)
        fm_write_eof(self->stream);
    return 0;
}

static int play_hear(struct play_client *self)
{
    struct play *play = self->play;
    ssize_t rc = 1;
    while (rc > 0 && play->answered < PLAY_ROOM - 1) {
        rc = fm_read(self->stream, play->answer + play->answered,
                     PLAY_ROOM - 1 - play->answered);
        if (rc > 0)
            play->answered += (size_t)rc;
    }
    play->answer[play->answered] = '\0';
    return 0;
}

void play(struct play *play)
{
    fm_stream *ends[2];
    play->answered = 0;
    play->options.keep_half_closed = true; /* it is still there to hear */
    CHECK_INT(fm_stream_pair(ends), 0);
    struct play_client client = {play, ends[0]};
    fm_task *saying = fm_start((int (*)(void *))play_say, &client);
    fm_task *hearing = fm_start((int (*)(void *))play_hear, &client);
    play->result =
        fm_http_serve_stream(ends[1], play->handler, play->arg, &play->options);
    fm_close(ends[1]);
    CHECK_INT(fm_await(hearing), 0);
    fm_stop(saying);
    fm_close(ends[0]);
}

/* "Date: Sun, 06 Nov 1994 08:49:37 GMT" is whenever it is. */
static void play_undate(struct play *play)
{
    char *at = play->answer;
    while ((at = strstr(at, "Date: ")) != NULL) {
        at += strlen("Date: ");
        char *end = strstr(at, "\r\n");
        CHECK(end != NULL);
        *at++ = '-';
        memmove(at, end, strlen(end) + 1);
    }
}

void play_answers(struct play *self, const char *wanted)
{
    play(self);
    play_undate(self);
    if (strcmp(self->answer, wanted) != 0)
        test_fail(__FILE__, __LINE__, "\"%s\", not \"%s\"", self->answer,
                  wanted);
}

size_t play_small_stack(void)
{
    return fm_dense_refused() == NULL ? PLAY_SMALL : 0;
}
