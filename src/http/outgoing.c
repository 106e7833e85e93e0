/*
 * outgoing.c - a request as it is sent (RFC 9112, 3; RFC 9110, 7 to 11)
 */
#include "base/memory.h"
#include "base/sys.h"
#include "http/client_record.h"
#include "http/coder.h"
#include "http/jar_record.h"
#include "http/piece.h"
#include "proto/base64.h"
#include "proto/percent.h"
#include "proto/scan.h"

#include <errno.h>
#include <fermata/timeout.h>
#include <stdio.h>

enum {
    OUTGOING_MORE = 512,    /* bytes that the client adds by itself, at most */
    OUTGOING_INLINE = 16384 /* of a body that leave with the head */
};

#define OUTGOING_AGENT "fermata/" FM_VERSION

/* What is wanted once, and whether the caller has said it. */
struct outgoing {
    const struct fm__fetch *fetch;
    const struct fm__origin *origin;
    struct fm__pen pen;
    bool has_agent;
    bool has_accept;
    bool has_coding; /* or a Range, of what is coded by nobody */
    bool has_credentials;
    bool has_cookies;
    bool closes;  /* "Connection: close" */
    bool decodes; /* what comes is */
};

/* ---- what may be sent --------------------------------------------------- */

static bool outgoing_is_ours(enum fm__field_name name)
{
    switch (name) {
    case FM__FIELD_HOST:
    case FM__FIELD_EXPECT:
    case FM__FIELD_PROXY_AUTHORIZATION:
    case FM__FIELD_PROXY_CONNECTION:
        return true;
    default:
        return fm__field_is_framing(name);
    }
}

/* A redirect to another origin takes with it what is not for that one; one
 * that drops the body, what describes it (the fetch standard, 4.4). */
static bool outgoing_stays_behind(const struct fm__fetch *fetch,
                                  struct fm__slice name)
{
    switch (fm__field_find(name)) {
    case FM__FIELD_AUTHORIZATION:
    case FM__FIELD_COOKIE:
        return !fetch->trusted;
    case FM__FIELD_CONTENT_TYPE:
    case FM__FIELD_CONTENT_ENCODING:
    case FM__FIELD_CONTENT_LOCATION:
        return fetch->dropped;
    case FM__FIELD_RANGE:
    case FM__FIELD_IF_RANGE:
        return fetch->range != NULL;
    default:
        return fetch->dropped &&
               fm__slice_like(name, FM__SLICE("content-language"));
    }
}

static int outgoing_check_field(const fm_http_field *field)
{
    struct fm__slice name = fm__slice_of(field->name);
    if (field->value == NULL || !fm__token_is(name) ||
        !fm__field_value_is(fm__slice_of(field->value)))
        return -EINVAL;
    enum fm__field_name known = fm__field_find(name);
    if (known == FM__FIELD_CONNECTION)
        return fm__slice_like(fm__slice_of(field->value), FM__SLICE("close"))
                   ? 0
                   : -EINVAL;
    return outgoing_is_ours(known) ? -EINVAL : 0;
}

static const char *outgoing_agent(const struct fm__fetch *fetch)
{
    const char *agent = fetch->client->options.user_agent;
    return agent != NULL ? agent : OUTGOING_AGENT;
}

int fm__outgoing_check(const struct fm__fetch *fetch)
{
    const fm_http_field *field = fetch->request.fields;
    int rc = 0;
    if (!fm__token_is(fm__slice_of(fetch->method)) ||
        strcmp(fetch->method, "CONNECT") == 0 ||
        !fm__field_value_is(fm__slice_of(outgoing_agent(fetch))))
        return -EINVAL;
    for (; rc == 0 && field != NULL && field->name != NULL; field++)
        rc = outgoing_check_field(field);
    return rc;
}

/* Bytes that the fields take. */
static size_t outgoing_measure(const fm_http_field *field)
{
    size_t size = 0;
    for (; field != NULL && field->name != NULL; field++)
        size += strlen(field->name) + strlen(field->value) + strlen(": \r\n");
    return size;
}

/* ---- writing ------------------------------------------------------------ */

static void outgoing_text(struct outgoing *outgoing, const char *text)
{
    fm__pen_write(&outgoing->pen, fm__slice_of(text));
}

static void outgoing_field(struct outgoing *outgoing, const char *name,
                           const char *value)
{
    outgoing_text(outgoing, name);
    outgoing_text(outgoing, ": ");
    outgoing_text(outgoing, value);
    outgoing_text(outgoing, "\r\n");
}

static void outgoing_fields(struct outgoing *outgoing)
{
    const struct fm__fetch *fetch = outgoing->fetch;
    const fm_http_field *field = fetch->request.fields;
    for (; field != NULL && field->name != NULL; field++) {
        struct fm__slice text = fm__slice_of(field->name);
        enum fm__field_name name = fm__field_find(text);
        outgoing->has_coding |=
            name == FM__FIELD_ACCEPT_ENCODING || name == FM__FIELD_RANGE;
        if (outgoing_stays_behind(fetch, text))
            continue;
        outgoing->has_agent |= name == FM__FIELD_USER_AGENT;
        outgoing->has_accept |= name == FM__FIELD_ACCEPT;
        outgoing->has_credentials |= name == FM__FIELD_AUTHORIZATION;
        outgoing->has_cookies |= name == FM__FIELD_COOKIE;
        outgoing->closes |= name == FM__FIELD_CONNECTION;
        outgoing_field(outgoing, field->name, field->value);
    }
}

