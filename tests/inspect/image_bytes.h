/*
 * image_bytes.h - images whose memory is what a test says
 */
#ifndef TESTS_INSPECT_IMAGE_BYTES_H
#define TESTS_INSPECT_IMAGE_BYTES_H

#include "inspect/image.h"

/* So many bytes are at that address; they stay the caller's. */
struct image_region {
    uint64_t address;
    const void *bytes;
    size_t size;
};

/* Memory that is those regions, and nothing else, with the root at an address
 * (0: there is none). It has no clock; the pid is 7, the program "/bytes"; the
 * socket 7 is "1.2.3.4:5" and its peer "6.7.8.9:10". NULL without memory. */
struct fm__image *image_of_bytes(const struct image_region *regions,
                                 size_t count, uint64_t root);

/*
 * What another image says, with bytes of it changed on their way: so a record
 * that was true a moment ago is wrong, another time right again, or leads
 * astray. It goes by `bytes`, which stay the caller's, four at a time:
 *
 *     skip[2] flip value   so many bytes that are read remain as they are
 *                          (little-endian), then one is combined with value:
 *                          flip 0: value; 1: xor; 2: plus; 3: from here on
 *                          nothing is there, as far as this piece goes; above:
 *                          the word that it is in becomes the last word that
 *                          was read and looked like an address, plus value
 *
 * Then all is as it is. Closing it leaves `inner` open. NULL without memory.
 */
struct fm__image *image_twisted(struct fm__image *inner, const uint8_t *bytes,
                                size_t size);

#endif
