/*
 * http_call.c - a client of HTTP, for servers that others wrote
 *
 *     http_call [OPTION...] URL
 *
 *     -m METHOD     -b FILE    the body; -c: in chunks, -e: when it is asked
 *     -n TIMES      in all, -j of them at once, by one client
 *     -x PROXY      -a ADDRESS where to connect, whatever the URL says
 *     -1, -2        HTTP/1.1 alone, or HTTP/2 at once
 *     -r ROOT.pem   who is trusted by TLS
 *     -f FIELD      of the answer, is said
 *     -h NAME=VALUE a field of the request
 *     -o FILE       has the body, which is the same each time
 *
 * Says "STATUS SIZE URL" of the last answer, the field, and last how many
 * connections there were; or "failed: WHY".
 */
#include <fermata.h>
#include <fermata/tls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    CALL_PIECE = 10000
};

static struct {
    fm_http_client_options client;
    fm_http_request request;
    const char *url;
    const char *body;
    const char *root;
    const char *field;
    const char *out;
    int times;
    unsigned at_once;
    bool chunks;
} call = {.times = 1, .at_once = 1};

/* What has come: the last answer's, and its body, which all have. */
static struct {
    int status;
    char *body;
    ssize_t size;
    char url[2048];
    char field[2048];
    size_t connections; /* at most */
} came = {.size = -1};

static fm_http_client *call_client;
static fm_http_field call_fields[8];

static int call_upload(fm_upload *upload, void *arg)
{
    const fm_http_request *request = arg;
    const char *at = request->body;
    ssize_t rc = 0;
    for (size_t left = request->body_size; rc >= 0 && left > 0;) {
        size_t piece = left < CALL_PIECE ? left : CALL_PIECE;
        rc = fm_upload_write(upload, at, piece);
        at += piece;
        left -= piece;
    }
    return rc < 0 ? (int)rc : 0;
}

/* The first body is kept, and the others compared with it. */
static int call_compare(const char *bytes, ssize_t size)
{
    if (came.size >= 0)
        return size == came.size && memcmp(bytes, came.body, (size_t)size) == 0
                   ? 0
                   : -EBADMSG;
    came.body = malloc((size_t)size + 1);
    if (came.body == NULL)
        return -ENOMEM;
    memcpy(came.body, bytes, (size_t)size);
    came.size = size;
    return 0;
}

static int call_hear(fm_response *response)
{
    const char *bytes;
    ssize_t size = fm_response_load(response, &bytes);
    if (size < 0)
        return (int)size;
    const char *field = "";
    if (call.field != NULL)
        field = fm_response_field(response, call.field);
    came.status = fm_response_status(response);
    snprintf(came.url, sizeof came.url, "%s", fm_response_url(response));
    snprintf(came.field, sizeof came.field, "%s", field != NULL ? field : "");
    return call_compare(bytes, size);
}

struct call_one {
    fm_http_client *client;
};

static int call_one(struct call_one *self)
{
    fm_response *response;
    fm_http_failure failure = {0};
    fm_http_request request = call.request;
    request.failure = &failure;
    if (call.chunks) {
        request.upload = call_upload;
        request.upload_arg = &call.request;
        request.body = NULL;
        request.body_size = 0;
    }
    int rc = fm_http_fetch(self->client, call.url, &response, &request);
    if (rc < 0) {
        printf("failed: %s\n", failure.text);
        return rc;
    }
    rc = call_hear(response);
    fm_response_close(response);
    size_t connections = fm_http_client_connections(self->client);
    if (connections > came.connections)
        came.connections = connections;
    if (rc < 0)
        printf("failed: the body: %s\n", fm_strerror(rc));
    return rc;
}

static int call_all(void)
{
    int rc;
    FM_GROUP(g, rc, .limit = call.at_once) {
        for (int i = 0; rc == 0 && i < call.times; i++)
            rc = fm_group_go(g, call_one, call_client);
    }
    return rc;
}

static int call_say(void)
{
    printf("%d %zd %s\n", came.status, came.size, came.url);
    if (call.field != NULL)
        printf("%s\n", came.field);
    printf("%zu\n", came.connections);
    return call.out == NULL
               ? 0
               : (int)fm_file_save(call.out, came.body, (size_t)came.size);
}

static int call_main(void *arg)
{
    void *body = NULL;
    (void)arg;
    if (call.body != NULL) {
        ssize_t size = fm_file_load(call.body, &body, 1 << 26);
        if (size < 0)
            return (int)size;
        call.request.body = body;
        call.request.body_size = (size_t)size;
    }
    int rc = fm_http_client_open(&call_client, &call.client);
    if (rc == 0) {
        rc = call_all();
        fm_http_client_close(call_client);
    }
    if (rc >= 0)
        rc = call_say();
    fm_file_free(body);
    free(came.body);
    return rc;
}

static void call_field(char *text)
{
    fm_http_field *field = call_fields;
    char *value = strchr(text, '=');
    while (field->name != NULL)
        field++;
    if (value == NULL || field == &call_fields[7])
        return;
    *value = '\0';
    *field = (fm_http_field){text, value + 1};
    call.request.fields = call_fields;
}

static void call_option(int option, char *text)
{
    switch (option) {
    case 'm':
        call.request.method = text;
        break;
    case 'b':
        call.body = text;
        break;
    case 'c':
        call.chunks = true;
        break;
    case '1':
        call.client.http1 = true;
        break;
    case '2':
        call.client.http2 = true;
        break;
    case 'e':
        call.request.expect = true;
        break;
    case 'n':
        call.times = (int)strtol(text, NULL, 10);
        break;
    case 'j':
        call.at_once = (unsigned)strtoul(text, NULL, 10);
        break;
    case 'x':
        call.client.proxy = text;
        break;
    case 'a':
        call.client.address = text;
        break;
    case 'r':
        call.root = text;
        break;
    case 'f':
        call.field = text;
        break;
    case 'h':
        call_field(text);
        break;
    default:
        call.out = text;
    }
}

int main(int argc, char **argv)
{
    int option;
    fm_tls *tls = NULL;
    while ((option = getopt(argc, argv, "12m:b:cen:j:x:a:r:f:h:o:")) >= 0)
        call_option(option, optarg);
    call.url = argv[optind];
    fm_tls_options options = {.ca_file = call.root};
    int rc = 0;
    if (call.root != NULL)
        rc = fm_tls_new(&tls, FM_TLS_CLIENT, &options);
    call.client.tls = tls;
    if (rc == 0 && call.url != NULL)
        rc = fm_run(call_main, NULL);
    fm_tls_free(tls);
    if (rc < 0)
        printf("failed: %s\n", fm_strerror(rc));
    return rc < 0;
}