/* "user:password" of a URL, as RFC 7617 has it. */
static void outgoing_credentials(struct outgoing *outgoing, const char *name,
                                 const fm_url *url)
{
    struct fm__slice user = fm__slice_of(fm_url_get(url, FM_URL_USERNAME));
    struct fm__slice word = fm__slice_of(fm_url_get(url, FM_URL_PASSWORD));
    if (user.size == 0 && word.size == 0)
        return;
    outgoing_text(outgoing, name);
    outgoing_text(outgoing, ": Basic ");
    /* They are decoded where they do not yet stand: at the pen's end. */
    size_t size = user.size + 1 + word.size;
    struct fm__pen plain = {outgoing->pen.end - size, outgoing->pen.end, false};
    char *start = plain.at;
    fm__percent_decode(&plain, user, false);
    fm__pen_put(&plain, ':');
    fm__percent_decode(&plain, word, false);
    outgoing->pen.end -= size;
    fm__base64_encode(&outgoing->pen, fm__pen_since(&plain, start));
    outgoing->pen.end += size;
    outgoing_text(outgoing, "\r\n");
}

fm_cookie_jar *fm__outgoing_jar(const struct fm__fetch *fetch)
{
    return fetch->request.no_cookies ? NULL : fetch->client->options.jar;
}

static void outgoing_cookies(struct outgoing *outgoing)
{
    fm_cookie_jar *jar = fm__outgoing_jar(outgoing->fetch);
    const char *start = outgoing->pen.at;
    if (jar == NULL || jar->count == 0 || outgoing->has_cookies)
        return;
    outgoing_text(outgoing, "Cookie: ");
    const char *text = outgoing->pen.at;
    fm__jar_write(jar, outgoing->fetch->url, fm__sys_date(), &outgoing->pen);
    if (outgoing->pen.at > text)
        outgoing_text(outgoing, "\r\n");
    else
        outgoing->pen.at -= text - start; /* there are none */
}

static void outgoing_size(struct outgoing *outgoing)
{
    const struct fm__fetch *fetch = outgoing->fetch;
    const fm_http_request *request = &fetch->request;
    uint64_t size =
        request->upload != NULL ? request->upload_size : request->body_size;
    char number[24];
    if (fetch->bodied && request->upload != NULL && size == 0) {
        outgoing_text(outgoing, "Transfer-Encoding: chunked\r\n");
    } else if (fetch->bodied || strcmp(fetch->method, "POST") == 0 ||
               strcmp(fetch->method, "PUT") == 0 ||
               strcmp(fetch->method, "PATCH") == 0) {
        snprintf(number, sizeof number, "%llu",
                 fetch->bodied ? (unsigned long long)size : 0);
        outgoing_field(outgoing, "Content-Length", number);
    }
    if (fetch->bodied && request->expect)
        outgoing_text(outgoing, "Expect: 100-continue\r\n");
}

/* A proxy is told the whole URL (RFC 9112, 3.2.2), and who asks. */
static void outgoing_line(struct outgoing *outgoing)
{
    const struct fm__fetch *fetch = outgoing->fetch;
    outgoing_text(outgoing, fetch->method);
    outgoing_text(outgoing, " ");
    if (outgoing->origin->relays)
        outgoing_text(outgoing, fm_url_get(fetch->url, FM_URL_ORIGIN));
    outgoing_text(outgoing, fm_url_get(fetch->url, FM_URL_PATHNAME));
    outgoing_text(outgoing, fm_url_get(fetch->url, FM_URL_SEARCH));
    outgoing_text(outgoing, " HTTP/1.1\r\n");
    outgoing_field(outgoing, "Host", fm_url_get(fetch->url, FM_URL_HOST));
    if (outgoing->origin->relays)
        outgoing_credentials(outgoing, "Proxy-Authorization",
                             outgoing->origin->proxy->relay);
}

/* What the answer may be coded in, where it is decoded then: true. */
static bool outgoing_codings(struct outgoing *outgoing)
{
    const struct fm__fetch *fetch = outgoing->fetch;
    char text[FM__CODER_OFFER + 1];
    struct fm__pen offer = {text, text + sizeof text - 1, false};
    fm__coders_write(&offer);
    *offer.at = '\0';
    if (outgoing->has_coding || fetch->request.raw ||
        fetch->client->options.raw || fetch->upgrade != NULL || *text == '\0')
        return false;
    outgoing_field(outgoing, "Accept-Encoding", text);
    return true;
}

