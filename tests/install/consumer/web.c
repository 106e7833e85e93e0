/*
 * web.c - what a user's first program needs of an installed fermata-http
 */
#include <fermata.h>
#include <stdio.h>
#include <stdlib.h>

static int answer(fm_exchange *exchange, void *arg)
{
    return fm_reply_text(exchange, 200, arg);
}

static int program(void *arg)
{
    const fm_http_client_options options = {.handler = answer,
                                            .handler_arg = arg};
    fm_http_client *client;
    fm_response *response;
    const char *body;
    int rc = fm_http_client_open(&client, &options);
    if (rc < 0)
        return rc;
    rc = fm_http_fetch(client, "http://example.org/", &response);
    if (rc == 0) {
        rc = (int)fm_response_load(response, &body);
        if (rc > 0)
            printf("%s %d\n", fm_version(), atoi(body));
        fm_response_close(response);
    }
    fm_http_client_close(client);
    return rc;
}

int main(void)
{
    return fm_run(program, "42") < 0;
}
