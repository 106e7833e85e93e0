/*
 * json.c - what a user's first program needs of an installed fermata-http with
 * JSON, beside jansson itself
 */
#include <fermata.h>
#include <jansson.h>
#include <stdio.h>

/* Nobody calls it: it is linked. */
static int answer(fm_exchange *exchange, void *arg)
{
    json_t *json;
    (void)arg;
    int rc = fm_exchange_json(exchange, &json);
    return rc < 0 ? rc : fm_reply_json(exchange, 200, json);
}

int main(void)
{
    fm_router *router = fm_router_new();
    int rc = fm_route(router, "POST", "/", FM_ROUTE(answer, NULL));
    json_t *json = json_integer(42 + rc);
    printf("%s %d\n", fm_version(), (int)json_integer_value(json));
    json_decref(json);
    fm_router_free(router);
    return 0;
}
