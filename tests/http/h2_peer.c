/*
 * h2_peer.c - both ends of a connection of HTTP/2 that a script is played on
 */
#include "http/h2_play.h"

#include "harness.h"

#include <stdlib.h>

enum {
    PEER_PATIENCE = 60, /* seconds */
    PEER_BIG = 200000
};

/* ---- what is heard ------------------------------------------------------- */

static void peer_told(char *text, size_t room, const struct h2_frame *frame)
{
    const char *error = frame->type == H2_RST_STREAM || frame->type == H2_GOAWAY
                            ? h2_words_of_error(frame->number)
                            : "";
    snprintf(text, room, "%s %u %u flags %x %s%s\n",
             h2_words_of_type(frame->type), frame->stream, frame->status,
             frame->flags, error, frame->taken ? " (taken)" : "");
}

/* Fails once, and says what was heard last; the rest is not played. */
void h2_fail(struct h2_play *self, const char *why)
{
    if (self->failed)
        return;
    self->failed = true;
    char text[4096] = "";
    size_t count = self->frames_count, size = 0;
    for (size_t i = count > 16 ? count - 16 : 0; i < count; i++) {
        peer_told(text + size, sizeof text - size, &self->frames[i]);
        size += strlen(text + size);
    }
    test_fail(__FILE__, __LINE__, "%s: %s: %s, by %zu; heard:\n%s%s",
              self->rule != NULL ? self->rule : "", self->line, why,
              self->piece, text, self->ended ? "the end" : "");
}

static uint32_t peer_number(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
           (uint32_t)bytes[2] << 8 | bytes[3];
}

/* What no message of HTTP/2 has (RFC 9113, 8.2). */
static void peer_check_name(const nghttp2_nv *field)
{
    static const char *const banned[] = {"connection", "keep-alive",
                                         "transfer-encoding", "upgrade",
                                         "proxy-connection"};
    for (size_t i = 0; i < sizeof banned / sizeof *banned; i++)
        CHECK(field->namelen != strlen(banned[i]) ||
              memcmp(field->name, banned[i], field->namelen) != 0);
    for (size_t i = 0; i < field->namelen; i++)
        CHECK(field->name[i] < 'A' || field->name[i] > 'Z');
}

/* What a block says of the status. */
static uint16_t peer_inflate(struct h2_play *self)
{
    const uint8_t *at = self->block;
    size_t left = self->block_size;
    uint16_t status = 0;
    int flags = 0;
    while ((flags & NGHTTP2_HD_INFLATE_FINAL) == 0) {
        nghttp2_nv field;
        ssize_t rc =
            nghttp2_hd_inflate_hd2(self->inflater, &field, &flags, at, left, 1);
        CHECK(rc >= 0);
        at += rc;
        left -= (size_t)rc;
        if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0)
            peer_check_name(&field);
        if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0 && field.namelen == 7 &&
            memcmp(field.name, ":status", 7) == 0)
            status = (uint16_t)strtoul((const char *)field.value, NULL, 10);
    }
    nghttp2_hd_inflate_end_headers(self->inflater);
    self->block_size = 0;
    return status;
}

/* A frame of a block, without what fills it up. */
static void peer_collect(struct h2_play *self, const struct h2_frame *frame)
{
    size_t from = 0, to = frame->size;
    if (frame->type != H2_CONTINUATION) {
        if ((frame->flags & H2_PADDED) != 0)
            to -= self->payload[from++];
        if ((frame->flags & H2_PRIORITISED) != 0)
            from += 5;
    }
    CHECK(from <= to && to - from <= H2_BLOCK - self->block_size);
    memcpy(self->block + self->block_size, self->payload + from, to - from);
    self->block_size += to - from;
}

