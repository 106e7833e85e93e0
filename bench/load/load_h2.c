/*
 * load_h2.c - what is asked by HTTP/2, and whether an answer is right
 *
 * The client begins with HTTP/2 (RFC 9113, 3.3). The first request of a
 * connection has its fields remembered by the server, the later ones only name
 * them (RFC 7541). A stream that has its answer is followed by another one at
 * once. An answer begins with `:status: 200` by its number in the static table,
 * as every server has it, and has the same body as the one before.
 */
#include "load.h"

enum {
    H2_DATA = 0,
    H2_HEADERS = 1,
    H2_RESET = 3,
    H2_SETTINGS = 4,
    H2_PING = 6,
    H2_GOAWAY = 7,
    H2_WINDOW_UPDATE = 8,
    H2_END_STREAM = 0x1,
    H2_ACK = 0x1,
    H2_END_HEADERS = 0x4,
    H2_PADDED_OR_PRIORITY = 0x28,
    H2_FRAME = 9,
    H2_STATUS_200 = 0x88,
    H2_WINDOW = 0x7fffffff - 65535 /* all that a connection may have */
};

struct h2_frame {
    size_t size;
    unsigned char type, flags;
    uint32_t stream;
    const unsigned char *bytes;
};

static void h2_put(struct load_h2 *h2, const void *bytes, size_t size)
{
    if (h2->unsent + size > sizeof h2->out)
        abort();
    memcpy(h2->out + h2->unsent, bytes, size);
    h2->unsent += size;
}

static void h2_put_frame(struct load_h2 *h2, const struct h2_frame *frame)
{
    const unsigned char head[H2_FRAME] = {(unsigned char)(frame->size >> 16),
                                          (unsigned char)(frame->size >> 8),
                                          (unsigned char)frame->size,
                                          frame->type,
                                          frame->flags,
                                          (unsigned char)(frame->stream >> 24),
                                          (unsigned char)(frame->stream >> 16),
                                          (unsigned char)(frame->stream >> 8),
                                          (unsigned char)frame->stream};

    h2_put(h2, head, sizeof head);
    h2_put(h2, frame->bytes, frame->size);
}

/* A field that is remembered: the number of its name, and its value. */
static size_t h2_field(unsigned char *to, unsigned char name, const char *value)
{
    size_t size = strlen(value);

    to[0] = (unsigned char)(0x40 | name);
    to[1] = (unsigned char)size;
    memcpy(to + 2, value, size);
    return size + 2;
}

/* GET by http, a path, an authority, a name, what is accepted. */
static size_t h2_first_request(unsigned char *to, const char *path)
{
    size_t size = 2;

    to[0] = 0x82;
    to[1] = 0x86;
    size += h2_field(to + size, 4, path);
    size += h2_field(to + size, 1, "localhost");
    size += h2_field(to + size, 58, "fermata-load/1.0");
    return size + h2_field(to + size, 19, "*/*");
}

static void h2_ask(struct load_h2 *h2, struct load_stream *stream,
                   const char *path)
{
    static const unsigned char same[] = {0x82, 0x86, 0xc1, 0xc0, 0xbf, 0xbe};
    unsigned char first[512];
    struct h2_frame frame = {.size = sizeof same,
                             .type = H2_HEADERS,
                             .flags = H2_END_STREAM | H2_END_HEADERS,
                             .stream = h2->next,
                             .bytes = same};

    if (h2->next == 1) {
        frame.size = h2_first_request(first, path);
        frame.bytes = first;
    }
    *stream = (struct load_stream){.id = h2->next, .asked_at = measure_now()};
    h2->next += 2;
    h2->open++;
    h2_put_frame(h2, &frame);
}

void load_h2_open(struct load_h2 *h2, const struct load *load)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    static const unsigned char window[] = {
        H2_WINDOW >> 24, H2_WINDOW >> 16 & 0xff, H2_WINDOW >> 8 & 0xff,
        H2_WINDOW & 0xff};
    const struct h2_frame settings = {.type = H2_SETTINGS, .bytes = window};
    const struct h2_frame update = {
        .size = sizeof window, .type = H2_WINDOW_UPDATE, .bytes = window};

    memset(h2, 0, sizeof *h2);
    h2->next = 1;
    h2_put(h2, preface, sizeof preface - 1);
    h2_put_frame(h2, &settings);
    h2_put_frame(h2, &update);
    for (size_t i = 0; i < load->pipeline; i++)
        h2_ask(h2, &h2->streams[i], load->path);
}

static struct load_stream *h2_stream(struct load_h2 *h2, uint32_t id)
{
    for (size_t i = 0; i < LOAD_STREAMS; i++)
        if (h2->streams[i].id == id && id != 0)
            return &h2->streams[i];
    return NULL;
}

