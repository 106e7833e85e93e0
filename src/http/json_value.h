/*
 * json_value.h - JSON as values, by jansson where that is there
 */
#ifndef FM_HTTP_JSON_VALUE_H
#define FM_HTTP_JSON_VALUE_H

#include "proto/slice.h"

struct json_t;

enum {
    FM__JSON_WHY = 224 /* bytes of words about what is wrong */
};

/*
 * One value, and nothing behind it: 0 and *json, a reference of the caller's;
 * -FM_EHTTPJSON, and why in words, with the line and the column, in which bytes
 * of the text may be; -ENOMEM; -EOPNOTSUPP without jansson.
 */
int fm__json_read(struct fm__slice text, struct json_t **json,
                  char why[FM__JSON_WHY]);

/* Gives a reference back; NULL is nothing. */
void fm__json_free(struct json_t *json);

#endif
