/*
 * doctor_text.c - findings for people: in columns, no wider than a terminal
 */
#include "net/findings.h"

#include <string.h>

#define TEXT_INDENT 2
#define TEXT_NAME 19 /* columns of a name */
#define TEXT_MARK 6  /* of "mend: " */
#define TEXT_WIDTH 80

/* Where a line of so much room has to end: after a word, or anywhere. */
static size_t doctor_text_fit(const char *text, size_t room)
{
    size_t size = strlen(text);
    if (size <= room)
        return size;
    size = room;
    while (size > 0 && text[size] != ' ')
        size--;
    return size > 0 ? size : room;
}

/* The first line begins at the column, the others where it began its words. */
static void doctor_text_wrap(FILE *out, int column, const char *mark,
                             const char *text)
{
    int indent = column + (int)strlen(mark);
    size_t room = (size_t)(TEXT_WIDTH - indent);
    fputs(mark, out);
    for (;;) {
        size_t size = doctor_text_fit(text, room);
        fprintf(out, "%.*s\n", (int)size, text);
        text += size;
        text += strspn(text, " ");
        if (*text == '\0')
            return;
        fprintf(out, "%*s", indent, "");
    }
}

void fm__doctor_as_text(struct fm__doctor *doctor,
                        const struct fm__finding *finding)
{
    const int column = TEXT_INDENT + TEXT_NAME;
    FILE *out = doctor->out;
    if (doctor->told != finding->section)
        fprintf(out, "%s%s\n", doctor->told != NULL ? "\n" : "",
                finding->section);
    fprintf(out, "%*s%-*s", TEXT_INDENT, "", TEXT_NAME, finding->name);
    doctor_text_wrap(out, column, "", finding->value);
    if (finding->grade != FM__GRADE_FACT) {
        fprintf(out, "%*s", column, "");
        doctor_text_wrap(out, column,
                         finding->grade == FM__GRADE_MEND ? "mend: " : "hint: ",
                         finding->advice);
    }
    /* Not wrapped: it is copied. */
    if (finding->command[0] != '\0')
        fprintf(out, "%*s$ %s\n", column + TEXT_MARK, "", finding->command);
}
