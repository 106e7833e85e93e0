/*
 * trace_table.h - what is open in a trace: tasks, or operations
 */
#ifndef FM_TASK_TRACE_TABLE_H
#define FM_TASK_TRACE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fm__trace_open {
    FM__TRACE_NOTHING,
    FM__TRACE_TURN,
    FM__TRACE_WAIT
};

struct fm__trace_entry {
    uint64_t key;  /* 0: free */
    int64_t ready; /* since when it waits for its turn, ns; 0: it does not */
    uint32_t flow; /* the arrow that ends at its next turn; 0: none */
    uint32_t track;
    uint8_t open; /* of enum fm__trace_open */
    uint8_t kind; /* an operation's */
};

struct fm__trace_table {
    struct fm__trace_entry *entries;
    size_t count;
    size_t size; /* a power of 2, or 0 */
};

/* NULL: there is none. */
struct fm__trace_entry *fm__trace_find(const struct fm__trace_table *table,
                                       uint64_t key);
/* A new one where there is none, with nothing but its key; NULL without
 * memory. Those found before may have moved. */
struct fm__trace_entry *fm__trace_have(struct fm__trace_table *table,
                                       uint64_t key);
void fm__trace_drop(struct fm__trace_table *table, uint64_t key);
/* Without entries. */
void fm__trace_clear(struct fm__trace_table *table);

#endif
