/*
 * reply_coding.c - a reply in a content coding (RFC 9110, 8.4 and 12.5.3)
 *
 * Above what frames it. Where there is no memory for a coding the reply goes as
 * it is. A coder that can begin once more is kept for the next reply.
 */
#include "base/memory.h"
#include "http/coder.h"
#include "http/exchange_record.h"
#include "http/piece.h"
#include "task/operation.h"

#include <errno.h>
#include <fermata/sleep.h>

enum {
    REPLY_CODER_ROOM = 16384 /* bytes that leave at a time */
};

struct fm__reply_coder {
    enum fm__coding coding;
    const struct fm__encoder_kind *kind;
    void *state;
    size_t worked; /* bytes since others had their turn */
    unsigned char room[REPLY_CODER_ROOM];
};

/* The fields that were set, as far as they count. */
struct reply_fields {
    struct fm__slice type;
    size_t tag;   /* where a strong one begins; or 0 */
    bool settled; /* no coding may be chosen any more */
};

/* ---- whether ------------------------------------------------------------ */

static bool reply_type_ends(struct fm__slice type, struct fm__slice end)
{
    return type.size > end.size &&
           fm__slice_like(fm__slice_after(type, type.size - end.size), end);
}

/* What is worth it: what is packed already would only become larger. */
static bool reply_type_packs(struct fm__slice type)
{
    static const char *const types[] = {
        "application/json", "application/javascript",
        "application/xml",  "application/x-javascript",
        "application/wasm", "application/x-ndjson",
        "font/ttf",         "font/otf",
    };
    type = fm__slice_trim(fm__slice_until(type, fm__slice_find(type, ';')));
    for (size_t i = 0; i < FM__COUNT(types); i++)
        if (fm__slice_like(type, fm__slice_of(types[i])))
            return true;
    return fm__slice_like(fm__slice_until(type, 5), FM__SLICE("text/")) ||
           reply_type_ends(type, FM__SLICE("+json")) ||
           reply_type_ends(type, FM__SLICE("+xml"));
}

static bool reply_transforms(struct fm__slice control)
{
    struct fm__slice element;
    while (fm__list_next(&control, &element))
        if (fm__slice_like(element, FM__SLICE("no-transform")))
            return false;
    return true;
}

static void reply_fields_see(const fm_exchange *exchange, struct fm__slice line,
                             struct reply_fields *fields)
{
    size_t colon = fm__slice_find(line, ':');
    struct fm__slice value = fm__slice_trim(fm__slice_after(line, colon + 1));
    switch (fm__field_find(fm__slice_until(line, colon))) {
    case FM__FIELD_CONTENT_TYPE:
        fields->type = value;
        break;
    case FM__FIELD_CONTENT_ENCODING:
    case FM__FIELD_CONTENT_RANGE:
        fields->settled = true;
        break;
    case FM__FIELD_CACHE_CONTROL:
        fields->settled = fields->settled || !reply_transforms(value);
        break;
    case FM__FIELD_ETAG:
        if (fm__slice_at(value, 0) == '"')
            fields->tag = (size_t)(value.at - exchange->fields);
        break;
    default:
        break;
    }
}

static struct reply_fields reply_fields(const fm_exchange *exchange)
{
    struct reply_fields fields = {.type = FM__SLICE("")};
    struct fm__slice rest = FM__SLICE("");
    if (exchange->fields_size > 0)
        rest = (struct fm__slice){exchange->fields, exchange->fields_size};
    while (rest.size > 0) {
        size_t end = fm__slice_find(rest, '\r');
        reply_fields_see(exchange, fm__slice_until(rest, end), &fields);
        rest = fm__slice_after(rest, end + 2);
    }
    return fields;
}

static bool reply_may_be_coded(const fm_exchange *exchange, int64_t size)
{
    int status = exchange->status;
    return exchange->http->options.compress && !exchange->as_is &&
           exchange->incoming.head.minor > 0 && status != 204 &&
           status != 206 && status != 304 &&
           (size < 0 || size >= FM_HTTP_COMPRESSED);
}

/* ---- coders ------------------------------------------------------------- */

static void reply_coder_free(struct fm__reply_coder *coder)
{
    if (coder != NULL)
        coder->kind->close(coder->state);
    fm__memory_free(coder);
}

