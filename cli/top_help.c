/*
 * top_help.c - what the keys do
 */
#include "top.h"

static const char *const top_help_lines[][2] = {
    {"arrows, PgUp, PgDn, Home, End", "move; the mark stays at its task"},
    {"Enter", "all about a task; of a group: its tasks"},
    {"Esc", "back; in the list: shows all again"},
    {"/", "shows whose name, wait or place has the text"},
    {"s", "one state after the other; then deadlocks, cancelled"},
    {"g", "one row for each place where tasks are started"},
    {"t", "a tree: each task below the one that owns it"},
    {"< >", "sorts by the column to the left or right"},
    {"N S W F T C K A", "sorts by name, state, wait, how long it lasts,"},
    {"", "turns, CPU, stack, place; again: the other way round"},
    {"#  O", "sorts by the tasks of a group; by the start"},
    {"p, space", "pauses; goes on"},
    {"+ -", "looks less often; more often"},
    {"q", "quits"},
};

void top_help_draw(struct top_sheet *sheet)
{
    struct top_line *line = top_sheet_next(sheet);
    top_put(line, TOP_STRONG, "fermata top");
    top_put(line, TOP_FAINT, "  the program goes on while it is looked at");
    top_sheet_next(sheet);
    for (size_t i = 0; i < sizeof top_help_lines / sizeof top_help_lines[0];
         i++) {
        line = top_sheet_next(sheet);
        if (line->limit >= 70)
            top_pad(line, TOP_PLAIN, 2);
        top_field(line, TOP_BLUE, top_help_lines[i][0],
                  line->limit >= 84 ? 32 : 20);
        top_put(line, TOP_PLAIN, top_help_lines[i][1]);
    }
}
