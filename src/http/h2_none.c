/*
 * h2_none.c - a library without nghttp2 speaks HTTP/1.1 alone
 */
#include "http/client_record.h"
#include "http/exchange_record.h"

#include <errno.h>

int fm__h2_is_spoken(fm_stream *stream, double seconds)
{
    (void)stream;
    (void)seconds;
    return 0;
}

int fm__h2_serve(struct fm__http *http, fm_stream *stream,
                 const fm_address *peer)
{
    (void)http;
    (void)stream;
    (void)peer;
    return -EPROTONOSUPPORT;
}

void fm__h2_stop(struct fm__list *many)
{
    (void)many;
}

int fm__h2_head_send(struct fm__h2_stream *stream, char *text, size_t size,
                     bool end)
{
    (void)stream;
    (void)text;
    (void)size;
    (void)end;
    return -EPROTONOSUPPORT;
}

ssize_t fm__h2_read(struct fm__h2_stream *stream, void *buf, size_t size)
{
    (void)stream;
    (void)buf;
    (void)size;
    return -EPROTONOSUPPORT;
}

bool fm__h2_has_read(const struct fm__h2_stream *stream)
{
    (void)stream;
    return true;
}

int fm__h2_put(struct fm__h2_stream *stream, const struct iovec *parts,
               size_t count, double seconds)
{
    (void)stream;
    (void)parts;
    (void)count;
    (void)seconds;
    return -EPROTONOSUPPORT;
}

void fm__h2_put_end(struct fm__h2_stream *stream)
{
    (void)stream;
}

void fm__h2_reset(struct fm__h2_stream *stream, uint32_t code)
{
    (void)stream;
    (void)code;
}

void fm__h2_watch(struct fm__h2_stream *stream, struct fm__watch *watch)
{
    (void)stream;
    (void)watch;
}

int fm__h2_ask(struct fm__h2_stream *stream)
{
    (void)stream;
    return -EPROTONOSUPPORT;
}

void fm__h2_stream_clear(struct fm__h2_stream *stream)
{
    (void)stream;
}

void fm__h2_stream_fini(struct fm__h2_stream *stream)
{
    (void)stream;
}

bool fm__h2_is_built(void)
{
    return false;
}

int fm__h2_client_open(struct fm__wire *wire)
{
    (void)wire;
    return -EPROTONOSUPPORT;
}

void fm__h2_client_close(struct fm__wire *wire)
{
    (void)wire;
}

bool fm__h2_client_takes(const struct fm__wire *wire)
{
    (void)wire;
    return false;
}

void fm__h2_client_begin(struct fm_response *response)
{
    (void)response;
}

int fm__h2_client_await(struct fm_response *response)
{
    (void)response;
    return -EPROTONOSUPPORT;
}

void fm__h2_client_move(struct fm_response *response, struct fm_response *from)
{
    (void)response;
    (void)from;
}

void fm__h2_client_end(struct fm_response *response)
{
    (void)response;
}
