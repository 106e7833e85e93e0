/*
 * trace_json.h - JSON that is written piece by piece into room that is there
 */
#ifndef FM_TASK_TRACE_JSON_H
#define FM_TASK_TRACE_JSON_H

#include "task/trace_text.h"

void fm__trace_put(struct fm__trace_text *text, const char *string);
void fm__trace_number(struct fm__trace_text *text, int64_t number);
/* In quotes; what is no UTF-8 becomes a question mark. */
void fm__trace_quote(struct fm__trace_text *text, const char *string);
/* "0x7f00", in quotes. */
void fm__trace_hex(struct fm__trace_text *text, uint64_t number);
/* Microseconds, of ns: 1234.567. */
void fm__trace_moment(struct fm__trace_text *text, int64_t when);

#endif
