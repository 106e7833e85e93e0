/*
 * trace_table.c - open addressing: an entry lies at its key's place, or after
 * it with no free one between
 */
#include "task/trace_table.h"

#include "base/memory.h"

#include <string.h>

#define TRACE_TABLE_SMALLEST 256

static size_t trace_table_place(const struct fm__trace_table *table,
                                uint64_t key)
{
    return (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) &
           (table->size - 1);
}

/* Where it is, or where it would be. */
static size_t trace_table_seek(const struct fm__trace_table *table,
                               uint64_t key)
{
    size_t place = trace_table_place(table, key);
    while (table->entries[place].key != 0 && table->entries[place].key != key)
        place = (place + 1) & (table->size - 1);
    return place;
}

static bool trace_table_grow(struct fm__trace_table *table)
{
    struct fm__trace_table old = *table;
    size_t size = old.size > 0 ? old.size * 2 : TRACE_TABLE_SMALLEST;
    struct fm__trace_entry *entries = fm__memory_new(size * sizeof *entries);
    if (entries == NULL)
        return false;
    table->entries = entries;
    table->size = size;
    for (size_t i = 0; i < old.size; i++) {
        if (old.entries[i].key != 0)
            entries[trace_table_seek(table, old.entries[i].key)] =
                old.entries[i];
    }
    fm__memory_free(old.entries);
    return true;
}

struct fm__trace_entry *fm__trace_find(const struct fm__trace_table *table,
                                       uint64_t key)
{
    if (table->size == 0)
        return NULL;
    struct fm__trace_entry *entry =
        &table->entries[trace_table_seek(table, key)];
    return entry->key == key ? entry : NULL;
}

struct fm__trace_entry *fm__trace_have(struct fm__trace_table *table,
                                       uint64_t key)
{
    struct fm__trace_entry *entry = fm__trace_find(table, key);
    if (entry != NULL)
        return entry;
    if (table->count * 2 >= table->size && !trace_table_grow(table))
        return NULL;
    entry = &table->entries[trace_table_seek(table, key)];
    entry->key = key;
    table->count++;
    return entry;
}

/* Those that follow move up where they may. */
void fm__trace_drop(struct fm__trace_table *table, uint64_t key)
{
    struct fm__trace_entry *gone = fm__trace_find(table, key);
    if (gone == NULL)
        return;
    size_t mask = table->size - 1;
    size_t hole = (size_t)(gone - table->entries);
    size_t next = hole;
    while (table->entries[next = (next + 1) & mask].key != 0) {
        size_t home = trace_table_place(table, table->entries[next].key);
        if (((next - home) & mask) < ((next - hole) & mask))
            continue;
        table->entries[hole] = table->entries[next];
        hole = next;
    }
    table->entries[hole] = (struct fm__trace_entry){0};
    table->count--;
}

void fm__trace_clear(struct fm__trace_table *table)
{
    fm__memory_free(table->entries);
    *table = (struct fm__trace_table){0};
}
