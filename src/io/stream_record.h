/*
 * stream_record.h - what a stream is
 *
 * Reading. What has arrived and was not yet taken lies in one place: in a
 * lent buffer of the loop's, or in the stream's own store. Invariant: no call
 * waits for bytes with a lent buffer in hand; a quiet stream holds neither.
 *
 * Writing. What was written lies in a chain of buffers until the kernel has
 * taken it. One operation sends at a time: `sending`, or that of the task
 * which holds the stream and sends from its own memory. Invariant: only the
 * holder waits for room; who comes later waits for the hold, in order.
 *
 * With a filter the chain is what was written, and leaves by way of the
 * filter's own: `queued` counts both.
 *
 * Bytes that were not yet read, and those that were written, may stay for as
 * long as a program or a peer likes. Where buffers are scarce they lie
 * elsewhere: the former in the store, the latter where the writer has them,
 * who waits then. So the loop's pool cannot run dry for good.
 *
 * What is FM_API here is for libraries of ours.
 */
#ifndef FM_IO_STREAM_RECORD_H
#define FM_IO_STREAM_RECORD_H

#include "io/filter.h"
#include "task/operation.h"

#include <fermata/stream.h>
#include <sys/uio.h>

enum {
    FM__STREAM_READ_LIMIT = 65536,
    FM__STREAM_HIGH_WATER = 65536,
    FM__STREAM_VECTOR = 8 /* pieces that leave at once */
};

/*
 * What carries a stream's bytes where that is no descriptor of the loop's.
 * The operations are the stream's: READ, RECEIVE, WRITE and WRITEV, with what
 * op.h promises of them; their `fd` means nothing.
 */
struct fm__transport {
    /* As fm__operate, in a task. Without a buffer to lend it may fill the
     * stream's store instead. */
    ssize_t (*operate)(fm_stream *stream, struct fm__operation *operation);
    /* As fm__op_submit and fm__op_cancel, of `sending` and, where it `hears`,
     * of `hearing`, for which -EAGAIN says that a read need not wait now; a
     * cancel may call `done`, which may free the stream. */
    bool (*submit)(fm_stream *stream, struct fm__op *op);
    void (*cancel)(fm_stream *stream, struct fm__op *op);
    bool hears;
    /* As the verbs of a backend. */
    int (*shutdown)(fm_stream *stream);
    void (*linger)(fm_stream *stream);
    void (*close)(fm_stream *stream);
};

/* The holder, while it waits for the chain to become shorter. */
struct fm__room {
    struct fm__waiter waiter;
    struct fm_stream *stream;
    size_t most; /* bytes that may be left on their way */
};

/* Who wants to know what comes while nobody reads: see stream_watch.c. */
struct fm__watch {
    /*
     * Above 0: so many bytes came, which the next read has; 0: the peer has
     * ended; or -errno, what the next read would return. Called at the end of
     * a turn, on the loop's stack; may make things ready, cut tasks and end the
     * watch. After 0 or an error the watch has ended.
     */
    void (*heard)(struct fm__watch *watch, ssize_t rc);
};

/* What each read and write touches comes first, in four lines of the cache. */
struct fm_stream {
    struct fm__loop *loop;
    int fd;
    int read_error;
    int write_error;
    bool reading; /* a task is inside a call that reads */
    bool closing; /* a task is inside fm_close */
    bool bulk;    /* the last bytes filled their buffer: more will come */
    bool ended;   /* the peer will send no more */
    bool held;    /* a task writes, or waits for room */
    bool direct;  /* the holder's own operation is sending */
    bool shut;    /* nothing more can be written */
    bool halved;  /* fm_write_eof is done */
    bool told;    /* write_error was returned once */
    bool carried; /* by `transport`, not by the descriptor */
    bool hears;   /* `hearing` is in flight, or its result not yet taken */
    bool heard;   /* it has ended */
    struct fm__buffer *in;    /* lent, never empty; or NULL */
    char *store;              /* never empty; or NULL, as long as `in` is not */
    struct fm__buffer *first; /* of the chain */
    struct fm__buffer *last;

    size_t queued; /* bytes in the chain, and in the filter's */
    size_t high;
    struct fm__room *room; /* NULL: the holder does not wait */
    struct fm__cork cork;
    struct fm__op sending;

    struct fm__filter *filter; /* the stream's; or NULL: bytes go as they are */
    struct fm__watch *watch;   /* or NULL: nobody watches */
    struct fm__cork look;
    size_t store_start;
    size_t store_end;
    size_t store_size;

