/*
 * h2_play.c - scripts that are played on a connection of HTTP/2
 */
#include "http/h2_play.h"

#include "harness.h"

#include <stdarg.h>
#include <stdlib.h>

enum {
    PLAY_PATIENCE = 60, /* seconds */
    PLAY_LINES = 4096   /* bytes of a script */
};

/* ---- what is said -------------------------------------------------------- */

static void play_say_line(struct h2_play *self, const char *line)
{
    char raw[PLAY_LINES];
    struct h2_frame_bytes *said = &self->said;
    bool bytes = strncmp(line, "raw ", 4) == 0;
    snprintf(raw, sizeof raw, "DATA 0 .raw=%s", bytes ? line + 4 : "");
    if (bytes)
        line = raw;
    h2_words_write(line, strlen(line), said);
    for (size_t i = 0; i < said->times; i++)
        h2_say(self, said->bytes + (bytes ? H2_HEAD : 0),
               said->size - (bytes ? H2_HEAD : 0));
}

/* ---- what is waited for -------------------------------------------------- */

/* A frame as a line tells it; below 0: any. */
struct play_wish {
    long type;
    long stream;
    long status;
    unsigned flags;
    unsigned errors; /* one bit each */
};

/* For more. False: nothing will come. */
static bool play_wait(struct h2_play *self)
{
    int rc;
    if (self->ended)
        h2_fail(self, "it has ended");
    if (self->failed)
        return false;
    fm_event_clear(&self->heard);
    FM_TIMEOUT(PLAY_PATIENCE, rc) {
        rc = fm_event_wait(&self->heard);
    }
    if (rc < 0)
        h2_fail(self, "nothing was heard");
    return rc == 0;
}

static void play_wait_end(struct h2_play *self)
{
    while (!self->ended && play_wait(self))
        continue;
}

static void play_wish_word(struct play_wish *wish, char *word)
{
    char *rest = NULL;
    if (strcmp(word, "end") == 0 || strcmp(word, "ack") == 0) {
        wish->flags = H2_END;
    } else if (word[0] >= '0' && word[0] <= '9') {
        wish->status = strtol(word, NULL, 10);
    } else {
        for (char *one = strtok_r(word, "|", &rest); one != NULL;
             one = strtok_r(NULL, "|", &rest))
            wish->errors |= 1U << h2_words_number(one);
    }
}

static bool play_is(const struct play_wish *wish, const struct h2_frame *frame)
{
    bool fails = frame->type == H2_GOAWAY || frame->type == H2_RST_STREAM;
    return (wish->type < 0 || wish->type == frame->type) &&
           (wish->stream < 0 || (uint32_t)wish->stream == frame->stream) &&
           (wish->status < 0 || wish->status == frame->status) &&
           (frame->flags & wish->flags) == wish->flags &&
           (wish->errors == 0 || (fails && frame->number < 32 &&
                                  (wish->errors & 1U << frame->number) != 0));
}

static struct h2_frame *play_find(struct h2_play *self,
                                  const struct play_wish *wish)
{
    for (size_t i = 0; i < self->frames_count; i++) {
        struct h2_frame *frame = &self->frames[i];
        if (!frame->taken && play_is(wish, frame))
            return frame;
    }
    return NULL;
}

/* NULL: it does not come. */
static struct h2_frame *play_await(struct h2_play *self,
                                   const struct play_wish *wish)
{
    struct h2_frame *frame;
    while ((frame = play_find(self, wish)) == NULL) {
        if (!play_wait(self))
            return NULL;
    }
    frame->taken = true;
    return frame;
}

static void play_await_error(struct h2_play *self, struct play_wish wish)
{
    struct play_wish whole = wish;
    struct h2_frame *frame;
    wish.type = H2_RST_STREAM;
    whole.type = H2_GOAWAY;
    whole.stream = 0;
    while ((frame = play_find(self, &wish)) == NULL &&
           (frame = play_find(self, &whole)) == NULL) {
        if (!play_wait(self))
            return;
    }
    frame->taken = true;
    if (frame->type == H2_GOAWAY)
        play_wait_end(self);
}

