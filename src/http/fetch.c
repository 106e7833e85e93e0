/*
 * fetch.c - a request, over redirects (the fetch standard, 4.4) and once more
 * where a connection that was kept turned out to be dead
 */
#include "base/memory.h"
#include "base/sys.h"
#include "http/client_record.h"
#include "http/jar_record.h"

#include <errno.h>
#include <fermata/error.h>
#include <stdio.h>
#include <string.h>

enum {
    FETCH_REFUSALS = 3 /* by HTTP/2: of servers that did not look at it */
};

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
    fm_http_failure *failure = fetch->request.failure;
    if (failure == NULL)
        return rc;
    const char *origin =
        fetch->url != NULL ? fm_url_get(fetch->url, FM_URL_ORIGIN) : "";
    failure->code = rc;
    failure->step = fetch->step;
    snprintf(failure->text, sizeof failure->text, "%s: %s%s%s",
             fm_http_step_name(fetch->step), origin,
             origin[0] != '\0' ? ": " : "", fm_strerror(rc));
    return rc;
}

/* ---- one answer --------------------------------------------------------- */

/* Each answer's, whatever its status (RFC 6265bis, 3). */
static int fetch_keep_cookies(const struct fm_response *response)
{
    const struct fm__head *head = &response->incoming.head;
    fm_cookie_jar *jar = fm__outgoing_jar(&response->fetch);
    int64_t now = fm__sys_date();
    int rc = 0;
    for (unsigned i = 0; jar != NULL && i < head->count && rc != -ENOMEM; i++)
        if (head->fields[i].known == FM__FIELD_SET_COOKIE)
            rc = fm__jar_set(
                jar, response->fetch.url,
                fm__passage_in(response->incoming.text, head->fields[i].value),
                now);
    return rc == -ENOMEM ? rc : 0;
}

static int fetch_over(struct fm_response *response)
{
    response->fetch.step = FM_HTTP_STEP_SEND;
    response->wire->requests++;
    if (response->wire->h2 != NULL)
        fm__h2_client_begin(response);
    int rc = fm__outgoing_write(response);
    if (rc == 0)
        rc = fm__upload_start(&response->upload, response->fetch.client);
    if (rc == 0 || rc == -EPIPE || rc == -ECONNRESET) {
        /* Who does not want the request may have said why. */
        int answered = fm__response_await(response);
        rc = answered == 0 || rc == 0 ? answered : rc;
    }
    return rc == 0 ? fetch_keep_cookies(response) : rc;
}

/* The connection was kept, and its server has given it up meanwhile. One that
 * goes on was not: a server may reset whatever it is asked. */
static bool fetch_was_stale(struct fm_response *response, int rc)
{
    const struct fm__wire *wire = response->wire;
    bool gone = rc == -FM_EEOF || rc == -EPIPE || rc == -ECONNRESET ||
                rc == -FM_ETRUNCATED;
    bool stale = gone && wire->requests > 1 &&
                 response->incoming.head.at == 0 &&
                 fm__repeat_is_safe(&response->fetch);
    if (wire->h2 == NULL)
        return stale;
    if (rc == -FM_EHTTP2REFUSED)
        stale = response->upload.request != NULL;
    else if (fm__h2_client_takes(wire))
        stale = false;
    return stale && ++response->fetch.refusals <= FETCH_REFUSALS;
}