static void outgoing_head(struct outgoing *outgoing)
{
    const struct fm__fetch *fetch = outgoing->fetch;
    const char *agent = outgoing_agent(fetch);
    outgoing_line(outgoing);
    outgoing_fields(outgoing);
    if (!outgoing->has_agent && agent[0] != '\0')
        outgoing_field(outgoing, "User-Agent", agent);
    if (!outgoing->has_accept)
        outgoing_text(outgoing, "Accept: */*\r\n");
    outgoing->decodes = outgoing_codings(outgoing);
    outgoing_cookies(outgoing);
    if (!outgoing->has_credentials)
        outgoing_credentials(outgoing, "Authorization", fetch->url);
    if (fetch->range != NULL) {
        outgoing_field(outgoing, "Range", fetch->range);
        outgoing_field(outgoing, "If-Range", fetch->if_range);
    }
    if (fetch->upgrade != NULL)
        outgoing_text(outgoing, fetch->upgrade);
    outgoing_size(outgoing);
    outgoing_text(outgoing, "\r\n");
}

/* ---- sending ------------------------------------------------------------ */

/* The head, and no end where more is to come. */
static int outgoing_send_h2(struct fm_response *response, struct fm__slice head,
                            size_t with)
{
    const struct fm__fetch *fetch = &response->fetch;
    struct fm__h2_stream *stream = &response->h2;
    const struct iovec body = {(void *)(uintptr_t)fetch->request.body, with};
    bool more = response->upload.wanted;
    int rc = fm__checkpoint(fm__current, "fm_http_fetch");
    if (rc == 0)
        rc = fm__h2_head_send(stream, (char *)(uintptr_t)head.at, head.size,
                              with == 0 && !more);
    if (rc == 0 && with > 0)
        rc = fm__h2_put(stream, &body, 1, fetch->client->options.write_timeout);
    if (rc == 0 && with > 0 && !more)
        fm__h2_put_end(stream);
    return rc;
}

static int outgoing_send(const struct fm__fetch *fetch, fm_stream *stream,
                         struct fm__slice head, size_t with)
{
    const struct iovec parts[] = {
        {(void *)(uintptr_t)head.at, head.size},
        {(void *)(uintptr_t)fetch->request.body, with},
    };
    double seconds = fetch->client->options.write_timeout;
    int rc = fm__piece_write(stream, parts, with > 0 ? 2 : 1, seconds);
    return rc < 0 ? rc : fm__piece_flush(stream, seconds);
}

/* What of the body is left for a task. */
static size_t outgoing_split(struct fm_response *response)
{
    const struct fm__fetch *fetch = &response->fetch;
    const fm_http_request *request = &fetch->request;
    struct fm_upload *upload = &response->upload;
    *upload = (struct fm_upload){
        .request = request,
        .stream = response->wire->stream,
        .h2 = response->multiplexed ? &response->h2 : NULL,
        .timeout = fetch->client->options.write_timeout,
    };
    if (!fetch->bodied)
        return 0;
    upload->left =
        request->upload != NULL ? request->upload_size : request->body_size;
    upload->in_chunks = request->upload != NULL && upload->left == 0;
    upload->waits = request->expect;
    bool with = request->upload == NULL && !request->expect &&
                request->body_size <= OUTGOING_INLINE;
    upload->wanted = !with;
    return with ? request->body_size : 0;
}

/* The longest parts are those of URLs, and their credentials as base64. */
static size_t outgoing_room(const struct outgoing *outgoing)
{
    const struct fm__fetch *fetch = outgoing->fetch;
    size_t size = outgoing_measure(fetch->request.fields) +
                  strlen(fetch->method) + strlen(outgoing_agent(fetch)) +
                  4 * strlen(fm_url_text(fetch->url)) + OUTGOING_MORE;
    if (fetch->range != NULL)
        size += strlen(fetch->range) + strlen(fetch->if_range);
    if (fetch->upgrade != NULL)
        size += strlen(fetch->upgrade);
    if (fm__outgoing_jar(fetch) != NULL && fm__outgoing_jar(fetch)->count > 0)
        size += FM_COOKIE_FIELD;
    if (outgoing->origin->relays)
        size += 4 * strlen(outgoing->origin->proxy->key);
    return size;
}

int fm__outgoing_write(struct fm_response *response)
{
    const struct fm__fetch *fetch = &response->fetch;
    struct outgoing outgoing = {.fetch = fetch,
                                .origin = response->wire->origin};
    size_t size = outgoing_room(&outgoing);
    char *text = fm__memory_new(size);
    if (text == NULL)
        return -ENOMEM;
    outgoing.pen = (struct fm__pen){text, text + size, false};
    outgoing_head(&outgoing);
    response->wire->closes = outgoing.closes;
    response->decodes = outgoing.decodes;
    size_t with = outgoing_split(response);
    struct fm__slice head = fm__pen_since(&outgoing.pen, text);
    int rc = response->multiplexed
                 ? outgoing_send_h2(response, head, with)
                 : outgoing_send(fetch, response->wire->stream, head, with);
    fm__memory_free(text);
    return rc;
}
