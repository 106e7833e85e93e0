/*
 * pages.c - what browsers and crawlers need of an installed fermata-http: a
 * form with a file, a cookie, an event, a WebSocket, and bodies in a coding,
 * by HTTP/2 where it was built in
 */
#include <errno.h>
#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>

static int number; /* adds up to 42 */

static int take(fm_exchange *exchange, void *arg)
{
    fm_multipart *multipart;
    fm_part *part;
    (void)arg;
    int rc = fm_multipart_open(exchange, &multipart);
    if (rc < 0)
        return rc;
    while ((rc = fm_multipart_next(multipart, &part)) > 0)
        if (fm_part_filename(part) != NULL)
            number += 2;
    fm_multipart_close(multipart);
    if (rc == 0)
        rc =
            fm_reply_cookie(exchange, &(fm_cookie){.name = "n", .value = "10"});
    return rc < 0 ? rc : fm_reply_text(exchange, 200, "taken\n");
}

static int tell(fm_exchange *exchange, void *arg)
{
    const char *text = fm_exchange_cookie(exchange, "n");
    fm_events *events;
    (void)arg;
    int rc = fm_events_open(exchange, &events);
    if (rc < 0)
        return rc;
    rc = fm_events_send(events, &(fm_event_message){.data = text});
    int closed = fm_events_close(events);
    return rc < 0 ? rc : closed;
}

static int talk(fm_exchange *exchange, void *arg)
{
    fm_ws *ws;
    (void)arg;
    int rc = fm_ws_accept(exchange, &ws, &(fm_ws_options){.compress = true});
    if (rc < 0)
        return rc;
    rc = fm_ws_send(ws, FM_WS_TEXT, "30", 2);
    int closed = fm_ws_close(ws, 0, NULL);
    return rc < 0 ? rc : closed;
}

static int send_form(fm_http_client *client)
{
    fm_http_request request = {.method = "POST"};
    fm_response *response;
    fm_multipart_form *form = fm_multipart_form_new();
    const fm_multipart_form_data data = {"sea", 3, "sea.txt", NULL};
    fm_multipart_form_bytes(form, "photo", &data);
    int rc = fm_multipart_form_put(form, &request);
    if (rc == 0)
        rc = fm_http_fetch(client, "https://a/take", &response, &request);
    if (rc == 0)
        fm_response_close(response);
    fm_multipart_form_free(form);
    return rc;
}

static int hear(fm_http_client *client)
{
    fm_event_source *source;
    fm_event_message message;
    int rc = fm_event_source_open(client, "https://a/tell", &source);
    if (rc < 0)
        return rc;
    rc = fm_event_source_next(source, &message);
    if (rc > 0)
        number += (int)strtol(message.data, NULL, 10);
    fm_event_source_close(source);
    return rc;
}

static int chat(fm_http_client *client)
{
    fm_ws *ws;
    fm_ws_message message;
    int rc = fm_ws_connect(client, "wss://a/talk", &ws,
                           &(fm_ws_options){.compress = true});
    if (rc < 0)
        return rc;
    rc = fm_ws_receive(ws, &message);
    if (rc > 0)
        number += (int)strtol(message.bytes, NULL, 10);
    fm_ws_close(ws, 0, NULL);
    return rc;
}

static int ask(fm_router *router, fm_cookie_jar *jar)
{
    const fm_http_serve_options serve = {.compress = true, .decode = true};
    fm_http_client_options options = {.handler = fm_router_handle,
                                      .handler_arg = router,
                                      .serve = &serve,
                                      .jar = jar,
                                      .http2 = true};
    fm_http_client *client;
    int rc = fm_http_client_open(&client, &options);
    if (rc == -EPROTONOSUPPORT) {
        options.http2 = false;
        rc = fm_http_client_open(&client, &options);
    }
    if (rc < 0)
        return rc;
    rc = send_form(client);
    if (rc >= 0)
        rc = hear(client);
    if (rc >= 0)
        rc = chat(client);
    fm_http_client_close(client);
    return rc;
}

static int program(void *arg)
{
    fm_cookie_jar *jar;
    (void)arg;
    int rc = fm_cookie_jar_new(&jar);
    if (rc < 0)
        return rc;
    fm_router *router = fm_router_new();
    rc = fm_route(router, "POST", "/take", FM_ROUTE(take, NULL));
    if (rc == 0)
        rc = fm_route(router, "GET", "/tell", FM_ROUTE(tell, NULL));
    if (rc == 0)
        rc = fm_route(router, "GET", "/talk", FM_ROUTE(talk, NULL));
    if (rc == 0)
        rc = ask(router, jar);
    fm_router_free(router);
    fm_cookie_jar_free(jar);
    return rc;
}

int main(void)
{
    int rc = fm_run(program, NULL);
    if (rc < 0)
        fprintf(stderr, "%s\n", fm_strerror(rc));
    else
        printf("%s %d\n", fm_version(), number);
    return rc < 0;
}
