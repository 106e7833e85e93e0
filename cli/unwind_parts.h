/*
 * unwind_parts.h - what the files of the unwinder have of each other
 */
#ifndef CLI_UNWIND_PARTS_H
#define CLI_UNWIND_PARTS_H

#include "unwind.h"

struct Dwfl; /* of libdw, which may not be there */

enum {
    UNWIND_INLINED = 8
}; /* functions at one address; more are left out */

/* What is known of an address: several functions where some are inlined. */
struct unwind_place {
    struct unwind_place *next; /* of those that fell together */
    uint64_t address;
    const char *called; /* a function that is called there, or NULL */
    bool looked;        /* for that */
    int count;          /* at least 1 */
    struct unwind_frame frames[UNWIND_INLINED];
};

/* Tasks stand at few places, and each is slow to find: all are kept. */
struct unwind_places {
    struct Dwfl *dwfl;
    struct unwind_place *buckets[1024];
};

/* NULL without memory. */
struct unwind_place *unwind_find(struct unwind_places *places,
                                 uint64_t address);
void unwind_forget(struct unwind_places *places);

/* The name of the function that begins there, or NULL. */
const char *unwind_function(const struct unwind_places *places,
                            uint64_t address);

/* The numbers that DWARF gives to registers. */
struct unwind_registers {
    int fp, sp;
};

extern const struct unwind_registers unwind_registers;

/* Which function the call right before an address calls, or 0: what that does
 * last may be a jump, of which no frame tells. */
uint64_t unwind_target(struct unwind *unwind, uint64_t behind);

/* Reads all of it, or says that it cannot. */
bool unwind_peek(struct unwind *unwind, uint64_t address, void *buf,
                 size_t size);

/* How many of the innermost frames tell nothing: the library's, which a user's
 * function has called, or where there is none those that only wait. */
int unwind_skipped(const struct unwind_frame *frames, int count);
/* Whether it is a name that users call. */
bool unwind_is_verb(const char *name);

#endif
