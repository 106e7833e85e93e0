/*
 * core_kit.h - a core file that a test writes word by word
 */
#ifndef TESTS_INSPECT_CORE_KIT_H
#define TESTS_INSPECT_CORE_KIT_H

#include "inspect/image.h"

/* Where its memory lies: a file's beginning with the note, the root, what
 * nobody wrote to and the core lacks, a stack of three pages, the last of which
 * was used. */
#define CORE_KIT_FILE 0x10000UL
#define CORE_KIT_ROOT 0x20000UL
#define CORE_KIT_CONSTANTS 0x30000UL
#define CORE_KIT_STACK 0x40000UL
#define CORE_KIT_PAGE 4096UL
#define CORE_KIT_PID 4711

enum {
    CORE_KIT_FILE_SIZE = 256, /* of the first, in the core */
    CORE_KIT_ROOM = 32768
};

struct core_kit {
    size_t size;
    /* Where in the bytes what is. */
    size_t headers;
    size_t notes;
    size_t file;
    size_t root;
    size_t stack;
    _Alignas(8) uint8_t bytes[CORE_KIT_ROOM];
};

/* Of a program at `path`, which was mapped at CORE_KIT_FILE, and its second
 * page at CORE_KIT_CONSTANTS. */
void core_kit_make(struct core_kit *kit, const char *path, bool stack);

/* A root that makes sense, with a list of loops. */
void core_kit_root(struct fm__root *root);

/* The image of it, by way of a file without a name: as fm__image_open_core. */
int core_kit_open(const void *bytes, size_t size, struct fm__image **image);

#endif
