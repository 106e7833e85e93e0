/*
 * http_api.c - a kitchen that takes orders: JSON in and out, and a handler that
 * waits until the dish is ready
 *
 *   http_api [ADDRESS]
 *
 *   curl --json '{"dish": "rice", "seconds": 2}' localhost:8080/orders
 *   curl 'localhost:8080/orders?count=3'
 *   curl localhost:8080/orders/0             comes when the rice is ready
 */
#include <fermata.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define ORDERS 1000

struct order {
    char dish[64];
    double seconds;
    fm_event ready;
};

static struct order orders[ORDERS];
static int64_t ordered;

/* [cook] */
static int cook(void *arg)
{
    struct order *order = arg;
    int rc = fm_sleep(order->seconds);
    fm_event_set(&order->ready);
    return rc;
}
/* [/cook] */

/* [take] */
static int take(fm_exchange *exchange, void *kitchen)
{
    const char *dish;
    double seconds = 1;
    int rc = fm_exchange_json_unpack(exchange, "{s:s, s?F}", "dish", &dish,
                                     "seconds", &seconds);
    if (rc < 0)
        return rc; /* 400, 415 or 422: it says what is wrong, and where */
    if (strlen(dish) >= sizeof orders->dish)
        return fm_reply_problem(
            exchange, 422, &(fm_problem_options){.detail = "too long a name"});
    if (ordered == ORDERS)
        return fm_reply_problem(
            exchange, 503, &(fm_problem_options){.detail = "no more today"});
    int64_t number = ordered++;
    struct order *order = &orders[number];
    snprintf(order->dish, sizeof order->dish, "%s", dish);
    order->seconds = seconds;
    rc = fm_group_start(kitchen, cook, order);
    if (rc < 0)
        return rc;
    return fm_reply_json_pack(exchange, 201, "{s:I, s:s}", "order",
                              (json_int_t)number, "dish", order->dish);
}
/* [/take] */

/* [serve] */
static int serve(fm_exchange *exchange, void *arg)
{
    (void)arg;
    int64_t number = fm_exchange_number(exchange, "order");
    if (number < 0 || number >= ordered)
        return fm_reply_problem(
            exchange, 404,
            &(fm_problem_options){.detail = "nobody ordered it"});
    int rc = fm_event_wait(&orders[number].ready); /* it may simply wait */
    return rc < 0 ? rc
                  : fm_reply_json_pack(exchange, 200, "{s:s, s:b}", "dish",
                                       orders[number].dish, "ready", 1);
}
/* [/serve] */

/* [list] */
static int list(fm_exchange *exchange, void *arg)
{
    int64_t first = 0, count = 10;
    (void)arg;
    int rc = fm_exchange_query_number(exchange, "first", &first,
                                      &(fm_query_options){.most = ORDERS});
    if (rc >= 0)
        rc = fm_exchange_query_number(
            exchange, "count", &count,
            &(fm_query_options){.least = 1, .most = 100});
    if (rc < 0)
        return rc;
    json_t *names = json_array();
    for (int64_t i = first; i < ordered && i < first + count; i++)
        json_array_append_new(names, json_string(orders[i].dish));
    rc = fm_reply_json(exchange, 200, names);
    json_decref(names);
    return rc;
}
/* [/list] */

/* [server] */
static int listen_and_serve(const char *address, fm_router *router)
{
    fm_listener *listener;
    fm_stream *stream = NULL;
    fm_access_log *log = NULL;
    char text[FM_ADDRESS_TEXT];
    int rc = fm_listen(address, &listener);
    if (rc < 0)
        return rc;
    printf("listening on %s\n",
           fm_address_format(fm_listener_address(listener), text));
    fflush(stdout);
    rc = fm_stderr(&stream);
    if (rc == 0)
        fm_access_log_open(
            &log, stream,
            &(fm_access_log_options){.format = FM_ACCESS_LOG_JSON});
    rc = fm_http_serve(
        listener, fm_router_handle, router,
        &(fm_http_serve_options){.log = fm_access_log_note, .log_arg = log});
    FM_SHIELD(1) { /* after an interrupt too */
        fm_access_log_close(log);
        fm_close(stream);
    }
    return rc;
}
/* [/server] */

static int kitchen(void *address)
{
    int rc;
    fm_router *router = fm_router_new();
    FM_GROUP(cooks, rc, .policy = FM_COLLECT) {
        rc = fm_route(router, "POST", "/orders", FM_ROUTE(take, cooks));
        if (rc == 0)
            rc = fm_route(router, "GET", "/orders", FM_ROUTE(list, NULL));
        if (rc == 0)
            rc = fm_route(router, "GET", "/orders/{order:int}",
                          FM_ROUTE(serve, NULL));
        if (rc == 0)
            rc = listen_and_serve(address, router);
        fm_group_cancel(cooks);
    }
    fm_router_free(router);
    return rc;
}

int main(int argc, char **argv)
{
    int rc = fm_run(kitchen, argc > 1 ? argv[1] : "127.0.0.1:8080");
    if (rc < 0 && rc != -ECANCELED)
        fprintf(stderr, "%s\n", fm_strerror(rc));
    return rc < 0 && rc != -ECANCELED;
}