static void play_await_reply(struct h2_play *self, struct play_wish wish)
{
    wish.type = H2_HEADERS;
    struct h2_frame *frame = play_await(self, &wish);
    if (frame == NULL || (frame->flags & H2_END) != 0)
        return;
    (void)play_await(self, &(struct play_wish){.type = -1,
                                               .stream = wish.stream,
                                               .status = -1,
                                               .flags = H2_END});
}

static void play_check_alive(struct h2_play *self)
{
    play_say_line(self, "PING 0");
    (void)play_await(
        self, &(struct play_wish){
                  .type = H2_PING, .stream = 0, .status = -1, .flags = H2_END});
}

static void play_check_body(struct h2_play *self, const struct play_wish *wish)
{
    size_t size = (size_t)wish->status;
    while (h2_heard_body(self, (uint32_t)wish->stream) < size) {
        if (!play_wait(self))
            return;
    }
    play_check_alive(self);
    if (h2_heard_body(self, (uint32_t)wish->stream) != size)
        h2_fail(self, "another size of a body");
}

static void play_check_none(struct h2_play *self, char *rest)
{
    char *type = strtok_r(NULL, " ", &rest);
    char *stream = strtok_r(NULL, " ", &rest);
    const struct play_wish wish = {.type = h2_words_type(type),
                                   .stream = strtol(stream, NULL, 10),
                                   .status = -1};
    if (play_find(self, &wish) != NULL)
        h2_fail(self, "it was heard");
}

/* ---- a script ------------------------------------------------------------ */

static void play_hear_line(struct h2_play *self, char *line)
{
    char *rest = NULL, *word;
    struct play_wish wish = {-1, -1, -1, 0, 0};
    const char *what = strtok_r(line, " ", &rest);
    if (strcmp(what, "none") == 0) {
        play_check_none(self, rest);
        return;
    }
    word = strtok_r(NULL, " ", &rest);
    if (word != NULL)
        wish.stream = strtol(word, NULL, 10);
    while ((word = strtok_r(NULL, " ", &rest)) != NULL)
        play_wish_word(&wish, word);
    if (strcmp(what, "alive") == 0) {
        play_check_alive(self);
    } else if (strcmp(what, "end") == 0) {
        play_wait_end(self);
    } else if (strcmp(what, "reply") == 0) {
        play_await_reply(self, wish);
    } else if (strcmp(what, "body") == 0) {
        play_check_body(self, &wish);
    } else if (strcmp(what, "error") == 0) {
        play_await_error(self, wish);
    } else {
        wish.type = h2_words_type(what);
        CHECK(wish.type >= 0);
        struct h2_frame *frame = play_await(self, &wish);
        if (frame != NULL && frame->type == H2_GOAWAY && frame->number != 0)
            play_wait_end(self);
    }
}

void h2_play(struct h2_play *self, const char *format, ...)
{
    char lines[PLAY_LINES], *rest = NULL;
    va_list args;
    va_start(args, format);
    int size = vsnprintf(lines, sizeof lines, format, args);
    va_end(args);
    CHECK(size >= 0 && (size_t)size < sizeof lines);
    for (char *line = strtok_r(lines, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        if (self->failed)
            return;
        char told[128];
        snprintf(told, sizeof told, "%.120s", line);
        self->line = told;
        CHECK((line[0] == '>' || line[0] == '<') && line[1] == ' ');
        if (line[0] == '>')
            play_say_line(self, line + 2);
        else
            play_hear_line(self, line + 2);
        self->line = "";
    }
}

static struct h2_play play_scene;

static void play_row(const struct h2_row *row, size_t piece)
{
    memset(&play_scene, 0, sizeof play_scene);
    play_scene.rule = row->rule;
    play_scene.piece = piece;
    h2_open(&play_scene);
    h2_play(&play_scene, "%s", row->script);
    h2_close(&play_scene);
}

void h2_rows(const struct h2_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        play_row(&rows[i], 0);
        play_row(&rows[i], 1);
    }
}
