/*
 * http_json_none.c - no JSON, where jansson is not there
 */
#include "http/json_value.h"

#include <errno.h>
#include <fermata/http_json.h>
#include <fermata/task.h>

int fm__json_read(struct fm__slice text, struct json_t **json,
                  char why[FM__JSON_WHY])
{
    (void)text;
    (void)json;
    (void)why;
    return -EOPNOTSUPP;
}

void fm__json_free(struct json_t *json)
{
    (void)json;
}

static int http_json_none(void)
{
    int rc = fm_cancelled();
    return rc < 0 ? rc : -EOPNOTSUPP;
}

int fm_exchange_json(fm_exchange *exchange, struct json_t **json)
{
    (void)exchange;
    (void)json;
    return http_json_none();
}

int fm_exchange_json_unpack(fm_exchange *exchange, const char *format, ...)
{
    (void)exchange;
    (void)format;
    return http_json_none();
}

int fm_reply_json(fm_exchange *exchange, int status, const struct json_t *json)
{
    (void)exchange;
    (void)status;
    (void)json;
    return http_json_none();
}

int fm_reply_json_pack(fm_exchange *exchange, int status, const char *format,
                       ...)
{
    (void)exchange;
    (void)status;
    (void)format;
    return http_json_none();
}
