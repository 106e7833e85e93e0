/*
 * ws_deflate.c - deflate and inflate, by zlib
 *
 * A state of zlib's is large: 260 KiB for what goes, 40 KiB for what comes.
 * Where messages begin anew a WebSocket has one only while it works on a
 * message, and the last one that was used waits for the next, whosever it is:
 * one of a kind for each thread that has WebSockets, however many they are.
 */
#include "http/ws_deflate.h"

#include "base/memory.h"
#include "http/ws_record.h"

#include <errno.h>
#include <fermata/error.h>
#include <fermata/sleep.h>
#include <zlib.h>

enum {
    DEFLATE_LEVEL = 6,
    DEFLATE_MEMORY = 8,          /* zlib's default */
    DEFLATE_PIECE = 64 * 1024,   /* bytes, after which others have their turn */
    DEFLATE_FIRST_ROOM = 64,     /* beyond half of what goes */
    DEFLATE_AT_BOUNDARY = 1 << 7 /* of data_type, as inflate says it */
};

static const char ws_deflate_tail[FM__WS_TAIL] = {0, 0, (char)0xff, (char)0xff};

/* What waits for the next message of this thread. */
static FM__PER_THREAD struct {
    size_t users;
    z_stream *in;
    z_stream *out[FM__WS_MOST_BITS + 1]; /* by the bits of the window */
} ws_deflate_spare;

/* ---- states -------------------------------------------------------------- */

static void *ws_deflate_new(void *nothing, unsigned count, unsigned size)
{
    (void)nothing;
    return fm__memory_new((size_t)count * size);
}

static void ws_deflate_free(void *nothing, void *block)
{
    (void)nothing;
    fm__memory_free(block);
}

static z_stream *ws_deflate_make(int out_bits)
{
    z_stream *stream = fm__memory_new(sizeof *stream);
    if (stream == NULL)
        return NULL;
    stream->zalloc = ws_deflate_new;
    stream->zfree = ws_deflate_free;
    int rc = out_bits > 0
                 ? deflateInit2(stream, DEFLATE_LEVEL, Z_DEFLATED, -out_bits,
                                DEFLATE_MEMORY, Z_DEFAULT_STRATEGY)
                 : inflateInit2(stream, -FM__WS_MOST_BITS);
    if (rc == Z_OK)
        return stream;
    fm__memory_free(stream);
    return NULL;
}

static void ws_deflate_end_in(z_stream **in)
{
    if (*in != NULL)
        inflateEnd(*in);
    fm__memory_free(*in);
    *in = NULL;
}

static void ws_deflate_end_out(z_stream **out)
{
    if (*out != NULL)
        deflateEnd(*out);
    fm__memory_free(*out);
    *out = NULL;
}

/* The spare one, or a new one; NULL without memory. */
static z_stream *ws_deflate_take(z_stream **spare, int out_bits)
{
    z_stream *stream = *spare;
    *spare = NULL;
    return stream != NULL ? stream : ws_deflate_make(out_bits);
}

static void ws_deflate_give_in(z_stream **in)
{
    if (ws_deflate_spare.in != NULL || inflateReset(*in) != Z_OK)
        ws_deflate_end_in(in);
    else
        ws_deflate_spare.in = *in;
    *in = NULL;
}

static void ws_deflate_give_out(z_stream *out, int bits)
{
    if (ws_deflate_spare.out[bits] != NULL || deflateReset(out) != Z_OK)
        ws_deflate_end_out(&out);
    else
        ws_deflate_spare.out[bits] = out;
}

bool fm__ws_deflate_is_there(void)
{
    return true;
}

void fm__ws_deflate_open(struct fm__ws_deflate *deflate,
                         const struct fm__ws_habit *habit)
{
    *deflate = (struct fm__ws_deflate){
        .agreed = true,
        .packs = habit->bits > FM__WS_LEAST_BITS,
        .keeps_in = !habit->forgets_in,
        .keeps_out = !habit->forgets_out,
        .bits = habit->bits,
    };
    ws_deflate_spare.users++;
}

void fm__ws_deflate_close(struct fm__ws_deflate *deflate)
{
    if (!deflate->agreed)
        return;
    fm__memory_free(deflate->packed);
    ws_deflate_end_in(&deflate->in);
    ws_deflate_end_out(&deflate->out);
    if (--ws_deflate_spare.users > 0)
        return;
    ws_deflate_end_in(&ws_deflate_spare.in);
    for (size_t i = 0; i < FM__COUNT(ws_deflate_spare.out); i++)
        ws_deflate_end_out(&ws_deflate_spare.out[i]);
}

