/*
 * fuzz_http_date.c - a date that is read has one text, which is read as the
 * same moment
 *
 * The first byte is a century of today.
 */
#include "fuzz.h"

#include "proto/http_date.h"

enum {
    YEAR = 31556952 /* seconds, about */
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char once[FM__DATE_SIZE], twice[FM__DATE_SIZE];
    int64_t seconds = -1, again = -1;
    if (size == 0)
        return 0;
    int64_t now = (int64_t)(bytes[0] % 80) * 100 * YEAR;
    struct fm__slice text = {(const char *)bytes + 1, size - 1};
    if (!fm__date_read(text, now, &seconds)) {
        if (seconds != -1)
            fuzz_fail("what is no date has a moment");
        return 0;
    }
    fm__date_write(once, seconds);
    struct fm__slice written = {once, sizeof once};
    if (!fm__date_read(written, now, &again))
        fuzz_fail("a date is written so that it cannot be read");
    if (again != seconds)
        fuzz_fail("a date is written as another moment");
    fm__date_write(twice, again);
    if (!fm__slice_is(written, (struct fm__slice){twice, sizeof twice}))
        fuzz_fail("a moment has two dates");
    return 0;
}
