/*
 * trace_event.c - events, each a line
 */
#include "task/trace_event.h"

#include <string.h>

void fm__trace_event(struct fm__trace_text *text, char phase, uint32_t track)
{
    const char head[] = {'{', '"', 'p', 'h', '"', ':', '"', phase, '"', '\0'};
    if (text->used > FM__TRACE_BUFFER - FM__TRACE_LINES)
        text->flush(text);
    fm__trace_put(text, head);
    fm__trace_put(text, ",\"ts\":");
    fm__trace_moment(text, text->last);
    fm__trace_put(text, ",\"pid\":");
    fm__trace_number(text, text->process);
    fm__trace_put(text, ",\"tid\":");
    fm__trace_number(text, track);
}

void fm__trace_named(struct fm__trace_text *text, char phase, uint32_t track,
                     const char *name)
{
    fm__trace_event(text, phase, track);
    fm__trace_put(text, ",\"name\":");
    fm__trace_quote(text, name);
}

void fm__trace_done(struct fm__trace_text *text)
{
    fm__trace_put(text, "},\n");
}

void fm__trace_done_args(struct fm__trace_text *text)
{
    fm__trace_put(text, "}},\n");
}

void fm__trace_label(struct fm__trace_text *text, const char *what,
                     uint32_t track, const char *name)
{
    bool labels = strcmp(what, "process_labels") == 0;
    fm__trace_named(text, 'M', track, what);
    fm__trace_put(text,
                  labels ? ",\"args\":{\"labels\":" : ",\"args\":{\"name\":");
    fm__trace_quote(text, name);
    fm__trace_done_args(text);
}

void fm__trace_instant(struct fm__trace_text *text, uint32_t track,
                       const char *name)
{
    fm__trace_named(text, 'i', track, name);
    fm__trace_put(text, ",\"s\":\"t\"");
}

void fm__trace_counter(struct fm__trace_text *text, const char *name,
                       int64_t count)
{
    fm__trace_named(text, 'C', FM__TRACE_LOOP, name);
    fm__trace_put(text, ",\"args\":{\"count\":");
    fm__trace_number(text, count);
    fm__trace_done_args(text);
}

void fm__trace_arrow(struct fm__trace_text *text, char phase, uint32_t track,
                     uint32_t flow)
{
    fm__trace_named(text, phase, track, "wake");
    fm__trace_put(text, ",\"cat\":\"wake\",\"bp\":\"e\",\"id\":");
    fm__trace_number(text, flow);
    fm__trace_done(text);
}