/* ---- what comes ---------------------------------------------------------- */

/* The message becomes what is to be inflated, with its tail. */
static int ws_deflate_begin_in(fm_ws *ws)
{
    struct fm__ws_deflate *deflate = &ws->deflate;
    if (deflate->in == NULL)
        deflate->in = ws_deflate_take(&ws_deflate_spare.in, 0);
    int rc = deflate->in != NULL ? fm__ws_room(ws, FM__WS_TAIL) : -ENOMEM;
    if (rc < 0)
        return rc;
    memcpy(ws->bytes + ws->size, ws_deflate_tail, FM__WS_TAIL);
    deflate->packed = ws->bytes;
    deflate->packed_size = ws->size + FM__WS_TAIL;
    deflate->packed_at = 0;
    ws->bytes = NULL;
    ws->size = 0;
    ws->room = 0;
    return 0;
}

/* A block that calls itself the last is followed by others (RFC 7692, 7.2.3.4),
 * which may refer to what came before it. */
static int ws_deflate_result(fm_ws *ws, int rc)
{
    struct fm__ws_deflate *deflate = &ws->deflate;
    if (rc == Z_STREAM_END)
        rc = inflateResetKeep(deflate->in);
    if (rc == Z_OK || rc == Z_BUF_ERROR)
        return 0;
    if (rc != Z_MEM_ERROR)
        return -FM_EWS;
    if (deflate->keeps_in) /* what later messages refer to is lost */
        ws->read_error = -ENOMEM;
    ws_deflate_end_in(&deflate->in);
    deflate->packed_at = 0;
    ws->size = 0;
    ws->utf8 = (struct fm__utf8){0};
    return -ENOMEM;
}

static uInt ws_deflate_some(size_t size)
{
    return size < DEFLATE_PIECE ? (uInt)size : DEFLATE_PIECE;
}

/* Some of it; *full when there may be more of what was taken. */
static int ws_deflate_inflate_some(fm_ws *ws, bool *full)
{
    struct fm__ws_deflate *deflate = &ws->deflate;
    z_stream *in = deflate->in;
    uInt input = ws_deflate_some(deflate->packed_size - deflate->packed_at);
    uInt output = ws_deflate_some(ws->room - 1 - ws->size);
    in->next_in = (Bytef *)deflate->packed + deflate->packed_at;
    in->avail_in = input;
    in->next_out = (Bytef *)ws->bytes + ws->size;
    in->avail_out = output;
    int rc = inflate(in, Z_SYNC_FLUSH);
    struct fm__slice some = {ws->bytes + ws->size, output - in->avail_out};
    deflate->packed_at += input - in->avail_in;
    ws->size += some.size;
    *full = in->avail_out == 0;
    if (in->avail_in < input || some.size > 0) /* else it says nothing */
        deflate->whole = (in->data_type & DEFLATE_AT_BOUNDARY) != 0;
    rc = ws_deflate_result(ws, rc);
    if (rc == 0 && ws->kind == FM_WS_TEXT && !fm__utf8_check(&ws->utf8, some))
        rc = -FM_EWSTEXT;
    return rc;
}

/* Small messages may grow as they like; large ones so many times. */
static bool ws_deflate_is_too_large(const fm_ws *ws)
{
    return ws->size > ws->limit ||
           (ws->ratio > 0 && ws->size > FM_WS_MESSAGE_LIMIT &&
            ws->size / ws->ratio > ws->deflate.packed_at);
}

static int ws_deflate_inflate_all(fm_ws *ws)
{
    struct fm__ws_deflate *deflate = &ws->deflate;
    bool full = false;
    do {
        size_t before = ws->size + deflate->packed_at;
        int rc = deflate->in != NULL ? fm__ws_room(ws, 1) : -ENOMEM;
        if (rc == 0)
            rc = ws_deflate_inflate_some(ws, &full);
        if (rc == 0 && ws_deflate_is_too_large(ws))
            rc = -FM_EWSSIZE;
        size_t now = ws->size + deflate->packed_at;
        if (rc == 0 && before / DEFLATE_PIECE < now / DEFLATE_PIECE)
            rc = fm_yield();
        if (rc < 0)
            return rc;
    } while (deflate->packed_at < deflate->packed_size || full);
    return deflate->whole ? 0 : -FM_EWS;
}

