/*
 * test_image.c - memory that is read from outside
 */
#include "harness.h"

#include "inspect/image_bytes.h"
#include "inspect/image_kind.h"

#include <errno.h>
#include <unistd.h>

TEST(nobody_runs_at_all)
{
    struct fm__image *image = NULL;
    CHECK_INT(fm__image_open(&image, 0), -ESRCH);
    CHECK(image == NULL);
}
