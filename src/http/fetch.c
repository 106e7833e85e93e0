/*
 * fetch.c - a request, over redirects (the fetch standard, 4.4) and once more
 * where a connection that was kept turned out to be dead
 */
#include "base/memory.h"
#include "http/client_record.h"

#include <errno.h>
#include <fermata/error.h>
#include <stdio.h>
#include <string.h>

static const char *const fetch_steps[] = {
    [FM_HTTP_STEP_NONE] = "none",
    [FM_HTTP_STEP_URL] = "URL",
    [FM_HTTP_STEP_QUEUE] = "queue",
    [FM_HTTP_STEP_RESOLVE] = "resolve",
    [FM_HTTP_STEP_CONNECT] = "connect",
    [FM_HTTP_STEP_PROXY] = "proxy",
    [FM_HTTP_STEP_TLS] = "TLS",
    [FM_HTTP_STEP_SEND] = "send",
    [FM_HTTP_STEP_STATUS] = "status line",
    [FM_HTTP_STEP_FIELDS] = "fields",
    [FM_HTTP_STEP_REDIRECT] = "redirect",
    [FM_HTTP_STEP_BODY] = "body",
};

const char *fm_http_step_name(enum fm_http_step step)
{
    return (unsigned)step < FM__COUNT(fetch_steps) ? fetch_steps[step] : "";
}

int fm__fetch_fail(const struct fm__fetch *fetch, int rc)
{
    fm_http_failure *failure = fetch->request->failure;
    if (failure == NULL)
        return rc;
    failure->code = rc;
    failure->step = fetch->step;
    snprintf(failure->text, sizeof failure->text, "%s: %s: %s",
             fm_http_step_name(fetch->step),
             fetch->url != NULL ? fm_url_get(fetch->url, FM_URL_ORIGIN) : "",
             fm_strerror(rc));
    return rc;
}

/* ---- one answer --------------------------------------------------------- */

/* RFC 9110, 9.2.2. */
static bool fetch_may_repeat(const struct fm__fetch *fetch)
{
    static const char *const methods[] = {"GET",   "HEAD", "OPTIONS",
                                          "TRACE", "PUT",  "DELETE"};
    for (size_t i = 0; i < FM__COUNT(methods); i++)
        if (strcmp(fetch->method, methods[i]) == 0)
            return true;
    return false;
}

static int fetch_over(struct fm__fetch *fetch, struct fm_response *response)
{
    fetch->step = FM_HTTP_STEP_SEND;
    response->wire->requests++;
    int rc = fm__outgoing_write(fetch, response);
    if (rc == 0)
        rc = fm__upload_start(&response->upload, fetch->client);
    if (rc == 0 || rc == -EPIPE || rc == -ECONNRESET) {
        /* Who does not want the request may have said why. */
        int answered = fm__response_await(response, fetch);
        rc = answered == 0 || rc == 0 ? answered : rc;
    }
    return rc;
}

/* The connection was kept, and its server has given it up meanwhile. */
static bool fetch_was_stale(const struct fm__fetch *fetch,
                            const struct fm_response *response, int rc)
{
    bool gone = rc == -FM_EEOF || rc == -EPIPE || rc == -ECONNRESET ||
                rc == -FM_ETRUNCATED;
    return gone && response->wire->requests > 1 &&
           response->incoming.head.at == 0 && fetch_may_repeat(fetch);
}

int fm__fetch_once(struct fm__fetch *fetch, struct fm_response *response)
{
    bool again;
    int rc;
    do {
        again = false;
        rc = fm__pool_get(fetch->client, fetch->url, &response->wire,
                          &fetch->step);
        if (rc < 0)
            return rc;
        rc = fetch_over(fetch, response);
        if (rc < 0) {
            again = fetch_was_stale(fetch, response, rc);
            fm__upload_stop(&response->upload);
            fm__pool_drop(response->wire, false);
            response->wire = NULL;
        }
    } while (again);
    return rc;
}

/* ---- redirects ---------------------------------------------------------- */

static bool fetch_is_redirect(const struct fm_response *response)
{
    switch (response->incoming.head.status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
        return fm_response_field(response, "Location") != NULL;
    default:
        return false;
    }
}

