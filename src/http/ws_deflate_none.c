/*
 * ws_deflate_none.c - nothing is compressed where there is no zlib
 */
#include "http/ws_deflate.h"

#include <errno.h>

bool fm__ws_deflate_is_there(void)
{
    return false;
}

void fm__ws_deflate_open(struct fm__ws_deflate *deflate,
                         const struct fm__ws_habit *habit)
{
    (void)deflate;
    (void)habit;
}

void fm__ws_deflate_close(struct fm__ws_deflate *deflate)
{
    (void)deflate;
}

int fm__ws_inflate(fm_ws *ws)
{
    (void)ws;
    return -ENOSYS;
}

int fm__ws_pack(fm_ws *ws, struct fm__slice bytes, bool last,
                struct iovec *packed)
{
    (void)ws;
    (void)bytes;
    (void)last;
    (void)packed;
    return -ENOSYS;
}

void fm__ws_unpack(fm_ws *ws)
{
    (void)ws;
}
