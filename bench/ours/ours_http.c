/*
 * ours_http.c - Fermata: a server of HTTP/1.1, one task a connection
 *
 * ours_http BACKEND plain|tls FILES; for tls the certificate and its key are in
 * BENCH_CERTIFICATE
 *
 * Its limits and timeouts are those it has by default.
 */
#include <fermata.h>
#include <fermata/tls.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FILE_MOST = 1 << 20
};

static fm_tls *tls;

static int http_json(fm_exchange *exchange)
{
    static const char text[] = "{\"message\":\"Hello, World!\"}";

    fm_reply_set(exchange, "Content-Type", "application/json");
    return fm_reply(exchange, 200, text, strlen(text));
}

static int http_file(fm_exchange *exchange, const char *files, const char *name)
{
    char path[PATH_MAX];
    void *bytes;

    if (strchr(name, '/') != NULL)
        return fm_reply_text(exchange, 404, "no such file\n");
    snprintf(path, sizeof path, "%s/%s", files, name);
    ssize_t size = fm_file_load(path, &bytes, FILE_MOST);
    if (size < 0)
        return fm_reply_text(exchange, 404, "no such file\n");
    fm_reply_set(exchange, "Content-Type", "application/octet-stream");
    int rc = fm_reply(exchange, 200, bytes, (size_t)size);
    fm_file_free(bytes);
    return rc;
}

static int http_answer(fm_exchange *exchange, void *files)
{
    const char *target = fm_exchange_target(exchange);

    if (strcmp(target, "/plaintext") == 0)
        return fm_reply_text(exchange, 200, "Hello, World!");
    if (strcmp(target, "/json") == 0)
        return http_json(exchange);
    if (strncmp(target, "/files/", 7) == 0)
        return http_file(exchange, files, target + 7);
    return fm_reply_text(exchange, 404, "not found\n");
}

static int http_main(void *files)
{
    fm_http_serve_options options = {.serve.tls = tls};
    fm_listener *listener;
    int rc = fm_listen("127.0.0.1:0", &listener);

    if (rc < 0)
        return rc;
    printf("listening %d\n", fm_address_port(fm_listener_address(listener)));
    fflush(stdout);
    return fm_http_serve(listener, http_answer, files, &options);
}

static int http_tls(void)
{
    const char *path = getenv("BENCH_CERTIFICATE");
    fm_tls_failure failure = {0};
    int rc =
        fm_tls_new(&tls, FM_TLS_SERVER,
                   &(fm_tls_options){
                       .certificate = path, .key = path, .failure = &failure});

    if (rc < 0)
        fprintf(stderr, "%s\n", failure.text);
    return rc;
}

int main(int argc, char **argv)
{
    fm_run_options options = {.backend = argc > 1 ? argv[1] : NULL};

    if (argc > 2 && strcmp(argv[2], "tls") == 0 && http_tls() < 0)
        return 1;
    return fm_run(http_main, argc > 3 ? argv[3] : ".", &options) < 0;
}