    size_t read_limit;
    size_t low;
    struct fm__list writers; /* that wait for the hold */
    struct fm__guest guest;
    const struct fm__transport *transport;
    void *carrier; /* the transport's */
    struct iovec vector[FM__STREAM_VECTOR];

    struct fm__waiter *hearer; /* who reads, and waits for `hearing` */
    struct fm__op hearing;     /* a RECEIVE before anybody reads */
    unsigned parting;          /* operations that have to end before it may */
};

/* Sets those of the options that are the kernel's, as far as the descriptor
 * has them. options may be NULL. 0, or what the kernel says. */
int fm__stream_configure(struct fm__loop *loop, int fd,
                         const fm_stream_options *options);

/* Takes a descriptor of the loop's world, configured: its close is the
 * stream's. options may be NULL. 0, -ENOMEM, or what the kernel says of a
 * local socket: then the descriptor is still the caller's. */
int fm__stream_new(struct fm__loop *loop, int fd,
                   const fm_stream_options *options, fm_stream **out);

/* The one way of a stream's operations to what carries it. */
FM__INLINE ssize_t fm__stream_operate(fm_stream *stream,
                                      struct fm__operation *operation)
{
    return FM__UNLIKELY(stream->carried)
               ? stream->transport->operate(stream, operation)
               : fm__operate(operation);
}

FM__INLINE bool fm__stream_submit(fm_stream *stream, struct fm__op *op)
{
    return FM__UNLIKELY(stream->carried) ? stream->transport->submit(stream, op)
                                         : fm__op_submit(stream->loop, op);
}

/* Half-close: 0 or -errno. From now on a close is a reset. */
int fm__stream_shutdown(fm_stream *stream);
void fm__stream_linger(fm_stream *stream);

/* A stream of a local socket takes so many descriptors: 0, also where it is
 * none; or -ENOMEM, or what the kernel says. */
int fm__stream_take_descriptors(fm_stream *stream, unsigned count);

/* Why it aborts with a sentence: the stream is another loop's, or another task
 * is closing or reading it. */
FM_API void fm__stream_misused(const fm_stream *stream, const char *caller);

FM__INLINE void fm__stream_check(const fm_stream *stream, const char *caller)
{
    if (FM__UNLIKELY(stream->loop != &fm__current->home->loop ||
                     stream->closing))
        fm__stream_misused(stream, caller);
}

/* For who reads. */
FM__INLINE void fm__stream_check_unread(const fm_stream *stream,
                                        const char *caller)
{
    fm__stream_check(stream, caller);
    if (FM__UNLIKELY(stream->reading))
        fm__stream_misused(stream, caller);
}

/* What each call that reads begins with: a cancel point; aborts with a
 * sentence where another task reads. 0, and until the next the stream is the
 * caller's to read from; or why it is refused. */
int fm__stream_read_begin(fm_stream *stream, const char *caller);
void fm__stream_read_end(fm_stream *stream);

/* The bytes that are there: how many, and where. */
FM__INLINE size_t fm__stream_held(const fm_stream *stream)
{
    if (FM__LIKELY(stream->in != NULL))
        return fm__buffer_count(stream->in);
    return stream->store != NULL ? stream->store_end - stream->store_start : 0;
}

FM__INLINE char *fm__stream_bytes(const fm_stream *stream)
{
    if (FM__LIKELY(stream->in != NULL))
        return stream->in->bytes + stream->in->start;
    return stream->store != NULL ? stream->store + stream->store_start : NULL;
}

/* Takes them all: what held them is given back. */
FM_API void fm__stream_skip_all(fm_stream *stream);

/* Takes that many of them. */
FM__INLINE void fm__stream_skip(fm_stream *stream, size_t count)
{
    if (FM__UNLIKELY(count >= fm__stream_held(stream)))
        fm__stream_skip_all(stream);
    else if (stream->in != NULL)
        stream->in->start += (uint32_t)count;
    else
        stream->store_start += count;
}

/* Takes what is there, at most `size`: how many bytes that were. */
size_t fm__stream_take(fm_stream *stream, void *buf, size_t size);
/* The same, and waits where nothing is: above 0, or 0 for size 0 and at the
 * end, or -errno. */
ssize_t fm__stream_some(fm_stream *stream, void *buf, size_t size);
/* Waits for more than what is there, which stays before it: above 0, 0 at the
 * end, or -errno. */