/* What is in it. False: it is not kept, its block is not at its end. */
static bool peer_understand(struct h2_play *self, struct h2_frame *frame)
{
    const uint8_t *payload = self->payload;
    switch (frame->type) {
    case H2_HEADERS:
        self->block_flags = frame->flags;
        peer_collect(self, frame);
        break;
    case H2_CONTINUATION:
        peer_collect(self, frame);
        frame->type = H2_HEADERS;
        break;
    case H2_SETTINGS:
        for (uint32_t at = 0; at + 6 <= frame->size; at += 6) {
            if (payload[at + 1] == 3)
                self->limit = peer_number(payload + at + 2);
        }
        return true;
    case H2_RST_STREAM:
    case H2_WINDOW_UPDATE:
        frame->number = peer_number(payload);
        return true;
    case H2_GOAWAY:
        frame->last = peer_number(payload);
        frame->number = peer_number(payload + 4);
        return true;
    default:
        return true;
    }
    if ((frame->flags & H2_END_HEADERS) == 0)
        return false;
    frame->flags |= (uint8_t)(self->block_flags & H2_END);
    frame->status = peer_inflate(self);
    return true;
}

/* What is said meanwhile stays whole. */
static void peer_acknowledge(struct h2_play *self, const struct h2_frame *frame)
{
    uint8_t said[H2_HEAD + 8] = {0, 0, (uint8_t)frame->size, frame->type,
                                 H2_END};
    bool asks = (frame->type == H2_SETTINGS || frame->type == H2_PING) &&
                (frame->flags & H2_END) == 0;
    if (!asks || self->bare)
        return;
    if (frame->type == H2_SETTINGS)
        said[2] = 0;
    else
        memcpy(said + H2_HEAD, self->payload, 8);
    size_t size = (size_t)H2_HEAD + said[2];
    if (!self->says)
        (void)fm_write(self->ends[0], said, size);
    else if (size <= sizeof self->later - self->later_size) {
        memcpy(self->later + self->later_size, said, size);
        self->later_size += size;
    }
}

static bool peer_hear_frame(struct h2_play *self)
{
    uint8_t head[H2_HEAD];
    if (fm_read_exactly(self->ends[0], head, sizeof head) < 0)
        return false;
    struct h2_frame frame = {
        .size = peer_number(head) >> 8, .type = head[3], .flags = head[4]};
    frame.stream = peer_number(head + 5);
    CHECK(frame.size <= 16384); /* nobody has allowed more */
    if (frame.size > 0 &&
        fm_read_exactly(self->ends[0], self->payload, frame.size) < 0)
        return false;
    if (peer_understand(self, &frame) && self->frames_count < H2_HEARD)
        self->frames[self->frames_count++] = frame;
    peer_acknowledge(self, &frame);
    return true;
}

static int peer_hearing(void *arg)
{
    struct h2_play *self = arg;
    char preface[sizeof H2_PREFACE - 1];
    if (self->serves &&
        fm_read_exactly(self->ends[0], preface, sizeof preface) > 0)
        CHECK(memcmp(preface, H2_PREFACE, sizeof preface) == 0);
    while (peer_hear_frame(self))
        fm_event_set(&self->heard);
    self->ended = true;
    fm_event_set(&self->heard);
    return 0;
}

size_t h2_heard_body(const struct h2_play *self, uint32_t stream)
{
    size_t size = 0;
    for (size_t i = 0; i < self->frames_count; i++) {
        const struct h2_frame *frame = &self->frames[i];
        if (frame->type == H2_DATA && frame->stream == stream)
            size += frame->size;
    }
    return size;
}

size_t h2_heard_count(const struct h2_play *self, unsigned type)
{
    size_t count = 0;
    for (size_t i = 0; i < self->frames_count; i++)
        count += self->frames[i].type == type;
    return count;
}

/* ---- what is said -------------------------------------------------------- */

static void peer_say_bytes(struct h2_play *self, const uint8_t *bytes,
                           size_t size)
{
    size_t piece = self->piece > 0 ? self->piece : size;
    if (self->piece > 0 && size > 2000)
        piece = 997;
    for (size_t at = 0; at < size; at += piece) {
        size_t part = piece < size - at ? piece : size - at;
        if (fm_write(self->ends[0], bytes + at, part) < 0)
            return; /* it hears why */
        if (self->piece > 0)
            (void)fm_flush(self->ends[0]);
    }
}