/* What becomes a GET without a body. */
static void fetch_change_method(struct fm__fetch *fetch, int status)
{
    bool post = strcmp(fetch->method, "POST") == 0;
    bool get =
        strcmp(fetch->method, "GET") == 0 || strcmp(fetch->method, "HEAD") == 0;
    if ((status <= 302 && post) || (status == 303 && !get)) {
        fetch->method = "GET";
        fetch->bodied = false;
    }
}

static bool fetch_is_http(const fm_url *url)
{
    const char *scheme = fm_url_get(url, FM_URL_PROTOCOL);
    return strcmp(scheme, "http:") == 0 || strcmp(scheme, "https:") == 0;
}

static int fetch_follow(struct fm__fetch *fetch,
                        const struct fm_response *response)
{
    int most = fetch->request->redirects;
    fm_url *url;
    fetch->step = FM_HTTP_STEP_REDIRECT;
    if (fetch->hops == (unsigned)(most > 0 ? most : FM_HTTP_REDIRECTS))
        return -FM_EHTTPREDIRECT;
    int rc =
        fm_url_parse(fm_response_field(response, "Location"), fetch->url, &url);
    if (rc < 0)
        return rc == -ENOMEM ? rc : -FM_EHTTPLOCATION;
    if (!fetch_is_http(url)) {
        fm_url_free(url);
        return -FM_EHTTPLOCATION;
    }
    fetch->trusted =
        fetch->trusted && strcmp(fm_url_get(url, FM_URL_ORIGIN),
                                 fm_url_get(fetch->url, FM_URL_ORIGIN)) == 0;
    fetch_change_method(fetch, fm_response_status(response));
    fm_url_free(fetch->url);
    fetch->url = url;
    fetch->hops++;
    return 0;
}

static int fetch_answer(struct fm__fetch *fetch, struct fm_response *response)
{
    for (;;) {
        response->method = fetch->method;
        int rc = fm__fetch_once(fetch, response);
        if (rc < 0 || fetch->request->redirects < 0 ||
            !fetch_is_redirect(response))
            return rc;
        rc = fetch_follow(fetch, response);
        fm__response_leave(response);
        if (rc < 0)
            return rc;
    }
}

/* ---- what users call ---------------------------------------------------- */

static int fetch_begin(struct fm__fetch *fetch, const char *text)
{
    const fm_http_request *request = fetch->request;
    fetch->step = FM_HTTP_STEP_URL;
    fetch->bodied = request->upload != NULL || request->body_size > 0;
    fetch->trusted = true;
    fetch->method = request->method;
    if (fetch->method == NULL)
        fetch->method = fetch->bodied ? "POST" : "GET";
    int rc = fm_url_parse(text, NULL, &fetch->url);
    if (rc == 0 && !fetch_is_http(fetch->url))
        rc = -EINVAL;
    return rc;
}

int fm__http_fetch(fm_http_client *client, const char *url, fm_response **out,
                   const fm_http_request *request)
{
    static const fm_http_request plain;
    struct fm__fetch fetch = {.client = client,
                              .request = request != NULL ? request : &plain};
    int rc = fetch_begin(&fetch, url);
    fm_response *response = NULL;
    if (rc == 0) {
        response = fm__memory_new(sizeof *response);
        rc = response != NULL ? 0 : -ENOMEM;
    }
    if (rc == 0) {
        memset(response, 0, offsetof(fm_response, incoming.head.fields));
        response->client = client;
        response->request = fetch.request;
        rc = fetch_answer(&fetch, response);
    }
    if (rc < 0) {
        fm__fetch_fail(&fetch, rc);
        fm_url_free(fetch.url);
        fm_response_close(response);
        return rc;
    }
    response->url = fetch.url;
    *out = response;
    return 0;
}

static int fetch_all(fm_http_client *client, const char *url, fm_response **out,
                     const fm_http_request *request)
{
    fm_response *response;
    const char *bytes;
    int rc = fm__http_fetch(client, url, &response, request);
    if (rc < 0)
        return rc;
    ssize_t size = fm_response_load(response, &bytes);
    if (size < 0) {
        fm_response_close(response);
        return (int)size;
    }
    *out = response;
    return 0;
}

int fm__http_get(const char *url, fm_response **out,
                 const fm_http_request *request)
{
    const fm_http_client_options once = {.kept = -1};
    fm_http_client *client;
    int rc = fm_http_client_open(&client, &once);
    if (rc < 0)
        return rc;
    rc = fetch_all(client, url, out, request);
    fm_http_client_close(client);
    if (rc == 0)
        (*out)->client = NULL;
    return rc;
}