static struct fm__reply_coder *reply_coder_new(enum fm__coding coding,
                                               const struct fm__coder *of)
{
    struct fm__reply_coder *coder = fm__memory_resize(NULL, sizeof *coder);
    if (coder == NULL)
        return NULL;
    coder->coding = coding;
    coder->kind = &of->encoder;
    coder->state = NULL;
    coder->worked = 0;
    if (coder->kind->open(&coder->state, 0) == 0)
        return coder;
    fm__memory_free(coder);
    return NULL;
}

static struct fm__reply_coder *reply_coder_get(struct fm__http *http,
                                               enum fm__coding coding,
                                               const struct fm__coder *of)
{
    struct fm__reply_coder *coder = http->spare[coding];
    if (http->coders >= FM_HTTP_CODERS)
        return NULL;
    http->spare[coding] = NULL;
    if (coder == NULL)
        coder = reply_coder_new(coding, of);
    http->coders += coder != NULL;
    return coder;
}

void fm__reply_coder_put(struct fm_exchange *exchange)
{
    struct fm__reply_coder *coder = exchange->coder;
    struct fm__http *http = exchange->http;
    exchange->coder = NULL;
    if (coder == NULL)
        return;
    http->coders--;
    if (coder->kind->again == NULL || http->spare[coder->coding] != NULL) {
        reply_coder_free(coder);
        return;
    }
    coder->kind->again(coder->state);
    http->spare[coder->coding] = coder;
}

void fm__reply_coders_free(struct fm__http *http)
{
    for (unsigned i = 0; i < FM__CODINGS; i++) {
        reply_coder_free(http->spare[i]);
        http->spare[i] = NULL;
    }
}

/* ---- which -------------------------------------------------------------- */

/* The first of ours that the client takes; NULL: none. */
static const struct fm__coder *reply_choose(const fm_exchange *exchange,
                                            enum fm__coding *coding)
{
    static const enum fm__coding order[] = {FM__CODING_ZSTD, FM__CODING_BR,
                                            FM__CODING_GZIP};
    const struct fm__codings taken = fm__exchange_codings(exchange);
    for (size_t i = 0; i < FM__COUNT(order); i++) {
        const struct fm__coder *coder =
            fm__coder_find(fm__slice_of(fm__coding_name(order[i])));
        *coding = order[i];
        if (coder != NULL && fm__codings_has(&taken, order[i]))
            return coder;
    }
    return NULL;
}

/* Two codings of one thing are not the same bytes. */
static int reply_weaken(fm_exchange *exchange, size_t tag)
{
    struct fm__pen pen;
    int rc = fm__reply_grow(exchange, 2, &pen);
    if (rc < 0)
        return rc;
    char *at = exchange->fields + tag;
    memmove(at + 2, at, (size_t)(pen.at - at));
    memcpy(at, "W/", 2);
    exchange->weakened = tag;
    return 0;
}

static int reply_code_with(fm_exchange *exchange, enum fm__coding coding,
                           const struct fm__coder *of, size_t tag)
{
    int rc = tag > 0 ? reply_weaken(exchange, tag) : 0;
    if (rc == 0)
        rc = fm__reply_add(exchange, FM__SLICE("Content-Encoding"),
                           fm__slice_of(of->name));
    if (rc < 0 || exchange->bodiless)
        return rc;
    exchange->coder = reply_coder_get(exchange->http, coding, of);
    return exchange->coder != NULL ? 0 : -ENOMEM;
}

void fm__reply_uncode(struct fm_exchange *exchange)
{
    if (exchange->fields_said == 0)
        return;
    if (exchange->weakened > 0) {
        char *at = exchange->fields + exchange->weakened;
        memmove(at, at + 2, exchange->fields_said - exchange->weakened);
    }
    exchange->fields_size = exchange->fields_said;
    exchange->fields_said = 0;
    exchange->weakened = 0;
    fm__reply_coder_put(exchange);
}

bool fm__reply_code(struct fm_exchange *exchange, int64_t size)
{
    enum fm__coding coding;
    if (!reply_may_be_coded(exchange, size))
        return false;
    struct reply_fields fields = reply_fields(exchange);
    if (fields.settled || !reply_type_packs(fields.type))
        return false;
    exchange->fields_said = exchange->fields_size;
    const struct fm__coder *of = reply_choose(exchange, &coding);
    int rc = of != NULL ? reply_code_with(exchange, coding, of, fields.tag) : 0;
    if (rc == 0)
        rc = fm__reply_add(exchange, FM__SLICE("Vary"),
                           FM__SLICE("Accept-Encoding"));
    if (rc < 0)
        fm__reply_uncode(exchange);
    return rc == 0 && of != NULL;
}

