/*
 * filter.h - what stands between a stream and its transport
 *
 * A filter makes of the bytes that are written those that leave (the wire's),
 * and of those that arrive what is read. It does no I/O and never waits: the
 * stream calls it with what there is and waits for what it lacks. So one
 * engine serves every transport, and a stream is upgraded in its place.
 *
 * Invariants: encode is called at the end of a turn with all that was written
 * in it, and nothing is put into the wire's chain by anybody else. Bytes of
 * the wire that the engine has not taken yet stay in the filter.
 *
 * What is FM_API here is for libraries of ours that bring an engine.
 */
#ifndef FM_IO_FILTER_H
#define FM_IO_FILTER_H

#include "loop/buffer.h"

#include <fermata/stream.h>

struct fm__filter;

/* Bytes of an engine's own on their way, above the stream's high water: a peer
 * may ask for answers and not read them. */
#define FM__FILTER_REPLIES 65536

struct fm__filter_kind {
    /* What both sides say first: 0: it is done; -EAGAIN: more of the wire is
     * needed; or -errno. */
    int (*begin)(struct fm__filter *filter);
    /* At most FM__BUFFER_SIZE bytes: 0; -EAGAIN: none of them, before more of
     * the wire is decoded; or -errno. */
    int (*encode)(struct fm__filter *filter, const void *bytes, size_t size);
    /* Above 0; 0: the peer has ended in order; -EAGAIN: more of the wire is
     * needed; or -errno. */
    ssize_t (*decode)(struct fm__filter *filter, void *buf, size_t size);
    /* Tells the peer that no more will come: 0 or -errno. */
    int (*finish)(struct fm__filter *filter);
    void (*free)(struct fm__filter *filter);
};

/* The engine's record begins with it; `kind` is the engine's to set. */
struct fm__filter {
    const struct fm__filter_kind *kind;
    fm_stream *stream;
    struct fm__buffer *in; /* of the wire, lent, never empty; or NULL */
    char *store;           /* of the wire, before `in`; or NULL */
    size_t store_start;
    size_t store_end;
    struct fm__buffer *first; /* of the wire, on its way */
    struct fm__buffer *last;
    bool ended;    /* no more of the wire will come */
    bool begun;    /* begin is done */
    bool finished; /* no more may be put */
    bool encoding; /* in fm__stream_push, which sends it */
    bool keeps;    /* what was written may be in the engine until it finishes */
};

/* What each call that starts one begins with: a cancel point, and aborts with
 * a sentence as fm_read does. 0, or why it is refused. */
FM_API FM_SUSPENDS int fm__filter_check(const fm_stream *stream,
                                        const char *caller);

/*
 * Puts the filter into the stream, as which it is freed, and does what both
 * sides say first. A cancel point; suspends. Holds the stream's reading and
 * writing meanwhile.
 *
 * 0; -EALREADY when there is one: then, and when it is cut before it has
 * begun, the filter is still the caller's (filter->stream is NULL); or why it
 * failed: then the stream can only be closed.
 */
FM_API FM_SUSPENDS int fm__filter_start(fm_stream *stream,
                                        struct fm__filter *filter,
                                        const char *caller);

/* The engine takes bytes of the wire: how many; 0: there are none. */
FM_API size_t fm__filter_take(struct fm__filter *filter, void *buf,
                              size_t size);

/* The engine puts bytes on the wire: 0 or -ENOMEM; -ENOBUFS when more than
 * FM__FILTER_REPLIES are there besides what was written. */
FM_API int fm__filter_put(struct fm__filter *filter, const void *bytes,
                          size_t size);

/* The moment now on its loop's clock, in nanoseconds; also at a turn's end. */
FM_API int64_t fm__filter_now(const struct fm__filter *filter);

/* NULL where there is none, or it has not begun. */
FM_API struct fm__filter *fm__stream_filter(const fm_stream *stream);

/* ---- For the stream ----------------------------------------------------- */

/* Waits until plaintext lies in the stream, with nothing there; or in the
 * caller's memory. As fm__stream_receive. */
ssize_t fm__filter_receive(fm_stream *stream);
ssize_t fm__filter_receive_into(fm_stream *stream, void *buf, size_t size);

/* With nothing there: the same without waiting; -EAGAIN: more of the wire is
 * needed. */
ssize_t fm__filter_receive_now(fm_stream *stream);
/* Bytes of the wire that came while nobody read: as many, or the end. */
void fm__filter_bring(struct fm__filter *filter, struct fm__buffer *in,
                      ssize_t rc);

/* Encodes what was written. 0; -EAGAIN: some has to wait until something is
 * decoded; or -errno. */
int fm__filter_encode_chain(fm_stream *stream);
/* Encodes the caller's bytes, at most FM__BUFFER_SIZE, behind it. */
int fm__filter_encode(fm_stream *stream, const void *bytes, size_t size);

/* Whether the peer has still to be told of the end; and tells it. */
bool fm__filter_unfinished(const fm_stream *stream);
int fm__filter_finish(fm_stream *stream);

/*
 * Before a close: takes from the wire what is there and is nobody's to read,
 * like the tickets of a TLS server. Unread, the system would reset the
 * connection for it. Suspends no longer than a turn or two.
 */
void fm__filter_clear(fm_stream *stream);

/* A lent buffer of the wire's is moved to memory of one's own. */
void fm__filter_stash(struct fm__filter *filter);

/* Nobody reads any more: what came is given back. */
void fm__filter_forget(struct fm__filter *filter);

/* Gives back a buffer of the wire's chain. */
void fm__filter_give(struct fm__filter *filter, struct fm__buffer *buffer);

#endif
