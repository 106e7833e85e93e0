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
/* In quotes: "0x7f00"; and a handle, as `fermata ps` has it. */
void fm__trace_address(struct fm__trace_text *text, uint64_t address);
void fm__trace_task_id(struct fm__trace_text *text, uint64_t handle);
/* Microseconds, of ns: 1234.567. */
void fm__trace_moment(struct fm__trace_text *text, int64_t when);

#endif