static void h2_answered(struct load_clients *clients, struct load_h2 *h2,
                        struct load_stream *stream)
{
    if (!stream->right || stream->body != clients->load->size)
        clients->failed = "an answer has another size";
    clients->answers++;
    h2->had++;
    h2->open--;
    if (stream->asked_at >= clients->since)
        load_times_add(clients->times, measure_now() - stream->asked_at, 1);
    stream->id = 0;
    if (!h2->last)
        h2_ask(h2, stream, clients->load->path);
}

/* Where the first field is: behind changes of the table, RFC 7541, 6.3. */
static size_t h2_first_field(const struct h2_frame *frame)
{
    size_t at = 0;

    while (at < frame->size && (frame->bytes[at] & 0xe0) == 0x20)
        if (frame->bytes[at++] == 0x3f)
            while (at < frame->size && (frame->bytes[at++] & 0x80) != 0)
                ;
    return at;
}

static void h2_head(struct load_clients *clients, struct load_stream *stream,
                    const struct h2_frame *frame)
{
    size_t at = h2_first_field(frame);

    stream->right = at < frame->size && frame->bytes[at] == H2_STATUS_200 &&
                    (frame->flags & H2_PADDED_OR_PRIORITY) == 0;
    if (!stream->right)
        clients->failed = "the status of an answer is not 200";
}

/* The first body is kept, the others are compared with it. */
static void h2_body(struct load_clients *clients, struct load_stream *stream,
                    const struct h2_frame *frame)
{
    struct load_answer *known = &clients->answer;
    size_t at = stream->body;

    if (known->bytes == NULL)
        known->bytes = malloc(clients->load->size);
    stream->body += frame->size;
    if (stream->body > clients->load->size)
        clients->failed = "an answer has another size";
    else if (stream->body <= known->size &&
             memcmp(known->bytes + at, frame->bytes, frame->size) != 0)
        clients->failed = "an answer is not that of before";
    else
        memcpy(known->bytes + at, frame->bytes, frame->size);
    if (known->size < stream->body)
        known->size = stream->body;
}

/* Streams that it will not answer are as if never asked. */
static void h2_goaway(struct load_h2 *h2, const struct h2_frame *frame)
{
    uint32_t final = (uint32_t)(frame->bytes[0] & 0x7f) << 24 |
                     (uint32_t)frame->bytes[1] << 16 |
                     (uint32_t)frame->bytes[2] << 8 | frame->bytes[3];

    h2->last = true;
    for (size_t i = 0; i < LOAD_STREAMS; i++)
        if (h2->streams[i].id > final) {
            h2->streams[i].id = 0;
            h2->open--;
        }
}

static void h2_of_stream(struct load_clients *clients, struct load_h2 *h2,
                         const struct h2_frame *frame)
{
    struct load_stream *stream = h2_stream(h2, frame->stream);

    if (stream == NULL) {
        clients->failed = "an answer is that of no request";
        return;
    }
    if (frame->type == H2_HEADERS && !stream->right)
        h2_head(clients, stream, frame);
    else if (frame->type == H2_DATA)
        h2_body(clients, stream, frame);
    if (clients->failed == NULL && (frame->flags & H2_END_STREAM) != 0)
        h2_answered(clients, h2, stream);
}

static void h2_of_connection(struct load_clients *clients, struct load_h2 *h2,
                             const struct h2_frame *frame)
{
    struct h2_frame back = *frame;
    bool ack = (frame->flags & H2_ACK) != 0;

    back.flags = H2_ACK;
    if (frame->type == H2_SETTINGS)
        back.size = 0;
    if (frame->type == H2_RESET)
        clients->failed = "a stream was reset";
    else if (frame->type == H2_GOAWAY && frame->size >= 8)
        h2_goaway(h2, frame);
    else if (!ack && (frame->type == H2_SETTINGS || frame->type == H2_PING))
        h2_put_frame(h2, &back);
}

size_t load_h2_frame(struct load_clients *clients, struct load_h2 *h2,
                     const char *bytes, size_t size)
{
    const unsigned char *head = (const unsigned char *)bytes;
    struct h2_frame frame;

    if (size < H2_FRAME)
        return 0;
    frame.size = (size_t)head[0] << 16 | (size_t)head[1] << 8 | head[2];
    if (size - H2_FRAME < frame.size)
        return 0;
    frame.type = head[3];
    frame.flags = head[4];
    frame.stream = (uint32_t)(head[5] & 0x7f) << 24 | (uint32_t)head[6] << 16 |
                   (uint32_t)head[7] << 8 | head[8];
    frame.bytes = head + H2_FRAME;
    if (frame.type == H2_DATA || frame.type == H2_HEADERS)
        h2_of_stream(clients, h2, &frame);
    else
        h2_of_connection(clients, h2, &frame);
    return H2_FRAME + frame.size;
}
