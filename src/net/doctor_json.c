/*
 * doctor_json.c - findings for programs
 */
#include "net/findings.h"

/* In quotes; what is not ASCII is a question mark. */
static void doctor_json_text(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\')
            fprintf(out, "\\%c", byte);
        else if (byte < ' ')
            fprintf(out, "\\u%04x", byte);
        else
            fputc(byte < 0x7f ? byte : '?', out);
    }
    fputc('"', out);
}

static void doctor_json_member(FILE *out, const char *name, const char *text)
{
    fprintf(out, ", \"%s\": ", name);
    doctor_json_text(out, text);
}

void fm__doctor_as_json(struct fm__doctor *doctor,
                        const struct fm__finding *finding)
{
    static const char *const grades[] = {"fact", "hint", "mend"};
    FILE *out = doctor->out;
    fprintf(out, "%s\n  {\"section\": ", doctor->count > 0 ? "," : "");
    doctor_json_text(out, finding->section);
    doctor_json_member(out, "name", finding->name);
    doctor_json_member(out, "value", finding->value);
    doctor_json_member(out, "grade", grades[finding->grade]);
    if (finding->grade != FM__GRADE_FACT)
        doctor_json_member(out, "advice", finding->advice);
    if (finding->command[0] != '\0')
        doctor_json_member(out, "command", finding->command);
    fputc('}', out);
}