ssize_t fm__stream_more(fm_stream *stream);
/* Room for `size` bytes in all, those that are there `before` bytes behind its
 * beginning: 0 or -ENOMEM. */
int fm__stream_reserve(fm_stream *stream, size_t size, size_t before);

/* With nothing there: waits for a lent buffer. Above 0, 0 at the end, or
 * -errno. */
ssize_t fm__stream_receive(fm_stream *stream);
/* The same, into the caller's memory. */
ssize_t fm__stream_receive_into(fm_stream *stream, void *buf, size_t size);

/* Bytes as they arrive, whatever the filter makes of them: into the stream,
 * where nothing lies. Above 0, 0 at the end, or -errno. */
ssize_t fm__stream_receive_wire(fm_stream *stream);

/* The end and errors stay; a cut and a want of memory do not. Returns rc. */
ssize_t fm__stream_outcome(fm_stream *stream, ssize_t rc);
/* What is left of a lent buffer goes into the store, or stays for want of
 * memory. */
void fm__stream_stash(fm_stream *stream);
/* The same of all that is lent, where buffers are scarce. */
void fm__stream_ease(fm_stream *stream);

/* With `hears`: waits for what was asked for before anybody read, and puts it
 * behind what is there. As fm__stream_receive_wire; -EAGAIN: it has to be
 * asked for once more. */
ssize_t fm__stream_overhear(fm_stream *stream);
/* What it heard, and nobody has taken, is given back. */
void fm__stream_forget_heard(fm_stream *stream);
/* The watch, if there is one, looks at the end of the turn. */
void fm__stream_look(struct fm__cork *cork);

/*
 * While nobody reads the stream, asks what carries it for bytes or the end: at
 * most up to the read_limit, and through a filter up to the first that it
 * gives. What comes is there for the next read, in order. The watch is
 * borrowed until it has ended; one at a time. It costs nothing more than a
 * place in a list before the turn ends; and what was asked for then is the
 * next read's. Where memory is wanting, and of standard streams, files and
 * streams that take descriptors, nothing is heard.
 */
FM__INLINE void fm__stream_watch(fm_stream *stream, struct fm__watch *watch)
{
    stream->watch = watch;
    fm__loop_cork(stream->loop, &stream->look);
}

FM__INLINE void fm__stream_unwatch(fm_stream *stream)
{
    stream->watch = NULL;
    fm__list_remove(&stream->look.link);
}

/* Sends what is queued, as far as the kernel takes it at once. */
void fm__stream_push(fm_stream *stream);
/* The holder waits until at most that many bytes are on their way. */
int fm__stream_drain(fm_stream *stream, size_t most);
/* Says through the filter, where there is one, that no more will come, and
 * waits until all is taken. */
int fm__stream_finish(fm_stream *stream);
/* Something has changed: the holder goes on if it need not wait any more. */
void fm__stream_wake_holder(fm_stream *stream);
/* Nothing of the chain is sent any more. */
void fm__stream_drop_chain(fm_stream *stream);
int fm__stream_hold(fm_stream *stream);
void fm__stream_release(fm_stream *stream);
/* The holder writes: as fm_write. */
ssize_t fm__stream_write_held(fm_stream *stream, const char *bytes,
                              size_t size);
/* Whoever wants to write waits for the hold first. */
ssize_t fm__stream_write_in_turn(fm_stream *stream, const char *bytes,
                                 size_t size);
/* Writes the parts, `size` bytes in all and not 0, where that need not wait;
 * false: it may have to, and nothing was written. */
FM_API bool fm__stream_put(fm_stream *stream, const struct iovec *parts,
                           size_t count, size_t size);
/* Puts as many of the bytes as need not wait: how many. Never suspends, and may
 * be called at the end of a turn. */
FM_API size_t fm__stream_put_some(fm_stream *stream, const char *bytes,
                                  size_t size);
/* One more buffer for the chain, or NULL where buffers are wanting. */
struct fm__buffer *fm__stream_fresh(const fm_stream *stream);
/* It is the chain's last from now on; count it by the next. */
void fm__stream_append(fm_stream *stream, struct fm__buffer *fresh);
/* So many bytes were put behind the last of the chain. */
void fm__stream_grow(fm_stream *stream, size_t count);
/* The first error of a write, which is told now; or 0. */
int fm__stream_write_error(fm_stream *stream);

#endif
