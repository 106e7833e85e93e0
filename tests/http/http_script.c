/*
 * http_script.c - a server that says what it is told to, whoever asks for what
 */
#include "http/http_script.h"

#include "harness.h"

#include "io/stream_record.h"

#include <errno.h>
#include <fermata/error.h>

static const char script_next[] =
    "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext";

static int script_say(const struct script *script, fm_stream *client)
{
    size_t size = script->size > 0 ? script->size : strlen(script->reply);
    size_t piece = script->piece > 0 ? script->piece : size;
    for (size_t at = 0; at < size; at += piece) {
        size_t part = piece < size - at ? piece : size - at;
        ssize_t rc = fm_write(client, script->reply + at, part);
        if (rc >= 0)
            rc = fm_flush(client);
        if (rc >= 0 && script->pause > 0)
            rc = fm_sleep(story_span(script->pause));
        if (rc < 0)
            return (int)rc;
    }
    return 0;
}

/* The bytes of a body are passed over, where their number is said. */
static int script_hear(struct script *script, fm_stream *client)
{
    ssize_t size =
        fm_read_until(client, "\r\n\r\n", script->asked, SCRIPT_HEAD - 1);
    char scrap;
    if (size < 0)
        return (int)size;
    script->asked[size] = '\0';
    const char *length = strstr(script->asked, "Content-Length: ");
    size_t left = 0;
    if (length != NULL)
        left = strtoul(length + strlen("Content-Length: "), NULL, 10);
    for (; left > 0; left--)
        if (fm_read(client, &scrap, 1) <= 0)
            return -FM_EEOF;
    return 0;
}

static int script_answer(struct script *script, fm_stream *client)
{
    int replies = script->replies > 0 ? script->replies : 1;
    if (++script->requests == 1 && script->mute)
        return -FM_EEOF;
    if (script->requests > replies) {
        ssize_t rc = fm_write(client, script_next, strlen(script_next));
        return rc < 0 ? (int)rc : 0;
    }
    int rc = script->early ? 0 : script_say(script, client);
    script->said = true;
    if (rc == 0 && script->later != NULL) {
        rc = fm_sleep(story_span(1));
        if (rc == 0)
            rc = (int)fm_write(client, script->later, strlen(script->later));
    }
    return rc >= 0 && (script->leaves || script->resets) ? -FM_EEOF : rc;
}

/* A client that leaves is nobody's failure here. */
static int script_serve(fm_stream *client, void *arg)
{
    struct script *script = arg;
    bool first = script->connections++ == 0;
    int rc = 0;
    if (first && script->early)
        rc = script_say(script, client);
    while (rc >= 0) {
        rc = script_hear(script, client);
        if (rc >= 0 && first && script->slams && script->requests > 0)
            break;
        if (rc >= 0)
            rc = script_answer(script, client);
    }
    if (script->resets) /* what is closed with an error is reset */
        client->write_error = -EPIPE;
    client->told = script->resets;
    return 0;
}

static int script_run(void *arg)
{
    struct script *script = arg;
    return fm_serve(script->listener, script_serve, script,
                    &(fm_serve_options){.grace = 3600});
}

void script_open(struct script *script)
{
    script->connections = 0;
    script->requests = 0;
    script->said = false;
    script->listener = listen_here();
    snprintf(script->url, sizeof script->url, "http://%s/",
             where(script->listener));
    script->task = fm_start(script_run, script);
}

void script_close(struct script *script)
{
    fm_serve_stop(script->listener);
    CHECK_INT(fm_await(script->task), 0);
}

/* ---- a client ------------------------------------------------------------ */

struct outcome outcome;

static void ask_read(fm_response *response)
{
    ssize_t rc = 1;
    outcome.status = fm_response_status(response);
    while (rc > 0 && outcome.size < OUTCOME_BODY) {
        rc = fm_response_read(response, outcome.body + outcome.size,
                              OUTCOME_BODY - outcome.size);
        outcome.size += rc > 0 ? (size_t)rc : 0;
    }
    outcome.body[outcome.size] = '\0';
    outcome.result = rc < 0 ? (int)rc : 0;
    fm_response_close(response);
}

void script_until_closed(const fm_http_client *client)
{
    while (fm_http_client_connections(client) > 0)
        CHECK_INT(fm_sleep(story_span(1)), 0);
}

void ask(fm_http_client *client, const char *url,
         const fm_http_request *request)
{
    fm_response *response;
    fm_http_request all = request != NULL ? *request : (fm_http_request){0};
    memset(&outcome, 0, sizeof outcome);
    all.failure = &outcome.failure;
    outcome.result = fm_http_fetch(client, url, &response, &all);
    if (outcome.result >= 0)
        ask_read(response);
}