int fm__ws_inflate(fm_ws *ws)
{
    struct fm__ws_deflate *deflate = &ws->deflate;
    int rc = 0;
    if (deflate->packed == NULL)
        rc = ws->size > 0 ? ws_deflate_begin_in(ws) : 0;
    else if (deflate->in == NULL) /* there was no memory for it */
        deflate->in = ws_deflate_take(&ws_deflate_spare.in, 0);
    if (rc == 0 && deflate->packed != NULL)
        rc = ws_deflate_inflate_all(ws);
    if (rc < 0)
        return rc;
    fm__memory_free(deflate->packed);
    deflate->packed = NULL;
    if (deflate->in != NULL && !deflate->keeps_in)
        ws_deflate_give_in(&deflate->in);
    return fm__ws_room(ws, 0);
}

/* ---- what goes ----------------------------------------------------------- */

struct ws_deflate_work {
    z_stream *stream;
    struct fm__slice left;
    char *packed;
    size_t size;
    size_t room;
};

static int ws_deflate_grow(struct ws_deflate_work *work)
{
    size_t room = work->room * 2;
    char *packed = fm__memory_resize(work->packed, room);
    if (packed == NULL)
        return -ENOMEM;
    work->packed = packed;
    work->room = room;
    return 0;
}

/* Up to a piece. What zlib would still write is written into more room. */
static int ws_deflate_piece(struct ws_deflate_work *work)
{
    z_stream *stream = work->stream;
    uInt input = ws_deflate_some(work->left.size);
    bool all = input == work->left.size;
    stream->next_in = (Bytef *)(uintptr_t)work->left.at;
    stream->avail_in = input;
    do {
        int rc = work->size < work->room ? 0 : ws_deflate_grow(work);
        if (rc < 0)
            return rc;
        uInt output = ws_deflate_some(work->room - work->size);
        stream->next_out = (Bytef *)work->packed + work->size;
        stream->avail_out = output;
        deflate(stream, all ? Z_SYNC_FLUSH : Z_NO_FLUSH);
        work->size += output - stream->avail_out;
    } while (stream->avail_out == 0);
    work->left = fm__slice_after(work->left, input);
    return 0;
}

static int ws_deflate_all(struct ws_deflate_work *work)
{
    int rc;
    work->room = work->left.size / 2 + DEFLATE_FIRST_ROOM;
    work->packed = fm__memory_resize(NULL, work->room);
    rc = work->packed != NULL ? ws_deflate_piece(work) : -ENOMEM;
    while (rc == 0 && work->left.size > 0) {
        rc = fm_yield();
        if (rc == 0)
            rc = ws_deflate_piece(work);
    }
    return rc;
}

/* An empty block is one byte where its tail is left out (RFC 7692, 7.2.3.6). */
static void ws_deflate_cut_tail(struct ws_deflate_work *work)
{
    if (work->size >= FM__WS_TAIL) {
        work->size -= FM__WS_TAIL;
        return;
    }
    work->packed[0] = 0;
    work->size = 1;
}

int fm__ws_pack(fm_ws *ws, struct fm__slice bytes, bool last,
                struct iovec *packed)
{
    struct fm__ws_deflate *deflate = &ws->deflate;
    struct ws_deflate_work work = {.left = bytes};
    z_stream **of = deflate->keeps_out ? &deflate->out
                                       : &ws_deflate_spare.out[deflate->bits];
    work.stream = ws_deflate_take(of, deflate->bits);
    if (work.stream == NULL)
        return -ENOMEM;
    int rc = ws_deflate_all(&work);
    if (deflate->keeps_out && rc == 0)
        deflate->out = work.stream;
    else if (deflate->keeps_out)
        ws_deflate_end_out(&work.stream); /* its peer knows nothing of it */
    else
        ws_deflate_give_out(work.stream, deflate->bits);
    if (rc < 0) {
        fm__memory_free(work.packed);
        return rc;
    }
    if (last)
        ws_deflate_cut_tail(&work);
    *packed = (struct iovec){work.packed, work.size};
    return 0;
}

void fm__ws_unpack(fm_ws *ws)
{
    ws_deflate_end_out(&ws->deflate.out);
}
