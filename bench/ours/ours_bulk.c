/*
 * ours_bulk.c - Fermata: a stream that sends as fast as it can, one way
 *
 * ours_bulk BACKEND
 */
#include "bulk.h"

#include <fermata.h>

static int bulk_send(const char *carrier)
{
    struct bulk bulk = bulk_begin(carrier);
    fm_address address = {.storage = bulk.address, .size = bulk.size};
    char text[FM_ADDRESS_TEXT], end;
    fm_stream *stream;
    int rc = fm_connect(fm_address_format(&address, text), &stream);

    if (rc < 0)
        return rc;
    for (size_t i = 0; rc >= 0 && i < BULK_COUNT; i++)
        rc = (int)fm_write(stream, bulk_bytes, sizeof bulk_bytes);
    if (rc >= 0)
        rc = fm_write_eof(stream);
    if (rc >= 0)
        rc = (int)fm_read(stream, &end, 1);
    bulk_end(&bulk);
    int closed = fm_close(stream);
    return rc < 0 ? rc : closed;
}

static int bulk_main(void *arg)
{
    int rc = 0;

    (void)arg;
    for (size_t i = 0; rc == 0 && i < 2; i++)
        rc = bulk_send(bulk_carriers[i]);
    return rc;
}

int main(int argc, char **argv)
{
    fm_run_options options = {.backend = argc > 1 ? argv[1] : NULL};

    return fm_run(bulk_main, NULL, &options) < 0;
}