int fm__fetch_once(struct fm_response *response)
{
    struct fm__fetch *fetch = &response->fetch;
    bool again;
    int rc;
    do {
        again = false;
        fm__incoming_init(&response->incoming, FM__HEAD_RESPONSE);
        response->protocol = NULL;
        rc = fm__pool_get(fetch, &response->wire);
        if (rc < 0)
            return rc;
        rc = fetch_over(response);
        if (rc < 0 && response->wire != NULL) { /* none: all has come */
            again = fetch_was_stale(response, rc);
            fm__upload_stop(&response->upload);
            if (response->multiplexed)
                fm__h2_client_end(response);
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
        fetch->dropped = true;
    }
}

static bool fetch_is_http(const fm_url *url)
{
    const char *scheme = fm_url_get(url, FM_URL_PROTOCOL);
    return strcmp(scheme, "http:") == 0 || strcmp(scheme, "https:") == 0;
}

static bool fetch_is_of(const fm_url *url, const fm_url *other)
{
    return strcmp(fm_url_get(url, FM_URL_ORIGIN),
                  fm_url_get(other, FM_URL_ORIGIN)) == 0;
}

/* Who asked this origin with a name asks it again with that. */
static int fetch_keep_name(fm_url *url, const fm_url *before)
{
    const char *user = fm_url_get(before, FM_URL_USERNAME);
    const char *word = fm_url_get(before, FM_URL_PASSWORD);
    if (fm_url_get(url, FM_URL_USERNAME)[0] != '\0' ||
        fm_url_get(url, FM_URL_PASSWORD)[0] != '\0')
        return 0;
    int rc = user[0] != '\0' ? fm_url_set(url, FM_URL_USERNAME, user) : 0;
    return rc == 0 && word[0] != '\0' ? fm_url_set(url, FM_URL_PASSWORD, word)
                                      : rc;
}

static int fetch_location(const struct fm_response *response, fm_url **url)
{
    const fm_url *before = response->fetch.url;
    int rc = fm_url_parse(fm_response_field(response, "Location"), before, url);
    if (rc < 0)
        return rc == -ENOMEM ? rc : -FM_EHTTPLOCATION;
    if (!fetch_is_http(*url))
        rc = -FM_EHTTPLOCATION;
    else if (fetch_is_of(*url, before))
        rc = fetch_keep_name(*url, before);
    if (rc < 0)
        fm_url_free(*url);
    return rc;
}

static int fetch_follow(struct fm_response *response)
{
    struct fm__fetch *fetch = &response->fetch;
    int most = fetch->request.redirects;
    fm_url *url;
    fetch->step = FM_HTTP_STEP_REDIRECT;
    if (fetch->hops == (unsigned)(most > 0 ? most : FM_HTTP_REDIRECTS))
        return -FM_EHTTPREDIRECT;
    int rc = fetch_location(response, &url);
    if (rc < 0)
        return rc;
    fetch->trusted = fetch->trusted && fetch_is_of(url, fetch->url);
    fetch_change_method(fetch, fm_response_status(response));
    fm_url_free(fetch->url);
    fetch->url = url;
    fetch->hops++;
    return 0;
}

static int fetch_answer(struct fm_response *response)
{
    for (;;) {
        int rc = fm__repeat(response);
        if (rc < 0 || response->fetch.request.redirects < 0 ||
            !fetch_is_redirect(response))
            return rc;
        rc = fetch_follow(response);
        fm__response_leave(response);
        if (rc < 0)
            return rc;
    }
}

/* ---- what users call ---------------------------------------------------- */

static int fetch_begin(struct fm__fetch *fetch, const char *text)
{
    const fm_http_request *request = &fetch->request;
    if (request->failure != NULL)
        *request->failure = (fm_http_failure){0};
    fetch->step = FM_HTTP_STEP_URL;
    fetch->bodied = request->upload != NULL || request->body_size > 0;
    fetch->trusted = true;
    fetch->retries = request->retries;
    fetch->resumes = request->resumes;
    fetch->method = request->method;
    if (fetch->method == NULL)
        fetch->method = fetch->bodied ? "POST" : "GET";
    int rc = fm_url_parse(text, NULL, &fetch->url);
    if (rc == 0 && !fetch_is_http(fetch->url))
        rc = -EINVAL;
    return rc < 0 ? rc : fm__outgoing_check(fetch);
}

int fm__fetch(const struct fm__fetch *how, const char *url, fm_response **out)
{
    fm__client_check(how->client, "fm_http_fetch");
    fm_response *response = fm__memory_new(sizeof *response);
    if (response == NULL)
        return fm__fetch_fail(how, -ENOMEM);
    response->fetch = *how;
    int rc = fetch_begin(&response->fetch, url);
    if (rc == 0)
        rc = fetch_answer(response);
    if (rc < 0) {
        fm__fetch_fail(&response->fetch, rc);
        fm_response_close(response);
        return rc;
    }
    *out = response;
    return 0;
}

int fm__http_fetch(fm_http_client *client, const char *url, fm_response **out,
                   const fm_http_request *request)
{
    struct fm__fetch how = {.client = client};
    if (request != NULL)
        how.request = *request;
    return fm__fetch(&how, url, out);
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
    fm__response_part(response); /* an upload may still run */
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
    if (rc < 0) {
        const struct fm__fetch none = {
            .request.failure = request != NULL ? request->failure : NULL};
        return fm__fetch_fail(&none, rc);
    }
    rc = fetch_all(client, url, out, request);
    fm_http_client_close(client);
    if (rc == 0)
        (*out)->fetch.client = NULL;
    return rc;
}