void h2_say(struct h2_play *self, const uint8_t *bytes, size_t size)
{
    self->says = true;
    peer_say_bytes(self, bytes, size);
    self->says = false;
    if (self->later_size > 0)
        (void)fm_write(self->ends[0], self->later, self->later_size);
    self->later_size = 0;
}

/* ---- both ends ----------------------------------------------------------- */

static int peer_answer_big(fm_exchange *exchange)
{
    static char big[PEER_BIG];
    memset(big, '*', sizeof big);
    return fm_reply(exchange, 200, big, sizeof big);
}

static int peer_answer(fm_exchange *exchange, struct h2_play *self)
{
    const char *path = fm_exchange_target(exchange);
    const char *body;
    if (strcmp(path, "/big") == 0)
        return peer_answer_big(exchange);
    if (strcmp(path, "/late") == 0) {
        int rc = fm_reply_begin(exchange, 200, -1);
        ssize_t size = rc < 0 ? rc : fm_exchange_load(exchange, &body);
        return size < 0 ? (int)size : 0;
    }
    if (strcmp(path, "/wait") == 0 || strcmp(path, "/deaf") == 0) {
        int rc = fm_event_wait(&self->leave);
        return rc < 0 ? rc : fm_reply_text(exchange, 200, "late\n");
    }
    ssize_t size = fm_exchange_load(exchange, &body);
    return size < 0 ? (int)size : fm_reply_text(exchange, 200, "hello\n");
}

int h2_answer(fm_exchange *exchange, void *arg)
{
    struct h2_play *self = arg;
    self->asked++;
    if (++self->running > self->most)
        self->most = self->running;
    int rc = peer_answer(exchange, self);
    self->running--;
    return rc;
}

static int peer_server(void *arg)
{
    struct h2_play *self = arg;
    if (self->handler == NULL) {
        self->handler = h2_answer;
        self->arg = self;
    }
    self->result = fm_http_serve_stream(self->ends[1], self->handler, self->arg,
                                        &self->options);
    self->over = true;
    if (self->result < 0)
        fm_abort(self->ends[1]);
    else
        fm_close(self->ends[1]);
    return 0;
}

void h2_hear(struct h2_play *self)
{
    CHECK(self->hearing == NULL);
    self->hearing = fm_start(peer_hearing, self);
}

void h2_open(struct h2_play *self)
{
    CHECK_INT(nghttp2_hd_inflate_new(&self->inflater), 0);
    self->line = "";
    if (self->ends[0] == NULL) {
        CHECK_INT(fm_stream_pair(self->ends), 0);
        self->server = fm_start(peer_server, self);
    }
    if (!self->deaf)
        h2_hear(self);
    if (self->bare)
        return;
    if (!self->serves)
        h2_say(self, (const uint8_t *)H2_PREFACE, strlen(H2_PREFACE));
    h2_play(self, "> SETTINGS 0");
}

static void peer_check_errors(struct h2_play *self)
{
    for (size_t i = 0; i < self->frames_count; i++) {
        const struct h2_frame *frame = &self->frames[i];
        bool fails = frame->type == H2_GOAWAY || frame->type == H2_RST_STREAM;
        if (fails && !frame->taken && frame->number != 0)
            h2_fail(self, "an error that nobody has asked for");
    }
}

void h2_close(struct h2_play *self)
{
    int rc;
    self->line = "the end";
    (void)fm_write_eof(self->ends[0]);
    if (self->hearing == NULL)
        h2_hear(self);
    FM_TIMEOUT(PEER_PATIENCE, rc) {
        rc = self->server != NULL ? fm_await(self->server) : 0;
    }
    if (rc < 0)
        h2_fail(self, "the server goes on");
    if (rc < 0)
        fm_stop(self->server);
    CHECK_INT(fm_await(self->hearing), 0);
    fm_close(self->ends[0]);
    nghttp2_hd_inflate_del(self->inflater);
    if (!self->floods)
        peer_check_errors(self);
}
