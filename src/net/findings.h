/*
 * findings.h - what the doctor finds, one by one, for whoever tells it
 *
 * A finding is a fact in a section, and perhaps what to do about it: "mend"
 * where something is wrong, "hint" where it could be better. It is told when
 * the next one comes, for advice follows the fact. Nothing is allocated.
 */
#ifndef FM_NET_FINDINGS_H
#define FM_NET_FINDINGS_H

#include "base/compiler.h"

#include <fermata/api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

enum fm__grade {
    FM__GRADE_FACT,
    FM__GRADE_HINT,
    FM__GRADE_MEND
};

struct fm__finding {
    const char *section;
    const char *name; /* NULL: there is none to be told */
    enum fm__grade grade;
    char value[320];
    char advice[240];
    char command[160]; /* to be typed; empty: there is none */
};

struct fm__doctor {
    FILE *out;
    const char *root; /* where /proc, /sys and /etc are: "" */
    void (*tell)(struct fm__doctor *doctor, const struct fm__finding *finding);
    const char *told; /* the last section that was */
    int count;        /* findings told */
    int grades[3];    /* of each grade */
    struct fm__finding finding;
};

/* Tells the last finding; those that come are of the section. */
void fm__doctor_section(struct fm__doctor *doctor, const char *section);

/* A finding. */
void fm__doctor_find(struct fm__doctor *doctor, const char *name,
                     const char *value, ...) FM__FORMAT(3, 4);

/* What to do about it: a sentence, and fm__doctor_type what to type. */
void fm__doctor_mend(struct fm__doctor *doctor, const char *advice, ...)
    FM__FORMAT(2, 3);
void fm__doctor_hint(struct fm__doctor *doctor, const char *advice, ...)
    FM__FORMAT(2, 3);
void fm__doctor_type(struct fm__doctor *doctor, const char *command, ...)
    FM__FORMAT(2, 3);

/* A file of the system, without its last newline; false: there is none. */
bool fm__doctor_read(const struct fm__doctor *doctor, const char *path,
                     char *text, size_t size);
/* Its first number; -1: there is none. */
int64_t fm__doctor_number(const struct fm__doctor *doctor, const char *path);

/* Whom names are asked of. */
void fm__doctor_names(struct fm__doctor *doctor);

/* Sections. */
void fm__doctor_uring(struct fm__doctor *doctor);
void fm__doctor_calls(struct fm__doctor *doctor);
void fm__doctor_limits(struct fm__doctor *doctor);
void fm__doctor_machine(struct fm__doctor *doctor);
void fm__doctor_network(struct fm__doctor *doctor);
void fm__doctor_crashes(struct fm__doctor *doctor);

/* What a control group allows: the least of it and of those around it. */
enum fm__share {
    FM__SHARE_CPU, /* thousandths of a processor */
    FM__SHARE_MEMORY,
    FM__SHARE_PROCESSES,
    FM__SHARES
};
struct fm__doctor_share {
    int64_t least;  /* -1: no group limits it */
    char path[256]; /* the file that says so */
};
void fm__doctor_share(const struct fm__doctor *doctor, enum fm__share which,
                      struct fm__doctor_share *share);

/* Those who tell. */
void fm__doctor_as_text(struct fm__doctor *doctor,
                        const struct fm__finding *finding);
void fm__doctor_as_json(struct fm__doctor *doctor,
                        const struct fm__finding *finding);

/* All sections. */
void fm__doctor_examine(struct fm__doctor *doctor);

#endif
