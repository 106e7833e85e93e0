/*
 * form.h - names and values in a query or a form
 *
 *     char query[256] = "", word[64];
 *     int rc = fm_form_add(query, sizeof query, "q", "rice & beans");
 *     rc = fm_form_add(query, sizeof query, "page", "2");
 *                                            // q=rice+%26+beans&page=2
 *     ssize_t size = fm_form_get(query, "q", word, sizeof word);
 *                                            // rice & beans
 *
 * application/x-www-form-urlencoded, as the URL standard has it (5). Nothing
 * here waits or takes memory; in libfermata-http.
 */
#ifndef FERMATA_FORM_H
#define FERMATA_FORM_H

#include <fermata/api.h>
#include <stdbool.h>
#include <sys/types.h>

/* A name and its value as they stand in a form, encoded, without a NUL. */
typedef struct fm_form_pair {
    const char *name; /* in the form, as the value: borrowed */
    size_t name_size;
    const char *value;
    size_t value_size; /* 0 also where there is no '=' */
} fm_form_pair;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Puts the first value of a name into the caller's value, decoded, with a NUL.
 * A form may begin with the '?' of a query.
 *
 * Returns its size, which counts NULs inside too; -ENOENT where there is no
 * such name; -ENAMETOOLONG when size bytes are too few, and value then means
 * nothing.
 */
FM_API ssize_t fm_form_get(const char *form, const char *name, char *value,
                           size_t size);

/*
 * Gives the next pair, and moves *form past it.
 *
 * Returns false at the end; then *pair means nothing.
 */
FM_API bool fm_form_next(const char **form, fm_form_pair *pair);

/*
 * Decodes size bytes of a name or a value into room bytes of the caller's out,
 * with a NUL: a '+' is a space, and a '%' that two digits do not follow stays.
 *
 * Returns the size; -ENAMETOOLONG when room is too small, and out then means
 * nothing.
 */
FM_API ssize_t fm_form_decode(const char *text, size_t size, char *out,
                              size_t room);

/*
 * Adds a pair to the caller's form of size bytes, which ends in a NUL.
 *
 * Returns 0; -ENAMETOOLONG when there is not enough room, and the form is as
 * it was.
 */
FM_API int fm_form_add(char *form, size_t size, const char *name,
                       const char *value);

#ifdef __cplusplus
}
#endif

#endif
