/*
 * ours_http.c - Fermata: a server of HTTP/1.1, one task a connection
 *
 * ours_http BACKEND plain|coded|tls FILES; for tls the certificate and its key
 * are in BENCH_CERTIFICATE
 *
 * Its limits and timeouts are those it has by default.
 */
#include <fcntl.h>
#include <fermata.h>
#include <fermata/tls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static fm_tls *tls;
static fm_file *files; /* the directory of those that are served */
static bool coded;
static void *page;
static size_t page_size;

static int http_file(fm_exchange *exchange, const char *name)
{
    const fm_reply_file_options options = {.at = files, .beneath = true};

    return fm_reply_file(exchange, name, &options);
}

/* The same, as a program has it that has made it itself. */
static int http_page(fm_exchange *exchange)
{
    int rc = fm_reply_set(exchange, "Content-Type", "text/html");

    return rc < 0 ? rc : fm_reply(exchange, 200, page, page_size);
}

static int http_answer(fm_exchange *exchange, void *arg)
{
    const char *target = fm_exchange_target(exchange);

    (void)arg;
    if (strcmp(target, "/plaintext") == 0)
        return fm_reply_text(exchange, 200, "Hello, World!");
    if (strcmp(target, "/json") == 0)
        return fm_reply_json_pack(exchange, 200, "{s:s}", "message",
                                  "Hello, World!");
    if (coded && strcmp(target, "/files/page.html") == 0)
        return http_page(exchange);
    if (strncmp(target, "/files/", 7) == 0)
        return http_file(exchange, target + 7);
    return fm_reply_text(exchange, 404, "not found\n");
}

static int http_load_page(void)
{
    const fm_file_options in = {.at = files};
    ssize_t size = fm_file_load("page.html", &page, 1000000, &in);

    page_size = size < 0 ? 0 : (size_t)size;
    return size < 0 ? (int)size : 0;
}

static int http_main(void *path)
{
    const fm_file_options directory = {.flags = O_RDONLY | O_DIRECTORY};
    fm_http_serve_options options = {.serve.tls = tls, .compress = coded};
    fm_listener *listener;
    int rc = fm_file_open(path, &files, &directory);

    if (rc == 0 && coded)
        rc = http_load_page();
    if (rc == 0)
        rc = fm_listen("127.0.0.1:0", &listener);
    if (rc < 0)
        return rc;
    printf("listening %d\n", fm_address_port(fm_listener_address(listener)));
    fflush(stdout);
    return fm_http_serve(listener, http_answer, NULL, &options);
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

    coded = argc > 2 && strcmp(argv[2], "coded") == 0;
    if (argc > 2 && strcmp(argv[2], "tls") == 0 && http_tls() < 0)
        return 1;
    return fm_run(http_main, argc > 3 ? argv[3] : ".", &options) < 0;
}
