/*
 * sweep_image.c - a scenario: a program that looks into itself
 */
#include "fault/sweep.h"

#include "inspect/image.h"

#include <string.h>
#include <unistd.h>

static const char image_word[8] = "oysters";

/* Whatever could not be had, what was read is what is there. */
static const char *image_wrong(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "what was read is not what is there" : NULL;
}

static int image_look(struct fm__image *image)
{
    struct fm__root root;
    uint64_t address, word = (uint64_t)(uintptr_t)image_word;
    const char *local, *peer;
    char read[sizeof image_word];
    fm__image_refresh(image);
    int rc = fm__image_root(image, &address, &root);
    if (rc < 0)
        return rc;
    fm__image_socket(image, 0, &local, &peer);
    fm__image_depth(image, address, address + sizeof root);
    ssize_t size = fm__image_read(image, word, read, sizeof read);
    if (size < 0)
        return (int)size;
    sweep_state.noted += memcmp(read, image_word, (size_t)size) != 0;
    return 0;
}

static int image_own(void *arg)
{
    struct fm__image *image;
    (void)arg;
    int rc = fm__image_open(&image, getpid());
    if (rc < 0)
        return rc;
    rc = image_look(image);
    fm__image_close(image);
    return rc;
}

const struct scenario sweep_image[] = {
    {"image-own", image_own, .wrong = image_wrong},
    {.name = NULL},
};
