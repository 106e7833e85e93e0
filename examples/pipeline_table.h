/*
 * pipeline_table.h - what pipeline.c has counted, for who looks at it
 */
#ifndef EXAMPLES_PIPELINE_TABLE_H
#define EXAMPLES_PIPELINE_TABLE_H

#include "pipeline_store.h"

/* On a terminal the last windows, in place; else those that were just closed,
 * a line each. */
void table_show(FILE *table, struct moment *now);

#endif