/* ---- sending ------------------------------------------------------------ */

/* Before so many bytes, at most FM__PIECE, are coded: a cancel point. */
static int reply_coder_turn(struct fm__reply_coder *coder, size_t size)
{
    int rc;
    coder->worked += size;
    if (coder->worked <= FM__PIECE)
        return fm__checkpoint(fm__current, "fm_reply");
    rc = fm_yield();
    coder->worked = size;
    return rc;
}

/* What comes of some bytes of the body, at most FM__PIECE of them. */
static int reply_code_piece(fm_exchange *exchange, struct fm__slice piece,
                            enum fm__coder_mode mode)
{
    struct fm__reply_coder *coder = exchange->coder;
    struct fm__flow flow = {.in = (const unsigned char *)piece.at,
                            .in_size = piece.size};
    int rc = reply_coder_turn(coder, piece.size), done = 0;
    while (rc == 0 && done == 0) {
        flow.out = coder->room;
        flow.out_size = sizeof coder->room;
        done = rc = coder->kind->run(coder->state, &flow, mode);
        size_t made = sizeof coder->room - flow.out_size;
        if (rc >= 0)
            rc = fm__reply_send_rest(exchange, coder->room, made);
    }
    if (rc < 0)
        exchange->state = FM__REPLY_BROKEN;
    return rc;
}

static int reply_code_all(fm_exchange *exchange, struct fm__slice bytes,
                          enum fm__coder_mode mode)
{
    int rc;
    do {
        struct fm__slice piece = fm__slice_until(bytes, FM__PIECE);
        bytes = fm__slice_after(bytes, piece.size);
        rc = reply_code_piece(exchange, piece,
                              bytes.size == 0 ? mode : FM__CODER_MORE);
    } while (rc == 0 && bytes.size > 0);
    return rc;
}

static struct fm__slice reply_bytes(const void *body, size_t size)
{
    return size > 0 ? (struct fm__slice){body, size} : FM__SLICE("");
}

static int reply_not_begun(fm_exchange *exchange, int rc)
{
    fm__reply_uncode(exchange);
    exchange->state = FM__REPLY_NONE;
    exchange->status = 0;
    return rc;
}

/* Where a body that was said in full takes no more than one piece, so does its
 * code, and its size is known before the head leaves. */
static int reply_code_whole(fm_exchange *exchange, const void *body,
                            size_t size)
{
    struct fm__reply_coder *coder = exchange->coder;
    struct fm__flow flow = {body, size, coder->room, sizeof coder->room};
    int rc = reply_coder_turn(coder, size);
    if (rc == 0)
        rc = coder->kind->run(coder->state, &flow, FM__CODER_FINISH);
    size_t made = sizeof coder->room - flow.out_size;
    if (rc < 0)
        return reply_not_begun(exchange, rc);
    if (rc > 0)
        return fm__reply_send_head(exchange, (int64_t)made, coder->room, made);
    rc = fm__reply_send_head(exchange, -1, NULL, 0);
    if (rc == 0)
        rc = fm__reply_send_rest(exchange, coder->room, made);
    if (rc < 0)
        return rc;
    const struct fm__slice rest = {(const char *)flow.in, flow.in_size};
    return reply_code_all(exchange, rest, FM__CODER_FINISH);
}

int fm__reply_coded(struct fm_exchange *exchange, const void *body, size_t size)
{
    int rc;
    if (exchange->bodiless) {
        rc = fm__reply_send_head(exchange, -1, NULL, 0);
    } else if (size <= FM__PIECE) {
        rc = reply_code_whole(exchange, body, size);
    } else {
        rc = fm__reply_send_head(exchange, -1, NULL, 0);
        if (rc == 0)
            rc = reply_code_all(exchange, reply_bytes(body, size),
                                FM__CODER_FINISH);
    }
    if (rc < 0)
        return rc;
    fm__reply_coder_put(exchange);
    return fm__reply_end(exchange);
}

int fm__reply_write_coded(struct fm_exchange *exchange, const void *bytes,
                          size_t size, bool last)
{
    enum fm__coder_mode mode =
        exchange->reply_left >= 0 ? FM__CODER_MORE : FM__CODER_FLUSH;
    return reply_code_all(exchange, reply_bytes(bytes, size),
                          last ? FM__CODER_FINISH : mode);
}
